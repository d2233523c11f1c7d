"""A clip that plays, with the landmarks that were found on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from genani.app.training.services import Clip

_BEAT_MS = 42
"""A clip has 24 frames a second."""

Points = Mapping[str, Sequence[tuple[float, float]]]


class FilmView(QWidget):
    """Plays the frames of one clip over and over.

    Signals:
        stepped: the frame shown is another, counted from 0.
    """

    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(256, 256)
        self._clip: Clip | None = None
        self._points: Points = {}
        self._index = 0
        self._image = QImage()
        self._timer = QTimer(self)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(lambda: self.step(1))

    @override
    def sizeHint(self) -> QSize:
        return QSize(384, 384)

    @property
    def index(self) -> int:
        """The frame shown, counted from 0."""
        return self._index

    @property
    def playing(self) -> bool:
        """True while it plays."""
        return self._timer.isActive()

    def show_clip(self, clip: Clip | None) -> None:
        """Show another clip from its first frame; None shows none."""
        self._clip, self._points, self._index = clip, {}, 0
        self._load()

    def show_points(self, points: Points) -> None:
        """Show landmarks over the frames, by frame name."""
        self._points = points
        self.update()

    def play(self, on: bool) -> None:
        """Play, or stand still."""
        if on and self._clip is not None:
            self._timer.start()
        else:
            self._timer.stop()

    def step(self, by: int) -> None:
        """Go so many frames on, from the last to the first."""
        if self._clip is not None:
            self._index = (self._index + by) % len(self._clip.frames)
            self._load()
            self.stepped.emit(self._index)

    def _load(self) -> None:
        self._image = QImage()
        if self._clip is not None:
            self._image = QImage(str(self._clip.folder / self._clip.frames[self._index]))
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#808080"))
        if not self._image.isNull() and self._clip is not None:
            box = QRectF(self.rect())
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(0, 0, size.width(), size.height())
            place.moveCenter(box.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._image)
            self._paint_points(painter, place, self._clip.frames[self._index])
        painter.end()

    def _paint_points(self, painter: QPainter, place: QRectF, frame: str) -> None:
        scale = place.width() / max(1, self._image.width())
        painter.setPen(QPen(QColor(255, 200, 0, 210), 2))
        for x, y in self._points.get(frame, ()):
            painter.drawPoint(QPointF(place.x() + x * scale, place.y() + y * scale))
