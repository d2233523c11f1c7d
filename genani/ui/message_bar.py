"""The message bar: one sentence inside the window, with its details to copy."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from genani.app.messages import Level, Message
from genani.ui.icons import icon

INFO_MS = 6000
_COLOURS = {Level.INFO: "#35506b", Level.WARNING: "#7a5518", Level.ERROR: "#7d3026"}


class MessageBar(QFrame):
    """Shows the latest message above the canvas; information goes away by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message-bar")
        self.setAutoFillBackground(True)
        self._details = ""
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setObjectName("message-text")
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
        row.addWidget(self._copy)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INFO_MS)
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
        self._timer.stop()
        if message.level is Level.INFO:
            self._timer.start()
        self.show()

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(f"{self._text.text()}\n\n{self._details}".strip())
