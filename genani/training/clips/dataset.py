"""A data set on disk: a folder with a folder a clip, and a note of where the clips came from.

    DIR/dataset.json          size, sources and the rights to them
    DIR/clip.schema.json      the JSON Schema of a record
    DIR/smile-3fa9c1_0001/    clip.jsonl and frame_0001.png ...

A clip's folder appears whole or not at all. `cat DIR/*/clip.jsonl` is the data set as JSON Lines.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import psutil

from genani.media import atomic
from genani.media.files import read_all, shown, told
from genani.media.image import encode_png
from genani.media.lock import Lock
from genani.scene.errors import FileError, GenAniError
from genani.scene.picture import Picture, Pixels
from genani.training.clips import records
from genani.training.clips.records import RECORD, Outline, Record

NOTE, SCHEMA, LOCK = "dataset.json", "clip.schema.json", "dataset.lock"
FORMAT, VERSION = "genani-clips", 1

SIZES = {"256x256": (256, 256), "512x320": (512, 320)}
"""Sizes of frames by name, (width, height) in pixels."""

HELD_BACK = 0.1
"""Share of the clips that validation keeps for itself."""

_PART = re.compile(r"\.part-(\d+)-[0-9a-f]{8}")


class RightsError(GenAniError):
    """Films that nobody has allowed to be trained on; the text names them and how to say so."""


class Rights(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who made a film, and whether it may be trained on.

    Attributes:
        made_by: a person's or a studio's name.
        licence: under which, or `own work`.
        may_train: what the person who imported it has said; None where nobody was asked.
    """

    made_by: str = ""
    licence: str = ""
    may_train: bool | None = None

    @property
    def wanting(self) -> str | None:
        """Why it cannot be trained on; None if it can."""
        if self.may_train is False:
            return "its maker does not allow training on it"
        if self.may_train is None:
            return "nobody has said whether it may be trained on"
        return None if self.made_by.strip() else "nobody has said who made it"


class SourceNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """A film that clips were cut from.

    Attributes:
        name: what clips call it in their `source`, and how their names begin.
        file: the film's file or folder.
        digest: sha256 of its bytes.
        rights: to it.
        done: whether it was imported to its end.
        notes: what was left out and why.
        clips: how many were made of it, once that is done.
    """

    name: str
    file: str
    digest: str
    rights: Rights = Rights()
    done: bool = False
    notes: list[str] = []
    clips: int = 0


class _Note(msgspec.Struct):
    format: str
    version: int
    width: int
    height: int
    rate: str = "24"
    sources: list[SourceNote] = []


@dataclass(frozen=True)
class DataSet:
    """An opened data set.

    Attributes:
        folder: where it lies.
        size: width and height of every frame.
        sources: the films in it, in order of import.
    """

    folder: Path
    size: tuple[int, int]
    sources: tuple[SourceNote, ...] = ()

    def clip_folder(self, clip_id: str) -> Path:
        """Where a clip lies."""
        return self.folder / clip_id

    def source(self, name: str) -> SourceNote | None:
        """The film of a name."""
        return next((each for each in self.sources if each.name == name), None)

    def with_source(self, note: SourceNote) -> DataSet:
        """The same with a film added, or put in the place of one of its name. Written at once.

        Raises:
            FileError: the note cannot be written.
        """
        known = [each.name for each in self.sources]
        sources = list(self.sources)
        if note.name in known:
            sources[known.index(note.name)] = note
        else:
            sources.append(note)
        changed = replace(self, sources=tuple(sources))
        changed.save()
        return changed

    def save(self) -> None:
        """Write the note and the schema.

        Raises:
            FileError: the place cannot be written.
        """
        note = _Note(FORMAT, VERSION, *self.size, sources=list(self.sources))
        with atomic.file(self.folder / NOTE) as place:
            place.write_bytes(msgspec.json.format(msgspec.json.encode(note), indent=1) + b"\n")
        if not (self.folder / SCHEMA).exists():
            with atomic.file(self.folder / SCHEMA) as place:
                place.write_bytes(records.schema())

    def forbidden(self) -> list[tuple[str, str]]:
        """The films that cannot be trained on, each with the reason; training must refuse these."""
        used = [each for each in self.sources if each.clips or not each.done]
        return [(each.file, why) for each in used if (why := each.rights.wanting)]


def check_rights(data: DataSet) -> None:
    """Nothing is learnt from films whose maker has not been named or has not allowed it.

    Raises:
        RightsError: there are such films, or it is not known where the clips come from.
    """
    if not data.sources:
        raise RightsError(
            f"'{shown(data.folder)}' cannot be trained on: it does not say which films its clips "
            "come from; bring them in by `genani clips import`"
        )
    refused = data.forbidden()
    if not refused:
        return
    film, why = refused[0]
    more = f", and {len(refused) - 1} more films likewise" if len(refused) > 1 else ""
    raise RightsError(
        f"'{shown(data.folder)}' cannot be trained on: of '{shown(film)}' {why}{more}; "
        "`genani clips rights` records it"
    )


def create(folder: Path, size: tuple[int, int]) -> DataSet:
    """A data set with frames of this size: the one in the folder, else a new one.

    Raises:
        FileError: the folder holds one of another size, or cannot be written.
    """
    if (folder / NOTE).exists():
        found = read(folder)
        if found.size != size:
            raise FileError(
                "'{}' has frames of {} x {}, not {} x {}; choose that size or another "
                "folder".format(shown(folder), *found.size, *size)
            )
        return found
    made = DataSet(folder, size)
    made.save()
    return made


def read(folder: Path) -> DataSet:
    """The data set in a folder.

    Raises:
        FileError: there is none, or its note is damaged or of a later version.
    """
    place = folder / NOTE
    if not place.is_file():
        raise FileError(
            f"'{shown(folder)}' is no data set: it has no {NOTE}; `genani clips import` makes one"
        )
    try:
        note = msgspec.json.decode(read_all(place), type=_Note)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FileError(f"'{shown(place)}' is damaged: {error}") from None
    if note.format != FORMAT or note.version != VERSION:
        raise FileError(
            f"'{shown(place)}' is '{note.format}' version {note.version}; this GenAni reads "
            f"'{FORMAT}' version {VERSION}"
        )
    if note.width < 1 or note.height < 1:
        raise FileError(f"'{shown(place)}' is damaged: frames of {note.width} x {note.height}")
    return DataSet(folder, (note.width, note.height), tuple(note.sources))


def clip_ids(folder: Path) -> list[str]:
    """The names of the clips in a data set, sorted; folders without a record are none.

    Raises:
        FileError: the folder cannot be read.
    """
    with told(folder, "read"), os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_dir() and entry.name[0] != "."]
        return sorted(name for name in names if (folder / name / RECORD).is_file())


def read_record(folder: Path) -> Record:
    """The record in a clip's folder.

    Raises:
        FileError: missing, unreadable or wrong.
    """
    place = folder / RECORD
    return records.decode(read_all(place), shown(place))


def read_outline(folder: Path) -> Outline:
    """The record in a clip's folder without its landmarks; raises as `read_record`."""
    place = folder / RECORD
    return records.decode_outline(read_all(place), shown(place))


def write_record(folder: Path, record: Record) -> None:
    """Put a record in the place of the one in a clip's folder.

    Raises:
        FileError: the place cannot be written; the old record then stays.
    """
    with atomic.file(folder / RECORD) as place:
        place.write_bytes(records.encode(record))


def place_clip(folder: Path, record: Record, frames: Sequence[Pixels]) -> None:
    """Write a new clip into a data set; its folder appears whole or not at all.

    Args:
        folder: of the data set.
        record: of the clip.
        frames: its pictures in order, (H, W, 4) uint8.

    Raises:
        FileError: the disk is full or cannot be written.
    """
    with staged(folder, record.clip_id) as place:
        fill(place, record, frames)


def fill(place: Path, record: Record, frames: Sequence[Pixels]) -> None:
    """Write a clip's frames and its record into a folder that is not yet the clip's."""
    for name, pixels in zip(record.frames, frames, strict=True):
        (place / name).write_bytes(encode_png(Picture(pixels), level=3))
    (place / RECORD).write_bytes(records.encode(record))


@contextmanager
def staged(folder: Path, clip_id: str) -> Iterator[Path]:
    """An empty folder that becomes the clip's when the block ends well, and is gone otherwise.

    Raises:
        FileError: the place cannot be written.
    """
    target = folder / clip_id
    with told(target, "write"):
        part = folder / f".part-{os.getpid()}-{secrets.token_hex(4)}"
        part.mkdir()
        try:
            yield part
            with (part / RECORD).open("rb+") as record:
                os.fsync(record.fileno())
            part.rename(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else changes the data set while the block runs; what a killed one left is swept.

    Raises:
        FileError: another GenAni is at it, or the place cannot be written.
    """
    with told(folder, "write"):
        folder.mkdir(parents=True, exist_ok=True)
    lock = Lock(folder / LOCK)
    try:
        for item in list(folder.iterdir()):
            left = _PART.fullmatch(item.name)
            if left and not psutil.pid_exists(int(left[1])):
                shutil.rmtree(item, ignore_errors=True)
        yield
    finally:
        lock.release()


def is_held_back(root: str, share: float = HELD_BACK) -> bool:
    """True if an original clip, with all that was augmented from it, is kept for validation.

    Told by its name alone, so that a data set that grows keeps what it has kept.
    """
    number = int.from_bytes(hashlib.sha256(root.encode()).digest()[:8], "big")
    return number < share * 2**64


def split(
    clips: Sequence[Outline], share: float = HELD_BACK
) -> tuple[list[Outline], list[Outline]]:
    """Clips to train on and clips held back, apart by their original.

    Where chance holds back none of several originals, the one with the lowest lot is.
    """
    roots = {clip.root for clip in clips}
    kept = {root for root in roots if is_held_back(root, share)}
    if share > 0 and not kept and len(roots) > 1:
        kept = {min(roots, key=lambda root: hashlib.sha256(root.encode()).digest())}
    if len(roots) > 1 and kept == roots:
        kept.discard(max(roots))
    train = [clip for clip in clips if clip.root not in kept]
    return train, [clip for clip in clips if clip.root in kept]


def set_rights(data: DataSet, rights: Rights, chosen: Callable[[SourceNote], bool]) -> DataSet:
    """Say who made some films and whether they may be trained on. Written at once.

    Raises:
        FileError: no film was chosen, or the note cannot be written.
    """
    if not any(chosen(each) for each in data.sources):
        raise FileError(f"'{shown(data.folder)}' has no such film")
    sources = tuple(
        msgspec.structs.replace(each, rights=rights) if chosen(each) else each
        for each in data.sources
    )
    changed = replace(data, sources=sources)
    changed.save()
    return changed


def remove_clip(folder: Path, clip_id: str) -> Path:
    """Take a clip out of a data set; it is put beside the others, under `.removed`.

    Returns:
        Where it now lies; `restore_clip` brings it back.

    Raises:
        FileError: there is no such clip, or the place cannot be written.
    """
    source, away = folder / clip_id, folder / ".removed" / clip_id
    with told(source, "write"):
        away.parent.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            shutil.rmtree(away)
        source.rename(away)
    return away


def restore_clip(folder: Path, clip_id: str) -> None:
    """Bring a removed clip back.

    Raises:
        FileError: it was not removed, or the place cannot be written.
    """
    with told(folder / clip_id, "write"):
        (folder / ".removed" / clip_id).rename(folder / clip_id)
