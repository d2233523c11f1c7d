from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.media.colour import (
    WHITE,
    bleed,
    flattened,
    grey_curve,
    over,
    profile_space,
    scaled,
    to_8,
    to_16,
    to_srgb,
)
from genani.scene.errors import PictureError
from genani.scene.picture import Picture
from tests.media.pictures import GREEN, RED, cel, icc, linear_profile, noise, small_pictures


def test_depths_are_exact_both_ways() -> None:
    eight = np.arange(256, dtype=np.uint8)
    assert np.array_equal(to_8(to_16(eight)), eight)
    deep = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(to_8(deep), np.floor(deep / 257 + 0.5))
    assert to_8(eight) is eight


@settings(deadline=None)
@given(small_pictures(), st.tuples(*[st.integers(0, 255)] * 3))
def test_matte_is_the_exact_mix(picture: Picture, matte: tuple[int, int, int]) -> None:
    pixels = picture.pixels.astype(float)
    alpha = pixels[..., 3:] / picture.white
    wanted = pixels[..., :3] * alpha + np.array(matte) * (picture.white / 255) * (1 - alpha)
    assert np.abs(over(picture.pixels, matte) - wanted).max() <= 0.51
    flat = flattened(picture, matte)
    assert flat.opaque
    assert flat.icc == picture.icc


def test_an_opaque_picture_is_not_touched_by_a_matte() -> None:
    picture = Picture(noise().pixels | np.array([0, 0, 0, 255], np.uint8))
    assert flattened(picture, WHITE) is picture


@settings(deadline=None)
@given(small_pictures())
def test_bleed_changes_only_hidden_colours(picture: Picture) -> None:
    filled = bleed(picture.pixels)
    drawn = picture.pixels[..., 3] > 0
    assert np.array_equal(filled[..., 3], picture.pixels[..., 3])
    assert np.array_equal(filled[drawn], picture.pixels[drawn])


@pytest.mark.parametrize("depth", [8, 16])
def test_bleed_spreads_the_nearest_colour(depth: int) -> None:
    pixels = cel(3).pixels if depth == 8 else to_16(cel(3).pixels)
    filled = bleed(pixels).astype(int) * 255 // np.iinfo(pixels.dtype).max
    assert np.abs(filled[2, 8, :3] - RED).max() <= 1
    assert np.abs(filled[26, 8, :3] - GREEN).max() <= 1
    assert np.abs(filled[0, 39, :3]).max() > 30  # far away: a mix, never black


def test_profiles_become_srgb() -> None:
    picture = noise(16, 16)
    assert to_srgb(picture) is picture.pixels
    same = to_srgb(Picture(picture.pixels, icc())).astype(int)
    assert np.abs(same - picture.pixels).max() <= 1
    grey = Picture(np.full((2, 2, 4), 128, np.uint8), linear_profile("RGB "))
    assert np.abs(to_srgb(grey)[0, 0].astype(int) - (188, 188, 188, 128)).max() <= 1
    assert np.array_equal(to_srgb(Picture(picture.pixels, b"broken")), picture.pixels)


def test_spaces_of_profiles() -> None:
    assert profile_space(icc()) == "RGB"
    assert profile_space(b"") == ""
    assert profile_space(bytes(200)) == ""
    assert grey_curve(icc()) is None


@pytest.mark.parametrize("depth", [8, 16])
def test_whole_enlargement_repeats_pixels(depth: int) -> None:
    picture = noise(depth=depth)
    double = scaled(picture, 2)
    assert double.size == (14, 10)
    assert np.array_equal(double.pixels[::2, ::2], picture.pixels)
    assert np.array_equal(double.pixels[1::2, 1::2], picture.pixels)
    assert scaled(picture, 1) is picture


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("scale", [0.5, 0.3, 1.7])
def test_scaling_leaves_no_fringe(depth: int, scale: float) -> None:
    pixels = cel(3).pixels[:15]
    picture = Picture(pixels if depth == 8 else to_16(pixels), icc())
    small = scaled(picture, scale)
    assert small.size == (round(40 * scale), round(15 * scale))
    assert (small.depth, small.icc) == (depth, picture.icc)
    shown = to_8(small.pixels)[small.pixels[..., 3] > small.white // 20].astype(int)
    assert len(shown)
    assert np.abs(shown[:, :3] - RED).max() <= 12


def test_scaling_to_a_monster_is_refused() -> None:
    with pytest.raises(PictureError, match="32768"):
        scaled(noise(1000, 2), 64)
