"""Training on a person's own clips: the project at hand, its data set and the runs beside it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from genani.app.child import Child
from genani.app.messages import Level
from genani.app.threads import Lane
from genani.app.training import projects
from genani.app.training.projects import Project
from genani.app.training.runs import RunState, TrainingRun
from genani.app.training.services import (
    Clip,
    Review,
    Rights,
    TrainingChoice,
    TrainingServices,
)
from genani.scene.face import Emotion

if TYPE_CHECKING:
    from genani.app.session import Session


class Trainings(QObject):
    """Knows the projects and does what the training window asks, behind it.

    Attributes:
        services: the way to data sets, tasks and adapters.
        project: the one at hand, or None.
        clips: those of its data set.
        rights: to its films; None before the first is imported.
        choices: what can be trained; empty until it was asked for.
        runs: every run that was looked at, by its folder.

    Signals:
        project_changed: another project, or other choices of it.
        clips_changed: other clips, labels or rights.
        errand_changed: the import or the search for faces: a share, a text, and whether it goes
            on.
        noted: a line that an import left, such as why a film was left out.
        run_changed: a run, anything of it.
        adapters_changed: the adapters in the store are others.
    """

    project_changed = Signal()
    clips_changed = Signal()
    errand_changed = Signal(float, str, bool)
    noted = Signal(str)
    run_changed = Signal(object)
    adapters_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.services: TrainingServices = session.services.training
        self.project: Project | None = None
        self.clips: Sequence[Clip] = ()
        self.rights: Rights | None = None
        self.choices: Sequence[TrainingChoice] = ()
        self.runs: dict[Path, TrainingRun] = {}
        self._lane = Lane("genani-clips")
        self._errand: Child | None = None
        self._removed: list[str] = []
        self._review: Review | None = None

    # Projects

    async def projects(self) -> list[Project]:
        """Every project, the one worked on last first."""
        return await self._lane.run(projects.listed)

    async def create(self, name: str) -> None:
        """Begin a project and take it up.

        Raises:
            GenAniError: it cannot be written.
        """
        await self.open(await self._lane.run(projects.created, name))

    async def open(self, project: Project) -> None:
        """Take up a project.

        Raises:
            GenAniError: its clips cannot be read.
        """
        self.project, self._removed, self._review = project, [], None
        if not self.choices:
            self.choices = await self._lane.run(self.services.choices)
        self.project_changed.emit()
        await self.refresh()

    async def choose(self, **fields: object) -> None:
        """Keep other choices of the project at hand.

        Raises:
            GenAniError: they cannot be written.
        """
        self.project = await self._lane.run(partial(self._at_hand.with_choices, **fields))
        for run in self.runs.values():
            if run.project.folder == self.project.folder:
                run.project = self.project
        self.project_changed.emit()

    # Clips

    async def refresh(self) -> None:
        """Read the data set again.

        Raises:
            GenAniError: it cannot be read.
        """
        folder = self._at_hand.clips
        self.clips = await self._lane.run(self.services.clips, folder)
        self.rights = await self._lane.run(self.services.rights, folder)
        there = {clip.id for clip in self.clips}
        self._removed = [name for name in self._removed if name not in there]
        self.clips_changed.emit()

    async def import_films(self, paths: Sequence[Path]) -> None:
        """Cut films into clips, beside the window.

        Raises:
            GenAniError: the data set cannot be read afterwards.
        """
        project = self._at_hand
        words = ["clips", "import", *map(str, paths), "--dataset", str(project.clips)]
        words += ["--size", project.choices.size]
        if project.choices.crop == "whole":
            words += ["--crop", "whole"]
        await self._run_errand(words)

    async def annotate(self) -> None:
        """Find faces, mouth shapes, blinks and emotions in the clips, beside the window.

        Raises:
            GenAniError: the data set cannot be read afterwards.
        """
        await self._run_errand(["clips", "annotate", str(self._at_hand.clips)])

    def stop_errand(self) -> None:
        """Stop the import or the search for faces; what was done so far stays."""
        if self._errand is not None:
            self._errand.stop()

    @property
    def on_errand(self) -> bool:
        """True while clips are imported or looked at."""
        return self._errand is not None

    async def label(self, clip: Clip, emotion: Emotion) -> None:
        """Say what a clip's emotion is.

        Raises:
            GenAniError: it cannot be written.
        """
        await self._change(lambda review: review.label([clip.id], emotion))

    async def accept(self, clip: Clip) -> None:
        """Make a clip's suggested emotion a person's word.

        Raises:
            GenAniError: it cannot be written.
        """
        await self._change(lambda review: review.accept([clip.id]))

    async def move(self, clip: Clip, frame: str, points: Sequence[tuple[float, float]]) -> None:
        """Put the landmarks of a frame where a person says.

        Raises:
            GenAniError: it cannot be written.
        """
        await self._change(lambda review: review.move(clip.id, frame, points))

    async def lose(self, clip: Clip, frame: str) -> None:
        """Say that a frame shows no face.

        Raises:
            GenAniError: it cannot be written.
        """
        await self._change(lambda review: review.lose(clip.id, frame))

    async def undo(self) -> None:
        """Take back the last change of labels, landmarks or clips.

        Raises:
            GenAniError: it cannot be written.
        """
        await self._change(lambda review: review.undo())

    async def redo(self) -> None:
        """Make the change again that was taken back last.

        Raises:
            GenAniError: it cannot be written.
        """
        await self._change(lambda review: review.redo())

    async def remove(self, clips: Sequence[Clip]) -> None:
        """Take clips out of the data set; `put_back` undoes it.

        Raises:
            GenAniError: it cannot be written.
        """
        self._removed += [clip.id for clip in clips]
        await self._change(lambda review: review.remove([clip.id for clip in clips]))

    async def put_back(self) -> None:
        """Bring back the clip that was taken out last.

        Raises:
            GenAniError: it cannot be written.
        """
        if self._removed:
            await self._lane.run(self.services.restore, self._at_hand.clips, self._removed.pop())
            self._review = None
            await self.refresh()

    @property
    def can_put_back(self) -> bool:
        """True if a clip was taken out."""
        return bool(self._removed)

    async def set_rights(self, made_by: str, licence: str, may_train: bool) -> None:
        """Say who made the films, under which licence, and whether they may be trained on.

        Raises:
            GenAniError: it cannot be written.
        """
        folder = self._at_hand.clips
        await self._lane.run(self.services.set_rights, folder, made_by, licence, may_train)
        await self.refresh()

    async def points(self, clip: Clip) -> Mapping[str, Sequence[tuple[float, float]]]:
        """The landmarks on each frame that has a face, by frame name."""
        return await self._lane.run(self.services.points, clip.folder.parent, clip.id)

    # Runs

    @property
    def choice(self) -> TrainingChoice | None:
        """What the project trains; the first that can be where nothing was chosen."""
        task = self.project.choices.task if self.project else ""
        found = [each for each in self.choices if each.task == task]
        found += [each for each in self.choices if not each.missing]
        return found[0] if found else None

    @property
    def wanting(self) -> str:
        """Why the project cannot be trained yet, in words; empty if it can."""
        choice = self.choice
        if not self.clips:
            return self.tr("There are no clips yet.")
        if len({clip.id for clip in self.clips if not clip.copy}) < 2:
            return self.tr("One clip is too few: a second one is held back to measure by.")
        if self.rights is None or self.rights.wanting:
            return self.tr("The rights are not settled: say who made the films.")
        return choice.missing if choice else self.tr("Nothing can be trained here.")

    @property
    def run(self) -> TrainingRun | None:
        """The run of the project at hand, begun or not."""
        choice = self.choice
        if self.project is None or choice is None:
            return None
        folder = self.project.run(choice.task)
        if folder not in self.runs:
            run = self.runs[folder] = TrainingRun(self.project, choice.task, self)
            run.changed.connect(partial(self._run_changed, run))
        return self.runs[folder]

    def seconds(self, choice: TrainingChoice, preset: Mapping[str, str]) -> float:
        """How long a preset is expected to take on this machine.

        By what the last run of the task took for an example; before the first, by what it took
        on two cores, shared out over those there are.
        """
        own = self.project.choices.settings if self.project else {}
        told = {**preset, **own}

        def number(name: str, usual: float) -> float:
            try:
                return float(told.get(name, str(usual)).strip("[] ").split(",")[-1])
            except ValueError:
                return usual

        pace = choice.pace * 2 / max(1, os.cpu_count() or 2)
        for run in self.runs.values():
            if run.task == choice.task and (measured := run.seconds_per_step()):
                pace = measured / number("batch", 8)
        examples = number("steps", 1000) * number("batch", 8)
        return examples * pace * (number("task.sizes", 256) / 256) ** 2

    def train(self) -> None:
        """Begin the project's run or go on with it; it waits while another one runs."""
        run = self.run
        if run is not None and not run.state.busy:
            run.wait()
            self._next()

    @property
    def busy(self) -> bool:
        """True while something is trained or imported."""
        return self.on_errand or any(run.state.busy for run in self.runs.values())

    async def adopt(self, run: TrainingRun, name: str) -> str:
        """Keep what a run made as an adapter; gives its id.

        Raises:
            GenAniError: there is nothing, or the store cannot be written.
        """
        base = next(each.base for each in self.choices if each.task == run.task)
        made = await self._lane.run(self.services.adopt, run.folder, name, run.project.clips, base)
        if self.project is not None and self.project.folder == run.project.folder:
            await self.choose(adapter=made)
        self.adapters_changed.emit()
        return made

    async def export(self, adapter: str, target: Path) -> None:
        """Copy an adapter out to a file.

        Raises:
            GenAniError: it cannot be written.
        """
        await self._lane.run(self.services.export, adapter, target)

    async def bring_in(self, path: Path) -> str:
        """Copy an adapter file into the store; gives its id.

        Raises:
            GenAniError: it is no adapter, or the store cannot be written.
        """
        made = await self._lane.run(self.services.add, path)
        self.adapters_changed.emit()
        return made

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something beside the window; what goes wrong is told."""
        self._session.start(work)

    async def leave(self) -> None:
        """Stop what runs and wait until it has; what was learned is kept."""
        self.stop_errand()
        for run in self.runs.values():
            run.stop()
        if self.busy:
            quiet: asyncio.Future[None] = asyncio.get_event_loop().create_future()

            def look(*_what: object) -> None:
                if not self.busy and not quiet.done():
                    quiet.set_result(None)

            self.run_changed.connect(look)
            self.errand_changed.connect(look)
            await quiet

    def shut(self) -> None:
        """End everything at once; what was learned is kept."""
        if self._errand is not None:
            self._errand.shut()
        for run in self.runs.values():
            run.shut()
        self._lane.close()

    # How it is done

    @property
    def _at_hand(self) -> Project:
        if self.project is None:
            raise ValueError("no project is open")
        return self.project

    async def _change(self, change: Callable[[Review], object]) -> None:
        """Change the data set, and look at it again."""
        folder = self._at_hand.clips

        def work() -> None:
            if self._review is None:
                self._review = self.services.review(folder)
            change(self._review)

        await self._lane.run(work)
        await self.refresh()

    async def _run_errand(self, words: Sequence[str]) -> None:
        if self._errand is not None:
            return
        child = self._errand = Child(words, self)
        child.told.connect(self._errand_told)
        child.said.connect(self.noted)
        child.ended.connect(partial(self._errand_ended, child))
        self.errand_changed.emit(0.0, self.tr("starting"), True)
        child.start()

    def _errand_told(self, fields: Mapping[str, Any]) -> None:
        share, text = float(fields.get("share", 0.0)), str(fields.get("text", ""))
        self.errand_changed.emit(share, text, True)

    def _errand_ended(self, child: Child, error: str) -> None:
        # What it has found would be lost if older changes were taken back.
        self._errand = self._review = None
        child.deleteLater()
        self.errand_changed.emit(1.0, "", False)
        if error:
            self._session.tell(error, Level.ERROR)
            self.noted.emit(error)
        self._session.start(self.refresh())

    def _run_changed(self, run: TrainingRun) -> None:
        self.run_changed.emit(run)
        if not run.state.busy:
            self._next()

    def _next(self) -> None:
        """Give the turn to a run that waits, if none has it."""
        states = [run.state for run in self.runs.values()]
        if RunState.RUNNING in states or RunState.STOPPING in states:
            return
        for run in self.runs.values():
            if run.state is RunState.WAITING:
                run.start(self._words(run))
                return

    def _words(self, run: TrainingRun) -> list[str]:
        words = ["train", run.task, "--out", str(run.folder)]
        if run.begun:
            return [*words, "--resume"]
        chosen = run.project.choices
        words += ["--data", str(run.project.clips), "--preset", chosen.preset]
        for name, value in chosen.settings.items():
            words += ["--set", f"{name}={value}"]
        return words
