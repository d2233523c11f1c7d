"""A stream of drawings laid aside on disk: writers look at it twice, in little memory."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO, overload

import numpy as np

from genani.media.clip import Exposed, merged
from genani.media.files import told
from genani.scene.picture import Picture


@dataclass(frozen=True)
class _Place:
    offset: int
    length: int
    shape: tuple[int, ...]
    depth: int
    icc: bytes
    frames: int


class Spool(Sequence[Exposed]):
    """Drawings in a temporary file, read back bit for bit; holds are merged on the way in."""

    def __init__(self, store: BinaryIO, drawings: Iterable[Exposed | Picture]) -> None:
        self._store = store
        self._places: list[_Place] = []
        for drawing in merged(drawings):
            picture = drawing.picture
            packed = zlib.compress(picture.pixels.data, 1)
            place = _Place(
                store.tell(),
                len(packed),
                picture.pixels.shape,
                picture.depth,
                picture.icc,
                drawing.frames,
            )
            self._places.append(place)
            store.write(packed)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Exposed: ...

    @overload
    def __getitem__(self, index: slice) -> list[Exposed]: ...

    def __getitem__(self, index: int | slice) -> Exposed | list[Exposed]:
        if isinstance(index, slice):
            return [self[at] for at in range(len(self))[index]]
        place = self._places[index]
        self._store.seek(place.offset)
        raw = zlib.decompress(self._store.read(place.length))
        pixels = np.frombuffer(raw, np.uint16 if place.depth == 16 else np.uint8)
        return Exposed(Picture(pixels.reshape(place.shape), place.icc), place.frames)


@contextmanager
def spooled(drawings: Iterable[Exposed | Picture]) -> Iterator[Sequence[Exposed]]:
    """The drawings as a sequence that can be gone through again; holds merged.

    A list or tuple of `Exposed` is taken as it is, once its holds are merged; everything else is
    laid aside in the system's temporary folder, which is cleared when the block ends.

    Raises:
        FileError: the temporary folder is full or cannot be written.
    """
    if isinstance(drawings, list | tuple):
        yield tuple(merged(drawings))
        return
    with ExitStack() as stack:
        with told(tempfile.gettempdir(), "write"):
            store = stack.enter_context(tempfile.TemporaryFile())
            laid = Spool(store, drawings)
        yield laid
