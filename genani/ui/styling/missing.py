"""What a style lacks, and the way to have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from genani.app.styling.services import StyleChoice
from genani.ui.train_button import TrainButton

if TYPE_CHECKING:
    from genani.app.session import Session


class MissingModel(QWidget):
    """Says how the model of a style is to be had: fetches it where it is published, or leads to
    the window that trains one.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fetching = fetching = session.styling.fetching
        self._choice: StyleChoice | None = None
        self._told = QLabel()
        self._told.setObjectName("stylise-missing")
        self._told.setWordWrap(True)
        self._told.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._fetch = QPushButton(self.tr("&Fetch"))
        self._fetch.setObjectName("stylise-fetch")
        self._fetch.setAutoDefault(False)
        self._bar = QProgressBar()
        self._bar.setObjectName("stylise-fetching")
        self._bar.setRange(0, 1000)
        self._stop = QPushButton(self.tr("Stop"))
        self._stop.setObjectName("stylise-fetch-stop")
        self._stop.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self._bar, 1)
        row.addWidget(self._stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._told)
        self._train = TrainButton(session, "")
        self._train.setObjectName("stylise-train")
        column.addWidget(self._fetch, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._train, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(row)
        self._fetch.clicked.connect(self._begin)
        self._stop.clicked.connect(fetching.stop)
        fetching.went.connect(self._show_progress)
        fetching.ended.connect(self._show_ended)
        self.hide()

    def show_choice(self, choice: StyleChoice) -> None:
        """Show what this style lacks; nothing if it is there."""
        self._choice = choice
        self._told.setText(choice.missing)
        self._train.task = choice.task
        self._train.setVisible(bool(choice.task) and not choice.fetch)
        self.setVisible(bool(choice.missing))
        self._show_running()

    def _begin(self) -> None:
        if self._choice is not None:
            self._told.setText(self._choice.missing)
            self._fetching.begin(self._choice)

    def _show_running(self) -> None:
        choice, style = self._choice, self._fetching.style
        running = choice is not None and style == choice.id
        self._bar.setVisible(running)
        self._stop.setVisible(running)
        self._fetch.setVisible(choice is not None and bool(choice.fetch) and not running)
        self._fetch.setEnabled(not style)
        self._fetch.setToolTip(self.tr("Another style is being fetched.") if style else "")

    def _show_progress(self, style: str, share: float, text: str) -> None:
        self._show_running()
        if self._choice is not None and style == self._choice.id:
            self._bar.setValue(round(1000 * share))
            self._bar.setFormat(text or self.tr("starting"))

    def _show_ended(self, style: str, why: str) -> None:
        self._show_running()
        if why and self._choice is not None and style == self._choice.id:
            self._told.setText(f"{self._choice.missing}\n{why}")
