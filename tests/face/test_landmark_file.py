"""Landmark files: what is written is read again, and what makes no sense is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.landmark_file import MarkedFace, MarkedPicture, decode, encode, of_file
from genani.face.mesh import CONTOURS, PINS
from genani.scene.errors import FileError
from genani.scene.face import Landmarks, LandmarkSource

triples = st.tuples(*[st.floats(-5000, 20000)] * 3)


def marked(file: str = "a [ 1 ].png", seed: int = 0, size: tuple[int, int] = (640, 480)) -> Any:
    points = np.random.default_rng(seed).uniform(-50, 600, (478, 3))
    landmarks = Landmarks(
        tuple((x, y, z) for x, y, z in points.tolist()), LandmarkSource.TRACKED, 0.25
    )
    matrix = np.arange(16, dtype=np.float32).reshape(4, 4)
    return MarkedPicture(file, size, (MarkedFace(landmarks, {"jawOpen": 0.5}, matrix),))


@settings(deadline=None, max_examples=20)
@given(st.lists(triples, min_size=1, max_size=6))
def test_landmarks_survive_to_the_last_bit(some: list[tuple[float, float, float]]) -> None:
    points = tuple((some * 478)[:478])
    picture = MarkedPicture("x.png", (1919, 1081), (MarkedFace(Landmarks(points)),))
    (read,) = decode(encode([picture]), "x.json")
    assert read == picture


def test_everything_else_survives() -> None:
    empty = MarkedPicture("\u00e9.png", (8, 9), ())
    one, two = decode(encode([marked(), empty]), "x.json")
    assert two == empty
    assert (one.file, one.size) == ("a [ 1 ].png", (640, 480))
    (face,) = one.faces
    assert face.landmarks == marked().faces[0].landmarks
    assert face.blendshapes == {"jawOpen": 0.5}
    assert face.matrix is not None
    assert (face.matrix == marked().faces[0].matrix).all()


def test_others_can_read_it() -> None:
    whole = json.loads(encode([marked()]))
    assert whole["contours"] == {name: list(points) for name, points in CONTOURS.items()}
    points = whole["pictures"][0]["faces"][0]["points"]
    assert [point["id"] for point in points] == list(range(478))
    names = {point["name"]: point["id"] for point in points if "name" in point}
    assert names == dict(PINS)
    x, y, z = points[7]["pixels"]
    assert points[7]["normalised"] == pytest.approx([x / 640, y / 480, z / 640])


def test_a_point_is_on_one_line() -> None:
    lines = encode([marked()]).decode().splitlines()
    assert sum('"pixels": [' in line and "]" in line for line in lines) == 478


def _face(whole: Any) -> Any:
    return whole["pictures"][0]["faces"][0]


def _drop_point(whole: Any) -> None:
    del _face(whole)["points"][5]


def _swap_points(whole: Any) -> None:
    points = _face(whole)["points"]
    points[3], points[4] = points[4], points[3]


def _move_one(whole: Any) -> None:
    _face(whole)["points"][9]["pixels"][0] += 3


def _unsure(whole: Any) -> None:
    _face(whole)["confidence"] = 1.5


def _unknown_source(whole: Any) -> None:
    _face(whole)["source"] = "guess"


def _strong_shape(whole: Any) -> None:
    _face(whole)["blendshapes"]["jawOpen"] = 2


def _small_matrix(whole: Any) -> None:
    _face(whole)["matrix"] = [[1.0]]


def _no_width(whole: Any) -> None:
    whole["pictures"][0]["width"] = 0


def _more(whole: Any) -> None:
    whole["more"] = 1


def _text_for_number(whole: Any) -> None:
    _face(whole)["points"][0]["normalised"][0] = "0.5"


def _later(whole: Any) -> None:
    whole["version"] = 2


def _other_format(whole: Any) -> None:
    whole["format"] = "poses"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_drop_point, "points 0 to 477"),
        (_swap_points, "in order"),
        (_move_one, "point 9 is at two places"),
        (_unsure, "confidence"),
        (_unknown_source, "guess"),
        (_strong_shape, "'jawOpen' is not between 0 and 1"),
        (_small_matrix, "four rows"),
        (_no_width, "0 x 480"),
        (_more, "more"),
        (_text_for_number, "Expected `float`"),
        (_later, "version 2"),
        (_other_format, "is no landmark file"),
    ],
)
def test_what_makes_no_sense_is_refused(spoil: Callable[[Any], None], says: str) -> None:
    whole = json.loads(encode([marked()]))
    spoil(whole)
    with pytest.raises(FileError, match=says) as caught:
        decode(json.dumps(whole).encode(), "x.json")
    assert "'x.json'" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"7", b"\xff\xfe", b"[" * 20000])
def test_what_is_no_landmark_file_is_refused(data: bytes) -> None:
    with pytest.raises(FileError, match=r"'x\.json' is no landmark file"):
        decode(data, "x.json")


def test_a_picture_is_known_by_its_path_then_by_its_name(tmp_path: Path) -> None:
    here, there = str(tmp_path / "1" / "a.png"), str(tmp_path / "2" / "a.png")
    both = [marked(here), marked(there, seed=1)]
    assert of_file(both, Path(there), (640, 480), "x.json") is both[1]
    assert of_file(both[:1], Path(there), (640, 480), "x.json") is both[0]
    elsewhere = tmp_path / "3" / "a.png"
    with pytest.raises(FileError, match="says 2 things"):
        of_file(both, elsewhere, (640, 480), "x.json")
    with pytest.raises(FileError, match="says nothing about"):
        of_file(both, tmp_path / "b.png", (640, 480), "x.json")
    with pytest.raises(FileError, match="of 640 x 480, but that picture is 320 x 240"):
        of_file(both, Path(there), (320, 240), "x.json")
