"""All stylists by name. Importing this imports no stylist and no torch; making one does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from genani.engines import registry as engines
from genani.engines.catalogue import Catalogue
from genani.engines.registry import Installed
from genani.engines.stylise.api import StyleSettings, Stylist, StylistInfo
from genani.engines.stylise.cards import CARDS
from genani.engines.stylise.options import checked, read
from genani.scene.request import OptionValue

_known: Catalogue[StylistInfo, Stylist] = Catalogue(
    CARDS, lambda name: f"there is no style '{name}'; styles are {', '.join(names())}"
)


def names() -> tuple[str, ...]:
    """All stylists, in the order in which they are shown."""
    return _known.names()


def info(name: str) -> StylistInfo:
    """The name card of a stylist.

    Raises:
        EngineError: there is no such stylist.
    """
    return _known.info(name)


def installed(
    name: str,
    has: Installed = engines.installed,
    options: Mapping[str, OptionValue] = MappingProxyType({}),
) -> bool:
    """True if all models that a stylist needs are there.

    Args:
        name: of the stylist.
        has: tells which models there are.
        options: its settings; one's own model, where they name it, stands for the stylist's.

    Raises:
        EngineError: there is no such stylist.
    """
    card = info(name)
    own = str(options.get("model", ""))
    if not own:
        return all(has(model) for model in card.models)
    place = Path(own).expanduser()
    named = len(place.parts) == 1 and not place.suffix
    return place.exists() or (named and has(own))


def resolve(settings: StyleSettings) -> StyleSettings:
    """Settings with every option there and of its type; options may be given as text.

    Raises:
        EngineError: an unknown stylist or option, or a value that the option cannot take.
    """
    card = info(settings.style)
    return replace(settings, options=checked(card, read(card, settings.options)))


def create(name: str, device: str | None = None) -> Stylist:
    """The stylist of a name, made once for each device and kept with its weights.

    Args:
        name: one of `names`.
        device: `cpu`, `cuda:0`, ...; None picks as `genani.engines.device.pick` does.

    Raises:
        EngineError: there is no such stylist or device.
    """
    return _known.create(name, device)
