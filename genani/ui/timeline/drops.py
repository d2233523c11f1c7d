"""Dropping on the timeline: what it takes, and where that lands."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QMimeData, QPointF

from genani.ui.timeline.geometry import RULER_HEIGHT, Geometry
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
