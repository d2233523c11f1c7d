"""Held-back clips of a data set as shots with known in-betweens."""

from __future__ import annotations

from pathlib import Path

from genani.media.files import shown
from genani.scene.errors import FileError
from genani.training.clips import dataset
from genani.training.clips.records import Outline
from genani.training.evaluation.clips import Clip

KEY_EVERY = 8
"""Frames from key to key, as an animator on ones or twos would draw them."""

UNTOLD = "no emotion"
"""Category of clips that nobody has labelled."""


def held_back(folder: Path, category: str | None = None) -> tuple[Clip, ...]:
    """The clips of a data set that no training looks at; the emotion is the category.

    Args:
        folder: the data set.
        category: only clips of this emotion.

    Raises:
        FileError: there is no data set, it is damaged, or it holds back no such clip.
    """
    data = dataset.read(folder)
    every = [dataset.read_outline(folder / name) for name in dataset.clip_ids(folder)]
    _, held = dataset.split([clip for clip in every if len(clip.frames) > 2])
    clips = [_clip(data, clip) for clip in held if not clip.augmented_from]
    if not clips:
        raise FileError(
            f"'{shown(folder)}' holds back no clips to measure by: that takes two at least"
        )
    chosen = tuple(clip for clip in clips if category in (None, clip.category))
    if not chosen:
        known = ", ".join(sorted({clip.category for clip in clips}))
        raise FileError(f"no held-back clip is of the category '{category}'; there are {known}")
    return chosen


def _clip(data: dataset.DataSet, clip: Outline) -> Clip:
    place = data.clip_folder(clip.clip_id)
    last = len(clip.frames) - 1
    keys = [*range(0, last, KEY_EVERY), last]
    # A last span of one frame has nothing to draw; the one before takes it in.
    if len(keys) > 2 and keys[-1] - keys[-2] == 1:
        keys.pop(-2)
    frames = tuple(place / name for name in clip.frames)
    return Clip(clip.clip_id, clip.emotion.label or UNTOLD, frames, tuple(keys), data.size)
