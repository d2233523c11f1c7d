"""Verbs for drawings, layers, markers and the range."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from genani.app.import_task import next_number
from genani.scene.document import Cell, CellKind, Exposure, Layer, Marker, new_id
from genani.scene.edits import (
    AddBlank,
    AddDrawing,
    AddLayer,
    ChangeScene,
    ChangeSpan,
    CopyCells,
    DeleteCells,
    InsertFrames,
    MoveCells,
    MoveLayer,
    RemoveLayer,
    RemoveSpan,
    SetExposure,
    SetKind,
    SetRange,
)
from genani.scene.span import Span
from genani.scene.timing import TimingChart

if TYPE_CHECKING:
    from genani.app.session import Session


class CellCommands(QObject):
    """Each method is one step of the history, or says why it cannot be.

    What is selected is meant; where nothing is, what shows at the playhead on the active layer.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._controller = session.controller
        self._selection = session.selection

    # What is meant.

    def targets(self) -> dict[str, tuple[Cell, ...]]:
        """The cells that are meant, by the id of their layer."""
        selected = self._selection.cells_by_layer()
        if selected or self._selection.span:
            return selected
        here = self.block()
        if here is None or here[1].cell is None:
            return {}
        return {here[0].id: (here[1].cell,)}

    def block(self) -> tuple[Layer, Exposure] | None:
        """The block that is meant, generated or not, and its layer."""
        found = self._selection.selected_span()
        if found and self._selection.t is not None:
            layer, span = found
            slot = next((s for s in layer.slots(span) if s.t == self._selection.t), None)
            if slot and slot.frame:
                return self._at(layer, slot.frame)
        for layer_id, cells in self._selection.cells_by_layer().items():
            if len(cells) == 1 and len(self._selection.cells) == 1:
                return self._at(self._controller.scene.layer(layer_id), cells[0].frame)
        layer = self._selection.active_layer()
        return self._at(layer, self._session.playback.frame) if layer else None

    def _at(self, layer: Layer, frame: int) -> tuple[Layer, Exposure] | None:
        block = self._session.blocks.at(self._controller.scene, layer.id, frame)
        return (layer, block) if block else None

    # Drawings.

    def delete(self, ripple: bool = False) -> None:
        """Take the selected drawings off; of a generated in-between, its tick of the chart."""
        found = self._selection.selected_span()
        if found:
            self._delete_of_span(*found)
            return
        with self._controller.step(self.tr("delete drawings")):
            for layer_id, cells in self.targets().items():
                ids = tuple(cell.id for cell in cells)
                self._controller.do(DeleteCells(layer_id, ids, ripple), self.tr("delete drawings"))

    def _delete_of_span(self, layer: Layer, span: Span) -> None:
        t = self._selection.t
        if t is None:
            self._controller.do(RemoveSpan(layer.id, span.id), self.tr("remove span"))
            return
        ticks = tuple(tick for tick in span.chart.ticks if tick != t)
        changed = replace(span, chart=TimingChart(ticks))
        self._controller.do(ChangeSpan(layer.id, changed), self.tr("delete in-between"))

    def insert(self) -> None:
        """Push what begins on the playhead or later one frame to the right."""
        layer = self._selection.active_layer()
        if layer:
            edit = InsertFrames(layer.id, self._session.playback.frame, 1)
            self._controller.do(edit, self.tr("insert frame"))

    def duplicate(self) -> None:
        """Put a copy of the drawing that shows on the playhead, or behind it if it begins there."""
        here = self.block()
        if here is None:
            return
        layer, block = here
        self._session.start(self._duplicate(layer, block))

    async def _duplicate(self, layer: Layer, block: Exposure) -> None:
        drawing = await self._session.generated.shown(layer, block)
        frame = self._session.playback.frame
        if frame <= block.frame or frame >= block.frame + block.frames:
            frame = block.frame + self._controller.scene.exposure
        copy = replace(drawing, id=new_id(), number=next_number(layer), take=None, t=None)
        cell = Cell(new_id(), frame, copy.id)
        self._controller.do(AddDrawing(layer.id, cell, copy), self.tr("duplicate drawing"))

    def blank(self) -> None:
        """Show nothing from the playhead on, until the next drawing."""
        layer = self._selection.active_layer()
        if layer is None:
            return
        frame = self._session.playback.frame
        cell = Cell(new_id(), frame, None)
        taken = layer.cell_on(frame) is not None
        edit = CopyCells(layer.id, (cell,), overwrite=True) if taken else AddBlank(layer.id, cell)
        self._controller.do(edit, self.tr("blank drawing"))

    def expose(self, by: int) -> None:
        """Hold the meant drawings longer or shorter; what comes later moves along."""
        text = self.tr("change exposure")
        targets = self.targets()
        if not targets:
            self._expose_generated(by, text)
            return
        with self._controller.step(text):
            for layer_id, cells in targets.items():
                for cell in cells:
                    frames = self._frames(layer_id, cell.id) + by
                    self._controller.do(SetExposure(layer_id, cell.id, max(frames, 1)), text)

    def _frames(self, layer_id: str, cell_id: str) -> int:
        """Frames until the next cell: a span that starts here stretches as a whole."""
        scene = self._controller.scene
        layer = scene.layer(layer_id)
        place = layer.cells.index(layer.cell(cell_id))
        following = layer.cells[place + 1].frame if place + 1 < len(layer.cells) else scene.end + 1
        return following - layer.cells[place].frame

    def _expose_generated(self, by: int, text: str) -> None:
        here = self.block()
        if here and here[1].span:
            layer, block = here[0], here[1]
            last = here[1].span.last
            first, stop = layer.ends(here[1].span)
            if stop + by > first + len(here[1].span.chart) and block.frames + by >= 1:
                self._controller.do(MoveCells(layer.id, (last,), by, ripple=True), text)

    def mark(self, kind: CellKind) -> None:
        """Mark the meant drawings as keys, breakdowns or in-betweens."""
        text = self.tr("mark drawings")
        with self._controller.step(text):
            for layer_id, cells in self.targets().items():
                ids = tuple(cell.id for cell in cells)
                self._controller.do(SetKind(layer_id, ids, kind), text)

    def select_all(self) -> None:
        """Select every drawing of the active layer."""
        layer = self._selection.active_layer()
        self._selection.select_cells(cell.id for cell in layer.cells) if layer else None

    # Layers.

    def add_layer(self) -> None:
        """Put a new layer in front of the active one, and make it active."""
        layers = self._controller.scene.layers
        active = self._selection.layer
        place = next((i + 1 for i, la in enumerate(layers) if la.id == active), len(layers))
        layer = Layer(new_id(), self.free_name())
        if self._controller.do(AddLayer(layer, place), self.tr("add layer")):
            self._selection.set_layer(layer.id)

    def free_name(self) -> str:
        """The first letter that names no layer yet; after Z numbers follow."""
        names = {layer.name for layer in self._controller.scene.layers}
        letters = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
        numbered = (f"A{number}" for number in range(2, len(names) + 3))
        return next(name for name in (*letters, *numbered) if name not in names)

    def delete_layer(self) -> None:
        """Take the active layer and all on it away."""
        if self._selection.layer:
            self._controller.do(RemoveLayer(self._selection.layer), self.tr("delete layer"))

    def move_layer(self, by: int) -> None:
        """Move the active layer towards the front (1) or the back (-1)."""
        layers = self._controller.scene.layers
        ids = [layer.id for layer in layers]
        active = self._selection.layer
        if active in ids and 0 <= ids.index(active) + by < len(ids):
            edit = MoveLayer(active, ids.index(active) + by)
            self._controller.do(edit, self.tr("move layer"))

    # Markers and range.

    def toggle_marker(self, text: str = "") -> None:
        """Put a marker on the playhead, or take it away."""
        frame = self._session.playback.frame
        markers = [m for m in self._controller.scene.markers if m.frame != frame]
        if len(markers) == len(self._controller.scene.markers):
            markers.append(Marker(frame, text))
        ordered = tuple(sorted(markers, key=lambda marker: marker.frame))
        self._controller.do(ChangeScene(markers=ordered), self.tr("marker"))

    def range_from_playhead(self, start: bool) -> None:
        """Set the in point (or the out point) to the playhead."""
        scene, frame = self._controller.scene, self._session.playback.frame
        first, last = scene.first_frame, scene.last_frame
        if start:
            first, last = frame, last if last and last >= frame else None
        else:
            first, last = first if first and first <= frame else None, frame
        self._controller.do(SetRange(first, last), self.tr("set range"))

    def range_from_selection(self) -> None:
        """Set in and out point around what is selected."""
        scene = self._controller.scene
        frames: list[int] = []
        found = self._selection.selected_span()
        if found:
            frames += found[0].ends(found[1])
        for layer_id, cells in self._selection.cells_by_layer().items():
            for cell in cells:
                block = self._session.blocks.at(scene, layer_id, cell.frame)
                frames += [cell.frame, cell.frame + (block.frames if block else 1) - 1]
        if frames:
            self._controller.do(SetRange(min(frames), max(frames)), self.tr("set range"))

    def clear_range(self) -> None:
        """Lift in and out point."""
        self._controller.do(SetRange(None, None), self.tr("whole scene"))
