"""Page 6: what came of it: figures, a name, and into the scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)
from typing_extensions import override

from genani.app.training.runs import RunState, TrainingRun
from genani.app.training.services import Gives
from genani.ui.dialogs.ask import save_file
from genani.ui.training.page import Page

if TYPE_CHECKING:
    from genani.app.session import Session

_DISSOLVE = "blend "
"""Figures of a plain cross-dissolve have this before their names."""


class ResultPage(Page):
    """Figures against the base engine, a name, and what may be done with it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            "result",
            self.tr("Result"),
            self.tr(
                "Measured on what was held back from the training. Kept under a name it is "
                "offered wherever it can be used: in the settings of spans, or among the styles."
            ),
            parent,
        )
        self._session = session
        self._trainings = session.training
        self._table = QTableWidget(0, 3)
        self._table.setObjectName("result-figures")
        self._table.setHorizontalHeaderLabels(
            [self.tr("Measure"), self.tr("before"), self.tr("after")]
        )
        self._table.verticalHeader().hide()
        self._table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._name = QLineEdit()
        self._name.setObjectName("result-name")
        self._keep = QPushButton(self.tr("Keep it"))
        self._keep.setObjectName("result-keep")
        self._keep.clicked.connect(lambda: self._session.start(self._adopt()))
        self._use = QPushButton(self.tr("Use in this scene"))
        self._use.setObjectName("result-use")
        self._use.clicked.connect(lambda: self._session.start(self._use_here()))
        self._export = QPushButton(self.tr("Export as a file…"))
        self._export.setObjectName("result-export")
        self._export.clicked.connect(lambda: self._session.start(self._export_file()))
        self._told = QLabel()
        self._told.setObjectName("result-told")
        self._told.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(QLabel(self.tr("Name")))
        row.addWidget(self._name, 1)
        for button in (self._keep, self._use, self._export):
            row.addWidget(button)
        self.column.addWidget(self._table, 1)
        self.column.addLayout(row)
        self.column.addWidget(self._told)
        self._trainings.run_changed.connect(lambda _run: self.isVisible() and self.refresh())

    @override
    def come(self) -> None:
        """See `Page.come`."""
        self._trainings.look()

    @override
    def refresh(self) -> None:
        """See `Page.refresh`."""
        run, project = self._trainings.run, self._trainings.project
        there = run is not None and not run.state.busy and run.record.result
        for widget in (self._name, self._keep, self._use, self._export):
            widget.setEnabled(there)
        self._table.setRowCount(0)
        choice = self._trainings.choice
        self._export.setVisible(choice is None or choice.gives is Gives.ADAPTER)
        if run is None or project is None or not there:
            self._told.setText(self.tr("There is no result yet."))
            return
        if not self._name.text():
            self._name.setText(project.name)
        curves = run.curves().validation
        self._told.setText(self._verdict(run, curves, project.choices.adapter))
        words = {
            "distance": self.tr("distance to the truth (lower is better)"),
            "psnr": self.tr("likeness in dB (higher is better)"),
        }
        for name in [each for each in curves if not each.startswith(_DISSOLVE)]:
            after = run.record.best.get(name, curves[name][-1][1])
            self._add_row(words.get(name, name), curves[name][0][1], after)

    def _verdict(
        self, run: TrainingRun, curves: Mapping[str, Sequence[tuple[int, float]]], kept: str
    ) -> str:
        """What a person should know of the result, in a sentence."""
        if kept:
            return self.tr("Kept as {0}.").format(kept)
        best = run.record.best
        if best and all(best.get(name) == curve[0][1] for name, curve in curves.items()):
            return self.tr(
                "It draws no better than before: let it train longer, or give it more clips."
            )
        if run.state is RunState.STOPPED:
            return self.tr("The training is paused; this is the best so far.")
        return ""

    def _add_row(self, name: str, before: float, after: float) -> None:
        row = self._table.rowCount()
        self._table.insertRow(row)
        change = f" ({100 * (after / before - 1):+.1f} %)" if before else ""
        texts = (name, f"{before:.4g}", f"{after:.4g}{change}")
        for column, text in enumerate(texts):
            self._table.setItem(row, column, QTableWidgetItem(text))

    async def _adopt(self) -> str:
        run = self._trainings.run
        if run is None:
            return ""
        made = await self._trainings.adopt(run, self._name.text())
        self.refresh()
        return made

    async def _use_here(self) -> None:
        """Put the adapter on every span of the scene that its engine draws, or may draw."""
        made = await self._adopt()
        choice = self._trainings.choice
        if not made or choice is None:
            return
        spans = self._session.commands.spans
        if choice.gives is Gives.STYLE:
            self._session.styling.wanted = made
            action = self._session.actions.action("stylise")
            action.trigger()
            self._told.setText(
                self.tr("It is in the list of styles.")
                if action.isEnabled()
                else self.tr("Stylise, in the menu Drawing, offers it once there is a drawing.")
            )
            return
        if choice.gives is Gives.LOOPS:
            self._told.setText(
                self.tr("Animate this drawing, in the menu Drawing, offers it from now on.")
            )
            return
        if choice.gives is Gives.PART:
            self._told.setText(self.tr("The second part starts from it: train that next."))
            return
        if choice.gives is Gives.ENGINE:
            changed = spans.put_options_on(choice.engine, {"model": made})
        else:
            mix = self._trainings.services.told([(made, 1.0)])
            changed = spans.put_options_on(choice.engine, {"styles": mix})
        self._told.setText(
            self.tr("%n span(s) will be drawn by {0} with it.", "", changed).format(choice.title)
            if changed
            else self.tr("The scene has no spans; choose it in a span's settings later.")
        )

    async def _export_file(self) -> None:
        made = await self._adopt()
        kinds = self.tr("Adapters (*.safetensors)")
        suggestion = Path.home() / f"{made}.safetensors"
        target = await save_file(self, self.tr("Export adapter"), kinds, suggestion, "safetensors")
        if target is not None:
            await self._trainings.export(made, target)
            self._told.setText(self.tr("Written: {0}").format(target))
