"""The way from a model that is not there to the window that makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QWidget

if TYPE_CHECKING:
    from genani.app.session import Session


class TrainButton(QPushButton):
    """Opens *Train on my clips* at one task.

    Args:
        session: behind the window.
        task: as `genani train` calls it.

    Attributes:
        task: likewise; may be changed.
    """

    def __init__(self, session: Session, task: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(self.tr("Train one…"))
        self.setToolTip(self.tr("Opens Train on my clips: it makes a model of your own drawings"))
        # Return in a field means that field.
        self.setAutoDefault(False)
        self._session, self.task = session, task
        self.clicked.connect(self._open)

    def _open(self) -> None:
        self._session.training.wanted = self.task
        self._session.actions.action("train").trigger()
