"""Chance that falls alike on every machine: the same numbers for the same seed and index.

Everything that a source makes from these numbers keeps to arithmetic that IEEE 754 rounds in one
way: `+ - * /` and `sqrt` on whole arrays, gathers, integer sums, and `bincount`, which adds in
order. Sines and powers differ in the last digit between libraries, so they are taken of single
numbers only and rounded (`exact`). Matrix products, `einsum` and OpenCV's float filters depend on
the width of the processor's registers and on threads, and have no place here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

_T = TypeVar("_T")
_GRAIN = float(1 << 20)


class Dice:
    """Random numbers of one sample.

    Args:
        *words: what the numbers depend on, whole numbers of 0 or more, such as seed and index.
    """

    def __init__(self, *words: int) -> None:
        self._rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))

    def between(self, low: float, high: float) -> float:
        """An even chance from `low` up to `high`."""
        return low + (high - low) * float(self._rng.random())

    def around(self, spread: float) -> float:
        """About 0, mostly within `spread` and never over 3 of it: the sum of three even chances."""
        return spread * (float(self._rng.random(3).sum()) * 2 - 3)

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` up to `high`, both included."""
        return int(self._rng.integers(low, high + 1))

    def chance(self, share: float) -> bool:
        """True in this share of all throws."""
        return float(self._rng.random()) < share

    def one_of(self, things: Sequence[_T]) -> _T:
        """One thing, all alike likely."""
        return things[self.whole(0, len(things) - 1)]

    def weighted(self, shares: Sequence[float]) -> int:
        """A position, as likely as its share of their sum."""
        left = float(self._rng.random()) * math.fsum(shares)
        for position, share in enumerate(shares):
            left -= share
            if left < 0:
                return position
        return max(position for position, share in enumerate(shares) if share > 0)

    def seed(self) -> int:
        """A seed for dice of something that is thrown apart."""
        return int(self._rng.integers(0, 1 << 31))


def exact(value: float) -> float:
    """A number without the digits in which libraries of sines and powers differ."""
    return math.floor(value * _GRAIN + 0.5) / _GRAIN
