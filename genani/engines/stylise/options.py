"""Settings of a restyling checked against the stylist's name card. No torch here."""

from __future__ import annotations

from collections.abc import Mapping

from genani.engines.api import OptionInfo
from genani.engines.options import filled, read_as
from genani.engines.stylise.api import StylistInfo
from genani.scene.request import OptionValue

COMMON_OPTIONS: tuple[OptionInfo, ...] = (
    OptionInfo(
        "side",
        "Drawing size",
        0,
        0,
        4096,
        help="Longer side in pixels at which the style is drawn: smaller makes its marks larger; "
        "0 draws at the size of the picture, or larger where the style needs it.",
    ),
)
"""Settings that every stylist has."""


def checked(info: StylistInfo, options: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    """All settings of a stylist: those given, checked, and the defaults of the rest.

    Raises:
        EngineError: an unknown setting, or a value of the wrong type, range or choice.
    """
    return filled(f"the style '{info.name}'", (*info.options, *COMMON_OPTIONS), options)


def read(info: StylistInfo, options: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    """The same settings, those given as text (on a command line) turned into their own types.

    Raises:
        EngineError: a text that says no value of the setting's type.
    """
    return read_as((*info.options, *COMMON_OPTIONS), options)
