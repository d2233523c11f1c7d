"""Which engine draws a span, with which settings, and what that costs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import SystemRandom
from typing import TYPE_CHECKING

from PySide6.QtCore import QRegularExpression, Qt, QTimer, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QWidget,
)

from genani.scene.document import Layer
from genani.scene.errors import GenAniError, SceneError
from genani.scene.request import MAX_SEED, OptionValue, SpanSettings
from genani.scene.span import Span
from genani.ui.icons import icon
from genani.ui.inspector.changing import change_span
from genani.ui.inspector.options import OptionCard, OptionsForm
from genani.ui.words import cost_text

if TYPE_CHECKING:
    from genani.app.jobs import Cost
    from genani.app.session import Session

ESTIMATE_MS = 120


class DrawingBox(QGroupBox):
    """The engine, seed and settings of the span that is meant, and the estimate.

    Signals:
        changed: a person has set something, or tried to; or more is known.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Drawing"))
        self._session = session
        self._asking: asyncio.Task[None] | None = None
        self._random = SystemRandom()
        self._told: tuple[str, SpanSettings] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ESTIMATE_MS)
        self._timer.timeout.connect(self._ask_cost)
        self._make_engine()
        self._make_seed()
        self._options = OptionsForm(session)
        self._options.changed.connect(self._set_option)
        self._options.models_known.connect(self.changed)
        self._cost = QLabel()
        self._cost.setObjectName("inspector-cost")
        self._cost.setWordWrap(True)
        row = QHBoxLayout()
        for widget in (self._seed, self._lock, self._dice):
            row.addWidget(widget)
        form = QFormLayout(self)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow(self.tr("Engine"), self._engine)
        form.addRow(self.tr("Seed"), row)
        form.addRow(self._options)
        form.addRow(self._cost)

    def _make_engine(self) -> None:
        self._engine = QComboBox()
        self._engine.setObjectName("inspector-engine")
        self._engine.addItem(self.tr("Best that is installed"), "auto")
        for info in self._session.services.engines():
            self._engine.addItem(info.title, info.name)
            place = self._engine.count() - 1
            self._engine.setItemData(place, info.summary, Qt.ItemDataRole.ToolTipRole)
        self._engine.activated.connect(self._set_engine)

    def _make_seed(self) -> None:
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

    @property
    def missing(self) -> str:
        """Why the span cannot be drawn, as far as its model goes; empty if it can."""
        return self._options.missing

    def show_span(self, span: Span) -> None:
        """Show how a span is drawn, and ask what that costs."""
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
        self._options.show_options(cards, span.settings.options, bases, span.settings.engine)
        if not self._seed.hasFocus():
            self._seed.setText(str(span.settings.seed))
        for widget in (self._seed, self._lock, self._dice):
            widget.setEnabled(seeded)
        self._dice.setEnabled(seeded and not self._lock.isChecked())
        self._forget_cost(span)
        self._timer.start()

    def _show_lock(self, locked: bool) -> None:
        self._lock.setIcon(icon("lock" if locked else "unlock"))
        self.changed.emit()

    def _forget_cost(self, span: Span) -> None:
        """What another engine or setting would cost says nothing of this one."""
        if self._told != (span.id, span.settings):
            self._told = None
            self._cost.setText(self.missing or self.tr("Estimating…"))

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
            text = self.missing or str(error)
        else:
            text = self.missing or self._cost_text(cost)
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

    def _change(self, text: str, settings: SpanSettings, merge: str = "") -> None:
        # Another take is meant than the one that is shown.
        change_span(self._session, text, merge, settings=settings, shown=None)
        self.changed.emit()

    def _set_engine(self, place: int) -> None:
        found = self._session.commands.spans.target()
        if found is not None:
            settings = replace(found[1].settings, engine=self._engine.itemData(place), options={})
            self._change(self.tr("Engine"), settings)

    def _set_option(self, name: str, value: OptionValue) -> None:
        found = self._session.commands.spans.target()
        if found is not None:
            settings = found[1].settings
            settings = replace(settings, options={**settings.options, name: value})
            self._change(self.tr("Engine setting"), settings, f"option {name}")

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
            self._change(self.tr("Seed"), settings)

    def _roll(self) -> None:
        self._seed.setText(str(self._random.randint(0, MAX_SEED)))
        self._set_seed()
