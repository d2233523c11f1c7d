"""Animated GIF out: one shared palette, exact total time, no trails.

The container is written here and not by Pillow, which writes a second file header in the middle
of the animation when a frame after the first is empty, and keeps all frames in memory.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genani.media import atomic
from genani.media.changes import box
from genani.media.clip import Exposed, Tick, no_tick, same_size
from genani.media.colour import WHITE, Pixels8, over, to_8, to_srgb
from genani.media.files import shown
from genani.media.options import ExportOptions
from genani.media.palette import ColourCount, Mapper, build, packed
from genani.media.timing import centiseconds
from genani.scene.errors import FileError
from genani.scene.picture import Picture
from genani.scene.time import Rate

_MAX_SIDE = 65_535
_MAX_DELAY = 65_535
_KEEP, _CLEAR = 1, 2
"""Disposal: leave the frame standing, or clear its rectangle before the next."""

Indices = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def write(
    drawings: Sequence[Exposed],
    rate: Rate,
    path: Path,
    options: ExportOptions,
    tick: Tick = no_tick,
) -> None:
    """Write an animated GIF; the file appears whole or not at all.

    Times are cut to hundredths of a second so that each drawing starts as near to its true time
    as a GIF allows and the whole lasts what it should (24 frames at 24 fps: 1000 ms). Drawings
    that look alike in the palette are merged; above 100 fps, those that would last 0 are left out.

    Args:
        drawings: all of one size; gone through twice.
        rate: frames a second.
        path: the file.
        options: alpha, matte, threshold, colours, dither, loops.
        tick: called twice a drawing.

    Raises:
        PictureError: the drawings differ in size.
        FileError: the size is over what a GIF holds, or the file cannot be written.
    """
    with atomic.file(path) as temporary, temporary.open("wb") as out:
        encode(drawings, rate, out, options, tick, shown(path))


def encode(
    drawings: Sequence[Exposed],
    rate: Rate,
    out: BinaryIO,
    options: ExportOptions,
    tick: Tick = no_tick,
    name: str = "the GIF",
) -> None:
    """Write the bytes of a GIF to an open file; else as `write`."""
    count, clear = ColourCount(), False
    size = (0, 0)
    for drawing in same_size(drawings):
        tick()
        size = drawing.picture.size
        rgb, drawn = _flat(drawing.picture, options)
        count.add(packed(rgb)[drawn])
        clear = clear or not bool(drawn.all())
    if not 0 < max(size) <= _MAX_SIDE:
        raise FileError(f"cannot write '{name}': a GIF is 1 to {_MAX_SIDE} pixels on a side")
    entries = build(count, max(1, options.colours - clear))
    transparent = len(entries) if clear else None
    _write_header(out, size, entries, options.loops)
    _write_frames(
        out,
        _mapped(drawings, rate, options, Mapper(entries, options.dither), tick, transparent),
        transparent,
    )
    out.write(b";")


def _flat(picture: Picture, options: ExportOptions) -> tuple[Pixels8, Mask]:
    """Opaque colours, and where they are drawn."""
    pixels = to_8(to_srgb(picture))
    if not options.alpha:
        return to_8(over(pixels, options.matte or WHITE)), np.ones(pixels.shape[:2], np.bool_)
    drawn = pixels[..., 3] >= options.threshold
    if options.matte is None:
        return pixels[..., :3], drawn
    return to_8(over(pixels, options.matte)), drawn


def _mapped(
    drawings: Sequence[Exposed],
    rate: Rate,
    options: ExportOptions,
    mapper: Mapper,
    tick: Tick,
    transparent: int | None,
) -> Iterator[tuple[Indices, int]]:
    """Palette indices and hundredths of a second; neighbours differ, no time is 0."""
    held: Indices | None = None
    time = 0
    for drawing, delay in zip(drawings, centiseconds(drawings, rate), strict=True):
        tick()
        if not delay:
            continue
        rgb, drawn = _flat(drawing.picture, options)
        if transparent is not None:
            # A colour of the palette where nothing is drawn: no error to diffuse from there.
            rgb = np.where(drawn[..., None], rgb, mapper.entries[0])
        indices = mapper.indices(rgb)
        if transparent is not None:
            indices = np.where(drawn, indices, np.uint8(transparent))
        if held is not None and np.array_equal(held, indices):
            time += delay
            continue
        if held is not None:
            yield held, time
        held, time = indices, delay
    if held is not None:
        yield held, time


def _write_header(out: BinaryIO, size: tuple[int, int], entries: Pixels8, loops: int) -> None:
    # Always the full table: Pillow's encoder writes 8-bit codes whatever the palette.
    table = np.zeros((256, 3), np.uint8)
    table[: len(entries)] = entries
    out.write(b"GIF89a" + struct.pack("<HHBBB", *size, 0xF7, 0, 0) + table.tobytes())
    if loops != 1:
        repeats = max(0, loops - 1)
        out.write(b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<HB", repeats, 0))


def _write_frames(
    out: BinaryIO, frames: Iterator[tuple[Indices, int]], transparent: int | None
) -> None:
    before: Indices | None = None
    for indices, time in frames:
        # With transparency each frame is cleared away by itself, so nothing can leave a trail;
        # opaque frames stay, and only what changed is written over them.
        if transparent is not None:
            left, top, width, height = box(indices != transparent)
        elif before is not None:
            left, top, width, height = box(indices != before)
        else:
            left, top, width, height = 0, 0, indices.shape[1], indices.shape[0]
        before = indices
        part = np.ascontiguousarray(indices[top : top + height, left : left + width])
        data = _compressed(part)
        disposal = _KEEP if transparent is None else _CLEAR
        flags = disposal << 2 | (transparent is not None)
        while time > 0:
            delay = min(time, _MAX_DELAY)
            out.write(b"!\xf9\x04" + struct.pack("<BHBB", flags, delay, transparent or 0, 0))
            out.write(b"," + struct.pack("<HHHHB", left, top, width, height, 0))
            out.write(data)
            time -= delay


def _compressed(indices: Indices) -> bytes:
    image = Image.frombytes("P", (indices.shape[1], indices.shape[0]), indices.tobytes())
    return b"\x08" + image.tobytes("gif", "P", 8, 0) + b"\0"


def estimate(
    drawings: Sequence[Exposed], rate: Rate, options: ExportOptions, samples: int = 6
) -> int:
    """About how many bytes the GIF would have, from a few drawings spread over the whole.

    Args:
        drawings, rate, options: as for `write`.
        samples: drawings that are really compressed; with as many as there are, it is exact.
    """
    if len(drawings) <= samples:
        picked = list(drawings)
    else:
        picked = [drawings[round(at)] for at in np.linspace(0, len(drawings) - 1, samples)]
    out = io.BytesIO()
    encode(picked, rate, out, options)
    head = 13 + 768 + 19
    return head + round((out.tell() - head) * len(drawings) / max(1, len(picked)))
