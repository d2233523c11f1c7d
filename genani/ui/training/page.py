"""What every page of the training window is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget


class Page(QWidget):
    """A page with a heading; `column` takes the rest.

    Attributes:
        hint: the sentence below the heading.
        column: what is below that.

    Signals:
        next_wanted: the person is done here.
    """

    next_wanted = Signal()

    def __init__(self, name: str, heading: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"training-{name}")
        title = QLabel(heading)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.4)
        font.setBold(True)
        title.setFont(font)
        self.hint = QLabel(text)
        self.hint.setWordWrap(True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 14, 18, 10)
        self.column.addWidget(title)
        self.column.addWidget(self.hint)

    def come(self) -> None:
        """Called when the page comes up, before `refresh`."""

    def refresh(self) -> None:
        """Show things as they stand; called when the page comes up and when something changed."""

    def leave(self) -> None:
        """Called when another page comes up or the window is closed."""
