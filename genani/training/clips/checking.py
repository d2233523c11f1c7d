"""`genani clips check`: is a data set whole, and if not, what is wrong where."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from genani.media import image
from genani.media.files import read_all, shown, told
from genani.scene.errors import FileError
from genani.training.clips import dataset, records
from genani.training.clips.dataset import LOCK, NOTE, SCHEMA, DataSet
from genani.training.clips.records import RECORD, Outline

_HEADER = 24
_PNG = b"\x89PNG\r\n\x1a\n"

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Problem:
    """Something that is wrong.

    Attributes:
        clip: in which clip; empty where it is the data set as a whole.
        what: in words.
        minor: True where training can go on all the same.
    """

    clip: str
    what: str
    minor: bool = False

    def __str__(self) -> str:
        return f"{self.clip}: {self.what}" if self.clip else self.what


@dataclass(frozen=True)
class Checked:
    """The state of a data set.

    Attributes:
        clips, frames: how many there are.
        annotated, labelled: clips that were looked at, and those with an emotion.
        problems: what is wrong.
    """

    clips: int
    frames: int
    annotated: int
    labelled: int
    problems: tuple[Problem, ...]


def check(folder: Path, progress: Progress, deep: bool = False) -> Checked:
    """Look through a data set.

    Args:
        folder: the data set.
        progress: told of the share done and the clip; may raise to stop.
        deep: decode every frame; else only their headers are read.

    Raises:
        FileError: there is no data set, or its folder cannot be read.
    """
    data = dataset.read(folder)
    problems = [
        Problem("", f"'{file}' cannot be trained on: {why}", minor=True)
        for file, why in data.forbidden()
    ]
    clips = frames = annotated = labelled = 0
    with told(folder, "read"):
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    for number, entry in enumerate(entries):
        if entry.name.startswith("."):
            continue
        if not entry.is_dir():
            if entry.name not in (NOTE, SCHEMA, LOCK):
                problems.append(Problem("", f"'{shown(entry.name)}' is no clip", minor=True))
            continue
        progress(number / len(entries), entry.name)
        outline, found = _clip(data, entry.name, deep)
        problems.extend(found)
        if outline is not None:
            clips += 1
            frames += len(outline.frames)
            annotated += outline.annotated
            labelled += bool(outline.emotion.label)
    if not clips and not problems:
        problems.append(Problem("", "it holds no clips"))
    return Checked(clips, frames, annotated, labelled, tuple(problems))


def _clip(data: DataSet, name: str, deep: bool) -> tuple[Outline | None, list[Problem]]:
    folder = data.folder / name
    shown_name = shown(name)
    if not (folder / RECORD).is_file():
        return None, [Problem(shown_name, f"it has no {RECORD}")]
    try:
        data_read = read_all(folder / RECORD)
        outline = records.decode_outline(data_read, RECORD)
    except FileError as error:
        return None, [Problem(shown_name, str(error))]
    problems = [Problem(shown_name, what) for what in _record(data, outline, name)]
    problems += [
        Problem(shown_name, what, minor) for what, minor in _frames(data, outline, folder, deep)
    ]
    return outline, problems


def _record(data: DataSet, outline: Outline, name: str) -> Iterator[str]:
    if outline.clip_id != name:
        yield f"its record is of the clip '{shown(outline.clip_id)}'"
    if len(set(outline.frames)) < len(outline.frames):
        yield "its record has a frame twice"
    if outline.frames != sorted(outline.frames):
        yield "the frames of its record are out of order"
    if (wrong := records.emotion_wrong(outline.emotion)) is not None:
        yield wrong
    yield from records.faces_wrong(bytes(outline.landmarks), outline.frames, data.size)
    for blink in outline.blinks:
        if blink.frame + blink.length - 1 > len(outline.frames):
            yield f"a blink at frame {blink.frame} goes on after the last frame"


def _frames(
    data: DataSet, outline: Outline, folder: Path, deep: bool
) -> Iterator[tuple[str, bool]]:
    """What is wrong with the frames, and whether that is minor."""
    there = {entry.name for entry in os.scandir(folder)}
    for name in dict.fromkeys(outline.frames):
        if name not in there:
            yield f"the frame '{name}' is missing", False
            continue
        try:
            size = image.read(folder / name).size if deep else _size(folder / name)
        except FileError as error:
            yield str(error), False
            continue
        if size != data.size:
            yield (
                "the frame '{}' has {} x {} pixels, not {} x {}".format(name, *size, *data.size),
                False,
            )
    strange = sorted(n for n in there - set(outline.frames) if n.lower().endswith(".png"))
    if strange:
        yield f"'{shown(strange[0])}' is in no record", True


def _size(path: Path) -> tuple[int, int]:
    """Width and height by a PNG's header.

    Raises:
        FileError: it is no PNG, or cannot be read.
    """
    with told(path, "read"), path.open("rb") as opened:
        head = opened.read(_HEADER)
    if len(head) < _HEADER or not head.startswith(_PNG):
        raise FileError(f"the frame '{path.name}' is no PNG, or was cut short")
    width, height = struct.unpack(">II", head[16:24])
    return width, height
