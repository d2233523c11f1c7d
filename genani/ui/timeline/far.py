"""A row seen from so far that marks, numbers and thumbnails would only blur together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from genani.scene.document import CellKind, Exposure
from genani.ui.timeline.geometry import Geometry
from genani.ui.timeline.marks import BREAKDOWN, KEY

FAR = 5.0
"""Frames narrower than this, in pixels, are seen from far."""


def paint_far(
    painter: QPainter,
    geometry: Geometry,
    row: int,
    blocks: Iterable[Exposure],
    fills: Mapping[str, QColor],
    chosen: frozenset[str],
    accent: QColor,
) -> None:
    """Blocks as plain boxes, a few calls for all of them; keys and breakdowns keep a tick."""
    box = geometry.block(row, 1, 1)
    top, height, width = box.top(), box.height(), geometry.frame_width
    gap = 0.5 if width > 2 else 0.0
    boxes: defaultdict[CellKind, list[QRectF]] = defaultdict(list)
    ticks: defaultdict[CellKind, list[QRectF]] = defaultdict(list)
    picked: list[QRectF] = []
    for block in blocks:
        cell = block.cell
        if cell is not None and cell.drawing is None:
            continue
        left = geometry.x(block.frame)
        place = QRectF(left, top, block.frames * width - gap, height)
        boxes[block.kind].append(place)
        if block.kind.anchor:
            ticks[block.kind].append(QRectF(left, top + height * 0.62, 1.0, height * 0.38))
        if cell is not None and cell.id in chosen:
            picked.append(QRectF(left, top, max(place.width(), 2.0), 3))
    painter.setPen(Qt.PenStyle.NoPen)
    layers = [(rects, fills[kind.value]) for kind, rects in boxes.items()]
    layers += [(rects, KEY if kind is CellKind.KEY else BREAKDOWN) for kind, rects in ticks.items()]
    for rects, colour in (*layers, (picked, accent)):
        painter.setBrush(colour)
        painter.drawRects(rects)
