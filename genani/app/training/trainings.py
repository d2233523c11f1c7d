"""Training on a person's own clips: the project at hand, its data set and the runs beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from genani.app.images import read_image
from genani.app.messages import Level
from genani.app.model_choices import ModelOffer
from genani.app.threads import Lane
from genani.app.training import album, projects
from genani.app.training.album import Album
from genani.app.training.errand import Errand
from genani.app.training.matter import Matter
from genani.app.training.projects import Project
from genani.app.training.reviewing import Reviewing
from genani.app.training.run_queue import RunQueue
from genani.app.training.runs import TrainingRun
from genani.app.training.services import (
    AdapterInfo,
    Clip,
    Gives,
    Rights,
    TrainingChoice,
    TrainingServices,
)

if TYPE_CHECKING:
    from genani.app.session import Session


class Trainings(QObject):
    """Knows the projects and does what the training window asks, behind it.

    Attributes:
        services: the way to data sets, tasks and adapters.
        project: the one at hand, or None.
        clips: those of its data set.
        choices: what can be trained; empty until it was asked for.
        album: single pictures to learn from.
        known: the adapters in the store, when they were looked at last.
        review: labels, landmarks and clips under a person's eyes.
        wanted: the task that the window is to come up with; empty leaves the one there was.

    Signals:
        project_changed: another project, or other choices of it.
        clips_changed: other clips, labels or rights.
        errand_changed: the import or the search for faces: a share, a text, and whether it goes
            on.
        noted: a line that an import left, such as why a film was left out.
        run_changed: a run, anything of it.
        adapters_changed: the adapters in the store are others; `known` is as they are now.
        models_changed: a run's result was kept as a model.
    """

    project_changed = Signal()
    clips_changed = Signal()
    errand_changed = Signal(float, str, bool)
    noted = Signal(str)
    run_changed = Signal(object)
    adapters_changed = Signal()
    models_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.services: TrainingServices = session.services.training
        self.project: Project | None = None
        self.clips: Sequence[Clip] = ()
        self._film_rights: Rights | None = None
        self.choices: Sequence[TrainingChoice] = ()
        self.known: Sequence[AdapterInfo] = ()
        self.album = Album()
        self.wanted = ""
        self._lane = Lane("genani-clips")
        self._errand = Errand(self)
        self._errand.went.connect(self.errand_changed)
        self._errand.noted.connect(self.noted)
        self._errand.ended.connect(self._errand_ended)

        def services() -> TrainingServices:
            return self.services

        self.review = Reviewing(services, self._lane, lambda: self._at_hand.clips, self.refresh)
        self._runs = RunQueue(services, self._lane, session.start, self._words, self)
        self._runs.changed.connect(self.run_changed)

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
        if not self.choices:
            self.choices = await self._lane.run(self.services.choices)
        self.review.begin()
        await self._set_project(project)
        await self.refresh()

    async def choose(self, **fields: object) -> None:
        """Keep other choices of the project at hand.

        Raises:
            GenAniError: they cannot be written.
        """
        changed = partial(self._at_hand.with_choices, **fields)
        await self._set_project(await self._lane.run(changed))

    # Clips

    async def refresh(self) -> None:
        """Read the data set again.

        Raises:
            GenAniError: it cannot be read.
        """
        project = self._at_hand
        self.clips = await self._lane.run(self.services.clips, project.clips)
        self._film_rights = await self._lane.run(self.services.rights, project.clips)
        self.album = await self._lane.run(album.read, project.pictures)
        self.review.seen(self.clips)
        self.clips_changed.emit()

    async def import_films(self, paths: Sequence[Path]) -> None:
        """Cut films into clips, beside the window."""
        project = self._at_hand
        words = ["clips", "import", *map(str, paths), "--dataset", str(project.clips)]
        words += ["--size", project.choices.size]
        if project.choices.crop == "whole":
            words += ["--crop", "whole"]
        self._errand.start(words)

    async def annotate(self) -> None:
        """Find faces, mouth shapes, blinks and emotions in the clips, beside the window."""
        self._errand.start(["clips", "annotate", str(self._at_hand.clips)])

    def stop_errand(self) -> None:
        """Stop the import or the search for faces; what was done so far stays."""
        self._errand.stop()

    @property
    def on_errand(self) -> bool:
        """True while clips are imported or looked at."""
        return self._errand.going

    async def set_rights(self, made_by: str, licence: str, may_train: bool) -> None:
        """Say who made the films, under which licence, and whether they may be trained on.

        Raises:
            GenAniError: it cannot be written.
        """
        if self.on_pictures:
            await self.choose(made_by=made_by, licence=licence, may_train=may_train)
        else:
            folder = self._at_hand.clips
            await self._lane.run(self.services.set_rights, folder, made_by, licence, may_train)
        await self.refresh()

    @property
    def rights(self) -> Rights | None:
        """To what is learned from; None where there is nothing yet."""
        return self.matter.rights if self.matter else None

    # Single pictures

    @property
    def on_pictures(self) -> bool:
        """True where what is trained learns from single pictures instead of clips."""
        return self.matter is not None and self.matter.on_pictures

    async def add_pictures(self, kind: str, paths: Sequence[Path]) -> None:
        """Copy pictures, and those in folders, into the project.

        Raises:
            GenAniError: there is none among them, or they cannot be copied.
        """
        await self._lane.run(album.add, self._at_hand.pictures, kind, paths)
        await self.refresh()

    async def clear_pictures(self, kind: str) -> None:
        """Take all pictures of a kind out of the project; the originals stay.

        Raises:
            GenAniError: they cannot be deleted.
        """
        await self._lane.run(album.clear, self._at_hand.pictures, kind)
        await self.refresh()

    async def set_action(self, clips: Sequence[Clip], action: str) -> None:
        """Say what is done in some clips.

        Raises:
            GenAniError: it cannot be written.
        """
        names = [clip.id for clip in clips]
        await self._lane.run(self.services.set_action, self._at_hand.clips, names, action)
        await self.refresh()

    @property
    def matter(self) -> Matter | None:
        """What the project learns from; None where nothing can be trained."""
        if self.project is None or self.choice is None:
            return None
        return Matter(self.project, self.choice, self.clips, self._film_rights, self.album)

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
        matter = self.matter
        return matter.wanting if matter else self.tr("Nothing can be trained here.")

    @property
    def run(self) -> TrainingRun | None:
        """The run of the project at hand, begun or not."""
        choice = self.choice
        if self.project is None or choice is None:
            return None
        return self._runs.run(self.project, choice.task)

    def look(self) -> None:
        """Read what the project's run has left by now, if it is not read already."""
        if self.run is not None:
            self.start(self._runs.look(self.run))

    def seconds(self, choice: TrainingChoice, preset: Mapping[str, str]) -> float:
        """How long a preset is expected to take on this machine; see `RunQueue.seconds`."""
        return self._runs.seconds(
            choice, preset, self.project.choices.settings if self.project else {}
        )

    def train(self) -> None:
        """Begin the project's run or go on with it; it waits while another one runs."""
        if self.run is not None:
            self._runs.train(self.run)

    async def pictures(self, paths: Sequence[Path], most: QSize | None = None) -> list[QImage]:
        """The pictures in files, null for those that cannot be read.

        Args:
            paths: of the files.
            most: they are made smaller to fit into this; None leaves them as they are.
        """
        return await self._lane.run(lambda: [read_image(path, most) for path in paths])

    @property
    def busy(self) -> bool:
        """True while something is trained or imported."""
        return self.on_errand or self._runs.busy

    # Adapters

    async def adapters(self) -> Sequence[AdapterInfo]:
        """The adapters in the store, read anew."""
        found = await self._lane.run(self.services.adapters)
        if found != self.known:
            self.known = found
            self.adapters_changed.emit()
        return found

    async def models(self, drawer: str) -> ModelOffer:
        """What an engine or a stylist can be told to draw with, read anew.

        Raises:
            GenAniError: the store cannot be read.
        """
        return await self._lane.run(self.services.models, drawer)

    async def adopt(self, run: TrainingRun, name: str) -> str:
        """Keep what a run made, as an adapter or a model; gives its id.

        Raises:
            GenAniError: there is nothing, or the store cannot be written.
        """
        choice = next(each for each in self.choices if each.task == run.task)
        services, project = self.services, run.project
        whose = self.matter.whose if self.matter else ""
        if choice.gives is Gives.ADAPTER:
            made = await self._lane.run(
                services.adopt, run.folder, name, project.clips, choice.base
            )
        else:
            made = await self._lane.run(services.keep, run.folder, name, run.task, whose)
            self.models_changed.emit()
        if self.project is not None and self.project.folder == run.project.folder:
            await self.choose(adapter=made)
        await self.adapters()
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
        await self.adapters()
        return made

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something beside the window; what goes wrong is told."""
        self._session.start(work)

    async def leave(self) -> None:
        """Stop what runs and wait until it has; what was learned is kept."""
        self.stop_errand()
        self._runs.stop()
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
        self._errand.shut()
        self._runs.shut()
        self._lane.close()

    # How it is done

    def _words(self, run: TrainingRun) -> list[str]:
        """The command that begins the run of what is chosen."""
        chosen, matter = run.project.choices, self.matter
        words = ["train", run.task, "--out", str(run.folder), "--preset", chosen.preset]
        if matter is not None and matter.choice.task == run.task:
            before = None
            if matter.choice.needs:
                before = self._runs.run(run.project, matter.choice.needs[0])
            there = before is not None and before.record.result
            words += matter.words(before.folder / "result" if before and there else None)
        for name, value in chosen.settings.items():
            words += ["--set", f"{name}={value}"]
        return words

    @property
    def _at_hand(self) -> Project:
        if self.project is None:
            raise ValueError("no project is open")
        return self.project

    async def _set_project(self, project: Project) -> None:
        """Have a project, or other choices of it, at hand, and its run with it."""
        self.project = project
        choice = self.choice
        if choice is not None:
            for task in (choice.task, *choice.needs[:1]):
                await self._runs.take(project, task)
        self.project_changed.emit()

    def _errand_ended(self, error: str) -> None:
        # What it has found would be lost if older changes were taken back.
        self.review.outdate()
        if error:
            self._session.tell(error, Level.ERROR)
        self._session.start(self.refresh())
