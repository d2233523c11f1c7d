"""A data set under a person's eyes: emotions and landmarks corrected, clips taken out, all undone.

Every change is written at once, whole or not at all; undoing writes what was there before. While
the data set is imported to or annotated, changes are refused. No picture is kept: the window reads
the frames it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from genani.face.mesh import FloatArray
from genani.media.files import shown
from genani.scene.errors import FileError
from genani.scene.face import Emotion
from genani.training.clips import dataset
from genani.training.clips.annotating import with_acting
from genani.training.clips.records import Face, Feeling, Outline, Record
from genani.training.clips.tracking import Tracked, bridged


@dataclass(frozen=True)
class ClipState:
    """What the grid shows of a clip.

    Attributes:
        clip_id: its name.
        frames: paths of its pictures, in order.
        feeling: its emotion and who said so.
        annotated: whether GenAni has looked at it.
        augmented: whether it was made from another clip.
    """

    clip_id: str
    frames: tuple[Path, ...]
    feeling: Feeling
    annotated: bool
    augmented: bool

    @property
    def settled(self) -> bool:
        """True where a person has said, or the record came with, the emotion."""
        return self.feeling.by in ("person", "given")


@dataclass(frozen=True)
class _Step:
    """A change that can be taken back.

    Attributes:
        words: what the menu calls it.
        clips: whose state it changes.
        do, undo: write the new and the old state.
    """

    words: str
    clips: tuple[str, ...]
    do: Callable[[], None]
    undo: Callable[[], None]


class Review:
    """The clips of a data set, and what a person changes about them.

    Args:
        folder: the data set.

    Raises:
        FileError: there is no data set, or a record is damaged.
    """

    def __init__(self, folder: Path) -> None:
        dataset.read(folder)
        self._folder = folder
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._clips: dict[str, ClipState] = {}
        for name in dataset.clip_ids(folder):
            self._clips[name] = self._state(name)

    def clips(self) -> list[ClipState]:
        """Every clip, those that need a person's eye most first.

        Clips without a face lead, then those whose emotion is told with the least confidence;
        those a person has settled come last.
        """

        def need(clip: ClipState) -> tuple[bool, bool, float, str]:
            known = bool(clip.feeling.label)
            return (clip.settled, known, clip.feeling.confidence, clip.clip_id)

        return sorted(self._clips.values(), key=need)

    def clip(self, clip_id: str) -> ClipState:
        """One clip.

        Raises:
            FileError: there is none of that name.
        """
        try:
            return self._clips[clip_id]
        except KeyError:
            raise FileError(f"'{shown(self._folder)}' has no clip '{shown(clip_id)}'") from None

    def record(self, clip_id: str) -> Record:
        """A clip's whole record, landmarks and all; raises as `clip`, or where it is damaged."""
        return dataset.read_record(self._folder / self.clip(clip_id).clip_id)

    def label(self, clip_ids: Iterable[str], emotion: Emotion) -> None:
        """Say which emotion some clips show; one step, however many they are.

        Raises:
            FileError: no such clip, or a record cannot be written.
        """
        before = {name: self.clip(name).feeling for name in dict.fromkeys(clip_ids)}

        def said(feeling: Feeling) -> Feeling:
            intensity = feeling.intensity if emotion is not Emotion.NEUTRAL else 0.0
            return Feeling(emotion.value, 1.0, intensity, feeling.scores, "person")

        def write(feelings: dict[str, Feeling]) -> None:
            for name, feeling in feelings.items():
                self._write(msgspec.structs.replace(self.record(name), emotion=feeling))

        after = {name: said(feeling) for name, feeling in before.items()}
        self._take(_Step(emotion.value, tuple(before), lambda: write(after), lambda: write(before)))

    def accept(self, clip_ids: Iterable[str]) -> None:
        """Make suggested emotions a person's word; clips without one are passed over.

        Raises:
            FileError: no such clip, or a record cannot be written.
        """
        by_emotion: dict[str, list[str]] = {}
        for name in clip_ids:
            if label := self.clip(name).feeling.label:
                by_emotion.setdefault(label, []).append(name)
        for label, names in by_emotion.items():
            self.label(names, Emotion(label))

    def place(self, clip_id: str, frame: str, points: FloatArray) -> None:
        """Put the landmarks of one frame where a person says.

        Frames that were interpolated over a gap follow; lids and blinks are told anew.

        Args:
            clip_id: the clip.
            frame: the name of the frame's file.
            points: (478, 3) pixels of the frame.

        Raises:
            FileError: no such clip or frame, or the record cannot be written.
        """
        rounded = [(x, y, z) for x, y, z in np.round(points, 2).tolist()]

        def placed(old: Face) -> Face:
            return msgspec.structs.replace(old, points=rounded, source="hand", confidence=1.0)

        self._mark(clip_id, frame, "move landmarks", placed)

    def move(self, clip_id: str, frame: str, points: Sequence[tuple[float, float]]) -> None:
        """Put the landmarks of one frame elsewhere in the picture; their depth stays.

        Args:
            clip_id: the clip.
            frame: the name of the frame's file.
            points: (x, y) pixels of the frame, 478 of them.

        Raises:
            FileError: as `place`.
        """
        face = self.record(clip_id).landmarks.get(frame)
        flat = np.asarray(points, np.float64)
        known = face is not None and bool(face.points)
        depth = face.array()[:, 2:] if face and known else np.zeros((len(flat), 1))
        self.place(clip_id, frame, np.hstack([flat, depth]))

    def lose(self, clip_id: str, frame: str) -> None:
        """Say that one frame shows no face, so that none is guessed there from its neighbours.

        Args:
            clip_id: the clip.
            frame: the name of the frame's file.

        Raises:
            FileError: no such clip or frame, or the record cannot be written.
        """
        self._mark(clip_id, frame, "no face here", lambda _face: Face(source="hand"))

    def remove(self, clip_ids: Iterable[str]) -> None:
        """Take clips out of the data set; they lie aside until the data set is deleted.

        Raises:
            FileError: no such clip, or the place cannot be written.
        """
        names = tuple(self.clip(name).clip_id for name in dict.fromkeys(clip_ids))

        def away() -> None:
            for name in names:
                dataset.remove_clip(self._folder, name)

        def back() -> None:
            for name in names:
                dataset.restore_clip(self._folder, name)

        self._take(_Step("remove clips", names, away, back))

    def undo(self) -> str:
        """Take the last change back; returns what it was, empty where there is none.

        Raises:
            FileError: a record cannot be written.
        """
        return self._shift(self._done, self._undone, lambda step: step.undo())

    def redo(self) -> str:
        """Make the change again that was taken back last; else as `undo`."""
        return self._shift(self._undone, self._done, lambda step: step.do())

    def _mark(self, clip_id: str, frame: str, words: str, change: Callable[[Face], Face]) -> None:
        """Change the face on one frame, and what was told from it."""
        before = self.record(clip_id)
        if frame not in before.frames:
            raise FileError(f"the clip '{shown(clip_id)}' has no frame '{shown(frame)}'")
        face = change(before.landmarks.get(frame) or Face())
        marks = {**before.landmarks, frame: face}
        after = with_acting(_rebridged(msgspec.structs.replace(before, landmarks=marks)))
        step = _Step(words, (clip_id,), lambda: self._write(after), lambda: self._write(before))
        self._take(step)

    def _shift(
        self, source: list[_Step], target: list[_Step], work: Callable[[_Step], None]
    ) -> str:
        if not source:
            return ""
        step = source[-1]
        with dataset.held(self._folder):
            work(step)
        target.append(source.pop())
        self._refresh(step)
        return step.words

    def _take(self, step: _Step) -> None:
        with dataset.held(self._folder):
            step.do()
        self._done.append(step)
        self._undone.clear()
        self._refresh(step)

    def _refresh(self, step: _Step) -> None:
        for name in step.clips:
            if (self._folder / name).is_dir():
                self._clips[name] = self._state(name)
            else:
                self._clips.pop(name, None)

    def _write(self, record: Record) -> None:
        dataset.write_record(self._folder / record.clip_id, record)

    def _state(self, name: str) -> ClipState:
        place = self._folder / name
        outline: Outline = dataset.read_outline(place)
        return ClipState(
            name,
            tuple(place / frame for frame in outline.frames),
            outline.emotion,
            outline.annotated,
            bool(outline.augmented_from),
        )


def _rebridged(record: Record) -> Record:
    """The record with the gaps between its known frames filled anew."""
    known: list[Tracked | None] = []
    for name in record.frames:
        face = record.landmarks.get(name)
        sure = face is not None and face.points and face.source != "interpolated"
        known.append(_tracked(face) if face is not None and sure else None)
    marks: dict[str, Face] = {}
    for name, before, filled in zip(record.frames, known, bridged(known), strict=True):
        if before is not None or filled is None or _lost(record.landmarks.get(name)):
            if name in record.landmarks and (before is not None or _kept(record.landmarks[name])):
                marks[name] = record.landmarks[name]
            continue
        points = [(x, y, z) for x, y, z in np.round(filled.points, 2).tolist()]
        old = record.landmarks.get(name, Face())
        shapes = {key: round(value, 4) for key, value in filled.blendshapes.items()}
        marks[name] = msgspec.structs.replace(
            old, points=points, source="interpolated", confidence=0.0, blendshapes=shapes
        )
    return msgspec.structs.replace(record, landmarks=marks)


def _lost(face: Face | None) -> bool:
    """True where a person has said that there is no face."""
    return face is not None and face.source == "hand" and not face.points


def _kept(face: Face) -> bool:
    """False for what was interpolated and cannot be any more."""
    return face.source != "interpolated"


def _tracked(face: Face) -> Tracked:
    matrix = np.eye(4) if face.matrix is None else np.array(face.matrix, np.float64)
    return Tracked(face.array(), face.source, face.confidence, face.blendshapes, matrix)
