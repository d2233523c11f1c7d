"""Smooth random maps of the plane and their inverses, for stills that are made to move."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from genani.training.sources.dice import Dice, exact
from genani.training.sources.sampling import F32

_ROUNDS = 6
"""Steps of the inverse; each brings it nearer by the bend's steepness, 0.35 at most."""

_STEEPEST = 0.35


@dataclass(frozen=True)
class Bend:
    """A map of the plane: a few soft bumps, then a similarity about a middle.

    Attributes:
        bumps: (x, y, reach, dx, dy) each, px: places within reach move by up to (dx, dy).
        turn, zoom: of the similarity, radians and a factor.
        middle: about which it turns, px.
        shift: (dx, dy) px, where the middle goes.
    """

    bumps: tuple[tuple[float, float, float, float, float], ...]
    turn: float
    zoom: float
    middle: tuple[float, float]
    shift: tuple[float, float]

    def scaled(self, share: float) -> Bend:
        """A share of the way; may be negative."""
        return Bend(
            tuple((x, y, reach, share * dx, share * dy) for x, y, reach, dx, dy in self.bumps),
            share * self.turn,
            exact(self.zoom**share),
            self.middle,
            (share * self.shift[0], share * self.shift[1]),
        )

    def forward(self, x: F32, y: F32) -> tuple[F32, F32]:
        """Where places go."""
        dx, dy = self._bumped(x, y)
        return self._turned(x + dx, y + dy)

    def backward(self, x: F32, y: F32) -> tuple[F32, F32]:
        """Where places come from, by fixed-point iteration, within 0.03 px."""
        to_x, to_y = self._unturned(x, y)
        from_x, from_y = to_x, to_y
        for _ in range(_ROUNDS if self.bumps else 0):
            dx, dy = self._bumped(from_x, from_y)
            from_x, from_y = to_x - dx, to_y - dy
        return from_x, from_y

    def _bumped(self, x: F32, y: F32) -> tuple[F32, F32]:
        total_x, total_y = np.zeros_like(x), np.zeros_like(y)
        for at_x, at_y, reach, dx, dy in self.bumps:
            u = (x - np.float32(at_x)) * np.float32(1 / reach)
            v = (y - np.float32(at_y)) * np.float32(1 / reach)
            near = np.maximum(1 - u * u - v * v, np.float32(0))
            near *= near
            total_x += near * np.float32(dx)
            total_y += near * np.float32(dy)
        return total_x, total_y

    def _matrix(self) -> tuple[np.float32, np.float32]:
        return (
            np.float32(exact(self.zoom * math.cos(self.turn))),
            np.float32(exact(self.zoom * math.sin(self.turn))),
        )

    def _turned(self, x: F32, y: F32) -> tuple[F32, F32]:
        cos, sin = self._matrix()
        mx, my = np.float32(self.middle[0]), np.float32(self.middle[1])
        sx, sy = np.float32(self.shift[0]) + mx, np.float32(self.shift[1]) + my
        u, v = x - mx, y - my
        return cos * u - sin * v + sx, sin * u + cos * v + sy

    def _unturned(self, x: F32, y: F32) -> tuple[F32, F32]:
        cos, sin = self._matrix()
        mx, my = np.float32(self.middle[0]), np.float32(self.middle[1])
        u = x - np.float32(self.shift[0]) - mx
        v = y - np.float32(self.shift[1]) - my
        per = 1 / (cos * cos + sin * sin)
        return (cos * u + sin * v) * per + mx, (cos * v - sin * u) * per + my


def bend(dice: Dice, size: int, strength: float, bumps: int = 4) -> Bend:
    """A map thrown from dice.

    Args:
        dice: chance.
        size: of the canvas, px.
        strength: 0 for none to 1 for the strongest: about a tenth of the canvas.
        bumps: at most.
    """
    made: list[tuple[float, float, float, float, float]] = []
    count = dice.whole(0, bumps)
    for _ in range(count):
        reach = size * dice.between(0.12, 0.45)
        # A bump is steepest at 0.58 of its reach, by 1.54 of its height over its reach.
        limit = _STEEPEST * reach / 1.54 / count**0.5 / 2**0.5
        made.append(
            (
                size * dice.between(0.15, 0.85),
                size * dice.between(0.15, 0.85),
                reach,
                strength * limit * dice.between(-1, 1),
                strength * limit * dice.between(-1, 1),
            )
        )
    return Bend(
        tuple(made),
        dice.around(0.2) * strength,
        1 + dice.around(0.08) * strength,
        (size * dice.between(0.3, 0.7), size * dice.between(0.3, 0.7)),
        (size * dice.around(0.08) * strength, size * dice.around(0.08) * strength),
    )
