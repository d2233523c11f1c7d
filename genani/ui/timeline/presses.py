"""Which gesture a press on the timeline begins: by place, by what lies there, by modifiers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from genani.scene.document import Cell, Exposure, Layer
from genani.scene.span import Span
from genani.ui.timeline.geometry import RULER_HEIGHT, Geometry
from genani.ui.timeline.gestures import (
    Gesture,
    Move,
    MovePlan,
    RetimeEdge,
    RetimeStart,
    RubberBand,
    Scrub,
)
from genani.ui.timeline.rows import Rows

if TYPE_CHECKING:
    from genani.app.session import Session

EDGE = 5.0
"""How near the end of a block a press takes hold of its edge, in pixels."""
LEAST_WIDTH = 6.0
"""Frames narrower than this have no edges to take hold of."""

_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


@dataclass(frozen=True)
class Spot:
    """What lies under the pointer."""

    layer: Layer | None
    exposure: Exposure | None


def spot_at(point: QPointF, geometry: Geometry, rows: Rows) -> Spot:
    """The layer and the block under a point of the timeline."""
    row = geometry.row_at(point.y())
    if point.y() < RULER_HEIGHT or not 0 <= row < len(rows):
        return Spot(None, None)
    if point.x() < geometry.header:
        return Spot(rows.layers[row], None)
    return Spot(rows.layers[row], rows.at(row, geometry.frame_at(point.x())))


def edge_at(point: QPointF, geometry: Geometry, spot: Spot) -> int:
    """-1 on the left edge of a block that can be retimed, 1 on its right edge, else 0."""
    layer, exposure = spot.layer, spot.exposure
    if layer is None or exposure is None or exposure.cell is None:
        return 0
    if layer.locked or geometry.frame_width < LEAST_WIDTH:
        return 0
    left, right = geometry.x(exposure.frame), geometry.x(exposure.frame + exposure.frames)
    if right - point.x() <= EDGE:
        return 1
    return -1 if point.x() - left <= EDGE else 0


def choose(session: Session, spot: Spot) -> None:
    """Select what a menu is asked for on, unless it is among what is selected."""
    layer, exposure, selection = spot.layer, spot.exposure, session.selection
    if layer is None or exposure is None:
        return
    if exposure.cell is not None and exposure.cell.id not in selection.cells:
        selection.select_cells({exposure.cell.id})
    elif exposure.cell is None and exposure.span is not None:
        selection.select_span(layer.id, exposure.span.id, exposure.t)


def cells_in(box: QRectF, geometry: Geometry, rows: Rows) -> set[str]:
    """Ids of the cells that start inside a box, on every row it touches."""
    first, last = geometry.frame_at(box.left()), geometry.frame_at(box.right())
    top, bottom = max(0, geometry.row_at(box.top())), geometry.row_at(box.bottom())
    return {
        exposure.cell.id
        for row in range(top, min(len(rows), bottom + 1))
        for exposure in rows.between(row, first, last)
        if exposure.cell is not None and first <= exposure.frame <= last
    }


class Presses:
    """Makes gestures.

    Args:
        session: what they change.
        show_plan: shows where dragged cells would land; None when the drag is over.
        show_band: shows the rubber band; an empty box when it is over.
        choose_box: selects the cells in a box.
    """

    def __init__(
        self,
        session: Session,
        show_plan: Callable[[MovePlan | None], None],
        show_band: Callable[[QRectF], None],
        choose_box: Callable[[QRectF], None],
    ) -> None:
        self._session = session
        self._show_plan = show_plan
        self._show_band = show_band
        self._choose_box = choose_box
        self._drags = 0

    def gesture(
        self, point: QPointF, geometry: Geometry, spot: Spot, modifiers: Qt.KeyboardModifier
    ) -> Gesture:
        """The gesture that a press of the left button begins right of the layer names."""
        if point.y() < RULER_HEIGHT:
            return Scrub(self._session.playback.seek)
        layer, exposure = spot.layer, spot.exposure
        if layer is None or exposure is None:
            if not modifiers & _SHIFT:
                self._session.selection.clear()
            if layer is not None and layer.attachment is not None:
                # Its ribbon lies on all frames: a press on it means the frame, as on a drawing.
                self._session.selection.set_layer(layer.id)
                return Scrub(self._session.playback.seek)
            return RubberBand(point, self._choose_box, self._show_band)
        span = self._span_at(point, geometry, layer)
        if span is not None:
            self._session.selection.select_span(layer.id, span.id)
            return Scrub(self._session.playback.seek)
        edge = edge_at(point, geometry, spot)
        if edge:
            return self._edge(layer, exposure, edge)
        if exposure.cell is None:
            if exposure.span is not None:
                self._session.selection.select_span(layer.id, exposure.span.id, exposure.t)
            return Scrub(self._session.playback.seek)
        return self._cell(point, geometry.frame_at(point.x()), layer, exposure.cell, modifiers)

    def _span_at(self, point: QPointF, geometry: Geometry, layer: Layer) -> Span | None:
        """The span whose strip is under the pointer."""
        span = layer.span_at(geometry.frame_at(point.x()))
        if span is None:
            return None
        strip = geometry.strip(geometry.row_at(point.y()), *layer.ends(span))
        return span if strip.adjusted(0, -2, 0, 4).contains(point) else None

    def _cell(
        self,
        point: QPointF,
        frame: int,
        layer: Layer,
        cell: Cell,
        modifiers: Qt.KeyboardModifier,
    ) -> Gesture:
        selection = self._session.selection
        if modifiers & _SHIFT:
            selection.toggle_cell(cell.id)
        elif cell.id not in selection.cells:
            selection.select_cells({cell.id})
        chosen = tuple(it for it in layer.cells if it.id in selection.cells) or (cell,)

        def click() -> None:
            if not modifiers & (_SHIFT | _CTRL):
                selection.select_cells({cell.id})
                self._session.playback.seek(frame)

        plan = MovePlan(layer, chosen)
        return Move(plan, frame, point, self._show_plan, self._session.controller.do, click)

    def _edge(self, layer: Layer, exposure: Exposure, edge: int) -> Gesture:
        cell = exposure.cell
        assert cell is not None
        self._drags += 1
        merge, undo = f"retime {self._drags}", self._session.controller.undo_stack.undo
        do = self._session.controller.do
        if edge > 0:
            return RetimeEdge(layer, exposure, do, merge, undo)
        place = layer.cells.index(cell)
        low = layer.cells[place - 1].frame + 1 if place else 1
        later = layer.cells[place + 1 :]
        high = later[0].frame - 1 if later else cell.frame + 10_000
        return RetimeStart(layer, cell, low, high, do, merge, undo)
