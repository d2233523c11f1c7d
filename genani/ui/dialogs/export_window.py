"""The export window: format, place, names and quality; it stays open beside the work."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genani.app.export_choices import (
    FORMATS,
    Dither,
    ExportOptions,
    Format,
    Naming,
    would_replace,
)
from genani.app.export_task import ExportPlan
from genani.app.states import DrawingState
from genani.scene.errors import Cancelled, GenAniError
from genani.scene.time import MAX_FRAME
from genani.ui.dialogs.ask import ask, open_folder, save_file
from genani.ui.words import memory_text

if TYPE_CHECKING:
    from genani.app.session import Session

ESTIMATE_MS = 250
MOST_CHECKED = 3000
"""Frames that are looked at for what is not drawn yet."""
_COLOURS = ("256", "128", "64", "32", "16")


class ExportWindow(QDialog):
    """Chooses how frames are written, and writes them behind the window."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export")
        self.setWindowTitle(self.tr("Export"))
        self.setModal(False)
        self._session = session
        self._matte: tuple[int, int, int] | None = session.settings.export.matte
        self._estimate_task: asyncio.Task[None] | None = None
        layout = QVBoxLayout(self)
        layout.addLayout(self._make_form())
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
        self._fill(session.settings.export)
        self._changed()

    # What is on it

    def _make_form(self) -> QFormLayout:
        self._format = QComboBox()
        self._format.setObjectName("export-format")
        for form, info in FORMATS.items():
            self._format.addItem(info.label, form)
        self._format.currentIndexChanged.connect(self._format_changed)
        self._place = QLineEdit()
        self._place.setObjectName("export-place")
        self._place.textChanged.connect(self._changed)
        browse = QToolButton()
        browse.setText("…")
        browse.setObjectName("export-browse")
        browse.setToolTip(self.tr("Choose the place"))
        browse.clicked.connect(lambda: self._session.start(self._browse()))
        place = QHBoxLayout()
        place.addWidget(self._place, 1)
        place.addWidget(browse)
        self._first, self._last = QSpinBox(), QSpinBox()
        frames = QHBoxLayout()
        for box, name in ((self._first, "first"), (self._last, "last")):
            box.setObjectName(f"export-{name}")
            box.setRange(1, MAX_FRAME)
            box.valueChanged.connect(self._changed)
            frames.addWidget(box)
        frames.insertWidget(1, QLabel(self.tr("to")))
        frames.addStretch(1)
        self._scale = QDoubleSpinBox()
        self._scale.setObjectName("export-scale")
        self._scale.setRange(1, 1600)
        self._scale.setDecimals(0)
        self._scale.setSuffix(" %")
        self._scale.valueChanged.connect(self._changed)
        self._form = QFormLayout()
        self._form.addRow(self.tr("Format"), self._format)
        self._form.addRow(self.tr("Place"), place)
        self._form.addRow(self.tr("Frames"), frames)
        self._form.addRow(self.tr("Scale"), self._scale)
        self._make_sequence_rows()
        self._make_gif_rows()
        self._make_alpha_rows()
        return self._form

    def _make_sequence_rows(self) -> None:
        self._name, self._start, self._padding = QLineEdit(), QSpinBox(), QSpinBox()
        self._name.setObjectName("export-name")
        self._name.setPlaceholderText(self.tr("as the folder"))
        self._name.textChanged.connect(self._changed)
        self._start.setRange(0, MAX_FRAME)
        self._padding.setRange(1, 12)
        row = QHBoxLayout()
        row.addWidget(self._name, 1)
        for label, box, name in (
            (self.tr("from"), self._start, "start"),
            (self.tr("digits"), self._padding, "padding"),
        ):
            box.setObjectName(f"export-{name}")
            box.valueChanged.connect(self._changed)
            row.addWidget(QLabel(label))
            row.addWidget(box)
        self._only = QCheckBox(self.tr("Drawings only, with a sheet of exposures"))
        self._only.setObjectName("export-drawings-only")
        self._only.toggled.connect(self._changed)
        self._names = QLabel()
        self._names.setObjectName("export-names")
        self._sequence_rows: list[QHBoxLayout | QWidget] = [row, self._only, self._names]
        self._form.addRow(self.tr("Name"), row)
        self._form.addRow("", self._only)
        self._form.addRow(self.tr("Files"), self._names)

    def _make_gif_rows(self) -> None:
        self._colours = QComboBox()
        self._colours.setObjectName("export-colours")
        self._colours.addItems(list(_COLOURS))
        self._dither = QComboBox()
        self._dither.setObjectName("export-dither")
        for dither, text in (
            (Dither.NONE, self.tr("None: clean flat colours")),
            (Dither.BAYER, self.tr("Pattern: steady in motion")),
            (Dither.FLOYD, self.tr("Error diffusion: smooth stills")),
        ):
            self._dither.addItem(text, dither)
        self._loop = QSpinBox()
        self._loop.setObjectName("export-loops")
        self._loop.setRange(0, 65535)
        self._loop.setSpecialValueText(self.tr("for ever"))
        self._colours.currentIndexChanged.connect(self._changed)
        self._dither.currentIndexChanged.connect(self._changed)
        self._form.addRow(self.tr("Colours"), self._colours)
        self._form.addRow(self.tr("Dither"), self._dither)
        self._form.addRow(self.tr("Play"), self._loop)

    def _make_alpha_rows(self) -> None:
        self._alpha = QCheckBox(self.tr("Keep transparency"))
        self._alpha.setObjectName("export-alpha")
        self._alpha.toggled.connect(self._changed)
        self._colour = QPushButton()
        self._colour.setObjectName("export-matte")
        self._colour.clicked.connect(self._choose_matte)
        row = QHBoxLayout()
        row.addWidget(self._alpha)
        row.addWidget(QLabel(self.tr("behind it")))
        row.addWidget(self._colour)
        row.addStretch(1)
        self._ping_pong = QCheckBox(self.tr("To and fro"))
        self._ping_pong.setObjectName("export-ping-pong")
        self._form.addRow(self.tr("Alpha"), row)
        self._form.addRow("", self._ping_pong)

    def _make_status(self) -> QWidget:
        box = QWidget()
        self._note, self._size, self._bar = QLabel(), QLabel(), QProgressBar()
        self._missing = QLabel()
        self._missing.setObjectName("export-missing")
        self._missing.setWordWrap(True)
        self._missing.setForegroundRole(QPalette.ColorRole.Accent)
        self._note.setObjectName("export-note")
        self._note.setWordWrap(True)
        self._size.setObjectName("export-size")
        self._bar.setObjectName("export-progress")
        self._bar.setRange(0, 1000)
        self._bar.hide()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._note, self._missing, self._size, self._bar):
            column.addWidget(widget)
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

    def _fill(self, options: ExportOptions) -> None:
        first, last = self._session.controller.scene.play_range
        self._first.setValue(first)
        self._last.setValue(last)
        self._scale.setValue(options.scale * 100)
        self._name.setText(options.name)
        self._start.setValue(options.start)
        self._padding.setValue(options.padding)
        self._only.setChecked(options.drawings_only)
        self._colours.setCurrentText(str(options.colours))
        self._dither.setCurrentIndex(self._dither.findData(options.dither))
        self._loop.setValue(options.loops)
        self._alpha.setChecked(options.alpha)
        self._ping_pong.setChecked(options.ping_pong)
        form = options.format or Format.SEQUENCE
        self._format.setCurrentIndex(self._format.findData(form))
        target = self._session.settings.export_target
        folder = Path(target).parent if target else Path.home()
        self._place.setText(str(folder / self._file_name(form)))
        self._format_changed()

    def _file_name(self, form: Format) -> str:
        suffixes = FORMATS[form].suffixes
        return self._session.title + (suffixes[0] if suffixes else "_frames")

    def _chosen_format(self) -> Format:
        return Format(self._format.currentData())

    def _format_changed(self) -> None:
        form = self._chosen_format()
        place = Path(self._place.text())
        known = {suffix for info in FORMATS.values() for suffix in info.suffixes}
        stem = place.stem if place.suffix.lower() in known else place.name
        stem = stem.removesuffix("_frames")
        suffixes = FORMATS[form].suffixes
        ending = suffixes[0] if suffixes else "_frames"
        self._place.setText(str(place.with_name((stem or self._session.title) + ending)))
        for row in self._sequence_rows:
            self._form.setRowVisible(row, form is Format.SEQUENCE)
        for widget in (self._colours, self._dither):
            self._form.setRowVisible(widget, form is Format.GIF)
        loops = form in (Format.GIF, Format.APNG, Format.WEBP)
        self._form.setRowVisible(self._loop, loops)
        self._ping_pong.setVisible(form not in (Format.SEQUENCE, Format.SHEET))
        self._alpha.setEnabled(FORMATS[form].alpha != "none")
        self._note.setText(FORMATS[form].note)
        self.adjustSize()
        self._changed()

    def _changed(self) -> None:
        colour = QColor(*self._matte) if self._matte else QColor("#ffffff")
        self._colour.setText(colour.name() if self._matte else self.tr("white"))
        self._size.clear()
        self._show_missing()
        try:
            naming = Naming(
                self._name.text() or Path(self._place.text()).name or "frame",
                ".",
                self._start.value(),
                self._padding.value(),
            )
            names = naming.files(max(1, self._last.value() - self._first.value() + 1))
        except GenAniError as error:
            self._names.setText(str(error))
            return
        ends = names[:2] if len(names) < 3 else [names[0], "…", names[-1]]
        self._names.setText(", ".join(ends))
        self._timer.start()

    def _show_missing(self) -> None:
        """Say so before frames are written that are not what they should be."""
        frames = self._session.frames
        shown = range(self._first.value(), min(self._last.value(), MOST_CHECKED) + 1)
        count = sum(frames.badge(frame) is not DrawingState.CACHED for frame in shown)
        self._missing.setVisible(count > 0)
        self._missing.setText(
            self.tr(
                "On %n frame(s) an in-between is not drawn yet; what shows now is written.",
                "",
                count,
            )
        )

    def _estimate(self) -> None:
        if self._chosen_format() is Format.GIF and self.isVisible():
            if self._estimate_task is not None:
                self._estimate_task.cancel()
            self._estimate_task = self._session.start(self._tell_size())

    async def _tell_size(self) -> None:
        plan = self._plan()
        rate = self._session.controller.scene.rate
        first, last = self._first.value(), self._last.value()
        size = await self._session.exports.gif_size(plan, first, last, rate)
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
        form = self._chosen_format()
        options = replace(
            self._session.settings.export,
            format=form,
            alpha=self._alpha.isChecked(),
            matte=self._matte,
            colours=int(self._colours.currentText()),
            dither=Dither(self._dither.currentData()),
            loops=self._loop.value(),
            scale=self._scale.value() / 100,
            ping_pong=self._ping_pong.isChecked() and form not in (Format.SEQUENCE, Format.SHEET),
            name=self._name.text(),
            start=self._start.value(),
            padding=self._padding.value(),
            drawings_only=self._only.isChecked() and form is Format.SEQUENCE,
        )
        place = Path(self._place.text()).expanduser()
        return ExportPlan(place, options, self._first.value(), self._last.value())

    async def _export(self) -> None:
        plan = self._plan()
        frames = self._last.value() - self._first.value() + 1
        old = would_replace(plan.target, max(1, frames), plan.options)
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

    async def _browse(self) -> None:
        form, here = self._chosen_format(), Path(self._place.text()).expanduser()
        suffixes = FORMATS[form].suffixes
        if suffixes:
            pattern = f"{FORMATS[form].label} ({' '.join('*' + s for s in suffixes)})"
            found = await save_file(self, self.tr("Export"), pattern, here, suffixes[0][1:])
        else:
            found = await open_folder(self, self.tr("Folder for the frames"), here.parent)
        if found is not None:
            self._place.setText(str(found))

    def _choose_matte(self) -> None:
        dialog = QColorDialog(QColor(*self._matte) if self._matte else QColor("#ffffff"), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self._set_matte)
        dialog.open()

    def _set_matte(self, colour: QColor) -> None:
        self._matte = colour.red(), colour.green(), colour.blue()
        self._changed()
