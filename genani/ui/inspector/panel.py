"""The inspector: how the chosen span is drawn, and what that costs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import SystemRandom
from typing import TYPE_CHECKING

from PySide6.QtCore import QRegularExpression, Qt, QTimer
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genani.app.import_task import is_empty
from genani.scene.document import Layer
from genani.scene.edits import ChangeSpan
from genani.scene.errors import ChartError, GenAniError, SceneError
from genani.scene.request import MAX_SEED, OptionValue, SpanSettings
from genani.scene.span import Span, count_on
from genani.scene.timing import TimingChart
from genani.ui.choice_button import ChoiceButton
from genani.ui.icons import icon
from genani.ui.inspector.chart import TimingChartEdit
from genani.ui.inspector.options import OptionCard, OptionsForm
from genani.ui.primary_button import PrimaryButton
from genani.ui.words import cost_text, shape_names

if TYPE_CHECKING:
    from genani.app.jobs import Cost
    from genani.app.session import Session

ESTIMATE_MS = 120


class InspectorPanel(QWidget):
    """Shows the selected span and changes it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self._session = session
        self._asking: asyncio.Task[None] | None = None
        self._random = SystemRandom()
        self._drag = 0
        self._span: Span | None = None
        self._told: tuple[str, SpanSettings] | None = None
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_empty())
        self._stack.addWidget(self._make_span())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(self._stack)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ESTIMATE_MS)
        self._timer.timeout.connect(self._ask_cost)
        session.selection.changed.connect(self.refresh)
        session.playback.frame_changed.connect(self._follow_playhead)
        session.controller.scene_changed.connect(self.refresh)
        session.renders.span_changed.connect(self.refresh)
        self.refresh()

    def _follow_playhead(self) -> None:
        # Where nothing is selected, the span under the playhead is meant.
        if self._session.playback.playing or self._session.selection.span is not None:
            return
        found = self._session.commands.spans.target()
        if found is None or found[1] is not self._span:
            self.refresh()

    # The page without a span

    def _make_empty(self) -> QWidget:
        page = QWidget()
        self._hint = QLabel()
        self._hint.setObjectName("inspector-hint")
        self._hint.setWordWrap(True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._join = PrimaryButton("span", self.tr("In-between these two keys"))
        self._join.setObjectName("inspector-join")
        self._join.clicked.connect(self._session.actions.action("add-span").trigger)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._hint)
        layout.addWidget(self._join)
        layout.addStretch(1)
        return page

    def _show_empty(self) -> None:
        gap = self._session.commands.spans.gap()
        self._join.setVisible(gap is not None)
        if gap is not None:
            _, first, last = gap
            text = self.tr("Keys {0} and {1} have no in-betweens yet.")
            text = text.format(first.frame, last.frame)
        elif is_empty(self._session.controller.scene):
            text = self.tr(
                "How the in-betweens of two keys are drawn is chosen here: how many, their "
                "timing chart, and which engine draws them.\n\nBring in two drawings first."
            )
        else:
            text = self.tr(
                "A span lies between two keys.\n\nPut the playhead between two keys, or drop "
                "another drawing on the picture or on a later frame."
            )
        self._hint.setText(text)

    # The page with a span

    def _make_span(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self._title = QLabel()
        self._title.setObjectName("inspector-title")
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        layout.addWidget(self._title)
        layout.addWidget(self._make_timing())
        layout.addWidget(self._make_engine())
        layout.addLayout(self._make_buttons())
        layout.addStretch(1)
        return page

    def _make_timing(self) -> QWidget:
        box = QGroupBox(self.tr("Timing"))
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
        form = QFormLayout(box)
        form.addRow(self.tr("In-betweens"), row)
        form.addRow(self.tr("Chart"), self._shape)
        form.addRow(self._chart)
        return box

    def _make_engine(self) -> QWidget:
        box = QGroupBox(self.tr("Drawing"))
        self._engine = QComboBox()
        self._engine.setObjectName("inspector-engine")
        self._engine.addItem(self.tr("Best that is installed"), "auto")
        for info in self._session.services.engines():
            self._engine.addItem(info.title, info.name)
            place = self._engine.count() - 1
            self._engine.setItemData(place, info.summary, Qt.ItemDataRole.ToolTipRole)
        self._engine.activated.connect(self._set_engine)
        self._seed = QLineEdit()
        self._seed.setObjectName("inspector-seed")
        self._seed.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{1,10}")))
        self._seed.editingFinished.connect(self._set_seed)
        self._lock = QToolButton()
        self._lock.setObjectName("inspector-seed-lock")
        self._lock.setCheckable(True)
        self._lock.setIcon(icon("unlock"))
        self._lock.setToolTip(self.tr("Lock the seed: the dice leave it alone"))
        self._lock.toggled.connect(self._show_lock)
        self._dice = QToolButton()
        self._dice.setObjectName("inspector-dice")
        self._dice.setIcon(icon("dice"))
        self._dice.setToolTip(self.tr("Another seed, another take"))
        self._dice.clicked.connect(self._roll)
        row = QHBoxLayout()
        for widget in (self._seed, self._lock, self._dice):
            row.addWidget(widget)
        self._options = OptionsForm(self._session.training)
        self._options.changed.connect(self._set_option)
        self._cost = QLabel()
        self._cost.setObjectName("inspector-cost")
        self._cost.setWordWrap(True)
        form = QFormLayout(box)
        form.addRow(self.tr("Engine"), self._engine)
        form.addRow(self.tr("Seed"), row)
        form.addRow(self._options)
        form.addRow(self._cost)
        return box

    def _make_buttons(self) -> QVBoxLayout:
        self._generate = PrimaryButton("generate", self.tr("Generate"))
        self._generate.setObjectName("inspector-generate")
        self._one = QPushButton(icon("regenerate"), self.tr("Regenerate this one"))
        self._one.setObjectName("inspector-regenerate")
        every = QPushButton(self.tr("Generate all stale"))
        every.setObjectName("inspector-generate-all")
        for button, action in (
            (self._generate, "generate"),
            (self._one, "regenerate-one"),
            (every, "generate-all"),
        ):
            button.clicked.connect(self._session.actions.action(action).trigger)
            button.setToolTip(self._session.actions.action(action).toolTip())
        column = QVBoxLayout()
        for button in (self._generate, self._one, every):
            column.addWidget(button)
        return column

    # Showing

    def refresh(self) -> None:
        """Show the span that is selected now."""
        found = self._session.commands.spans.target()
        self._span = found[1] if found else None
        self._stack.setCurrentIndex(1 if found else 0)
        if found is None:
            self._show_empty()
        else:
            self._show(*found)
            self._forget_cost(found[1])
            self._timer.start()

    def _show(self, layer: Layer, span: Span) -> None:
        first, last = layer.ends(span)
        self._title.setText(self.tr("Frames {0} to {1} on {2}").format(first, last, layer.name))
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
        self._show_engine(span)
        self._one.setEnabled(self._session.selection.t is not None)

    def _show_engine(self, span: Span) -> None:
        self._engine.setCurrentIndex(max(0, self._engine.findData(span.settings.engine)))
        cards: tuple[OptionCard, ...] = ()
        bases: tuple[str, ...] = ()
        seeded = True
        for info in self._session.services.engines():
            if info.name == span.settings.engine:
                seeded, bases = "seed" in info.capabilities, info.bases
                cards = tuple(
                    (o.name, o.label, o.default, o.low, o.high, o.choices, o.help)
                    for o in info.options
                )
        self._options.show_options(cards, span.settings.options, bases)
        if not self._seed.hasFocus():
            self._seed.setText(str(span.settings.seed))
        for widget in (self._seed, self._lock, self._dice):
            widget.setEnabled(seeded)
        self._dice.setEnabled(seeded and not self._lock.isChecked())

    def _show_lock(self, locked: bool) -> None:
        self._lock.setIcon(icon("lock" if locked else "unlock"))
        self.refresh()

    def _forget_cost(self, span: Span) -> None:
        """What another engine or setting would cost says nothing of this one."""
        if self._told != (span.id, span.settings):
            self._told = None
            self._cost.setText(self.tr("Estimating…"))

    def _ask_cost(self) -> None:
        found = self._session.commands.spans.target()
        if found is None:
            return
        if self._asking is not None:
            self._asking.cancel()
        self._asking = asyncio.ensure_future(self._tell_cost(*found))

    async def _tell_cost(self, layer: Layer, span: Span) -> None:
        try:
            cost = await self._session.renders.estimate(layer.id, span.id)
        except GenAniError as error:
            text = str(error)
        else:
            text = self._cost_text(cost)
        self._told = span.id, span.settings
        self._cost.setText(text)

    def _cost_text(self, cost: Cost) -> str:
        found = self._session.commands.spans.target()
        if found is None:
            return ""
        layer, span = found
        settings, faces = span.settings, layer.has_faces(span)
        name = self._session.sources.resolve(settings, faces).engine
        infos = self._session.services.engines()
        title = next((info.title for info in infos if info.name == name), name)
        why = self._session.services.choice(settings.engine, faces)
        note = "\n".join(text for text in (why, cost.note) if text)
        return cost_text(title, cost.seconds, cost.memory, cost.device, cost.tier, note)

    # Changing

    def _change(self, text: str, merge: str = "", **fields: object) -> None:
        found = self._session.commands.spans.target()
        if found is not None:
            layer, span = found
            changed = replace(span, **fields)  # pyright: ignore[reportArgumentType]
            self._session.controller.do(ChangeSpan(layer.id, changed), text, merge)
            self.refresh()

    def _set_count(self, count: int) -> None:
        found = self._session.commands.spans.target()
        if found is None:
            return
        shape = found[1].chart.shape
        try:
            chart = TimingChart.of("even" if shape == "custom" else shape, count)
        except ChartError:
            chart = TimingChart.of("even", count)
        self._change(self.tr("Number of in-betweens"), chart=chart)

    def _set_exposure(self, exposure: int) -> None:
        found = self._session.commands.spans.target()
        if found is not None:
            self._set_count(count_on(exposure, *found[0].ends(found[1])))
            self.refresh()

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
        self._change(self.tr("Timing chart"), chart=chart)

    def _set_chart(self, chart: TimingChart) -> None:
        self._change(self.tr("Timing chart"), f"chart {self._drag}", chart=chart)

    def _end_drag(self) -> None:
        self._drag += 1

    def _set_engine(self, place: int) -> None:
        found = self._session.commands.spans.target()
        if found is not None:
            settings = replace(found[1].settings, engine=self._engine.itemData(place), options={})
            self._change(self.tr("Engine"), settings=settings, shown=None)

    def _set_option(self, name: str, value: OptionValue) -> None:
        found = self._session.commands.spans.target()
        if found is not None:
            settings = found[1].settings
            settings = replace(settings, options={**settings.options, name: value})
            self._change(self.tr("Engine setting"), f"option {name}", settings=settings, shown=None)

    def _set_seed(self) -> None:
        found = self._session.commands.spans.target()
        if found is None or not self._seed.text():
            return
        try:
            settings = replace(found[1].settings, seed=int(self._seed.text()))
        except SceneError:
            self._seed.setText(str(MAX_SEED))
            settings = replace(found[1].settings, seed=MAX_SEED)
        if settings != found[1].settings:
            self._change(self.tr("Seed"), settings=settings, shown=None)

    def _roll(self) -> None:
        self._seed.setText(str(self._random.randint(0, MAX_SEED)))
        self._set_seed()
