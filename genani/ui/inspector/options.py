"""Controls for an engine's own settings, made from their descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from genani.scene.request import OptionValue
from genani.ui.inspector.styles import StylesControl

if TYPE_CHECKING:
    from genani.app.training.trainings import Trainings

OptionCard = tuple[str, str, OptionValue, float | None, float | None, tuple[str, ...], str]
"""Name, label, default, lowest, highest, choices, help: an engine's `OptionInfo` as a tuple."""

_STYLES = "styles"
"""The setting of every engine that takes adapters."""

_INT_BOUNDS = (-(2**31), 2**31 - 1)


class OptionsForm(QWidget):
    """A form with a control a setting.

    Signals:
        changed: (name, value) after a person changed one.
    """

    changed = Signal(str, object)

    def __init__(self, trainings: Trainings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("engine-options")
        self._trainings = trainings
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._cards: tuple[OptionCard, ...] = ()

    def show_options(
        self,
        cards: tuple[OptionCard, ...],
        values: Mapping[str, OptionValue],
        bases: tuple[str, ...] = (),
    ) -> None:
        """Show these settings; the controls are made anew only when the engine is another.

        Args:
            cards: the settings.
            values: what a span has chosen.
            bases: models whose adapters the engine takes.
        """
        if cards != self._cards:
            self._cards = cards
            while self._form.rowCount():
                self._form.removeRow(0)
            for card in cards:
                control = self._control(card)
                control.setObjectName(f"option-{card[0]}")
                control.setToolTip(card[6])
                self._form.addRow("" if isinstance(control, QCheckBox) else card[1], control)
        for card in cards:
            control = self.findChild(QWidget, f"option-{card[0]}")
            if isinstance(control, StylesControl):
                control.show_mix(str(values.get(card[0], card[2])), bases)
            elif control is not None:
                _put(control, values.get(card[0], card[2]))

    def _control(self, card: OptionCard) -> QWidget:
        name, label, default, low, high, choices, _ = card
        if name == _STYLES:
            styles = StylesControl(self._trainings)
            styles.changed.connect(lambda text: self.changed.emit(name, text))
            return styles
        if isinstance(default, bool):
            check = QCheckBox(label)
            check.toggled.connect(lambda value: self.changed.emit(name, value))
            return check
        if choices:
            combo = QComboBox()
            combo.addItems(list(choices))
            combo.textActivated.connect(lambda value: self.changed.emit(name, value))
            return combo
        if isinstance(default, int):
            whole = QSpinBox()
            whole.setRange(
                int(low if low is not None else _INT_BOUNDS[0]),
                int(high if high is not None else _INT_BOUNDS[1]),
            )
            whole.setKeyboardTracking(False)
            whole.valueChanged.connect(lambda value: self.changed.emit(name, value))
            return whole
        if isinstance(default, float):
            number = QDoubleSpinBox()
            number.setDecimals(3)
            number.setRange(low if low is not None else -1e9, high if high is not None else 1e9)
            number.setSingleStep(0.05)
            number.setKeyboardTracking(False)
            number.valueChanged.connect(lambda value: self.changed.emit(name, value))
            return number
        line = QLineEdit()
        line.editingFinished.connect(lambda: self.changed.emit(name, line.text()))
        return line


def _put(control: QWidget, value: OptionValue) -> None:
    control.blockSignals(True)
    if isinstance(control, QCheckBox):
        control.setChecked(bool(value))
    elif isinstance(control, QComboBox):
        control.setCurrentText(str(value))
    elif isinstance(control, QSpinBox) and not isinstance(value, str):
        control.setValue(int(value))
    elif isinstance(control, QDoubleSpinBox) and not isinstance(value, str):
        control.setValue(float(value))
    elif isinstance(control, QLineEdit) and not control.hasFocus():
        control.setText(str(value))
    control.blockSignals(False)
