"""Depth from where pins lie, and the way of a head on its neck."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.mesh import FloatArray, canonical, mirrored
from genani.face.trajectory import Trajectory, between
from genani.face.turning import in_space, on_the_neck
from genani.face.warp import head_motion
from genani.scene.face import Landmarks, LandmarkSource

yaws, pitches, rolls = st.floats(-0.6, 0.6), st.floats(-0.25, 0.25), st.floats(-0.5, 0.5)


def face(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, jaw: float = 0.0) -> FloatArray:
    """(478, 3) the canonical face, turned; angles in radians."""
    rest = canonical()
    a, b, c = ((np.cos(angle), np.sin(angle)) for angle in (yaw, pitch, roll))
    turn = np.array([[a[0], 0, a[1]], [0, 1, 0], [-a[1], 0, a[0]]])
    nod = np.array([[1, 0, 0], [0, b[0], -b[1]], [0, b[1], b[0]]])
    tilt = np.array([[c[0], -c[1], 0], [c[1], c[0], 0], [0, 0, 1]])
    points = rest.points + jaw * rest.shapes["jawOpen"]
    return 100 * points @ (tilt @ nod @ turn).T + (300, 250, 0)


def pinned(points: FloatArray) -> Landmarks:
    """As pins tell a face: with the depth of one that looks straight."""
    flat = np.column_stack([points[:, :2], 100 * canonical().points[:, 2]])
    return landmarks(flat, LandmarkSource.HAND)


def landmarks(points: FloatArray, source: LandmarkSource = LandmarkSource.AUTO) -> Landmarks:
    return Landmarks(tuple((x, y, z) for x, y, z in points.tolist()), source)


def looks(points: FloatArray) -> FloatArray:
    return head_motion(canonical().points, points).rotation[:2, 2]


@given(yaws, yaws, rolls)
@settings(max_examples=25, deadline=None)
def test_the_depth_of_turned_heads_is_told_by_their_pins(
    one: float, two: float, roll: float
) -> None:
    first, last = face(one, roll=roll), face(two)
    lifted = in_space(pinned(first), pinned(last))
    for found, true in zip(lifted, (first, last), strict=True):
        np.testing.assert_allclose(looks(found), looks(true), atol=0.06)
        np.testing.assert_array_equal(found[:, :2], true[:, :2])


@given(pitches)
@settings(max_examples=25, deadline=None)
def test_nods_are_told_by_their_difference(pitch: float) -> None:
    lifted = in_space(pinned(face(pitch=-pitch)), pinned(face(pitch=pitch)))
    found = head_motion(*lifted).rotation[1, 2]
    assert found == pytest.approx(-np.sin(2 * pitch), abs=0.08)


def test_a_mouth_that_opens_is_no_nod() -> None:
    lifted = in_space(pinned(face()), pinned(face(jaw=1.0)))
    assert abs(head_motion(*lifted).rotation[1, 2]) < 0.02


def test_where_a_nose_lies_on_both_drawings_is_no_nod() -> None:
    lifted = in_space(pinned(face(pitch=0.2)), pinned(face(pitch=0.2)))
    for found in lifted:
        assert abs(looks(found)[1]) < 0.05


def test_depth_that_a_detector_told_is_kept() -> None:
    points = [face(0.4), face(-0.2)]
    for found, true in zip(in_space(*map(landmarks, points)), points, strict=True):
        np.testing.assert_array_equal(found, true)


def test_depth_is_made_up_where_a_file_has_none() -> None:
    flat = [face(angle) * (1, 1, 0) for angle in (-0.4, 0.4)]
    found = in_space(*map(landmarks, flat))
    assert looks(found[0])[0] == pytest.approx(looks(face(-0.4))[0], abs=0.06)


@given(yaws, pitches, yaws, pitches)
@settings(max_examples=25, deadline=None)
def test_mirrored_pins_have_mirrored_depth(a: float, b: float, c: float, d: float) -> None:
    first, last = face(a, b), face(c, d)
    plain = in_space(pinned(first), pinned(last))
    turned = in_space(pinned(mirrored(first, 640)), pinned(mirrored(last, 640)))
    for one, two in zip(plain, turned, strict=True):
        np.testing.assert_allclose(mirrored(one, 640), two, atol=0.01)


def test_a_head_that_is_marked_by_hand_does_not_shrink_as_it_turns() -> None:
    path = Trajectory(pinned(face(-0.5)), pinned(face(0.5)))
    half = np.array(path(Fraction(1, 2)).points)
    wide = np.linalg.norm(half[33, :2] - half[263, :2])
    straight = np.linalg.norm((face()[33] - face()[263])[:2])
    assert wide == pytest.approx(straight, rel=0.02)


def test_pins_in_one_line_are_borne() -> None:
    squeezed = face() * (1, 1e-6, 1)
    found = in_space(pinned(squeezed), pinned(squeezed))
    assert all(np.isfinite(each).all() for each in found)


@given(yaws, pitches, st.floats(0, 1))
@settings(max_examples=25, deadline=None)
def test_on_the_neck_both_ends_are_met(yaw: float, pitch: float, t: float) -> None:
    first, last = face(-yaw, -pitch), face(yaw, pitch)
    way = head_motion(first, last)
    np.testing.assert_allclose(on_the_neck(first, last, way, 0.0)(first), first, atol=1e-9)
    np.testing.assert_allclose(on_the_neck(first, last, way, 1.0)(first), way(first), atol=1e-9)
    off = between(first, last, t) - between(last, first, 1 - t)
    assert np.abs(off[:, :2]).max() < 0.5


def test_a_nodding_head_rises_on_its_way() -> None:
    first, last = face(pitch=0.3), face(pitch=-0.3)
    way = head_motion(first, last)
    half, straight = on_the_neck(first, last, way, 0.5), way.share(0.5)
    rise = straight.after - half.after
    assert rise[1] > 1
    assert rise[0] == pytest.approx(0, abs=0.01)


def test_a_head_that_only_moves_goes_straight() -> None:
    first = face(0.3, 0.1)
    last = first + np.array([40.0, -20.0, 0.0])
    way = head_motion(first, last)
    np.testing.assert_allclose(
        on_the_neck(first, last, way, 0.3)(first), way.share(0.3)(first), atol=1e-6
    )
