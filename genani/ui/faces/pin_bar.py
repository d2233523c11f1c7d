"""The bar of the pin tool: what can be done now, in words and as buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from genani.scene.face import FacePart
from genani.ui.faces.parts import part_name
from genani.ui.faces.pins import PinTool
from genani.ui.icons import icon

if TYPE_CHECKING:
    from genani.app.session import Session

_ACTIONS = (
    ("face-find", "face-next"),
    ("face-copy", "face-mirror", "face-fit", "face-symmetric", "face-ghost"),
)


class PinBar(QFrame):
    """Shown below the canvas while the tool is chosen: over it, it would hide what is drawn."""

    def __init__(self, session: Session, tool: PinTool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pin-bar")
        self.setAccessibleName(self.tr("Face pins"))
        self._session = session
        self._tool = tool
        self._hint = QLabel()
        self._hint.setObjectName("pin-hint")
        # A long hint is cut off rather than making the window wider.
        self._hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._add_buttons()
        tool.changed.connect(self.refresh)
        self.refresh()

    @property
    def hint(self) -> str:
        """What it says can be done."""
        return self._hint.text()

    def _add_buttons(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 3, 8, 3)
        row.setSpacing(2)
        for group in _ACTIONS:
            for name in group:
                row.addWidget(self._button(name))
            row.addSpacing(10)
        row.addWidget(self._lock_button())
        row.addWidget(self._button("face-clear"))
        row.addSpacing(10)
        row.addWidget(self._hint, 1)
        done = QToolButton()
        done.setObjectName("pins-done")
        done.setText(self.tr("Done"))
        done.setToolTip(self.tr("Leave the pins (P)"))
        done.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        done.clicked.connect(self._session.actions.action("face-pins").trigger)
        row.addWidget(done)

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"pins-{name}")
        button.setDefaultAction(self._session.actions.action(name))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setIconSize(QSize(20, 20))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def _lock_button(self) -> QToolButton:
        menu = QMenu(self)
        menu.setObjectName("pins-lock-menu")
        for part in FacePart:
            action = menu.addAction(part_name(part))
            action.setObjectName(f"pins-lock-{part.value}")
            action.setCheckable(True)
            action.toggled.connect(lambda on, part=part: self._session.faces.lock(part, on))
        button = QToolButton()
        button.setObjectName("pins-lock")
        button.setIcon(icon("lock"))
        button.setIconSize(QSize(20, 20))
        button.setToolTip(self.tr("Leave parts of the face alone while its pins are dragged"))
        button.setAutoRaise(True)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setMenu(menu)
        return button

    @Slot()
    def refresh(self) -> None:
        """Say what can be done now."""
        text = self._text()
        self._hint.setText(text)
        self._hint.setToolTip(text)
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
