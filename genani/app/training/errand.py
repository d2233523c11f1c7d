"""A command run beside the window for a data set: an import, a search for faces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from genani.app.child import Child


class Errand(QObject):
    """One command at a time.

    Signals:
        went: a share, a text, and whether it goes on.
        noted: a line that it left, such as why a film was left out.
        ended: it is over; the text says why it failed, and is empty when it did not.
    """

    went = Signal(float, str, bool)
    noted = Signal(str)
    ended = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child: Child | None = None

    @property
    def going(self) -> bool:
        """True while a command runs."""
        return self._child is not None

    def start(self, words: Sequence[str]) -> None:
        """Run a command; while one runs, this is ignored."""
        if self._child is not None:
            return
        child = self._child = Child(words, self)
        child.told.connect(self._told)
        child.said.connect(self.noted)
        child.ended.connect(self._ended)
        self.went.emit(0.0, self.tr("starting"), True)
        child.start()

    def stop(self) -> None:
        """Ask it to stop; what was done so far stays."""
        if self._child is not None:
            self._child.stop()

    def shut(self) -> None:
        """End it at once."""
        if self._child is not None:
            self._child.shut()

    def _told(self, fields: Mapping[str, Any]) -> None:
        share, text = float(fields.get("share", 0.0)), str(fields.get("text", ""))
        self.went.emit(share, text, True)

    def _ended(self, error: str) -> None:
        if self._child is not None:
            self._child.deleteLater()
            self._child = None
        self.went.emit(1.0, "", False)
        if error:
            self.noted.emit(error)
        self.ended.emit(error)
