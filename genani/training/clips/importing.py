"""`genani clips import`: films become clips of about two seconds, each with its record."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec
import numpy as np

from genani.face import ladder
from genani.face.detect import FaceDetector, FoundFace
from genani.media.files import shown
from genani.scene.errors import FileError, GenAniError
from genani.scene.picture import Picture, Pixels
from genani.training.clips import dataset, foreign, framing
from genani.training.clips.dataset import DataSet, Rights, SourceNote
from genani.training.clips.footage import Film, film_name, films
from genani.training.clips.records import Record, record_of
from genani.training.clips.shots import RATE, Left, Piece, Watcher, cut_up

_LOOKS = 5
"""Frames of a piece on which faces are looked for."""

_SEEN = 2
"""On so many of them a second face must be seen."""

_SMALLEST = 24
"""Faces smaller than so many pixels of the film are left to the background."""

_WORKING = 1280
"""Pixels of a side that a frame in memory has at most."""

Progress = Callable[[float, str], None]


class Crop(StrEnum):
    """What of a film's picture becomes a clip's."""

    FACE = "face"
    """A window around each face; where there is none, the whole picture."""
    WHOLE = "whole"
    """The whole picture."""


@dataclass(frozen=True)
class ImportOptions:
    """How films are imported.

    Attributes:
        size: width and height of the frames.
        crop: what of the picture is taken.
        rights: who made the films and whether they may be trained on.
        length: frames of a clip, about.
    """

    size: tuple[int, int] = (256, 256)
    crop: Crop = Crop.FACE
    rights: Rights = field(default_factory=Rights)
    length: int = 48


@dataclass(frozen=True)
class Outcome:
    """What became of a film.

    Attributes:
        path: the film, or the records by others.
        clips: the clips made of it now.
        known: clips of it that were there before.
        notes: what was left out and why.
        failed: why there is none at all; else empty.
    """

    path: str
    clips: tuple[str, ...] = ()
    known: int = 0
    notes: tuple[str, ...] = ()
    failed: str = ""


def import_clips(
    paths: Sequence[Path],
    folder: Path,
    options: ImportOptions,
    detector: FaceDetector | None,
    progress: Progress,
) -> list[Outcome]:
    """Cut films into clips, and take over clips recorded by others.

    A film that is damaged, or has nothing to be had, is told of, and the others are imported. An
    import that was interrupted goes on where it was; films that are there already are skipped.

    Args:
        paths: videos, animations, folders of them or of numbered pictures, and folders or files
            with records by others.
        folder: the data set; made when missing.
        options: how.
        detector: finds faces; None takes whole pictures.
        progress: told of the share done and the film's name; may raise to stop.

    Returns:
        One outcome a film, in order.

    Raises:
        FileError: the data set cannot be written, is in use, or has another size.
        ModelError: the detector has failed.
    """
    with dataset.held(folder):
        data = dataset.create(folder, options.size)
        outcomes: list[Outcome] = []
        todo = list(_listed(paths, folder, outcomes))
        for number, each in enumerate(todo):

            def told(share: float, text: str, done: int = number) -> None:
                progress((done + share) / len(todo), text)

            try:
                if isinstance(each, Film):
                    data, outcome = _import_film(data, each, options, detector, told)
                else:
                    data, outcome = _import_records(data, each, options.rights, told)
            except FileError as error:
                name = each.path
                outcome = Outcome(shown(name), failed=str(error))
            outcomes.append(outcome)
        return outcomes


def _listed(
    paths: Sequence[Path], folder: Path, outcomes: list[Outcome]
) -> Iterator[Film | foreign.Recorded]:
    for path in paths:
        try:
            recorded = foreign.recorded(path, folder)
            yield from [recorded] if recorded else films(path, folder)
        except FileError as error:
            outcomes.append(Outcome(shown(path), failed=str(error)))


def _import_film(
    data: DataSet,
    film: Film,
    options: ImportOptions,
    detector: FaceDetector | None,
    progress: Progress,
) -> tuple[DataSet, Outcome]:
    path = shown(film.path)
    progress(0.0, film.path.name)
    digest = film.digest()
    name = film_name(film, digest)
    note = data.source(name)
    if note is not None and note.done:
        known = sum(id_.startswith(f"{name}_") for id_ in dataset.clip_ids(data.folder))
        return data, Outcome(path, known=known, notes=("it was imported before", *note.notes))
    note = note or SourceNote(name, path, digest, options.rights)
    data = data.with_source(note)
    pieces, notes = _looked_at(film, options.length, progress)
    made, known = _made(data, film, note, pieces, options, detector, notes, progress)
    if not pieces and not notes:
        notes.append("nothing moves in it")
    count = len(made) + known
    done = msgspec.structs.replace(note, done=True, notes=notes, clips=count)
    data = data.with_source(done)
    failed = "" if pieces else f"no clip could be made of '{path}': {'; '.join(notes)}"
    return data, Outcome(path, tuple(made), known, tuple(notes), failed)


def _looked_at(film: Film, length: int, progress: Progress) -> tuple[list[Piece], list[str]]:
    """The pieces of a film and what is left out, in words; frames before damage count."""
    watcher, notes, count = Watcher(), list[str](), 0
    total = film.length()
    try:
        for picture in film.pictures():
            watcher.add(picture)
            count += 1
            progress(0.4 * min(count / total, 1) if total else 0.2, film.path.name)
    except FileError as error:
        if not count:
            raise
        notes.append(f"{error}; the {count} frames before that were used")
    pieces, left = cut_up(watcher.drawings, length)
    return pieces, [*notes, *map(_left_out, left)]


def _left_out(left: Left) -> str:
    first, last = left.first + 1, left.last + 1
    where = f"frame {first}" if first == last else f"frames {first} to {last}"
    why = {"empty": "they are empty" if first != last else "it is empty"}.get(left.why, left.why)
    return f"{where} at {RATE} a second left out: {why}"


def _made(
    data: DataSet,
    film: Film,
    note: SourceNote,
    pieces: Sequence[Piece],
    options: ImportOptions,
    detector: FaceDetector | None,
    notes: list[str],
    progress: Progress,
) -> tuple[list[str], int]:
    """Write the clips of a film's pieces; those there already are left as they are."""
    made: list[str] = []
    known = 0
    names = [f"{note.name}_{number:04d}" for number in range(1, len(pieces) + 1)]
    there = {name for name in names if data.clip_folder(name).exists()}
    if len(there) == len(pieces):
        return made, len(there)
    frames = enumerate(film.pictures())
    for number, (name, piece) in enumerate(zip(names, pieces, strict=True)):
        progress(0.4 + 0.6 * number / len(pieces), film.path.name)
        if name in there:
            known += 1
            continue
        pictures = _of_piece(frames, piece)
        windows = _windows(pictures, options, detector)
        if options.crop is Crop.FACE and detector is not None and not windows[0].face:
            first, last = piece.frames[0] + 1, piece.frames[-1] + 1
            notes.append(f"no face found on frames {first} to {last}: the whole picture was taken")
        ids = [name, *(f"{name}{letter}" for letter in string.ascii_lowercase[1 : len(windows)])]
        record = record_of(name, [None] * len(pictures))
        record.source, record.span = note.name, (piece.frames[0] + 1, piece.frames[-1] + 1)
        # The first one last: where it is, the piece is done.
        for id_, window in reversed(list(zip(ids, windows, strict=True))):
            if not data.clip_folder(id_).exists():
                _place(data, msgspec.structs.replace(record, clip_id=id_), pictures, window)
                made.append(id_)
    return sorted(made), known


def _of_piece(frames: Iterator[tuple[int, Picture]], piece: Piece) -> list[Picture]:
    wanted = set(piece.frames)
    pictures: list[Picture] = []
    for index, picture in frames:
        if index in wanted:
            pictures.append(_smaller(picture))
        if index == piece.frames[-1]:
            break
    return pictures


def _smaller(picture: Picture) -> Picture:
    """The picture, shrunk where two seconds of it would fill the memory."""
    largest = max(picture.size)
    if largest <= _WORKING:
        return picture
    size = tuple(max(round(side * _WORKING / largest), 1) for side in picture.size)
    window = framing.Window(0, 0, *picture.size)
    return Picture(framing.framed(picture.pixels, window, (size[0], size[1])))


def _windows(
    pictures: Sequence[Picture], options: ImportOptions, detector: FaceDetector | None
) -> list[framing.Window]:
    """What is taken of a piece's pictures: around each face, else the whole."""
    full = framing.whole(pictures[0].size, options.size)
    if options.crop is Crop.WHOLE or detector is None:
        return [full]
    looks = sorted({round(at) for at in np.linspace(0, len(pictures) - 1, _LOOKS)})
    seen = [_boxes(detector.detect(pictures[at])) for at in looks]
    if not any(seen):
        middle = looks[len(looks) // 2]
        looks, seen = [middle], [_boxes(ladder.find(detector, pictures[middle]))]
    people = framing.by_face(seen, looks)
    people = [each for number, each in enumerate(people) if not number or len(each) >= _SEEN]
    found = [
        framing.around([each.box for each in one], pictures[0].size, options.size)
        for one in people[: len(string.ascii_lowercase)]
    ]
    return found or [full]


def _boxes(faces: Iterable[FoundFace]) -> list[framing.FloatArray]:
    boxes: list[framing.FloatArray] = []
    for face in faces:
        points = np.asarray(face.landmarks.points)[:, :2]
        low, high = points.min(0), points.max(0)
        if float((high - low).min()) >= _SMALLEST:
            boxes.append(np.concatenate([low, high]))
    return boxes


def _place(
    data: DataSet, record: Record, pictures: Sequence[Picture], window: framing.Window
) -> None:
    frames: list[Pixels] = []
    for number, picture in enumerate(pictures):
        held = number > 0 and np.array_equal(pictures[number - 1].pixels, picture.pixels)
        frames.append(frames[-1] if held else framing.framed(picture.pixels, window, data.size))
    dataset.place_clip(data.folder, record, frames)


def _import_records(
    data: DataSet, recorded: foreign.Recorded, rights: Rights, progress: Progress
) -> tuple[DataSet, Outcome]:
    """Take over clips that others have recorded; what is wrong with one is told, others follow."""
    path = shown(recorded.path)
    digest = recorded.digest()
    name = f"{recorded.name()}-{digest[:6]}"
    note = data.source(name) or SourceNote(name, path, digest, rights)
    data = data.with_source(note)
    made: list[str] = []
    known, notes = 0, list[str]()
    records = list(recorded.records())
    for number, read in enumerate(records):
        progress(number / len(records), recorded.path.name)
        try:
            clip = foreign.taken(read, data.size)
        except GenAniError as error:
            notes.append(str(error))
            continue
        notes.extend(clip.notes)
        record = msgspec.structs.replace(clip.record, source=name)
        if data.clip_folder(record.clip_id).exists():
            known += 1
            continue
        foreign.place(data.folder, record, clip)
        made.append(record.clip_id)
    count = len(made) + known
    done = msgspec.structs.replace(note, done=True, notes=notes, clips=count)
    data = data.with_source(done)
    failed = "" if made or known else f"no clip of '{path}' could be taken: {'; '.join(notes)}"
    return data, Outcome(path, tuple(made), known, tuple(notes), failed)
