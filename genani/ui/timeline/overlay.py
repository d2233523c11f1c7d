"""What is painted over the timeline while something is dragged on it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen

from genani.ui.timeline.drops import DropPlace
from genani.ui.timeline.geometry import Geometry
from genani.ui.timeline.gestures import MovePlan
from genani.ui.timeline.rows import Rows


class Overlay:
    """Where dragged cells, a box or a drop would land.

    Args:
        changed: called when it has to be painted anew.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._plan: MovePlan | None = None
        self._band = QRectF()
        self._drop: DropPlace | None = None

    def show_plan(self, plan: MovePlan | None) -> None:
        """Show where cells go that are dragged; None for none."""
        self._plan = plan
        self._changed()

    def show_band(self, band: QRectF) -> None:
        """Show the box that is drawn to select; an empty one for none."""
        self._band = band
        self._changed()

    def show_drop(self, place: DropPlace | None) -> None:
        """Show where a drop would land; None for none."""
        self._drop = place
        self._changed()

    def paint(self, painter: QPainter, geometry: Geometry, rows: Rows, palette: QPalette) -> None:
        """Paint what there is."""
        if self._plan is not None:
            row = rows.row_of(self._plan.layer.id)
            _paint_plan(painter, geometry, row, self._plan, palette)
        if not self._band.isEmpty():
            _paint_band(painter, self._band, palette)
        if self._drop is not None:
            _paint_drop(painter, geometry, self._drop, palette)


def _paint_plan(
    painter: QPainter, geometry: Geometry, row: int, plan: MovePlan, palette: QPalette
) -> None:
    """Show where dragged cells would land on their row."""
    painter.setPen(QPen(palette.accent().color(), 2, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for cell in plan.cells:
        painter.drawRect(geometry.block(row, max(1, cell.frame + plan.by), 1))


def _paint_band(painter: QPainter, band: QRectF, palette: QPalette) -> None:
    """Show the box that is drawn to select."""
    accent = palette.accent().color()
    painter.setPen(QPen(accent, 1))
    painter.setBrush(QColor(accent.red(), accent.green(), accent.blue(), 40))
    painter.drawRect(band)


def _paint_drop(painter: QPainter, geometry: Geometry, place: DropPlace, palette: QPalette) -> None:
    """Show where the drop would land, with the frame's number."""
    accent = palette.accent().color()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = geometry.block(place.row, place.frame, 1)
    if place.between:
        painter.fillRect(QRectF(box.left() - 1.5, box.top() - 3, 3, box.height() + 6), accent)
    else:
        painter.setPen(QPen(accent, 2))
        painter.setBrush(QColor(accent.red(), accent.green(), accent.blue(), 70))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 3, 3)
    text = QCoreApplication.translate("Timeline", "frame {0}").format(place.frame)
    if not place.layer:
        text = QCoreApplication.translate("Timeline", "new layer, frame {0}").format(place.frame)
    width = painter.fontMetrics().horizontalAdvance(text) + 12
    plate = QRectF(box.right() + 6, box.top() + 2, width, 20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(20, 20, 22, 220))
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(QColor("#f0efea"))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
