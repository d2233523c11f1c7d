"""Moving cells about on one layer, and mending its spans afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from fractions import Fraction

from genani.scene.document import Cell, Drawing, Layer
from genani.scene.errors import SceneError
from genani.scene.span import Span, cut, join


def with_cells(
    layer: Layer, cells: Iterable[Cell], drawings: Iterable[Drawing] = (), overwrite: bool = False
) -> Layer:
    """The layer with other cells, its spans cut, joined or dropped to fit.

    Drawings that no cell shows any more stay: an undo or a paste may want them, and the
    project file leaves them out when it is saved.

    Args:
        layer: as it was.
        cells: all its cells from now on, in any order; of two on one frame the later one given
            wins if `overwrite`.
        drawings: new or changed drawings.
        overwrite: cells may cover one another.

    Raises:
        SceneError: two cells on one frame and not `overwrite`, or a frame below 1.
    """
    by_frame: dict[int, Cell] = {}
    for cell in cells:
        if cell.frame in by_frame and not overwrite:
            raise SceneError(f"layer {layer.name}: frame {cell.frame} already has a drawing")
        by_frame[cell.frame] = cell
    ordered = tuple(by_frame[frame] for frame in sorted(by_frame))
    return replace(
        layer,
        drawings={**layer.drawings, **{d.id: d for d in drawings}},
        cells=ordered,
        spans=_mended(layer, ordered),
    )


def moved(layer: Layer, ids: Collection[str], by: int, *, ripple: bool, overwrite: bool) -> Layer:
    """The layer with cells shifted by some frames, stopped at frame 1.

    With `ripple` every cell from the first moved one on goes along, and so does what the face
    does from there on; it stops behind the cell before it.

    Raises:
        SceneError: unknown cells, or a taken frame and not `overwrite`.
    """
    chosen = [layer.cell(cell_id) for cell_id in ids]
    if not chosen:
        return layer
    start = min(cell.frame for cell in chosen)
    if ripple:
        chosen = [cell for cell in layer.cells if cell.frame >= start]
        before = layer.cell_at(start - 1)
        by = max(by, (before.frame + 1 if before else 1) - start)
    by = max(by, 1 - start)
    going = {cell.id for cell in chosen}
    staying = [cell for cell in layer.cells if cell.id not in going]
    shifted = [replace(cell, frame=cell.frame + by) for cell in chosen]
    after = with_cells(layer, [*staying, *shifted], overwrite=overwrite)
    if not ripple or not by:
        return after
    lanes = layer.acting.opened(start, by) if by > 0 else layer.acting.closed(start + by, -by)
    return replace(after, acting=lanes)


def _mended(before: Layer, cells: tuple[Cell, ...]) -> tuple[Span, ...]:
    anchors = {cell.id: cell.frame for cell in cells if cell.kind.anchor}
    order = list(anchors)
    place = {anchor: i for i, anchor in enumerate(order)}
    mended: list[Span] = []
    for span in _joined(before, anchors):
        if span.first not in place or span.last not in place:
            continue
        low, high = place[span.first], place[span.last]
        if low + 1 == high:
            mended.append(span)
        elif low < high:
            mended += _cut_at(span, order[low + 1 : high], before, anchors)
    # Two spans can come to cover one gap when keys swap places: the first one keeps it.
    unique = {span.first: span for span in reversed(mended)}
    return tuple(sorted(unique.values(), key=lambda span: anchors[span.first]))


def _joined(before: Layer, anchors: Collection[str]) -> list[Span]:
    """The spans of a layer with those run together whose shared anchor is gone."""
    spans: list[Span] = []
    for span in before.spans:
        last = spans[-1] if spans else None
        if last and last.last == span.first and span.first not in anchors:
            start, middle = before.ends(last)
            stop = before.ends(span)[1]
            spans[-1] = join(last, span, Fraction(middle - start, stop - start))
        else:
            spans.append(span)
    return spans


def _cut_at(span: Span, inside: list[str], before: Layer, anchors: dict[str, int]) -> list[Span]:
    """The span cut at every anchor now inside it, at the tick of its frame where it has one."""
    pieces: list[Span] = []
    rest, done = span, Fraction(0)
    for anchor in inside:
        whole = _tick(span, anchor, before, anchors)
        t = (whole - done) / (1 - done)
        if not 0 < t < 1:
            t = Fraction(1, 2)
            whole = done + (1 - done) / 2
        piece, rest = cut(rest, t, anchor)
        pieces.append(piece)
        done = whole
    return [*pieces, rest]


def _tick(span: Span, anchor: str, before: Layer, anchors: dict[str, int]) -> Fraction:
    start, stop, frame = anchors[span.first], anchors[span.last], anchors[anchor]
    ends = {cell.id: cell.frame for cell in before.cells}
    if (ends.get(span.first), ends.get(span.last)) == (start, stop):
        for slot in before.slots(span) if span in before.spans else ():
            if slot.frame == frame:
                return slot.t
    return Fraction(frame - start, stop - start)
