"""How many in-betweens a span has, and where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QSpinBox,
    QWidget,
)

from genani.scene.document import Layer
from genani.scene.errors import ChartError
from genani.scene.span import Span, count_on
from genani.scene.timing import TimingChart
from genani.ui.choice_button import ChoiceButton
from genani.ui.inspector.changing import change_span
from genani.ui.inspector.chart import TimingChartEdit
from genani.ui.words import shape_names

if TYPE_CHECKING:
    from genani.app.session import Session


class TimingBox(QGroupBox):
    """The count of in-betweens and the timing chart of the span that is meant.

    Signals:
        changed: a person has set something, or tried to.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Timing"))
        self._session = session
        self._drag = 0
        self._count = QSpinBox()
        self._count.setObjectName("inspector-count")
        self._count.setRange(0, 999)
        self._count.setKeyboardTracking(False)
        self._count.setAccessibleName(self.tr("Number of in-betweens"))
        self._count.valueChanged.connect(self._set_count)
        self._on = QButtonGroup(self)
        row = QHBoxLayout()
        row.addWidget(self._count)
        for exposure, name, tip in (
            (1, self.tr("Ones"), self.tr("An in-between on every frame")),
            (2, self.tr("Twos"), self.tr("An in-between on every second frame")),
            (3, self.tr("Threes"), self.tr("An in-between on every third frame")),
        ):
            button = ChoiceButton(name)
            button.setToolTip(tip)
            button.setObjectName(f"inspector-on-{exposure}")
            self._on.addButton(button, exposure)
            row.addWidget(button)
        row.addStretch(1)
        self._on.setExclusive(False)
        self._on.idClicked.connect(self._set_exposure)
        self._shape = QComboBox()
        self._shape.setObjectName("inspector-shape")
        self._shape.activated.connect(self._set_shape)
        self._chart = TimingChartEdit()
        self._chart.edited.connect(self._set_chart)
        self._chart.released.connect(self._end_drag)
        form = QFormLayout(self)
        form.addRow(self.tr("In-betweens"), row)
        form.addRow(self.tr("Chart"), self._shape)
        form.addRow(self._chart)

    def show_span(self, layer: Layer, span: Span) -> None:
        """Show how a span is timed."""
        first, last = layer.ends(span)
        self._count.blockSignals(True)
        self._count.setMaximum(max(last - first - 1, len(span.chart)))
        if self._count.value() != len(span.chart):
            # Not else: what is being typed would be lost.
            self._count.setValue(len(span.chart))
        self._count.blockSignals(False)
        counts = [count_on(exposure, first, last) for exposure in (1, 2, 3)]
        # In a short span threes may give as many as twos: the first is meant.
        on = counts.index(len(span.chart)) + 1 if len(span.chart) in counts else 0
        for exposure in (1, 2, 3):
            self._on.button(exposure).setChecked(exposure == on)
        self._shape.clear()
        for name, title in shape_names(first, last):
            self._shape.addItem(title, name)
        shape = span.chart.shape
        if span.chart.ticks == TimingChart.of("even", len(span.chart)).ticks and shape == "custom":
            shape = "even"
        if shape == "custom":
            self._shape.insertItem(0, self.tr("Drawn by hand"), "custom")
        self._shape.setCurrentIndex(self._shape.findData(shape))
        self._chart.show_chart(span.chart, first, last)

    def _change(self, text: str, chart: TimingChart, merge: str = "") -> None:
        change_span(self._session, text, merge, chart=chart)
        self.changed.emit()

    def _set_count(self, count: int) -> None:
        found = self._session.commands.spans.target()
        if found is None:
            return
        shape = found[1].chart.shape
        try:
            chart = TimingChart.of("even" if shape == "custom" else shape, count)
        except ChartError:
            chart = TimingChart.of("even", count)
        self._change(self.tr("Number of in-betweens"), chart)

    def _set_exposure(self, exposure: int) -> None:
        found = self._session.commands.spans.target()
        if found is not None:
            self._set_count(count_on(exposure, *found[0].ends(found[1])))
            self.changed.emit()

    def _set_shape(self, place: int) -> None:
        found = self._session.commands.spans.target()
        name = self._shape.itemData(place)
        if found is None or name == "custom":
            return
        try:
            chart = TimingChart.of(name, len(found[1].chart))
        except ChartError:
            # Halves, thirds and quarters have counts of their own: take the shape's usual one.
            chart = TimingChart.of(name)
        self._change(self.tr("Timing chart"), chart)

    def _set_chart(self, chart: TimingChart) -> None:
        self._change(self.tr("Timing chart"), chart, f"chart {self._drag}")

    def _end_drag(self) -> None:
        self._drag += 1
