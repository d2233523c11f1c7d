"""A slider with nothing in its middle, and more to either side."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSlider, QStyle, QWidget
from typing_extensions import override

_HANDLE = 6.0


class BalanceSlider(QSlider):
    """Filled from the middle to the handle; a double-click brings it back to the middle.

    Signals:
        reset: it was brought back.
    """

    reset = Signal()

    def __init__(self, most: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(-most, most)
        self.setPageStep(5)

    @override
    def sizeHint(self) -> QSize:
        return QSize(100, 22)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setValue(0)
            self.reset.emit()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, middle = self.palette(), self.rect().center().y() + 0.5
        centre, handle = self._place(0), self._place(self.value())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Base))
        ends = self._place(self.minimum()), self._place(self.maximum())
        painter.drawRoundedRect(QRectF(ends[0], middle - 2, ends[1] - ends[0], 4), 2, 2)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.PlaceholderText), 1.2))
        painter.drawLine(QPointF(centre, middle - 6), QPointF(centre, middle + 6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
        painter.drawRect(QRectF(min(centre, handle), middle - 2, abs(handle - centre), 4))
        active = self.hasFocus() and self.isEnabled()
        role = QPalette.ColorRole.Accent if active else QPalette.ColorRole.PlaceholderText
        painter.setPen(QPen(palette.color(role), 1.4))
        painter.setBrush(palette.color(QPalette.ColorRole.Button))
        painter.drawEllipse(QPointF(handle, middle), _HANDLE, _HANDLE)
        painter.end()

    def _place(self, value: int) -> float:
        # As the style moves its handle, so that the pointer stays on ours.
        length = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self)
        span = self.width() - length
        place = QStyle.sliderPositionFromValue(self.minimum(), self.maximum(), value, span)
        return place + length / 2
