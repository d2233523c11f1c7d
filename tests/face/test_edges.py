from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.edges import (
    Edge,
    aperture,
    carried,
    curve,
    distances,
    edges,
    line_of,
    sampled_at,
)
from genani.face.mesh import LIDS, MOUTH, FloatArray, canonical

SKIN = (0.9, 0.7, 0.6, 1.0)
INK = (0.2, 0.1, 0.1, 1.0)


def face(scale: float = 100.0) -> FloatArray:
    return scale * canonical().points + (160, 120, 0)


def bow(rise: float = 0.0) -> FloatArray:
    x = np.linspace(20.0, 80.0, 31)
    return np.stack([x, 40 + rise * np.sin((x - 20) / 60 * np.pi)], 1)


def lined(thick: float, off: float = 0.0) -> np.ndarray:
    """Skin with a horizontal line at the height of `bow()`."""
    y = np.arange(80) + 0.5
    cover = np.clip(thick / 2 + 0.5 - np.abs(y - 40 - off), 0, 1)[:, None, None]
    image = np.array(SKIN) * (1 - cover) + np.array(INK) * cover
    return np.broadcast_to(image, (80, 100, 4)).astype(np.float32)


@pytest.mark.parametrize("lid", [*LIDS, MOUTH])
def test_edges_run_through_their_landmarks_and_face_each_other(lid: object) -> None:
    assert isinstance(lid, type(MOUTH))
    points = face()
    points[list(lid.lower), 1] += 6
    upper, lower = edges(points, points, lid)
    for edge, side in ((upper, lid.upper), (lower, lid.lower)):
        assert not edge.moves
        assert distances(points[[lid.outer, *side, lid.inner], :2], edge.before).max() < 1e-9
    middle = (points[lid.upper[3], :2] + points[lid.lower[3], :2]) / 2
    depths = aperture(np.stack([middle, middle + np.array([0, 60])]), upper.before, lower.before)
    assert depths[0] > 0 > depths[1]
    assert upper.inward == -lower.inward


def test_a_turned_face_has_its_openings_on_the_same_side() -> None:
    turned = face()[:, [1, 0, 2]] * (-1, 1, 1)
    assert edges(turned, turned, MOUTH)[0].inward == edges(face(), face(), MOUTH)[0].inward


@given(st.floats(-30, 30), st.floats(-30, 30), st.floats(-3, 3))
@settings(deadline=None)
def test_what_an_edge_carries_keeps_its_distance(x: float, y: float, angle: float) -> None:
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    before = bow(10)
    edge = Edge(before, before @ turn.T + (x, y), 1.0)
    places = before[5:-5] + np.array([0.5, 3.0])
    there = places @ turn.T + (x, y)
    np.testing.assert_allclose(carried(edge, there), places, atol=1e-6)


def test_an_edge_that_stays_carries_nothing() -> None:
    edge = Edge(bow(8), bow(8), 1.0)
    places = np.random.default_rng(2).uniform(0, 80, (50, 2))
    np.testing.assert_allclose(carried(edge, places), places, atol=1e-9)


@pytest.mark.parametrize(("thick", "off"), [(2.0, 0.0), (4.0, 1.5), (5.0, -2.0)])
def test_a_lines_thickness_and_place_are_seen(thick: float, off: float) -> None:
    found = line_of(lined(thick, off), Edge(bow(), bow(), 1.0), 10)
    assert found
    assert found.inside + found.outside == pytest.approx(thick, abs=1.1)
    assert found.off == pytest.approx(off, abs=0.6)
    np.testing.assert_allclose(found.colour, INK, atol=0.05)
    np.testing.assert_allclose(found.beside, SKIN, atol=0.05)


def test_where_there_is_no_line_none_is_seen() -> None:
    assert line_of(lined(0.0, 100), Edge(bow(), bow(), 1.0), 10) is None
    half = lined(3.0)
    half = np.where(np.arange(100)[None, :, None] < 60, np.array(SKIN, np.float32), half)
    assert line_of(half, Edge(bow(), bow(), 1.0), 10) is None


def test_pixels_are_read_where_they_are_and_between_without_fringes() -> None:
    image = np.random.default_rng(1).random((12, 15, 4)).astype(np.float32)
    y, x = np.mgrid[:12, :15] + 0.5
    places = np.stack([x.ravel(), y.ravel()], 1)
    np.testing.assert_allclose(sampled_at(image, places), image.reshape(-1, 4), atol=1e-6)
    between = sampled_at(lined(3.0), np.stack([np.full(200, 50.0), np.linspace(30, 50, 200)], 1))
    assert between.min() >= 0.1 - 1e-6
    assert between[:, :3].max() <= 0.9 + 1e-6


def test_curves_meet_their_points() -> None:
    points = np.random.default_rng(4).uniform(0, 50, (478, 3))
    chain = (3, 9, 27, 81)
    made = curve(points, chain)
    np.testing.assert_allclose(made[[0, -1]], points[[3, 81], :2])
    assert distances(points[list(chain), :2], made).max() < 1e-9
