"""The setting `motion` of engines made of RIFE's flow blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from genani.engines.painter import Tier

_STARTS = {"small": 0, "medium": 1, "large": 2, "huge": 3}
"""Which tier to begin with, whatever the size."""


def begun_at(tiers: Sequence[Tier], motion: str) -> Sequence[Tier]:
    """The tiers, by the size of the picture unless the animator says how far things move.

    Args:
        tiers: from double resolution of the flow downwards, by size.
        motion: value of the setting; `auto` leaves the tiers as they are.
    """
    if motion not in _STARTS:
        return tiers
    return tuple(replace(tier, most_side=0) for tier in tiers[_STARTS[motion] :])
