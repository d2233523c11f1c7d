"""A clip that plays, with the landmarks that were found on it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from genani.app.training.services import Clip

_BEAT_MS = 42
"""A clip has 24 frames a second."""

_REACH_PX = 10
"""How near to a landmark a press takes it."""

_FOLLOWING = 0.06
"""How far what lies near follows, in widths of the face."""

Points = Mapping[str, Sequence[tuple[float, float]]]


class FilmView(QWidget):
    """Plays the frames of one clip over and over.

    A landmark is dragged with what lies near it; with Shift the whole face goes along.

    Signals:
        stepped: the frame shown is another, counted from 0.
        dragged: landmarks of a frame were put elsewhere: its name, and all points (x, y).
    """

    stepped = Signal(int)
    dragged = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(256, 256)
        self._clip: Clip | None = None
        self._points: Points = {}
        self._index = 0
        self._image = QImage()
        self._held: _Held | None = None
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

    @property
    def frame(self) -> str:
        """The name of the frame shown; empty without a clip."""
        return self._clip.frames[self._index] if self._clip is not None else ""

    def to_window(self, x: float, y: float) -> QPointF:
        """Where a pixel of the frame is shown."""
        place = self._place()
        scale = place.width() / max(1, self._image.width())
        return QPointF(place.x() + x * scale, place.y() + y * scale)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        points = self._points.get(self.frame, ())
        if event.button() != Qt.MouseButton.LeftButton or not points:
            return
        self.play(False)
        at = event.position()
        gaps = [QLineF(self.to_window(x, y), at).length() for x, y in points]
        nearest = gaps.index(min(gaps))
        if gaps[nearest] <= _REACH_PX:
            whole = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._held = _Held(at, tuple(points), _shares(points, nearest, whole))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            return
        scale = max(1, self._image.width()) / self._place().width()
        way = (event.position() - self._held.begun) * scale
        moved = [
            (x + share * way.x(), y + share * way.y())
            for (x, y), share in zip(self._held.points, self._held.shares, strict=True)
        ]
        self._points = {**self._points, self.frame: moved}
        self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, self._held = self._held, None
        points = self._points.get(self.frame, ())
        if held is not None and tuple(points) != held.points:
            self.dragged.emit(self.frame, list(points))

    def _place(self) -> QRectF:
        """Where the frame is shown."""
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(QRectF(self.rect()).center())
        return place

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
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self._place(), self._image)
            self._paint_points(painter, self._clip.frames[self._index])
        painter.end()

    def _paint_points(self, painter: QPainter, frame: str) -> None:
        painter.setPen(QPen(QColor(255, 200, 0, 210), 2))
        for x, y in self._points.get(frame, ()):
            painter.drawPoint(self.to_window(x, y))


@dataclass(frozen=True)
class _Held:
    """A landmark in a person's hand: where it was taken, all points then, how far each follows."""

    begun: QPointF
    points: tuple[tuple[float, float], ...]
    shares: tuple[float, ...]


def _shares(points: Sequence[tuple[float, float]], taken: int, whole: bool) -> tuple[float, ...]:
    """How far each point follows the one that is dragged, 0 to 1: the less the farther it is."""
    if whole:
        return (1.0,) * len(points)
    width = max(x for x, _ in points) - min(x for x, _ in points)
    reach = max(_FOLLOWING * width, 1e-6)
    x0, y0 = points[taken]
    return tuple(math.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2 * reach**2)) for x, y in points)
