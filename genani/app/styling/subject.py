"""What is to be restyled: one drawing, the drawings chosen, a span, or a whole layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from genani.app.sources import Source
from genani.scene.document import Drawing, Exposure, Layer, Scene
from genani.scene.errors import SceneError

if TYPE_CHECKING:
    from genani.app.session import Session


class Extent(Enum):
    """How much of a layer is meant."""

    DRAWING = "drawing"
    CHOSEN = "chosen"
    SPAN = "span"
    LAYER = "layer"


@dataclass(frozen=True)
class Piece:
    """One block of the timeline that shows something.

    Attributes:
        block: as it was when it was asked for.
        source: its pixels.
        drawing: what is drawn there; None for an in-between that nobody has kept yet.
    """

    block: Exposure
    source: Source
    drawing: Drawing | None


@dataclass(frozen=True)
class Subject:
    """Drawings of one layer, in the order of their frames.

    Attributes:
        layer: as it was when it was asked for.
        extent: how much of it this is.
        pieces: at least one.
    """

    layer: Layer
    extent: Extent
    pieces: tuple[Piece, ...]

    @property
    def count(self) -> int:
        """How many different drawings there are."""
        return len({piece.source for piece in self.pieces})

    @property
    def first(self) -> int:
        """The first frame."""
        return self.pieces[0].block.frame

    @property
    def last(self) -> int:
        """The last frame."""
        block = self.pieces[-1].block
        return block.frame + block.frames - 1

    def at(self, frame: int) -> Piece:
        """What shows on a frame; the nearest piece where that is none of them."""

        def gap(piece: Piece) -> int:
            first, stop = piece.block.frame, piece.block.frame + piece.block.frames
            return max(first - frame, frame - stop + 1, 0)

        return min(self.pieces, key=gap)


def subjects(session: Session) -> dict[Extent, Subject]:
    """What could be restyled now, the least first; without what would be the same as another."""
    found: dict[Extent, Subject] = {}
    for extent, find in _FINDERS.items():
        found_here = find(session)
        if found_here is None:
            continue
        layer, blocks = found_here
        subject = _subject(session, layer, extent, blocks)
        if subject is None or any(
            (each.layer.id, each.pieces) == (layer.id, subject.pieces) for each in found.values()
        ):
            continue
        found[extent] = subject
    return found


def _subject(
    session: Session, layer: Layer, extent: Extent, blocks: Iterable[Exposure]
) -> Subject | None:
    pieces: list[Piece] = []
    for block in blocks:
        source = session.sources.wished(layer, block)
        if source is not None:
            shown = block.cell.drawing if block.cell else None
            pieces.append(Piece(block, source, layer.drawings[shown] if shown else None))
    return Subject(layer, extent, tuple(pieces)) if pieces else None


_Found = tuple[Layer, Iterable[Exposure]] | None


def _drawing(session: Session) -> _Found:
    here = session.commands.cells.block()
    return (here[0], (here[1],)) if here else None


def _chosen(session: Session) -> _Found:
    by_layer = session.selection.cells_by_layer()
    if len(by_layer) != 1 or len(session.selection.cells) < 2:
        return None
    ((layer_id, cells),) = by_layer.items()
    scene = session.controller.scene
    blocks = (session.blocks.at(scene, layer_id, cell.frame) for cell in cells)
    return scene.layer(layer_id), [block for block in blocks if block]


def _span(session: Session) -> _Found:
    target = session.commands.spans.target()
    if target is None:
        return None
    layer, span = target
    first, last = layer.ends(span)
    return layer, session.blocks.between(session.controller.scene, layer.id, first, last)


def _layer(session: Session) -> _Found:
    layer = session.selection.active_layer()
    return (layer, session.blocks.of(session.controller.scene, layer.id)) if layer else None


_FINDERS: dict[Extent, Callable[[Session], _Found]] = {
    Extent.DRAWING: _drawing,
    Extent.CHOSEN: _chosen,
    Extent.SPAN: _span,
    Extent.LAYER: _layer,
}


def still_there(scene: Scene, subject: Subject) -> bool:
    """True while every drawing of a subject is where and what it was, and may be changed."""
    try:
        layer = scene.layer(subject.layer.id)
        if layer.locked:
            return False
        for piece in subject.pieces:
            cell = piece.block.cell
            if cell is None:
                if piece.block.span is None or layer.cell_on(piece.block.frame) is not None:
                    return False
                layer.span(piece.block.span.id)
                continue
            drawing = layer.drawings.get(cell.drawing or "")
            if replace(layer.cell(cell.id), kind=cell.kind) != cell or drawing != piece.drawing:
                return False
    except SceneError:
        return False
    return True
