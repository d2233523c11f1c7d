"""What becomes of the frames of a loop: the edits, each one step of the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from genani.app.import_task import next_number
from genani.scene.document import Cell, CellKind, Drawing, Layer, Scene, new_id
from genani.scene.edits import (
    AddDrawing,
    AddLayer,
    AnyEdit,
    Batch,
    ChangeLayer,
    CopyCells,
    InsertFrames,
)
from genani.scene.picture import PictureId


class Keeping(Enum):
    """Where a loop goes."""

    BEHIND = "behind"
    """Behind the drawing, on its own layer."""
    INSTEAD = "instead"
    """On a new layer; the drawing's is hidden, or it would stand still behind the loop."""
    LAYER = "layer"
    """On a new layer; the drawing's is left as it is."""


@dataclass(frozen=True)
class Subject:
    """The drawing that was animated.

    Attributes:
        layer: id of its layer.
        cell: id of the cell that shows it; None for an in-between that nobody has kept yet.
        frame: the first frame it shows on.
        name: of its layer.
    """

    layer: str
    cell: str | None
    frame: int
    name: str


def after_key(scene: Scene, subject: Subject, made: Sequence[PictureId], exposure: int) -> Batch:
    """The frames behind the drawing on its own layer; what came next makes room.

    Where the drawing was held longer than the loop lasts, it comes back at the loop's end.

    Args:
        scene: as it is now.
        subject: what was animated; its cell is still there.
        made: the frames of the loop but the first; they are on the picture shelf.
        exposure: frames that each is held for, the drawing too.

    Raises:
        SceneError: the layer or the cell is gone.
    """
    layer = scene.layer(subject.layer)
    key = layer.cell(subject.cell or "")
    place = layer.cells.index(key)
    following = layer.cells[place + 1].frame if place + 1 < len(layer.cells) else None
    stop = key.frame + (len(made) + 1) * exposure
    edits: list[AnyEdit] = []
    if following is not None and following < stop:
        edits.append(InsertFrames(layer.id, following, stop - following))
    number = next_number(layer)
    for index, picture in enumerate(made):
        drawing = Drawing(new_id(), picture, number + index)
        frame = key.frame + (index + 1) * exposure
        cell = Cell(new_id(), frame, drawing.id, CellKind.INBETWEEN)
        edits.append(AddDrawing(layer.id, cell, drawing))
    if following is not None and following > stop:
        again = Cell(new_id(), stop, key.drawing, CellKind.INBETWEEN)
        edits.append(CopyCells(layer.id, (again,)))
    return Batch(tuple(edits))


def as_layer(
    scene: Scene,
    subject: Subject,
    made: Sequence[PictureId],
    exposure: int,
    name: str,
    *,
    hide: bool = False,
) -> Batch:
    """The whole loop on a layer of its own in front of the drawing's.

    Args:
        scene: as it is now.
        subject: what was animated; its layer may be gone.
        made: all frames of the loop, the drawing first; they are on the picture shelf.
        exposure: frames that each is held for.
        name: of the new layer.
        hide: the drawing's layer is then hidden.
    """
    drawings = [Drawing(new_id(), picture, index + 1) for index, picture in enumerate(made)]
    cells = [
        Cell(
            new_id(),
            subject.frame + index * exposure,
            drawing.id,
            CellKind.INBETWEEN if index else CellKind.KEY,
        )
        for index, drawing in enumerate(drawings)
    ]
    stop = subject.frame + len(made) * exposure
    if stop <= scene.end:
        cells.append(Cell(new_id(), stop, None))
    layer = Layer(new_id(), name, {each.id: each for each in drawings}, tuple(cells))
    ids = [each.id for each in scene.layers]
    there = subject.layer in ids
    edits: list[AnyEdit] = [
        AddLayer(layer, ids.index(subject.layer) + 1 if there else len(ids)),
    ]
    if hide and there:
        edits.append(ChangeLayer(subject.layer, visible=False))
    return Batch(tuple(edits))


def new_layer(edit: Batch) -> str:
    """The id of the layer that `as_layer` adds."""
    return next(each.layer.id for each in edit.edits if isinstance(each, AddLayer))


def still_there(scene: Scene, subject: Subject) -> bool:
    """Whether the frames can go behind the drawing."""
    layer = next((each for each in scene.layers if each.id == subject.layer), None)
    return (
        layer is not None
        and not layer.locked
        and any(cell.id == subject.cell for cell in layer.cells)
    )
