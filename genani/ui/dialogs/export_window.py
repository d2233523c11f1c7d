"""The export window: it stays open beside the work and writes behind it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from genani.app.export_choices import FORMATS, Format, would_replace
from genani.app.export_task import ExportPlan
from genani.app.states import DrawingState
from genani.scene.attached import without_face
from genani.scene.errors import Cancelled
from genani.ui.dialogs.ask import ask, open_folder, save_file
from genani.ui.dialogs.export_form import ExportForm
from genani.ui.words import memory_text

if TYPE_CHECKING:
    from genani.app.session import Session

ESTIMATE_MS = 250
MOST_CHECKED = 3000
"""Frames that are looked at for what is not drawn yet."""


class ExportWindow(QDialog):
    """Chooses how frames are written, and writes them behind the window."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export")
        self.setWindowTitle(self.tr("Export"))
        self.setModal(False)
        self._session = session
        self._estimate_task: asyncio.Task[None] | None = None
        self._form = ExportForm(session.title)
        layout = QVBoxLayout(self)
        layout.addWidget(self._form)
        layout.addWidget(self._make_status())
        layout.addLayout(self._make_buttons())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ESTIMATE_MS)
        self._timer.timeout.connect(self._estimate)
        exports = session.exports
        exports.progress.connect(self._show_progress)
        exports.started.connect(self._show_started)
        exports.finished.connect(self._show_ended)
        exports.stopped.connect(self._show_ended)
        self._form.changed.connect(self._changed)
        self._form.format_changed.connect(self._show_format)
        self._form.browse_wanted.connect(lambda: session.start(self._browse()))
        target = session.settings.export_target
        folder = Path(target).parent if target else Path.home()
        self._form.fill(session.settings.export, session.controller.scene.play_range, folder)

    # What is on it

    def _make_status(self) -> QWidget:
        box = QWidget()
        self._note, self._size, self._bar = QLabel(), QLabel(), QProgressBar()
        self._missing, self._unworn, self._done = QLabel(), QLabel(), QLabel()
        self._done.setObjectName("export-done")
        self._done.setWordWrap(True)
        for label, name in ((self._missing, "missing"), (self._unworn, "unworn")):
            label.setObjectName(f"export-{name}")
            label.setWordWrap(True)
            label.setForegroundRole(QPalette.ColorRole.Accent)
        self._note.setObjectName("export-note")
        self._note.setWordWrap(True)
        self._size.setObjectName("export-size")
        self._bar.setObjectName("export-progress")
        self._bar.setRange(0, 1000)
        self._bar.hide()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        told = self._note, self._missing, self._unworn, self._size, self._bar, self._done
        for widget in told:
            column.addWidget(widget)
        self._done.hide()
        return box

    def _make_buttons(self) -> QHBoxLayout:
        self._go = QPushButton(self.tr("Export"))
        self._go.setObjectName("export-go")
        self._go.setDefault(True)
        self._go.clicked.connect(lambda: self._session.start(self._export()))
        self._stop = QPushButton(self.tr("Cancel export"))
        self._stop.setObjectName("export-cancel")
        self._stop.clicked.connect(self._session.exports.cancel)
        self._stop.hide()
        close = QPushButton(self.tr("Close"))
        close.setObjectName("export-close")
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (self._stop, close, self._go):
            row.addWidget(button)
        return row

    # Showing

    def _show_format(self) -> None:
        self._note.setText(FORMATS[self._form.format].note)
        self.adjustSize()

    def _changed(self) -> None:
        self._size.clear()
        self._done.hide()
        self._show_missing()
        self._show_unworn()
        self._timer.start()

    def _show_missing(self) -> None:
        """Say so before frames are written that are not what they should be."""
        frames = self._session.frames
        first, last = self._form.frames
        shown = range(first, min(last, MOST_CHECKED) + 1)
        count = sum(frames.badge(frame) is not DrawingState.CACHED for frame in shown)
        self._missing.setVisible(count > 0)
        self._missing.setText(
            self.tr(
                "On %n frame(s) an in-between is not drawn yet; what shows now is written.",
                "",
                count,
            )
        )

    def _show_unworn(self) -> None:
        """Say so before attachments are left out of frames."""
        lines = []
        for layer, wearer, frame in without_face(
            self._session.controller.scene, *self._form.frames
        ):
            if frame:
                text = self.tr(
                    "{0} is not shown on frame {1}: no face is marked there on {2}; mark it on "
                    "the keys around."
                )
            else:
                text = self.tr("{0} is not shown: the layer whose face it follows is gone.")
            lines.append(text.format(layer.name, frame, wearer.name))
        self._unworn.setVisible(bool(lines))
        self._unworn.setText("\n".join(lines))

    def _estimate(self) -> None:
        if self._form.format is Format.GIF and self.isVisible():
            if self._estimate_task is not None:
                self._estimate_task.cancel()
            self._estimate_task = self._session.start(self._tell_size())

    async def _tell_size(self) -> None:
        plan = self._plan()
        rate = self._session.controller.scene.rate
        size = await self._session.exports.gif_size(plan, *self._form.frames, rate)
        self._size.setText(self.tr("about {0}").format(memory_text(size)))

    def _show_progress(self, share: float) -> None:
        self._bar.setValue(round(share * 1000))

    def _show_started(self) -> None:
        self._show_running(True)

    def _show_ended(self) -> None:
        self._show_running(False)

    def _show_running(self, running: bool) -> None:
        self._bar.setVisible(running)
        self._stop.setVisible(running)
        self._go.setEnabled(not running)

    # Doing

    def _plan(self) -> ExportPlan:
        options = self._form.options(self._session.settings.export)
        return ExportPlan(self._form.place, options, *self._form.frames)

    async def _export(self) -> None:
        plan = self._plan()
        first, last = self._form.frames
        old = would_replace(plan.target, max(1, last - first + 1), plan.options)
        if old:
            go, stay = self.tr("Replace"), self.tr("Keep the old files")
            names = ", ".join(path.name for path in old[:4]) + ("…" if len(old) > 4 else "")
            answer = await ask(
                self, self.tr("Replace %n file(s)?", "", len(old)), names, (go, stay)
            )
            if answer == stay:
                return
        try:
            written = await self._session.export(plan)
        except Cancelled:
            self._session.tell(self.tr("The export was cancelled; nothing was written."))
        else:
            count = len(written)
            text = self.tr("%n file(s) written to {0}", "", count).format(plan.target)
            self._session.tell(text)
            # The message bar lies behind this window, and it does not stay.
            self._done.setText(text)
            self._done.show()

    async def _browse(self) -> None:
        form, here = self._form.format, self._form.place
        suffixes = FORMATS[form].suffixes
        if suffixes:
            pattern = f"{FORMATS[form].label} ({' '.join('*' + s for s in suffixes)})"
            found = await save_file(self, self.tr("Export"), pattern, here, suffixes[0][1:])
        else:
            found = await open_folder(self, self.tr("Folder for the frames"), here.parent)
        if found is not None:
            self._form.set_place(found)
