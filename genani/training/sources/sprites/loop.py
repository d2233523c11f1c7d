"""A loop: drawings of one action around the circle of its phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genani.engines.inbetween.sprite.actions import Action
from genani.training.sources.dice import Dice

U8 = NDArray[np.uint8]


class Loop(Protocol):
    """One figure doing one thing.

    Attributes:
        action: what it does.
        steps: phases come in multiples of one of these many; empty where any phase can be drawn.
        close: the figure may be framed closely, on its face.
    """

    @property
    def action(self) -> Action:
        """See the class."""
        ...

    @property
    def steps(self) -> tuple[int, ...]:
        """See the class."""
        ...

    @property
    def close(self) -> bool:
        """See the class."""
        ...

    def at(self, phase: float) -> U8:
        """(H, W, 4) premultiplied RGBA at a phase, 0 to 1; at 0 it is the key."""
        ...


class Loops(Protocol):
    """Where loops come from: a pure function of the dice."""

    @property
    def name(self) -> str:
        """Of the source."""
        ...

    def loop(self, dice: Dice, size: int) -> Loop:
        """One loop, for a square of `size` px."""
        ...


@dataclass(frozen=True)
class Frames:
    """A loop of drawings that are there already.

    Attributes:
        action: what it does.
        pictures: the key first; premultiplied RGBA, all of one size.
        close: see `Loop`.
    """

    action: Action
    pictures: tuple[U8, ...]
    close: bool = False

    @property
    def steps(self) -> tuple[int, ...]:
        """As many as there are pictures, and half as many where that comes out even."""
        count = len(self.pictures)
        return (count, count // 2) if count % 2 == 0 and count >= 6 else (count,)

    def at(self, phase: float) -> U8:
        """See `Loop`."""
        return self.pictures[round(phase * len(self.pictures)) % len(self.pictures)]
