"""What a person changes in the review, and how all of it is undone."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.scene.errors import FileError
from genani.scene.face import Emotion
from genani.training.clips import dataset
from genani.training.clips.checking import check
from genani.training.clips.records import Feeling
from genani.training.clips.review import Review
from tests.training.clips import films
from tests.training.clips.films import data_set, unwatched


def suggested(folder: Path, clips: int = 4) -> Review:
    """A data set whose emotions are suggested with a different confidence each."""
    data_set(folder, clips)
    for number, name in enumerate(dataset.clip_ids(folder)):
        record = dataset.read_record(folder / name)
        feeling = Feeling("sad", 0.9 - 0.1 * number, 0.4, {"sad": 0.9}, "suggested")
        record.emotion = feeling if number else Feeling(by="suggested")
        dataset.write_record(folder / name, record)
    return Review(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in folder.glob("clip*/clip.jsonl")}


def test_those_that_need_an_eye_come_first(tmp_path: Path) -> None:
    review = suggested(tmp_path / "set")
    names = [clip.clip_id for clip in review.clips()]
    assert names == ["clip_0001", "clip_0004", "clip_0003", "clip_0002"]
    review.label(["clip_0001"], Emotion.HAPPY)
    assert review.clips()[-1].clip_id == "clip_0001"
    assert review.clip("clip_0001").settled
    assert len(review.clip("clip_0001").frames) == 12


def test_a_label_is_written_undone_and_done_again(tmp_path: Path) -> None:
    review = suggested(tmp_path / "set")
    before = contents(tmp_path / "set")
    review.label(["clip_0002", "clip_0003"], Emotion.ANGRY)
    record = dataset.read_record(tmp_path / "set" / "clip_0003")
    assert (record.emotion.label, record.emotion.by) == ("angry", "person")
    assert record.emotion.scores == {"sad": 0.9}
    after = contents(tmp_path / "set")
    assert review.undo() == "angry"
    assert contents(tmp_path / "set") == before
    assert not review.clip("clip_0002").settled
    assert review.undo() == ""
    assert review.redo() == "angry"
    assert contents(tmp_path / "set") == after
    assert review.redo() == ""


def test_suggestions_are_accepted(tmp_path: Path) -> None:
    review = suggested(tmp_path / "set")
    review.accept([clip.clip_id for clip in review.clips()])
    assert [clip.settled for clip in review.clips()] == [False, True, True, True]


def test_placed_landmarks_stay_and_gaps_follow(tmp_path: Path) -> None:
    review = suggested(tmp_path / "set", 1)
    folder = tmp_path / "set" / "clip_0001"
    record = dataset.read_record(folder)
    for number in (4, 5, 6):
        name = f"frame_{number:04d}.png"
        face = msgspec.structs.replace(record.landmarks[name], source="interpolated")
        record.landmarks[name] = face
    dataset.write_record(folder, record)
    before = contents(tmp_path / "set")
    review.place("clip_0001", "frame_0007.png", films.mesh(60, 40))
    after = dataset.read_record(folder)
    placed = after.landmarks["frame_0007.png"]
    assert (placed.source, placed.confidence) == ("hand", 1.0)
    assert placed.array() == pytest.approx(films.mesh(60, 40), abs=0.006)
    middle = after.landmarks["frame_0005.png"]
    assert middle.source == "interpolated"
    assert middle.array() == pytest.approx((films.mesh(32) + films.mesh(60, 40)) / 2, abs=0.02)
    assert check(tmp_path / "set", unwatched).problems == ()
    review.undo()
    assert contents(tmp_path / "set") == before


def test_landmarks_are_moved_flat_and_keep_their_depth(tmp_path: Path) -> None:
    review = suggested(tmp_path / "set", 1)
    folder = tmp_path / "set" / "clip_0001"
    name = "frame_0003.png"
    before = dataset.read_record(folder).landmarks[name].array()
    review.move("clip_0001", name, [(x + 3, y - 2) for x, y in before[:, :2].tolist()])
    after = dataset.read_record(folder).landmarks[name]
    assert after.source == "hand"
    assert after.array() == pytest.approx(before + np.array([3.0, -2.0, 0.0]), abs=0.011)
    review.lose("clip_0001", name)
    review.move("clip_0001", name, before[:, :2].tolist())
    flat = dataset.read_record(folder).landmarks[name].array()
    assert not flat[:, 2].any()


def test_a_face_is_placed_where_there_was_none(tmp_path: Path) -> None:
    review = suggested(tmp_path / "set", 1)
    folder = tmp_path / "set" / "clip_0001"
    record = dataset.read_record(folder)
    record.landmarks = {}
    dataset.write_record(folder, record)
    review.place("clip_0001", "frame_0002.png", films.mesh(50))
    review.place("clip_0001", "frame_0004.png", films.mesh(54))
    after = dataset.read_record(folder)
    assert set(after.landmarks) == {f"frame_{n:04d}.png" for n in (2, 3, 4)}
    assert after.landmarks["frame_0003.png"].array() == pytest.approx(films.mesh(52), abs=0.02)


def test_clips_are_taken_out_and_brought_back(tmp_path: Path) -> None:
    review = suggested(tmp_path / "set")
    before = contents(tmp_path / "set")
    review.remove(["clip_0002", "clip_0003"])
    assert dataset.clip_ids(tmp_path / "set") == ["clip_0001", "clip_0004"]
    assert check(tmp_path / "set", unwatched).problems == ()
    with pytest.raises(FileError, match="has no clip 'clip_0002'"):
        review.clip("clip_0002")
    review.undo()
    assert contents(tmp_path / "set") == before
    assert review.clip("clip_0002").feeling.label == "sad"


def test_what_cannot_be_is_told_and_changes_nothing(tmp_path: Path) -> None:
    review = suggested(tmp_path / "set")
    before = contents(tmp_path / "set")
    with pytest.raises(FileError, match="has no clip 'other'"):
        review.label(["clip_0001", "other"], Emotion.SAD)
    with pytest.raises(FileError, match=r"has no frame 'x\.png'"):
        review.place("clip_0001", "x.png", np.zeros((478, 3)))
    assert contents(tmp_path / "set") == before
    assert review.undo() == ""


def test_nothing_is_changed_while_somebody_else_is_at_it(tmp_path: Path) -> None:
    review = suggested(tmp_path / "set", 2)
    with dataset.held(tmp_path / "set"), pytest.raises(FileError, match="in use by another"):
        review.label(["clip_0002"], Emotion.HAPPY)
    assert review.clip("clip_0002").feeling.label == "sad"
    assert review.undo() == ""


steps = st.lists(
    st.one_of(
        st.tuples(st.just("label"), st.integers(1, 3), st.sampled_from(list(Emotion))),
        st.tuples(st.just("place"), st.integers(1, 3), st.integers(1, 8)),
        st.tuples(st.just("undo"), st.just(0), st.just(0)),
        st.tuples(st.just("redo"), st.just(0), st.just(0)),
    ),
    max_size=6,
)


@settings(deadline=None, max_examples=12)
@given(steps)
def test_undoing_everything_brings_back_every_byte(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int | Emotion]]
) -> None:
    folder = tmp_path_factory.mktemp("review") / "set"
    data_set(folder, 3, frames=8)
    review = Review(folder)
    before = contents(folder)
    for kind, clip, value in steps:
        if kind == "label":
            review.label([f"clip_{clip:04d}"], Emotion(value))
        elif kind == "place":
            review.place(f"clip_{clip:04d}", f"frame_{int(value):04d}.png", films.mesh(40))
        elif kind == "undo":
            review.undo()
        else:
            review.redo()
    done = contents(folder)
    count = 0
    while review.undo():
        count += 1
    assert contents(folder) == before
    for _ in range(count):
        review.redo()
    assert contents(folder) == done


def test_a_frame_without_a_face_stays_so(tmp_path: Path) -> None:
    review = suggested(tmp_path / "set")
    before = contents(tmp_path / "set")
    name = "clip_0002"
    frames = review.record(name).frames
    review.lose(name, frames[4])
    record = review.record(name)
    assert not record.landmarks[frames[4]].points
    assert all(record.landmarks[frame].points for frame in (frames[3], frames[5]))
    assert check(tmp_path / "set", unwatched).problems == ()
    review.place(name, frames[6], record.landmarks[frames[6]].array() + 1)
    assert not review.record(name).landmarks[frames[4]].points
    assert review.undo() == "move landmarks"
    assert review.undo() == "no face here"
    assert contents(tmp_path / "set") == before
    with pytest.raises(FileError, match="has no frame"):
        review.lose(name, "nowhere.png")
