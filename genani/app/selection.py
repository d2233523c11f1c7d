"""What is selected: a layer, cells, a span, and one of its in-betweens."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from genani.scene.errors import SceneError

if TYPE_CHECKING:
    from genani.app.document_controller import DocumentController, SceneChange
    from genani.scene.document import Cell, Layer
    from genani.scene.span import Span


class Selection(QObject):
    """The selection; what leaves the scene leaves the selection too.

    The active layer is where new drawings go; selecting a cell of another layer does not
    change it, so that scrubbing does not disturb.

    Attributes:
        layer: id of the active layer, or None in a scene without layers.
        cells: ids of the selected cells, of any layers.
        span: id of the selected span, or None.
        span_layer: id of the layer that span is on.
        t: tick of one generated in-between of that span, or None.

    Signals:
        changed: any of them.
    """

    changed = Signal()

    def __init__(self, controller: DocumentController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.layer: str | None = None
        self.cells: frozenset[str] = frozenset()
        self.span: str | None = None
        self.span_layer: str | None = None
        self.t: Fraction | None = None
        self._activate_some_layer()
        controller.scene_changed.connect(self._prune)

    def set_layer(self, layer: str | None) -> None:
        """Make a layer the active one."""
        self._become(layer, self.cells, self.span_layer, self.span, self.t)

    def select_cells(self, cells: Iterable[str]) -> None:
        """Select these cells and nothing else."""
        self._become(self.layer, frozenset(cells), None, None, None)

    def toggle_cell(self, cell: str) -> None:
        """Add a cell to the selected ones, or take it out."""
        self._become(self.layer, self.cells ^ {cell}, None, None, None)

    def select_span(self, layer: str, span: str, t: Fraction | None = None) -> None:
        """Select a span, or the generated in-between of it at `t`, and nothing else."""
        self._become(self.layer, frozenset(), layer, span, t)

    def clear(self) -> None:
        """Select nothing; the active layer stays."""
        self._become(self.layer, frozenset(), None, None, None)

    def cells_by_layer(self) -> dict[str, tuple[Cell, ...]]:
        """The selected cells in order of frame, by the id of their layer."""
        found: dict[str, tuple[Cell, ...]] = {}
        for layer in self._controller.scene.layers:
            cells = tuple(cell for cell in layer.cells if cell.id in self.cells)
            if cells:
                found[layer.id] = cells
        return found

    def active_layer(self) -> Layer | None:
        """The active layer itself."""
        return self._layer(self.layer)

    def selected_span(self) -> tuple[Layer, Span] | None:
        """The selected span and its layer."""
        layer = self._layer(self.span_layer)
        if layer is None or self.span is None:
            return None
        try:
            return layer, layer.span(self.span)
        except SceneError:
            return None

    def _layer(self, layer_id: str | None) -> Layer | None:
        layers = self._controller.scene.layers
        return next((layer for layer in layers if layer.id == layer_id), None)

    def _activate_some_layer(self) -> None:
        layers = self._controller.scene.layers
        if not any(layer.id == self.layer for layer in layers):
            self.layer = layers[-1].id if layers else None

    def _become(
        self,
        layer: str | None,
        cells: frozenset[str],
        span_layer: str | None,
        span: str | None,
        t: Fraction | None,
    ) -> None:
        now = layer, cells, span_layer, span, t
        if now == (self.layer, self.cells, self.span_layer, self.span, self.t):
            return
        self.layer, self.cells, self.span_layer, self.span, self.t = now
        self.changed.emit()

    @Slot(object)
    def _prune(self, change: SceneChange) -> None:
        before = self.layer, self.cells, self.span_layer, self.span, self.t
        self._activate_some_layer()
        if self.cells:
            layers = change.after.layers
            self.cells &= {cell.id for layer in layers for cell in layer.cells}
        selected = self.selected_span()
        if selected is None:
            self.span = self.span_layer = self.t = None
        elif self.t is not None and self.t not in selected[1].chart.ticks:
            self.t = None
        if before != (self.layer, self.cells, self.span_layer, self.span, self.t):
            self.changed.emit()
