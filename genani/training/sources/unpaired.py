"""Photos and drawings of a style that have nothing to do with each other, for learning a style.

Where a person has no data of their own, heads of ICT-FaceKit stand for photos.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from natsort import natsorted

from genani.media import image
from genani.media.files import shown, told
from genani.scene.errors import FileError, GenAniError
from genani.training.clips.dataset import is_held_back
from genani.training.sources.dice import Dice
from genani.training.sources.grounds import clouds
from genani.training.sources.ict import IctSource
from genani.training.sources.sampling import U8, over, premultiplied
from genani.training.sources.smoothing import smoothed

PHOTOS, CARTOONS = "photos", "cartoons"
"""What the two folders of a person's own data are called."""

_SALT = 0x0A1B
_HELD_OFF = 1 << 20
"""Pictures held back have numbers from here on."""

_ROOM = 1.15
"""A picture is kept this much larger than it is needed, so that it can be cut in many ways."""


class Gallery(Protocol):
    """Pictures of one kind, as many as there are."""

    @property
    def count(self) -> int:
        """How many."""
        ...

    def picture(self, index: int, size: int) -> U8:
        """(size, size, 3) picture `index`, always the same."""
        ...


@dataclass(frozen=True)
class Unpaired:
    """Photos and drawings, cut, mirrored and mixed anew for every sample.

    Attributes:
        photos, drawings: where they come from.
        name: what they are, in words.
        notes: what a person should know, such as a source whose data is missing.
    """

    photos: Gallery
    drawings: Gallery
    name: str
    notes: tuple[str, ...] = ()
    _kept: dict[int, tuple[_Kept, _Kept]] = field(default_factory=dict, repr=False)

    def batch(self, seed: int, step: int, count: int, size: int, side: int = 0) -> Mapping[str, U8]:
        """The pictures of a step: the same for the same arguments, whatever came before.

        Args:
            seed, step: of the run.
            count: how many of each kind.
            size: side of what is cut from a picture, in pixels.
            side: of the picture that it is cut from; 0 for a little more than `size`.

        Returns:
            `photo`, `drawing` and `smooth`, each (count, 3, size, size) uint8; `smooth` are the
            drawings with smoothed edges.
        """
        side = max(side or round(size * _ROOM), size)
        if side not in self._kept:
            self._kept[side] = _Kept(self.photos, side), _Kept(self.drawings, side)
        photos, drawings = self._kept[side]
        dice = [Dice(seed, step * count + at, _SALT) for at in range(count)]
        seen = [_cut(each, photos, size) for each in dice]
        drawn = [_cut(each, drawings, size) for each in dice]
        made = {"photo": seen, "drawing": drawn, "smooth": [smoothed(each) for each in drawn]}
        return {name: _stacked(each) for name, each in made.items()}

    def first(self, count: int, size: int) -> Mapping[str, U8]:
        """The first pictures of both, uncut: to judge by. Shapes as in `batch`; no `smooth`."""
        return {
            name: _stacked([each.picture(at % each.count, size) for at in range(count)])
            for name, each in (("photo", self.photos), ("drawing", self.drawings))
        }


def unpaired(data: Path, photos: int, drawings: int, *, held: bool = False) -> Unpaired:
    """Pictures of a person to learn from, or those held back to judge by.

    Args:
        data: a folder with the folders `photos` and `cartoons` in it.
        photos, drawings: how many at most of each kind.
        held: those that are never learnt from.

    Raises:
        FileError: a folder is missing, or has fewer than two pictures.
    """
    folders = _Folder(data / PHOTOS, photos, held), _Folder(data / CARTOONS, drawings, held)
    return Unpaired(*folders, "A person's own photos and drawings")


def square(picture: U8, size: int) -> U8:
    """(size, size, C) the middle of a picture (H, W, C), as large a square as it holds."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    part = picture[top : top + side, left : left + side]
    way = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (size, size), interpolation=way), np.uint8)


class _Kept:
    """A gallery's pictures at one size, each made once; in a file without a name, not in memory."""

    def __init__(self, gallery: Gallery, size: int) -> None:
        self._gallery, self._size = gallery, size
        self.count = gallery.count
        # The map outlives the file's own handle, and the file ends with the map.
        with tempfile.TemporaryFile(prefix="genani-") as file:
            shape = (self.count, size, size, 3)
            self._pixels = np.memmap(file, np.uint8, "w+", shape=shape)
        self._made = np.zeros(self.count, np.bool_)

    def picture(self, index: int) -> U8:
        """(S, S, 3)."""
        if not self._made[index]:
            self._pixels[index] = self._gallery.picture(index, self._size)
            self._made[index] = True
        return np.asarray(self._pixels[index])


class _Folder:
    """A person's own pictures, transparent ones on white."""

    def __init__(self, folder: Path, most: int, held: bool) -> None:
        with told(folder, "read"):
            found = natsorted(
                path for path in folder.iterdir() if path.suffix.lower() in image.EXTENSIONS
            )
        if len(found) < 2:
            raise FileError(f"'{shown(folder)}' needs two pictures or more to learn from")
        back = [path for path in found if is_held_back(path.name)] or found[-1:]
        if len(back) == len(found):
            back = back[:1]
        self._paths = (back if held else [path for path in found if path not in back])[:most]
        self.count = len(self._paths)

    def picture(self, index: int, size: int) -> U8:
        """See `Gallery`."""
        read = image.read(self._paths[index])
        pixels = (read.pixels >> (read.depth - 8)).astype(np.uint8)
        return square(_opaque(premultiplied(pixels), np.full_like(pixels, 255)), size)


class Heads:
    """Heads of ICT-FaceKit before soft backgrounds, with a lens's softness and a film's grain.

    Args:
        count: how many pictures there are.
        held: heads that are never learnt from.

    Raises:
        ModelError: at the first picture, where the model is missing.
    """

    def __init__(self, count: int, held: bool) -> None:
        self.count = count
        self._from = _HELD_OFF if held else 0
        self._source = IctSource()

    def picture(self, index: int, size: int) -> U8:
        """See `Gallery`."""
        number = self._from + index
        dice = Dice(number, _SALT)
        head = self._source.portrait(_SALT, number, size)
        near, far = (np.array([dice.whole(20, 235) for _ in range(3)]) for _ in range(2))
        patches = clouds(dice, size)[..., None] * dice.between(0.3, 1.0)
        back = np.full((size, size, 4), 255, np.uint8)
        back[..., :3] = near + patches * (far - near)
        seen = cv2.GaussianBlur(_opaque(head, back), (0, 0), dice.between(0.3, 0.8) * size / 128)
        grain = np.random.default_rng(dice.seed()).normal(0, dice.between(1, 5), seen.shape)
        return np.clip(np.rint(seen + grain), 0, 255).astype(np.uint8)


def _cut(dice: Dice, kept: _Kept, size: int) -> U8:
    picture = kept.picture(dice.whole(0, kept.count - 1))
    room = len(picture) - size
    top, left = dice.whole(0, room), dice.whole(0, room)
    part = picture[top : top + size, left : left + size]
    return np.ascontiguousarray(part[:, ::-1] if dice.chance(0.5) else part)


def _opaque(front: U8, back: U8) -> U8:
    """(H, W, 3) a premultiplied picture over an opaque one."""
    return over(front, back)[..., :3]


def _stacked(pictures: list[U8]) -> U8:
    if not pictures:
        raise GenAniError("no pictures")
    return np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2))
