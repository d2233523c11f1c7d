"""A face's square held steady over pictures in a row.

Landmarks of a face that keeps still tremble by a pixel or two, and so would all that is drawn.
Place and side are each guessed from their speed so far and put right by a share of the error, after
T. Benedict, G. Bordner, "Synthesis of an Optimal Set of Radar Track-While-Scan Smoothing
Equations", 1962 (the alpha-beta filter); by more of it where the error is more than trembling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from genani.engines.stylise.stylegan.framing import Square

_SHARE, _SPEED = 0.2, 0.02
"""Shares of the error that put right the guess and its speed."""

_TREMBLE, _GAIN = 0.01, 8.0
"""Error in shares of the side that is taken for trembling, and how much faster what is beyond it is
followed."""

_LASTING = 0.95
"""Share of a speed that is left in the next picture."""

_STILL = 0.006
"""Share of its side that a square may be off before it moves by whole pixels."""

_JUMP, _GROWTH = 0.5, 1.5
"""Way in shares of its side, and factor on its side, from which on it is another face."""


@dataclass
class _Track:
    """One number that is followed, in pixels; how far it goes from picture to picture."""

    at: float
    speed: float = 0.0

    def follow(self, found: float, side: float) -> None:
        self.speed *= _LASTING
        self.at += self.speed
        error = found - self.at
        share = min(1.0, _SHARE + _GAIN * max(0.0, abs(error) / side - _TREMBLE))
        self.at += share * error
        self.speed += share * _SPEED / _SHARE * error


class Steady:
    """Takes the square found in each picture and gives the one to use."""

    def __init__(self) -> None:
        self._tracks: tuple[_Track, ...] = ()
        self._square = Square(0, 0, 1)

    def __call__(self, found: Square) -> Square:
        """The square for the next picture; a face elsewhere or much larger begins anew."""
        here = _numbers(found)
        if not self._tracks or _is_other([track.at for track in self._tracks], here):
            self._tracks = tuple(_Track(each) for each in here)
            self._square = found
            return found
        for track, each in zip(self._tracks, here, strict=True):
            track.follow(each, found.side)
        now = [track.at for track in self._tracks]
        off = max(abs(a - b) for a, b in zip(now, _numbers(self._square), strict=True))
        if off > max(1.0, _STILL * found.side):
            x, y, side = now[0], now[1], max(1, round(now[2]))
            self._square = Square(round(x - side / 2), round(y - side / 2), side)
        return self._square


def _numbers(square: Square) -> tuple[float, float, float]:
    """Middle and side."""
    half = square.side / 2
    return square.left + half, square.top + half, float(square.side)


def _is_other(before: list[float], here: tuple[float, float, float]) -> bool:
    far = math.hypot(before[0] - here[0], before[1] - here[1]) > _JUMP * before[2]
    return far or not 1 / _GROWTH < here[2] / before[2] < _GROWTH
