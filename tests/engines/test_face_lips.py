"""Mouths between shut and open, laid into a dissolve: what is worst about one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from genani.engines.inbetween.face_lids import SURE
from genani.engines.inbetween.face_lips import Lips
from genani.face.mesh import CONTOURS, MOUTH, array_of, with_points
from genani.face.oval import Oval
from genani.face.trajectory import Trajectory
from genani.scene.face import Landmarks
from genani.scene.picture import Picture
from tests.benchmarks.drawn_faces import STYLES, drawn
from tests.engines.dissolves import Key, dissolve, off, photographed

CPU = torch.device("cpu")
HALF = Fraction(1, 2)


def saying(amount: float, style: str = "flat") -> Key:
    return drawn(STYLES[style], {"jawOpen": amount})


@pytest.fixture(scope="module", params=["flat", "ink"])
def style(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def shut(style: str) -> Key:
    return saying(0.0, style)


@pytest.fixture(scope="module")
def opened(style: str) -> Key:
    return saying(0.9, style)


def laid(one: Key, two: Key, before: Picture, t: Fraction = HALF) -> Picture:
    lips = Lips((one[0], two[0]), one[1], two[1], CPU)
    return lips.laid(before, Trajectory(one[1], two[1])(t))


def about_mouth(face: Landmarks, reach: float) -> NDArray[np.bool_]:
    """(H, W) within `reach` half widths of the lips' opening."""
    oval = Oval.of(array_of(face), MOUTH)
    y, x = np.mgrid[:640, :640] + 0.5
    away = oval.around(np.stack([x.ravel(), y.ravel()], 1)).reshape(640, 640)
    return away <= reach * oval.half


def test_half_open_mouths_are_nearer_to_the_truth_than_a_dissolve(
    style: str, shut: Key, opened: Key
) -> None:
    truth, before = saying(0.45, style), dissolve(shut, opened)
    done = laid(shut, opened, before)
    mouth = about_mouth(Trajectory(shut[1], opened[1])(HALF), 0.0)
    assert off(done, truth[0], mouth) < 0.6 * off(before, truth[0], mouth)


def test_nothing_changes_away_from_the_mouth(shut: Key, opened: Key) -> None:
    before = dissolve(shut, opened)
    done = laid(shut, opened, before)
    away = ~about_mouth(Trajectory(shut[1], opened[1])(HALF), 0.15)
    np.testing.assert_array_equal(done.pixels[away], before.pixels[away])


def test_backwards_it_is_the_same(shut: Key, opened: Key) -> None:
    before = dissolve(shut, opened)
    t = Fraction(2, 5)
    there, back = laid(shut, opened, before, t), laid(opened, shut, before, 1 - t)
    assert off(there, back, np.ones((640, 640), bool)) < 0.01


def test_next_to_the_shut_key_the_mouth_is_not_drawn_from_the_open_one(
    shut: Key, opened: Key
) -> None:
    before = dissolve(shut, opened)
    assert laid(shut, opened, before, Fraction(1, 20)) is before


def test_on_the_open_key_its_mouth_is_the_keys(shut: Key, opened: Key) -> None:
    done = laid(shut, opened, opened[0], Fraction(1))
    assert off(done, opened[0], about_mouth(opened[1], 0.2)) < 1


def test_mouths_that_stay_open_are_left_alone(style: str, opened: Key) -> None:
    other = saying(0.7, style)
    before = dissolve(opened, other)
    assert laid(opened, other, before) is before


def test_unsure_landmarks_draw_no_mouth(shut: Key, opened: Key) -> None:
    before = dissolve(shut, opened)
    unsure = opened[0], replace(opened[1], confidence=SURE - 0.01)
    assert laid(shut, unsure, before) is before


def test_landmarks_beside_the_mouth_draw_none(shut: Key, opened: Key) -> None:
    lips = [*CONTOURS["outer lips"], *CONTOURS["inner lips"]]
    points = array_of(opened[1])
    points[lips, 1] += 40
    amiss = opened[0], with_points(opened[1], points)
    before = dissolve(shut, opened)
    assert laid(shut, amiss, before) is before


def test_off_the_canvas_nothing_is_drawn(shut: Key, opened: Key) -> None:
    aside = np.array([2000.0, 0.0, 0.0])
    keys = [(each[0], with_points(each[1], array_of(each[1]) + aside)) for each in (shut, opened)]
    before = dissolve(shut, opened)
    assert laid(keys[0], keys[1], before) is before


def test_photos_are_left_alone(shut: Key, opened: Key) -> None:
    one, two = photographed(shut, opened)
    before = dissolve(one, two)
    assert laid(one, two, before) is before
