"""What `genani clips check` says, and how long it takes for many clips."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genani.scene.errors import FileError
from genani.training.clips import dataset, records
from genani.training.clips.checking import check
from genani.training.clips.records import RECORD, record_of
from tests.training.clips.films import data_set, unwatched


def edited(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    record = json.loads((folder / RECORD).read_text("utf-8"))
    change(record)
    (folder / RECORD).write_text(json.dumps(record))


def test_a_whole_data_set_is_in_order(tmp_path: Path) -> None:
    data_set(tmp_path / "set")
    found = check(tmp_path / "set", unwatched, deep=True)
    assert (found.clips, found.frames, found.annotated, found.labelled) == (3, 36, 3, 3)
    assert found.problems == ()


WRONG: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no emotion": (lambda r: r.pop("emotion"), "it has no 'emotion'"),
    "a number": (lambda r: r.update(clip_id=7), "'clip_id': expected `str`, got `int`"),
    "a path": (lambda r: r.update(start_frame="../a.png"), "'start_frame'"),
    "another clip": (lambda r: r.update(clip_id="other"), "of the clip 'other'"),
    "twice": (lambda r: r["middle_frames"].insert(0, "frame_0002.png"), "a frame twice"),
    "order": (lambda r: r["middle_frames"].reverse(), "out of order"),
    "bored": (lambda r: r["emotion"].update(label="bored"), "the emotion 'bored' is none of"),
    "missing": (lambda r: r.update(end_frame="frame_0099.png"), "'frame_0099.png' is missing"),
    "confidence": (lambda r: r["emotion"].update(confidence=2), "'emotion.confidence'"),
    "stray": (lambda r: r["landmarks"].update(x=face(r)), "landmarks of 'x', which is no frame"),
    "few points": (lambda r: face(r)["points"].pop(), "has 478 points, not 477"),
    "flat point": (lambda r: face(r)["points"][4].pop(), "landmarks"),
    "off": (lambda r: face(r).update(points=[[9e3, 1, 1]] * 478), "lies off its frame"),
    "source": (lambda r: face(r).update(source="guess"), "the source 'guess' is none of"),
    "shape": (lambda r: face(r).update(blendshapes={"jawOpen": 3}), "not between 0 and 1"),
    "blink": (lambda r: r.update(blinks=[{"frame": 11, "length": 4}]), "after the last frame"),
}


def face(record: dict[str, Any]) -> dict[str, Any]:
    return record["landmarks"]["frame_0001.png"]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    change, says = WRONG[name]
    data_set(tmp_path / "set")
    edited(tmp_path / "set" / "clip_0002", change)
    found = check(tmp_path / "set", unwatched)
    serious = [each for each in found.problems if not each.minor]
    assert {each.clip for each in serious} == {"clip_0002"}
    assert any(says in each.what for each in serious)


def test_files_that_are_missing_cut_or_strange(tmp_path: Path) -> None:
    data = data_set(tmp_path / "set", 4)
    (tmp_path / "set" / "clip_0001" / "frame_0005.png").unlink()
    cut = tmp_path / "set" / "clip_0002" / "frame_0001.png"
    cut.write_bytes(cut.read_bytes()[:10])
    half = tmp_path / "set" / "clip_0003" / "frame_0001.png"
    half.write_bytes(half.read_bytes()[:-40])
    (tmp_path / "set" / "clip_0004" / "extra.png").write_bytes(half.read_bytes())
    (tmp_path / "set" / "folder").mkdir()
    quick = {each.clip: each for each in check(data.folder, unwatched).problems}
    assert "'frame_0005.png' is missing" in quick["clip_0001"].what
    assert "no PNG, or was cut short" in quick["clip_0002"].what
    assert "clip_0003" not in quick
    assert quick["clip_0004"].minor
    assert "has no clip.jsonl" in quick["folder"].what
    deep = {each.clip: each.what for each in check(data.folder, unwatched, deep=True).problems}
    assert "cut short" in deep["clip_0003"]


@pytest.mark.parametrize(
    ("note", "says"),
    [
        (None, "is no data set"),
        ("{", "is damaged"),
        ('{"format": "other", "version": 1, "width": 1, "height": 1}', "is 'other' version 1"),
        ('{"format": "genani-clips", "version": 1, "width": 0, "height": 1}', "is damaged"),
    ],
)
def test_what_is_no_data_set(tmp_path: Path, note: str | None, says: str) -> None:
    if note is not None:
        (tmp_path / dataset.NOTE).write_text(note)
    with pytest.raises(FileError, match=says):
        check(tmp_path, unwatched)


def test_ten_thousand_clips(tmp_path: Path) -> None:
    data = data_set(tmp_path / "set", 1)
    line = records.encode(record_of("CLIP", [None] * 8)).decode()
    frame = (tmp_path / "set" / "clip_0001" / "frame_0001.png").read_bytes()[:33]
    for number in range(10_000):
        place = tmp_path / "set" / f"many_{number:05d}"
        place.mkdir()
        (place / RECORD).write_text(line.replace("CLIP", place.name))
    (tmp_path / "set" / "many_00000" / "frame_0001.png").write_bytes(frame)
    started = time.process_time()
    found = check(data.folder, unwatched)
    took = time.process_time() - started
    assert found.clips == 10_001
    assert len({each.clip for each in found.problems}) == 10_000
    train, held = dataset.split(
        [dataset.read_outline(data.folder / name) for name in dataset.clip_ids(data.folder)]
    )
    assert 900 < len(held) < 1100
    assert len(train) + len(held) == 10_001
    assert took < 60
