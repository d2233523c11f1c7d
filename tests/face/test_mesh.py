from __future__ import annotations

import numpy as np
import pytest

from genani.face.mesh import (
    CONTOURS,
    IRIS_CENTRES,
    LIDS,
    MOUTH,
    PINS,
    POINTS,
    Lid,
    array_of,
    canonical,
    mirrored,
    opening,
    part_of_points,
    with_points,
)
from genani.scene.face import FacePart, Landmarks, LandmarkSource


def test_mirror_is_its_own_inverse_and_fits_the_face() -> None:
    face = canonical()
    assert (face.mirror[face.mirror] == np.arange(POINTS)).all()
    np.testing.assert_allclose(face.points[face.mirror] * (-1, 1, 1), face.points, atol=1e-6)


@pytest.mark.parametrize("kind", ["brow", "eye", "iris"])
def test_contours_of_the_two_sides_are_twins(kind: str) -> None:
    right, left = CONTOURS[f"right {kind}"], CONTOURS[f"left {kind}"]
    assert canonical().mirror[list(right)].tolist() == list(left)


@pytest.mark.parametrize("lid", [*LIDS, MOUTH])
def test_upper_lids_lie_over_lower_ones(lid: Lid) -> None:
    y = canonical().points[:, 1]
    assert len(lid.upper) == len(lid.lower)
    assert (y[list(lid.upper)] < y[list(lid.lower)]).all()


def test_triangles_cover_all_points_but_the_irises() -> None:
    triangles = canonical().triangles
    assert set(np.unique(triangles).tolist()) == set(range(POINTS - 10))
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    assert np.unique(edges, axis=0, return_counts=True)[1].max() == 2


def test_each_pin_is_a_point_of_its_own() -> None:
    assert len(set(PINS.values())) == len(PINS)
    assert set(IRIS_CENTRES) <= set(PINS.values())


def test_parts_share_every_point() -> None:
    parts = part_of_points()
    np.testing.assert_allclose(sum(parts.values()), 1, atol=1e-12)
    assert min(part.min() for part in parts.values()) >= 0
    assert parts[FacePart.EYES][LIDS[0].outer] == 1
    assert parts[FacePart.MOUTH][61] == 1
    assert parts[FacePart.BROWS][105] == 1
    assert parts[FacePart.JAW][152] == 1
    assert parts[FacePart.HEAD][4] > 0.9


def test_shapes_move_what_they_name() -> None:
    shapes = canonical().shapes
    assert shapes["jawOpen"][152, 1] > 0.2
    assert shapes["mouthSmileLeft"][291, 1] < -0.05
    assert abs(shapes["mouthSmileLeft"][61]).max() < 0.01
    assert shapes["browInnerUpRight"][107, 1] < -0.03
    rest = canonical().points
    shut = rest + shapes["eyeBlinkLeft"] + shapes["eyeBlinkRight"]
    assert opening(shut, LIDS[1]) < 0.4 * opening(rest, LIDS[1])


def test_shapes_of_the_two_sides_are_twins() -> None:
    face = canonical()
    for name in face.shapes:
        if name.endswith("Left") and name not in ("jawLeft", "mouthLeft"):
            twin = face.shapes[name.removesuffix("Left") + "Right"][face.mirror] * (-1, 1, 1)
            np.testing.assert_allclose(twin, face.shapes[name], atol=2e-3)


def test_arrays_are_shared_and_so_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        canonical().points[0] = 0


def test_mirrored_twice_is_the_face() -> None:
    points = canonical().points * 100 + 300
    np.testing.assert_allclose(mirrored(mirrored(points, 640), 640), points)


def test_points_go_in_and_out_of_landmarks() -> None:
    points = canonical().points * 90 + 200
    face = Landmarks(tuple(map(tuple, points.tolist())), LandmarkSource.HAND, 0.5)
    moved = with_points(face, array_of(face) + 1)
    np.testing.assert_allclose(array_of(moved), points + 1)
    assert (moved.source, moved.confidence) == (LandmarkSource.HAND, 0.5)
