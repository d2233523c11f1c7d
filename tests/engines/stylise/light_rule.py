"""The light CartoonGAN's graph evaluated by plain numpy, in float64, and a writer of checkpoints.

Written from the graph that its authors have published with the weights (saved_model.pb): zero
padding, normalisation over all channels together with 0.001 added to the spread, bilinear doubling
without half-pixel centres. Everything is (H, W, C).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani.engines.stylise.tensor_bundle import checksum, masked

Array = NDArray[np.float64]
SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"

MAGIC = 0xDB4775248B80FB57


class Light:
    """The network, by the names of the checkpoint's tensors."""

    def __init__(self, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        self.tensors = {
            name.removesuffix(SUFFIX): np.asarray(each, np.float64)
            for name, each in tensors.items()
        }
        self.blocks = len({name.split("/")[1] for name in self.tensors if "residual" in name})

    def draw(self, photo: Array) -> Array:
        """(H, W, 3) a drawing of a photo of that shape, both -1 to 1."""
        w = self.tensors
        head = "flat_conv1/model/layer-"
        x = conv(photo, w[f"{head}1/kernel"], w[f"{head}1/bias"], 2)
        x = relu(self.norm(x, f"{head}2"))
        x = self.down(self.down(x, "down_conv1"), "down_conv2")
        for block in range(self.blocks):
            x = self.unit(x, f"residual_blocks/layer-{block}/model")
        x = self.up(self.up(x, "up_conv1"), "up_conv2")
        return np.tanh(conv(x, w["final_conv/layer-1/kernel"], w["final_conv/layer-1/bias"], 2))

    def norm(self, x: Array, name: str) -> Array:
        scale, shift = self.tensors[f"{name}/gamma"], self.tensors[f"{name}/beta"]
        return (x - x.mean()) / (x.std() + 1e-3) * scale + shift

    def three(self, x: Array, name: str, stride: int) -> Array:
        w = self.tensors
        x = relu(self.norm(conv(x, w[f"{name}/layer-0/kernel"]), f"{name}/layer-1"))
        x = self.norm(
            depthwise(x, w[f"{name}/layer-3/depthwise_kernel"], stride), f"{name}/layer-4"
        )
        return conv(x, w[f"{name}/layer-5/kernel"])

    def unit(self, x: Array, name: str) -> Array:
        half = x.shape[2] // 2
        right = relu(self.norm(self.three(x[..., half:], name, 1), f"{name}/layer-6"))
        return shuffled(np.concatenate((x[..., :half], right), 2))

    def down(self, x: Array, name: str) -> Array:
        w = self.tensors
        left = depthwise(x, w[f"{name}/l_model/layer-0/depthwise_kernel"], 2)
        left = conv(self.norm(left, f"{name}/l_model/layer-1"), w[f"{name}/l_model/layer-2/kernel"])
        right = self.three(x, f"{name}/r_model", 2)
        both = np.concatenate((left, right), 2)
        return shuffled(relu(self.norm(both, f"{name}/bn_act/layer-0")))

    def up(self, x: Array, name: str) -> Array:
        w = self.tensors
        x = conv(doubled(x), w[f"{name}/model/layer-0/kernel"], w[f"{name}/model/layer-0/bias"])
        return self.unit(x, f"{name}/model/layer-1/model")


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def conv(x: Array, kernel: Array, bias: Array | None = None, around: int = 0) -> Array:
    x = np.pad(x, ((around, around), (around, around), (0, 0)))
    rows, columns = kernel.shape[:2]
    height, width = x.shape[0] - rows + 1, x.shape[1] - columns + 1
    made = np.zeros((height, width, kernel.shape[3]))
    for i in range(rows):
        for j in range(columns):
            made += x[i : i + height, j : j + width] @ kernel[i, j]
    return made if bias is None else made + bias


def depthwise(x: Array, kernel: Array, stride: int) -> Array:
    before = 0 if stride == 2 else 1
    x = np.pad(x, ((before, 1), (before, 1), (0, 0)))
    height, width = x.shape[0] - 2, x.shape[1] - 2
    made = np.zeros((height, width, x.shape[2]))
    for i in range(3):
        for j in range(3):
            made += x[i : i + height, j : j + width] * kernel[i, j, :, 0]
    return made[::stride, ::stride]


def doubled(x: Array) -> Array:
    height, width = x.shape[:2]
    down = np.minimum(np.arange(2 * height) / 2, height - 1)
    across = np.minimum(np.arange(2 * width) / 2, width - 1)
    top, left = down.astype(int), across.astype(int)
    below, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    share = (down - top)[:, None, None]
    rows = x[top] * (1 - share) + x[below] * share
    share = (across - left)[None, :, None]
    return rows[:, left] * (1 - share) + rows[:, right] * share


def shuffled(x: Array) -> Array:
    height, width, channels = x.shape
    halves = x.reshape(height, width, 2, channels // 2)
    return halves.transpose(0, 1, 3, 2).reshape(height, width, channels)


def written(tensors: Mapping[str, NDArray[np.float32]], index: Path, data: Path) -> None:
    """Write tensors as a checkpoint, three entries a block, names shortened as LevelDB does."""
    body, entries = b"", [(b"", varint(1 << 3) + varint(1) + b"\x1a\x02\x08\x01")]
    for name in sorted(tensors):
        raw = np.asarray(tensors[name], "<f4").tobytes()
        shape = b"".join(field(2, varint(1 << 3) + varint(n)) for n in tensors[name].shape)
        entry = varint(1 << 3) + varint(1) + field(2, shape) + varint(4 << 3) + varint(len(body))
        entry += varint(5 << 3) + varint(len(raw))
        entry += varint(6 << 3 | 5) + struct.pack("<I", masked(checksum(raw)))
        entries.append((name.encode(), entry))
        body += raw
    file, handles = b"", []
    for start in range(0, len(entries), 3):
        group = entries[start : start + 3]
        file, handle = appended(file, group)
        handles.append((group[-1][0] + b"~", handle))
    file, meta = appended(file, [])
    file, top = appended(file, handles)
    footer = (meta + top).ljust(40, b"\0") + struct.pack("<Q", MAGIC)
    index.write_bytes(file + footer)
    data.write_bytes(body)


def appended(file: bytes, pairs: list[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    block, last = b"", b""
    for key, value in pairs:
        shared = 0
        while shared < min(len(key), len(last)) and key[shared] == last[shared]:
            shared += 1
        fresh = key[shared:]
        block += varint(shared) + varint(len(fresh)) + varint(len(value)) + fresh + value
        last = key
    block += struct.pack("<II", 0, 1)
    handle = varint(len(file)) + varint(len(block))
    return file + block + b"\0" + struct.pack("<I", masked(checksum(block + b"\0"))), handle


def field(number: int, message: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(message)) + message


def varint(value: int) -> bytes:
    made = b""
    while value > 127:
        made, value = made + bytes([value & 127 | 128]), value >> 7
    return made + bytes([value])
