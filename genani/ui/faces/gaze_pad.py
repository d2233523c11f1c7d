"""A pad to say where the eyes look: drag the pupil."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

_STEP = 0.1
_PUPIL = 7.0


class GazePad(QWidget):
    """An eye seen from the front; the pupil goes from -1 to 1 either way.

    With the keyboard: the arrows move it, Home brings it to the middle.

    Signals:
        edited: (x, y), to the right of the picture and downward.
        released: the drag is over.
    """

    edited = Signal(float, float)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gaze-pad")
        self.setAccessibleName(self.tr("Direction of the look"))
        self.setToolTip(self.tr("Drag to where the eyes look"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._x = self._y = 0.0
        self._dragging = False

    def show_gaze(self, x: float, y: float) -> None:
        """Show a look."""
        self._x, self._y = x, y
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, 84)

    def _field(self) -> QRectF:
        """Where the middle of the pupil can be."""
        high = self.height() - 30.0
        wide = min(self.width() - 40.0, high * 2.4)
        return QRectF((self.width() - wide) / 2, 15, wide, high)

    @property
    def pupil(self) -> QPointF:
        """Where the pupil is in the widget."""
        box = self._field()
        return box.center() + QPointF(self._x * box.width() / 2, self._y * box.height() / 2)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        box = self._field().adjusted(-14, -10, 14, 10)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.PlaceholderText), 1.4))
        painter.setBrush(palette.color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        line = QColor(palette.color(QPalette.ColorRole.PlaceholderText))
        line.setAlpha(80)
        painter.setPen(QPen(line, 1))
        middle = box.center()
        painter.drawLine(QPointF(middle.x(), box.top() + 8), QPointF(middle.x(), box.bottom() - 8))
        painter.drawLine(QPointF(box.left() + 8, middle.y()), QPointF(box.right() - 8, middle.y()))
        accent = palette.color(QPalette.ColorRole.Accent)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Window), 1.5))
        painter.setBrush(accent)
        painter.drawEllipse(self.pupil, _PUPIL, _PUPIL)
        if self.hasFocus():
            painter.setPen(QPen(accent, 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragging = True
            self._follow(event.position())

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._follow(event.position())

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging and event.button() is Qt.MouseButton.LeftButton:
            self._dragging = False
            self.released.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-_STEP, 0.0),
            Qt.Key.Key_Right: (_STEP, 0.0),
            Qt.Key.Key_Up: (0.0, -_STEP),
            Qt.Key.Key_Down: (0.0, _STEP),
            Qt.Key.Key_Home: (-self._x, -self._y),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._become(self._x + step[0], self._y + step[1])
            self.released.emit()

    def _follow(self, point: QPointF) -> None:
        box = self._field()
        x = 2 * (point.x() - box.center().x()) / max(1.0, box.width())
        y = 2 * (point.y() - box.center().y()) / max(1.0, box.height())
        self._become(x, y)

    def _become(self, x: float, y: float) -> None:
        x, y = (round(min(max(value, -1.0), 1.0), 2) for value in (x, y))
        if (x, y) != (self._x, self._y):
            self._x, self._y = x, y
            self.edited.emit(x, y)
            self.update()
