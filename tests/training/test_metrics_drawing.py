import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genani.training.metrics import Image, Mask
from genani.training.metrics_drawing import Palette, line_distance, lines

levels = st.integers(0, 255)
colours = st.tuples(levels, levels, levels)


def flat(*rgb: int) -> Image:
    return np.full((6, 6, 3), rgb, np.float32) / np.float32(255)


@given(colours, colours, st.tuples(*[st.integers(-4, 4)] * 3))
def test_colours_within_four_levels_belong(
    first: tuple[int, int, int], last: tuple[int, int, int], shift: tuple[int, int, int]
) -> None:
    palette = Palette(flat(*first), flat(*last))
    near = [min(max(a + b, 0), 255) for a, b in zip(last, shift, strict=True)]
    assert palette.holds(flat(*near)).all()


@given(colours, st.integers(0, 2), st.integers(8, 247))
def test_colours_eight_levels_off_do_not(
    colour: tuple[int, int, int], channel: int, shift: int
) -> None:
    far = list(colour)
    far[channel] = (colour[channel] + shift) % 256
    if abs(far[channel] - colour[channel]) >= 8:
        assert not Palette(flat(*colour), flat(*colour)).holds(flat(*far)).any()


def test_strangers_are_counted_among_moving_pixels_only() -> None:
    palette = Palette(flat(255, 255, 255), flat(0, 0, 0))
    image = flat(255, 255, 255).copy()
    image[:3] = 0.5
    where = np.zeros((6, 6), bool)
    where[2:4] = True
    assert palette.strangers(image, where) == pytest.approx(50)
    assert palette.strangers(image, ~np.ones((6, 6), bool)) is None


def upright(x: int) -> Mask:
    mask = np.zeros((20, 30), bool)
    mask[:, x] = True
    return mask


@given(st.integers(0, 29), st.integers(0, 29))
def test_a_line_out_of_place_is_as_far_as_it_moved(one: int, other: int) -> None:
    assert line_distance(upright(one), upright(other)) == pytest.approx(abs(one - other), abs=1e-4)


def test_a_line_too_many_counts_half() -> None:
    both = upright(5) | upright(11)
    assert line_distance(both, upright(5)) == pytest.approx((6 / 2 + 0) / 2)
    assert line_distance(upright(5), both) == pytest.approx((6 / 2 + 0) / 2)


def test_no_lines_at_all() -> None:
    empty = np.zeros((30, 40), bool)
    some = empty.copy()
    some[3, 3] = True
    assert line_distance(empty, empty) == 0
    assert line_distance(empty, some) == math.hypot(30, 40) == line_distance(some, empty)


def test_lines_are_found_where_the_drawing_has_them() -> None:
    image = np.ones((40, 40, 3), np.float32)
    image[10:30, 12:28] = 0
    found = lines(image)
    assert found[12:28, 10:14].any(axis=1).all()
    assert not found[:8].any()
    assert not lines(np.ones((40, 40, 3), np.float32)).any()
