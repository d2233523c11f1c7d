"""Edits of the cells of one layer: add, move, copy, delete, retime, mark."""

from __future__ import annotations

from dataclasses import replace

from genani.scene.cells import moved, with_cells
from genani.scene.document import Cell, CellKind, Drawing, Layer, Scene
from genani.scene.edits.base import LayerEdit
from genani.scene.errors import SceneError
from genani.scene.face import Landmarks
from genani.scene.time import MAX_FRAME


class AddDrawing(LayerEdit, frozen=True, tag=True):
    """Expose a new drawing from a free frame on; a key inside a span cuts it in two."""

    cell: Cell
    drawing: Drawing

    def change(self, layer: Layer) -> Layer:
        """The layer with the drawing and its cell."""
        return with_cells(layer, [*layer.cells, self.cell], [self.drawing])


class ReplaceDrawing(LayerEdit, frozen=True, tag=True):
    """Put a changed drawing in place of the one that has its id, or a new one into a cell."""

    cell: str
    drawing: Drawing

    def change(self, layer: Layer) -> Layer:
        """The layer with the drawing in that cell."""
        was = layer.cell(self.cell)
        now = replace(was, drawing=self.drawing.id)
        return with_cells(
            layer, [now if c.id == was.id else c for c in layer.cells], [self.drawing]
        )


class AddBlank(LayerEdit, frozen=True, tag=True):
    """End the exposure before a frame: nothing shows from there on."""

    cell: Cell

    def change(self, layer: Layer) -> Layer:
        """The layer with an empty cell.

        Raises:
            SceneError: the cell has a drawing, or the frame is taken.
        """
        if self.cell.drawing is not None:
            raise SceneError("an empty exposure has no drawing")
        return with_cells(layer, [*layer.cells, self.cell])


class MoveCells(LayerEdit, frozen=True, tag=True):
    """Shift cells by some frames (retime); never past frame 1. See `cells.moved`."""

    cells: tuple[str, ...]
    by: int
    ripple: bool = False
    overwrite: bool = False

    def change(self, layer: Layer) -> Layer:
        """The layer with the cells shifted."""
        return moved(layer, self.cells, self.by, ripple=self.ripple, overwrite=self.overwrite)


class CopyCells(LayerEdit, frozen=True, tag=True):
    """Expose the same drawings again elsewhere on the layer.

    Attributes:
        cells: the copies, with new ids, their frames set and drawings of this layer.
    """

    cells: tuple[Cell, ...]
    overwrite: bool = False

    def change(self, layer: Layer) -> Layer:
        """The layer with the copies."""
        return with_cells(layer, [*layer.cells, *self.cells], overwrite=self.overwrite)


class DeleteCells(LayerEdit, frozen=True, tag=True):
    """Take cells away; what shows before them is held on.

    With `ripple` the rest closes up, and what the face does on their frames goes with them.
    """

    cells: tuple[str, ...]
    ripple: bool = False

    def change(self, layer: Layer) -> Layer:
        """The layer without the cells."""
        gone = {layer.cell(cell_id).id for cell_id in self.cells}
        kept: list[Cell] = []
        lanes, shift = layer.acting, 0
        for place, cell in enumerate(layer.cells):
            if cell.id not in gone:
                kept.append(replace(cell, frame=cell.frame - shift))
            elif self.ripple and place + 1 < len(layer.cells):
                exposed = layer.cells[place + 1].frame - cell.frame
                lanes = lanes.closed(cell.frame - shift, exposed)
                shift += exposed
        return replace(with_cells(layer, kept), acting=lanes)


class InsertFrames(LayerEdit, frozen=True, tag=True):
    """Push every cell from a frame on to the right, and the acting with them (ripple insert)."""

    frame: int
    frames: int

    def change(self, layer: Layer) -> Layer:
        """The layer opened up by `frames` frames."""
        later = tuple(cell.id for cell in layer.cells if cell.frame >= self.frame)
        if self.frames < 1:
            raise SceneError("insert at least one frame")
        opened = moved(layer, later, self.frames, ripple=True, overwrite=False)
        return replace(opened, acting=layer.acting.opened(self.frame, self.frames))


class DeleteFrames(LayerEdit, frozen=True, tag=True):
    """Remove some frames, cells and acting, and pull the rest to the left (ripple delete)."""

    frame: int
    frames: int

    def change(self, layer: Layer) -> Layer:
        """The layer closed up by `frames` frames; cells that start in them are gone."""
        stop = self.frame + self.frames
        if self.frames < 1:
            raise SceneError("delete at least one frame")
        cells = [
            replace(c, frame=c.frame - self.frames) if c.frame >= stop else c
            for c in layer.cells
            if not self.frame <= c.frame < stop
        ]
        closed = with_cells(layer, cells)
        return replace(closed, acting=layer.acting.closed(self.frame, self.frames))


class SetExposure(LayerEdit, frozen=True, tag=True):
    """Hold a drawing for so many frames; later cells move along."""

    cell: str
    frames: int

    def after(self, scene: Scene) -> Scene:
        """The scene with the exposure set; the last cell's exposure sets the scene's length."""
        if not 1 <= self.frames <= MAX_FRAME:
            raise SceneError("a drawing is exposed for at least one frame")
        cell = scene.layer(self.layer).cell(self.cell)
        if cell == scene.layer(self.layer).cells[-1]:
            return replace(scene, length=cell.frame + self.frames - 1)
        return super().after(scene)

    def change(self, layer: Layer) -> Layer:
        """The layer with the next cell moved to where the exposure ends."""
        place = layer.cells.index(layer.cell(self.cell))
        here, following = layer.cells[place], layer.cells[place + 1]
        by = here.frame + self.frames - following.frame
        return moved(layer, (following.id,), by, ripple=True, overwrite=False)


class SetKind(LayerEdit, frozen=True, tag=True):
    """Mark cells as key, breakdown or in-between; spans are cut or joined to fit."""

    cells: tuple[str, ...]
    kind: CellKind

    def change(self, layer: Layer) -> Layer:
        """The layer with the cells marked."""
        chosen = {layer.cell(cell_id).id for cell_id in self.cells}
        return with_cells(
            layer, [replace(c, kind=self.kind) if c.id in chosen else c for c in layer.cells]
        )


class SetLandmarks(LayerEdit, frozen=True, tag=True):
    """Place the face of a drawing, or take it away."""

    drawing: str
    landmarks: Landmarks | None

    def change(self, layer: Layer) -> Layer:
        """The layer with the landmarks set."""
        if self.drawing not in layer.drawings:
            raise SceneError(f"layer {layer.name} has no such drawing")
        drawing = replace(layer.drawings[self.drawing], landmarks=self.landmarks)
        return replace(layer, drawings={**layer.drawings, drawing.id: drawing})
