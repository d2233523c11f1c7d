"""Animated PNG out: exact pixels at 8 or 16 bits, exact times."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from genani.media import atomic, image
from genani.media.changes import PIXEL, Box, changed, cut
from genani.media.clip import Exposed, Tick, no_tick, same_size
from genani.media.colour import to_16
from genani.media.options import ExportOptions
from genani.media.timing import milliseconds
from genani.scene.picture import Picture
from genani.scene.time import Rate

_MAX_DELAY = 65_535
_SIGNATURE = 8
Delay = tuple[int, int]
"""A part of a second as numerator and denominator."""
Chunk = tuple[bytes, bytes]


def write(
    drawings: Sequence[Exposed],
    rate: Rate,
    path: Path,
    options: ExportOptions,
    tick: Tick = no_tick,
) -> None:
    """Write an animated PNG; the file appears whole or not at all.

    Every drawing comes back bit for bit, hidden colours included: 16 bits if any drawing has them,
    and with the profile if all share one. Only what changes from drawing to drawing is stored.
    Delays are exact fractions of a second (for rates over 65 535 units, whole milliseconds without
    drift).

    Args:
        drawings: all of one size, and one profile; gone through twice.
        rate: frames a second.
        path: the file.
        options: loops.
        tick: called once a drawing.

    Raises:
        PictureError: the drawings differ in size.
        FileError: the file cannot be written.
    """
    deep = any(drawing.picture.depth == 16 for drawing in drawings)
    delays = _delays(drawings, rate)
    with atomic.file(path) as temporary, temporary.open("wb") as out:
        frames = _Frames(out, sum(len(each) for each in delays), options.loops)
        for drawing, pieces in zip(same_size(drawings), delays, strict=True):
            tick()
            picture = drawing.picture
            frames.add(Picture(to_16(picture.pixels), picture.icc) if deep else picture, pieces)
        out.write(image.png_chunk(b"IEND", b""))


def _delays(drawings: Sequence[Exposed], rate: Rate) -> list[list[Delay]]:
    """For each drawing the exact delays of its frames: more than one where one cannot hold it."""
    per_second, most = rate.numerator, _MAX_DELAY // rate.denominator
    lengths = [drawing.frames for drawing in drawings]
    step = rate.denominator
    if per_second > _MAX_DELAY or not most:
        per_second, most, step = 1000, _MAX_DELAY, 1
        lengths = milliseconds(drawings, rate)
    return [
        [(min(most, length - at) * step, per_second) for at in range(0, length, most)] or [(0, 1)]
        for length in lengths
    ]


class _Frames:
    """Writes PNG pictures as the frames of one animation."""

    def __init__(self, out: BinaryIO, frames: int, loops: int) -> None:
        self._out = out
        self._frames = frames
        self._loops = loops
        self._number = 0
        self._before: Picture | None = None

    def add(self, picture: Picture, delays: list[Delay]) -> None:
        """Show a picture for one delay after the other."""
        box = changed(self._before, picture)
        for delay in delays:
            chunks = _chunks(image.encode_png(cut(picture, box)))
            if self._before is None:
                self._begin(chunks)
                self._before = picture
            self._write(chunks, box, delay)
            # Shown longer by drawing one of its pixels once more.
            box = PIXEL
        self._before = picture

    def _begin(self, chunks: list[Chunk]) -> None:
        self._out.write(b"\x89PNG\r\n\x1a\n")
        for kind, body in chunks:
            if kind not in (b"IDAT", b"IEND"):
                self._out.write(image.png_chunk(kind, body))
        control = struct.pack(">II", self._frames, self._loops)
        self._out.write(image.png_chunk(b"acTL", control))

    def _write(self, chunks: list[Chunk], box: Box, delay: Delay) -> None:
        left, top, width, height = box
        first = not self._number
        place = (self._next(), width, height, left, top, *delay)
        # Leave each frame standing, and replace pixels rather than blend with what is there.
        self._out.write(image.png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", *place, 0, 0)))
        for kind, body in chunks:
            if kind == b"IDAT" and first:
                self._out.write(image.png_chunk(kind, body))
            elif kind == b"IDAT":
                self._out.write(image.png_chunk(b"fdAT", struct.pack(">I", self._next()) + body))

    def _next(self) -> int:
        self._number += 1
        return self._number - 1


def _chunks(png: bytes) -> list[Chunk]:
    found: list[Chunk] = []
    at = _SIGNATURE
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        found.append((kind, png[at + 8 : at + 8 + length]))
        at += 12 + length
    return found
