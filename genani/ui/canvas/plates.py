"""Small marks on the canvas: labels, and what lies behind and around drawings."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPixmap

HEIGHT = 22.0
"""Of a label."""

_AROUND_DARK, _AROUND_LIGHT = QColor("#3c3c3e"), QColor("#9c9c9a")


def surround(palette: QPalette) -> QColor:
    """The grey around a drawing: it favours no colour of it, and fits the theme."""
    return _AROUND_DARK if palette.window().color().lightness() < 128 else _AROUND_LIGHT


def checker() -> QPixmap:
    """The tile of the pattern behind transparent drawings."""
    tile = QPixmap(32, 32)
    tile.fill(QColor("#c4c4c4"))
    painter = QPainter(tile)
    for x, y in ((0, 0), (16, 16)):
        painter.fillRect(x, y, 16, 16, QColor("#d6d6d6"))
    painter.end()
    return tile


def plate_width(painter: QPainter, text: str) -> float:
    """How wide a label is."""
    return painter.fontMetrics().horizontalAdvance(text) + 14.0


def plate(painter: QPainter, corner: QPointF, text: str, colour: QColor) -> float:
    """A label at a top left corner; returns its width."""
    width = plate_width(painter, text)
    box = QRectF(corner.x(), corner.y(), width, HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour.darker(115))
    painter.setOpacity(0.92)
    painter.drawRoundedRect(box, 5, 5)
    painter.setOpacity(1.0)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
    return width
