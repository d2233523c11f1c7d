"""The runs of all projects: one has its turn at a time, the others wait."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from genani.app.threads import Lane
from genani.app.training.projects import Project
from genani.app.training.runs import RunState, TrainingRun
from genani.app.training.services import TrainingChoice, TrainingServices

Start = Callable[[Coroutine[Any, Any, object]], object]
"""Runs a coroutine behind the window."""


class RunQueue(QObject):
    """Every run that was looked at, and whose turn it is.

    Args:
        services: gives the way to the folders of runs.
        lane: where these are read.
        start: see `Start`.
        words: the command that begins a run.

    Signals:
        changed: a run, anything of it.
    """

    changed = Signal(object)

    def __init__(
        self,
        services: Callable[[], TrainingServices],
        lane: Lane,
        start: Start,
        words: Callable[[TrainingRun], list[str]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._lane, self._start = services, lane, start
        self._words = words
        self._runs: dict[Path, TrainingRun] = {}
        self._looking: set[Path] = set()
        self._again: set[Path] = set()
        self._beginning = False

    @property
    def busy(self) -> bool:
        """True while a run has, or waits for, its turn."""
        return any(run.state.busy for run in self._runs.values())

    def run(self, project: Project, task: str) -> TrainingRun | None:
        """A project's run of a task, begun or not; None before `take`."""
        return self._runs.get(project.run(task))

    async def take(self, project: Project, task: str) -> None:
        """Get to know a project's run of a task, and what its project is by now."""
        folder = project.run(task)
        if folder not in self._runs:
            record = await self._lane.run(self._services().run, folder)
            if folder not in self._runs:
                run = self._runs[folder] = TrainingRun(project, task, record, self)
                run.changed.connect(partial(self._run_changed, run))
                run.reported.connect(lambda: self._start(self.look(run)))
        for run in self._runs.values():
            if run.project.folder == project.folder:
                run.project = project

    async def look(self, run: TrainingRun) -> None:
        """Read what a run has left by now; asked for again meanwhile, it is read once more."""
        self._again.add(run.folder)
        if run.folder in self._looking:
            return
        self._looking.add(run.folder)
        try:
            while run.folder in self._again:
                self._again.discard(run.folder)
                run.take(await self._lane.run(self._services().run, run.folder))
        finally:
            self._looking.discard(run.folder)

    def train(self, run: TrainingRun) -> None:
        """Begin a run or go on with it; it waits while another one has its turn."""
        if not run.state.busy:
            run.wait()

    def seconds(
        self, choice: TrainingChoice, preset: Mapping[str, str], own: Mapping[str, str]
    ) -> float:
        """How long a preset is expected to take on this machine.

        By what the last run of the task took for an example; before the first, by what it took
        on two cores, shared out over those there are.

        Args:
            choice: what is trained.
            preset: its settings.
            own: those chosen in their place.
        """
        told = {**preset, **own}

        def number(name: str, usual: float) -> float:
            try:
                return float(told.get(name, str(usual)).strip("[] ").split(",")[-1])
            except ValueError:
                return usual

        pace = choice.pace * 2 / max(1, os.cpu_count() or 2)
        for run in self._runs.values():
            if run.task == choice.task and (measured := run.seconds_per_step):
                pace = measured / number("batch", 8)
        examples = number("steps", 1000) * number("batch", 8)
        limit = 60 * number("max_minutes", 0)
        sides = [name for name in ("task.sizes", "task.size", "task.side") if name in told]
        seconds = examples * pace * (number(sides[0] if sides else "", 256) / 256) ** 2
        return min(seconds, limit) if limit else seconds

    def stop(self) -> None:
        """Stop every run within a step; what was learned is kept."""
        for run in self._runs.values():
            run.stop()

    def shut(self) -> None:
        """End every run at once; what was learned is kept."""
        for run in self._runs.values():
            run.shut()

    def _run_changed(self, run: TrainingRun) -> None:
        self.changed.emit(run)
        self._next()

    def _next(self) -> None:
        """Give the turn to a run that waits, if none has it."""
        states = [run.state for run in self._runs.values()]
        if self._beginning or RunState.RUNNING in states or RunState.STOPPING in states:
            return
        for run in self._runs.values():
            if run.state is RunState.WAITING:
                self._beginning = True
                self._start(self._begin(run))
                return

    async def _begin(self, run: TrainingRun) -> None:
        """Give a run its turn, unless it was told to stop before that."""
        try:
            run.take(await self._lane.run(self._services().run, run.folder))
        except BaseException:
            run.stop()
            raise
        finally:
            self._beginning = False
        if run.state is RunState.WAITING:
            run.start(self._command(run))
        else:
            self._next()

    def _command(self, run: TrainingRun) -> list[str]:
        """What begins a run, or goes on with it."""
        if run.record.begun:
            return ["train", run.task, "--out", str(run.folder), "--resume"]
        return self._words(run)
