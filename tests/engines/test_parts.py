"""The finish's parts one by one: regions, tiers, palette, colour, mattes, cost."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from genani.engines import colour, cost, region, tensor, tiers
from genani.engines.device import Device
from genani.engines.painter import Tier
from genani.engines.palette import Palette, palette_of, snapped
from genani.scene.picture import Picture
from tests.engines.drawings import BLUE, RED, disc, request

SIDES = st.integers(1, 90)


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES, st.data(), st.integers(0, 20), st.sampled_from([1, 8, 64]))
def test_a_grown_box_stays_on_the_canvas_and_keeps_what_it_had(
    height: int, width: int, data: st.DataObject, margin: int, multiple: int
) -> None:
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    bottom = data.draw(st.integers(top + 1, height))
    right = data.draw(st.integers(left + 1, width))
    box = region.Box(top, left, bottom, right).grown(margin, height, width, multiple)
    assert 0 <= box.top <= max(0, top - margin)
    assert 0 <= box.left <= max(0, left - margin)
    assert height >= box.bottom >= min(height, bottom + margin)
    assert width >= box.right >= min(width, right + margin)
    assert box.height % multiple == 0 or box.height == height
    assert box.width % multiple == 0 or box.width == width


@settings(max_examples=60, deadline=None)
@given(arrays.arrays(np.bool_, st.tuples(SIDES, SIDES)))
def test_the_bounding_box_is_the_smallest(changed: np.ndarray) -> None:
    box = region.bounding_box(changed)
    if box is None:
        assert not changed.any()
        return
    assert changed[box.cut].sum() == changed.sum()
    part = changed[box.cut]
    assert part[0].any()
    assert part[-1].any()
    assert part[:, 0].any()
    assert part[:, -1].any()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from([32, 100]))
def test_squares_cover_all_and_their_weights_never_vanish(
    height: int, width: int, tile: int
) -> None:
    weight = np.zeros((height, width))
    for box in region.tiles(height, width, Tier("tiled", 1, tile=tile)):
        assert box.height <= tile
        assert box.width <= tile
        ramp = tiers.ramp(box, height, width, tile // 4, torch.device("cpu"))
        weight[box.cut] += ramp[0, 0].numpy()
    assert weight.min() > 0.01


def test_unchanged_sees_through_hidden_colour_and_depth() -> None:
    pixels = np.full((2, 3, 4), 200, np.uint8)
    other = pixels.copy()
    pixels[0, 0] = (1, 2, 3, 0)
    other[0, 0] = (9, 9, 9, 0)
    other[1, 2, 1] = 201
    deep = other.astype(np.uint16) * 257
    for last in (other, deep):
        same = region.unchanged(Picture(pixels), Picture(last))
        assert (~same).nonzero() == ([1], [2])


class Roomy(Device):
    """A device of known free memory."""

    room = 0

    @property
    def free(self) -> int:
        return self.room


TIERS = (
    Tier("full", 1000),
    Tier("half-resolution flow", 400, scale=0.5),
    Tier("tiled", 1000, tile=128),
)


@pytest.mark.parametrize(
    ("room", "names"),
    [
        (1 << 40, ["full", "half-resolution flow", "tiled"]),
        (1_600_000_000, ["half-resolution flow", "tiled"]),
        (500_000_000, ["tiled"]),
        (0, ["tiled"]),
    ],
)
def test_the_first_tier_that_fits_is_taken(
    room: int, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Roomy, "room", room)
    fitting = tiers.fitting(TIERS, 1080, 1920, Roomy())
    assert [tier.name for tier in fitting] == names


def test_a_large_picture_takes_the_tier_that_draws_it_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Roomy, "room", 1 << 40)
    choices = (Tier("full", 1, most_side=2000), Tier("half", 1, most_side=4000), Tier("quarter", 1))
    for side, name in ((2000, "full"), (2001, "half"), (4000, "half"), (9000, "quarter")):
        assert tiers.fitting(choices, 10, side, Roomy())[0].name == name


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(np.uint8, (5, 7, 4)),
    st.sampled_from([(np.uint8, 1), (np.uint16, 257)]),
)
def test_pixels_to_tensor_and_back(pixels: np.ndarray, kind: tuple[type, int]) -> None:
    pixels = pixels.astype(kind[0]) * kind[1]
    back = tensor.straight_pixels(tensor.premultiplied(pixels), pixels.itemsize * 8)
    seen = pixels[..., 3] > 0
    assert back.dtype == pixels.dtype
    assert (back[seen] == pixels[seen]).all()
    assert (back[~seen] == 0).all()


@pytest.mark.parametrize(
    ("edge", "white"), [((20, 20, 20), True), (RED, True), ((250, 248, 252), False)]
)
def test_the_matte_shows_the_edge(edge: tuple[int, int, int], white: bool) -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[10:30, 10:30] = (*edge, 255)
    key = tensor.premultiplied(pixels)
    matte = tensor.matte_for(key, key)
    assert bool((matte == 1).all()) is white
    assert (matte.flatten() - torch.tensor(edge) / 255).abs().max() > 0.2
    assert matte.min() > 0.3


def test_opaque_keys_take_the_white_matte() -> None:
    key = tensor.premultiplied(np.full((8, 8, 4), 255, np.uint8))
    assert (tensor.matte_for(key, key) == 1).all()
    assert torch.equal(tensor.over(key, tensor.matte_for(key, key)), key[:, :3])


def palette(*colours: tuple[int, ...]) -> Palette:
    return Palette(np.array(colours, np.float32) / np.float32(255), 1.0)


def gradient(size: int = 96) -> Picture:
    y, x = np.mgrid[:size, :size]
    pixels = np.stack([x * 255 // size, y * 255 // size, (x + y) // 2, np.full_like(x, 255)], 2)
    return Picture(pixels.astype(np.uint8))


def test_flat_art_is_known_by_its_colours() -> None:
    first, last = (disc((96, 64), (x, 30), paper=BLUE) for x in (30, 40))
    flat = palette_of(first, last)
    assert flat.is_flat_art
    found = {tuple(c) for c in np.rint(flat.colours[:, :3] * 255).astype(int).tolist()}
    assert found == {RED, BLUE}


def test_gradients_and_grain_have_no_palette() -> None:
    grain = np.random.default_rng(0).integers(90, 110, (96, 96, 4)).astype(np.uint8)
    grain[..., 3] = 255
    for key in (gradient(), Picture(grain), Picture.blank(20, 20)):
        none = palette_of(key, key)
        assert not none.is_flat_art
        assert (snapped(key.pixels, none) == key.pixels).all()


@settings(max_examples=60, deadline=None)
@given(arrays.arrays(np.uint8, (9, 11, 4)))
def test_snapping_moves_no_colour_far_and_no_edge(pixels: np.ndarray) -> None:
    result = snapped(pixels, palette((*RED, 255), (*BLUE, 255)))
    moved = (result != pixels).any(2)
    assert np.abs(result.astype(int) - pixels)[moved].max(initial=0) <= 10
    assert {tuple(c) for c in result[moved].tolist()} <= {(*RED, 255), (*BLUE, 255)}


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_flat_area_snaps_and_a_ramp_does_not(kind: type) -> None:
    scale = np.iinfo(kind).max // 255
    pixels = np.full((20, 40, 4), 255, np.int64)
    pixels[:, :20, :3] = (*RED[:2], RED[2] + 6)
    pixels[:, 20:, :3] = np.array(RED) - np.arange(20)[:, None] * 9
    pixels = (pixels.clip(0, 255) * scale).astype(kind)
    result = snapped(pixels, palette((*RED, 255)))
    assert (result[:, :18, :3] == np.array(RED) * scale).all()
    assert (result[:, 22:] == pixels[:, 22:]).all()


def test_gain_and_shift_are_found_among_outliers() -> None:
    random = torch.Generator().manual_seed(0)
    true = torch.cat((torch.rand(1, 3, 60, 60, generator=random), torch.ones(1, 1, 60, 60)), 1)
    made = true.clone()
    made[:, :3] = true[:, :3] * 0.96 + 0.015
    made[:, :3, :, :9] = 0.5
    still = torch.ones(1, 1, 60, 60, dtype=torch.bool)
    result = colour.matched(made, true, still)
    assert (result - true)[..., 9:].abs().max() < 2e-3
    assert torch.equal(colour.matched(true, true, still), true)
    # Nothing to measure on: nothing is done.
    assert torch.equal(colour.matched(made, true, ~still), made)


PACE = cost.Pace(load=1.0, prepare=1.0, paint=2.0, weights=1000)


def test_the_estimate_follows_size_count_and_change() -> None:
    def seconds(size: tuple[int, int], radius: float, count: int, loaded: bool = True) -> float:
        keys = (disc(size, (x, size[1] / 2), radius) for x in (size[0] * 0.4, size[0] * 0.6))
        asked = request(*keys, times=[Fraction(i, count + 1) for i in range(1, count + 1)])  # pyright: ignore[reportArgumentType]
        return cost.estimate(asked, Device(), TIERS, PACE, 32, 64, loaded).seconds

    small = seconds((640, 480), 200, 1)
    assert seconds((1280, 960), 400, 1) > 2 * small
    assert 1.5 * small < seconds((640, 480), 200, 3) < 3 * small
    assert seconds((640, 480), 20, 1) < small / 2
    assert seconds((640, 480), 200, 1, loaded=False) == pytest.approx(small + 1)


def test_equal_keys_cost_nothing() -> None:
    key = gradient()
    asked = request(key, Picture(key.pixels))
    assert cost.estimate(asked, Device(), TIERS, PACE, 1, 1, True).seconds == 0


def test_the_estimate_is_quick_at_4k() -> None:
    keys = np.zeros((2, 2160, 3840, 4), np.uint8)
    keys[0, 300:900, 1000:2000] = 200
    keys[1, 400:900, 1200:2200] = 200
    asked = request(Picture(keys[0]), Picture(keys[1]))
    began = time.thread_time()
    told = cost.estimate(asked, Device(), TIERS, PACE, 32, 64, True)
    assert time.thread_time() - began < 0.05
    assert told.device == "cpu"
    assert told.memory > 3840 * 2160 * 4
