"""Who is scored: an engine and its settings, written `rife` or `rife:version=4.6`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from genani.engines.api import Engine
from genani.engines.options import checked, read
from genani.scene.errors import EngineError
from genani.scene.request import SpanSettings

MakeEngine = Callable[[str], Engine]
"""Engine name to a new engine; `genani.engines.registry.create` is one."""


@dataclass(frozen=True)
class Contestant:
    """An engine with the settings it is to draw with.

    Attributes:
        label: what the report calls it, as it was asked for.
        engine: made once, used for every clip.
        settings: goes into every request.
    """

    label: str
    engine: Engine
    settings: SpanSettings


def contestant(label: str, make: MakeEngine) -> Contestant:
    """Make the engine that a label names.

    Args:
        label: a name in the registry, and after a colon settings set apart by commas.
        make: the registry.

    Raises:
        EngineError: no such engine, or a setting that is not `name=value` or does not fit.
    """
    name, _, settings = label.partition(":")
    engine = make(name)
    texts = dict(_pair(part, label) for part in settings.split(",") if part)
    # `auto` stands for another engine, whose own name the request must carry.
    return Contestant(
        label,
        engine,
        SpanSettings(engine.info.name, checked(engine.info, read(engine.info, texts))),
    )


def _pair(text: str, label: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise EngineError(f"'{text}' in '{label}' is not a setting: write name=value")
    return name, value
