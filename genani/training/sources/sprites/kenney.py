"""Kenney's toon characters (CC0), from the model store: walk and run from stills, and a jump."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from genani.engines.inbetween.sprite.actions import Action
from genani.media import image
from genani.store import models
from genani.training.sources.dice import Dice
from genani.training.sources.sprites.loop import U8, Frames, Loop

MODEL = "kenney-toon-characters"
"""The model store's name of the drawings."""

CHARACTERS = ("maleAdventurer", "femaleAdventurer", "malePerson")
HELD_BACK = "malePerson"
"""Never learnt from; it judges."""

_STRIDE = 8
_POSES = ("idle", "jump", "fall", *(f"walk{number}" for number in range(_STRIDE)))
_SHAPES = (Action.WALK, Action.RUN, Action.JUMP)
_LIFT = 0.3
_MARGIN = 64
"""Pixels around a pose, so that there is room to jump."""


@dataclass(frozen=True)
class KenneyLoops:
    """Loops of some of the characters.

    Attributes:
        characters: whose.
        name: of the source.
    """

    characters: tuple[str, ...]
    name: str = "kenney"

    def loop(self, dice: Dice, size: int) -> Loop:
        """See `Loops`."""
        del size
        who = dice.one_of(self.characters)
        action = _SHAPES[dice.weighted((0.5, 0.25, 0.25))]
        start = None if action is Action.JUMP or dice.chance(0.6) else dice.whole(0, _STRIDE - 1)
        return loop_of(who, action, start)


def loop_of(who: str, action: Action, start: int | None = None) -> Loop:
    """A character's loop.

    Args:
        who: one of `CHARACTERS`.
        action: walk, run or jump.
        start: which of the eight walking poses is the key; None for the standing one.

    Raises:
        ModelError: the drawings are not installed; the text says how to get them.
    """
    poses = _poses(who)
    if action is Action.JUMP:
        return Jump(poses["idle"], poses["jump"], poses["fall"])
    walk = [poses[f"walk{number}"] for number in range(_STRIDE)]
    if start is None:
        # Who stands begins where legs pass each other, which looks most like standing.
        first = _nearest(poses["idle"], walk)
        return Frames(action, (poses["idle"], *(walk[(first + k) % 8] for k in range(1, 8))))
    return Frames(action, tuple(walk[(start + k) % _STRIDE] for k in range(_STRIDE)))


@dataclass(frozen=True)
class Jump:
    """Down, up, over and down again, out of three poses.

    Attributes:
        stand, rise, fall: poses.
    """

    stand: U8
    rise: U8
    fall: U8
    action: Action = Action.JUMP
    close: bool = False

    @property
    def steps(self) -> tuple[int, ...]:
        """Any phase."""
        return ()

    def at(self, phase: float) -> U8:
        """See `Loop`."""
        crouch, up = jump_curve(phase)
        if up <= 0:
            return _moved(self.stand, 1 - 0.12 * crouch, 0.0)
        pose = self.rise if phase < 0.5 else self.fall
        return _moved(pose, 1.0, up * _LIFT)


def jump_curve(phase: float) -> tuple[float, float]:
    """How far a jump crouches and how high it is, 0 to 1 each."""
    phase %= 1.0
    if 0.2 < phase < 0.8:
        return 0.0, math.sin(math.pi * (phase - 0.2) / 0.6)
    edge = phase if phase <= 0.2 else 1 - phase
    return math.sin(math.pi * edge / 0.2), 0.0


def _moved(pose: U8, squash: float, up: float) -> U8:
    """A pose made lower on its feet, and lifted by a share of its height."""
    rows = np.flatnonzero(pose[..., 3].any(1))
    top, feet = float(rows[0]), float(rows[-1] + 1)
    lift = up * (feet - top)
    wide = 1 / math.sqrt(squash)
    middle = pose.shape[1] / 2
    turn = np.array(
        [[wide, 0, middle * (1 - wide)], [0, squash, feet * (1 - squash) - lift]], np.float32
    )
    height, width = pose.shape[:2]
    return np.asarray(cv2.warpAffine(pose, turn, (width, height), flags=cv2.INTER_LINEAR), np.uint8)


def _nearest(pose: U8, others: list[U8]) -> int:
    apart = [np.abs(pose.astype(np.int16) - other).sum() for other in others]
    return int(np.argmin(apart))


@lru_cache(8)
def _poses(who: str) -> dict[str, U8]:
    found = {}
    for pose in _POSES:
        picture = image.read(models.path(MODEL, f"{who}_{pose}.png"))
        pixels = picture.pixels.astype(np.uint16)
        pixels[..., :3] = (pixels[..., :3] * pixels[..., 3:] + 127) // 255
        around = ((_MARGIN, _MARGIN), (_MARGIN, _MARGIN), (0, 0))
        found[pose] = np.pad(pixels.astype(np.uint8), around)
    return found
