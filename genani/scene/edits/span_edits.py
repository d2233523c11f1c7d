"""Edits of spans and their takes."""

from __future__ import annotations

from dataclasses import replace

from genani.scene.cells import with_cells
from genani.scene.document import Cell, CellKind, Drawing, Layer
from genani.scene.edits.base import LayerEdit
from genani.scene.errors import SceneError
from genani.scene.span import Span, check_room


class AddSpan(LayerEdit, frozen=True, tag=True):
    """Join two neighbouring keys by a span."""

    span: Span

    def change(self, layer: Layer) -> Layer:
        """The layer with the span.

        Raises:
            SceneError: there is one already, the keys are not neighbours, or too many in-betweens.
        """
        if any(it.first == self.span.first or it.id == self.span.id for it in layer.spans):
            raise SceneError("these two keys already have a span")
        first, last = layer.cell(self.span.first).frame, layer.cell(self.span.last).frame
        check_room(self.span.chart, first, last)
        spans = sorted((*layer.spans, self.span), key=lambda s: layer.cell(s.first).frame)
        return replace(layer, spans=tuple(spans))


class ChangeSpan(LayerEdit, frozen=True, tag=True):
    """Give a span another chart, settings, mask, or shown, kept, rejected and pinned takes."""

    span: Span

    def change(self, layer: Layer) -> Layer:
        """The layer with the span changed.

        Raises:
            SceneError: it does not exist, joins other keys, or a longer chart does not fit.
        """
        was = layer.span(self.span.id)
        if (was.first, was.last) != (self.span.first, self.span.last):
            raise SceneError("a span keeps its two keys; move the keys instead")
        if len(self.span.chart) > len(was.chart):
            check_room(self.span.chart, *layer.ends(was))
        spans = tuple(self.span if it.id == was.id else it for it in layer.spans)
        return replace(layer, spans=spans)


class RemoveSpan(LayerEdit, frozen=True, tag=True):
    """Let the first key hold until the second; accepted in-betweens stay."""

    span: str

    def change(self, layer: Layer) -> Layer:
        """The layer without the span."""
        gone = layer.span(self.span)
        return replace(layer, spans=tuple(it for it in layer.spans if it.id != gone.id))


class KeepTake(LayerEdit, frozen=True, tag=True):
    """Accept a take: its drawings become in-between cells of the layer.

    Attributes:
        take: hash of the request that made it.
        cells, drawings: one a slot, with new ids; cells that stand on those frames are replaced
            only where they came from a take.
    """

    span: str
    take: str
    cells: tuple[Cell, ...]
    drawings: tuple[Drawing, ...]

    def change(self, layer: Layer) -> Layer:
        """The layer with the in-betweens accepted."""
        span = layer.span(self.span)
        first, last = layer.ends(span)
        rest = _without_taken(layer, first, last)
        busy = {cell.frame for cell in rest}
        new = [cell for cell in self.cells if cell.frame not in busy]
        if any(not first < cell.frame < last or cell.kind.anchor for cell in new):
            raise SceneError("a take lies between the two keys of its span")
        kept = replace(span, kept=self.take, shown=self.take)
        kept = replace(kept, rejected=tuple(r for r in span.rejected if r != self.take))
        after = with_cells(layer, [*rest, *new], self.drawings)
        return ChangeSpan(self.layer, kept).change(after)


class RejectTake(LayerEdit, frozen=True, tag=True):
    """Throw a take out: its drawings leave the layer, and it is not shown again."""

    span: str
    take: str

    def change(self, layer: Layer) -> Layer:
        """The layer without the take."""
        span = layer.span(self.span)
        if span.kept == self.take:
            layer = with_cells(layer, _without_taken(layer, *layer.ends(span)))
        rejected = replace(
            span,
            kept=None if span.kept == self.take else span.kept,
            shown=None if span.shown == self.take else span.shown,
            rejected=(*(r for r in span.rejected if r != self.take), self.take),
        )
        return ChangeSpan(self.layer, rejected).change(layer)


def _without_taken(layer: Layer, first: int, last: int) -> list[Cell]:
    """The cells of a layer but for accepted, uncorrected in-betweens between two frames."""

    def taken(cell: Cell) -> bool:
        drawing = layer.drawings[cell.drawing] if cell.drawing else None
        return bool(drawing and drawing.take and not drawing.corrected and not cell.kind.anchor)

    return [c for c in layer.cells if not (first < c.frame < last and taken(c))]


class MakeBreakdown(LayerEdit, frozen=True, tag=True):
    """Turn an in-between into a breakdown: it stays as it is, and the span splits there.

    Attributes:
        cell: a breakdown cell at the in-between's frame; replaces the cell on that frame. The
            charts of the two halves are shared out at the tick of that frame, exactly.
        drawing: what it shows.
    """

    span: str
    cell: Cell
    drawing: Drawing

    def change(self, layer: Layer) -> Layer:
        """The layer with the breakdown and two spans."""
        span = layer.span(self.span)
        first, last = layer.ends(span)
        if not first < self.cell.frame < last:
            raise SceneError("a breakdown must lie between the two keys")
        # The other accepted in-betweens were drawn for the whole span: they are stale now.
        others = [c for c in _without_taken(layer, first, last) if c.frame != self.cell.frame]
        cell = replace(self.cell, kind=CellKind.BREAKDOWN)
        return with_cells(layer, [*others, cell], [self.drawing])
