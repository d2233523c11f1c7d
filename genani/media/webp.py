"""Animated WebP out: soft edges, lossless or lossy, times in milliseconds without drift.

The frames are compressed by Pillow, the container is written here: libwebp's own animation writer
changes the colours of transparent pixels, and Pillow hands it all frames at once.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from genani.media import atomic
from genani.media.changes import PIXEL, Box, changed, cut
from genani.media.clip import Exposed, Tick, no_tick, same_size
from genani.media.colour import to_8
from genani.media.files import shown
from genani.media.options import ExportOptions
from genani.media.timing import milliseconds
from genani.scene.errors import FileError
from genani.scene.picture import Picture
from genani.scene.time import Rate

_MAX_SIDE = 16_383
_MAX_DELAY = (1 << 24) - 1
_HAS_ICC, _HAS_ALPHA, _HAS_FRAMES = 0x20, 0x10, 0x02
_REPLACE = 0x02
"""Frame flag: replace pixels rather than blend with what is there; the frame is left standing."""


def write(
    drawings: Sequence[Exposed],
    rate: Rate,
    path: Path,
    options: ExportOptions,
    tick: Tick = no_tick,
) -> None:
    """Write an animated WebP; the file appears whole or not at all.

    Lossless pixels come back bit for bit at 8 bits, hidden colours included. Only what changes
    from drawing to drawing is stored.

    Args:
        drawings: all of one size, and one profile; gone through once.
        rate: frames a second.
        path: the file.
        options: lossless, quality, loops.
        tick: called once a drawing.

    Raises:
        PictureError: the drawings differ in size.
        FileError: a side is over 16383 pixels, or the file cannot be written.
    """
    size = drawings[0].picture.size
    if max(size) > _MAX_SIDE:
        raise FileError(
            f"cannot write '{shown(path)}': a WebP is at most {_MAX_SIDE} pixels on a side, "
            f"not {size[0]} x {size[1]}"
        )
    with atomic.file(path) as temporary, temporary.open("wb") as out:
        _write_head(out, drawings[0].picture, options.loops)
        before: Picture | None = None
        times = milliseconds(drawings, rate)
        for drawing, time in zip(same_size(drawings), times, strict=True):
            tick()
            picture = Picture(to_8(drawing.picture.pixels), drawing.picture.icc)
            part = _even(changed(before, picture))
            before = picture
            for delay in _pieces(time):
                _write_frame(out, cut(picture, part), part, delay, options)
                part = PIXEL
        length = out.tell()
        out.seek(4)
        out.write(struct.pack("<I", length - 8))


def _write_head(out: BinaryIO, picture: Picture, loops: int) -> None:
    flags = _HAS_FRAMES | _HAS_ALPHA | (_HAS_ICC if picture.icc else 0)
    out.write(b"RIFF\0\0\0\0WEBP")
    size = _u24(picture.width - 1) + _u24(picture.height - 1)
    _write_chunk(out, b"VP8X", struct.pack("<I", flags) + size)
    if picture.icc:
        _write_chunk(out, b"ICCP", picture.icc)
    _write_chunk(out, b"ANIM", struct.pack("<IH", 0, loops))


def _write_frame(
    out: BinaryIO, picture: Picture, part: Box, delay: int, options: ExportOptions
) -> None:
    left, top, width, height = part
    place = b"".join(_u24(value) for value in (left // 2, top // 2, width - 1, height - 1, delay))
    image = Image.frombuffer("RGBA", picture.size, picture.pixels, "raw", "RGBA", 0, 1)
    still = io.BytesIO()
    # Exact keeps hidden colours; where pixels may change anyway, hiding them saves space.
    image.save(
        still,
        "WEBP",
        lossless=options.lossless,
        quality=70 if options.lossless else options.quality,
        method=4,
        exact=options.lossless,
    )
    body = io.BytesIO()
    body.write(place + bytes([_REPLACE]))
    for kind, data in _chunks(still.getvalue()):
        if kind in (b"ALPH", b"VP8 ", b"VP8L"):
            _write_chunk(body, kind, data)
    _write_chunk(out, b"ANMF", body.getvalue())


def _pieces(time: int) -> Iterator[int]:
    while time > 0:
        yield min(time, _MAX_DELAY)
        time -= _MAX_DELAY


def _even(part: Box) -> Box:
    """The box grown so that it starts at even numbers, as the format demands."""
    left, top, width, height = part
    return left - left % 2, top - top % 2, width + left % 2, height + top % 2


def _u24(value: int) -> bytes:
    return value.to_bytes(3, "little")


def _write_chunk(out: BinaryIO, kind: bytes, body: bytes) -> None:
    out.write(kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2))


def _chunks(riff: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(riff):
        kind, length = struct.unpack_from("<4sI", riff, at)
        yield kind, riff[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
