"""Placing a face by hand and pulling it by its pins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.mesh import (
    BROWS,
    CONTOURS,
    LIDS,
    PINS,
    array_of,
    canonical,
    mirrored,
    part_of_points,
)
from genani.face.touch import bent, edges, groups, lines, part_of, placed, turned_around, twin
from genani.scene.errors import SceneError
from genani.scene.face import FacePart, LandmarkSource

FACE = placed((100, 80, 300, 360))
POINTS = array_of(FACE)
sides = st.floats(-500, 500)
moves = st.dictionaries(
    st.sampled_from(list(PINS)), st.tuples(st.floats(-40, 40), st.floats(-40, 40)), min_size=1
)


@given(sides, sides, st.floats(8.1, 900), st.floats(8.1, 900))
def test_a_placed_face_fills_its_box(left: float, top: float, wide: float, high: float) -> None:
    points = array_of(placed((left, top, left + wide, top + high)))
    np.testing.assert_allclose(points[:, :2].min(0), (left, top), atol=1e-6)
    np.testing.assert_allclose(points[:, :2].max(0), (left + wide, top + high), atol=1e-6)


def test_a_box_too_small_for_a_face_is_refused() -> None:
    with pytest.raises(SceneError, match="larger box"):
        placed((0, 0, 5, 100))


@given(moves)
@settings(deadline=None, max_examples=40)
def test_moved_pins_are_met_and_all_others_stay(by: dict[str, tuple[float, float]]) -> None:
    places = {name: (POINTS[PINS[name], :2] + way).tolist() for name, way in by.items()}
    moved = bent(FACE, {name: (x, y) for name, (x, y) in places.items()})
    after = array_of(moved)
    for name, index in PINS.items():
        wanted = places.get(name, POINTS[index, :2])
        np.testing.assert_allclose(after[index, :2], wanted, atol=1e-6)
    np.testing.assert_array_equal(after[:, 2], POINTS[:, 2])
    assert moved.source is LandmarkSource.HAND


def test_what_lies_about_a_pin_follows_it() -> None:
    after = array_of(bent(FACE, {"chin": (200.0, 400.0)}))
    beside, far = CONTOURS["oval"][CONTOURS["oval"].index(152) + 1], 10
    assert after[beside, 1] - POINTS[beside, 1] > 15
    assert abs(after[far, 1] - POINTS[far, 1]) < 2


def test_an_iris_glides_and_keeps_its_shape() -> None:
    iris = list(LIDS[0].iris)
    x, y = POINTS[iris[0], :2]
    after = array_of(bent(FACE, {"right iris": (x + 6, y + 2)}))
    np.testing.assert_allclose(after[iris, :2] - POINTS[iris, :2], np.tile((6.0, 2.0), (5, 1)))


def test_an_eye_pulled_open_becomes_round_not_pointed() -> None:
    lid = LIDS[0]
    left, right = POINTS[lid.outer, :2], POINTS[lid.inner, :2]
    middle, radius = (left + right) / 2, float(np.linalg.norm(right - left)) / 2
    x, y = middle.tolist()
    moved = {"right upper lid": (x, y - radius), "right lower lid": (x, y + radius)}
    after = array_of(bent(FACE, moved))
    away = np.linalg.norm(after[[*lid.upper, *lid.lower], :2] - middle, axis=1)
    np.testing.assert_allclose(away, radius, rtol=0.12)


def test_a_lid_nudged_keeps_its_shape() -> None:
    lid = LIDS[0]
    x, y = POINTS[PINS["right upper lid"], :2]
    after = array_of(bent(FACE, {"right upper lid": (float(x), float(y) - 1.0)}))
    moved = after[list(lid.upper), 1] - POINTS[list(lid.upper), 1]
    assert (moved < 0).all()
    assert np.abs(after[list(lid.lower)] - POINTS[list(lid.lower)]).max() < 1


@given(moves, st.sampled_from(list(FacePart)))
@settings(deadline=None, max_examples=30)
def test_locked_parts_stay_whatever_is_pulled(
    by: dict[str, tuple[float, float]], part: FacePart
) -> None:
    places: dict[str, tuple[float, float]] = {}
    for name, way in by.items():
        x, y = POINTS[PINS[name], :2] + way
        places[name] = (float(x), float(y))
    after = array_of(bent(FACE, places, frozenset({part})))
    own = part_of_points()[part] == 1
    np.testing.assert_array_equal(after[own], POINTS[own])


def test_a_turned_face_is_bent_as_one_upright() -> None:
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    turned = np.column_stack([POINTS[:, :2] @ turn.T, POINTS[:, 2]])
    face = type(FACE)(tuple((x, y, z) for x, y, z in turned.tolist()))
    way = np.array([8.0, -5.0])
    at = POINTS[PINS["left mouth corner"], :2]
    upright = array_of(bent(FACE, {"left mouth corner": tuple((at + way).tolist())}))
    after = array_of(bent(face, {"left mouth corner": tuple(((at + way) @ turn.T).tolist())}))
    np.testing.assert_allclose(after[:, :2], upright[:, :2] @ turn.T, atol=1e-6)


@pytest.mark.parametrize(
    ("moved", "text"),
    [
        ({"left ear": (1.0, 2.0)}, "no pin 'left ear'"),
        ({"chin": (float("nan"), 0.0)}, "moved there"),
    ],
)
def test_what_cannot_be_is_refused(moved: dict[str, tuple[float, float]], text: str) -> None:
    with pytest.raises(SceneError, match=text):
        bent(FACE, moved)


def test_turned_around_twice_it_is_itself_where_it_was() -> None:
    once = turned_around(bent(FACE, {"left brow outer": (290.0, 100.0)}))
    around = array_of(once)
    assert around[:, 0].min() == pytest.approx(POINTS[:, 0].min(), abs=3)
    np.testing.assert_allclose(
        array_of(turned_around(once)), array_of(bent(FACE, {"left brow outer": (290.0, 100.0)}))
    )
    np.testing.assert_allclose(mirrored(mirrored(POINTS, 400), 400), POINTS)


def test_every_pin_has_a_twin_a_part_and_one_group() -> None:
    twins = canonical().mirror
    for name, index in PINS.items():
        assert PINS[twin(name)] == twins[index]
        assert part_of_points()[part_of(name)][index] > 0.3
    members = [name for group in groups().values() for name in group]
    assert sorted(members) == sorted(PINS)


def test_lines_and_edges_are_those_of_the_mesh() -> None:
    assert {point for _, points, _ in lines() for point in points} >= set(CONTOURS["oval"])
    pairs = edges()
    assert len(set(pairs)) == len(pairs)
    assert all(0 <= a < b < 468 for a, b in pairs)


def test_the_order_in_which_pins_are_pulled_does_not_matter() -> None:
    places = {
        name: (0.8 * POINTS[index, 0], 0.8 * POINTS[index, 1]) for name, index in PINS.items()
    }
    places |= {"right upper lid": (124.0, 98.0), "right lower lid": (126.0, 146.0)}
    places |= {"upper lip": (160.0, 201.0), "lower lip": (161.0, 206.0)}
    ends = []
    for order in (list(places), list(places)[::-1]):
        face = FACE
        for name in order:
            face = bent(face, {name: places[name]})
        ends.append(array_of(face))
    own = [i for name, line in CONTOURS.items() if "lips" in name or "eye" in name for i in line]
    own = [*own, *(i for rows in BROWS for i in rows[0])]
    np.testing.assert_allclose(ends[0][own, :2], ends[1][own, :2], atol=2)
