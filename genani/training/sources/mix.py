"""All sources as one: which one a sample comes from is thrown by its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import cast

import numpy as np

from genani.scene.errors import FileError, GenAniError, ModelError
from genani.training.sample import Sample, Source
from genani.training.sources.augment import augmented, drawn_size
from genani.training.sources.clips import ClipSource
from genani.training.sources.dice import Dice
from genani.training.sources.distilled import Distilled
from genani.training.sources.ict import IctSource
from genani.training.sources.stills import StillSource

SHARES: Mapping[str, float] = {"rig": 0.65, "ict": 0.1, "emoji": 0.1, "still": 0.15}
"""How much each source gives where nothing else is said."""

PER_PERSON = 8
"""Neighbours in the rig that share a person."""

_SALT = 0x313
_BLOCK = 64


@dataclass(frozen=True)
class Recipe:
    """What is mixed.

    Attributes:
        shares: names of sources and their weights, in any unit; 0 leaves one out.
        data: what a source reads: `ict` a file, `emoji`, `clips` and `still` a folder; a source
            that is not named reads the model store's.
        distilled: share of samples whose drawing between is RIFE's, of small motions; with any
            the samples are alike on one machine only.
        vary: whether samples are cut, mirrored, reversed and coloured.
    """

    shares: Mapping[str, float] = field(default_factory=lambda: dict(SHARES))
    data: Mapping[str, Path] = field(default_factory=dict)
    distilled: float = 0.0
    vary: bool = True


class Mix:
    """Samples of several sources; see `genani.training.sample.Source`.

    Args:
        recipe: what is mixed.

    Raises:
        GenAniError: a source is unknown, or no share is over 0.
    """

    name = "mix"

    def __init__(self, recipe: Recipe | None = None) -> None:
        self.recipe = recipe or Recipe()
        # In order of name: the same recipe in another order is the same data.
        used = sorted(name for name, share in self.recipe.shares.items() if share > 0)
        if not used:
            raise GenAniError("no source of training samples has a share over 0")
        self._sources = [source_of(name, self.recipe.data.get(name)) for name in used]
        self._weights = [self.recipe.shares[name] for name in used]
        self._taught = [Distilled(source) for source in self._sources]

    def sample(self, seed: int, index: int, size: int) -> Sample:
        """Sample `index` of the stream `seed`, `size` x `size` px."""
        at, taught, number = self._chosen(seed, index)
        source = self._taught[at] if taught else self._sources[at]
        if not self.recipe.vary:
            return source.sample(seed, number, size)
        # Samples that share a person in the rig share their size, or each would be painted anew.
        drawn = drawn_size(Dice(seed, at, number // PER_PERSON, _SALT), size)
        return augmented(Dice(seed, index, _SALT), source.sample(seed, number, drawn), size)

    def _chosen(self, seed: int, index: int) -> tuple[int, bool, int]:
        """Which source a sample is from, whether RIFE draws it, and its number in that source.

        In a block of samples each source's numbers run on without a gap, because neighbours in
        the rig are cheap.
        """
        block, place = divmod(index, _BLOCK)
        dice = Dice(seed, block, _BLOCK, _SALT)
        choices = [dice.weighted(self._weights) for _ in range(_BLOCK)]
        taught = [dice.chance(self.recipe.distilled) for _ in range(_BLOCK)]
        number = block * _BLOCK + choices[:place].count(choices[place])
        return choices[place], taught[place], number


def source_of(name: str, data: Path | None = None) -> Source:
    """A source by name: `rig`, `ict`, `emoji`, `clips` (a folder of one's own) or `still`.

    Args:
        name: which.
        data: what it reads; None takes the model store's.

    Raises:
        GenAniError: there is no such source.
    """
    match name:
        case "rig":
            from genani.training.rig.puppet.source import RigSource

            # Frozen, where the protocol leaves its name open to be written.
            return cast(Source, RigSource())
        case "ict":
            return IctSource(data)
        case "emoji":
            return ClipSource(data)
        case "clips" if data is not None:
            return ClipSource(data, "clips")
        case "clips":
            raise GenAniError("the source 'clips' needs a folder of clips: name it")
        case "still":
            return StillSource(data)
    raise GenAniError(
        f"there is no source of samples called '{name}'; there are rig, ict, emoji, clips and still"
    )


def within_reach(recipe: Recipe) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe without the sources whose data is missing here, and what is wrong with those.

    Raises:
        GenAniError: nothing is left.
    """
    shares, wrong = dict(recipe.shares), []
    for name in sorted(name for name, share in shares.items() if share > 0):
        try:
            source_of(name, recipe.data.get(name)).sample(0, 0, 32)
        except (FileError, ModelError) as error:
            wrong.append(str(error))
            del shares[name]
    if not any(shares.values()):
        raise GenAniError(f"there is nothing to train on: {'; '.join(wrong)}")
    return Recipe(shares, recipe.data, recipe.distilled, recipe.vary), tuple(wrong)


def sample_hash(source: Source, seed: int, count: int = 100, size: int = 64) -> str:
    """SHA-256 of the first samples of a stream: the same on any machine.

    Landmarks and flow count to 1/256 px.
    """
    digest = sha256()
    for index in range(count):
        sample = source.sample(seed, index, size)
        for array in (sample.first, sample.last, sample.between, sample.seen, sample.parts):
            digest.update(np.ascontiguousarray(array).tobytes())
        for array in (sample.points, sample.flow):
            steps = np.floor(np.nan_to_num(array, nan=-1e4) * 256 + 0.5).astype("<i4")
            digest.update(steps.tobytes())
        told = f"{sample.t:.9f} {sample.emotion} {sample.intensity:.9f} {sample.source}"
        digest.update(told.encode())
    return digest.hexdigest()
