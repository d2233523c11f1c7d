"""Asks what is said in a recording before it is listened to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)


@dataclass(frozen=True)
class Voice:
    """What a person said of a recording.

    Attributes:
        script: what is said; may be empty.
        english: it is said in English.
    """

    script: str
    english: bool


class VoiceDialog(QDialog):
    """A field for the script, which makes the shapes surer."""

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("voice")
        self.setWindowTitle(self.tr("Mouth shapes from {0}").format(path.name))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(440, 240)
        hint = QLabel(self.tr("What is said in it? The words make the shapes surer; none will do."))
        hint.setWordWrap(True)
        self._script = QPlainTextEdit()
        self._script.setObjectName("voice-script")
        self._script.setTabChangesFocus(True)
        self._script.setAccessibleName(self.tr("Script"))
        self._english = QCheckBox(self.tr("It is spoken in English"))
        self._english.setObjectName("voice-english")
        self._english.setChecked(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        listen = buttons.addButton(self.tr("Listen"), QDialogButtonBox.ButtonRole.AcceptRole)
        listen.setObjectName("voice-listen")
        listen.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (hint, self._script, self._english, buttons):
            column.addWidget(widget)

    @property
    def voice(self) -> Voice:
        """What was said."""
        return Voice(self._script.toPlainText().strip(), self._english.isChecked())


async def ask_voice(parent: QWidget, path: Path) -> Voice | None:
    """Ask what is said in a recording; None where it is not to be listened to."""
    dialog = VoiceDialog(path, parent)
    finished: asyncio.Future[Voice | None] = asyncio.get_running_loop().create_future()

    def end(result: int) -> None:
        if not finished.done():
            finished.set_result(dialog.voice if result else None)

    dialog.finished.connect(end)
    dialog.open()
    return await finished
