"""Who is scored: an engine and its settings, written `rife` or `rife:version=4.6`, and styles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from genani.engines.api import Engine
from genani.engines.cards import STYLES
from genani.engines.options import checked, read
from genani.scene.errors import EngineError, ModelError
from genani.scene.request import SpanSettings
from genani.store import adapters

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


def styled(label: str, styles: str, make: MakeEngine) -> Contestant:
    """The same engine with adapters put on.

    Args:
        label: as `contestant` takes it.
        styles: names or ids of adapters and their strengths, as `adapters.read_mix` reads them.
        make: the registry.

    Raises:
        EngineError: as `contestant`, or the engine takes no adapters.
        ModelError: an adapter is missing, or is for a model that the engine does not draw with.
    """
    plain = contestant(label, make)
    info = plain.engine.info
    if STYLES not in info.options:
        raise EngineError(f"the engine '{info.name}' takes no adapters")
    mix = []
    for name, strength in adapters.read_mix(styles):
        found = adapters.find(name)
        if found.card.base not in info.bases:
            raise ModelError(
                f"the adapter '{found.card.name}' was trained for {found.card.base}, which the "
                f"engine '{info.name}' does not draw with"
            )
        mix.append((found.id, strength))
    options = {**plain.settings.options, STYLES.name: adapters.write_mix(mix)}
    settings = replace(plain.settings, options=options)
    return Contestant(f"{label} + {styles}", plain.engine, settings)


def _pair(text: str, label: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise EngineError(f"'{text}' in '{label}' is not a setting: write name=value")
    return name, value
