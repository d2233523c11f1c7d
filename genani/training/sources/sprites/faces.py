"""Blinks and speech of the puppets of the rig: drawn faces in many hands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genani.engines.inbetween.sprite.actions import Action
from genani.scene.acting import Viseme
from genani.training.rig.puppet.acting import Key, Moment, Motion, face, motion
from genani.training.rig.puppet.frame import frame
from genani.training.rig.puppet.maps import Raster
from genani.training.rig.puppet.sheets import Sheets, sheets
from genani.training.sources.dice import Dice
from genani.training.sources.sprites.loop import U8, Loop
from genani.training.sources.sprites.poses import lids, talking

_PEOPLE = 32
"""Painting a person takes longer than moving one, so those there are come again."""

_OPEN = (Viseme.C, Viseme.D, Viseme.E)


@dataclass(frozen=True)
class FaceLoops:
    """Loops of faces.

    Attributes:
        held_back: people and hands that are never learnt from.
        name: of the source.
    """

    held_back: bool = False
    name: str = "faces"

    def loop(self, dice: Dice, size: int) -> Loop:
        """See `Loops`."""
        painted = _painted(dice.whole(0, _PEOPLE - 1), self.held_back, 2 * size)
        moving = motion(painted.head, np.random.default_rng(dice.seed()), size)
        action = Action.BLINK if dice.chance(0.5) else Action.TALK
        said = tuple(dice.one_of(_OPEN) for _ in range(dice.whole(2, 3)))
        return FaceLoop(painted, moving, size, action, said)


@dataclass(frozen=True)
class FaceLoop:
    """One face.

    Attributes:
        painted: the person.
        moving: its first key is the face's.
        size: pixels a side.
        action: blink or talk.
        said: the shape of each opening of the mouth.
    """

    painted: Sheets
    moving: Motion
    size: int
    action: Action
    said: tuple[Viseme, ...]
    close: bool = True

    @property
    def steps(self) -> tuple[int, ...]:
        """Any phase."""
        return ()

    def at(self, phase: float) -> U8:
        """See `Loop`."""
        drawn = frame(self.painted, self._moment(phase % 1.0), Raster(self.size))
        pixels = drawn.rgba.astype(np.uint16)
        pixels[..., :3] = (pixels[..., :3] * pixels[..., 3:] + 127) // 255
        return pixels.astype(np.uint8)

    def _moment(self, phase: float) -> Moment:
        key = replace(self.moving.keys[0], viseme=Viseme.X)
        rest = np.minimum(self.moving.at(0.0).shut, 0.3)
        shut, strengths = rest, face(self.painted.head, key)
        if self.action is Action.BLINK:
            shut = rest + lids(phase) * (1 - rest)
        else:
            strengths = self._speaking(key, strengths, phase)
        return replace(self.moving.at(0.0), shut=shut, strengths=strengths, viseme=Viseme.X)

    def _speaking(self, key: Key, calm: NDArray[np.float64], phase: float) -> NDArray[np.float64]:
        turn = min(int(phase * len(self.said)), len(self.said) - 1)
        open_ = face(self.painted.head, replace(key, viseme=self.said[turn]))
        return calm + talking(phase, len(self.said)) * (open_ - calm)


@lru_cache(_PEOPLE)
def _painted(number: int, held_back: bool, size: int) -> Sheets:
    return sheets(number, held_back, size)
