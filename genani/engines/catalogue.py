"""Name cards, and what is made of them: what engines and stylists have in common. No torch here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Generic, Protocol, TypeVar

from genani.scene.errors import EngineError
from genani.store.models import path


class Named(Protocol):
    """What is known of something without making it."""

    @property
    def name(self) -> str:
        """By which it is asked for."""
        ...


Info = TypeVar("Info", bound=Named)
Made = TypeVar("Made")


@dataclass(frozen=True)
class Card(Generic[Info]):
    """Something that can be made.

    Attributes:
        info: what is known without making it.
        maker: `module:Class`; the class takes the name card, a device and what finds models.
    """

    info: Info
    maker: str


class Catalogue(Generic[Info, Made]):
    """Cards by name; what is made of one is made once for each device and kept with its weights.

    Args:
        cards: in the order in which they are shown.
        unknown: what is said of a name that no card has.
    """

    def __init__(self, cards: Sequence[Card[Info]], unknown: Callable[[str], str]) -> None:
        self._cards = {card.info.name: card for card in cards}
        self._unknown = unknown
        self._made: dict[tuple[str, str], Made] = {}

    def names(self) -> tuple[str, ...]:
        """All names, in their order."""
        return tuple(self._cards)

    def info(self, name: str) -> Info:
        """The name card of a name.

        Raises:
            EngineError: there is none.
        """
        return self._card(name).info

    def create(self, name: str, device: str | None = None) -> Made:
        """What stands behind a name.

        Args:
            name: one of `names`.
            device: `cpu`, `cuda:0`, ...; None picks as `genani.engines.device.pick` does.

        Raises:
            EngineError: there is no such name or device.
        """
        card = self._card(name)
        # Here, as it imports torch.
        from genani.engines.device import pick

        place = pick(device)
        key = (name, place.name)
        if key not in self._made:
            module, _, maker = card.maker.partition(":")
            self._made[key] = getattr(import_module(module), maker)(card.info, place, path)
        return self._made[key]

    def forget(self) -> None:
        """Let go of all that was made."""
        self._made.clear()

    def _card(self, name: str) -> Card[Info]:
        if name not in self._cards:
            raise EngineError(self._unknown(name))
        return self._cards[name]
