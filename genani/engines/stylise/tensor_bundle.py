"""Reading a TensorFlow checkpoint without TensorFlow. No torch here.

A checkpoint is an index and one data file. The index is a sorted table as LevelDB writes them
(google/leveldb, doc/table_format.md) from names to protocol buffer messages `BundleEntryProto`
(tensorflow/core/protobuf/tensor_bundle.proto), which say where in the data a tensor lies.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani.scene.errors import ModelError

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_TRAILER = 5
"""Bytes after each block: how it is packed, and its checksum."""

_CASTAGNOLI = 0x82F63B78
_FLOAT = 1
"""`DT_FLOAT` of tensorflow/core/framework/types.proto."""

_MOST = 1 << 31
"""Bytes of a tensor over this are a broken file."""


class _BrokenError(ValueError):
    """A file that is not as it should be; told with its name by `read`."""


@dataclass(frozen=True)
class Entry:
    """Where a tensor lies.

    Attributes:
        kind: number of its type in TensorFlow.
        shape: of the tensor.
        shard: which data file.
        offset, size: bytes in it.
        checksum: masked CRC-32C of them.
    """

    kind: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int


def read(index: Path, data: Path) -> dict[str, NDArray[np.float32]]:
    """The float32 tensors of a checkpoint of one data file, by the names it gives them.

    Others, such as its graph of objects, are left out. Every checksum is verified.

    Raises:
        ModelError: a file cannot be read, is damaged, or of another kind; the text names it.
    """
    try:
        entries = entries_of(index.read_bytes())
    except OSError as error:
        raise ModelError(f"{index} cannot be read: {error.strerror or error}") from error
    except (_BrokenError, struct.error, IndexError, UnicodeDecodeError) as error:
        raise ModelError(f"{index} is not the index of a TensorFlow checkpoint: {error}") from error
    try:
        stored = memoryview(data.read_bytes())
        return {
            name: _tensor(name, entry, stored)
            for name, entry in entries.items()
            if entry.kind == _FLOAT
        }
    except OSError as error:
        raise ModelError(f"{data} cannot be read: {error.strerror or error}") from error
    except _BrokenError as error:
        raise ModelError(f"{data} is not the data of a TensorFlow checkpoint: {error}") from error


def entries_of(index: bytes) -> dict[str, Entry]:
    """What an index tells of each tensor, by name.

    Raises:
        ValueError, struct.error, IndexError: the bytes are no such index.
    """
    if len(index) < _FOOTER or struct.unpack_from("<Q", index, len(index) - 8)[0] != _MAGIC:
        raise _BrokenError("it does not end as one")
    at = len(index) - _FOOTER
    for _ in range(2):  # the block of meta data is not needed
        _, at = _varint(index, at)
    start, at = _varint(index, at)
    size, _ = _varint(index, at)
    found: dict[str, Entry] = {}
    for _, handle in _pairs(_block(index, start, size)):
        start, at = _varint(handle, 0)
        size, _ = _varint(handle, at)
        for key, value in _pairs(_block(index, start, size)):
            if key:
                found[key.decode()] = _entry(value)
            else:
                _check_header(value)
    return found


def _tensor(name: str, entry: Entry, data: memoryview) -> NDArray[np.float32]:
    end = entry.offset + entry.size
    if entry.shard != 0:
        raise _BrokenError(f"'{name}' lies in another file")
    if end > len(data):
        raise _BrokenError(f"it ends before '{name}' does")
    if entry.size != 4 * math.prod(entry.shape):
        raise _BrokenError(f"'{name}' has {entry.size} bytes, which does not fit its shape")
    part = data[entry.offset : end]
    if masked(checksum(part)) != entry.checksum:
        raise _BrokenError(f"the checksum of '{name}' is wrong")
    return np.frombuffer(part, "<f4").reshape(entry.shape).astype(np.float32)


def _block(index: bytes, start: int, size: int) -> bytes:
    if start + size + _TRAILER > len(index):
        raise _BrokenError("a block of it is cut off")
    kind, told = struct.unpack_from("<BI", index, start + size)
    if kind != 0:
        raise _BrokenError("it is compressed")
    if masked(checksum(memoryview(index)[start : start + size + 1])) != told:
        raise _BrokenError("the checksum of a block is wrong")
    return index[start : start + size]


def _pairs(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a block; each key says how much of the one before it keeps."""
    restarts = struct.unpack_from("<I", block, len(block) - 4)[0]
    end = len(block) - 4 * (restarts + 1)
    if end < 0:
        raise _BrokenError("a block of it is too short")
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        size, at = _varint(block, at)
        if shared > len(key) or at + fresh + size > end:
            raise _BrokenError("a name of it leads out of its block")
        key = key[:shared] + block[at : at + fresh]
        yield key, block[at + fresh : at + fresh + size]
        at += fresh + size


def _entry(message: bytes) -> Entry:
    fields = _fields(message)
    shape = tuple(
        _number(_fields(dimension).get(1, [0])[0])
        for dimension in _fields(_text(fields.get(2, [b""])[0])).get(2, [])
        if isinstance(dimension, bytes)
    )
    if 7 in fields:
        raise _BrokenError("a tensor of it is cut in slices")
    kind, shard, offset, size, told = (
        _number(fields.get(number, [0])[0]) for number in (1, 3, 4, 5, 6)
    )
    if max(offset, size, *shape, 0) > _MOST:
        raise _BrokenError("a tensor of it is too large")
    return Entry(kind, shape, shard, offset, size, told)


def _check_header(message: bytes) -> None:
    fields = _fields(message)
    if _number(fields.get(1, [0])[0]) != 1:
        raise _BrokenError("its data lies in several files")
    if _number(fields.get(2, [0])[0]) != 0:
        raise _BrokenError("its numbers are of the other byte order")


def _fields(message: bytes) -> Mapping[int, list[int | bytes]]:
    """The fields of a protocol buffer message by number, in their order."""
    found: dict[int, list[int | bytes]] = {}
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value: int | bytes
        match tag & 7:
            case 0:
                value, at = _varint(message, at)
            case 2:
                size, at = _varint(message, at)
                value, at = message[at : at + size], at + size
            case 5:
                value, at = struct.unpack_from("<I", message, at)[0], at + 4
            case 1:
                value, at = struct.unpack_from("<Q", message, at)[0], at + 8
            case _:
                raise _BrokenError("a message in it cannot be read")
        if at > len(message):
            raise _BrokenError("a message in it is cut off")
        found.setdefault(tag >> 3, []).append(value)
    return found


def _number(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise _BrokenError("a number in it is none")
    return value


def _text(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise _BrokenError("a message in it is a number")
    return value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise _BrokenError("a number in it does not end")


def _castagnoli() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (_CASTAGNOLI if byte & 1 else 0)
        table.append(byte)
    return tuple(table)


_TABLE = _castagnoli()


def checksum(data: bytes | memoryview) -> int:
    """CRC-32C of bytes (RFC 3720, appendix B.4)."""
    table, value = _TABLE, 0xFFFFFFFF
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFF


def masked(value: int) -> int:
    """A checksum as it is stored: turned, and a constant added (leveldb, util/crc32c.h)."""
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF
