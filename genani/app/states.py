"""Where spans and blocks stand: drawn, waiting, failed, out of date."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SpanStatus(StrEnum):
    """Where a span stands, in one word."""

    EMPTY = "empty"
    """Nothing to draw: no in-betweens, a cell on each, or a key without a drawing."""
    STALE = "stale"
    """Something is not drawn as keys, chart and settings ask for now."""
    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class SpanState:
    """Where a span stands, for its bar on the timeline.

    Attributes:
        state: in one word.
        share: how much is done, 0 to 1.
        eta: seconds left as far as can be told.
        text: what is being done, such as `in-between 2 of 5`.
        error: one sentence, where it failed.
        details: for *Copy details*.
    """

    state: SpanStatus
    share: float = 0.0
    eta: float | None = None
    text: str = ""
    error: str = ""
    details: str = ""


class DrawingState(StrEnum):
    """Whether a block of the timeline shows what it should."""

    CACHED = "cached"
    STALE = "stale"
    """What shows was drawn for other keys or settings."""
    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    MISSING = "missing"
    """Never drawn: the nearest drawing shows."""
