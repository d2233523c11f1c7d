"""Strips: two keys and a row of drawings between them, for what learns motion as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genani.training.sources.dice import Dice

U8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Strip:
    """A span with its truth.

    Attributes:
        frames: (N + 2, H, W, 4) uint8, straight RGBA: the first key, N drawings, the last key.
        times: (N + 2,) float32, rising, 0 for the first key and 1 for the last.
        source: who made it.
    """

    frames: U8
    times: NDArray[np.float32]
    source: str


class StripSource(Protocol):
    """Where strips come from: a pure function of its arguments."""

    @property
    def name(self) -> str:
        """Of the source."""
        ...

    def strip(self, seed: int, index: int, size: int, between: int) -> Strip:
        """Strip `index` of the stream `seed`.

        Args:
            seed, index: 0 or more.
            size: pixels a side.
            between: drawings between the keys, 1 or more.
        """
        ...


def even_times(between: int) -> NDArray[np.float32]:
    """Times of a strip whose drawings are evenly spaced, the keys' own among them."""
    return np.linspace(0, 1, between + 2, dtype=np.float32)


def thrown_times(dice: Dice, between: int) -> NDArray[np.float32]:
    """Times of a strip: half of all are evenly spaced, the others as a timing chart may be."""
    if dice.chance(0.5):
        return even_times(between)
    # Steps between a third of the longest and all of it: no two drawings fall together.
    steps = np.array([dice.between(1, 3) for _ in range(between + 1)])
    times = np.concatenate(([0.0], np.cumsum(steps) / steps.sum()))
    times[-1] = 1.0
    return times.astype(np.float32)
