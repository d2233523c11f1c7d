"""What drawings a task learns from and what is held back to judge it by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from genani.training.clips.source import ClipSource, Split
from genani.training.rig.puppet.source import RigSource
from genani.training.sample import Sample, Source
from genani.training.sources.dice import Dice
from genani.training.sources.mix import Mix, Recipe, within_reach

_SALT = 0x0E11


@dataclass(frozen=True)
class Material:
    """Where a task's drawings come from.

    Attributes:
        learnt: to learn from.
        held: to judge by, of characters and styles that are never learnt from.
        notes: what a person should know, such as a source that is not installed.
    """

    learnt: Source
    held: Source
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replay:
    """The user's own drawings with others among them, so that what was learnt before stays.

    Attributes:
        own, others: where they come from.
        share: of the user's own.
    """

    own: Source
    others: Source
    share: float

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self.own.name} and {self.others.name}"

    def sample(self, seed: int, index: int, size: int) -> Sample:
        """See `Source.sample`."""
        chosen = self.own if Dice(seed, index, _SALT).chance(self.share) else self.others
        return chosen.sample(seed, index, size)


def material(
    shares: Mapping[str, float],
    distilled: float,
    data: Path | None,
    own: float,
    varied: float = 1.0,
) -> Material:
    """The drawings of a mix, and the user's own among them.

    Args:
        shares: names of sources and their weights; one whose data is missing is left out, and
            the notes say so.
        distilled: share of drawings that RIFE makes, of small motions.
        data: a data set of the user's own clips; those it holds back then judge the result.
        own: share of the user's own drawings, where there are any.
        varied: how strongly those are altered at random; see `ClipSource`.

    Raises:
        FileError: the data set is damaged or empty.
        GenAniError: a source is unknown, or nothing is left.
    """
    recipe, missing = within_reach(Recipe(shares, distilled=distilled))
    notes = tuple(f"left out of the mix: {each}" for each in missing)
    if data is None:
        return Material(Mix(recipe), RigSource("test"), notes)
    learnt = Replay(ClipSource(data, varied=varied), Mix(recipe), own)
    return Material(learnt, ClipSource(data, Split.HELD_BACK), notes)
