"""Pictures as Qt shows them, made in the background and kept within a budget."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter

from genani.app.sources import Sources
from genani.app.threads import GuiCalls, Lane
from genani.scene.errors import GenAniError
from genani.scene.frame import Source
from genani.scene.picture import Picture

Key = TypeVar("Key")

SHOWN = QImage.Format.Format_ARGB32_Premultiplied
"""The format that Qt paints fastest."""

WAITING = 256
"""Wishes beyond this many are forgotten, the oldest first: nobody looks at them any more."""


BAND = 1_000_000
"""Pixels that Qt is given at a time: while it works, no other Python thread does, the GUI's least
of all, and a whole 8K drawing would take it a quarter of a second."""


def to_image(picture: Picture) -> QImage:
    """The picture for the screen: 8 bits, premultiplied; its numbers are taken as sRGB."""
    if picture.width * picture.height <= 2 * BAND:
        return _converted(picture, 0, picture.height)
    image = QImage(*picture.size, SHOWN)
    lines = np.frombuffer(image.bits(), np.uint8).reshape(picture.height, -1)
    for top, height in _bands(*picture.size):
        band = _converted(picture, top, height)
        lines[top : top + height] = np.frombuffer(band.constBits(), np.uint8).reshape(height, -1)
    return image


def image_at(sources: Sources, source: Source) -> QImage | None:
    """What a block shows; None where a take has not got it yet. May read a file.

    Raises:
        GenAniError: it cannot be read.
    """
    picture = sources.pixels(source)
    return to_image(picture) if picture else None


def _bands(width: int, height: int) -> Iterator[tuple[int, int]]:
    step = max(BAND // width, 1)
    for top in range(0, height, step):
        yield top, min(step, height - top)


def _converted(picture: Picture, top: int, height: int) -> QImage:
    pixels = picture.pixels[top : top + height]
    kind = QImage.Format.Format_RGBA64 if picture.depth == 16 else QImage.Format.Format_RGBA8888
    border = QImage(pixels.data, picture.width, height, pixels.strides[0], kind)
    # The conversion copies, so the image does not lean on the array any more.
    return border.convertToFormat(SHOWN)


def laid_over(pictures: Sequence[tuple[Picture, float]], size: tuple[int, int]) -> QImage:
    """Pictures over one another for the screen, the first at the back.

    The same as `scene.composite` to within 3 of 255, and thirty times as fast.

    Args:
        pictures: each with the opacity of its layer, 0 to 1; placed at the top left corner.
        size: (width, height) of the canvas.
    """
    if len(pictures) == 1 and pictures[0][1] == 1 and pictures[0][0].size == size:
        return to_image(pictures[0][0])
    canvas = QImage(*size, SHOWN)
    # Not QImage.fill, which lets no other thread in while it touches fresh memory.
    np.frombuffer(canvas.bits(), np.uint8)[:] = 0
    painter = QPainter(canvas)
    for picture, opacity in pictures:
        image = to_image(picture)
        painter.setOpacity(opacity)
        for top, height in _bands(*picture.size):
            painter.drawImage(0, top, image, 0, top, picture.width, height)
    painter.end()
    return canvas


def from_image(image: QImage) -> Picture:
    """A picture of a Qt image, such as one from the clipboard: 16 bits if it has more than 8."""
    deep = image.depth() > 32
    kind = QImage.Format.Format_RGBA64 if deep else QImage.Format.Format_RGBA8888
    straight = image.convertToFormat(kind)
    width, height = straight.width(), straight.height()
    dtype = np.dtype(np.uint16 if deep else np.uint8)
    lines = np.frombuffer(straight.constBits(), np.uint8).reshape(height, -1)
    pixels = lines[:, : width * 4 * dtype.itemsize].copy().view(dtype)
    return Picture(pixels.reshape(height, width, 4))


def thumbnail(picture: Picture, height: int) -> QImage:
    """The picture scaled down to a height in pixels, for a list or a block of the timeline."""
    step = max(picture.height // (height * 4), 1)
    # Whole pixels are left out first: an 8K drawing need not be converted for a thumbnail.
    small = Picture(picture.pixels[::step, ::step])
    return to_image(small).scaledToHeight(height, Qt.TransformationMode.SmoothTransformation)


def read_image(path: Path, most: QSize | None = None) -> QImage:
    """The picture in a file, for a list; a null image where it cannot be read.

    Args:
        path: of the file.
        most: it is made smaller to fit into this; None leaves it as it is.
    """
    image = QImage(str(path))
    if most is None or image.isNull():
        return image
    ratio = Qt.AspectRatioMode.KeepAspectRatio
    return image.scaled(most, ratio, Qt.TransformationMode.SmoothTransformation)


class ImageStore(QObject, Generic[Key]):
    """Images by key, the least recently used let go; what is missing is made on a thread.

    Args:
        make: gives the image of a key, on the background thread; None where it has none (yet).
        budget: bytes of pixels to hold.
        name: of the thread.

    Attributes:
        lost: how many images were let go so far: what was known to be here may be gone.

    Signals:
        ready: the image of a key is there; carries the key.
        missing: it could not be made, as what it is made of is gone; carries the key.
        failed: a `GenAniError` that `make` raised.
    """

    ready = Signal(object)
    missing = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        make: Callable[[Key], QImage | None],
        budget: int,
        name: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.budget = budget
        self._make = make
        self._lane = Lane(name)
        self._calls = GuiCalls(self)
        self._held: OrderedDict[Key, QImage] = OrderedDict()
        self._used = 0
        self.lost = 0
        self._lock = threading.Lock()
        self._wanted: OrderedDict[Key, None] = OrderedDict()
        self._making: Key | None = None
        self._hopeless: set[Key] = set()

    @property
    def used(self) -> int:
        """Bytes of pixels held."""
        return self._used

    def has(self, key: Key) -> bool:
        """True if the image is there, or never will be."""
        return key in self._held or key in self._hopeless

    def get(self, key: Key) -> QImage | None:
        """The image if it is there."""
        image = self._held.get(key)
        if image is not None:
            self._held.move_to_end(key)
        return image

    def want(self, key: Key, soon: bool = True) -> None:
        """Have an image made: before all others if `soon`, else after them."""
        if self.has(key):
            return
        with self._lock:
            if key == self._making:
                return
            new = key not in self._wanted
            if new or soon:
                self._wanted[key] = None
                self._wanted.move_to_end(key, last=not soon)
            while len(self._wanted) > WAITING:
                self._wanted.popitem()
        if new:
            self._lane.submit(self._make_next)

    def forget_wishes(self) -> None:
        """Drop what is waiting to be made."""
        with self._lock:
            self._wanted.clear()

    def forget(self) -> None:
        """Let go of all images."""
        self.lost += len(self._held)
        self._held.clear()
        self._hopeless.clear()
        self._used = 0

    def close(self) -> None:
        """End the thread."""
        self.forget_wishes()
        self._calls.close()
        self._lane.close()

    def _make_next(self) -> None:
        with self._lock:
            if not self._wanted:
                return
            key, _ = self._wanted.popitem(last=False)
            self._making = key
        image, error = None, None
        try:
            image = self._make(key)
        except GenAniError as problem:
            error = problem
        finally:
            with self._lock:
                self._making = None
        self._calls.call(lambda: self._take(key, image, error))

    def _take(self, key: Key, image: QImage | None, error: GenAniError | None) -> None:
        if error is not None:
            # Told once; asking again at every repaint would tell it again and again.
            self._hopeless.add(key)
            self.failed.emit(error)
        elif image is not None:
            self._hold(key, image)
            self.ready.emit(key)
        else:
            self.missing.emit(key)

    def _hold(self, key: Key, image: QImage) -> None:
        old = self._held.pop(key, None)
        self._used += image.sizeInBytes() - (old.sizeInBytes() if old else 0)
        self._held[key] = image
        while self._used > self.budget and len(self._held) > 1:
            _, gone = self._held.popitem(last=False)
            self._used -= gone.sizeInBytes()
            self.lost += 1
