"""All stylists by name. Importing this imports no stylist and no torch; making one does."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

from genani.engines import registry as engines
from genani.engines.registry import Installed
from genani.engines.stylise.api import StyleSettings, Stylist, StylistInfo
from genani.engines.stylise.cards import CARDS, Card
from genani.engines.stylise.options import checked, read
from genani.scene.errors import EngineError
from genani.store.models import path

_made: dict[tuple[str, str], Stylist] = {}


def names() -> tuple[str, ...]:
    """All stylists, in the order in which they are shown."""
    return tuple(card.info.name for card in CARDS)


def info(name: str) -> StylistInfo:
    """The name card of a stylist.

    Raises:
        EngineError: there is no such stylist.
    """
    return _card(name).info


def installed(name: str, has: Installed = engines.installed) -> bool:
    """True if all models that a stylist needs are there.

    Args:
        name: of the stylist.
        has: tells which models there are.

    Raises:
        EngineError: there is no such stylist.
    """
    return all(has(model) for model in info(name).models)


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
    card = _card(name)
    # Here, as it imports torch.
    from genani.engines.device import pick

    place = pick(device)
    key = (card.info.name, place.name)
    if key not in _made:
        module, _, maker = card.maker.partition(":")
        _made[key] = getattr(import_module(module), maker)(card.info, place, path)
    return _made[key]


def _card(name: str) -> Card:
    for card in CARDS:
        if card.info.name == name:
            return card
    raise EngineError(f"there is no style '{name}'; styles are {', '.join(names())}")
