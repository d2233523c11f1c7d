"""What the window remembers by itself: its layout, and the files opened last."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from genani.app.places import config_folder

MOST = 10


class WindowMemory(QObject):
    """Window state and recent files, in `window.ini` of the settings folder.

    Signals:
        recents_changed: the list of recent files is another one.
    """

    recents_changed = Signal()

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        path = (folder or config_folder()) / "window.ini"
        self._store = QSettings(str(path), QSettings.Format.IniFormat)

    def recents(self) -> list[Path]:
        """The files opened last that are still there, the latest first, at most `MOST`."""
        stored = self._store.value("recents", [])
        names = [stored] if isinstance(stored, str) else list(stored or [])  # pyright: ignore[reportArgumentType, reportCallIssue]
        return [path for path in map(Path, names) if path.is_file()][:MOST]

    def opened(self, path: Path) -> None:
        """Put a file at the head of the list."""
        path = path.absolute()
        others = [other for other in self.recents() if other != path]
        self._store_recents([path, *others])

    def clear_recents(self) -> None:
        """Empty the list."""
        self._store_recents([])

    def bytes(self, name: str) -> QByteArray:
        """A state kept under a name, such as `QMainWindow.saveState`; empty if there is none."""
        value = self._store.value(name)
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep(self, name: str, state: QByteArray) -> None:
        """Keep a state under a name."""
        self._store.setValue(name, state)

    def _store_recents(self, paths: list[Path]) -> None:
        self._store.setValue("recents", [str(path) for path in paths[:MOST]])
        self.recents_changed.emit()
