"""How much time a drawing may take: settings that belong together, under one word."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from genani.scene.request import OptionValue

AS_SET = "as set"
PUBLISHED, SECOND_ORDER = "published", "second order"

PRESETS: Mapping[str, Mapping[str, OptionValue]] = MappingProxyType(
    {
        "reference": {
            "steps": 50,
            "solver": PUBLISHED,
            "eta": 1.0,
            "guided": 1.0,
            "whole_every": 1,
        },
        "balanced": {
            "steps": 20,
            "solver": SECOND_ORDER,
            "eta": 0.0,
            "guided": 0.75,
            "whole_every": 1,
        },
        # So few steps differ too much from each other for coarse features to be kept.
        "fast": {
            "steps": 10,
            "solver": SECOND_ORDER,
            "eta": 0.0,
            "guided": 0.5,
            "whole_every": 1,
        },
    }
)
"""Settings by the word: a hundred questions to the network, thirty-five, fifteen."""


def filled(options: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    """Options with those that the preset chosen among them decides."""
    return {**options, **PRESETS.get(str(options["speed"]), {})}
