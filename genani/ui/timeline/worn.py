"""The row of an attachment: a ribbon that says whose face it follows."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette

from genani.scene.document import Layer, Scene
from genani.ui.timeline.geometry import Geometry

_HEIGHT = 20.0
_INSET = 10.0


def worn_text(layer: Layer, scene: Scene) -> str:
    """What the ribbon says."""
    followed = layer.attachment.follows if layer.attachment else ""
    name = next((other.name for other in scene.layers if other.id == followed), "")
    if not name:
        return QCoreApplication.translate("Worn", "follows a face that is gone")
    return QCoreApplication.translate("Worn", "follows the face of {0}").format(name)


def paint_worn(
    painter: QPainter, geometry: Geometry, row: int, layer: Layer, scene: Scene, palette: QPalette
) -> None:
    """Paint the ribbon over all frames of the scene; a row without attachment is left alone."""
    if layer.attachment is None:
        return
    left, right = geometry.x(1), geometry.x(scene.end + 1)
    middle = geometry.y(row) + geometry.row_height / 2
    box = QRectF(left + 1, middle - _HEIGHT / 2, right - left - 2, _HEIGHT)
    accent = QColor(palette.color(QPalette.ColorRole.Accent))
    accent.setAlpha(70)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(accent)
    painter.drawRoundedRect(box, 5, 5)
    painter.setPen(palette.color(QPalette.ColorRole.Text))
    # Where the names of layers end, however far the frames are scrolled.
    shown = box.adjusted(max(geometry.header - box.left(), 0) + _INSET, 0, -_INSET, 0)
    text = painter.fontMetrics().elidedText(
        worn_text(layer, scene), Qt.TextElideMode.ElideRight, max(int(shown.width()), 0)
    )
    painter.drawText(shown, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    painter.restore()
