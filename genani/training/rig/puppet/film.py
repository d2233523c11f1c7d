"""Whole shots of puppets: drawings on ones or twos from key to key, with everything known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import PINS
from genani.training.rig.puppet.acting import Moment, Motion, motion
from genani.training.rig.puppet.frame import Frame, frame
from genani.training.rig.puppet.maps import Raster
from genani.training.rig.puppet.sheets import Sheets, sheets
from genani.training.rig.puppet.truth import flows, parts

_BEAT = 14
"""Frames from key to key, about, at 24 a second."""


@dataclass(frozen=True)
class Cel:
    """One drawing of a shot.

    Attributes:
        number: the first frame it is exposed on, from 1.
        exposure: frames it stays on screen.
        moment: what the face does.
        drawn: the drawing.
    """

    number: int
    exposure: int
    moment: Moment
    drawn: Frame

    @property
    def pins(self) -> dict[str, tuple[float, float]]:
        """The points an animator places by hand, pixels."""
        points = self.drawn.points
        return {name: (float(points[i, 0]), float(points[i, 1])) for name, i in PINS.items()}

    @cached_property
    def parts(self) -> NDArray[np.uint8]:
        """(size, size) part of each pixel, numbered as `Sample.parts`."""
        return parts(self.drawn)


@dataclass(frozen=True)
class Shot:
    """A shot: who is in it and its drawings.

    Attributes:
        painted: the person.
        cels: the drawings, in order.
        keys: numbers of those that are keys.
        frames: length.
        size: pixels a side.
    """

    painted: Sheets
    cels: tuple[Cel, ...]
    keys: tuple[int, ...]
    frames: int
    size: int

    def flow(self, cel: Cel, key: Cel) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Where each pixel of a drawing lies on another one, and whether it shows there.

        Returns:
            (size, size, 2) float32, the place there minus the place here, pixels; (size, size)
            bool.
        """
        return flows(cel.drawn, [key.drawn], Raster(self.size))[0]

    def around(self, cel: Cel) -> tuple[Cel, Cel]:
        """The keys before and after a drawing; a key is both itself."""
        keys = [each for each in self.cels if each.number in self.keys]
        before = max((k for k in keys if k.number <= cel.number), key=lambda k: k.number)
        after = min((k for k in keys if k.number >= cel.number), key=lambda k: k.number)
        return before, after


def shots(
    seed: int,
    count: int,
    frames: int,
    size: int,
    *,
    split: Literal["train", "test"] = "train",
    exposure: int = 0,
) -> Iterator[Shot]:
    """Shots of different people, one after the other; the same for the same arguments.

    Args:
        seed: 0 or more.
        count: how many.
        frames: length of each, 2 or more.
        size: pixels a side, 32 or more.
        split: "test" for people of the test split.
        exposure: frames that a drawing stays; 0 leaves it to chance (ones or twos).
    """
    for number in range(count):
        rng = np.random.default_rng([seed, number, 79])
        painted = sheets(int(rng.integers(1 << 31)), split == "test", 2 * size)
        held = exposure or int(rng.choice([1, 2]))
        beats = max(1, round((frames - 1) / _BEAT))
        moving = motion(painted.head, rng, size, beats + 1)
        yield _shot(painted, moving, frames, size, held)


def _shot(painted: Sheets, moving: Motion, frames: int, size: int, held: int) -> Shot:
    raster = Raster(size)
    last = frames - 1
    beats = len(moving.keys) - 1
    keys = {1 + round(last * k / beats / held) * held for k in range(beats)} | {frames}
    numbers = sorted({*range(1, frames + 1, held), *keys})
    cels = []
    for number, after in zip(numbers, [*numbers[1:], frames + 1], strict=True):
        moment = moving.at(beats * (number - 1) / last)
        cels.append(Cel(number, after - number, moment, frame(painted, moment, raster)))
    return Shot(painted, tuple(cels), tuple(sorted(keys)), frames, size)
