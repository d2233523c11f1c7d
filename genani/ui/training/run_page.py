"""Page 5: the training itself: how far, how well, and what its drawings look like meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QWidget,
)
from typing_extensions import override

from genani.app.training.runs import RunState, TrainingRun
from genani.app.training.services import Gives
from genani.ui.training.loss_plot import LossPlot
from genani.ui.training.page import Page
from genani.ui.words import duration_text

if TYPE_CHECKING:
    from genani.app.session import Session

_GAP = 8


class RunPage(Page):
    """Begin, pause and go on; curves; the drawings of held-back clips beside the truth."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            "run",
            self.tr("Training"),
            self.tr(
                "It runs beside the window and goes on when this one is closed. Pause stops "
                "within a step and keeps all that was learned; it can go on another day."
            ),
            parent,
        )
        self._session = session
        self._trainings = session.training
        self._go = QPushButton(self.tr("Start"))
        self._go.setObjectName("run-start")
        self._go.clicked.connect(self._trainings.train)
        self._pause = QPushButton(self.tr("Pause"))
        self._pause.setObjectName("run-pause")
        self._pause.clicked.connect(self._stop)
        self._bar = QProgressBar()
        self._bar.setObjectName("run-progress")
        self._bar.setRange(0, 1000)
        self._bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout()
        for widget in (self._go, self._pause, self._bar):
            row.addWidget(widget)
        self._text = QLabel()
        self._text.setObjectName("run-text")
        self._text.setWordWrap(True)
        self._plot = LossPlot()
        self._strip = PictureStrip()
        self._strip.setObjectName("run-samples")
        self._shown: tuple[Path, ...] = ()
        self._caption = QLabel()
        self.column.addLayout(row)
        self.column.addWidget(self._text)
        self.column.addWidget(self._plot, 1)
        self.column.addWidget(self._caption)
        self.column.addWidget(self._strip, 4)
        self._trainings.run_changed.connect(self._run_changed)

    @override
    def come(self) -> None:
        """See `Page.come`."""
        self._trainings.look()

    @override
    def refresh(self) -> None:
        """See `Page.refresh`."""
        run = self._trainings.run
        if run is None:
            self._go.setEnabled(False)
            self._pause.setEnabled(False)
            self._text.setText(self._trainings.wanting)
            return
        self._go.setEnabled(not run.state.busy and not self._trainings.wanting)
        self._go.setText(self.tr("Go on") if run.record.begun else self.tr("Start"))
        if run.state is RunState.DONE:
            self._go.setEnabled(False)
        self._pause.setEnabled(run.state in (RunState.WAITING, RunState.RUNNING))
        self._bar.setValue(round(1000 * run.step / run.steps) if run.steps else 0)
        self._bar.setFormat(self._state(run))
        self._text.setText(run.text or self._trainings.wanting)
        curves = run.curves()
        judged = next(iter(curves.validation.values()), [])
        self._plot.show_curves(curves.train, curves.validation.get("distance", judged), run.steps)
        samples = run.record.samples
        choice = self._trainings.choice
        between = choice is not None and choice.gives is Gives.ADAPTER
        self._caption.setText(
            self.tr("Held-back clips before and now: first key, drawing, truth, last key")
            if between
            else self.tr("What was held back, as it was drawn at first and as it is now")
        )
        self._caption.setVisible(bool(samples))
        if samples != self._shown:
            self._shown = samples
            self._session.start(self._show_samples(samples))

    async def _show_samples(self, paths: tuple[Path, ...]) -> None:
        pictures = await self._trainings.pictures(paths)
        if paths == self._shown:
            self._strip.show_pictures([each for each in pictures if not each.isNull()])

    def _state(self, run: TrainingRun) -> str:
        words = {
            RunState.NEW: self.tr("not begun"),
            RunState.WAITING: self.tr("waiting for its turn"),
            RunState.RUNNING: self.tr("starting"),
            RunState.STOPPING: self.tr("pausing after this step"),
            RunState.STOPPED: self.tr("paused at step {0}").format(run.step),
            RunState.DONE: self.tr("done, {0} steps").format(run.step),
            RunState.FAILED: self.tr("failed"),
        }
        if run.state is RunState.RUNNING and run.steps:
            left = duration_text(run.eta)
            return self.tr("step {0} of {1}, {2} left").format(run.step, run.steps, left)
        return words[run.state]

    def _run_changed(self, run: object) -> None:
        if self.isVisible() and run is self._trainings.run:
            self.refresh()

    def _stop(self) -> None:
        run = self._trainings.run
        if run is not None:
            run.stop()


class PictureStrip(QWidget):
    """Pictures side by side, as large as the place allows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._pictures: list[QImage] = []

    @override
    def sizeHint(self) -> QSize:
        return QSize(420, 220)

    @property
    def count(self) -> int:
        """How many pictures are shown."""
        return len(self._pictures)

    def show_pictures(self, pictures: list[QImage]) -> None:
        """Show other pictures."""
        self._pictures = pictures
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if not self._pictures:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        wide = self.width() // len(self._pictures)
        for place, picture in enumerate(self._pictures):
            room = QSize(max(1, wide - _GAP), self.height())
            size = picture.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRect(QPoint(place * wide, 0), size), picture)
        painter.end()
