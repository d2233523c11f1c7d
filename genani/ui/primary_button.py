"""The one button of a panel that does what the panel is for."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QPushButton, QWidget
from typing_extensions import override

from genani.ui.icons import draw_icon

HEIGHT = 36
_ICON = 18
_INK = QColor("#1d1a14")


class PrimaryButton(QPushButton):
    """A push button filled with the accent colour; looks like any other while disabled."""

    def __init__(self, name: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._icon = name
        self.setMinimumHeight(HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        font = self.font()
        font.setBold(True)
        self.setFont(font)

    @override
    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text()) + _ICON + 44
        return QSize(width, HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        fill, ink = palette.color(QPalette.ColorRole.Accent), _INK
        if palette.color(QPalette.ColorRole.Window).lightness() > 128:
            ink = QColor("#ffffff")
        if not self.isEnabled():
            fill = palette.color(QPalette.ColorRole.Button)
            ink = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        elif self.isDown():
            fill = fill.darker(115)
        elif self.underMouse():
            fill = fill.lighter(110)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 5, 5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.WindowText), 1.5))
            painter.drawRoundedRect(box.adjusted(2.5, 2.5, -2.5, -2.5), 3.5, 3.5)
        painter.setPen(ink)
        width = painter.fontMetrics().horizontalAdvance(self.text())
        left = (self.width() - width - _ICON - 8) / 2
        draw_icon(painter, self._icon, QRectF(left, (self.height() - _ICON) / 2, _ICON, _ICON), ink)
        text = QRectF(left + _ICON + 8, 0, width + 2, self.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()
