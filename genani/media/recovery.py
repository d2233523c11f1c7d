"""Recovery: the scene that a dead program's journal leads to."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from genani.media.files import read_all, shown, told
from genani.media.journal import JOURNAL, LOCK, Made, Record, Redone, Start, Whole, kept_picture
from genani.media.lock import held_by
from genani.media.schema import scene_from_text
from genani.scene.document import Scene
from genani.scene.errors import GenAniError, ProjectError
from genani.scene.picture import Picture, PictureId
from genani.scene.record import from_json


@dataclass(frozen=True)
class Recovered:
    """What a dead program's journal holds.

    Attributes:
        folder: the journal.
        project: the file the scene was last saved to; None if it never was.
        scene: as it was at the last record.
        changes: how many changes were not saved; 0 means that nothing is lost without it.
        age: seconds since the last record.
        problems: what could not be brought back, one sentence each.
    """

    folder: Path
    project: Path | None
    scene: Scene
    changes: int
    age: float
    problems: tuple[str, ...]

    def picture(self, picture_id: PictureId) -> Picture | None:
        """A picture the journal holds; None where it is in the project, or lost."""
        return kept_picture(self.folder, picture_id)


def abandoned(root: Path) -> list[Path]:
    """Journals below a folder whose program has died, or let them be, the latest last."""
    found: list[tuple[float, Path]] = []
    with told(root, "read"):
        for folder in root.iterdir() if root.exists() else ():
            with suppress(OSError):
                if held_by(folder / LOCK) is None:
                    found.append(((folder / JOURNAL).stat().st_mtime, folder))
    return [folder for _, folder in sorted(found)]


def recover(folder: Path) -> Recovered:
    """The scene a journal leads to; a torn last line is passed over.

    Raises:
        FileError: there is no journal.
        ProjectError: its beginning is damaged, or from a later version.
    """
    path = folder / JOURNAL
    data = read_all(path)
    lines = [line for line in data.split(b"\n") if line]
    try:
        start = from_json(lines[0], Start)
        replay = _Replay(scene_from_text(bytes(start.document)))
    except (GenAniError, IndexError) as error:
        raise ProjectError(f"cannot recover from '{shown(path)}': {error}") from error
    records = [_parsed(line) for line in lines[1:]]
    if records and records[-1] is None and not data.endswith(b"\n"):
        # The program died while it wrote this one.
        records.pop()
    for record in records:
        replay.follow(record)
    last = max((record.time for record in records if record), default=start.time)
    return Recovered(
        folder,
        Path(os.fsdecode(start.project)) if start.project else None,
        replay.scene,
        start.changes + len(records),
        max(0.0, time.time() - last),
        (f"the last {replay.lost} changes could not be brought back",) if replay.lost else (),
    )


class _Replay:
    """Follows records from a scene on; lost from a record it cannot follow to the next whole scene.

    Attributes:
        scene: where it has come to.
        lost: how many records it could not follow since.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.lost = 0
        self._states = [scene]
        self._place = 0

    def follow(self, record: Record | None) -> None:
        """Take one step, if there is a way; None is a record that cannot be read."""
        try:
            if isinstance(record, Whole):
                self._states, self._place = [scene_from_text(bytes(record.document))], 0
                self.lost = 0
            elif record is None or self.lost:
                self.lost += 1
            elif isinstance(record, Made):
                after = record.edit.after(self.scene)
                del self._states[self._place + 1 :]
                self._states.append(after)
                self._place += 1
            else:
                self._turn(record.count if isinstance(record, Redone) else -record.count)
        except GenAniError:
            self.lost += 1
        self.scene = self._states[self._place]

    def _turn(self, steps: int) -> None:
        place = self._place + steps
        if 0 <= place < len(self._states):
            self._place = place
        else:
            self.lost += 1


def _parsed(line: bytes) -> Record | None:
    try:
        return from_json(line, Record)  # pyright: ignore[reportArgumentType]
    except GenAniError:
        return None
