"""What the window is given by `__main__`: the rooms that app may not import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from genani.engines.api import Cost, Engine, EngineInfo
from genani.scene.plan import Resolve
from genani.scene.request import SpanRequest


@dataclass(frozen=True)
class Services:
    """The way to the engines and their models.

    Attributes:
        engine: gives the engine of a name; called on the worker's thread only.
        engines: the name cards of all engines, best first; cheap.
        resolve: names the engine behind `auto` and checks the options; raises a `GenAniError`
            that says what is missing. Cheap enough for the GUI thread.
        choice: why `auto`, or another name, means the engine it does; may be empty. Told, like
            `resolve`, whether a face is marked on both keys.
        estimate: the cost of a request; may import torch, so never called on the GUI thread.
        warm_up: imports what the engines need; called on the worker's thread.
    """

    engine: Callable[[str], Engine]
    engines: Callable[[], Sequence[EngineInfo]]
    resolve: Resolve
    choice: Callable[[str, bool], str]
    estimate: Callable[[SpanRequest], Cost]
    warm_up: Callable[[], None]
