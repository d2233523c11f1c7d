"""A data set made larger of itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genani.media import image
from genani.scene.errors import Cancelled, FileError
from genani.training.clips import dataset, transforms
from genani.training.clips.augmenting import augment
from genani.training.clips.checking import check
from genani.training.clips.transforms import drawn, order, seeded
from tests.training.clips.films import RIGHTS, data_set, unwatched


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_so_many_times_as_large_and_all_in_order(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 3)
    before = contents(tmp_path / "set")
    made = augment(tmp_path / "set", tmp_path / "more", 4, 7, 2, unwatched)
    assert (made.clips, made.made, made.failed) == (12, 12, {})
    assert contents(tmp_path / "set") == before
    found = check(tmp_path / "more", unwatched, deep=True)
    assert (found.clips, found.annotated, found.problems) == (12, 12, ())
    assert dataset.read(tmp_path / "more").sources[0].rights == RIGHTS
    copied = {name: data for name, data in contents(tmp_path / "more").items() if name in before}
    assert {n: d for n, d in copied.items() if n.startswith("clip_0001/")} == {
        n: d for n, d in before.items() if n.startswith("clip_0001/")
    }


def test_pictures_and_records_follow_their_recipe(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 1)
    augment(tmp_path / "set", tmp_path / "more", 3, 7, 1, unwatched)
    folder = tmp_path / "more" / "clip_0001_v02"
    record = dataset.read_record(folder)
    recipe = drawn(seeded("augment", 7, "clip_0001", 2), 12)
    assert record.recipe == recipe.told() | {"seed": 7}
    assert record.augmented_from == "clip_0001"
    assert record.emotion.label == "happy"
    for name, index in zip(record.frames, order(recipe, 12), strict=True):
        original = image.read(tmp_path / "set" / "clip_0001" / f"frame_{index + 1:04d}.png")
        expected = transforms.frame(recipe, np.asarray(original.pixels, np.uint8))
        assert np.array_equal(image.read(folder / name).pixels, expected)


def test_the_same_seed_gives_the_same_bytes_however_many_workers(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 2)
    for out, workers in (("one", 1), ("two", 2)):
        augment(tmp_path / "set", tmp_path / out, 3, 5, workers, unwatched)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    augment(tmp_path / "set", tmp_path / "three", 3, 6, 1, unwatched)
    assert contents(tmp_path / "one") != contents(tmp_path / "three")


def test_a_run_that_is_stopped_goes_on(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 4)

    def stop(share: float, _: str) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        augment(tmp_path / "set", tmp_path / "more", 3, 5, 1, stop)
    done = check(tmp_path / "more", unwatched)
    assert 0 < done.clips < 12
    assert done.problems == ()
    rest = augment(tmp_path / "set", tmp_path / "more", 3, 5, 1, unwatched)
    assert rest.made == 12 - done.clips
    augment(tmp_path / "set", tmp_path / "whole", 3, 5, 1, unwatched)
    assert contents(tmp_path / "more") == contents(tmp_path / "whole")


def test_what_was_augmented_is_not_augmented_again(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 2)
    augment(tmp_path / "set", tmp_path / "more", 2, 5, 1, unwatched)
    again = augment(tmp_path / "more", tmp_path / "most", 2, 5, 1, unwatched)
    assert again.clips == 4


def test_what_cannot_be_is_told(tmp_path: Path) -> None:
    data_set(tmp_path / "set", 2)
    (tmp_path / "set" / "clip_0002" / "frame_0003.png").unlink()
    made = augment(tmp_path / "set", tmp_path / "more", 2, 5, 1, unwatched)
    assert made.clips == 2
    assert "misses the frame 'frame_0003.png'" in made.failed["clip_0002"]
    for out, factor, seed, says in (
        ("set", 2, 5, "is the data set itself"),
        ("more", 2, 6, "was augmented with seed 5, not 6"),
        ("other", 0, 5, "1 to 100 times"),
    ):
        with pytest.raises(FileError, match=says):
            augment(tmp_path / "set", tmp_path / out, factor, seed, 1, unwatched)
