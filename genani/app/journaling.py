"""The journal of the open document: unsaved work is on disk within seconds."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from genani.app.messages import Level, Message
from genani.app.threads import GuiCalls, Lane
from genani.media import journal, recovery
from genani.media.journal import Journal
from genani.scene.document import Scene
from genani.scene.edits import Edit
from genani.scene.errors import GenAniError, PictureError
from genani.scene.picture import Picture, PictureId

if TYPE_CHECKING:
    from genani.app.document_controller import DocumentController

_log = logging.getLogger(__name__)

JOURNALS = "journals"
"""Name of the folder below the data folder."""


@dataclass(frozen=True)
class Beginning:
    """What a journal starts from.

    Attributes:
        scene: as it is.
        project: the file it was saved to.
        stored: ids of the pictures in that file.
        changes: how many changes are not in that file.
        folder: a dead program's journal that is gone on with; None makes a new one.
    """

    scene: Scene
    project: Path | None = None
    stored: Collection[PictureId] = ()
    changes: int = 0
    folder: Path | None = None


class Journaling(QObject):
    """Notes every edit of the controller in a journal, on a thread of its own.

    Pictures that the journal holds may leave memory. A disk that cannot be written is told once;
    the document goes on, and the next record that can be written holds the whole scene.

    Args:
        controller: whose edits are noted.
        root: folder of all journals.
        seconds: how often the disk is flushed.

    Signals:
        message: a `Message`: the journal cannot be written.
    """

    message = Signal(object)

    def __init__(
        self,
        controller: DocumentController,
        root: Path,
        seconds: float,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.root = root
        self._controller = controller
        self._lane = Lane("genani-journal")
        self._calls = GuiCalls(self)
        self._journal: Journal | None = None
        self._backed: set[PictureId] = set()
        self._told = False
        self._given_up = False
        self._timer = QTimer(self)
        self._timer.setInterval(int(seconds * 1000))
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        controller.edit_applied.connect(self._edited)
        controller.edits_undone.connect(self._undone)
        controller.edits_redone.connect(self._redone)

    def begin(self, start: Beginning) -> Future[None]:
        """Give up the present journal, whose document was saved or is not wanted; start another.

        Returns:
            What is done once the journal is there and locked.
        """
        self._told = False
        return self._lane.submit(self._restart, start)

    def saving(self, scene: Scene) -> None:
        """Keep what a save would take out of the project file; call it off the GUI thread."""
        self._lane.submit(self._try, lambda kept: kept.saving(scene)).result()

    def saved(
        self, scene: Scene, project: Path, stored: Collection[PictureId], changes: int = 0
    ) -> None:
        """Begin anew after a save.

        Args:
            scene: as it is now.
            project: the file.
            stored: ids of the pictures in it.
            changes: made while it was being saved.
        """
        if changes:
            self._lane.submit(self._begin_again, Beginning(scene, project, stored, changes))
        else:
            self._lane.submit(self._try, lambda kept: kept.saved(scene, project, stored))

    def flush(self) -> None:
        """Wait until all is on the disk."""
        self._lane.submit(self._try, Journal.tick).result()

    def close(self, discard: bool) -> None:
        """End the journal: deleted because all is saved or not wanted, or left to be recovered."""
        self._timer.stop()
        self._given_up = discard
        self._lane.submit(self._end, discard).result()
        self._calls.close()
        self._lane.close()

    def picture(self, picture_id: PictureId) -> Picture | None:
        """A picture the journal holds; for any thread."""
        kept = self._journal
        return kept.picture(picture_id) if kept else None

    @Slot()
    def _tick(self) -> None:
        self._lane.submit(self._try, Journal.tick)

    @Slot(object)
    def _edited(self, edit: Edit) -> None:
        scene = self._controller.scene
        self._lane.submit(self._note, scene, lambda kept: kept.edited(edit, scene))

    @Slot(int)
    def _undone(self, count: int) -> None:
        scene = self._controller.scene
        self._lane.submit(self._note, scene, lambda kept: kept.undone(count, scene))

    @Slot(int)
    def _redone(self, count: int) -> None:
        scene = self._controller.scene
        self._lane.submit(self._note, scene, lambda kept: kept.redone(count, scene))

    # On the journal's thread from here on.

    def _note(self, scene: Scene, step: Callable[[Journal], object]) -> None:
        if self._try(step):
            for picture_id in scene.pictures() - self._backed:
                self._controller.pictures.mark_backed(picture_id)
                self._backed.add(picture_id)

    def _try(self, step: Callable[[Journal], object]) -> bool:
        if self._journal is None:
            return False
        try:
            step(self._journal)
        except GenAniError as error:
            self._tell(error)
            return False
        self._told = False
        return True

    def _picture(self, picture_id: PictureId) -> Picture:
        if self._given_up:
            # Nobody will want it: closing need not wait for a thousand drawings to be written.
            raise PictureError("the journal is given up")
        return self._controller.picture(picture_id)

    def _restart(self, start: Beginning) -> None:
        self._end(discard=True)
        self._open(start, start.folder or self.root / secrets.token_hex(8))

    def _begin_again(self, start: Beginning) -> None:
        folder = self._journal.folder if self._journal else self.root / secrets.token_hex(8)
        self._end(discard=False)
        self._open(start, folder)

    def _open(self, start: Beginning, folder: Path) -> None:
        try:
            self._journal = Journal(
                folder,
                start.scene,
                self._picture,
                start.project,
                start.stored,
                start.changes,
            )
        except GenAniError as error:
            self._tell(error)

    def _end(self, discard: bool) -> None:
        kept, self._journal = self._journal, None
        self._backed.clear()
        try:
            if kept:
                kept.close(discard)
        except GenAniError as error:
            self._tell(error)

    def _tell(self, error: GenAniError) -> None:
        if not self._told:
            self._told = True
            text = self.tr("Unsaved work is not protected at the moment: {0}").format(error)
            self._calls.call(lambda: self.message.emit(Message(Level.WARNING, text)))


def recoverable(root: Path) -> list[recovery.Recovered]:
    """What programs that died have left unsaved, the latest last; what holds nothing is removed.

    Reads files: call it off the GUI thread.
    """
    found: list[recovery.Recovered] = []
    for folder in recovery.abandoned(root):
        try:
            recovered = recovery.recover(folder)
            if recovered.changes:
                found.append(recovered)
            else:
                journal.remove(folder)
        except GenAniError as error:
            _log.warning("%s", error)
    return found
