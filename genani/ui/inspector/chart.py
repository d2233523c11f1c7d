"""The timing chart, drawn as animators draw it on the edge of the paper, ticks to be dragged."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from genani.scene.errors import ChartError
from genani.scene.timing import TimingChart
from genani.ui.timeline.marks import KEY, diamond

SNAP = Fraction(1, 48)
"""Ticks fall on this grid while dragged, unless Alt is held: it has halves, thirds, quarters."""
FINE = Fraction(1, 1000)
_REACH = 9.0
_MARGIN = 22.0


class TimingChartEdit(QWidget):
    """A chart between two keys; drag a tick, double-click to add or remove one.

    With the keyboard: Tab reaches the chart, Left and Right choose a tick, Alt with them moves
    it, Ins adds one in the widest gap, Del removes it.

    Signals:
        edited: a new `TimingChart`, while a tick is dragged and after every change.
        released: the drag is over.
    """

    edited = Signal(object)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timing-chart")
        self.setAccessibleName(self.tr("Timing chart"))
        self.setAccessibleDescription(
            self.tr("Ticks between the first key, left, and the second key, right")
        )
        self.setToolTip(
            self.tr("Drag a tick to space the in-betweens. Double-click adds or removes one.")
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._chart = TimingChart()
        self._keys = (1, 9)
        self._tick: int | None = None
        self._dragging = False

    @property
    def chart(self) -> TimingChart:
        """The chart that is shown."""
        return self._chart

    def show_chart(self, chart: TimingChart, first: int, last: int) -> None:
        """Show a chart between keys on two frames."""
        self._chart, self._keys = chart, (first, last)
        if self._tick is not None and self._tick >= len(chart):
            self._tick = None
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(240, 74)

    def x_of(self, t: Fraction) -> float:
        """Where a position between the keys lies in the widget."""
        return _MARGIN + float(t) * (self.width() - 2 * _MARGIN)

    def _t_at(self, x: float, fine: bool) -> Fraction:
        share = (x - _MARGIN) / max(1.0, self.width() - 2 * _MARGIN)
        grid = FINE if fine else SNAP
        return min(max(round(Fraction(share) / grid) * grid, FINE), 1 - FINE)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self.palette().text().color()
        line = self.height() * 0.34
        painter.setPen(QPen(ink, 1.6))
        painter.drawLine(QPointF(_MARGIN, line), QPointF(self.width() - _MARGIN, line))
        for t, frame in zip((Fraction(0), Fraction(1)), self._keys, strict=True):
            self._paint_key(painter, self.x_of(t), line, frame)
        for index, t in enumerate(self._chart.ticks):
            self._paint_tick(painter, index, self.x_of(t), line)
        if self._tick is not None and self._tick < len(self._chart):
            self._paint_value(painter, self._chart.ticks[self._tick])
        if self.hasFocus():
            painter.setPen(QPen(self.palette().accent().color(), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    def _paint_key(self, painter: QPainter, x: float, line: float, frame: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        dark = self.palette().base().color().lightness() < 128
        painter.setBrush(KEY if dark else QColor("#3a3b40"))
        painter.drawPolygon(diamond(QPointF(x, line), 8))
        painter.setPen(self.palette().text().color())
        box = QRectF(x - 22, line + 13, 44, 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(frame))

    def _paint_tick(self, painter: QPainter, index: int, x: float, line: float) -> None:
        chosen = index == self._tick
        colour = self.palette().accent().color() if chosen else self.palette().text().color()
        # The middle position is drawn longest, as on paper.
        middle = abs(self._chart.ticks[index] - Fraction(1, 2)) < FINE
        reach = 15 if middle else 11
        painter.setPen(QPen(colour, 2.4 if chosen else 1.6))
        painter.drawLine(QPointF(x, line - reach), QPointF(x, line + reach))

    def _paint_value(self, painter: QPainter, t: Fraction) -> None:
        text = str(t) if t.denominator <= 48 else f"{float(t):.3f}"
        x = min(max(self.x_of(t), 30.0), self.width() - 30.0)
        box = QRectF(x - 30, self.height() - 18, 60, 18)
        painter.setPen(self.palette().accent().color())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _tick_at(self, x: float) -> int | None:
        near = [(abs(self.x_of(t) - x), index) for index, t in enumerate(self._chart.ticks)]
        distance, index = min(near, default=(_REACH + 1, 0))
        return index if distance <= _REACH else None

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._tick = self._tick_at(event.position().x())
            self._dragging = self._tick is not None
            self.update()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._dragging and self._tick is not None:
            fine = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            self._move_to(self._tick, self._t_at(x, fine))
        else:
            over = self._tick_at(x) is not None
            self.setCursor(Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        del event
        if self._dragging:
            self._dragging = False
            self.released.emit()

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self._tick_at(event.position().x())
        self._dragging = False
        if index is not None:
            self._remove(index)
        else:
            self._add(self._t_at(event.position().x(), fine=False))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        way = ways.get(Qt.Key(event.key()))
        count = len(self._chart)
        if way and count and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            index = self._tick or 0
            self._move_to(index, self._chart.ticks[index] + way * SNAP)
            self.released.emit()
        elif way and count:
            first = 0 if way > 0 else count - 1
            self._tick = first if self._tick is None else (self._tick + way) % count
            self.update()
        elif event.key() == Qt.Key.Key_Delete and self._tick is not None:
            self._remove(self._tick)
        elif event.key() == Qt.Key.Key_Insert:
            self._add(self._widest())
        else:
            super().keyPressEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._tick = None
        self.update()

    def _widest(self) -> Fraction:
        bounds = [Fraction(0), *self._chart.ticks, Fraction(1)]
        gaps = [(after - before, before) for before, after in pairwise(bounds)]
        width, start = max(gaps, key=lambda gap: (gap[0], -gap[1]))
        return start + width / 2

    def _move_to(self, index: int, t: Fraction) -> None:
        ticks = self._chart.ticks
        low = ticks[index - 1] if index else Fraction(0)
        high = ticks[index + 1] if index + 1 < len(ticks) else Fraction(1)
        t = min(max(t, low + FINE), high - FINE)
        if low < t < high and t != ticks[index]:
            self._tick = index
            self._become(self._chart.moved(index, t))

    def _add(self, t: Fraction) -> None:
        try:
            chart = TimingChart.custom(sorted({*self._chart.ticks, t}))
        except ChartError:
            return
        if chart.ticks != self._chart.ticks:
            self._tick = chart.ticks.index(t)
            self._become(chart)
            self.released.emit()

    def _remove(self, index: int) -> None:
        ticks = [t for place, t in enumerate(self._chart.ticks) if place != index]
        self._tick = None
        self._become(TimingChart.custom(ticks))
        self.released.emit()

    def _become(self, chart: TimingChart) -> None:
        self._chart = chart
        self.edited.emit(chart)
        self.update()
