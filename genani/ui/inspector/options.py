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

from genani.app.model_choices import Brought, ModelChoice, ModelOffer
from genani.scene.request import OptionValue
from genani.ui.inspector.styles import StylesControl
from genani.ui.model_box import ModelBox

if TYPE_CHECKING:
    from genani.app.session import Session

OptionCard = tuple[str, str, OptionValue, float | None, float | None, tuple[str, ...], str]
"""Name, label, default, lowest, highest, choices, help: an engine's `OptionInfo` as a tuple."""

_STYLES = "styles"
"""The setting of every engine that takes adapters."""

_MODEL = "model"
"""The setting of every engine that can be told which model to draw with; others, of models that go
beside it, end so."""

_EITHER = Brought.FILE | Brought.FOLDER

_INT_BOUNDS = (-(2**31), 2**31 - 1)


class OptionsForm(QWidget):
    """A form with a control a setting.

    Signals:
        changed: (name, value) after a person changed one.
        models_known: it is known now which models there are.
    """

    changed = Signal(str, object)
    models_known = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("engine-options")
        self._session, self._trainings = session, session.training
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        # In a narrow window else all fields are cut off by the longest label.
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._cards: tuple[OptionCard, ...] = ()
        self._drawer = ""
        self._trainings.models_changed.connect(self._look_for_models)

    def show_options(
        self,
        cards: tuple[OptionCard, ...],
        values: Mapping[str, OptionValue],
        bases: tuple[str, ...] = (),
        drawer: str = "",
    ) -> None:
        """Show these settings; the controls are made anew only when the engine is another.

        Args:
            cards: the settings.
            values: what a span has chosen.
            bases: models whose adapters the engine takes.
            drawer: name of the engine or stylist.
        """
        if (cards, drawer) != (self._cards, self._drawer):
            self._cards, self._drawer = cards, drawer
            while self._form.rowCount():
                self._form.removeRow(0)
            for card in cards:
                control = self._control(card)
                control.setObjectName(f"option-{card[0]}")
                control.setToolTip(card[6])
                self._form.addRow("" if isinstance(control, QCheckBox) else card[1], control)
                if isinstance(control, ModelBox):
                    self._form.addRow(control.limits)
                    self._form.addRow("", control.train)
            self._look_for_models()
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
        if name.endswith(_MODEL):
            models = ModelBox(self._session)
            models.show_offer(ModelOffer((ModelChoice("", self.tr("None")),), _EITHER))
            models.chosen.connect(lambda value: self.changed.emit(name, value))
            return models
        line = QLineEdit()
        line.editingFinished.connect(lambda: self.changed.emit(name, line.text()))
        return line

    @property
    def missing(self) -> str:
        """How the model that is chosen is to be had; empty if it is there."""
        box = self.findChild(ModelBox, f"option-{_MODEL}")
        return box.missing if box is not None else ""

    def _look_for_models(self) -> None:
        if any(card[0] == _MODEL for card in self._cards):
            self._trainings.start(self._show_models(self._drawer))

    async def _show_models(self, drawer: str) -> None:
        offer = await self._trainings.models(drawer)
        box = self.findChild(ModelBox, f"option-{_MODEL}")
        if box is not None and drawer == self._drawer:
            box.show_offer(offer)
            self.models_known.emit()


def _put(control: QWidget, value: OptionValue) -> None:
    control.blockSignals(True)
    if isinstance(control, QCheckBox):
        control.setChecked(bool(value))
    elif isinstance(control, ModelBox):
        control.show_name(str(value))
    elif isinstance(control, QComboBox):
        control.setCurrentText(str(value))
    elif isinstance(control, QSpinBox) and not isinstance(value, str):
        control.setValue(int(value))
    elif isinstance(control, QDoubleSpinBox) and not isinstance(value, str):
        control.setValue(float(value))
    elif isinstance(control, QLineEdit) and not control.hasFocus():
        control.setText(str(value))
    control.blockSignals(False)
