"""Eyes between open and shut, laid into a dissolve: what is worst about one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from genani.engines.inbetween.face_lids import SURE, Eyelids
from genani.face.mesh import LIDS, array_of, with_points
from genani.face.trajectory import Trajectory
from genani.scene.face import Landmarks
from genani.scene.picture import Picture
from tests.benchmarks.drawn_faces import STYLES, drawn
from tests.engines.dissolves import Key, dissolve, off, photographed

CPU = torch.device("cpu")
HALF = Fraction(1, 2)


def blinking(amount: float) -> Key:
    return drawn(STYLES["flat"], {"eyeBlinkLeft": amount, "eyeBlinkRight": amount})


@pytest.fixture(scope="module")
def opened() -> Key:
    return blinking(0.0)


@pytest.fixture(scope="module")
def shut() -> Key:
    return blinking(1.0)


def laid(one: Key, two: Key, before: Picture, t: Fraction = HALF) -> Picture:
    lids = Eyelids((one[0], two[0]), one[1], two[1], 0.0, CPU)
    return lids.laid(before, Trajectory(one[1], two[1])(t), float(t))


def about_eyes(face: Landmarks, reach: float) -> NDArray[np.bool_]:
    """(H, W) within `reach` widths of an eye's middle."""
    points = array_of(face)
    y, x = np.mgrid[:640, :640]
    near = np.zeros(y.shape, bool)
    for lid in LIDS:
        corners = points[[lid.outer, lid.inner], :2]
        middle, width = corners.mean(0), np.linalg.norm(corners[0] - corners[1])
        near |= np.hypot(x - middle[0], y - middle[1]) < reach * width
    return near


def test_half_shut_eyes_are_nearer_to_the_truth_than_a_dissolve(opened: Key, shut: Key) -> None:
    truth, before = blinking(0.5)[0], dissolve(opened, shut)
    done = laid(opened, shut, before)
    eyes = about_eyes(opened[1], 0.5)
    assert off(done, truth, eyes) < 0.7 * off(before, truth, eyes)


def test_nothing_changes_away_from_the_eyes(opened: Key, shut: Key) -> None:
    before = dissolve(opened, shut)
    done = laid(opened, shut, before)
    np.testing.assert_array_equal(
        done.pixels[~about_eyes(opened[1], 1.2)], before.pixels[~about_eyes(opened[1], 1.2)]
    )


def test_backwards_it_is_the_same(opened: Key, shut: Key) -> None:
    before = dissolve(opened, shut)
    t = Fraction(2, 5)
    there, back = laid(opened, shut, before, t), laid(shut, opened, before, 1 - t)
    assert off(there, back, np.ones((640, 640), bool)) < 0.01


def test_next_to_the_shut_key_the_eye_is_not_drawn_from_the_open_one(
    opened: Key, shut: Key
) -> None:
    points = array_of(shut[1])
    for lid in LIDS:
        points[list(lid.upper)] = points[list(lid.lower)]
    closed = shut[0], with_points(shut[1], points)
    before = dissolve(opened, closed)
    assert laid(opened, closed, before, Fraction(49, 50)) is before


def test_eyes_that_stay_open_are_left_alone(opened: Key) -> None:
    other = blinking(0.1)
    before = dissolve(opened, other)
    assert laid(opened, other, before) is before


def test_unsure_landmarks_draw_no_eyes(opened: Key, shut: Key) -> None:
    before = dissolve(opened, shut)
    unsure = shut[0], replace(shut[1], confidence=SURE - 0.01)
    assert laid(opened, unsure, before) is before


def test_photos_are_left_alone(opened: Key, shut: Key) -> None:
    one, two = photographed(opened, shut)
    before = dissolve(one, two)
    assert laid(one, two, before) is before
