"""Mouths as bent ellipses: found again, and carried over to each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genani.face.mesh import LIPS, MOUTH, FloatArray, canonical
from genani.face.oval import Oval

TURNS = np.linspace(0, 2 * np.pi, 41)[:-1] + 0.05
SIZES = st.floats(4, 60)


def oval(half: float, tall: float, bend: float = 0.0, turn: float = 0.0) -> Oval:
    along = np.array([np.cos(turn), np.sin(turn)])
    return Oval(np.array([200.0, 150.0]), along, half, tall, bend, 100.0)


def face_with(made: Oval) -> FloatArray:
    """A face whose outer lips lie on an ellipse."""
    points = canonical().points[:, :2] * 100 + 200
    for row, turns in ((LIPS.upper, np.pi), (LIPS.lower, -np.pi)):
        angles = np.pi + turns * np.linspace(0, 1, 11)[1:-1]
        points[list(row)] = made.edge(angles, 0.0)
    ends = made.edge(np.array([np.pi, 0.0]), 0.0)
    points[LIPS.outer], points[LIPS.inner] = ends
    return points


@given(half=SIZES, tall=SIZES, bend=st.floats(-20, 20), turn=st.floats(-3, 3))
def test_the_ellipse_that_lips_lie_on_is_found(
    half: float, tall: float, bend: float, turn: float
) -> None:
    made = oval(half, tall, bend, turn)
    found = Oval.of(face_with(made), LIPS)
    assert (found.half, found.tall, found.bend) == pytest.approx((half, tall, bend), rel=1e-6)
    np.testing.assert_allclose(found.middle, made.middle, atol=1e-6)
    np.testing.assert_allclose(found.along, made.along, atol=1e-6)


def test_shut_lips_are_an_opening_all_the_same() -> None:
    points = canonical().points[:, :2] * 100 + 200
    points[list(MOUTH.upper)] = points[list(MOUTH.lower)]
    assert 0 < Oval.of(points, MOUTH).opening < 0.01


@given(half=SIZES, tall=SIZES, bend=st.floats(-20, 20), turn=st.floats(-3, 3))
def test_places_are_where_they_were_after_there_and_back(
    half: float, tall: float, bend: float, turn: float
) -> None:
    made = oval(half, tall, bend, turn)
    places = np.random.default_rng(0).uniform(100, 250, (50, 2))
    np.testing.assert_allclose(made.placed(made.local(places)), places, atol=1e-9)


@given(half=SIZES, tall=SIZES)
def test_the_same_mouth_is_its_own_counterpart(half: float, tall: float) -> None:
    made = oval(half, tall, 3.0)
    places = np.concatenate([made.edge(TURNS, out) for out in (-1.0, 0.0, 1.0, 4.0)])
    np.testing.assert_allclose(made.counterparts(places, made), places, atol=0.05)


@given(one=SIZES, other=SIZES)
def test_edges_fall_on_edges(one: float, other: float) -> None:
    here, there = oval(30.0, one), oval(25.0, other, 5.0)
    found = here.counterparts(here.edge(TURNS, 0.0), there)
    np.testing.assert_allclose(found, there.edge(TURNS, 0.0), atol=0.05)


@given(tall=st.floats(5, 40), out=st.floats(0.5, 5))
def test_a_line_keeps_its_thickness_where_the_mouth_is_pressed(tall: float, out: float) -> None:
    here, there = oval(30.0, tall), oval(30.0, 40.0)
    upright = np.array([-np.pi / 2, np.pi / 2])
    found = here.counterparts(here.edge(upright, out), there)
    np.testing.assert_allclose(found, there.edge(upright, out), atol=0.05)
    within = here.edge(upright, -1.0)
    np.testing.assert_allclose(
        here.counterparts(within, there), there.edge(upright, -1.0), atol=0.05
    )


def test_the_inside_is_stretched_without_folds() -> None:
    here, there = oval(30.0, 6.0, 2.0), oval(24.0, 30.0, 8.0)
    middle = np.stack([np.full(60, 200.0), np.linspace(140, 165, 60)], 1)
    found = here.counterparts(middle, there)
    assert (np.diff(found[:, 1]) > 0).all()


def test_a_larger_head_has_thicker_lines() -> None:
    here = oval(30.0, 20.0)
    there = Oval(here.middle, here.along, 60.0, 40.0, 0.0, 200.0)
    found = here.counterparts(here.edge(TURNS, 2.0), there)
    np.testing.assert_allclose(there.around(found), 4.0, atol=0.05)


@given(half=SIZES, tall=SIZES)
def test_distances_are_those_of_a_brute_search(half: float, tall: float) -> None:
    made = oval(half, tall)
    places = np.random.default_rng(1).uniform(120, 280, (30, 2))
    edge = made.edge(np.linspace(0, 2 * np.pi, 4001), 0.0)
    nearest = np.linalg.norm(places[:, None] - edge, axis=2).min(1)
    inside = np.linalg.norm(made.local(places) / (half, tall), axis=1) <= 1
    np.testing.assert_allclose(made.around(places), np.where(inside, 0, nearest), atol=0.3)
