"""The message bar: one sentence inside the window, with its details to copy."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from genani.app.actions import ActionRegistry
from genani.app.messages import Level, Message
from genani.ui.icons import icon

INFO_MS, OFFER_MS = 6000, 15000
"""How long information stays: alone, and where it offers something to press."""

_COLOURS = {Level.INFO: "#35506b", Level.WARNING: "#7a5518", Level.ERROR: "#7d3026"}


class MessageBar(QFrame):
    """Shows the latest message above the canvas; information goes away by itself.

    Args:
        actions: of the window; a message may offer one of them.
    """

    def __init__(self, actions: ActionRegistry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions, self._offered = actions, ""
        self.setObjectName("message-bar")
        self.setAutoFillBackground(True)
        self._details = ""
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setObjectName("message-text")
        self._offer = QPushButton()
        self._offer.setObjectName("message-offer")
        self._offer.clicked.connect(self._do_offered)
        self._copy = QPushButton(icon("copy"), self.tr("Copy details"))
        self._copy.setObjectName("message-copy")
        self._copy.clicked.connect(self._copy_details)
        close = QToolButton()
        close.setObjectName("message-close")
        close.setIcon(icon("reject"))
        close.setAutoRaise(True)
        close.setToolTip(self.tr("Close this message"))
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.addWidget(self._text, 1)
        row.addWidget(self._offer)
        row.addWidget(self._copy)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence that is shown."""
        return self._text.text()

    @Slot(object)
    def show_message(self, message: Message) -> None:
        """Show a message in place of the one before."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(_COLOURS[message.level]))
        palette.setColor(QPalette.ColorRole.WindowText, QColor("#ffffff"))
        self.setPalette(palette)
        self._text.setText(message.text)
        self._details = message.details
        self._copy.setVisible(bool(message.details))
        self._offered = message.action
        self._offer.setVisible(bool(self._offered))
        if self._offered:
            self._offer.setText(self._actions.action(self._offered).text())
        self._timer.stop()
        if message.level is Level.INFO:
            self._timer.start(OFFER_MS if self._offered else INFO_MS)
        self.show()

    def _do_offered(self) -> None:
        action = self._actions.action(self._offered)
        # Asked for twice, what is on already would go off.
        if not (action.isCheckable() and action.isChecked()):
            action.trigger()
        self.hide()

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(f"{self._text.text()}\n\n{self._details}".strip())
