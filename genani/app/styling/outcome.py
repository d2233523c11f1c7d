"""What becomes of restyled drawings: the edits, each one step of the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from genani.app.import_task import next_number
from genani.app.sources import Source
from genani.app.styling.subject import Piece, Subject
from genani.scene.document import Cell, CellKind, Drawing, Layer, Scene, new_id
from genani.scene.edits import AddDrawing, AddLayer, AnyEdit, Batch, ChangeLayer, ReplaceDrawing
from genani.scene.picture import PictureId

Made = Mapping[Source, PictureId]
"""The restyled picture of each source; it is on the picture shelf."""


def as_layer(scene: Scene, subject: Subject, made: Made, name: str, *, hide: bool) -> Batch:
    """A layer of its own in front of the one that was restyled, on the same frames.

    Args:
        scene: as it is now.
        subject: what was restyled.
        made: what came of it.
        name: of the new layer.
        hide: the other one is not to be seen any more.
    """
    old = next((each for each in scene.layers if each.id == subject.layer.id), None)
    drawings: dict[object, Drawing] = {}
    cells: list[Cell] = []
    free = subject.first
    for piece in subject.pieces:
        if free < piece.block.frame:
            # Nothing shows between two drawings that do not follow one another.
            cells.append(Cell(new_id(), free, None))
        drawing = drawings.get(_key(piece))
        if drawing is None:
            drawing = drawings[_key(piece)] = _drawing(piece, made, len(drawings) + 1)
        kind = CellKind.INBETWEEN if piece.block.cell is None else piece.block.kind
        cells.append(Cell(new_id(), piece.block.frame, drawing.id, kind))
        free = piece.block.frame + piece.block.frames
    if free <= scene.end:
        cells.append(Cell(new_id(), free, None))
    layer = Layer(
        new_id(),
        name,
        {drawing.id: drawing for drawing in drawings.values()},
        tuple(cells),
        opacity=subject.layer.opacity,
    )
    place = scene.layers.index(old) + 1 if old else len(scene.layers)
    edits: list[AnyEdit] = [AddLayer(layer, place)]
    if hide and old:
        edits.append(ChangeLayer(old.id, visible=False))
    return Batch(tuple(edits))


def in_place(scene: Scene, subject: Subject, made: Made) -> Batch:
    """The restyled drawings instead of the old ones; in-betweens become drawings of the layer.

    Raises:
        SceneError: the layer is gone.
    """
    layer = scene.layer(subject.layer.id)
    number = next_number(layer)
    edits: list[AnyEdit] = []
    drawings: dict[object, Drawing] = {}
    for piece in subject.pieces:
        drawing = drawings.get(_key(piece))
        if drawing is None:
            own = piece.drawing.number if piece.drawing else number
            number += piece.drawing is None
            drawing = drawings[_key(piece)] = _drawing(piece, made, own)
        if piece.block.cell is not None:
            edits.append(ReplaceDrawing(layer.id, piece.block.cell.id, drawing))
        else:
            cell = Cell(new_id(), piece.block.frame, drawing.id, CellKind.INBETWEEN)
            edits.append(AddDrawing(layer.id, cell, drawing))
    return Batch(tuple(edits))


def _drawing(piece: Piece, made: Made, number: int) -> Drawing:
    picture = made[piece.source]
    if piece.drawing is None:
        return Drawing(new_id(), picture, number)
    # No longer what the take holds, so it does not say that it came from one.
    return replace(piece.drawing, id=new_id(), picture=picture, number=number, take=None, t=None)


def _key(piece: Piece) -> object:
    """What two pieces have in common that show one drawing."""
    return piece.drawing.id if piece.drawing else piece.source
