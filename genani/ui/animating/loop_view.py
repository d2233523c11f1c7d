"""A loop that plays over and over."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

_SIDE = 240
_PIXELLED = 128
"""Drawings up to this size are enlarged as they are, not smoothed."""


class LoopView(QWidget):
    """Shows the frames it is given, one after another, from the first again after the last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(_SIDE, _SIDE)
        self.setObjectName("animate-preview")
        self._frames: list[QImage] = []
        self._still: QImage | None = None
        self._at = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self._frames)

    def clear(self) -> None:
        """Forget all frames."""
        self._frames, self._still, self._at = [], None, 0
        self.update()

    def add(self, frame: QImage) -> None:
        """Put a frame at the end; until the loop plays, it is the one shown."""
        self._frames.append(frame)
        if not self._timer.isActive():
            self._at = len(self._frames) - 1
        self.update()

    def show_still(self, drawing: QImage) -> None:
        """Show a drawing of which there are no frames yet."""
        self._still = drawing
        self.update()

    def play(self, milliseconds: int) -> None:
        """Play, each frame for so long."""
        self._timer.start(max(milliseconds, 10))

    def stop(self) -> None:
        """Stand still."""
        self._timer.stop()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().alternateBase())
        frame = self._frames[self._at] if self._frames else self._still
        if frame is None:
            return
        small = max(frame.width(), frame.height()) <= _PIXELLED
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not small)
        size = frame.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(self.rect().center())
        painter.drawImage(place, frame)

    def _step(self) -> None:
        if self._frames:
            self._at = (self._at + 1) % len(self._frames)
            self.update()
