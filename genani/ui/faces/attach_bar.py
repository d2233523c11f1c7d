"""The bar of the attachment tool: what it lies in front of, how it gives way, and away with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QMenu, QToolButton, QWidget

from genani.app.attach_commands import AttachCommands
from genani.scene.attachment import Order, Rigidity
from genani.ui.faces.attach_tool import AttachTool
from genani.ui.faces.tool_bar import ToolBar

if TYPE_CHECKING:
    from genani.app.session import Session


class AttachBar(ToolBar):
    """See `ToolBar`."""

    def __init__(
        self,
        session: Session,
        tool: AttachTool,
        commands: AttachCommands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, "attach", self.tr("Attachment"), parent)
        self._tool = tool
        self._commands = commands
        orders = {
            Order.FRONT: self.tr("In front"),
            Order.BEHIND: self.tr("Behind the face"),
            Order.SIDE: self.tr("Behind once turned away"),
        }
        stiff = {
            Rigidity.SIMILARITY: self.tr("Stiff"),
            Rigidity.AFFINE: self.tr("Slants"),
            Rigidity.MESH: self.tr("Bends to its pins"),
        }
        self._order = _choice("attach-order", self.tr("What it lies in front of"))
        self._rigidity = _choice("attach-rigidity", self.tr("How it gives way to the face"))
        for box, texts in ((self._order, orders), (self._rigidity, stiff)):
            for value, text in texts.items():
                box.addItem(text, value)
        self._turns = QCheckBox(self.tr("Turns with the head"))
        self._turns.setObjectName("attach-turns")
        self._turns.setToolTip(
            self.tr("Glasses do; a round hat keeps its front to the viewer and does not")
        )
        self._turns.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._lay_out()
        self._order.activated.connect(self._ordered)
        self._rigidity.activated.connect(self._stiffened)
        self._turns.clicked.connect(commands.set_turns)
        tool.changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        row = self._row
        row.setSpacing(6)
        row.addWidget(self._order)
        row.addWidget(self._cover_button())
        row.addSpacing(6)
        row.addWidget(self._rigidity)
        row.addWidget(self._turns)
        row.addSpacing(6)
        row.addWidget(self._hint, 1)
        row.addWidget(self._action_button("bar-attach-off", "attach-off"))
        leave = self.tr("Leave the attachment (Esc)")
        row.addWidget(self._done_button("attach-done", leave, "attach-place"))

    def _cover_button(self) -> QToolButton:
        self._covers = QMenu(self)
        self._covers.setObjectName("attach-covers")
        self._covers.aboutToShow.connect(self._fill_covers)
        tip = self.tr(
            "Parts of the drawing that lie in front of it, such as a fringe before glasses"
        )
        button = self._menu_button("attach-cover-button", tip, self._covers)
        button.setText(self.tr("Covered by"))
        return button

    @Slot()
    def _fill_covers(self) -> None:
        self._covers.clear()
        here = self._commands.here()
        covers = here.attachment.covers if here else ()
        for name in dict.fromkeys(cover.name for cover in covers):
            action = self._covers.addAction(name)
            action.setCheckable(True)
            action.setChecked(True)
            action.triggered.connect(lambda _checked=False, name=name: self._commands.uncover(name))
        self._covers.addSeparator()
        self._covers.addAction(self._session.actions.action("attach-cover"))

    @Slot(int)
    def _ordered(self, _row: int) -> None:
        self._commands.set_order(Order(self._order.currentData()))

    @Slot(int)
    def _stiffened(self, _row: int) -> None:
        self._commands.set_rigidity(Rigidity(self._rigidity.currentData()))

    @Slot()
    def refresh(self) -> None:
        """Show what is chosen, and say what can be done now."""
        here = self._commands.here()
        if here is not None:
            self._order.setCurrentIndex(self._order.findData(here.chosen.order))
            self._rigidity.setCurrentIndex(self._rigidity.findData(here.drawing.rigidity))
            self._turns.setChecked(here.drawing.turns)
        for widget in (self._order, self._rigidity, self._turns):
            widget.setEnabled(here is not None and not here.layer.locked)
        self._tell(self._text())
        self.setVisible(self._tool.on)

    def _text(self) -> str:
        here = self._commands.here()
        if here is None:
            return self.tr("Choose the layer of the attachment")
        if here.face is None:
            return self.tr("No face is marked here, so nothing is shown")
        return self.tr("Drag · corners scale · handle turns")


def _choice(name: str, tip: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(tip)
    box.setToolTip(tip)
    box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return box
