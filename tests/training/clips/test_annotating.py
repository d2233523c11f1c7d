"""Faces through a clip, what they do, and what stays when they are looked for again."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.detect import FoundFace
from genani.face.mesh import LIDS
from genani.face.viseme import WEIGHTS
from genani.scene.acting import Viseme
from genani.scene.errors import Cancelled, ModelError
from genani.scene.face import Emotion
from genani.scene.picture import Picture
from genani.training.clips import acting, dataset, records
from genani.training.clips.annotating import annotate, with_acting
from genani.training.clips.checking import check
from genani.training.clips.records import BlinkFound, Feeling, record_of
from genani.training.clips.tracking import LONGEST_GAP, Tracked, bridged, follow
from tests.face.staged import Staged, box, face_points, sheet
from tests.training.clips import films
from tests.training.clips.films import SIZE, data_set, unwatched


class Eyes(Staged):
    """Finds the two dots where it is told to on the first frames only, and follows them after.

    Args:
        sees: frames, in the order they are shown, on which it finds faces by itself.
    """

    def __init__(self, sees: Sequence[int] = ()) -> None:
        super().__init__()
        self.sees, self.shown, self.closed = set(sees), 0, False

    def detect(self, picture: Picture) -> list[FoundFace]:
        self.shown += 1
        self._sure = [dots(picture)] if self.shown - 1 in self.sees else []
        return super().detect(picture)

    def close(self) -> None:
        self.closed = True


def dots(picture: Picture) -> np.ndarray:
    rows, columns = np.nonzero(picture.pixels[..., 0] < 128)
    left = columns < (columns.min() + columns.max()) / 2
    x = [columns[side].mean() + 0.5 for side in (left, ~left)]
    return face_points((x[0] + x[1]) / 2, rows.mean() + 0.5, x[1] - x[0])


def walk(frames: int, step: float = 3.0) -> list[Picture]:
    return [sheet((60 + step * n, 80, 40), size=(200, 160)) for n in range(frames)]


def middle(face: Tracked | None) -> np.ndarray:
    assert face is not None
    return face.points[[468, 473], :2].mean(0)


def test_a_face_is_followed_both_ways_from_where_it_is_found() -> None:
    pictures = walk(9)
    faces = follow(Eyes(sees=[4]), pictures, lambda: None)
    assert [face.source if face else "" for face in faces] == [
        *["tracked"] * 4,
        "auto",
        *["tracked"] * 4,
    ]
    for number, face in enumerate(faces):
        assert middle(face) == pytest.approx([60 + 3 * number, 80], abs=1.5)


def test_a_drawing_that_is_held_is_looked_at_once() -> None:
    detector = Eyes(sees=range(9))
    one, two = walk(2)
    faces = follow(detector, [one, one, one, two, two], lambda: None)
    assert detector.shown == 2
    assert faces[0] is faces[2]


def test_the_ladder_is_climbed_where_no_frame_shows_a_face() -> None:
    detector = Eyes()
    detector._boxes = [box(60, 80, 40, 0.4)]
    faces = follow(detector, walk(5, 0.5), lambda: None)
    assert all(face is not None for face in faces)


def test_nobody_is_there() -> None:
    paper = Picture(np.full((64, 64, 4), 255, np.uint8))
    assert follow(Eyes(), [paper] * 5, lambda: None) == [None] * 5


def tracked(x: float) -> Tracked:
    return Tracked(films.mesh(x), "auto", 0.9, {"jawOpen": x / 100}, np.eye(4))


@given(st.lists(st.booleans(), min_size=1, max_size=40))
@settings(deadline=None, max_examples=40)
def test_short_gaps_are_bridged_and_marked(known: list[bool]) -> None:
    faces = [tracked(float(n)) if there else None for n, there in enumerate(known)]
    filled = bridged(faces)
    ends = [n for n, there in enumerate(known) if there]
    for number, face in enumerate(filled):
        before = [n for n in ends if n <= number]
        after = [n for n in ends if n >= number]
        if known[number]:
            assert face is faces[number]
        elif before and after and after[0] - before[-1] - 1 <= LONGEST_GAP:
            assert face is not None
            assert (face.source, face.confidence) == ("interpolated", 0.0)
            assert face.points == pytest.approx(films.mesh(float(number)))
            assert face.blendshapes["jawOpen"] == pytest.approx(number / 100)
        else:
            assert face is None


def opened(share: float) -> np.ndarray:
    """A face whose lids are that far open."""
    points = films.mesh()
    for lid in LIDS:
        upper, lower = list(lid.upper), list(lid.lower)
        line = (points[upper] + points[lower]) / 2
        points[upper] = line + share * (points[upper] - line)
        points[lower] = line + share * (points[lower] - line)
    return points


def test_blinks_are_found_and_closed_eyes_are_none() -> None:
    way = [1, 1, 1, 0.5, 0.1, 0.4, 1, 1, 1, 1]
    shut = acting.lids([opened(each) for each in way])
    assert acting.blinks(shut) == [BlinkFound(4, 3)]
    asleep = acting.lids([opened(1), *[opened(0.05)] * 30, opened(1), opened(1)] * 2)
    assert acting.blinks(asleep) == []
    assert acting.lids([None, None]) == [None, None]


@pytest.mark.parametrize("viseme", list(Viseme))
def test_mouth_shapes_are_told(viseme: Viseme) -> None:
    shape = {"jawOpen": 0.0, "mouthPucker": 0.0}
    for name, share in WEIGHTS[viseme].items():
        both = name in ("jawOpen", "mouthFunnel", "mouthPucker") or "Roll" in name
        shape |= {name: share} if both else {f"{name}Left": share, f"{name}Right": share}
    assert acting.visemes([shape] * 3) == [viseme.value] * 3


def test_a_mouth_shape_of_one_frame_is_noise() -> None:
    rest, wide = {"jawOpen": 0.0}, {"jawOpen": 0.7}
    told = acting.visemes([rest, rest, wide, rest, None, wide, wide])
    assert told == ["X", "X", "X", "X", "", "D", "D"]


def test_an_emotion_is_suggested_with_its_confidence() -> None:
    calm = {"mouthSmileLeft": 0.0, "mouthSmileRight": 0.0, "jawOpen": 0.0, "browDownLeft": 0.19}
    calm |= {"browDownRight": 0.19, "eyeSquintLeft": 0.16, "eyeSquintRight": 0.16}
    calm |= {"mouthShrugLower": 0.13, "mouthPressLeft": 0.07, "mouthPressRight": 0.07}
    smile = calm | {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}
    feeling = acting.feeling([calm, calm, smile, smile, None])
    assert (feeling.label, feeling.by) == ("happy", "suggested")
    assert feeling.confidence > 0.5
    assert sum(feeling.scores.values()) == pytest.approx(1, abs=1e-3)
    assert set(feeling.scores) == set(Emotion)
    assert acting.feeling([calm] * 4).label == "neutral"
    assert acting.feeling([None]) == Feeling(by="suggested")


def walking(folder: Path, clips: int = 3) -> None:
    data_set(folder, 0)
    for number in range(clips):
        pictures = [sheet((30 + n, 30, 16), size=SIZE).pixels for n in range(10)]
        dataset.place_clip(folder, record_of(f"clip_{number + 1}", [None] * 10), pictures)


def test_clips_are_annotated_by_several_workers_and_skipped_after(tmp_path: Path) -> None:
    walking(tmp_path / "set")
    made: list[Eyes] = []

    def start() -> Eyes:
        made.append(Eyes(sees=range(0, 99, 2)))
        return made[-1]

    found = annotate(tmp_path / "set", start, None, 2, unwatched)
    assert sorted(found.clips) == ["clip_1", "clip_2", "clip_3"]
    assert 1 <= len(made) <= 2
    assert all(each.closed for each in made)
    record = dataset.read_record(tmp_path / "set" / "clip_2")
    assert len(record.landmarks) == 10
    face = record.landmarks["frame_0004.png"]
    assert face.head is not None
    assert face.lids is not None
    assert face.viseme
    assert record.emotion.by == "suggested"
    assert check(tmp_path / "set", unwatched).annotated == 3
    again = annotate(tmp_path / "set", start, None, 2, unwatched)
    assert (again.clips, again.known) == ([], 3)
    anew = annotate(tmp_path / "set", start, None, 1, unwatched, again=True)
    assert len(anew.clips) == 3


def test_a_clip_without_a_face_and_one_without_a_frame(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 1)
    plain = record_of("broken", [None] * 8)
    dataset.place_clip(tmp_path / "set", plain, [films.drawing(0.5).pixels] * 8)
    (tmp_path / "set" / "broken" / "frame_0003.png").unlink()
    nobody = record_of("nobody", [None] * 8)
    empty = np.full((SIZE[1], SIZE[0], 4), 255, np.uint8)
    dataset.place_clip(tmp_path / "set", nobody, [empty] * 8)
    found = annotate(tmp_path / "set", Eyes, None, 1, unwatched)
    assert found.known == 1
    assert found.faceless == ["nobody"]
    assert "misses the frame 'frame_0003.png'" in found.failed["broken"]
    assert not annotate(tmp_path / "set", Eyes, None, 1, unwatched).clips


def test_a_run_that_is_stopped_goes_on(tmp_path: Path) -> None:
    walking(tmp_path / "set", 4)

    def stop(share: float, _: str) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        annotate(tmp_path / "set", lambda: Eyes(range(99)), None, 1, stop)
    done = check(tmp_path / "set", unwatched)
    assert 0 < done.annotated < 4
    assert not done.problems
    rest = annotate(tmp_path / "set", lambda: Eyes(range(99)), None, 1, unwatched)
    assert rest.known == done.annotated
    assert not [t for t in threading.enumerate() if t.name.startswith("annotate")]


def test_what_a_person_has_said_and_placed_stays(tmp_path: Path) -> None:
    walking(tmp_path / "set", 1)
    folder = tmp_path / "set" / "clip_1"
    record = dataset.read_record(folder)
    placed = msgspec.structs.replace(films.face(), source="hand")
    record.landmarks = {"frame_0002.png": placed}
    record.emotion = Feeling("fear", 1.0, by="person")
    dataset.write_record(folder, record)
    annotate(tmp_path / "set", lambda: Eyes(range(99)), None, 1, unwatched)
    after = dataset.read_record(folder)
    assert after.emotion == record.emotion
    assert after.landmarks["frame_0002.png"].points == placed.points
    assert after.landmarks["frame_0002.png"].source == "hand"
    assert after.landmarks["frame_0002.png"].blendshapes
    assert after.landmarks["frame_0001.png"].source == "auto"


def test_a_detector_that_dies_is_replaced_once(tmp_path: Path) -> None:
    walking(tmp_path / "set", 1)
    lives = iter([True, False])

    class Dying(Eyes):
        dies = True

        def detect(self, picture: Picture) -> list[FoundFace]:
            if self.dies:
                raise ModelError("the face detector has stopped working: gone")
            return super().detect(picture)

    def start() -> Dying:
        detector = Dying(range(99))
        detector.dies = next(lives)
        return detector

    assert annotate(tmp_path / "set", start, None, 1, unwatched).clips == ["clip_1"]


def test_acting_is_told_anew_from_landmarks() -> None:
    way = [1, 1, 0.1, 1, 1, 1, 1, 1]
    faces = [
        msgspec.structs.replace(films.face(), points=[tuple(p) for p in opened(each).tolist()])
        for each in way
    ]
    record = with_acting(record_of("clip", faces))
    assert record.blinks == [BlinkFound(3, 1)]
    assert records.decode(records.encode(record), "it") == record
