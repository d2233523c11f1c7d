"""The bar of the pin tool: what can be done now, in words and as buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from genani.scene.face import FacePart
from genani.ui.faces.parts import part_name
from genani.ui.faces.pins import PinTool
from genani.ui.faces.tool_bar import ToolBar
from genani.ui.icons import icon

if TYPE_CHECKING:
    from genani.app.session import Session

_ACTIONS = (
    ("face-find", "face-next"),
    ("face-copy", "face-mirror", "face-fit", "face-symmetric", "face-ghost"),
)


class PinBar(ToolBar):
    """See `ToolBar`."""

    def __init__(self, session: Session, tool: PinTool, parent: QWidget | None = None) -> None:
        super().__init__(session, "pin", self.tr("Face pins"), parent)
        self._tool = tool
        self._add_buttons()
        tool.changed.connect(self.refresh)
        self.refresh()

    def _add_buttons(self) -> None:
        row = self._row
        row.setSpacing(2)
        for group in _ACTIONS:
            for name in group:
                row.addWidget(self._action_button(f"pins-{name}", name))
            row.addSpacing(10)
        row.addWidget(self._lock_button())
        row.addWidget(self._action_button("pins-face-clear", "face-clear"))
        row.addSpacing(10)
        row.addWidget(self._hint, 1)
        leave = self.tr("Leave the pins (P)")
        row.addWidget(self._done_button("pins-done", leave, "face-pins"))

    def _lock_button(self) -> QToolButton:
        menu = QMenu(self)
        menu.setObjectName("pins-lock-menu")
        for part in FacePart:
            action = menu.addAction(part_name(part))
            action.setObjectName(f"pins-lock-{part.value}")
            action.setCheckable(True)
            action.toggled.connect(lambda on, part=part: self._session.faces.lock(part, on))
        tip = self.tr("Leave parts of the face alone while its pins are dragged")
        button = self._menu_button("pins-lock", tip, menu)
        button.setIcon(icon("lock"))
        button.setIconSize(QSize(20, 20))
        button.setAutoRaise(True)
        return button

    @Slot()
    def refresh(self) -> None:
        """Say what can be done now."""
        self._tell(self._text())
        self.setVisible(self._tool.on)

    def _text(self) -> str:
        here = self._tool.here()
        if here is None:
            return self.tr("Nothing is drawn here on the active layer")
        if here.landmarks is None and here.planned:
            return self.tr("Place the face on both keys of this span first")
        if here.landmarks is None:
            return self.tr("Drag a box around the face · with Shift a plain face is placed")
        if here.planned:
            return self.tr("Drag a pin: the face passes there · double-click lets it go again")
        return self.tr(
            "Drag a pin · Shift: its whole part · inside the face: all of it · "
            "Ctrl: turn and size · Arrows nudge"
        )
