"""The column of layer names: eye, padlock, and renaming in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget
from typing_extensions import override

from genani.scene.document import Layer
from genani.scene.edits import ChangeLayer
from genani.ui.timeline.geometry import Geometry

if TYPE_CHECKING:
    from genani.app.session import Session

EYE_RIGHT, PADLOCK_RIGHT = 32, 60
"""Where the areas of eye and padlock end, in pixels from the left."""
LANES_WIDTH = 26
"""Width of the area at the right that shows and hides the lanes."""


class LayerNames(QObject):
    """Turns presses on the names of layers into edits.

    Args:
        session: holds the layers.
        view: where the field for a new name appears.
    """

    def __init__(self, session: Session, view: QWidget) -> None:
        super().__init__(view)
        self._session = session
        self._view = view

    def lanes_left(self, geometry: Geometry) -> int:
        """Where the area that shows and hides the lanes begins."""
        return geometry.header - LANES_WIDTH

    def press(self, point: QPointF, layer: Layer, geometry: Geometry) -> None:
        """Show or hide, lock or unlock, open or fold the lanes, or choose the layer."""
        do, acting = self._session.controller.do, self._session.acting
        if point.x() >= self.lanes_left(geometry):
            acting.show(layer.id, not acting.shown(layer))
        elif point.x() < EYE_RIGHT:
            text = self.tr("hide layer") if layer.visible else self.tr("show layer")
            do(ChangeLayer(layer.id, visible=not layer.visible), text)
        elif point.x() < PADLOCK_RIGHT:
            text = self.tr("unlock layer") if layer.locked else self.tr("lock layer")
            do(ChangeLayer(layer.id, locked=not layer.locked), text)
        else:
            self._session.selection.set_layer(layer.id)

    def rename(self, layer: Layer, row: int, geometry: Geometry) -> None:
        """Let a new name be typed over the old one."""
        field = _NameField(layer.name, self._view)
        box = geometry.header_row(row)
        height = field.sizeHint().height()
        width = box.width() - PADLOCK_RIGHT - LANES_WIDTH
        field.setGeometry(PADLOCK_RIGHT, box.center().y() - height // 2, width, height)
        field.editingFinished.connect(lambda: self._take(field, layer))
        field.show()
        field.setFocus(Qt.FocusReason.MouseFocusReason)
        field.selectAll()

    def tip(self, point: QPointF, layer: Layer, geometry: Geometry) -> str:
        """What a press there would do."""
        if point.x() >= self.lanes_left(geometry):
            if self._session.acting.shown(layer):
                return self.tr("Hide mouth shapes, blinks and looks")
            return self.tr("Show mouth shapes, blinks and looks")
        if point.x() < EYE_RIGHT:
            return self.tr("Hide this layer") if layer.visible else self.tr("Show this layer")
        if point.x() < PADLOCK_RIGHT:
            return self.tr("Unlock this layer") if layer.locked else self.tr("Lock this layer")
        return self.tr("{0}: new drawings go to the chosen layer; double-click renames it").format(
            layer.name
        )

    def _take(self, field: QLineEdit, layer: Layer) -> None:
        name = field.text().strip()
        field.hide()
        field.deleteLater()
        known = {it.id: it for it in self._session.controller.scene.layers}
        if name and layer.id in known and name != known[layer.id].name:
            self._session.controller.do(ChangeLayer(layer.id, name=name), self.tr("rename layer"))


class _NameField(QLineEdit):
    """A line that goes away; Esc leaves the old name."""

    def __init__(self, name: str, view: QWidget) -> None:
        super().__init__(name, view)
        self._name = name
        self.setObjectName("layer-name")
        self.setAccessibleName(self.tr("Name of the layer"))

    @override
    def event(self, event: QEvent) -> bool:
        # Return would play, and Esc cancel a drawing: here they end the typing.
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._name)
            self.clearFocus()
        else:
            super().keyPressEvent(event)
