"""Samples from real clips: emoji animations, and whatever folder of clips a person has.

Any two drawings of a clip are keys, one of those between them is the drawing between; `t` is
where it stands in time. There is no truth about flow and landmarks in them.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from genani.scene.errors import FileError
from genani.store import models
from genani.training.sample import Sample
from genani.training.sources.clip_store import ClipFrames, find_clips, open_clip
from genani.training.sources.dice import Dice
from genani.training.sources.grounds import ground
from genani.training.sources.sampling import U8, looked_up, over, straight
from genani.training.sources.strips import Strip, even_times

MODEL = "fluent-emoji-clips"
"""The model store's name of the emoji animations."""

HELD_OUT = ("1f620", "1f621", "1f626", "1f62e", "1f937", "1f938")
"""Emoji that shots of the evaluation were cut from, and their variants with them."""

_SALT = 0xE0
_HELD_BACK = 8
_TRIES = 8
_LEAST_CHANGE = 0.4
"""Mean difference of two keys, of 255, below which nothing moves between them."""


class ClipSource:
    """Samples of clips; see `genani.training.sample.Source`.

    Args:
        folder: animations, videos, and folders of numbered pictures; None takes the emoji of the
            model store.
        name: what samples say they come from.
        held: None takes all clips, False leaves out every eighth, True has these alone.

    Raises:
        FileError, ModelError: at the first sample, when there are no clips.
    """

    def __init__(
        self, folder: Path | None = None, name: str = "emoji", held: bool | None = None
    ) -> None:
        self.name = name
        self._folder, self._held = folder, held
        self._opened: dict[Path, ClipFrames | None] = {}

    def __getstate__(self) -> dict[str, object]:
        return {"name": self.name, "_folder": self._folder, "_held": self._held, "_opened": {}}

    @cached_property
    def _paths(self) -> list[Path]:
        every = clip_paths(self._folder)
        if self._held is None:
            return every
        # Variants of one drawing have one name before the hyphen, and stay on one side.
        kinds = sorted({path.name.partition("-")[0] for path in every})
        held = set(kinds[::_HELD_BACK])
        return [path for path in every if (path.name.partition("-")[0] in held) == self._held]

    def sample(self, seed: int, index: int, size: int) -> Sample:
        """Sample `index` of the stream `seed`, `size` x `size` px."""
        dice = Dice(seed, index, _SALT)
        clip = self._clip(dice)
        triplet, t = _triplet(dice, clip)
        view = _View(dice, clip.drawings[triplet[0]], size)
        back = ground(dice, size) if dice.chance(0.5) else None
        pictures = [view.of(clip.drawings[at]) for at in triplet]
        if back is not None:
            pictures = [over(picture, back) for picture in pictures]
        return Sample(
            *(straight(picture) for picture in pictures),
            t=t,
            points=np.full((3, 478, 2), np.nan, np.float32),
            flow=np.zeros((2, size, size, 2), np.float32),
            seen=np.zeros((2, size, size), np.bool_),
            parts=np.zeros((size, size), np.uint8),
            emotion="",
            intensity=0.0,
            source=self.name,
        )

    def strip(self, seed: int, index: int, size: int, between: int) -> Strip:
        """Strip `index` of the stream `seed`: drawings as they follow in a clip, or every second.

        See `genani.training.sources.strips.StripSource`; a clip of few drawings shows some twice.
        """
        dice = Dice(seed, index, _SALT, between)
        clip = self._clip(dice)
        count = len(clip.drawings)
        start, reach = 0, count - 1
        for _ in range(_TRIES):
            reach = min((between + 1) * dice.whole(1, 2), count - 1)
            start = dice.whole(0, count - 1 - reach)
            if _change(clip.drawings[start], clip.drawings[start + reach]) > _LEAST_CHANGE:
                break
        rows = [start + at * reach // (between + 1) for at in range(between + 2)]
        if dice.chance(0.5):
            rows.reverse()
        view = _View(dice, clip.drawings[rows[0]], size)
        frames = np.stack([straight(view.of(clip.drawings[at])) for at in rows])
        return Strip(frames, even_times(between), self.name)

    def _clip(self, dice: Dice) -> ClipFrames:
        """A clip that moves; stills among the files are passed over."""
        paths = list(self._paths)
        while paths:
            path = paths.pop(dice.whole(0, len(paths) - 1))
            if path not in self._opened:
                self._opened[path] = open_clip(path)
            clip = self._opened[path]
            if clip is not None:
                return clip
        raise FileError(f"'{self._folder}' holds no clip of three drawings or more")


def clip_paths(folder: Path | None) -> list[Path]:
    """The clips of a folder, or the emoji of the model store; never those of the evaluation.

    Raises:
        FileError: nothing there.
        ModelError: the emoji are not installed; the text says how to get them.
    """
    if folder is not None:
        return find_clips(folder, HELD_OUT)
    catalogue = models.Catalogue()
    files = sorted(file.name for file in catalogue.info(MODEL).files)
    return [catalogue.path(MODEL, name) for name in files if not name.startswith(HELD_OUT)]


def _triplet(dice: Dice, clip: ClipFrames) -> tuple[tuple[int, int, int], float]:
    """Drawings (first key, last key, between) and `t` of the last, keys well apart.

    A key counts from its last exposure, so that a hold before a move is no part of the move.
    """
    count = len(clip.drawings)
    exposures = np.diff(clip.starts)
    usual = int(np.sort(exposures)[len(exposures) // 2])
    found = (0, count - 1, 1)
    for _ in range(_TRIES):
        gap = min(dice.whole(2, 6) if dice.chance(0.5) else dice.whole(6, 24), count - 1)
        first = dice.whole(0, count - 1 - gap)
        found = (first, first + gap, first + dice.whole(1, gap - 1))
        if _change(clip.drawings[found[0]], clip.drawings[found[1]]) > _LEAST_CHANGE:
            break
    first, last, between = found
    start = max(int(clip.starts[first]), int(clip.starts[first + 1]) - usual)
    t = (int(clip.starts[between]) - start) / (int(clip.starts[last]) - start)
    if dice.chance(0.5):
        return (last, first, between), 1 - t
    return found, t


def _change(one: U8, two: U8) -> float:
    thin = np.s_[::4, ::4]
    apart = np.abs(one[thin].astype(np.int16) - two[thin])
    return float(apart.sum(dtype=np.int64)) / apart.size


class _View:
    """A square of the clip, scaled to the canvas, holding most of what is drawn."""

    def __init__(self, dice: Dice, drawing: U8, size: int) -> None:
        height, width = drawing.shape[:2]
        rows, columns = (np.flatnonzero(drawing[..., 3].any(axis)) for axis in (1, 0))
        top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, height)
        left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, width)
        side = max(bottom - top, right - left) * dice.between(0.7, 1.15)
        x = (left + right) / 2 + dice.around(0.08) * side - side / 2
        y = (top + bottom) / 2 + dice.around(0.08) * side - side / 2
        step = np.float32(side / size)
        line = (np.arange(size, dtype=np.float32) + np.float32(0.5)) * step
        self._x, self._y = np.meshgrid(line + np.float32(x), line + np.float32(y))
        self._shrink = 1
        while step / self._shrink > 1.5:
            self._shrink *= 2

    def of(self, drawing: U8) -> U8:
        """(size, size, 4) the square of a drawing, premultiplied."""
        shrink = self._shrink
        drawing = np.asarray(drawing)
        if shrink > 1:
            drawing = _shrunk(drawing, shrink)
        x, y = self._x / np.float32(shrink), self._y / np.float32(shrink)
        return looked_up(drawing, x, y, clear=True)


def _shrunk(picture: U8, factor: int) -> U8:
    height, width = (-(-side // factor) * factor for side in picture.shape[:2])
    picture = np.pad(
        picture, ((0, height - picture.shape[0]), (0, width - picture.shape[1]), (0, 0)), "edge"
    )
    blocks = picture.reshape(height // factor, factor, width // factor, factor, 4)
    total = blocks.astype(np.uint32).sum((1, 3))
    return ((total + factor * factor // 2) // (factor * factor)).astype(np.uint8)
