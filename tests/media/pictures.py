"""Small drawn pictures and files made by hand, for the tests of this folder."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ImageCms

from genani.media import ffmpeg
from genani.media.clip import Exposed
from genani.scene.picture import Picture

RED, GREEN = (200, 30, 40), (20, 180, 60)


def icc() -> bytes:
    """A real RGB profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def linear_profile(space: str) -> bytes:
    """The smallest `GRAY` or `RGB ` ICC profile: linear light, sRGB primaries."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, 256, 0)
    tags = {b"wtpt": xyz(0.9642, 1, 0.8249)}
    if space == "GRAY":
        tags[b"kTRC"] = curve
    else:
        tags |= {b"rXYZ": xyz(0.4361, 0.2225, 0.0139), b"gXYZ": xyz(0.3851, 0.7169, 0.0971)}
        tags |= {b"bXYZ": xyz(0.1431, 0.0606, 0.7141)}
        tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    table, at = struct.pack(">I", len(tags)), 132 + 12 * len(tags)
    for name, body in tags.items():
        table += name + struct.pack(">II", at, len(body))
        at += len(body)
    head = bytearray(128)
    head[0:4] = struct.pack(">I", at)
    head[8:24] = bytes.fromhex("02100000") + b"mntr" + space.encode() + b"XYZ "
    head[36:40] = b"acsp"
    head[68:80] = xyz(0.9642, 1, 0.8249)[8:]
    return bytes(head) + table + b"".join(tags.values())


def noise(width: int = 7, height: int = 5, depth: int = 8, seed: int = 0) -> Picture:
    """Every value random, hidden colours too."""
    high, kind = (65536, np.uint16) if depth == 16 else (256, np.uint8)
    values = np.random.default_rng(seed).integers(0, high, (height, width, 4))
    return Picture(values.astype(kind))


def cel(at: int, width: int = 40, height: int = 30) -> Picture:
    """A red square at a column, with a half-transparent green one below it, on nothing."""
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[4:14, at : at + 10] = (*RED, 255)
    pixels[16:24, at : at + 8] = (*GREEN, 128)
    return Picture(pixels)


def on_twos(drawings: int = 12) -> list[Exposed]:
    return [Exposed(cel(at), 2) for at in range(drawings)]


def opaque(at: int, width: int = 40, height: int = 30) -> Picture:
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[4:14, at : at + 10] = (*RED, 255)
    return Picture(pixels)


def visible(picture: Picture) -> NDArray[Any]:
    """Pixels with hidden colours set to 0."""
    return np.where(picture.pixels[..., 3:] > 0, picture.pixels, 0)


def png(
    values: NDArray[np.unsignedinteger[Any]], colour_type: int, bits: int, extra: bytes = b""
) -> bytes:
    """A PNG of (height, width, channels) values at 8 or 16 bits."""
    height, width = values.shape[:2]
    raw = b"".join(b"\0" + row.astype(">u2" if bits == 16 else "u1").tobytes() for row in values)
    return png_file(width, height, bits, colour_type, raw, extra)


def png_file(
    width: int, height: int, bits: int, colour_type: int, raw: bytes, extra: bytes = b""
) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    chunks = chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(raw))
    return b"\x89PNG\r\n\x1a\n" + chunks + chunk(b"IEND", b"")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def tiff(values: NDArray[np.unsignedinteger[Any]], **tags: int) -> bytes:
    """An uncompressed TIFF of (height, width, channels) values; tags are named t262=2."""
    height, width, channels = values.shape
    bits = values.itemsize * 8
    planes = channels if tags.get("t284", 1) == 2 else 1
    ordered = np.moveaxis(values, 2, 0) if planes > 1 else values
    data = ordered.astype(f"<u{values.itemsize}").tobytes()
    fields: dict[int, tuple[str, list[int]]] = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [bits] * channels),
        259: ("H", [1]),
        262: ("H", [2 if channels >= 3 else 1]),
        273: ("I", [0] * planes),
        277: ("H", [channels]),
        278: ("I", [height]),
        279: ("I", [len(data) // planes] * planes),
        284: ("H", [1]),
    }
    fields |= {int(name[1:]): ("H", [value]) for name, value in tags.items()}
    start = 8 + 2 + 12 * len(fields) + 4
    spare = sum(len(v) * struct.calcsize(k) for k, v in fields.values())
    fields[273] = ("I", [start + spare + plane * (len(data) // planes) for plane in range(planes)])
    entries = blob = b""
    for tag, (kind, numbers) in sorted(fields.items()):
        raw = struct.pack(f"<{len(numbers)}{kind}", *numbers)
        entries += struct.pack("<HHI", tag, {"H": 3, "I": 4}[kind], len(numbers))
        if len(raw) <= 4:
            entries += raw.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", start + len(blob))
            blob += raw
    head = b"II*\0" + struct.pack("<IH", 8, len(fields))
    return head + entries + b"\0\0\0\0" + blob.ljust(spare, b"\0") + data


def by_ffmpeg(path: Path, width: int, height: int) -> NDArray[np.uint8]:
    """The frames of an animation as another program decodes them: (frames, height, width, 4)."""
    out = ["-fps_mode", "passthrough", "-pix_fmt", "rgba", "-f", "rawvideo", "-"]
    with ffmpeg.running([*ffmpeg.source(path), *out], writes=True) as run:
        assert run.stdout is not None
        raw = run.stdout.read()
        assert run.finish() == 0, run.log
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 4)


def gif_delays(path: Path) -> list[int]:
    """The stored delays of a GIF in hundredths of a second, found by walking its blocks."""
    data = path.read_bytes()
    at = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 128 else 0)
    delays: list[int] = []
    while data[at] != 0x3B:
        if data[at] == 0x21:
            if data[at + 1] == 0xF9:
                delays.append(struct.unpack_from("<H", data, at + 4)[0])
            at += 2
        else:
            assert data[at] == 0x2C
            at += 11
        while data[at]:
            at += data[at] + 1
        at += 1
    assert at == len(data) - 1
    return delays


@st.composite
def small_pictures(draw: st.DrawFn, depth: int | None = None) -> Picture:
    """Random pictures of a few pixels."""
    width, height = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    bits = depth or draw(st.sampled_from([8, 16]))
    seed = draw(st.integers(0, 1 << 30))
    picture = noise(width, height, bits, seed)
    return Picture(picture.pixels, draw(st.sampled_from([b"", icc()])))


@st.composite
def animations(draw: st.DrawFn, most: int = 6) -> list[Exposed]:
    """Random short animations in a few colours, empty and held drawings among them."""
    width, height = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    colours = np.array([(0, 0, 0, 0), (*RED, 255), (*GREEN, 255), (255, 255, 255, 255)], np.uint8)
    drawings: list[Exposed] = []
    for _ in range(draw(st.integers(1, most))):
        seed, empty = draw(st.integers(0, 1 << 20)), draw(st.integers(0, 4)) == 0
        indices = np.random.default_rng(seed).integers(0, 4, (height, width))
        pixels = colours[np.zeros_like(indices) if empty else indices]
        drawings.append(Exposed(Picture(pixels), draw(st.integers(1, 5))))
    return drawings
