"""The timeline as a Qt model: rows are layers, the front one first; columns are frames from 1."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Slot,
)
from typing_extensions import override

from genani.app.states import DrawingState
from genani.scene.document import CellKind, Exposure, Layer

if TYPE_CHECKING:
    from fractions import Fraction

    from genani.app.blocks import Blocks
    from genani.app.bridge import RenderBridge
    from genani.app.document_controller import DocumentController, SceneChange

Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What can be asked of a cell, beside text and tool tip."""

    LAYER = Qt.ItemDataRole.UserRole + 1
    """Id of the layer."""
    FRAME = Qt.ItemDataRole.UserRole + 2
    EXPOSURE = Qt.ItemDataRole.UserRole + 3
    """The `Exposure` that shows on the frame; None before the first."""
    KIND = Qt.ItemDataRole.UserRole + 4
    """Its `CellKind`, as text."""
    HELD = Qt.ItemDataRole.UserRole + 5
    """True where the exposure began on an earlier frame."""
    NUMBER = Qt.ItemDataRole.UserRole + 6
    """The drawing number; None for empty and generated ones."""
    FRAMES = Qt.ItemDataRole.UserRole + 7
    """How many frames the exposure lasts."""
    SPAN = Qt.ItemDataRole.UserRole + 8
    """Id of the span it lies in."""
    STATE = Qt.ItemDataRole.UserRole + 9
    """Its `DrawingState`, as text."""
    CORRECTED = Qt.ItemDataRole.UserRole + 10
    """True where a hand changed what an engine drew."""


class TimelineModel(QAbstractTableModel):
    """Tells what every layer shows on every frame; it never changes the scene.

    Args:
        controller: the scene.
        blocks: the blocks of the layers.
        renders: the state of what is generated.
    """

    def __init__(
        self, controller: DocumentController, blocks: Blocks, renders: RenderBridge
    ) -> None:
        super().__init__(controller)
        self._scene = controller.scene
        self._blocks = blocks
        self._renders = renders
        controller.scene_changed.connect(self._scene_changed)
        renders.drawn.connect(self._drawn)
        renders.span_changed.connect(self._span_changed)

    def layer(self, row: int) -> Layer:
        """The layer of a row; row 0 is the front one."""
        return self._scene.layers[-1 - row]

    def row(self, layer_id: str) -> int:
        """The row of a layer, or -1."""
        layers = self._scene.layers
        return next((len(layers) - 1 - i for i, la in enumerate(layers) if la.id == layer_id), -1)

    @override
    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._scene.layers)

    @override
    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._scene.end

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        layer, frame = self.layer(index.row()), index.column() + 1
        if role == Role.LAYER:
            return layer.id
        if role == Role.FRAME:
            return frame
        block = self._blocks.at(self._scene, layer.id, frame)
        return self._of_block(layer, block, frame, role) if block else None

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return section + 1
        return self.layer(section).name if section < len(self._scene.layers) else None

    def _of_block(self, layer: Layer, block: Exposure, frame: int, role: int) -> Any:
        drawing = block.cell and block.cell.drawing and layer.drawings[block.cell.drawing]
        match role:
            case Role.EXPOSURE:
                return block
            case Role.KIND:
                return block.kind
            case Role.HELD:
                return block.frame < frame
            case Role.NUMBER:
                return drawing.number if drawing else None
            case Role.FRAMES:
                return block.frames
            case Role.SPAN:
                return block.span.id if block.span else None
            case Role.STATE:
                return self._renders.drawing_state(layer, block)
            case Role.CORRECTED:
                return bool(drawing and drawing.corrected)
            case Qt.ItemDataRole.DisplayRole:
                shown = block.frame == frame and drawing
                return str(drawing.number) if shown and drawing else None
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._in_words(layer, block)
            case _:
                return None

    def _in_words(self, layer: Layer, block: Exposure) -> str:
        kinds = {
            CellKind.KEY: self.tr("key"),
            CellKind.BREAKDOWN: self.tr("breakdown"),
            CellKind.INBETWEEN: self.tr("in-between"),
            CellKind.GENERATED: self.tr("generated in-between"),
        }
        drawing = block.cell and block.cell.drawing and layer.drawings[block.cell.drawing]
        what = kinds[block.kind]
        if drawing:
            what = self.tr("{0}, drawing {1}").format(what, drawing.number)
        elif block.kind is not CellKind.GENERATED:
            what = self.tr("empty")
        last = block.frame + block.frames - 1
        where = self.tr("{0}: frames {1}–{2}").format(layer.name, block.frame, last)
        return f"{where}, {what}{self._state_in_words(layer, block)}"

    def _state_in_words(self, layer: Layer, block: Exposure) -> str:
        words = {
            DrawingState.STALE: self.tr("out of date"),
            DrawingState.MISSING: self.tr("not drawn yet"),
            DrawingState.QUEUED: self.tr("waiting to be drawn"),
            DrawingState.RUNNING: self.tr("being drawn"),
            DrawingState.FAILED: self.tr("could not be drawn"),
        }
        word = words.get(self._renders.drawing_state(layer, block))
        doubts = self._renders.warnings(layer, block)
        return "".join(f", {text}" for text in (*((word,) if word else ()), *doubts))

    @Slot(object)
    def _scene_changed(self, change: SceneChange) -> None:
        before = [layer.id for layer in self._scene.layers]
        if before != [layer.id for layer in change.after.layers]:
            self.beginResetModel()
            self._scene = change.after
            self.endResetModel()
            return
        was, now = self._scene.end, change.after.end
        if now > was:
            self.beginInsertColumns(QModelIndex(), was, now - 1)
        elif now < was:
            self.beginRemoveColumns(QModelIndex(), now, was - 1)
        self._scene = change.after
        if now > was:
            self.endInsertColumns()
        elif now < was:
            self.endRemoveColumns()
        for layer_id in change.layers:
            self._touch(layer_id, 1, now)
            row = self.row(layer_id)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, row, row)

    @Slot(str, str, object)
    def _drawn(self, layer_id: str, span_id: str, _t: Fraction) -> None:
        self._span_changed(layer_id, span_id)

    @Slot(str, str)
    def _span_changed(self, layer_id: str, span_id: str) -> None:
        row = self.row(layer_id)
        if row < 0:
            return
        layer = self.layer(row)
        for span in layer.spans:
            if span.id == span_id:
                self._touch(layer_id, *layer.ends(span))

    def _touch(self, layer_id: str, first: int, last: int) -> None:
        row = self.row(layer_id)
        self.dataChanged.emit(self.index(row, first - 1), self.index(row, last - 1))
