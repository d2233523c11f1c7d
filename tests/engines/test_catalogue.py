"""Cards by name, and what is made of them."""

from __future__ import annotations

import pytest

from genani.engines.catalogue import Card, Catalogue
from genani.engines.stylise.api import StylistInfo
from genani.scene.errors import EngineError

INK = StylistInfo("ink", "Ink", "Black lines.")


def catalogue() -> Catalogue[StylistInfo, object]:
    cards = (Card(INK, f"{__name__}:Pen"), Card(StylistInfo("wash", "Wash", ""), "nowhere:Brush"))
    return Catalogue(cards, lambda name: f"no {name} here")


class Pen:
    """Knows what it was made with."""

    def __init__(self, info: object, device: object, locate: object) -> None:
        self.given = info, device, locate


def test_a_thing_is_made_once_for_each_device_until_it_is_forgotten() -> None:
    known = catalogue()
    made = known.create("ink", "cpu")
    assert isinstance(made, Pen)
    assert made.given[0] is INK
    assert known.create("ink", "cpu") is made
    known.forget()
    assert known.create("ink", "cpu") is not made


def test_cards_are_read_without_making_anything() -> None:
    known = catalogue()
    assert known.names() == ("ink", "wash")
    assert known.info("wash").title == "Wash"
    for ask in (known.info, known.create):
        with pytest.raises(EngineError, match="no chalk here"):
            ask("chalk")
