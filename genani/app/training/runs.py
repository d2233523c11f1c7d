"""One training run beside the window: where it is, how it went, and how it is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from genani.app.child import Child
from genani.app.training.projects import Project
from genani.app.training.services import RunRecord


class RunState(StrEnum):
    """Where a run stands."""

    NEW = "new"
    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"

    @property
    def busy(self) -> bool:
        """True while it has, or waits for, its turn."""
        return self in (RunState.WAITING, RunState.RUNNING, RunState.STOPPING)


@dataclass
class Curves:
    """What was measured so far: (step, value), oldest first.

    Attributes:
        train: the loss on the clips it learns from.
        validation: the figures on clips that were held back, by name.
    """

    train: list[tuple[int, float]] = field(default_factory=list)
    validation: dict[str, list[tuple[int, float]]] = field(default_factory=dict)

    def add(self, line: Mapping[str, Any]) -> None:
        """Take in one line of metrics."""
        step, kind = int(line["step"]), line["kind"]
        if kind == "train":
            # With a judge there are two losses; the drawing network's is told.
            found = [line[name] for name in ("total", "generator/total") if name in line]
            self.train += [(step, float(value)) for value in found[:1]]
        elif kind == "validation":
            for name, value in line.items():
                if isinstance(value, int | float) and name != "step":
                    self.validation.setdefault(name, []).append((step, float(value)))


class TrainingRun(QObject):
    """A run of one project; it outlives the window that shows it.

    Attributes:
        record: what it has left in its folder, when that was looked at last.
        step, steps: done, and wanted; 0 before it has told.
        eta: seconds left, as things go.
        text: what is happening, or why it failed.

    Signals:
        changed: anything of it.
        reported: it has told something, and may have written something.
    """

    changed = Signal()
    reported = Signal()

    def __init__(
        self, project: Project, task: str, record: RunRecord, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.project, self.task = project, task
        self.record = record
        self.state = RunState.NEW
        self.step, self.steps = record.step, record.steps
        self.eta = 0.0
        self.text = ""
        self._child: Child | None = None
        if record.result and self.step >= self.steps:
            self.state = RunState.DONE
        elif record.paused:
            self.state = RunState.STOPPED

    @property
    def folder(self) -> Path:
        """Where it writes."""
        return self.project.run(self.task)

    def take(self, record: RunRecord) -> None:
        """Take in what its folder holds by now."""
        if record != self.record:
            self.record = record
            self.changed.emit()

    def curves(self) -> Curves:
        """What was measured so far."""
        result = Curves()
        for line in self.record.lines:
            result.add(line)
        return result

    @property
    def seconds_per_step(self) -> float:
        """What a step took lately; 0 before anything was measured."""
        lines = self.record.lines
        told = [line["seconds_per_step"] for line in lines if "seconds_per_step" in line]
        return float(told[-1]) if told else 0.0

    def wait(self) -> None:
        """Say that it waits for its turn."""
        self.state = RunState.WAITING
        self.changed.emit()

    def start(self, words: list[str]) -> None:
        """Begin, or go on from its last checkpoint."""
        self.state, self.text = RunState.RUNNING, ""
        self._child = Child(words, self)
        self._child.told.connect(self._told)
        self._child.ended.connect(self._ended)
        self._child.start()
        self.changed.emit()

    def stop(self) -> None:
        """Stop within a step; what was learned is kept, and it can go on from there."""
        if self.state is RunState.WAITING:
            self.state = RunState.STOPPED if self.step else RunState.NEW
        elif self._child is not None and self.state is RunState.RUNNING:
            self.state = RunState.STOPPING
            self._child.stop()
        self.changed.emit()

    def shut(self) -> None:
        """Stop it and wait until it has."""
        if self._child is not None:
            self._child.shut()

    def _told(self, fields: Mapping[str, Any]) -> None:
        self.step, self.steps = int(fields.get("step", 0)), int(fields.get("steps", 0))
        self.eta = float(fields.get("eta", 0.0))
        self.text = str(fields.get("message", "")) or self.text
        self.changed.emit()
        self.reported.emit()

    def _ended(self, error: str) -> None:
        if error:
            self.state, self.text = RunState.FAILED, error
        elif self.steps and self.step >= self.steps:
            self.state = RunState.DONE
        else:
            self.state = RunState.STOPPED
        if self._child is not None:
            self._child.deleteLater()
            self._child = None
        self.changed.emit()
        self.reported.emit()
