"""Questions and file choosers that are awaited, never `exec()`: the event loop goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton, QWidget


async def ask(parent: QWidget, title: str, text: str, answers: Sequence[str]) -> str:
    """Ask a question inside the window.

    Args:
        parent: the window it belongs to.
        title: the question in a few words.
        text: what hangs on it.
        answers: the buttons, the safest one last; it is also what closing the box means.

    Returns:
        The answer that was chosen.
    """
    box = QMessageBox(QMessageBox.Icon.Question, title, title, parent=parent)
    box.setObjectName("question")
    box.setInformativeText(text)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    buttons: dict[QPushButton, str] = {}
    for answer in answers:
        button = box.addButton(answer, QMessageBox.ButtonRole.ActionRole)
        button.setObjectName(f"answer-{len(buttons)}")
        buttons[button] = answer
    safest = list(buttons)[-1]
    box.setEscapeButton(safest)
    box.setDefaultButton(safest)
    finished: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def end() -> None:
        if not finished.done():
            clicked = box.clickedButton()
            found = [a for b, a in buttons.items() if b is clicked]
            finished.set_result(found[0] if found else answers[-1])

    box.finished.connect(end)
    box.open()
    return await finished


async def _chosen(dialog: QFileDialog) -> list[Path]:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    finished: asyncio.Future[list[Path]] = asyncio.get_running_loop().create_future()

    def end(result: int) -> None:
        if not finished.done():
            names = dialog.selectedFiles() if result else []
            finished.set_result([Path(name) for name in names])

    dialog.finished.connect(end)
    dialog.open()
    return await finished


async def open_files(parent: QWidget, title: str, filters: str, folder: Path | None) -> list[Path]:
    """Let a person choose files to open; empty where none was chosen."""
    dialog = QFileDialog(parent, title, str(folder or Path.home()), filters)
    dialog.setObjectName("open-files")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    return await _chosen(dialog)


async def save_file(
    parent: QWidget, title: str, filters: str, suggestion: Path, suffix: str
) -> Path | None:
    """Let a person say where a file goes; None where nothing was chosen."""
    dialog = QFileDialog(parent, title, str(suggestion.parent), filters)
    dialog.setObjectName("save-file")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(suggestion.name)
    found = await _chosen(dialog)
    return found[0] if found else None


async def open_folder(parent: QWidget, title: str, folder: Path | None) -> Path | None:
    """Let a person choose a folder; None where nothing was chosen."""
    dialog = QFileDialog(parent, title, str(folder or Path.home()))
    dialog.setObjectName("open-folder")
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    found = await _chosen(dialog)
    return found[0] if found else None
