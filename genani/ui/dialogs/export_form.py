"""What can be chosen about an export: format, place, frames, names and quality."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)

from genani.app.export_choices import FORMATS, Dither, ExportOptions, Format, Naming
from genani.scene.errors import GenAniError
from genani.scene.time import MAX_FRAME

_COLOURS = ("256", "128", "64", "32", "16")
_MOVING = tuple(form for form in FORMATS if form not in (Format.SEQUENCE, Format.SHEET))


class ExportForm(QWidget):
    """The fields of the export window; those that a format has no use for are hidden.

    Args:
        title: of the document, for the name that is proposed.

    Signals:
        changed: any field.
        format_changed: another format; `changed` follows.
        browse_wanted: the button beside the place was pressed.
    """

    changed = Signal()
    format_changed = Signal()
    browse_wanted = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._matte: tuple[int, int, int] | None = None
        self._make_form()

    # What is on it

    def _make_form(self) -> None:
        self._format = QComboBox()
        self._format.setObjectName("export-format")
        for form, info in FORMATS.items():
            self._format.addItem(info.label, form)
        self._format.currentIndexChanged.connect(self._fit_format)
        self._place = QLineEdit()
        self._place.setObjectName("export-place")
        self._place.textChanged.connect(self._changed)
        self._place.textEdited.connect(self._follow_ending)
        browse = QToolButton()
        browse.setText("…")
        browse.setObjectName("export-browse")
        browse.setToolTip(self.tr("Choose the place"))
        browse.clicked.connect(self.browse_wanted)
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
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.addRow(self.tr("Format"), self._format)
        self._form.addRow(self.tr("Place"), place)
        self._form.addRow(self.tr("Frames"), frames)
        self._form.addRow(self.tr("Scale"), self._scale)
        self._make_sequence_rows()
        self._make_gif_rows()
        self._make_alpha_rows()

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

    # What it says

    @property
    def format(self) -> Format:
        """The chosen format."""
        return Format(self._format.currentData())

    @property
    def place(self) -> Path:
        """The file or the folder to write."""
        return Path(self._place.text()).expanduser()

    @property
    def frames(self) -> tuple[int, int]:
        """The first and the last frame to write."""
        return self._first.value(), self._last.value()

    def options(self, before: ExportOptions) -> ExportOptions:
        """The options as they are chosen; what has no field stays as it was before."""
        return replace(
            before,
            format=self.format,
            alpha=self._alpha.isChecked(),
            matte=self._matte,
            colours=int(self._colours.currentText()),
            dither=Dither(self._dither.currentData()),
            loops=self._loop.value(),
            scale=self._scale.value() / 100,
            ping_pong=self._ping_pong.isChecked() and self.format in _MOVING,
            name=self._name.text(),
            start=self._start.value(),
            padding=self._padding.value(),
            drawings_only=self._only.isChecked() and self.format is Format.SEQUENCE,
        )

    def fill(self, options: ExportOptions, frames: tuple[int, int], folder: Path) -> None:
        """Show what was chosen the last time, for these frames."""
        self._matte = options.matte
        self._first.setValue(frames[0])
        self._last.setValue(frames[1])
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
        self._place.setText(str(folder / (self._title + _ending(form))))
        self._fit_format()

    def set_place(self, place: Path) -> None:
        """Write somewhere else."""
        self._place.setText(str(place))

    # How its fields hang together

    def _follow_ending(self, text: str) -> None:
        """A name that ends like another format means that format."""
        suffix = Path(text).suffix.lower()
        if suffix == ".png" and self.format is Format.SEQUENCE:
            return
        meant = [form for form, info in FORMATS.items() if suffix in info.suffixes]
        if len(meant) == 1 and meant[0] is not self.format:
            self._format.setCurrentIndex(self._format.findData(meant[0]))

    def _fit_format(self) -> None:
        form, place = self.format, Path(self._place.text())
        known = {suffix for info in FORMATS.values() for suffix in info.suffixes}
        if place.suffix.lower() not in (FORMATS[form].suffixes or ("",)):
            stem = place.stem if place.suffix.lower() in known else place.name
            stem = stem.removesuffix(_ending(Format.SEQUENCE))
            self._place.setText(str(place.with_name((stem or self._title) + _ending(form))))
        for row in self._sequence_rows:
            self._form.setRowVisible(row, form is Format.SEQUENCE)
        for widget in (self._colours, self._dither):
            self._form.setRowVisible(widget, form is Format.GIF)
        loops = form in (Format.GIF, Format.APNG, Format.WEBP)
        self._form.setRowVisible(self._loop, loops)
        self._ping_pong.setVisible(form in _MOVING)
        self._alpha.setEnabled(FORMATS[form].alpha != "none")
        self.format_changed.emit()
        self._changed()

    def _changed(self) -> None:
        colour = QColor(*self._matte) if self._matte else QColor("#ffffff")
        self._colour.setText(colour.name() if self._matte else self.tr("white"))
        self._names.setText(self._file_names())
        self.changed.emit()

    def _file_names(self) -> str:
        first, last = self.frames
        name = self._name.text() or Path(self._place.text()).name or "frame"
        try:
            naming = Naming(name, ".", self._start.value(), self._padding.value())
            names = naming.files(max(1, last - first + 1))
        except GenAniError as error:
            return str(error)
        return ", ".join(names[:2] if len(names) < 3 else [names[0], "…", names[-1]])

    def _choose_matte(self) -> None:
        dialog = QColorDialog(QColor(*self._matte) if self._matte else QColor("#ffffff"), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self._set_matte)
        dialog.open()

    def _set_matte(self, colour: QColor) -> None:
        self._matte = colour.red(), colour.green(), colour.blue()
        self._changed()


def _ending(form: Format) -> str:
    suffixes = FORMATS[form].suffixes
    return suffixes[0] if suffixes else "_frames"
