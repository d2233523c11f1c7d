"""The journal: every edit goes to the disk as it is made, so that a crash costs nothing.

A journal is a folder of its own: `journal.jsonl` with one record a line, `pictures/` named by what
is in them, and `lock` with the process that writes. It begins with the scene as it was last
saved; each edit, undo and redo adds a line. A save begins it anew.
"""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

import msgspec

from genani.media import atomic
from genani.media.files import read_all, shown, told
from genani.media.image import encode_png, read_bytes
from genani.media.lock import Lock, held_by
from genani.media.project import exposed
from genani.media.schema import scene_to_text
from genani.scene.document import Scene
from genani.scene.edits import AnyEdit, Edit
from genani.scene.errors import FileError, GenAniError
from genani.scene.picture import Picture, PictureId
from genani.scene.record import to_json

SYNC_SECONDS = 5
"""`Journal.tick` is to be called at least this often."""

JOURNAL, PICTURES, LOCK = "journal.jsonl", "pictures", "lock"

_ID = re.compile(r"[0-9a-f]{64}")
_LEVEL = 1
"""Pictures are written while somebody draws: speed before size."""


class Start(msgspec.Struct, tag="start"):
    """The journal begins.

    Attributes:
        project: the saved file, as the bytes of its path; None if there is none.
        document: the scene, as `scene_to_text` writes it.
        changes: made before this journal began and not saved either.
    """

    time: float
    project: bytes | None
    document: msgspec.Raw
    changes: int = 0


class Made(msgspec.Struct, tag="edit"):
    """An edit was made."""

    time: float
    edit: AnyEdit


class Undone(msgspec.Struct, tag="undo"):
    """So many edits were taken back."""

    time: float
    count: int


class Redone(msgspec.Struct, tag="redo"):
    """So many edits were made again."""

    time: float
    count: int


class Whole(msgspec.Struct, tag="scene"):
    """The whole scene, where the steps before it do not lead there."""

    time: float
    document: msgspec.Raw


Record = Made | Undone | Redone | Whole
"""A line of the journal after the first."""


class Journal:
    """Writes the journal of one open document. All calls come from one thread.

    A record is handed to the system at once, which keeps it should the program be killed; `tick`
    puts it on the disk, for when the power goes. Pictures are on the disk before the record that
    names them. After a failed write the next record is the whole scene, so nothing is skipped.

    Args:
        folder: made when missing; a dead program's journal in it is replaced, its pictures stay.
        scene: as it is now.
        picture: gives the pixels of the scene.
        project: the file the scene was saved to.
        stored: ids of the pictures in that file; these are not written again.
        changes: how many changes of the scene are not saved yet.

    Raises:
        FileError: another GenAni writes there, or the place cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        scene: Scene,
        picture: Callable[[PictureId], Picture],
        project: Path | None = None,
        stored: Collection[PictureId] = (),
        changes: int = 0,
    ) -> None:
        self.folder = folder
        self._picture = picture
        self._stored = frozenset(stored)
        self._file: io.FileIO | None = None
        self._torn = self._unsynced = False
        self._done = self._undone = 0
        with told(folder, "write"):
            (folder / PICTURES).mkdir(parents=True, exist_ok=True)
            self._kept = {p.stem for p in (folder / PICTURES).iterdir() if _ID.fullmatch(p.stem)}
        self._lock = Lock(folder / LOCK)
        try:
            self._begin(scene, project, changes)
        except BaseException:
            self._lock.release()
            raise

    def edited(self, edit: Edit, scene: Scene) -> None:
        """Note an edit.

        Args:
            edit: what was made.
            scene: as it is now; pictures that it shows and nobody has stored are written first.

        Raises:
            FileError: it could not be written; the document itself is not harmed.
        """
        made = Made(time.time(), edit)  # pyright: ignore[reportArgumentType]
        if self._append(made, scene):
            self._done, self._undone = self._done + 1, 0

    def undone(self, count: int, scene: Scene) -> None:
        """Note that the last edits were taken back, those before the last save too.

        Raises:
            FileError: as `edited`.
        """
        record = Undone(time.time(), count) if count <= self._done else None
        if self._append(record, scene):
            self._done, self._undone = self._done - count, self._undone + count

    def redone(self, count: int, scene: Scene) -> None:
        """Note that edits were made again.

        Raises:
            FileError: as `edited`.
        """
        record = Redone(time.time(), count) if count <= self._undone else None
        if self._append(record, scene):
            self._done, self._undone = self._done + count, self._undone - count

    def saving(self, scene: Scene) -> None:
        """Keep what is about to leave the project file and an undo may want back.

        Call it before `project.save`, while `picture` can still read the old file.

        Raises:
            FileError: as `edited`.
        """
        self._keep((self._stored | scene.pictures()) - exposed(scene).pictures())

    def saved(self, scene: Scene, project: Path, stored: Collection[PictureId]) -> None:
        """Begin anew: all changes so far are in the file.

        Args:
            scene: as it was saved and is now.
            project: the file.
            stored: ids of the pictures in it, as `project.save` returns them.

        Raises:
            FileError: as `edited`; the journal then still holds what it held.
        """
        self._stored = frozenset(stored)
        self._begin(scene, project, 0)

    def picture(self, picture_id: PictureId) -> Picture | None:
        """A picture the journal holds, for any thread; None if it has not got it."""
        return kept_picture(self.folder, picture_id)

    def tick(self) -> None:
        """Put on the disk what was written since the last time.

        Raises:
            FileError: the disk fails.
        """
        if self._file and self._unsynced:
            with told(self.folder / JOURNAL, "write"):
                os.fsync(self._file.fileno())
            self._unsynced = False

    def close(self, discard: bool = False) -> None:
        """Let the journal go.

        Args:
            discard: delete it, because all is saved or not wanted; otherwise it stays there to
                be recovered.

        Raises:
            FileError: the last records could not be put on the disk.
        """
        try:
            if not discard:
                self.tick()
        finally:
            self._close_file()
            self._lock.release()
        if discard:
            remove(self.folder)

    def _begin(self, scene: Scene, project: Path | None, changes: int) -> None:
        self._keep(scene.pictures() - self._stored)
        place = os.fsencode(project) if project else None
        document = msgspec.Raw(scene_to_text(scene))
        line = to_json(Start(time.time(), place, document, changes)) + b"\n"
        with atomic.file(self.folder / JOURNAL) as temporary:
            temporary.write_bytes(line)
            # Some systems do not replace an open file; `_append` opens it again.
            self._close_file()
        self._torn = False
        self._done = self._undone = 0

    def _append(self, record: Record | None, scene: Scene) -> bool:
        """Write a record; False if the whole scene was written instead and steps count anew."""
        step = record is not None and not self._torn
        if not step:
            record = Whole(time.time(), msgspec.Raw(scene_to_text(scene)))
        line = to_json(record) + b"\n"
        # What may be left of a torn line is closed off.
        line = b"\n" + line if self._torn else line
        self._torn = True
        self._keep(scene.pictures() - self._stored)
        with told(self.folder / JOURNAL, "write"):
            self._put(line)
        self._torn = False
        if not step:
            self._done = self._undone = 0
        return step

    def _put(self, line: bytes) -> None:
        if self._file is None:
            self._file = io.FileIO(self.folder / JOURNAL, "ab")
        end = self._file.seek(0, os.SEEK_END)
        self._unsynced = True
        try:
            if self._file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            with suppress(OSError):
                self._file.truncate(end)
            raise

    def _keep(self, pictures: Collection[PictureId]) -> None:
        for picture_id in set(pictures) - self._kept:
            try:
                data = encode_png(self._picture(picture_id), _LEVEL)
            except GenAniError:
                # Missing already: a journal that refused the edit would lose that as well.
                continue
            with atomic.file(self.folder / PICTURES / f"{picture_id}.png") as temporary:
                temporary.write_bytes(data)
            self._kept.add(picture_id)

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def remove(folder: Path) -> None:
    """Delete a journal that nobody writes.

    Raises:
        FileError: somebody does, or it cannot be deleted.
    """
    with told(folder, "write"):
        if (holder := held_by(folder / LOCK)) is not None:
            raise FileError(f"'{shown(folder)}' is in use by another GenAni (process {holder})")
        # First of all, so that a journal half deleted is none.
        (folder / JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def kept_picture(folder: Path, picture_id: PictureId) -> Picture | None:
    """A picture that the journal in a folder holds, checked to be the very one; None if not there.

    Raises:
        FileError: it is damaged.
    """
    path = folder / PICTURES / f"{picture_id}.png"
    if not _ID.fullmatch(picture_id) or not path.is_file():
        return None
    picture = read_bytes(read_all(path), path)
    return picture if picture.id == picture_id else None
