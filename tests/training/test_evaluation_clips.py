from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from genani.scene.errors import FileError
from genani.training.evaluation.clips import read_clips
from tests.training.shots import edit_manifest, write_shot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_shot(tmp_path, "walk", 7, [0, 6], "body")
    write_shot(tmp_path, "run", 5, [0, 2, 3, 4], "sprite")
    return tmp_path


def test_keys_truth_and_times_follow_the_protocol(folder: Path) -> None:
    walk, run = read_clips(folder)
    assert [walk.name, walk.category, walk.keys] == ["walk", "body", (0, 6)]
    (span,) = walk.spans
    assert list(span.truth) == [1, 2, 3, 4, 5]
    assert [span.time(frame) for frame in (1, 3, 4)] == [
        Fraction(1, 6),
        Fraction(1, 2),
        Fraction(2, 3),
    ]
    assert [(span.first, span.last) for span in run.spans] == [(0, 2)]
    assert walk.frames[6] == folder / "walk" / "006.png"


def test_the_primary_names_the_keys(folder: Path) -> None:
    edit_manifest(folder, primary="keys_dense", keys_dense=[0, 2, 4, 6])
    assert [list(span.truth) for span in read_clips(folder)[0].spans] == [[1], [3], [5]]


def test_a_category_is_chosen(folder: Path) -> None:
    assert [clip.name for clip in read_clips(folder, "sprite")] == ["run"]
    with pytest.raises(FileError, match="category 'face'; there are body, sprite"):
        read_clips(folder, "face")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": None}, "clip 1 in '.*' needs 'id', a text"),
        ({"id": "../walk"}, "cannot be the name of a clip"),
        ({"id": "run"}, "two clips named 'run'"),
        ({"frames": "7"}, "'walk' in '.*' needs 'frames', a whole number"),
        ({"width": True}, "needs 'width', a whole number"),
        ({"primary": "keys_rare"}, "needs 'keys_rare', a list of frames"),
        ({"keys": [6, 0]}, "broken keys: .* rising frame numbers from 0 to 6"),
        ({"keys": [0]}, "broken keys: they must be two or more"),
        ({"keys": [0, 7]}, "broken keys"),
        ({"keys": [0, "6"]}, "broken keys"),
        ({"keys": [-1, 6]}, "broken keys"),
        ({"keys": [2, 3]}, "nothing between its keys"),
        ({"path": "../elsewhere"}, "lies outside the folder"),
        ({"frames": 9}, r"'walk' misses the frame '.*007\.png' and 1 more"),
    ],
)
def test_a_broken_entry_is_told_in_one_line(
    folder: Path, changes: dict[str, Any], says: str
) -> None:
    edit_manifest(folder, **changes)
    with pytest.raises(FileError, match=says) as caught:
        read_clips(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("\xff", "not JSON"),
        ("[]", "lists no clips"),
        ('{"clips": []}', "lists no clips"),
        ('{"clips": [3]}', "clip 1 of .* is not a record"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_broken_manifest_is_told(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="latin-1")
    with pytest.raises(FileError, match=says):
        read_clips(tmp_path)


def test_a_folder_without_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"holds no manifest\.json"):
        read_clips(tmp_path)


def test_a_missing_frame_is_named(folder: Path) -> None:
    (folder / "walk" / "003.png").unlink()
    with pytest.raises(FileError, match=r"'walk' misses the frame '.*003\.png'$"):
        read_clips(folder)
