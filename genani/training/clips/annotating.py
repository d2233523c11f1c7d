"""`genani clips annotate`: landmarks on every frame, mouth shapes, blinks, an emotion a clip.

Several workers have a detector each, whose process does the work; the threads here only wait for
it. A clip is written as soon as it is done, so an interrupted run goes on where it was. What a
person has said or placed, or came with the record, stays.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from genani.face.detect import FaceDetector
from genani.media import image
from genani.media.files import shown
from genani.scene.errors import Cancelled, FileError, GenAniError, ModelError
from genani.scene.face import Landmarks
from genani.scene.picture import Picture
from genani.training.clips import acting, dataset, head, tracking
from genani.training.clips.records import Face, Record
from genani.training.clips.tracking import Tracked

if TYPE_CHECKING:
    from genani.face.expression_net import ExpressionNet

Progress = Callable[[float, str], None]

_KEPT = ("hand", "given")
"""Whose landmarks are not looked for again."""


@dataclass
class Annotated:
    """What came of a run.

    Attributes:
        clips: names of those annotated now.
        known: clips that had been before.
        faceless: clips in which no face was found.
        gaps: frames whose face was interpolated.
        failed: clips that could not be, with the reason.
    """

    clips: list[str] = field(default_factory=list)
    known: int = 0
    faceless: list[str] = field(default_factory=list)
    gaps: int = 0
    failed: dict[str, str] = field(default_factory=dict)


class _Workshop:
    """A detector for each thread that asks, and the one expression net."""

    def __init__(self, start: Callable[[], FaceDetector], net: ExpressionNet | None) -> None:
        self._start, self._net = start, net
        self._own = threading.local()
        self._lock = threading.Lock()
        self._started: list[FaceDetector] = []
        self.stopped = threading.Event()

    def detector(self, anew: bool = False) -> FaceDetector:
        if anew or not hasattr(self._own, "detector"):
            detector = self._start()
            with self._lock:
                self._started.append(detector)
            self._own.detector = detector
        return self._own.detector

    def tick(self) -> None:
        if self.stopped.is_set():
            raise Cancelled

    def read(self, picture: Picture, face: Tracked) -> Sequence[acting.Suggestion]:
        if self._net is None:
            return ()
        marks = Landmarks(tuple((x, y, z) for x, y, z in face.points.tolist()))
        with self._lock:
            return self._net.read(picture, marks)

    def close(self) -> None:
        for detector in self._started:
            detector.close()


def annotate(
    folder: Path,
    start: Callable[[], FaceDetector],
    net: ExpressionNet | None,
    workers: int,
    progress: Progress,
    again: bool = False,
) -> Annotated:
    """Annotate the clips of a data set that are not yet.

    Args:
        folder: the data set.
        start: makes a detector; called once a worker.
        net: says of the strongest frame what it thinks; None leaves it to the blendshapes.
        workers: clips at once.
        progress: told of the share done and the clip; may raise to stop.
        again: also clips that were annotated before.

    Raises:
        FileError: there is no data set, or it is in use.
        ModelError: no detector can be started.
    """
    result = Annotated()
    with dataset.held(folder):
        dataset.read(folder)
        todo = []
        for name in dataset.clip_ids(folder):
            try:
                if again or not dataset.read_outline(folder / name).annotated:
                    todo.append(name)
                else:
                    result.known += 1
            except FileError as error:
                result.failed[name] = str(error)
        if todo:
            _run(folder, todo, _Workshop(start, net), workers, progress, result)
    return result


def _run(
    folder: Path,
    todo: Sequence[str],
    workshop: _Workshop,
    workers: int,
    progress: Progress,
    result: Annotated,
) -> None:
    pool = ThreadPoolExecutor(min(workers, len(todo)), "annotate")
    try:
        jobs: dict[Future[Record], str] = {
            pool.submit(_annotated, folder / name, workshop): name for name in todo
        }
        for done, job in enumerate(as_completed(jobs), 1):
            name = jobs[job]
            try:
                _count(result, job.result())
            except ModelError:
                raise
            except GenAniError as error:
                result.failed[name] = str(error)
            progress(done / len(todo), name)
    finally:
        workshop.stopped.set()
        pool.shutdown(cancel_futures=True)
        workshop.close()


def _count(result: Annotated, record: Record) -> None:
    result.clips.append(record.clip_id)
    result.gaps += sum(face.source == "interpolated" for face in record.landmarks.values())
    if not record.landmarks:
        result.faceless.append(record.clip_id)


def _annotated(folder: Path, workshop: _Workshop) -> Record:
    """Look at a clip and write its record."""
    workshop.tick()
    record = dataset.read_record(folder)
    missing = [name for name in record.frames if not (folder / name).is_file()]
    if missing:
        raise FileError(f"the clip '{shown(folder)}' misses the frame '{missing[0]}'")
    pictures = [image.read(folder / name) for name in record.frames]
    try:
        tracked = tracking.follow(workshop.detector(), pictures, workshop.tick)
    except ModelError:
        # Its process may have died of one picture: another one is given a try.
        tracked = tracking.follow(workshop.detector(anew=True), pictures, workshop.tick)
    record = described(record, tracked, _net_of(workshop, pictures, tracked))
    dataset.write_record(folder, record)
    return record


def _net_of(
    workshop: _Workshop, pictures: Sequence[Picture], tracked: Sequence[Tracked | None]
) -> Sequence[acting.Suggestion]:
    best = acting.strongest([None if face is None else face.blendshapes for face in tracked])
    face = None if best is None else tracked[best]
    return () if best is None or face is None else workshop.read(pictures[best], face)


def described(
    record: Record, tracked: Sequence[Tracked | None], net: Sequence[acting.Suggestion] = ()
) -> Record:
    """The record with what was found on its frames.

    Args:
        record: as it was.
        tracked: the face on each of its frames.
        net: what the expression net says.
    """
    faces = {
        name: face
        for name, found in zip(record.frames, tracked, strict=True)
        if (face := _face(record.landmarks.get(name), found)) is not None
    }
    record = msgspec.structs.replace(record, landmarks=faces, annotated=True)
    if record.emotion.by not in ("person", "given"):
        shapes = [None if face is None else face.blendshapes for face in tracked]
        record = msgspec.structs.replace(record, emotion=acting.feeling(shapes, net))
    return with_acting(record)


def with_acting(record: Record) -> Record:
    """The record with mouth shapes, lids and blinks told from its landmarks anew."""
    faces = [record.landmarks.get(name) for name in record.frames]
    shut = acting.lids([face.array() if face and face.points else None for face in faces])
    mouths = acting.visemes([face.blendshapes if face else None for face in faces])
    marks = {
        name: msgspec.structs.replace(face, lids=lids, viseme=mouth)
        for name, face, lids, mouth in zip(record.frames, faces, shut, mouths, strict=True)
        if face is not None
    }
    return msgspec.structs.replace(record, landmarks=marks, blinks=acting.blinks(shut))


def _face(before: Face | None, found: Tracked | None) -> Face | None:
    """What is written of a frame: placed points stay, what was seen is added."""
    if before is not None and before.source == "hand" and not before.points:
        # A person has said that there is none, whatever is seen.
        return before
    if found is None:
        return before if before is not None and before.source in _KEPT else None
    new = Face(
        [(round(x, 2), round(y, 2), round(z, 2)) for x, y, z in found.points.tolist()],
        found.source,
        round(found.confidence, 3),
        {name: round(value, 4) for name, value in found.blendshapes.items()},
        [[round(float(value), 5) for value in row] for row in found.matrix],
        _rounded(head.angles(found.matrix)),
    )
    if before is None or before.source not in _KEPT or not before.points:
        parts = before.parts if before is not None else {}
        return msgspec.structs.replace(new, parts=parts)
    return msgspec.structs.replace(
        new,
        points=before.points,
        source=before.source,
        confidence=before.confidence,
        parts=before.parts,
    )


def _rounded(angles: tuple[float, float, float]) -> tuple[float, float, float]:
    """Angles to a hundredth of a degree."""
    return (round(angles[0], 2), round(angles[1], 2), round(angles[2], 2))
