"""The square in which a face stands upright, and the way back from it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from genani.face import upright
from genani.face.mesh import FloatArray, canonical
from genani.face.pose import Similarity


def pose(x: float, y: float, scale: float, angle: float) -> Similarity:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.full(2, upright.SIDE / 2)
    return Similarity(turn, scale, middle, np.array([x, y]))


poses = st.builds(
    pose,
    st.floats(150, 450),
    st.floats(150, 350),
    st.floats(0.1, 3),
    st.floats(-3, 3),
)


def blob(at: FloatArray, radius: float, size: tuple[int, int] = (600, 500)) -> np.ndarray:
    rows, columns = np.mgrid[: size[1], : size[0]] + 0.5
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    pixels[np.hypot(columns - at[0], rows - at[1]) < radius] = 0
    return pixels


@settings(deadline=None, max_examples=25)
@given(poses)
def test_what_is_cut_lies_where_the_pose_says(placed: Similarity) -> None:
    mark = np.array([[0.4 * upright.SIDE, 0.55 * upright.SIDE]])
    at = placed(mark)[0]
    radius = max(4.0, 20 * placed.scale)
    assume((at > radius).all() and (at < np.array([600, 500]) - radius).all())
    square = upright.cut(blob(at, radius), placed)
    rows, columns = np.nonzero(square[..., 0] < 128)
    assert len(rows)
    found = np.array([columns.mean(), rows.mean()]) + 0.5
    assert np.linalg.norm(found - mark[0]) < 1.0 + 1.0 / placed.scale


def test_white_surrounds_the_picture() -> None:
    dark = np.zeros((50, 60, 3), np.uint8)
    far = upright.cut(dark, pose(2000, 2000, 2.5, 0.3))
    assert far.shape == (upright.SIDE, upright.SIDE, 3)
    assert (far == 255).all()
    beside = upright.cut(dark, pose(0, 0, 0.1, 0))
    assert (beside[:100] == 255).all()
    assert (beside[-100:, -100:] == 0).all()


def test_the_seed_is_a_face_in_the_middle() -> None:
    seed = upright.seed()
    assert seed.pixels.shape == (upright.SIDE, upright.SIDE, 3)
    assert ((seed.points[:, :2] > 0) & (seed.points[:, :2] < upright.SIDE)).all()
    lips, brow = seed.points[0, :2].astype(int), seed.points[105, :2].astype(int)
    red = seed.pixels[lips[1], lips[0]].astype(int)
    assert red[0] > red[2] + 20
    assert seed.pixels[brow[1], brow[0]].mean() < 120
    assert seed.pixels[2, 2].tolist() == [255, 255, 255]


@settings(deadline=None, max_examples=20)
@given(poses)
def test_a_pose_is_known_by_landmarks_and_by_marks(placed: Similarity) -> None:
    seed = upright.seed().points
    there = placed(seed[:, :2])
    for found in (
        upright.pose_of(there),
        upright.pose_of_marks(
            np.stack([there[468], there[473], there[1], there[[13, 14]].mean(0)])
        ),
    ):
        assert found(seed[:, :2]) == pytest.approx(there, abs=0.05)


def test_a_box_is_filled_by_its_share() -> None:
    seed = upright.seed().points[:, :2]
    there = upright.pose_of_box((100, 50, 200, 250), 0.5)(seed)
    low, high = there.min(0), there.max(0)
    assert (high - low).max() == pytest.approx(100)
    assert (low + high) / 2 == pytest.approx([150, 150])


@settings(deadline=None)
@given(poses)
def test_the_head_is_seen_in_one_place_by_both_cameras(placed: Similarity) -> None:
    size = (600, 500)
    matrix = np.eye(4)
    matrix[:3, 3] = (1.5, -2.0, -45.0)
    whole = upright.seen_whole(matrix, placed, size).astype(np.float64)
    # A small head, as nearer and farther parts of a large one shift against each other.
    head = canonical().points[::40] * (0.01, -0.01, -0.01)

    def shown(seen: FloatArray, width: float, height: float) -> FloatArray:
        focus = height / 2 / np.tan(np.radians(31.5))
        there = head @ seen[:3, :3].T + seen[:3, 3]
        return np.array([width, height]) / 2 + there[:, :2] / -there[:, 2:] * focus * (1, -1)

    found, square = shown(whole, *size), shown(matrix, upright.SIDE, upright.SIDE)
    face = np.ptp(found, axis=0).max()
    assert placed(square) == pytest.approx(found, abs=0.2 * face)
    assert np.linalg.det(whole[:3, :3]) == pytest.approx(1, abs=1e-5)
