"""The name cards of all stylists, known without importing one of them.

A new stylist adds its card to `CARDS`, and nothing else changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from genani.engines.stylise.api import StylistInfo


@dataclass(frozen=True)
class Card:
    """A stylist that can be made.

    Attributes:
        info: what is known without making it.
        maker: `module:Class`; the class takes the name card, a device and what finds models.
    """

    info: StylistInfo
    maker: str


CARDS: tuple[Card, ...] = ()
"""In the order in which they are shown."""
