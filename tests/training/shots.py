"""Small things for these tests to measure: pictures, shots on disk, a made-up Caffe model."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genani.engines.api import CancelToken, Cost, EngineInfo
from genani.media.image import write_png
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest
from genani.scene.timing import inbetweening_order

SIZE = (40, 32)


def square(x: float, size: tuple[int, int] = SIZE) -> Picture:
    """A dark square of 10 pixels on clear paper, its left edge at x."""
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    pixels[10:20, round(x) : round(x) + 10] = (200, 30, 60, 255)
    return Picture(pixels)


def write_shot(folder: Path, name: str, frames: int, keys: list[int], category: str) -> None:
    """A shot of a square that moves 2 pixels a frame, and its entry in the manifest."""
    (folder / name).mkdir(parents=True)
    for i in range(frames):
        write_png(square(2 * i), folder / name / f"{i:03d}.png")
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_text()) if manifest.exists() else {"clips": []}
    content["clips"].append(
        {
            "id": name,
            "category": category,
            "path": name,
            "frames": frames,
            "width": SIZE[0],
            "height": SIZE[1],
            "keys": keys,
            "primary": "keys",
        }
    )
    manifest.write_text(json.dumps(content))


def edit_manifest(folder: Path, **changes: Any) -> None:
    """Change fields of the first clip; None takes a field away."""
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_text())
    content["clips"][0] |= changes
    for name in [name for name, value in changes.items() if value is None]:
        del content["clips"][0][name]
    manifest.write_text(json.dumps(content))


class Shifter:
    """An engine that draws the square where it belongs, off by some pixels."""

    info = EngineInfo("shifter", "Shifter", "Draws the square anew.")

    def __init__(self, off: int = 0) -> None:
        self.off = off
        self.requests: list[SpanRequest] = []

    def estimate(self, request: SpanRequest) -> Cost:  # noqa: ARG002 - the protocol's name
        return Cost(0.0, 0, "cpu")

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        self.requests.append(request)
        a, b = (int(np.argmax(key.pixels[15, :, 3])) for key in (request.first, request.last))
        for t in inbetweening_order(request.times):
            token.step(0.5, "an engine's own progress")
            yield InBetween(t, square(float(a + t * (b - a)) + self.off, request.size))


def field(number: int, body: bytes) -> bytes:
    """A protobuf field of bytes."""
    return varint(number << 3 | 2) + varint(len(body)) + body


def varint(value: int) -> bytes:
    """A protobuf whole number."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def caffemodel(layers: Mapping[str, list[NDArray[np.float32]]]) -> bytes:
    """A Caffe model file, written as Caffe does, with fields a reader must step over."""
    data = field(1, b"a network")
    for name, blobs in layers.items():
        body = field(1, name.encode()) + field(2, b"Convolution") + varint(10 << 3) + varint(300)
        body += varint(9 << 3 | 5) + b"\0\0\x80?" + varint(11 << 3 | 1) + b"\0" * 8
        for blob in blobs:
            shape = b"".join(varint(side) for side in blob.shape)
            body += field(7, field(5, blob.astype("<f4").tobytes()) + field(7, field(1, shape)))
        data += field(100, body)
    return data
