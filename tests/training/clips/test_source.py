"""Samples of clips: always the same, whole, and never from what is held back."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from genani.scene.errors import FileError
from genani.training.clips import dataset
from genani.training.clips.augmenting import augment
from genani.training.clips.records import Outline
from genani.training.clips.source import ClipSource, Split, parts_of
from genani.training.sample import Source
from tests.training.clips import films
from tests.training.clips.films import data_set, unwatched


def test_a_sample_is_whole_and_a_function_of_seed_index_and_size(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 3)
    source: Source = ClipSource(tmp_path / "set", Split.ALL)
    again = ClipSource(tmp_path / "set", Split.ALL)
    seen = set()
    for index in range(6):
        sample, same = source.sample(4, index, 48), again.sample(4, index, 48)
        for name in ("first", "between", "last", "points", "parts", "flow", "seen"):
            assert np.array_equal(getattr(sample, name), getattr(same, name))
        assert sample.first.shape == sample.last.shape == sample.between.shape == (48, 48, 4)
        assert sample.first.dtype == np.uint8
        assert 0 < sample.t < 1
        assert sample.points.shape == (3, 478, 2)
        assert sample.points.dtype == np.float32
        assert np.isfinite(sample.points).all()
        assert sample.flow.shape == (2, 48, 48, 2)
        assert not sample.seen.any()
        assert (sample.emotion, sample.intensity, sample.source) == ("happy", 0.5, "clips")
        assert not np.array_equal(sample.first, sample.last)
        assert {1, 2, 3, 4, 5} <= set(np.unique(sample.parts))
        seen.add(sample.first.tobytes())
    assert len(seen) == 6


def test_worker_processes_can_be_sent_it(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 3)
    source = ClipSource(tmp_path / "set", Split.ALL)
    sample = source.sample(4, 0, 48)
    sent = pickle.loads(pickle.dumps(source))
    assert np.array_equal(sent.sample(4, 0, 48).between, sample.between)


def test_points_are_in_the_order_of_time(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 2, frames=16)
    source = ClipSource(tmp_path / "set", Split.ALL, varied=0)
    for index in range(5):
        sample = source.sample(1, index, 64)
        x = sample.points[:, 1, 0]
        # The face of these clips goes to the right, one pixel a frame.
        assert x[0] < x[1] < x[2]
        assert (x[1] - x[0]) / (x[2] - x[0]) == pytest.approx(sample.t, abs=0.02)


def test_a_clip_nobody_has_looked_at_has_no_points(tmp_path: Path) -> None:
    data = data_set(tmp_path / "set", 1)
    record = dataset.read_record(data.clip_folder("clip_0001"))
    record.landmarks, record.emotion = {}, type(record.emotion)()
    dataset.write_record(data.clip_folder("clip_0001"), record)
    sample = ClipSource(tmp_path / "set", Split.ALL).sample(0, 0, 32)
    assert np.isnan(sample.points).all()
    assert not sample.parts.any()
    assert (sample.emotion, sample.intensity) == ("", 0.0)


def test_what_is_held_back_is_never_trained_on(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 12, frames=8)
    augment(tmp_path / "set", tmp_path / "more", 2, 1, 1, unwatched)
    train = ClipSource(tmp_path / "more", Split.TRAIN, share=0.3).clips
    held = ClipSource(tmp_path / "more", Split.HELD_BACK, share=0.3).clips
    assert len(ClipSource(tmp_path / "more", Split.ALL).clips) == 24
    assert held
    assert not [name for name in held if "_v" in name]
    assert not {name.split("_v")[0] for name in train} & set(held)
    assert len(train) + 2 * len(held) == 24


def test_small_data_sets_hold_one_back() -> None:
    def clip(name: str, of: str = "") -> Outline:
        return Outline(name, "a.png", "b.png", [], b"{}", None, augmented_from=of)  # pyright: ignore[reportArgumentType]

    two = [clip("a"), clip("b"), clip("b2", "b")]
    train, held = dataset.split(two, 1e-9)
    assert {each.root for each in held} | {each.root for each in train} == {"a", "b"}
    assert len({each.root for each in held}) == 1
    assert dataset.split([clip("a")])[1] in ([], [clip("a")])
    train, held = dataset.split(two, 1.0)
    assert train
    assert held


def test_no_clips_are_told(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 0)
    with pytest.raises(FileError, match="has no clips to take samples from"):
        ClipSource(tmp_path / "set")


def test_parts_lie_where_the_face_has_them() -> None:
    mesh = films.mesh(64, 64, 60)
    parts = parts_of(mesh, (128, 128))
    for index, part in ((4, 5), (13, 4), (468, 3), (105, 2), (50, 1)):
        x, y = mesh[index, :2]
        assert parts[int(y), int(x)] == part
    assert parts[0, 0] == 0
