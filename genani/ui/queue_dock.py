"""The queue: what is drawn, what waits, what failed; with a way to stop each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from genani.app.jobs import JobId, JobState, Place, listed
from genani.ui.icons import icon
from genani.ui.words import duration_text

if TYPE_CHECKING:
    from genani.app.jobs import Job
    from genani.app.session import Session

REFRESH_MS = 60
_JOB = Qt.ItemDataRole.UserRole
SHOWN_JOBS = 60


class QueuePanel(QWidget):
    """A row a job: title, progress, time left, cancel."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue")
        self._session = session
        self._rows: dict[JobId, QTreeWidgetItem] = {}
        self._tree = QTreeWidget()
        self._tree.setObjectName("queue-list")
        self._tree.setAccessibleName(self.tr("Queue"))
        self._tree.setRootIsDecorated(False)
        self._tree.setHeaderLabels([self.tr("What"), self.tr("State"), ""])
        header = self._tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
        self._tree.setColumnWidth(2, 34)
        self._tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._tree.customContextMenuRequested.connect(self._menu)
        self._empty = QLabel(self.tr("Nothing is being drawn."))
        row = QHBoxLayout()
        for name, text, call in (
            ("active", self.tr("Stop this one"), session.renders.cancel_active),
            ("queued", self.tr("Clear waiting"), session.renders.cancel_queued),
            ("all", self.tr("Stop all"), session.renders.cancel_all),
        ):
            button = QPushButton(text)
            button.setObjectName(f"queue-cancel-{name}")
            button.clicked.connect(call)
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(self._empty)
        layout.addWidget(self._tree, 1)
        layout.addLayout(row)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        session.renders.job_changed.connect(self._refresh_soon)
        self.refresh()

    def _refresh_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def refresh(self) -> None:
        """Show the jobs as they stand."""
        jobs = [job for job in self._session.renders.jobs if listed(job)][:SHOWN_JOBS]
        self._empty.setVisible(not jobs)
        order = [job.id for job in jobs]
        if order != list(self._rows):
            self._rebuild(order)
        for job in jobs:
            self._show(self._rows[job.id], job)

    def _rebuild(self, order: list[JobId]) -> None:
        self._tree.clear()
        self._rows = {}
        for job_id in order:
            item = QTreeWidgetItem(self._tree)
            item.setData(0, _JOB, job_id)
            bar = QProgressBar()
            bar.setRange(0, 1000)
            self._tree.setItemWidget(item, 1, bar)
            stop = QToolButton()
            stop.setAutoRaise(True)
            stop.setIcon(icon("cancel"))
            stop.clicked.connect(lambda _=False, job_id=job_id: self._stop(job_id))
            self._tree.setItemWidget(item, 2, stop)
            self._rows[job_id] = item

    def _show(self, item: QTreeWidgetItem, job: Job) -> None:
        item.setText(0, job.title)
        bar, stop = self._tree.itemWidget(item, 1), self._tree.itemWidget(item, 2)
        names = {
            JobState.QUEUED: self.tr("waiting"),
            JobState.RUNNING: job.text or self.tr("starting"),
            JobState.CANCELLING: self.tr("stopping"),
            JobState.DONE: self.tr("done"),
            JobState.FAILED: self.tr("failed"),
            JobState.CANCELLED: self.tr("stopped"),
        }
        text = names[job.state]
        if job.state is JobState.RUNNING and job.eta is not None:
            text = self.tr("{0}, {1}").format(text, duration_text(job.eta))
        if isinstance(bar, QProgressBar):
            bar.setValue(round(1000 * (1.0 if job.state is JobState.DONE else job.share)))
            bar.setFormat(text)
            bar.setToolTip(job.error or text)
        if isinstance(stop, QToolButton):
            stop.setToolTip(
                self.tr("Take out of the list") if job.state.ended else self.tr("Stop this job")
            )
            stop.setIcon(icon("reject" if job.state.ended else "cancel"))

    def _stop(self, job_id: JobId) -> None:
        job = self._job(job_id)
        if job is not None and job.state.ended:
            self._session.renders.remove(job_id)
        else:
            self._session.renders.cancel(job_id)

    def _job(self, job_id: JobId) -> Job | None:
        return next((job for job in self._session.renders.jobs if job.id == job_id), None)

    def _menu(self, point: object) -> None:
        item = self._tree.itemAt(point)  # pyright: ignore[reportArgumentType, reportCallIssue]
        job = self._job(item.data(0, _JOB)) if item is not None else None
        if job is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        renders = self._session.renders
        if job.state is JobState.QUEUED:
            menu.addAction(self.tr("Draw next"), lambda: renders.move(job.id, Place.FRONT))
            menu.addAction(self.tr("Draw last"), lambda: renders.move(job.id, Place.BACK))
        if job.error:
            text = f"{job.error}\n\n{job.details}"
            clipboard = QGuiApplication.clipboard()
            menu.addAction(self.tr("Copy details"), lambda: clipboard.setText(text))
        word = self.tr("Take out of the list") if job.state.ended else self.tr("Stop")
        menu.addAction(word, lambda: self._stop(job.id))
        menu.popup(self._tree.viewport().mapToGlobal(point))  # pyright: ignore[reportArgumentType, reportCallIssue]
