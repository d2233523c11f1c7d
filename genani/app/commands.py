"""The verbs behind the actions: what each menu entry and key does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from genani.app.session import Session


class Commands(QObject):
    """Connects actions to what they do, and lets only those be used that can be.

    Actions that need a dialog or a view (open, save as, import, export, zoom, quit, ...) are
    connected by the window.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    def shut(self) -> None:
        """Stop watching files."""
