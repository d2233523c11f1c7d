"""Cartoons of one style: people of the rig as one hand would draw them, heads, and a few emoji."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from genani.scene.errors import FileError, ModelError
from genani.training.clips.dataset import is_held_back
from genani.training.rig.puppet.acting import motion
from genani.training.rig.puppet.casting import person
from genani.training.rig.puppet.frame import frame
from genani.training.rig.puppet.maps import Raster
from genani.training.rig.puppet.sheets import sheets
from genani.training.sources.clip_store import open_clip
from genani.training.sources.clips import clip_paths
from genani.training.sources.dice import Dice
from genani.training.sources.grounds import ground
from genani.training.sources.ict import IctSource
from genani.training.sources.sampling import U8, over, premultiplied
from genani.training.sources.unpaired import Heads, Unpaired, square, unpaired

_SALT = 0x14A2D
_PENS, _SHADINGS, _KINDS = ("ink", "marker"), ("cel", "flat"), ("human", "elf")
_EMOJI = 0.15
_HEADS = 0.5
"""Share of inked heads of ICT-FaceKit: of the faces that stand for photos, so that a judge sees
no other difference than the hand."""

_HELD_OFF = 1 << 20
"""Pictures held back have numbers from here on."""

_NAME = (
    "photos: heads of ICT-FaceKit (MIT), lit softly, before blurred grounds; cartoons: such heads "
    "and people of GenAni's rig (own work) with dark outlines and flat or two-tone colours, and "
    "Fluent emoji (MIT)"
)


def cartoons(data: Path | None, photos: int, drawings: int, *, held: bool = False) -> Unpaired:
    """Photos and cartoons to learn a style from, or those held back to judge by.

    A person's own folders are taken as they are; of this project's own making the cartoons are
    all of one style, as a judge that is shown many styles learns none of them.

    Args:
        data: as for `unpaired`; None for what the project makes itself.
        photos, drawings: how many at most of each kind.
        held: those that are never learnt from.

    Raises:
        FileError: see `unpaired`.
        ModelError: what the project's own are made with is missing.
    """
    if data is not None:
        return unpaired(data, photos, drawings, held=held)
    heads, drawn = Heads(photos, held), OneHand(drawings, held)
    heads.picture(0, 32)
    notes = (f"left out of the cartoons: {drawn.missing}",) if drawn.missing else ()
    return Unpaired(heads, drawn, _NAME, notes)


class OneHand:
    """People and heads with outlines and flat or two-tone colours, and emoji where installed.

    Args:
        count: how many pictures there are.
        held: people that are never learnt from, and clips that are held back.
        heads: whether heads of ICT-FaceKit are among them.

    Attributes:
        missing: why there are no emoji; empty where there are.
    """

    def __init__(self, count: int, held: bool, *, heads: bool = True) -> None:
        self.count = count
        self._held = held
        self._from = _HELD_OFF if held else 0
        self._heads = IctSource() if heads else None
        self.missing = ""
        try:
            self._clips = [path for path in clip_paths(None) if is_held_back(path.name) == held]
        except (FileError, ModelError) as error:
            self._clips, self.missing = [], str(error)

    def picture(self, index: int, size: int) -> U8:
        """(size, size, 3) picture `index`, always the same."""
        number = self._from + index
        dice = Dice(number, _SALT)
        back = ground(dice, size)
        front = self._emoji(dice, size) if self._clips and dice.chance(_EMOJI) else None
        if front is None and self._heads and dice.chance(_HEADS):
            front = self._heads.portrait(_SALT, number, size, drawn=True)
        if front is None:
            front = self._person(number, size)
        return over(front, back)[..., :3]

    def _person(self, number: int, size: int) -> U8:
        rng = np.random.default_rng([number, _SALT])
        seed = int(rng.integers(1 << 31))
        while not _of_this_hand(seed, self._held):
            seed = int(rng.integers(1 << 31))
        painted = sheets(seed, self._held, 2 * size)
        moving = motion(painted.head, rng, size)
        return premultiplied(frame(painted, moving.at(float(rng.random())), _raster(size)).rgba)

    def _emoji(self, dice: Dice, size: int) -> U8 | None:
        clip = open_clip(dice.one_of(self._clips))
        if clip is None:
            return None
        return square(np.asarray(clip.drawings[dice.whole(0, len(clip.drawings) - 1)]), size)


def _of_this_hand(seed: int, held: bool) -> bool:
    who = person(seed, test=held)
    return (
        who.pen.kind in _PENS
        and who.shading.kind in _SHADINGS
        and who.shading.grain == 0
        and who.kind in _KINDS
    )


@lru_cache(2)
def _raster(size: int) -> Raster:
    return Raster(size)
