"""The envelope of an emotion: how strongly it is felt from key to key, its peak to be dragged."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from genani.ui.timeline.marks import KEY, diamond

LEAST_PEAK, MOST_PEAK = 0.02, 0.98
"""How near to a key the peak can be dragged."""
_SNAP = 1 / 48
"""The peak falls on the grid of the timing chart, unless Alt is held."""
_LEVEL = 0.05
_MARGIN, _TOP, _BOTTOM = 22.0, 12.0, 24.0
_GRIP = 6.0


class EnvelopeEdit(QWidget):
    """A curve from the first key over the peak to the second; drag the peak.

    Sideways moves it in time, up and down makes the emotion stronger or weaker. With the
    keyboard: Left and Right, Up and Down; Home puts it in the middle.

    Signals:
        edited: (peak, intensity), while the peak is dragged and after every key.
        released: the drag is over.
    """

    edited = Signal(float, float)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("envelope")
        self.setAccessibleName(self.tr("Envelope of the emotion"))
        self.setAccessibleDescription(
            self.tr("How strongly it is felt between the first key, left, and the second, right")
        )
        self.setToolTip(
            self.tr("Drag the peak: sideways to when it is strongest, up and down to how strong")
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._peak, self._intensity = 0.5, 0.0
        self._keys = (1, 9)
        self._ticks: Sequence[float] = ()
        self._grabbed: QPointF | None = None

    def show_envelope(
        self, peak: float, intensity: float, keys: tuple[int, int], ticks: Sequence[float]
    ) -> None:
        """Show an envelope between keys on two frames, and where the in-betweens lie on it."""
        self._peak, self._intensity = peak, intensity
        self._keys, self._ticks = keys, ticks
        self.update()

    @property
    def peak_place(self) -> QPointF:
        """Where the peak is in the widget."""
        return self._place(self._peak, self._intensity)

    @override
    def sizeHint(self) -> QSize:
        return QSize(240, 96)

    def _place(self, t: float, strength: float) -> QPointF:
        high = self.height() - _BOTTOM - _TOP
        x = _MARGIN + t * (self.width() - 2 * _MARGIN)
        return QPointF(x, self.height() - _BOTTOM - strength * high)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        ink = palette.color(QPalette.ColorRole.WindowText)
        accent = palette.color(QPalette.ColorRole.Accent)
        if not self.isEnabled():
            ink = accent = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        faint = QColor(ink)
        faint.setAlpha(40)
        painter.setPen(QPen(faint, 1))
        for level in (0.5, 1.0):
            painter.drawLine(self._place(0, level), self._place(1, level))
        curve = self._curve()
        fill = QColor(accent)
        fill.setAlpha(46)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPath(curve)
        painter.setPen(QPen(ink, 1.6))
        painter.drawLine(self._place(0, 0), self._place(1, 0))
        painter.setPen(QPen(accent, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(curve)
        self._paint_ticks(painter, ink)
        self._paint_keys(painter)
        if self.isEnabled():
            self._paint_grip(painter, accent)
        if self.hasFocus():
            painter.setPen(QPen(accent, 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    def _curve(self) -> QPainterPath:
        # A cubic whose handles lie level at a third and two thirds is 3s² - 2s³, which is how an
        # emotion comes and goes.
        path = QPainterPath(self._place(0, 0))
        start, peak, stop = self._place(0, 0), self.peak_place, self._place(1, 0)
        for one, two in ((start, peak), (peak, stop)):
            third = (two.x() - one.x()) / 3
            path.cubicTo(QPointF(one.x() + third, one.y()), QPointF(two.x() - third, two.y()), two)
        return path

    def _strength(self, t: float) -> float:
        share = t / self._peak if t < self._peak else (1 - t) / (1 - self._peak)
        return self._intensity * share * share * (3 - 2 * share)

    def _paint_ticks(self, painter: QPainter, ink: QColor) -> None:
        faint = QColor(ink)
        faint.setAlpha(90)
        for t in self._ticks:
            at = self._place(t, self._strength(t))
            painter.setPen(QPen(faint, 1, Qt.PenStyle.DotLine))
            painter.drawLine(at, self._place(t, 0))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(at, 2.4, 2.4)

    def _paint_keys(self, painter: QPainter) -> None:
        dark = self.palette().base().color().lightness() < 128
        for t, frame in zip((0.0, 1.0), self._keys, strict=True):
            at = self._place(t, 0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(KEY if dark else QColor("#3a3b40"))
            painter.drawPolygon(diamond(at, 6))
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            box = QRectF(at.x() - 22, at.y() + 7, 44, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(frame))

    def _paint_grip(self, painter: QPainter, accent: QColor) -> None:
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Window), 1.5))
        painter.setBrush(accent)
        painter.drawEllipse(self.peak_place, _GRIP, _GRIP)
        # Where the peak lies, in words, while it is held.
        if self._grabbed is not None:
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            text = self.tr("{0} % at {1} % of the way")
            text = text.format(round(100 * self._intensity), round(100 * self._peak))
            box = QRectF(0, self.height() - 18, self.width(), 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _near(self, point: QPointF) -> bool:
        return (point - self.peak_place).manhattanLength() <= 3 * _GRIP

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._near(event.position()):
            # The peak must not jump to the pointer when it is taken beside its middle.
            self._grabbed = event.position() - self.peak_place
            self.update()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is None:
            near = self._near(event.position())
            shape = Qt.CursorShape.SizeAllCursor if near else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            return
        at = event.position() - self._grabbed
        peak = (at.x() - _MARGIN) / max(1.0, self.width() - 2 * _MARGIN)
        strength = (self.height() - _BOTTOM - at.y()) / (self.height() - _BOTTOM - _TOP)
        if not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            peak, strength = round(peak / _SNAP) * _SNAP, round(strength, 2)
        self._become(peak, strength)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None and event.button() is Qt.MouseButton.LeftButton:
            self._grabbed = None
            self.update()
            self.released.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-_SNAP, 0.0),
            Qt.Key.Key_Right: (_SNAP, 0.0),
            Qt.Key.Key_Up: (0.0, _LEVEL),
            Qt.Key.Key_Down: (0.0, -_LEVEL),
            Qt.Key.Key_Home: (0.5 - self._peak, 0.0),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._become(self._peak + step[0], self._intensity + step[1])
            self.released.emit()

    def _become(self, peak: float, intensity: float) -> None:
        peak = min(max(peak, LEAST_PEAK), MOST_PEAK)
        intensity = min(max(intensity, 0.0), 1.0)
        if (peak, intensity) != (self._peak, self._intensity):
            self._peak, self._intensity = peak, intensity
            self.edited.emit(peak, intensity)
            self.update()
