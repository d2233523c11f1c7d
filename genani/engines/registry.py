"""All engines by name. Importing this imports no engine and no torch; making one does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from genani.engines.api import Capability, Engine, EngineInfo
from genani.engines.cards import CARDS, FALLBACK
from genani.engines.catalogue import Catalogue
from genani.engines.options import checked, read
from genani.scene.errors import ModelError
from genani.scene.face import Emotion, FaceGuidance
from genani.scene.request import SpanSettings
from genani.store import models

AUTO = "auto"
"""Stands for the best engine whose models are installed."""

Installed = Callable[[str], bool]
"""True for the name of a model that can be loaded."""

_known: Catalogue[EngineInfo, Engine] = Catalogue(
    CARDS,
    lambda name: f"there is no engine '{name}'; engines are {', '.join(names())} and {AUTO}",
)


@dataclass(frozen=True)
class Choice:
    """The engine behind a name.

    Attributes:
        name: never `auto`.
        note: a sentence on why `auto` did not simply take the best one installed; else empty.
    """

    name: str
    note: str = ""


def names() -> tuple[str, ...]:
    """All engines, best first; `auto` is not among them."""
    return _known.names()


def info(name: str) -> EngineInfo:
    """The name card of an engine.

    Raises:
        EngineError: there is no such engine.
    """
    return _known.info(name)


def installed(model: str) -> bool:
    """True if the model store can hand out this model."""
    try:
        return models.Catalogue().state(model).status.usable
    except ModelError:
        return False


class Remembered:
    """`installed` for who asks many times a second, such as a window that paints itself.

    Args:
        has: what is asked; a model that came or went meanwhile is noticed within `seconds`.
    """

    def __init__(self, has: Installed = installed, seconds: float = 2.0) -> None:
        self._has = has
        self._seconds = seconds
        self._known: dict[str, tuple[float, bool]] = {}

    def __call__(self, model: str) -> bool:
        """True if the model store can hand out this model."""
        now = time.monotonic()
        asked, there = self._known.get(model, (-self._seconds, False))
        if now - asked >= self._seconds:
            there = self._has(model)
            self._known[model] = now, there
        return there


def choose(name: str, faces: bool = False, has: Installed = installed) -> Choice:
    """The engine that draws when `name`, maybe `auto`, is asked for.

    Args:
        name: one of `names`, or `auto`.
        faces: True if a face is marked on both keys; `auto` then takes an engine that follows it.
        has: tells which models there are.

    Raises:
        EngineError: there is no such engine.
    """
    if name != AUTO:
        return Choice(_known.info(name).name)
    learned = [
        card.info
        for card in CARDS
        if Capability.LEARNED in card.info.capabilities
        and Capability.OWN_MODEL not in card.info.capabilities
    ]
    guided = [engine for engine in learned if Capability.FACE in engine.capabilities]
    for engine in guided if faces else ():
        if all(has(model) for model in engine.models):
            return Choice(engine.name, "It follows the face marked on both keys.")
    for engine in learned:
        if all(has(model) for model in engine.models):
            return Choice(engine.name)
    return Choice(
        FALLBACK,
        "No model is there, not even those that come with GenAni: install GenAni anew for real "
        "in-betweens.",
    )


def resolve(
    settings: SpanSettings, faces: bool = False, has: Installed = installed
) -> SpanSettings:
    """Settings that say what really draws: `auto` named, every option there and of its type.

    Options may be given as text, as on a command line. `face` is None where the engine follows no
    face, and for one that takes feelings in words also where nothing is felt. Arguments are those
    of `choose`.

    Raises:
        EngineError: an unknown engine or option, or a value that the option cannot take.
    """
    engine = info(choose(settings.engine, faces, has).name)
    face = None
    if Capability.FACE in engine.capabilities:
        face = settings.face or FaceGuidance()
    elif Capability.EMOTION in engine.capabilities and settings.face and settings.face.intensity:
        # Of all that is said of the face, it takes the feeling only.
        face = FaceGuidance(settings.face.emotion, settings.face.intensity)
        face = None if face.emotion is Emotion.NEUTRAL else face
    return replace(
        settings,
        engine=engine.name,
        options=checked(engine, read(engine, settings.options)),
        face=face,
    )


def create(name: str, device: str | None = None) -> Engine:
    """The engine of a name, made once for each device and kept with its weights.

    Args:
        name: one of `names`, or `auto`.
        device: `cpu`, `cuda:0`, ...; None picks as `genani.engines.device.pick` does.

    Raises:
        EngineError: there is no such engine or device.
    """
    return _known.create(choose(name).name, device)
