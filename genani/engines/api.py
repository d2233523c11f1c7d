"""What an engine is: the contract between the queue and whoever draws the in-betweens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from genani.scene.errors import Cancelled
from genani.scene.request import InBetween, SpanRequest

Progress = Callable[[float, str], None]
"""Called with the share done, 0 to 1, and a short text such as `in-between 2 of 5`."""


def no_progress(_share: float, _text: str) -> None:
    """Progress that nobody watches."""


class CancelToken:
    """A flag raised by the animator and looked at by the engine between steps, tiles and frames.

    Thread-safe. `check` is cheap enough to be called in inner loops.
    """

    def __init__(self, progress: Progress = no_progress) -> None:
        self._event = threading.Event()
        self._progress = progress

    def cancel(self) -> None:
        """Ask the engine to stop at its next check."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if the animator has asked to stop."""
        if self._event.is_set():
            raise Cancelled

    def step(self, share: float, text: str) -> None:
        """Report progress (share 0 to 1) and check for cancel in one go."""
        self.check()
        self._progress(share, text)


class Capability(StrEnum):
    """What an engine can do beyond drawing a picture at `t`."""

    LEARNED = "learned"
    """Uses trained weights."""
    FACE = "face"
    """Follows landmarks, emotion or visemes of the request."""
    EMOTION = "emotion"
    """Takes the emotion of the request in words; needs no landmarks."""
    SEED = "seed"
    """Another seed gives another take."""
    GPU = "gpu"
    """Gains from a graphics card."""
    OWN_MODEL = "own model"
    """Draws only with a model that a setting names; nothing takes it unasked."""


@dataclass(frozen=True)
class OptionInfo:
    """One setting of an engine, enough to check a value and to draw its control.

    Attributes:
        name: key in `SpanRequest.options`.
        label: what the inspector shows, in the animator's words.
        default: the value used when the request does not set it; its type is the option's type.
        low, high: bounds of a number, inclusive; None where there is none.
        choices: allowed values of a text option; empty where any is.
        help: one sentence for the tool tip.
    """

    name: str
    label: str
    default: bool | int | float | str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True)
class EngineInfo:
    """An engine's name card, known without importing the engine.

    Attributes:
        name: what `--engine` takes and requests store.
        title: what the inspector shows.
        summary: one sentence on what it is good at.
        models: names in the model store that must be there before it can draw.
        bases: models whose adapters it takes.
        options: settings beyond those of every engine.
    """

    name: str
    title: str
    summary: str
    models: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    capabilities: frozenset[Capability] = frozenset()
    options: tuple[OptionInfo, ...] = ()


@dataclass(frozen=True)
class Cost:
    """What drawing a request is expected to take, told before the click.

    Attributes:
        seconds: wall-clock time for the whole request.
        memory: peak bytes on the device.
        device: `cpu`, `cuda:0`, ...
        tier: how it will run, in words: `full`, `tiled`, ...
        note: anything the animator should know; may be empty.
    """

    seconds: float
    memory: int
    device: str
    tier: str = "full"
    note: str = field(default="")


@runtime_checkable
class Engine(Protocol):
    """Draws in-betweens. One is made per device; all calls come from one thread."""

    @property
    def info(self) -> EngineInfo:
        """The name card."""
        ...

    def estimate(self, request: SpanRequest) -> Cost:
        """Tell the cost without drawing; must not load weights or take over 50 ms."""
        ...

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        """Draw every `t` of the request, nearest one half first, then halves of halves.

        Pictures have the size, depth and colour tag of the first key. The keys are not
        drawn. The same request always gives the same pixels on the same device.

        Raises:
            Cancelled: the token was cancelled; raised within one step.
            EngineError: the request cannot be drawn; the text says why.
            OutOfMemoryError: not enough memory even at the smallest tier.
        """
        ...
