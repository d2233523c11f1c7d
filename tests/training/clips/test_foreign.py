"""Records by others: what is understood, what is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genani.media import image
from genani.training.clips import dataset
from genani.training.clips.checking import check
from genani.training.clips.foreign import KEPT
from genani.training.clips.importing import Crop, ImportOptions, Outcome, import_clips
from genani.training.clips.records import frame_names
from tests.training.clips import films
from tests.training.clips.films import RIGHTS, SIZE, drawing, unwatched

FRAMES = 12


def given(clip_id: str, **changes: Any) -> dict[str, Any]:
    """A record as another program may have written it."""
    names = frame_names(FRAMES)
    shares = films.mesh() / (SIZE[0], SIZE[1], SIZE[0])
    record = {
        "clip_id": clip_id,
        "start_frame": names[0],
        "end_frame": names[-1],
        "middle_frames": names[1:-1],
        "landmarks": {name: shares.tolist() for name in names},
        "emotion": {"label": "sad", "confidence": 0.7},
        "camera": "B",
    }
    return record | changes


def written(folder: Path, *records: dict[str, Any]) -> Path:
    for record in records:
        place = folder / str(record["clip_id"])
        place.mkdir(parents=True)
        for number, name in enumerate(frame_names(FRAMES)):
            image.write_png(drawing(number / FRAMES), place / name)
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    (folder / "clips.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def taken(path: Path, folder: Path) -> Outcome:
    options = ImportOptions((256, 256), Crop.WHOLE, RIGHTS)
    (outcome,) = import_clips([path], folder, options, None, unwatched)
    problems = check(folder, unwatched, deep=True).problems
    assert [str(each) for each in problems] == []
    return outcome


def test_records_with_the_published_keys_import(tmp_path: Path) -> None:
    theirs = written(tmp_path / "theirs", given("one"), given("二"))
    outcome = taken(theirs, tmp_path / "set")
    assert sorted(outcome.clips) == ["one", "二"]
    record = dataset.read_record(tmp_path / "set" / "二")
    assert (record.emotion.label, record.emotion.by) == ("sad", "given")
    assert len(record.frames) == FRAMES
    # 96 x 64 becomes 256 x 256 with room above and below.
    scale = 256 / 96
    expected = films.mesh() * scale + (0, (256 - 64 * scale) / 2, 0)
    assert record.landmarks["frame_0003.png"].array() == pytest.approx(expected, abs=0.01)
    kept = json.loads((tmp_path / "set" / "二" / KEPT).read_text("utf-8"))
    assert kept["camera"] == "B"
    assert taken(theirs, tmp_path / "set").known == 2


@pytest.mark.parametrize(
    ("landmarks", "points"),
    [
        (films.mesh().tolist(), 478),
        ([{"x": x, "y": y} for x, y, _ in films.mesh().tolist()], 478),
        ({"points": films.mesh().tolist(), "score": 0.5}, 478),
        ({"landmarks": [films.mesh().tolist()]}, 478),
        (films.mesh()[:468].tolist(), 478),
        ([], 0),
        (None, 0),
    ],
)
def test_landmarks_in_their_spellings(tmp_path: Path, landmarks: Any, points: int) -> None:
    listed = {"frame_0002.png": landmarks}
    theirs = written(tmp_path / "theirs", given("one", landmarks=listed))
    outcome = taken(theirs, tmp_path / "set")
    record = dataset.read_record(tmp_path / "set" / "one")
    found = [len(face.points) for face in record.landmarks.values()]
    assert found == ([points] if points else [])
    assert outcome.notes == ()
    if points:
        scale = 256 / 96
        irises = record.landmarks["frame_0002.png"].array()[[468, 473], :2]
        expected = films.mesh()[[468, 473], :2] * scale + (0, (256 - 64 * scale) / 2)
        assert irises == pytest.approx(expected, abs=0.05)


def test_named_parts_are_kept_and_strange_landmarks_told(tmp_path: Path) -> None:
    listed = {
        "frame_0001.png": {"left_eye": [[10, 20], [12, 20]], "mouth": [[11, 30]]},
        "frame_0002.png": [[1, 2], [3]],
    }
    theirs = written(tmp_path / "theirs", given("one", landmarks=listed))
    outcome = taken(theirs, tmp_path / "set")
    record = dataset.read_record(tmp_path / "set" / "one")
    assert set(record.landmarks["frame_0001.png"].parts) == {"left_eye", "mouth"}
    assert "'frame_0002.png' were not understood" in outcome.notes[0]


@pytest.mark.parametrize(
    ("emotion", "label"),
    [
        ("Happy", "happy"),
        ("surprise", "surprised"),
        ({"name": "anger"}, "angry"),
        ({"happy": 0.2, "fear": 0.7, "neutral": 0.1}, "fear"),
        ({}, ""),
        (None, ""),
        ("bored", ""),
    ],
)
def test_emotions_in_their_spellings(tmp_path: Path, emotion: Any, label: str) -> None:
    theirs = written(tmp_path / "theirs", given("one", emotion=emotion))
    taken(theirs, tmp_path / "set")
    assert dataset.read_record(tmp_path / "set" / "one").emotion.label == label


def test_a_missing_frame_is_told_and_the_rest_is_imported(tmp_path: Path) -> None:
    theirs = written(tmp_path / "theirs", given("gone"), given("gap"), given("whole"))
    for number in range(1, FRAMES + 1, 3):
        (theirs / "gone" / f"frame_{number:04d}.png").unlink()
    (theirs / "gap" / "frame_0003.png").unlink()
    outcome = taken(theirs, tmp_path / "set")
    assert sorted(outcome.clips) == ["gap", "whole"]
    assert len(dataset.read_record(tmp_path / "set" / "gap").frames) == FRAMES - 3
    told = " ".join(outcome.notes)
    assert "'gone'" in told
    assert "misses the frame 'frame_0001.png' and 3 more" in told
    assert "only 'frame_0004.png' to 'frame_0012.png' were taken" in told


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{not json", "line 2 of"),
        ('{"clip_id": "x", "start_frame": "a.png"}', "it has no 'end_frame'"),
        ('"a word"', "it is no object"),
        (json.dumps(given("x", middle_frames=3)), "names of files"),
        (json.dumps(given("x", start_frame="../../etc/passwd")), "outside its folder"),
        (json.dumps(given("///...")), "misses the frame"),
    ],
)
def test_a_bad_line_is_told_and_the_rest_is_imported(tmp_path: Path, line: str, says: str) -> None:
    theirs = written(tmp_path / "theirs", given("one"))
    with (theirs / "clips.jsonl").open("a") as opened:
        opened.write(line + "\n")
    outcome = taken(theirs, tmp_path / "set")
    assert outcome.clips == ("one",)
    assert says in outcome.notes[0]


def test_our_own_data_sets_import(tmp_path: Path) -> None:
    films.data_set(tmp_path / "ours", 2)
    outcome = taken(tmp_path / "ours", tmp_path / "set")
    assert sorted(outcome.clips) == ["clip_0001", "clip_0002"]
    record = dataset.read_record(tmp_path / "set" / "clip_0001")
    assert record.emotion.by == "person"
    assert np.isfinite(record.landmarks["frame_0001.png"].array()).all()
