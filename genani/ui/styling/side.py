"""What is redrawn, in which style, how strongly, and what becomes of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genani.app.styling.services import StyleChoice, StyleLook
from genani.app.styling.styling import Keeping
from genani.app.styling.subject import Extent, Subject
from genani.scene.request import MAX_SEED, OptionValue
from genani.ui.icons import icon
from genani.ui.inspector.options import OptionsForm
from genani.ui.styling.missing import MissingModel
from genani.ui.styling.style_list import StyleList

if TYPE_CHECKING:
    from genani.app.session import Session

_MOST_SEED = min(MAX_SEED, 2**31 - 1)


class StyleSide(QWidget):
    """The choices of the styling window.

    Attributes:
        list: the styles.

    Signals:
        changed: something that calls for another look at the drawing.
        strength_changed: 0 to 1.
        keeping_changed: what becomes of the drawings.
    """

    changed = Signal()
    strength_changed = Signal(float)
    keeping_changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: dict[str, dict[str, OptionValue]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._make_what())
        self.list = StyleList()
        column.addWidget(self.list, 1)
        self._missing = MissingModel(session)
        column.addWidget(self._missing)
        column.addLayout(self._make_strength())
        column.addWidget(self._make_options(session))
        column.addLayout(self._make_keeping())
        self._connect()

    def _make_what(self) -> QFormLayout:
        self._extent = QComboBox()
        self._extent.setObjectName("stylise-extent")
        form = QFormLayout()
        form.addRow(self.tr("&Redraw"), self._extent)
        return form

    def _make_strength(self) -> QFormLayout:
        self._strength = QSlider(Qt.Orientation.Horizontal)
        self._strength.setObjectName("stylise-strength")
        self._strength.setRange(0, 100)
        self._strength.setValue(100)
        self._strength.setPageStep(10)
        self._percent = QLabel("100 %")
        self._percent.setMinimumWidth(44)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._seed = QSpinBox()
        self._seed.setObjectName("stylise-seed")
        self._seed.setRange(0, _MOST_SEED)
        self._seed.setKeyboardTracking(False)
        self._dice = QToolButton()
        self._dice.setObjectName("stylise-dice")
        self._dice.setIcon(icon("dice"))
        self._dice.setToolTip(self.tr("Another seed: another drawing"))
        strength, seed = QHBoxLayout(), QHBoxLayout()
        strength.addWidget(self._strength, 1)
        strength.addWidget(self._percent)
        seed.addWidget(self._seed, 1)
        seed.addWidget(self._dice)
        form = self._form = QFormLayout()
        form.addRow(self.tr("&Strength"), strength)
        form.addRow(self.tr("Se&ed"), seed)
        self._seed_row = seed
        for row, field in ((strength, self._strength), (seed, self._seed)):
            label = form.labelForField(row)
            if isinstance(label, QLabel):
                # Else its key does nothing, and its & is shown.
                label.setBuddy(field)
        return form

    def _make_options(self, session: Session) -> QWidget:
        self._fold = QToolButton()
        self._fold.setObjectName("stylise-more")
        self._fold.setText(self.tr("More settings"))
        self._fold.setCheckable(True)
        self._fold.setAutoRaise(True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setArrowType(Qt.ArrowType.RightArrow)
        self._options = OptionsForm(session)
        self._more = QScrollArea()
        self._more.setWidgetResizable(True)
        self._more.setFrameShape(QScrollArea.Shape.NoFrame)
        self._more.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._more.setMaximumHeight(230)
        self._more.setWidget(self._options)
        self._more.hide()
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._fold)
        column.addWidget(self._more)
        return box

    def _make_keeping(self) -> QFormLayout:
        self._as_layer = QRadioButton(self.tr("Keep on a new &layer"))
        self._as_layer.setObjectName("stylise-as-layer")
        self._as_layer.setChecked(True)
        self._hide = QCheckBox(self.tr("&Hide the old layer"))
        self._hide.setObjectName("stylise-hide")
        self._hide.setChecked(True)
        self._hide.setToolTip(self.tr("Where the whole layer is redrawn"))
        self._in_place = QRadioButton(self.tr("Re&place the drawings"))
        self._in_place.setObjectName("stylise-replace")
        self._in_place.setToolTip(self.tr("Undo brings the old ones back"))
        form = QFormLayout()
        form.addRow(self._as_layer)
        form.addRow("   ", self._hide)
        form.addRow(self._in_place)
        return form

    def _connect(self) -> None:
        self._extent.activated.connect(lambda _index: self.changed.emit())
        self.list.chosen.connect(self._show_choice)
        self._strength.valueChanged.connect(self._show_strength)
        self._seed.valueChanged.connect(lambda _value: self.changed.emit())
        self._dice.clicked.connect(lambda: self._seed.setValue(secrets.randbelow(100_000)))
        self._fold.toggled.connect(self._unfold)
        self._options.changed.connect(self._set_option)
        self._as_layer.toggled.connect(lambda _on: self.keeping_changed.emit())

    # What is chosen

    @property
    def extent(self) -> Extent | None:
        """How much is redrawn; None where there is nothing."""
        return self._extent.currentData()

    @property
    def strength(self) -> float:
        """Of the style, 0 to 1."""
        return self._strength.value() / 100

    @property
    def keeping(self) -> Keeping:
        """What becomes of the drawings."""
        return Keeping.LAYER if self._as_layer.isChecked() else Keeping.REPLACE

    @property
    def hides(self) -> bool:
        """Whether the old layer is hidden, where all of it was redrawn."""
        return self._hide.isChecked()

    @property
    def own_model(self) -> bool:
        """Whether a person has named weights of their own for the style."""
        choice = self.list.choice
        return choice is not None and bool(self._values.get(choice.id, {}).get("model"))

    def look(self, choice: StyleChoice) -> StyleLook:
        """A style as it is set here."""
        options = {**self._values.get(choice.id, {}), **choice.preset}
        seed = self._seed.value() if choice.seeded else 0
        return StyleLook(choice.name, self.strength, options, seed)

    # What can be chosen

    def show_subjects(self, subjects: Mapping[Extent, Subject]) -> None:
        """Offer these; what was chosen stays so where it can."""
        before = self.extent
        self._extent.clear()
        for extent, subject in subjects.items():
            self._extent.addItem(self._name(subject), extent)
        self._extent.setEnabled(bool(subjects))
        self.choose_extent(before)

    def choose_extent(self, extent: Extent | None) -> None:
        """Choose how much is redrawn, or the least where that is not offered."""
        self._extent.setCurrentIndex(max(self._extent.findData(extent), 0))

    def show_subject(self, subject: Subject | None) -> None:
        """Offer what can become of these drawings."""
        locked = subject is not None and subject.layer.locked
        self._in_place.setEnabled(not locked)
        if locked:
            self._as_layer.setChecked(True)
        whole = subject is not None and subject.extent is Extent.LAYER
        self._hide.setEnabled(self._as_layer.isChecked() and whole)

    def _name(self, subject: Subject) -> str:
        count = subject.count
        if subject.extent is Extent.DRAWING:
            return self.tr("The drawing on frame {0}").format(subject.first)
        texts = {
            Extent.CHOSEN: self.tr("%n chosen drawing(s)", "", count),
            Extent.SPAN: self.tr("The span: %n drawing(s)", "", count),
            Extent.LAYER: self.tr("Layer {0}: %n drawing(s)", "", count),
        }
        return texts[subject.extent].format(subject.layer.name)

    def _show_choice(self, choice: StyleChoice) -> None:
        self._missing.show_choice(choice)
        self._form.setRowVisible(self._seed_row, choice.seeded)
        offered = [option for option in choice.options if option.name not in choice.preset]
        cards = tuple(
            (each.name, each.label, each.default, each.low, each.high, each.choices, each.help)
            for each in offered
        )
        self._fold.setVisible(bool(cards))
        self._more.setVisible(bool(cards) and self._fold.isChecked())
        self._options.show_options(cards, self._values.get(choice.id, {}), drawer=choice.name)
        self.changed.emit()

    def _set_option(self, name: str, value: OptionValue) -> None:
        choice = self.list.choice
        if choice is not None:
            self._values.setdefault(choice.id, {})[name] = value
            self.changed.emit()

    def _show_strength(self, value: int) -> None:
        self._percent.setText(f"{value} %")
        self.strength_changed.emit(value / 100)

    def _unfold(self, on: bool) -> None:
        self._more.setVisible(on)
        self._fold.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
