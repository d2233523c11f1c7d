"""Clips that other programs have recorded, with the published keys in their own spellings.

A record is a line of a `.jsonl` file, or an object (or a list of them) in a `.json` file. Its
frames lie beside that file, or in a folder of the clip's name there, or in `frames/` there. Of
landmarks these are understood: lists of 478 or 468 points, as lists or as `x`, `y`, `z`, in pixels
or in shares of the picture; the same under `points` or `landmarks`; and named parts. Of emotions:
a word, a word under `label`, or a score for each of the seven.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from natsort import natsorted

from genani.face.mesh import IRIS_CENTRES, LIDS, POINTS, FloatArray, canonical
from genani.face.pose import fitted
from genani.media import image
from genani.media.files import read_all, shown
from genani.scene.errors import FileError
from genani.scene.face import Emotion
from genani.scene.picture import Pixels
from genani.training.clips import dataset, framing, records
from genani.training.clips.records import KEYS, Face, Feeling, Record, Triple
from genani.training.clips.shots import SHORTEST

_WITHOUT_IRISES = 468
_SHARES = 2.0
"""Points none of which is farther from 0 are in shares of the picture."""

_LIST_NAMES = ("points", "landmarks", "face_landmarks")
_OTHER_WORDS = {
    "happiness": Emotion.HAPPY,
    "joy": Emotion.HAPPY,
    "sadness": Emotion.SAD,
    "anger": Emotion.ANGRY,
    "surprise": Emotion.SURPRISED,
    "fearful": Emotion.FEAR,
    "disgusted": Emotion.DISGUST,
}
KEPT = "original.json"
"""The record as it was written, in the clip's folder: what GenAni has no use for is not lost."""


@dataclass(frozen=True)
class Read:
    """A record as it was read.

    Attributes:
        title: what errors call it.
        given: the record, or why it could not be read.
        folder: where the file lies that it stands in.
    """

    title: str
    given: Any
    folder: Path


@dataclass(frozen=True)
class Recorded:
    """Clips that are recorded already.

    Attributes:
        path: a file of records, or the folder in which they are.
        files: the files with records.
    """

    path: Path
    files: tuple[Path, ...]

    def digest(self) -> str:
        """The sha256 of the records, hex."""
        total = hashlib.sha256()
        for file in self.files:
            total.update(read_all(file))
        return total.hexdigest()

    def name(self) -> str:
        """How the data set calls them."""
        own = unicodedata.normalize("NFC", self.path.resolve().stem)
        return re.sub(r"[^\w-]+", "_", own).strip("_-") or "records"

    def records(self) -> Iterator[Read]:
        """Every record."""
        for file in self.files:
            name = shown(file)
            lines = file.suffix.lower() == ".jsonl"
            for number, each in _lines(file) if lines else enumerate(_whole(file), 1):
                where = "line" if lines else "record"
                yield Read(f"{where} {number} of '{name}'", each, file.parent)


def _lines(file: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(read_all(file).splitlines(), 1):
        if line.strip():
            yield number, _json(line, f"line {number} of '{shown(file)}'")


def _whole(file: Path) -> list[Any]:
    given = _json(read_all(file), f"'{shown(file)}'")
    return given if isinstance(given, list) else [given]


@dataclass(frozen=True)
class Taken:
    """A clip ready to be written.

    Attributes:
        record: as GenAni writes it.
        frames: its pictures.
        original: the record as it was.
        notes: what could not be taken over.
    """

    record: Record
    frames: Sequence[Pixels]
    original: Any
    notes: tuple[str, ...] = ()


def _json(data: bytes, name: str) -> Any:
    """What it says, or the error, so that the records after it can still be read."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return FileError(f"{name} is not JSON: {error}")


def recorded(path: Path, apart: Path) -> Recorded | None:
    """The clip records at a path; None where it holds films.

    Args:
        path: a file of records, or a folder with some.
        apart: the data set that is imported to: what lies in there is not meant.

    Raises:
        FileError: a file cannot be read.
    """
    if path.is_file():
        return Recorded(path, (path,)) if path.suffix.lower() in {".json", ".jsonl"} else None
    found = [*path.rglob("*.jsonl"), *path.rglob("*.json")] if path.is_dir() else []
    own = apart.resolve()
    theirs = [each for each in found if not each.resolve().is_relative_to(own)]
    files = tuple(each for each in natsorted(theirs) if _holds_records(each))
    return Recorded(path, files) if files else None


def _holds_records(path: Path) -> bool:
    if path.name in (KEPT, dataset.SCHEMA, dataset.NOTE):
        return False
    head = read_all(path)[:4096] if path.stat().st_size else b""
    return b'"clip_id"' in head and b'"start_frame"' in head


def taken(read: Read, size: tuple[int, int]) -> Taken:
    """A clip out of a record by others.

    Args:
        read: the record.
        size: width and height of the data set's frames.

    Raises:
        FileError: it is no record, or too few of its frames are there; the text says which.
    """
    title, given = read.title, read.given
    if isinstance(given, FileError):
        raise given
    if not isinstance(given, dict):
        raise FileError(f"{title} is no clip record: it is no object")
    missing = [key for key in KEYS if key not in given]
    if missing:
        raise FileError(f"{title} is no clip record: it has no '{missing[0]}'")
    clip_id, names = _names(title, given)
    title = f"the clip '{shown(clip_id)}' ({title})"
    found = [_place_of(read.folder, clip_id, name) for name in names]
    kept, notes = _unbroken(names, found, title)
    pictures = [image.read(place) for _, place in kept]
    sizes = {picture.size for picture in pictures}
    if len(sizes) > 1:
        raise FileError(f"{title}: its frames differ in size")
    window = framing.whole(pictures[0].size, size)
    frames = [framing.framed(picture.pixels, window, size) for picture in pictures]
    listed = given["landmarks"] if isinstance(given["landmarks"], dict) else {}
    faces: list[Face | None] = []
    for name, _ in kept:
        face = _face(listed.get(name), pictures[0].size)
        if face is None and listed.get(name):
            notes.append(f"{title}: the landmarks of '{name}' were not understood")
        faces.append(None if face is None else _moved(face, window, size))
    record = records.record_of(clip_id, faces, _feeling(given["emotion"]))
    return Taken(record, frames, given, tuple(notes))


def place(folder: Path, record: Record, clip: Taken) -> None:
    """Write a clip that was taken over into a data set, whole or not at all.

    Raises:
        FileError: the disk is full or cannot be written.
    """
    with dataset.staged(folder, record.clip_id) as part:
        dataset.fill(part, record, clip.frames)
        (part / KEPT).write_bytes(msgspec.json.encode(clip.original) + b"\n")


def _names(title: str, given: Mapping[str, Any]) -> tuple[str, list[str]]:
    middle = given["middle_frames"]
    listed = [given["start_frame"], *(middle if isinstance(middle, list) else [None])]
    names = [*listed, given["end_frame"]]
    if not isinstance(given["clip_id"], str | int) or not all(isinstance(n, str) for n in names):
        raise FileError(f"{title} is no clip record: its frames must be names of files")
    clip_id = re.sub(r'[/\\:*?"<>|\x00-\x1f]', "_", str(given["clip_id"])).lstrip(". ")[:200]
    if not clip_id:
        raise FileError(f"{title} is no clip record: its 'clip_id' is empty")
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in names):
        raise FileError(f"{title}: a frame lies outside its folder")
    return clip_id, names


def _place_of(folder: Path, clip_id: str, name: str) -> Path | None:
    places = (folder / name, folder / clip_id / name, folder / "frames" / clip_id / name)
    return next((each for each in (*places, folder / "frames" / name) if each.is_file()), None)


def _unbroken(
    names: Sequence[str], found: Sequence[Path | None], title: str
) -> tuple[list[tuple[str, Path]], list[str]]:
    """The longest run of frames without a gap, and a note where that is not all."""
    runs: list[list[tuple[str, Path]]] = [[]]
    for name, path in zip(names, found, strict=True):
        if path is None:
            runs.append([])
        else:
            runs[-1].append((name, path))
    best = max(runs, key=len)
    missing = [name for name, path in zip(names, found, strict=True) if path is None]
    if not missing:
        return best, []
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    if len(best) < SHORTEST:
        raise FileError(f"{title} misses the frame '{shown(missing[0])}'{more}")
    note = (
        f"{title} misses the frame '{shown(missing[0])}'{more}: only '{shown(best[0][0])}' to "
        f"'{shown(best[-1][0])}' were taken"
    )
    return best, [note]


def _face(given: Any, size: tuple[int, int]) -> Face | None:
    """The landmarks of a frame, in pixels; None if there are none, or none that is understood."""
    if isinstance(given, dict):
        try:
            own = msgspec.convert(given, Face)
        except msgspec.ValidationError:
            own = None
        if own is not None and len(own.points) == POINTS:
            return own
        inner = next((given[name] for name in _LIST_NAMES if name in given), None)
        if inner is not None:
            return _face(inner, size)
        parts = {str(name): _points(each) for name, each in given.items()}
        known = {name: points for name, points in parts.items() if points is not None}
        if not known:
            return None
        scale = _scale(np.concatenate(list(known.values())), size)
        return Face(
            parts={name: [tuple(p) for p in (v * scale).tolist()] for name, v in known.items()}
        )
    if isinstance(given, list) and len(given) == 1:
        return _face(given[0], size)
    points = _points(given)
    if points is None or len(points) not in (POINTS, _WITHOUT_IRISES):
        return None
    points = points * _scale(points, size)
    return Face(points=_triples(points if len(points) == POINTS else _with_irises(points)))


def _points(given: Any) -> FloatArray | None:
    """(N, 3) of a list of points, z 0 where it is not given; None for anything else."""
    if not isinstance(given, list) or not given:
        return None
    rows = [[p.get("x"), p.get("y"), p.get("z", 0)] if isinstance(p, dict) else p for p in given]
    try:
        points = np.array(rows, np.float64)
    except (ValueError, TypeError):
        return None
    if points.ndim != 2 or points.shape[1] not in (2, 3) or not np.isfinite(points).all():
        return None
    return np.pad(points, ((0, 0), (0, 3 - points.shape[1])))


def _scale(points: FloatArray, size: tuple[int, int]) -> FloatArray:
    shares = bool((np.abs(points[:, :2]) <= _SHARES).all())
    return np.array([size[0], size[1], size[0]] if shares else [1, 1, 1], np.float64)


def _with_irises(points: FloatArray) -> FloatArray:
    """478 points of 468: the irises where they are in a face at rest, looking ahead."""
    rest = canonical().points
    whole = np.vstack([points, np.zeros((POINTS - _WITHOUT_IRISES, 3))])
    for lid, centre in zip(LIDS, IRIS_CENTRES, strict=True):
        rim = [lid.outer, *lid.upper, lid.inner, *lid.lower]
        ring = sorted({centre, *lid.iris})
        eye = fitted(rest[rim], points[rim], np.ones(len(rim)))
        whole[ring] = eye(rest[ring])
    return whole


def _moved(face: Face, window: framing.Window, size: tuple[int, int]) -> Face:
    """The face in the frame instead of the picture."""
    scale = size[0] / window.width

    def there(point: Sequence[float]) -> tuple[float, ...]:
        x, y, *z = point
        moved = (x - window.left) * scale, (y - window.top) * scale, *(each * scale for each in z)
        return tuple(round(value, 2) for value in moved)

    points = [(x, y, z) for x, y, z in map(there, face.points)]
    parts = {name: [there(point) for point in each] for name, each in face.parts.items()}
    return msgspec.structs.replace(face, points=points, parts=parts)


def _triples(points: FloatArray) -> list[Triple]:
    return [(x, y, z) for x, y, z in points.tolist()]


def _feeling(given: Any) -> Feeling:
    """The emotion of a clip; empty where it says nothing that is understood."""
    if isinstance(given, str):
        label = _emotion(given)
        return Feeling(label, 1.0 if label else 0.0, by="given" if label else "")
    if not isinstance(given, dict) or not given:
        return Feeling()
    try:
        own = msgspec.convert(given, Feeling)
    except msgspec.ValidationError:
        own = Feeling()
    if own.label in set(Emotion):
        return own if own.by else msgspec.structs.replace(own, by="given")
    word = next((given[key] for key in ("label", "name", "emotion", "class") if key in given), "")
    if isinstance(word, str) and (label := _emotion(word)):
        return Feeling(label, _share(given.get("confidence", 1.0)), by="given")
    scores = {label: _share(value) for key, value in given.items() if (label := _emotion(str(key)))}
    if not scores:
        return Feeling()
    best = max(scores, key=lambda each: scores[each])
    return Feeling(best, scores[best], scores=scores, by="given")


def _emotion(word: str) -> str:
    plain = word.strip().lower()
    return plain if plain in set(Emotion) else _OTHER_WORDS.get(plain, "")


def _share(value: Any) -> float:
    number = float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0
    return min(max(number, 0.0), 1.0)
