from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.mesh import LIDS, FloatArray, array_of, canonical, mirrored, opening
from genani.face.trajectory import Trajectory, between, envelope, paced, path_of
from genani.face.turning import has_depth
from genani.scene.face import (
    MAX_LEAD,
    FaceGuidance,
    FacePart,
    LandmarkBreakdown,
    Landmarks,
    LandmarkSource,
)

SHAPES = ("mouthSmileLeft", "eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "browDownRight", "jawLeft")

looks = st.tuples(
    st.dictionaries(st.sampled_from(SHAPES), st.floats(0, 1), max_size=4),
    st.floats(-0.8, 0.8),
    st.floats(-0.5, 0.5),
    st.floats(0.6, 1.6),
    st.floats(-60, 60),
)
Look = tuple[dict[str, float], float, float, float, float]
times = st.floats(0, 1)


def face(look: Look, depth: float = 1.0) -> FloatArray:
    """(478, 3) the canonical face: expression, yaw, roll, scale, shift."""
    shapes, yaw, roll, scale, shift = look
    rest = canonical()
    points = rest.points + sum((w * rest.shapes[k] for k, w in shapes.items()), np.zeros((478, 3)))
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    tilt = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return 100 * scale * points @ (tilt @ turn).T * (1, 1, depth) + (300 + shift, 250, 0)


def landmarks(points: FloatArray, source: LandmarkSource = LandmarkSource.AUTO) -> Landmarks:
    return Landmarks(tuple((x, y, z) for x, y, z in points.tolist()), source)


PLAIN: Look = ({}, 0.0, 0.0, 1.0, 0.0)


@given(looks, looks, st.sampled_from([0.0, 1.0]))
@settings(max_examples=25, deadline=None)
def test_both_ends_are_met(one: Look, two: Look, depth: float) -> None:
    first, last = face(one, depth), face(two, depth)
    np.testing.assert_allclose(between(first, last, 0), first, atol=1e-6)
    np.testing.assert_allclose(between(first, last, 1), last, atol=1e-6)
    path = Trajectory(landmarks(first), landmarks(last))
    assert path(Fraction(0)) is path.first
    assert path(Fraction(1)) is path.last


@given(looks, looks, times)
@settings(max_examples=25, deadline=None)
def test_backwards_the_path_is_the_same(one: Look, two: Look, t: float) -> None:
    first, last = face(one), face(two)
    off = between(first, last, t) - between(last, first, 1 - t)
    assert np.abs(off[:, :2]).max() < 1.0


@given(looks, looks, times)
@settings(max_examples=25, deadline=None)
def test_mirrored_keys_give_the_mirrored_path(one: Look, two: Look, t: float) -> None:
    first, last = face(one), face(two)
    turned = between(mirrored(first, 640), mirrored(last, 640), t)
    np.testing.assert_allclose(turned, mirrored(between(first, last, t), 640), atol=0.02)


def test_a_face_that_does_not_change_stays() -> None:
    points = face(({"jawOpen": 0.4}, 0.3, 0.2, 1.1, 4.0))
    np.testing.assert_allclose(between(points, points, 0.37), points, atol=1e-9)


def test_a_turning_head_does_not_shrink() -> None:
    first, last = face(({}, -0.9, 0.0, 1.0, 0.0)), face(({}, 0.9, 0.0, 1.0, 0.0))
    wide = between(first, last, 0.5)
    assert np.linalg.norm(wide[33, :2] - wide[263, :2]) == pytest.approx(100, rel=1e-3)
    quarter, wanted = between(first, last, 0.25), face(({}, -0.45, 0, 1, 0))
    np.testing.assert_allclose(quarter - quarter[4], wanted - wanted[4], atol=1e-6)


def test_a_tilting_head_without_depth_does_not_shrink() -> None:
    first, last = face(({}, 0.0, -0.8, 1.0, 0.0), 0), face(({}, 0.0, 0.8, 1.0, 0.0), 0)
    assert not has_depth(first)
    upright = between(first, last, 0.5)
    np.testing.assert_allclose(
        upright[:, :2], face(PLAIN)[:, :2] + upright[168, :2] - face(PLAIN)[168, :2], atol=1e-6
    )


@pytest.mark.parametrize("yaw", [0.0, 0.5])
def test_lids_close_steadily_and_later_than_a_straight_line(yaw: float) -> None:
    blink = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
    first, last = face(({}, yaw, 0.0, 1.0, 0.0)), face((blink, yaw, 0.0, 1.0, 0.0))
    gaps = [opening(between(first, last, t), LIDS[1]) for t in np.linspace(0, 1, 21)]
    assert (np.diff(gaps) < 0).all()


def test_lids_travel_on_a_ball() -> None:
    first, last = face(PLAIN, 0), face(PLAIN, 0)
    first[386, 1] -= 12
    last[386, 1] = first[362, 1]
    half = between(first, last, 0.5)[386, 1]
    # Half the angle is more than half the height of the open lid.
    assert half < (first[386, 1] + last[386, 1]) / 2 - 0.1


def test_the_jaw_swings_back_as_it_drops() -> None:
    first, last = face(PLAIN), face(({"jawOpen": 1.0}, 0.0, 0.0, 1.0, 0.0))
    half = between(first, last, 0.5)[152]
    straight = (first[152] + last[152]) / 2
    assert half[2] < straight[2] - 0.5
    assert half[1] > straight[1] + 0.5


def test_parts_go_at_their_own_pace() -> None:
    first, last = face(PLAIN), face(({"eyeBlinkLeft": 1.0, "jawOpen": 1.0}, 0.0, 0.0, 1.0, 50.0))
    leads = {FacePart.EYES: 0.3, FacePart.MOUTH: -0.3}
    even, led = between(first, last, 0.5), between(first, last, 0.5, leads)
    np.testing.assert_allclose(led[1], even[1], atol=1e-6)
    ahead, behind = between(first, last, 0.8), between(first, last, 0.2)
    assert opening(led, LIDS[1]) == pytest.approx(opening(ahead, LIDS[1]), abs=1e-3)
    lips = [each[17] - each[0] for each in (led, behind)]
    np.testing.assert_allclose(lips[0], lips[1], atol=0.2)


@given(st.floats(-MAX_LEAD, MAX_LEAD))
def test_a_pace_rises_from_0_to_1_and_leads_at_the_middle(lead: float) -> None:
    course = [paced(t, lead) for t in np.linspace(0, 1, 21)]
    assert (course[0], course[-1]) == (0, 1)
    assert course[10] == pytest.approx(0.5 + lead)
    assert (np.diff(course) > 0).all()
    np.testing.assert_allclose(course[::-1], [1 - paced(t, -lead) for t in np.linspace(0, 1, 21)])


def test_guidance_says_how_the_face_travels() -> None:
    first, last = landmarks(face(PLAIN)), landmarks(face(({"jawOpen": 1.0}, 0.4, 0.0, 1.0, 30.0)))
    half = Fraction(1, 2)
    assert path_of(first, last, None)(half) == Trajectory(first, last)(half)
    assert path_of(first, last, FaceGuidance())(half) == Trajectory(first, last)(half)
    leads = {FacePart.HEAD: 0.2}
    met = LandmarkBreakdown(Fraction(1, 3), first)
    path = path_of(first, last, FaceGuidance(leads=leads, breakdowns=(met,)))
    assert path(met.t) is first
    unbound = path_of(first, last, FaceGuidance(leads=leads))
    wanted = between(array_of(first), array_of(last), 0.5, leads)
    np.testing.assert_allclose(array_of(unbound(half)), wanted)


def test_a_breakdown_is_met_exactly_and_approached_smoothly() -> None:
    first, last = landmarks(face(PLAIN)), landmarks(face(({}, 0.4, 0.0, 1.0, 30.0)))
    middle = landmarks(face(({"jawOpen": 0.5}, 0.3, 0.2, 1.2, -20.0)), LandmarkSource.HAND)
    at = Fraction(3, 10)
    path = Trajectory(first, last, breakdowns=(LandmarkBreakdown(at, middle),))
    assert path(at) is middle
    for step in (Fraction(-1, 10000), Fraction(1, 10000)):
        assert np.abs(array_of(path(at + step)) - array_of(middle)).max() < 0.1
    assert (path(Fraction(0)), path(Fraction(1))) == (first, last)
    far = array_of(path(Fraction(999, 1000))) - array_of(last)
    assert np.abs(far).max() < 0.5


@given(st.floats(0.01, 0.99))
def test_an_envelope_rises_to_its_peak_and_falls(peak: float) -> None:
    assert envelope(0, peak) == envelope(1, peak) == 0
    assert envelope(peak, peak) == pytest.approx(1)
    up = [envelope(t, peak) for t in np.linspace(0, peak, 9)]
    down = [envelope(t, peak) for t in np.linspace(peak, 1, 9)]
    assert up == sorted(up)
    assert down == sorted(down, reverse=True)
