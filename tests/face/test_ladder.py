"""Which rung finds a face, and what is no face on any of them."""

from __future__ import annotations

import numpy as np
import pytest

from genani.face.detect_process import RawBox
from genani.face.ladder import LEAST, SURE, find
from genani.face.mesh import FloatArray, array_of, canonical, mirrored
from genani.scene.face import Landmarks, LandmarkSource
from genani.scene.picture import Picture
from tests.face.staged import Staged, box, face_points, sheet

HERE = (170.0, 120.0, 60.0)
"""A face on most sheets: the middle of its eyes, and how far they are apart."""


def off(face: Landmarks, points: FloatArray) -> float:
    """The mean distance of landmarks from where they belong, in pixels."""
    return float(np.linalg.norm((array_of(face) - points)[:, :2], axis=1).mean())


def marked(points: FloatArray) -> Landmarks:
    return Landmarks(tuple((x, y, z) for x, y, z in points.tolist()))


def test_what_mediapipe_is_sure_of_is_taken_as_it_is() -> None:
    points = face_points(*HERE)
    detector = Staged(sure=[points])
    (face,) = find(detector, sheet(HERE))
    assert array_of(face.landmarks) == pytest.approx(points)
    assert face.landmarks.source is LandmarkSource.AUTO
    assert face.landmarks.confidence == SURE
    assert face.blendshapes["eyeBlinkRight"] == 0.6
    assert detector.followed == 0


def test_a_likely_box_is_looked_at_twice() -> None:
    detector = Staged(boxes=[box(*HERE, score=0.4)])
    (face,) = find(detector, sheet(HERE))
    assert off(face.landmarks, face_points(*HERE)) < 0.5
    assert face.landmarks.source is LandmarkSource.AUTO
    assert LEAST < face.landmarks.confidence <= SURE
    # The mean of what is seen and what is seen in the mirror, sides exchanged.
    assert face.blendshapes == pytest.approx(
        {"jawOpen": 0.5, "eyeBlinkLeft": 0.4, "eyeBlinkRight": 0.4}
    )


def test_a_box_of_the_cascade_is_called_so() -> None:
    left, top, right, bottom = box(*HERE, score=1.0).sides
    rim = (bottom - top) / 8
    drawn = RawBox((left - rim, top - rim, right + rim, bottom + rim), 0.9)
    (face,) = find(Staged(drawn=[drawn]), sheet(HERE))
    assert face.landmarks.source is LandmarkSource.ANIME
    assert off(face.landmarks, face_points(*HERE)) < 0.5


def test_looks_that_do_not_agree_are_no_face() -> None:
    button = sheet((170.0, 120.0, 60.0))
    pixels = button.pixels.copy()
    pixels[:, 170:] = 255
    detector = Staged(boxes=[box(*HERE, score=1.0)])
    assert find(detector, Picture(pixels)) == []
    assert detector.followed > 0


def test_landmarks_far_from_the_box_are_no_face() -> None:
    elsewhere = box(300.0, 200.0, 60.0, score=0.6)
    assert find(Staged(boxes=[elsewhere]), sheet(HERE, size=(400, 300))) == []


def test_an_empty_sheet_has_no_face() -> None:
    assert find(Staged(), sheet()) == []


def test_a_drawing_that_is_all_face_needs_no_box() -> None:
    points = face_points(*HERE)
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    pixels = sheet(HERE).pixels.copy()
    # The outline of the head, too faint for an eye.
    for x, y in (low, high):
        pixels[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2, :3] = 200
    (face,) = find(Staged(), Picture(pixels))
    assert off(face.landmarks, points) < 0.5


def test_the_neighbours_face_is_followed() -> None:
    before = marked(face_points(165.0, 124.0, 55.0))
    far = sheet(HERE, (340.0, 250.0, 8.0))
    assert find(Staged(), far) == []
    (face,) = find(Staged(), far, near=before)
    assert face.landmarks.source is LandmarkSource.TRACKED
    assert off(face.landmarks, face_points(*HERE)) < 1.5


def test_boxes_of_another_size_than_the_neighbours_face_are_passed_over() -> None:
    before = marked(face_points(165.0, 124.0, 55.0))
    speck = (340.0, 250.0, 8.0)
    (face,) = find(Staged(boxes=[box(*speck, score=0.9)]), sheet(HERE, speck), near=before)
    assert face.landmarks.source is LandmarkSource.TRACKED


def test_of_two_faces_the_nearer_to_the_neighbours_comes_first() -> None:
    one, two = face_points(100.0, 120.0, 60.0), face_points(300.0, 120.0, 40.0)
    detector = Staged(sure=[one, two], faces=2)
    picture = sheet((100.0, 120.0, 60.0), (300.0, 120.0, 40.0))
    assert [off(f.landmarks, one) < 1 for f in find(detector, picture)] == [True, False]
    near = marked(face_points(290.0, 130.0, 40.0))
    assert [off(f.landmarks, two) < 1 for f in find(detector, picture, near=near)] == [True, False]


@pytest.mark.parametrize(("faces", "told"), [(1, 1), (2, 2), (3, 2)])
def test_several_faces_are_told_once_each(faces: int, told: int) -> None:
    one, two = (100.0, 120.0, 40.0), (300.0, 120.0, 40.0)
    again = box(103.0, 121.0, 40.0, score=0.7)
    boxes = [box(*one, score=0.8), again, box(*two, score=0.6)]
    assert len(find(Staged(boxes=boxes, faces=faces), sheet(one, two))) == told


@pytest.mark.parametrize("shrink", [0.0, 0.2, 0.35])
def test_a_box_that_a_person_drew_may_be_wide(shrink: float) -> None:
    points = face_points(*HERE)
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    rim = shrink * (high - low)
    left, top, right, bottom = np.rint([*(low - rim), *(high + rim)]).astype(int).tolist()
    picture = sheet(HERE, (350.0, 40.0, 12.0))
    (face,) = find(Staged(), picture, box=(left, top, right, bottom))
    assert off(face.landmarks, points) < 1.5
    assert find(Staged(), picture, box=(10, 200, 60, 260)) == []


def _bent(points: FloatArray) -> FloatArray:
    return np.column_stack([points[:, 0], points[:, 1] * 4 - 300, points[:, 2]])


def _outside(points: FloatArray) -> FloatArray:
    return points - (200.0, 0.0, 0.0)


def _speck(points: FloatArray) -> FloatArray:
    return points * 0.05 + (50.0, 50.0, 0.0)


def _nowhere(points: FloatArray) -> FloatArray:
    return np.full_like(points, np.nan)


@pytest.mark.parametrize("spoil", [_bent, _outside, _speck, _nowhere])
def test_meshes_that_no_face_has_are_left_out(spoil) -> None:  # noqa: ANN001
    detector = Staged(sure=[spoil(face_points(*HERE))])
    assert find(detector, sheet()) == []


def test_faces_that_pull_faces_are_not_bent() -> None:
    rest = canonical()
    for name in ("jawOpen", "mouthPucker", "browInnerUpLeft", "mouthSmileLeft"):
        points = (rest.points + 1.5 * rest.shapes[name]) * 60 + (170.0, 120.0, 0.0)
        assert len(find(Staged(sure=[points]), sheet())) == 1, name


def test_a_mirrored_picture_has_mirrored_landmarks() -> None:
    picture = sheet(HERE)
    turned = Picture(np.ascontiguousarray(picture.pixels[:, ::-1]))
    there = (picture.width - HERE[0], *HERE[1:])
    (one,) = find(Staged(boxes=[box(*HERE, score=0.5)]), picture)
    (two,) = find(Staged(boxes=[box(*there, score=0.5)]), turned)
    expected = mirrored(array_of(one.landmarks), picture.width)
    assert off(two.landmarks, expected) < 0.2
