"""Dropping on the timeline: pictures onto a frame or between two, cells elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QMimeData, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen

from genani.ui.timeline.geometry import RULER_HEIGHT, Geometry
from genani.ui.timeline.gestures import MovePlan
from genani.ui.timeline.rows import Rows

BIN_MIME = "application/x-genani-pictures+json"
"""Ids of pictures dragged from the media bin."""


@dataclass(frozen=True)
class DropPlace:
    """Where a drop would land.

    Attributes:
        row: of the timeline; one past the last is a new layer.
        layer: id of the layer, or "" for a new one.
        frame: first frame.
        between: the drop falls on the cut before `frame` and pushes what follows.
    """

    row: int
    layer: str
    frame: int
    between: bool


def wanted(data: QMimeData) -> bool:
    """True for what the timeline takes: files, pictures, and pictures of the media bin."""
    return data.hasUrls() or data.hasImage() or data.hasFormat(BIN_MIME)


def place_of(point: QPointF, geometry: Geometry, rows: Rows) -> DropPlace:
    """The place under a pointer: near a cut it is between frames, else on the frame."""
    row = max(0, geometry.row_at(max(point.y(), RULER_HEIGHT)))
    if len(rows) == 1 and not rows.layers[0].cells:
        # The first drawings go to the layer that waits for them, wherever they are let go.
        row = 0
    known = row < len(rows)
    row = row if known else len(rows)
    frame = geometry.frame_at(point.x())
    cut = geometry.nearest_cut(point.x())
    near = abs(point.x() - geometry.x(cut)) < min(5.0, geometry.frame_width * 0.25)
    taken = known and rows.layers[row].cell_on(frame) is not None
    between = near and known and cut > 1
    return DropPlace(
        row, rows.layers[row].id if known else "", cut if between else frame, between and taken
    )


def paint_plan(
    painter: QPainter, geometry: Geometry, row: int, plan: MovePlan, palette: QPalette
) -> None:
    """Show where dragged cells would land on their row."""
    painter.setPen(QPen(palette.accent().color(), 2, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for cell in plan.cells:
        painter.drawRect(geometry.block(row, max(1, cell.frame + plan.by), 1))


def paint_band(painter: QPainter, band: QRectF, palette: QPalette) -> None:
    """Show the box that is drawn to select."""
    accent = palette.accent().color()
    painter.setPen(QPen(accent, 1))
    painter.setBrush(QColor(accent.red(), accent.green(), accent.blue(), 40))
    painter.drawRect(band)


def paint_drop(painter: QPainter, geometry: Geometry, place: DropPlace, palette: QPalette) -> None:
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
