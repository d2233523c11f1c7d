from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.acting import acted
from genani.face.emotion import expressed, weights
from genani.face.mesh import CONTOURS, LIDS, MOUTH, FloatArray, canonical, mirrored, opening
from genani.face.viseme import CLOSED, both_sides
from genani.scene.acting import Pose, Viseme
from genani.scene.face import Emotion

shapes = st.sampled_from(Viseme)
shares = st.floats(0, 1)
looks = st.tuples(st.floats(-1, 1), st.floats(-1, 1))
poses = st.builds(
    Pose, st.none() | shapes, st.tuples(shares, shares), st.none() | looks
)  # fmt: skip
LIPS = [*CONTOURS["outer lips"], *CONTOURS["inner lips"]]


def turned(points: FloatArray, yaw: float) -> FloatArray:
    cos, sin = np.cos(yaw), np.sin(yaw)
    return points @ np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])


@st.composite
def faces(draw: st.DrawFn) -> FloatArray:
    """Faces of all kinds: sizes, turns, moods, tall eyes, depth or none, noise."""
    points = canonical().points.copy()
    for lid in LIDS:
        points[[*lid.upper, *lid.lower], 1] *= draw(st.floats(0.4, 1.6))
    points += draw(st.floats(0, 0.8)) * both_sides("jawOpen")
    points += expressed(points, weights(draw(st.sampled_from(Emotion)), draw(shares)))
    points = turned(points, draw(st.floats(-0.5, 0.5)))
    seed = draw(st.integers(0, 1000))
    points += np.random.default_rng(seed).normal(0, 0.002, points.shape)
    depth = draw(st.sampled_from([0.0, 1.0]))
    return draw(st.floats(30, 400)) * points * (1, 1, depth) + (300, 250, 0)


def face(mood: dict[str, float] | None = None) -> FloatArray:
    points = canonical().points.copy()
    for name, share in (mood or {}).items():
        points += share * both_sides(name)
    return 100 * points + (300, 250, 0)


def gap(points: FloatArray, lid: int) -> FloatArray:
    upper, lower = points[list(LIDS[lid].upper), :2], points[list(LIDS[lid].lower), :2]
    return np.linalg.norm(upper - lower, axis=1)


@given(faces())
@settings(deadline=None, max_examples=20)
def test_nothing_asked_changes_nothing(points: FloatArray) -> None:
    np.testing.assert_array_equal(acted(points, None), points)
    np.testing.assert_array_equal(acted(points, Pose()), points)


@given(faces(), poses)
@settings(deadline=None, max_examples=40)
def test_a_mirrored_face_does_the_same_mirrored(points: FloatArray, pose: Pose) -> None:
    other = replace(pose, lids=pose.lids[::-1], gaze=pose.gaze and (-pose.gaze[0], pose.gaze[1]))
    size = np.ptp(points[:, 0])
    there = acted(mirrored(points, 640), other)
    np.testing.assert_allclose(there, mirrored(acted(points, pose), 640), atol=3e-3 * size)


@given(faces(), poses)
@settings(deadline=None, max_examples=40)
def test_the_points_given_are_left_alone_and_all_stay_finite(
    points: FloatArray, pose: Pose
) -> None:
    before = points.copy()
    assert np.isfinite(acted(points, pose)).all()
    np.testing.assert_array_equal(points, before)


@given(faces(), st.integers(0, 1))
@settings(deadline=None, max_examples=20)
def test_lids_close_steadily_never_cross_and_meet(points: FloatArray, side: int) -> None:
    steps = [0.0, 0.2, 0.5, 0.8, 0.95, 1.0]
    closed = [acted(points, Pose(lids=(s, 0) if side == 0 else (0, s))) for s in steps]
    gaps = np.array([gap(each, side) for each in closed])
    assert (np.diff(gaps, axis=0) <= 1e-9).all()
    np.testing.assert_array_equal(
        closed[-1][list(LIDS[side].upper)], closed[-1][list(LIDS[side].lower)]
    )
    for each in closed[:-1]:
        apart = each[list(LIDS[side].lower), :2] - each[list(LIDS[side].upper), :2]
        at_first = points[list(LIDS[side].lower), :2] - points[list(LIDS[side].upper), :2]
        assert ((apart * at_first).sum(1) >= 0).all()
    other = 1 - side
    np.testing.assert_array_equal(gap(closed[-1], other), gap(points, other))


@given(faces())
@settings(deadline=None, max_examples=10)
def test_a_blink_leaves_mouth_irises_and_corners_where_they_are(points: FloatArray) -> None:
    shut = acted(points, Pose(lids=(1, 1)))
    still = [*CONTOURS["inner lips"]]
    size = np.ptp(points[:, 0])
    np.testing.assert_allclose(shut[still], points[still], atol=0.02 * size)
    for lid in LIDS:
        kept = [lid.outer, lid.inner, *lid.iris]
        np.testing.assert_array_equal(shut[kept], points[kept])


def test_lids_swing_on_the_eyeball_rather_than_straight() -> None:
    tall = face()
    half = acted(tall, Pose(lids=(0.5, 0.5)))
    shut = acted(tall, Pose(lids=(1, 1)))
    middle = LIDS[0].upper[3]
    straight = (tall[middle, 1] + shut[middle, 1]) / 2
    assert half[middle, 1] < straight


@given(faces(), st.sampled_from(sorted(CLOSED)))
@settings(deadline=None, max_examples=20)
def test_closed_shapes_close_any_mouth(points: FloatArray, shape: Viseme) -> None:
    said = acted(points, Pose(shape))
    np.testing.assert_allclose(
        said[list(MOUTH.upper)], said[list(MOUTH.lower)], atol=1e-6 * np.ptp(points[:, 0])
    )


@pytest.mark.parametrize(
    "mood",
    [{}, {"jawOpen": 0.7}, {"mouthSmile": 0.8}, {"mouthSmile": 0.6, "jawOpen": 0.4},
     {"mouthFrown": 0.8}, {"mouthPucker": 0.7}],
    ids=["rest", "open", "smile", "laugh", "frown", "pucker"],
)  # fmt: skip
def test_a_shape_looks_alike_on_any_mouth(mood: dict[str, float]) -> None:
    said = {shape: acted(face(mood), Pose(shape)) for shape in Viseme}
    plain = {shape: acted(face(), Pose(shape)) for shape in Viseme}
    for shape in Viseme:
        assert opening(said[shape], MOUTH) == pytest.approx(opening(plain[shape], MOUTH), abs=0.08)
    wide = {shape: float(np.ptp(each[LIPS, 0])) for shape, each in said.items()}
    open_ = {shape: opening(each, MOUTH) for shape, each in said.items()}
    assert open_[Viseme.D] > open_[Viseme.H] > open_[Viseme.C] > open_[Viseme.B] > 0.08
    assert max(open_[Viseme.A], open_[Viseme.X]) < 1e-9
    assert wide[Viseme.F] < wide[Viseme.E] < wide[Viseme.C]
    assert wide[Viseme.B] > wide[Viseme.F] * 1.2
    assert wide[Viseme.X] == pytest.approx(float(np.ptp(plain[Viseme.X][LIPS, 0])), rel=0.15)


def test_a_mouth_that_speaks_keeps_something_of_its_smile_unless_it_is_round() -> None:
    def lift(mood: dict[str, float], shape: Viseme) -> float:
        said = acted(face(mood), Pose(shape))
        return float(said[[13, 14], 1].mean() - said[[61, 291], 1].mean())

    smile = {"mouthSmile": 0.8}
    for shape in (Viseme.X, Viseme.C, Viseme.D):
        assert lift(smile, shape) > lift({}, shape) + 2
    assert lift(smile, Viseme.F) == pytest.approx(lift({}, Viseme.F), abs=1.5)


def test_the_same_shape_twice_changes_little() -> None:
    for shape in Viseme:
        once = acted(face(), Pose(shape))
        again = acted(once, Pose(shape))
        assert opening(again, MOUTH) == pytest.approx(opening(once, MOUTH), abs=0.03)
        assert np.abs(again - once)[LIPS].max() < 5


def test_a_small_drawn_mouth_opens_in_its_own_size() -> None:
    def small(share: float) -> FloatArray:
        points = canonical().points.copy()
        middle = points[LIPS].mean(0)
        points[LIPS] = middle + share * (points[LIPS] - middle)
        return 100 * points + (300, 250, 0)

    gaps = [
        np.linalg.norm(np.subtract(*acted(small(share), Pose(Viseme.D))[[14, 13]]))
        for share in (0.4, 0.7, 1.0)
    ]
    assert gaps[0] < 0.6 * gaps[2]
    assert gaps[0] < gaps[1] < gaps[2]


@given(faces(), shapes)
@settings(deadline=None, max_examples=20)
def test_a_mouth_shape_leaves_the_eyes_alone(points: FloatArray, shape: Viseme) -> None:
    said = acted(points, Pose(shape))
    eyes = [i for lid in LIDS for i in (*lid.upper, *lid.lower, *lid.iris)]
    np.testing.assert_allclose(said[eyes], points[eyes], atol=0.004 * np.ptp(points[:, 0]))


@given(faces(), looks)
@settings(deadline=None, max_examples=30)
def test_irises_stay_between_the_corners_and_keep_their_form(
    points: FloatArray, gaze: tuple[float, float]
) -> None:
    seen = acted(points, Pose(gaze=gaze))
    for lid in LIDS:
        corners = points[[lid.outer, lid.inner], :2]
        way = corners[1] - corners[0]
        share = float((seen[lid.iris[0], :2] - corners[0]) @ way / (way @ way))
        assert 0.05 <= share <= 0.95
        ring = list(lid.iris)
        np.testing.assert_allclose(
            seen[ring] - seen[ring[0]], points[ring] - points[ring[0]], atol=1e-9
        )


def test_looks_go_where_they_are_asked_to_and_back() -> None:
    irises = [lid.iris[0] for lid in LIDS]
    ahead = acted(face(), Pose(gaze=(0, 0)))[irises]
    right = acted(face(), Pose(gaze=(1, 0)))[irises]
    up = acted(face(), Pose(gaze=(0, -1)))[irises]
    assert (right[:, 0] > ahead[:, 0] + 3).all()
    assert (up[:, 1] < ahead[:, 1] - 1).all()
    from_the_side = acted(acted(face(), Pose(gaze=(1, 0))), Pose(gaze=(0, 0)))[irises]
    np.testing.assert_allclose(from_the_side, ahead, atol=0.5)


def test_looking_down_takes_the_lids_along() -> None:
    down = acted(face(), Pose(gaze=(0, 1)))
    assert opening(down, LIDS[0]) < 0.8 * opening(face(), LIDS[0])
    assert opening(acted(face(), Pose(gaze=(0, -1))), LIDS[0]) == opening(face(), LIDS[0])
