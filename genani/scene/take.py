"""A take: what one request made, and how it was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from genani.scene.request import SpanSettings


@dataclass(frozen=True)
class TakeInfo:
    """How a take was drawn; shown beside it and kept with it.

    Attributes:
        engine: the engine that drew it; never `auto`.
        settings: what the span asked for.
        created: when its first in-between was drawn, with a time zone.
        seconds: how long the drawing took in all.
        device: where it was drawn: `cpu`, `cuda:0`, ...
    """

    engine: str
    settings: SpanSettings
    created: datetime
    seconds: float = 0.0
    device: str = ""

    @property
    def seed(self) -> int:
        """The seed it was drawn with."""
        return self.settings.seed


@dataclass(frozen=True)
class Take:
    """One result of a span request, its pictures left where they are.

    Attributes:
        hash: of the request that made it.
        info: how it was made.
        times: which in-betweens it holds, rising.
    """

    hash: str
    info: TakeInfo
    times: tuple[Fraction, ...]
