"""Sixteen drawings in a row, cut from clips or films, with words for what they show."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from genani.engines.inbetween.tooncrafter.prompts import felt
from genani.media import image
from genani.media.clip import merged
from genani.media.files import shown
from genani.scene.errors import FileError
from genani.scene.face import Emotion, FaceGuidance
from genani.scene.picture import Picture
from genani.training.clips import dataset, footage
from genani.training.clips.shots import RATE

FRAMES = 16
"""What the model draws at once, and the only length it learns well."""

_STEP = 8
"""Drawings from the beginning of one window to that of the next."""

_FEWEST = 3
"""Different drawings without which nothing moves."""

_SLOWEST, _FASTEST = 5, 30
"""Frame rates that the model is told of."""

_HELD = 0.1

_NO_SET = ".no-data-set"
"""Nothing in the folder is left out."""


@dataclass(frozen=True)
class Window:
    """Sixteen drawings in a row.

    Attributes:
        pictures: in order.
        caption: what they show, in English words.
        fs: drawings a second.
        held: kept back to judge by.
    """

    pictures: tuple[Picture, ...]
    caption: str
    fs: int
    held: bool

    @property
    def digest(self) -> str:
        """Of pictures, words and rate: the same window has the same, anywhere."""
        told = "\n".join((*(str(each.id) for each in self.pictures), self.caption, str(self.fs)))
        return hashlib.sha256(told.encode()).hexdigest()


def windows(data: Path, prompt: str) -> Iterator[Window]:
    """The windows of a data set (`genani clips import`), or of any folder with films in it.

    A text beside a film, of its name and with `.txt`, says what it shows; clips of a data set are
    told by their emotion. Windows of one clip are kept back together.

    Args:
        prompt: words for all of them.

    Raises:
        FileError: nothing there, damaged, or a clip's pictures differ in size.
    """
    if (data / dataset.NOTE).is_file():
        yield from _of_set(data, prompt)
        return
    for film in footage.films(data, data / _NO_SET):
        caption = _beside(film.path) or prompt
        name = film.path.relative_to(data).as_posix() if film.path != data else film.path.name
        yield from _cut(list(film.pictures()), caption, dataset.is_held_back(name, _HELD))


def _of_set(data: Path, prompt: str) -> Iterator[Window]:
    opened = dataset.read(data)
    every = [dataset.read_outline(data / name) for name in dataset.clip_ids(data)]
    _, kept = dataset.split(every, _HELD)
    back = {clip.clip_id for clip in kept}
    for clip in every:
        if clip.clip_id in back and clip.augmented_from:
            continue
        folder = opened.clip_folder(clip.clip_id)
        pictures = [image.read(folder / name) for name in clip.frames]
        label = clip.emotion.label
        face = FaceGuidance(Emotion(label), clip.emotion.intensity) if label else None
        yield from _cut(pictures, felt(prompt, 1.0, face)[0], clip.clip_id in back)


def _cut(frames: Sequence[Picture], caption: str, held: bool) -> Iterator[Window]:
    """Windows over the drawings of a clip, holds left out where that leaves enough."""
    drawings = [drawing.picture for drawing in merged(frames)]
    if len(drawings) < _FEWEST:
        return
    row = drawings if len(drawings) >= FRAMES else list(frames)
    fs = min(max(RATE * len(row) // max(len(frames), 1), _SLOWEST), _FASTEST)
    for start in range(0, len(row) - FRAMES + 1, _STEP):
        pictures = tuple(row[start : start + FRAMES])
        if len({each.size for each in pictures}) > 1:
            raise FileError("the pictures of a clip must have one size")
        yield Window(pictures, caption, fs, held)


def _beside(film: Path) -> str:
    place = film.with_suffix(".txt") if film.is_file() else film / "caption.txt"
    if not place.is_file():
        return ""
    try:
        return place.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"'{shown(place)}' cannot be read as text") from error
