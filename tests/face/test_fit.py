from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.fit import fit, pins_of
from genani.face.mesh import (
    CONTOURS,
    LIDS,
    MOUTH,
    PINS,
    FloatArray,
    array_of,
    canonical,
    mirrored,
)
from genani.scene.errors import SceneError
from genani.scene.face import LandmarkSource


def posed(angle: float = 0.3, scale: float = 120.0) -> FloatArray:
    """(478, 2) the canonical face on a canvas."""
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    return scale * canonical().points[:, :2] @ turn.T + (240, 200)


def picked(points: FloatArray, names: list[str] | None = None) -> dict[str, tuple[float, float]]:
    return {name: (points[PINS[name], 0], points[PINS[name], 1]) for name in names or PINS}


@given(
    st.sets(st.sampled_from(sorted(PINS)), min_size=3),
    st.floats(-3, 3),
    st.floats(5, 2000),
)
@settings(deadline=None)
def test_a_posed_face_is_found_from_any_pins(names: set[str], angle: float, scale: float) -> None:
    points = posed(angle, scale)
    found = array_of(fit(picked(points, sorted(names))))
    np.testing.assert_allclose(found[:, :2], points, atol=1e-6 * scale)
    np.testing.assert_allclose(found[:, 2], canonical().points[:, 2] * scale, atol=1e-6 * scale)


@given(st.integers(0, 1000), st.integers(4, len(PINS)))
@settings(deadline=None)
def test_every_pin_is_met_exactly(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    names = rng.permutation(sorted(PINS))[:count].tolist()
    points = posed()
    points[[PINS[name] for name in names]] += rng.normal(0, 6, (count, 2))
    pins = picked(points, names)
    assert pins_of(fit(pins)) | pins == pins_of(fit(pins))


def test_between_the_pins_the_mesh_follows() -> None:
    points = posed(0)
    lids = {"left upper lid": -20.0, "left lower lid": 20.0}
    pins = picked(points)
    for name, moved in lids.items():
        pins[name] = (pins[name][0], pins[name][1] + moved)
    found = array_of(fit(pins))[:, :2]
    assert found[385, 1] < points[385, 1] - 12
    assert found[380, 1] > points[380, 1] + 12
    np.testing.assert_allclose(found[159], points[159])
    assert np.abs(found[152] - points[152]).max() < 1e-6


def test_three_pins_move_the_face_and_do_not_bend_it() -> None:
    pins = picked(posed(0), ["left eye outer", "right eye outer", "chin"])
    pins["chin"] = (pins["chin"][0], pins["chin"][1] + 60)
    found = array_of(fit(pins))[:, :2]
    rest = canonical().points[:, :2]
    sides = [np.linalg.norm(each[33] - each[263]) for each in (found, rest)]
    heights = [np.linalg.norm(each[10] - each[152]) for each in (found, rest)]
    assert sides[0] / sides[1] == pytest.approx(heights[0] / heights[1])


def test_one_pin_out_of_place_does_not_tilt_the_rest() -> None:
    pins = picked(posed(0))
    pins["right jaw"] = (pins["right jaw"][0] - 80, pins["right jaw"][1] - 80)
    found = array_of(fit(pins))[:, :2]
    assert np.abs(found[[33, 263, 1, 61, 291, 10]] - posed(0)[[33, 263, 1, 61, 291, 10]]).max() < 3


def test_a_mirrored_drawing_gives_a_mirrored_face() -> None:
    rng = np.random.default_rng(5)
    points = np.column_stack([posed() + rng.normal(0, 4, (478, 2)), np.zeros(478)])
    found = array_of(fit(picked(points[:, :2])))
    turned = array_of(fit(picked(mirrored(points, 480)[:, :2])))
    np.testing.assert_allclose(turned, mirrored(found, 480), atol=1e-6)


def test_landmarks_say_that_a_hand_placed_them() -> None:
    found = fit(picked(posed()))
    assert (found.source, found.confidence) == (LandmarkSource.HAND, 1.0)


@pytest.mark.parametrize(
    ("pins", "told"),
    [
        ({}, "at least 3 pins"),
        ({"chin": (1.0, 2.0), "nose tip": (1.0, 1.0)}, "not 2"),
        ({"ear": (1.0, 2.0)}, "no pin 'ear'"),
        (dict.fromkeys(("chin", "nose tip", "upper lip"), (4.0, 4.0)), "one place"),
        (dict.fromkeys(("chin", "nose tip", "upper lip"), (float("nan"), 4.0)), "one place"),
    ],
)
def test_what_cannot_be_fitted_is_told(pins: dict[str, tuple[float, float]], told: str) -> None:
    with pytest.raises(SceneError, match=told):
        fit(pins)


def test_a_tall_eye_is_round() -> None:
    points = posed(0)
    pins = picked(points)
    for name, moved in (("left upper lid", -24.0), ("left lower lid", 24.0)):
        pins[name] = (pins[name][0], pins[name][1] + moved)
    found = array_of(fit(pins))[:, :2]
    lid = LIDS[1]
    ring = found[[lid.outer, *lid.upper, lid.inner, *reversed(lid.lower)]]
    x, y = ring.T
    area = 0.5 * abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1)))
    width, height = np.ptp(ring, axis=0)
    # An ellipse fills .785 of its box and a rhombus half of it.
    assert area / (width * height) > 0.72
    iris = np.linalg.norm(found[list(lid.iris[1:])] - found[lid.iris[0]], axis=1)
    assert np.ptp(iris) < 0.2 * iris.mean()


def test_lips_of_a_line_mouth_keep_their_order() -> None:
    pins = picked(posed(0))
    low = pins["right mouth corner"][1] + 10
    pins["upper lip"], pins["lower lip"] = (240.0, low - 0.5), (240.0, low + 0.5)
    found = array_of(fit(pins))[:, :2]
    outer = CONTOURS["outer lips"]
    rows = [outer[1:10], MOUTH.upper, MOUTH.lower, outer[:10:-1]]
    heights = np.stack([found[list(row), 1] for row in rows])
    assert (np.diff(heights, axis=0)[:, 2:-2] > -0.75).all()
    assert np.ptp(heights[:, 4]) < 1.1


def test_lids_that_meet_low_lie_on_one_even_arc() -> None:
    points = posed(0)
    pins = picked(points)
    for side in ("left", "right"):
        low = pins[f"{side} lower lid"]
        pins[f"{side} lower lid"] = low[0], low[1] + 30
        pins[f"{side} upper lid"] = low[0], low[1] + 29
    found = array_of(fit(pins))[:, :2]
    for lid in LIDS:
        upper, lower = found[list(lid.upper)], found[list(lid.lower)]
        np.testing.assert_allclose(upper, lower, atol=1.5)
        depth = lower[:, 1] - (found[lid.outer, 1] + found[lid.inner, 1]) / 2
        assert (np.diff(depth[:4]) > 0).all()
        assert (np.diff(depth[3:]) < 0).all()
