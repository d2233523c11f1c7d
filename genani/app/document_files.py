"""The open document and its files: new, open, save, recover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from genani.app import journaling
from genani.app.journaling import Beginning, Journaling
from genani.app.messages import Level, Message
from genani.app.takes import nothing_saved
from genani.media import journal, project
from genani.scene.document import Layer, Scene, new_id

if TYPE_CHECKING:
    from genani.app.document_controller import DocumentController
    from genani.app.sources import Sources
    from genani.app.takes import TakeShelf
    from genani.app.threads import Lane
    from genani.media.project import Project, Saved
    from genani.media.recovery import Recovered
    from genani.scene.picture import Picture, PictureId
    from genani.scene.take import Take

T = TypeVar("T")


def empty_scene() -> Scene:
    """A new scene: one layer, nothing on it."""
    return Scene(layers=(Layer(new_id(), "A"),))


@dataclass(frozen=True)
class _Snapshot:
    """The document at the moment a save began."""

    scene: Scene
    place: int
    takes: tuple[Take, ...]


class DocumentFiles(QObject):
    """Which file the document is, whether it is saved, and the way to other files.

    Args:
        controller: the scene and its pictures.
        takes: the takes of the document.
        sources: forgets what belonged to the document before.
        journal_keeper: notes every edit.
        io: the thread that reads and writes.

    Signals:
        opened: the path, or None for a new document.
        changed: path or modified state changed.
        message: a `Message`.
        busy: a text while a file is read or written; empty when done.
    """

    opened = Signal(object)
    changed = Signal()
    message = Signal(object)
    busy = Signal(str)

    def __init__(
        self,
        controller: DocumentController,
        takes: TakeShelf,
        sources: Sources,
        journal_keeper: Journaling,
        io: Lane,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self._controller = controller
        self._takes = takes
        self._sources = sources
        self._journaling = journal_keeper
        self._io = io
        self._project: Project | None = None
        self._recovered: Recovered | None = None
        controller.undo_stack.cleanChanged.connect(self._clean_changed)

    @property
    def modified(self) -> bool:
        """True if there is something that is not saved."""
        return self._recovered is not None or not self._controller.undo_stack.isClean()

    @property
    def title(self) -> str:
        """Name of the document: of its file, or of the scene."""
        return self.path.stem if self.path else self._controller.scene.name

    def new(self, scene: Scene | None = None) -> None:
        """Start an empty scene; what was open is given up."""
        scene = scene or empty_scene()
        self._show(scene, None, None)
        self._journaling.begin(Beginning(scene))
        self.opened.emit(None)

    async def open(self, path: Path) -> None:
        """Open a project; what was open is given up.

        Raises:
            GenAniError: it cannot be opened; what was open stays.
        """
        opened = await self._working(self.tr("opening {0}").format(path.name), project.load, path)
        self._show(opened.scene, path, opened)
        self._journaling.begin(Beginning(opened.scene, path, opened.scene.pictures()))
        self._report(opened.problems)
        self.opened.emit(path)

    async def save(self, path: Path | None = None) -> Path:
        """Save scene, drawings and takes in one file; returns which.

        Args:
            path: where to; None takes the file it came from.

        Raises:
            GenAniError: it could not be saved; the old file is untouched.
            ValueError: it has no file yet.
        """
        target = path or self.path
        if target is None:
            raise ValueError("a new document needs a path to be saved to")
        stack = self._controller.undo_stack
        before = _Snapshot(self._controller.scene, stack.index(), self._takes_to_save())
        text = self.tr("saving {0}").format(target.name)
        written, saved = await self._working(text, self._write, target, before)
        self.path, self._project, self._recovered = target, written, None
        self._takes.saved(written.takes, written.drawn)
        for picture_id in saved.pictures:
            self._controller.pictures.mark_backed(picture_id)
        now = self._controller.scene
        changed = now is not before.scene or stack.index() != before.place
        if not changed:
            stack.setClean()
        self._journaling.saved(now, target, saved.pictures, int(changed))
        self._report(saved.problems)
        self.changed.emit()
        return target

    async def recoverable(self) -> list[Recovered]:
        """Documents that a program which died left unsaved, the latest last."""
        return await self._io.run(journaling.recoverable, self._journaling.root)

    async def recover(self, found: Recovered) -> None:
        """Go on with what was left unsaved; it counts as modified.

        Raises:
            GenAniError: the project it was saved to cannot be read; nothing is lost by this.
        """
        text = self.tr("recovering unsaved work")
        there = found.project is not None and found.project.is_file()
        opened = await self._working(text, project.load, found.project) if there else None
        self._show(found.scene, found.project, opened, found)
        stored = opened.scene.pictures() if opened else ()
        begun = self._journaling.begin(
            Beginning(found.scene, found.project, stored, found.changes, found.folder)
        )
        # Until it is locked it would still be offered.
        await self._io.run(begun.result)
        self._report(found.problems)
        self.opened.emit(found.project)
        self.changed.emit()

    async def discard(self, found: Recovered) -> None:
        """Delete what was left unsaved.

        Raises:
            FileError: another GenAni has taken it up.
        """
        await self._io.run(journal.remove, found.folder)

    def picture(self, picture_id: PictureId) -> Picture | None:
        """A picture that the journal or the project file holds; a source of the shelf."""
        kept = self._journaling.picture(picture_id)
        if kept is None and self._recovered is not None:
            # The new journal of what was recovered may not be open yet.
            kept = self._recovered.picture(picture_id)
        if kept is None and self._project is not None:
            kept = self._project.picture(picture_id)
        return kept

    def kept_takes(self) -> set[str]:
        """Hashes of takes that the cache must not clear away; called on the worker's thread."""
        spans = [span for layer in self._controller.scene.layers for span in layer.spans]
        named = {take for span in spans for take in (span.shown, span.kept, *span.pinned)}
        return {take for take in named if take}

    def _show(
        self,
        scene: Scene,
        path: Path | None,
        opened: Project | None,
        found: Recovered | None = None,
    ) -> None:
        self.path, self._project, self._recovered = path, opened, found
        shelf = self._controller.pictures
        shelf.reset()
        shelf.add_source(self.picture)
        self._takes.open(opened.takes if opened else (), opened.drawn if opened else nothing_saved)
        self._sources.forget()
        self._controller.load(scene)

    def _write(self, target: Path, before: _Snapshot) -> tuple[Project, Saved]:
        # On the thread for files.
        self._journaling.saving(before.scene)
        saved = project.save(
            before.scene,
            self._controller.picture,
            target,
            before.takes,
            self._takes.get,
            base=self.path,
            worn=self._sources.attached,
        )
        return project.load(target), saved

    def _takes_to_save(self) -> tuple[Take, ...]:
        """The takes that belong to a span: all variants but rejected ones, and what was named."""
        names: dict[str, None] = dict.fromkeys(sorted(self.kept_takes()))
        for layer in self._controller.scene.layers:
            for span in layer.spans:
                asked = self._sources.request(layer, span)
                fitting = self._takes.variants(asked) if asked else ()
                names |= dict.fromkeys(take for take in fitting if take not in span.rejected)
        return tuple(take for name in names if (take := self._takes.take(name)))

    async def _working(self, text: str, work: Callable[..., T], *args: object) -> T:
        self.busy.emit(text)
        try:
            return await self._io.run(work, *args)
        finally:
            self.busy.emit("")

    def _report(self, problems: Sequence[str]) -> None:
        if problems:
            more = self.tr("{0} (and {1} more)").format(problems[0], len(problems) - 1)
            text = more if len(problems) > 1 else problems[0]
            self.message.emit(Message(Level.WARNING, text, "\n".join(problems)))

    def _clean_changed(self) -> None:
        self.changed.emit()
