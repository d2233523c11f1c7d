"""A button that is one of a few choices, and shows plainly whether it is the chosen one."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QToolButton, QWidget
from typing_extensions import override


class ChoiceButton(QToolButton):
    """Filled with the colour of selections while it is chosen."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @override
    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 18, metrics.height() + 9)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        roles = QPalette.ColorRole.Button, QPalette.ColorRole.ButtonText
        if self.isChecked():
            roles = QPalette.ColorRole.Highlight, QPalette.ColorRole.HighlightedText
        fill = palette.color(roles[0])
        if self.underMouse() and self.isEnabled():
            fill = fill.lighter(112)
        line = palette.color(QPalette.ColorRole.Accent if self.hasFocus() else roles[0])
        painter.setPen(QPen(line.lighter(125) if not self.hasFocus() else line, 1.2))
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.setPen(palette.color(roles[1]))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()
