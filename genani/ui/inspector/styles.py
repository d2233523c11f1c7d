"""Own styles of a span: the adapters put on its engine, each with a slider for its strength."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genani.scene.errors import GenAniError, ModelError
from genani.ui.dialogs.ask import open_files
from genani.ui.icons import icon

if TYPE_CHECKING:
    from genani.app.training.trainings import Trainings

_FULL = 100
_MOST = 200
"""Per cent of the strength an adapter was trained at."""


class StylesControl(QWidget):
    """A row an adapter, and a button to add one.

    Signals:
        changed: the text that the span keeps, after a person changed it.
    """

    changed = Signal(str)

    def __init__(self, trainings: Trainings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trainings = trainings
        self._mix: list[tuple[str, float]] = []
        self._bases: tuple[str, ...] = ()
        self._rows = QVBoxLayout()
        self._add = QPushButton(self.tr("Add a style"))
        self._add.setObjectName("styles-add")
        self._add.clicked.connect(lambda: trainings.start(self._offer()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._rows)
        column.addWidget(self._add)
        trainings.adapters_changed.connect(self._fill)
        trainings.start(trainings.adapters())

    def show_mix(self, text: str, bases: tuple[str, ...]) -> None:
        """Show what a span keeps, for an engine that takes adapters of these models."""
        self._bases = bases
        try:
            mix = list(self._trainings.services.mix(text))
        except GenAniError:
            mix = []
        if mix != self._mix or self._rows.count() != len(mix):
            self._mix = mix
            self._fill()

    def _fill(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        names = {each.id: each.name for each in self._trainings.known}
        for place, (adapter, strength) in enumerate(self._mix):
            self._rows.addWidget(self._row(place, names.get(adapter, adapter), strength))

    def _row(self, place: int, name: str, strength: float) -> QWidget:
        row = QWidget()
        label = QLabel(name)
        label.setMinimumWidth(70)
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName(f"style-{place}")
        slider.setAccessibleName(self.tr("Strength of {0}").format(name))
        slider.setRange(0, _MOST)
        slider.setValue(round(_FULL * strength))
        value = QLabel(f"{slider.value()} %")
        value.setMinimumWidth(44)
        slider.valueChanged.connect(lambda now: value.setText(f"{now} %"))
        slider.sliderReleased.connect(lambda: self._weigh(place, slider.value()))
        slider.actionTriggered.connect(
            lambda _action: slider.isSliderDown() or self._weigh(place, slider.sliderPosition())
        )
        gone = QToolButton()
        gone.setObjectName(f"style-{place}-remove")
        gone.setAutoRaise(True)
        gone.setIcon(icon("reject"))
        gone.setToolTip(self.tr("Take this style off"))
        gone.clicked.connect(lambda: self._take_off(place))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        for widget in (label, slider, value, gone):
            line.addWidget(widget)
        return row

    async def _offer(self) -> None:
        """Show what can be put on, as the store has it now."""
        known = await self._trainings.adapters()
        on = {adapter for adapter, _ in self._mix}
        menu = QMenu(self)
        menu.setObjectName("styles-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for each in known:
            if each.base in self._bases and each.id not in on:
                action = menu.addAction(each.name)
                action.setToolTip(each.data)
                action.triggered.connect(lambda _on=False, name=each.id: self._put_on(name))
        if menu.isEmpty():
            none = menu.addAction(self.tr("None yet: In-between, Train on my clips makes one"))
            none.setEnabled(False)
        menu.addSeparator()
        brought = menu.addAction(self.tr("From a file…"))
        brought.triggered.connect(lambda: self._trainings.start(self._bring_in()))
        menu.popup(self._add.mapToGlobal(self._add.rect().bottomLeft()))

    async def _bring_in(self) -> None:
        """Bring an adapter's file into the store, and put it on if it is for this engine."""
        kinds = self.tr("Adapters (*.safetensors)")
        for path in await open_files(self, self.tr("Import adapter"), kinds, None):
            made = await self._trainings.bring_in(path)
            found = next(each for each in self._trainings.known if each.id == made)
            if found.base not in self._bases:
                raise ModelError(
                    self.tr("{0} was brought in; it is for {1}, not for this engine.").format(
                        found.name, found.base
                    )
                )
            if made not in {adapter for adapter, _ in self._mix}:
                self._put_on(made)

    def _put_on(self, adapter: str) -> None:
        self._tell([*self._mix, (adapter, 1.0)])

    def _take_off(self, place: int) -> None:
        self._tell([each for number, each in enumerate(self._mix) if number != place])

    def _weigh(self, place: int, value: int) -> None:
        mix = list(self._mix)
        mix[place] = (mix[place][0], value / _FULL)
        if mix != self._mix:
            self._tell(mix, fill=False)

    def _tell(self, mix: list[tuple[str, float]], *, fill: bool = True) -> None:
        self._mix = mix
        if fill:
            self._fill()
        self.changed.emit(self._trainings.services.told(mix))
