"""Reading the weights in a Caffe model file, without Caffe and without trusting the file.

The file is one protobuf message, `NetParameter` of Caffe's `caffe.proto`. Only what holds weights
is looked at: layer (100) -> name (1), blobs (7) -> shape (7) -> dim (1), data (5, packed floats).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani.scene.errors import ModelError

Weights = dict[str, list[NDArray[np.float32]]]
"""Layer name -> its arrays, as a rule the kernel (out, in, height, width) and the bias (out,)."""

_MAX_BYTES = 512 << 20
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LAYER, _LAYER_NAME, _LAYER_BLOBS = 100, 1, 7
_BLOB_DATA, _BLOB_SHAPE, _SHAPE_DIM = 5, 7, 1


class _DamagedError(Exception):
    """The bytes are not the message they should be."""


def read_caffemodel(path: Path) -> Weights:
    """The weights of every layer that has some.

    Raises:
        ModelError: the file is missing, over 512 MiB, cut short, or not a Caffe model.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ModelError(f"'{path}' is too large for a Caffe model of weights")
        data = memoryview(path.read_bytes())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ModelError(f"cannot read the model file '{path}': {reason}") from error
    try:
        weights = dict(_layer(bytes_) for bytes_ in _messages(data, _LAYER))
    except (_DamagedError, UnicodeDecodeError) as error:
        raise ModelError(f"'{path}' is damaged or not a Caffe model: {error}") from error
    weights = {name: blobs for name, blobs in weights.items() if blobs}
    if not weights:
        raise ModelError(f"'{path}' is not a Caffe model: it holds no weights")
    return weights


def _layer(message: memoryview) -> tuple[str, list[NDArray[np.float32]]]:
    name = b"".join(bytes(text) for text in _messages(message, _LAYER_NAME)).decode()
    return name, [_blob(blob) for blob in _messages(message, _LAYER_BLOBS)]


def _blob(message: memoryview) -> NDArray[np.float32]:
    shape: list[int] = []
    for part in _messages(message, _BLOB_SHAPE):
        for packed in _messages(part, _SHAPE_DIM):
            shape += _varints(packed)
    data = b"".join(bytes(packed) for packed in _messages(message, _BLOB_DATA))
    if len(data) != 4 * math.prod(shape):
        raise _DamagedError(f"{len(data)} bytes of weights do not fill the shape {shape}")
    return np.frombuffer(data, "<f4").astype(np.float32).reshape(shape)


def _messages(message: memoryview, wanted: int) -> Iterator[memoryview]:
    """The byte fields of a number; every other field is stepped over."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            _, at = _varint(message, at)
            continue
        if wire == _BYTES:
            length, at = _varint(message, at)
        elif wire == _FIXED64:
            length = 8
        elif wire == _FIXED32:
            length = 4
        else:
            raise _DamagedError(f"a field of unknown kind {wire}")
        if at + length > len(message):
            raise _DamagedError("it is cut short")
        if wire == _BYTES and number == wanted:
            yield message[at : at + length]
        at += length


def _varints(packed: memoryview) -> list[int]:
    values: list[int] = []
    at = 0
    while at < len(packed):
        value, at = _varint(packed, at)
        values.append(value)
    return values


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A whole number of seven bits a byte, low bits first, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise _DamagedError("it is cut short")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise _DamagedError("a number is too long")
