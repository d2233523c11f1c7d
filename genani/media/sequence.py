"""Numbered sequences: found by one of their files, read with holds, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

from natsort import natsorted

from genani.media import atomic, image
from genani.media.clip import Clip, Exposed, Tick, gathered, no_tick
from genani.media.files import shown, told
from genani.scene.errors import FileError
from genani.scene.picture import Picture, PictureId
from genani.scene.time import MAX_FRAME, Rate

_NUMBER = re.compile(r"[0-9]+")


class Gaps(StrEnum):
    """What to do about numbers that are missing inside a sequence."""

    ERROR = "error"
    """Refuse the sequence and say which are missing."""
    HOLD = "hold"
    """The drawing before stays."""
    BLACK = "black"
    """An opaque black picture."""
    BLANK = "blank"
    """An empty, transparent cel."""


@dataclass(frozen=True)
class FileSequence:
    """Files that differ only in one number.

    Attributes:
        folder: where they lie.
        prefix, suffix: the name before and after the number; the suffix has the extension.
        padding: digits the number is filled up to with zeros; 1 where it is not.
        files: the path of each frame number, in order of number.
    """

    folder: Path
    prefix: str
    suffix: str
    padding: int
    files: dict[int, Path]

    @property
    def first(self) -> int:
        """The lowest number."""
        return min(self.files)

    @property
    def last(self) -> int:
        """The highest number."""
        return max(self.files)

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers between first and last that have no file (not over a timeline's length)."""
        numbers = range(self.first, min(self.last, self.first + MAX_FRAME))
        return tuple(number for number in numbers if number not in self.files)

    @property
    def pattern(self) -> str:
        """The name with `#` for the digits, as in `run.####.png`."""
        return f"{self.prefix}{'#' * self.padding}{self.suffix}"


def find(path: Path) -> FileSequence | None:
    """The sequence that a file belongs to; None if it has no numbered neighbour.

    Any separator before the number will do, or none. Where a name has several numbers, the one
    that most neighbours differ in is the frame number (the last one when in doubt). The extension
    may differ in case. A minus sign is a separator: there are no negative frames.

    Raises:
        FileError: the folder cannot be read.
    """
    return _find(path, _names(path.parent))


def find_all(folder: Path) -> list[FileSequence]:
    """Every sequence of pictures in a folder, in natural order of name.

    Raises:
        FileError: it is not a folder, or cannot be read.
    """
    names = [name for name in _names(folder) if Path(name).suffix.lower() in image.EXTENSIONS]
    found: list[FileSequence] = []
    taken: set[Path] = set()
    for path in natsorted(folder / name for name in names):
        sequence = None if path in taken else _find(path, names)
        if sequence is not None:
            found.append(sequence)
            taken.update(sequence.files.values())
    return found


def _names(folder: Path) -> list[str]:
    with told(folder, "read"):
        return [entry.name for entry in os.scandir(folder) if entry.is_file()]


def _find(path: Path, names: list[str]) -> FileSequence | None:
    best: FileSequence | None = None
    for match in _NUMBER.finditer(path.stem):
        found = _siblings(path, match, names)
        if found and (best is None or len(found.files) >= len(best.files)):
            best = found
    return best if best and len(best.files) > 1 else None


def _siblings(path: Path, match: re.Match[str], names: list[str]) -> FileSequence | None:
    prefix, suffix = path.name[: match.start()], path.name[match.end() :]
    rest = suffix.removesuffix(path.suffix)
    pattern = re.compile(
        f"{re.escape(prefix)}([0-9]+){re.escape(rest)}(?i:{re.escape(path.suffix)})"
    )
    hits = [(hit[1], hit[0]) for name in names if (hit := pattern.fullmatch(name))]
    padding = _padding(match[0], [digits for digits, _ in hits])
    files: dict[int, Path] = {}
    # The clicked spelling of the extension comes last and so wins over its twin.
    for digits, name in sorted(hits, key=lambda hit: hit[1].endswith(suffix)):
        if _fits(digits, padding):
            files[int(digits)] = path.parent / name
    if not files:
        return None
    return FileSequence(path.parent, prefix, suffix, padding, dict(sorted(files.items())))


def _fits(digits: str, padding: int) -> bool:
    return len(digits) == padding or (len(digits) > padding and digits[0] != "0")


def _padding(clicked: str, all_digits: list[str]) -> int:
    """The width that the clicked number may be padded to and that most files share."""
    if clicked[0] == "0":
        return len(clicked)
    widths = range(1, len(clicked) + 1)
    return max(widths, key=lambda w: (sum(_fits(digits, w) for digits in all_digits), w))


def read(sequence: FileSequence, rate: Rate | None = None, gaps: Gaps = Gaps.HOLD) -> Clip:
    """The drawings of a sequence; files with equal pixels in a row become one longer exposure.

    Args:
        sequence: what `find` found.
        rate: frames a second; 24 if not given.
        gaps: what stands where numbers are missing.

    Raises:
        FileError: a file cannot be read, numbers are missing and `gaps` is `ERROR`, or the
            sequence is too long.
    """
    name = shown(sequence.folder / sequence.pattern)
    if sequence.last - sequence.first >= MAX_FRAME:
        raise FileError(
            f"'{name}' runs from {sequence.first} to {sequence.last}: a timeline has at most "
            f"{MAX_FRAME} frames"
        )
    missing = sequence.missing
    if missing and gaps is Gaps.ERROR:
        raise FileError(f"'{name}' has gaps: {_listed(missing)} missing")
    drawings = gathered(_each(sequence, gaps), name)
    return Clip(drawings, rate or Rate(), sequence.first, missing)


def _each(sequence: FileSequence, gaps: Gaps) -> Iterator[Exposed]:
    numbers = list(sequence.files)
    for number, following in zip(numbers, [*numbers[1:], numbers[-1] + 1], strict=True):
        picture = image.read(sequence.files[number])
        gap = following - number - 1
        if not gap or gaps is Gaps.HOLD:
            yield Exposed(picture, 1 + gap)
            continue
        yield Exposed(picture)
        empty = Picture.blank(*picture.size, picture.depth)
        yield Exposed(_black(empty) if gaps is Gaps.BLACK else empty, gap)


def _black(empty: Picture) -> Picture:
    pixels = empty.pixels.copy()
    pixels[..., 3] = empty.white
    return Picture(pixels)


def _listed(numbers: tuple[int, ...]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    texts = [f"{low}" if low == high else f"{low} to {high}" for low, high in runs]
    more = f" and {len(texts) - 5} more runs" if len(texts) > 5 else ""
    verb = "is" if len(numbers) == 1 else "are"
    return f"{', '.join(texts[:5])}{more} {verb}"


@dataclass(frozen=True)
class Naming:
    """How the files of a written sequence are called: `name.0001.png`.

    Attributes:
        name: what stands before the number.
        separator: what stands between name and number; may be empty.
        start: the number of the first file, 0 or more.
        padding: digits at least; more where the last number needs them, the same for all files.

    Raises:
        FileError: the name cannot be part of a file name, or a number is out of range.
    """

    name: str
    separator: str = "."
    start: int = 1
    padding: int = 4

    def __post_init__(self) -> None:
        if re.search(r'[/\\:*?"<>|\x00-\x1f]', self.name + self.separator):
            raise FileError(f"'{shown(self.name + self.separator)}' cannot be part of a file name")
        if not 0 <= self.start <= MAX_FRAME or not 1 <= self.padding <= 12:
            raise FileError(
                f"a sequence starts at 0 to {MAX_FRAME} and has 1 to 12 digits, "
                f"not {self.start} and {self.padding}"
            )

    def files(self, count: int) -> list[str]:
        """The names of a run of so many files."""
        width = max(self.padding, len(str(self.start + count - 1)))
        numbers = range(self.start, self.start + count)
        return [f"{self.name}{self.separator}{number:0{width}d}.png" for number in numbers]


def write(
    drawings: Sequence[Exposed],
    rate: Rate,
    folder: Path,
    naming: Naming,
    drawings_only: bool = False,
    tick: Tick = no_tick,
) -> list[Path]:
    """Write a numbered PNG sequence; all files appear together, or none.

    Files already in the folder stay, unless they have the very names that are written.

    Args:
        drawings: what to write, at the depth and with the profile it has.
        rate: frames a second, noted in the sheet of `drawings_only`.
        folder: where to; made when missing.
        naming: how the files are called.
        drawings_only: write every different drawing once, numbered in order of first use, and
            beside them `name.json`, a sheet that says which drawing is exposed when.
        tick: called before each drawing; what it raises stops the writing and leaves nothing.

    Returns:
        The files, in order of number, the sheet last.

    Raises:
        FileError: the folder cannot be written, or the disk is full.
    """
    with atomic.folder(folder) as staged:
        if drawings_only:
            _write_drawings(drawings, rate, staged.path, naming, tick)
        else:
            names = iter(naming.files(sum(drawing.frames for drawing in drawings)))
            for drawing in drawings:
                tick()
                data = image.encode_png(drawing.picture)
                for name in islice(names, drawing.frames):
                    (staged.path / name).write_bytes(data)
    return sorted(staged.written, key=lambda path: path.suffix != ".png")


def _write_drawings(
    drawings: Sequence[Exposed],
    rate: Rate,
    folder: Path,
    naming: Naming,
    tick: Tick,
) -> None:
    order: dict[PictureId, int] = {}
    for drawing in drawings:
        order.setdefault(drawing.picture.id, len(order))
    names = naming.files(len(order))
    cells: list[dict[str, int | str]] = []
    frame = 1
    for drawing in drawings:
        tick()
        name = names[order[drawing.picture.id]]
        if not (folder / name).exists():
            (folder / name).write_bytes(image.encode_png(drawing.picture))
        cells.append({"frame": frame, "exposure": drawing.frames, "drawing": name})
        frame += drawing.frames
    sheet = {"rate": str(rate.fraction), "frames": frame - 1, "cells": cells}
    text = json.dumps(sheet, indent=1)
    (folder / f"{naming.name}.json").write_text(text + "\n", "utf-8")
