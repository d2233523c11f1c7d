"""Strips of several sources as one, and what of each is held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from genani.media import image
from genani.media.colour import to_8
from genani.media.files import shown
from genani.scene.errors import FileError, GenAniError, ModelError
from genani.training.clips import dataset, framing
from genani.training.rig.puppet.frame import frame
from genani.training.rig.puppet.maps import Raster
from genani.training.rig.puppet.source import RigSource
from genani.training.sources.clips import ClipSource
from genani.training.sources.dice import Dice
from genani.training.sources.digits import DigitSource
from genani.training.sources.strips import U8, Strip, StripSource, even_times, thrown_times

SHARES: Mapping[str, float] = {"rig": 0.6, "emoji": 0.4}
"""How much each source gives where nothing else is said."""

_SALT = 0x571
_FRAMES = 512
"""Pictures of a person's own clips that are kept decoded."""


@dataclass(frozen=True)
class RigStrips:
    """Drawn faces on their way from key to key; see `StripSource`.

    Attributes:
        held: people of the test split, whom training never shows.
        name: of the source.
    """

    held: bool = False
    name: str = "rig"

    def strip(self, seed: int, index: int, size: int, between: int) -> Strip:
        """Strip `index` of the stream `seed`, of held people at even times; see `StripSource`."""
        source = RigSource("test" if self.held else "train")
        painted, moving, _ = source.scene(seed, index, size)
        dice = Dice(seed, index, _SALT)
        times = even_times(between) if self.held else thrown_times(dice, between)
        raster = Raster(size)
        frames = [frame(painted, moving.at(float(t)), raster).rgba for t in times]
        return Strip(np.stack(frames), times, self.name)


class FilmStrips:
    """A person's own clips; see `StripSource`.

    Args:
        folder: a data set.
        held: the clips that are held back, instead of the others.

    Raises:
        FileError: no data set, or no clips of three frames or more on this side.
    """

    name = "clips"

    def __init__(self, folder: Path, held: bool = False) -> None:
        self._data = dataset.read(folder)
        every = [dataset.read_outline(folder / name) for name in dataset.clip_ids(folder)]
        usable = [clip for clip in every if len(clip.frames) > 2]
        sides = dataset.split(usable, dataset.HELD_BACK)
        self._clips = [clip for clip in sides[held] if not held or not clip.augmented_from]
        if not self._clips:
            raise FileError(f"'{shown(folder)}' has too few clips to learn from and to judge by")
        self._framed = lru_cache(_FRAMES)(_framed)

    def strip(self, seed: int, index: int, size: int, between: int) -> Strip:
        """Strip `index` of the stream `seed`; a clip of few frames shows some twice.

        Raises:
            FileError: a frame is missing or damaged.
        """
        dice = Dice(seed, index, _SALT)
        clip = dice.one_of(self._clips)
        names, folder = clip.frames, self._data.clip_folder(clip.clip_id)
        reach = min((between + 1) * dice.whole(1, 3), len(names) - 1)
        start = dice.whole(0, len(names) - 1 - reach)
        rows = [start + at * reach // (between + 1) for at in range(between + 2)]
        frames = np.stack([self._framed(folder / names[at], size) for at in rows])
        return Strip(frames, even_times(between), self.name)


class StripMix:
    """Strips of several sources; see `StripSource`.

    Args:
        sources: and how much each gives, in any unit.
    """

    def __init__(self, sources: list[tuple[StripSource, float]]) -> None:
        self._sources = sources
        self.name = " and ".join(source.name for source, _ in sources)

    def strip(self, seed: int, index: int, size: int, between: int) -> Strip:
        """See `StripSource.strip`."""
        at = Dice(seed, index, _SALT).weighted([share for _, share in self._sources])
        return self._sources[at][0].strip(seed, index, size, between)


@dataclass(frozen=True)
class StripMaterial:
    """Where a task's strips come from.

    Attributes:
        learnt, held: to learn from, and to judge by.
        notes: what a person should know, such as a source that is not installed.
    """

    learnt: StripSource
    held: StripSource
    notes: tuple[str, ...] = ()


def strip_material(shares: Mapping[str, float], data: Path | None, own: float) -> StripMaterial:
    """The strips of a mix, and the user's own among them.

    Args:
        shares: of `digits`, `rig` and `emoji`; a source whose data is missing is left out, and
            the notes say so.
        data: a data set of the user's own clips; those it holds back then judge the result.
        own: share of the user's own strips, where there are any.

    Raises:
        FileError: the data set is damaged or empty.
        GenAniError: a source is unknown, or nothing is left.
    """
    learnt: list[tuple[StripSource, float]] = []
    held: list[tuple[StripSource, float]] = []
    wrong: list[str] = []
    # In order of name: the same mix told in another order is the same data.
    for name, share in sorted(shares.items()):
        sides = _sides(name)
        if share <= 0:
            continue
        try:
            for source in sides:
                source.strip(0, 0, 32, 1)
        except (FileError, ModelError) as error:
            wrong.append(str(error))
            continue
        learnt.append((sides[0], share))
        held.append((sides[1], share))
    if not learnt and (data is None or own < 1):
        raise GenAniError(f"there is nothing to train on: {'; '.join(wrong) or 'no shares'}")
    notes = tuple(f"left out of the mix: {each}" for each in wrong)
    if data is None:
        return StripMaterial(StripMix(learnt), StripMix(held), notes)
    total = sum(share for _, share in learnt)
    others = [(source, (1 - own) * share / total) for source, share in learnt if own < 1]
    mixed = StripMix([(FilmStrips(data), own), *others])
    return StripMaterial(mixed, FilmStrips(data, held=True), notes)


def _sides(name: str) -> tuple[StripSource, StripSource]:
    """A source by name, to learn from and to judge by."""
    match name:
        case "digits":
            return DigitSource(), DigitSource("test")
        case "rig":
            return RigStrips(), RigStrips(held=True)
        case "emoji":
            return ClipSource(held=False), ClipSource(held=True)
    raise GenAniError(f"there are no strips called '{name}'; there are digits, rig and emoji")


def _framed(path: Path, size: int) -> U8:
    """The largest square in the middle of a picture, at a size."""
    pixels = np.asarray(to_8(image.read(path).pixels), np.uint8)
    height, width = pixels.shape[:2]
    side = min(height, width)
    window = framing.Window((width - side) // 2, (height - side) // 2, side, side)
    return framing.framed(pixels, window, (size, size))
