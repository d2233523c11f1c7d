"""The bar of a tool of the canvas: what can be done now, in words and as buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

if TYPE_CHECKING:
    from genani.app.session import Session


class ToolBar(QFrame):
    """Shown below the canvas while its tool is chosen: over it, it would hide what is drawn.

    Nothing on it takes the focus: keys stay with the canvas.

    Args:
        session: has the actions.
        name: begins the names of what is on it.
        title: what people who do not see it are told.
    """

    def __init__(
        self, session: Session, name: str, title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}-bar")
        self.setAccessibleName(title)
        self._session = session
        self._hint = QLabel()
        self._hint.setObjectName(f"{name}-hint")
        # A long hint is cut off rather than making the window wider.
        self._hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 3, 8, 3)

    @property
    def hint(self) -> str:
        """What it says can be done."""
        return self._hint.text()

    def _tell(self, text: str) -> None:
        self._hint.setText(text)
        self._hint.setToolTip(text)

    def _action_button(self, name: str, action: str) -> QToolButton:
        """A button with the icon of an action."""
        button = QToolButton()
        button.setObjectName(name)
        button.setDefaultAction(self._session.actions.action(action))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setIconSize(QSize(20, 20))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def _menu_button(self, name: str, tip: str, menu: QMenu) -> QToolButton:
        """A button that opens a menu."""
        button = QToolButton()
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setMenu(menu)
        return button

    def _done_button(self, name: str, tip: str, action: str) -> QToolButton:
        """A button that leaves the tool."""
        button = QToolButton()
        button.setObjectName(name)
        button.setText(self.tr("Done"))
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(self._session.actions.action(action).trigger)
        return button
