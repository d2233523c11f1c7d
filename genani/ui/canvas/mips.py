"""Halved copies of large pictures, so that 8K stays quick when it is shown small."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from genani.app.images import ImageStore

BUDGET = 256 << 20
_Key = tuple[int, int]


class Mips(QObject):
    """Gives the smallest copy of an image that is still large enough; made on a thread.

    Signals:
        ready: a copy that was missing is there.
    """

    ready = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._originals: OrderedDict[int, QImage] = OrderedDict()
        self._store: ImageStore[_Key] = ImageStore(self._make, BUDGET, "genani-mips", self)
        self._store.ready.connect(lambda _key: self.ready.emit())

    def best(self, image: QImage, scale: float) -> QImage:
        """The copy for showing the image at a scale (screen pixels an image pixel).

        The image itself while the copy is being made.
        """
        level = 0
        while scale * 2 ** (level + 1) <= 1.0 and min(image.width(), image.height()) >> level > 64:
            level += 1
        if level == 0:
            return image
        key = image.cacheKey(), level
        made = self._store.get(key)
        if made is None:
            self._originals[key[0]] = image
            while len(self._originals) > 4:
                self._originals.popitem(last=False)
            self._store.want(key)
        return made or image

    def close(self) -> None:
        """End the thread."""
        self._store.close()

    def _make(self, key: _Key) -> QImage | None:
        original = self._originals.get(key[0])
        if original is None:
            return None
        width = max(1, original.width() >> key[1])
        return original.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
