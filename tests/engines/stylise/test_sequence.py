"""Restyled sequences: no flicker, no trails, holds, cuts, alpha, cancel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from genani.engines.api import CancelToken, Cost
from genani.engines.stylise.api import StyleSettings, StylistInfo
from genani.engines.stylise.following import pulled, ways
from genani.engines.stylise.sequence import stylise_sequence
from genani.scene.errors import Cancelled
from genani.scene.picture import Picture
from genani.training.metrics import on_white, warping_error

SETTINGS = StyleSettings("boiling")
SIDE = 72


class Boiling:
    """A stylist that tints every picture it sees a little otherwise, and in patches."""

    info = StylistInfo("boiling", "Boiling", "Never the same twice.")

    def __init__(self) -> None:
        self.drawn = 0

    def estimate(
        self, size: tuple[int, int], count: int = 1, settings: StyleSettings | None = None
    ) -> Cost:
        del size, count, settings
        return Cost(0.0, 0, "cpu")

    def stylise(self, picture: Picture, settings: StyleSettings, token: CancelToken) -> Picture:
        del settings
        token.step(0.5, "drawing")
        rng = np.random.default_rng(self.drawn)
        self.drawn += 1
        coarse = rng.normal(0, 10, (9, 9, 3)).repeat(SIDE // 9, 0).repeat(SIDE // 9, 1)
        pixels = picture.pixels.copy()
        inverse = 255 - pixels[..., :3] + coarse
        pixels[..., :3] = np.clip(inverse, 0, 255) * (pixels[..., 3:] > 0)
        return Picture(pixels)


class Plain(Boiling):
    """A stylist that leaves everything as it is."""

    def stylise(self, picture: Picture, settings: StyleSettings, token: CancelToken) -> Picture:
        del settings, token
        return picture


def scene(at: int, seed: int = 0, ground: int = 90) -> Picture:
    """A patterned square on a patterned ground; the square is moved by `at` pixels."""
    rng = np.random.default_rng(seed)
    pattern = rng.integers(-25, 25, (SIDE // 3, SIDE // 3, 3)).repeat(3, 0).repeat(3, 1)
    pixels = np.full((SIDE, SIDE, 4), 255, np.uint8)
    pixels[..., :3] = np.clip(ground + pattern, 0, 255)
    pixels[24:48, 6 + at : 30 + at, :3] = 215 + pattern[:24, :24] // 2
    return Picture(pixels)


def restyled(pictures: Sequence[Picture]) -> tuple[list[Picture], list[Picture]]:
    """Steadied, and each for itself."""
    steady = list(stylise_sequence(Boiling(), pictures, SETTINGS, CancelToken()))
    alone = Boiling()
    return steady, [alone.stylise(each, SETTINGS, CancelToken()) for each in pictures]


def test_flicker_is_less_than_half_and_nothing_trails() -> None:
    pictures = [scene(3 * index) for index in range(8)]
    steady, alone = restyled(pictures)
    sources = [on_white(each) for each in pictures]
    before = warping_error([on_white(each) for each in alone], sources)
    after = warping_error([on_white(each) for each in steady], sources)
    assert before is not None
    assert after is not None
    assert after < 0.5 * before
    assert steady[0] == alone[0]
    # Ground that the square has left is as the style draws ground: no ghost of the square.
    left = np.s_[26:46, 8:24, :3]
    apart = np.abs(steady[7].pixels[left].astype(int) - (255 - pictures[7].pixels[left])).mean()
    assert apart < 12


def test_a_hold_is_the_very_same_picture_and_costs_nothing() -> None:
    one, two = scene(0), scene(4)
    stylist = Boiling()
    made = list(
        stylise_sequence(stylist, [one, scene(0), one, two, two], SETTINGS, CancelToken(), 5)
    )
    assert made[0] is made[1] is made[2]
    assert made[3] is made[4]
    assert stylist.drawn == 2


def test_a_cut_begins_anew() -> None:
    pictures = [scene(0), scene(2), scene(10, seed=8, ground=200), scene(12, seed=8, ground=200)]
    steady, alone = restyled(pictures)
    assert steady[1] != alone[1]
    assert steady[2] == alone[2]
    assert steady[3] != alone[3]


def test_another_size_begins_anew() -> None:
    small = Picture(scene(0).pixels[: SIDE // 2, : SIDE // 2].copy())

    made = list(stylise_sequence(Plain(), [scene(0), small], SETTINGS, CancelToken()))
    assert made[1] == small


def test_alpha_is_kept_and_nothing_shows_without_it() -> None:
    def cel(at: int) -> Picture:
        pixels = scene(at).pixels.copy()
        pixels[..., 3] = 0
        pixels[24:48, 6 + at : 30 + at, 3] = 255
        pixels[24:48, 6 + at, 3] = 120
        pixels[..., :3] *= pixels[..., 3:] > 0
        return Picture(pixels)

    pictures = [cel(2 * index) for index in range(4)]
    steady, _ = restyled(pictures)
    for source, made in zip(pictures, steady, strict=True):
        assert np.array_equal(made.pixels[..., 3], source.pixels[..., 3])
        assert not made.pixels[made.pixels[..., 3] == 0].any()
    # Where it is opaque the ground without alpha does not bleed in.
    inside = np.s_[28:44, 16:32, :3]
    assert (
        np.abs(steady[3].pixels[inside].astype(int) - (255 - pictures[3].pixels[inside])).mean()
        < 14
    )


def test_sixteen_bits_stay_sixteen() -> None:
    def deep(at: int) -> Picture:
        return Picture(scene(at).pixels.astype(np.uint16) * 257)

    made = list(stylise_sequence(Plain(), [deep(0), deep(2)], SETTINGS, CancelToken()))
    assert made[1].depth == 16
    assert np.abs(made[1].pixels.astype(int) - deep(2).pixels).mean() < 257


def test_cancel_stops_between_pictures_and_progress_tells_which() -> None:
    told: list[tuple[float, str]] = []
    token = CancelToken(lambda share, text: told.append((share, text)))
    running = stylise_sequence(Boiling(), [scene(0), scene(2), scene(4)], SETTINGS, token, count=3)
    next(running)
    token.cancel()
    with pytest.raises(Cancelled):
        next(running)
    assert told[0][0] == pytest.approx(0.5 / 3)
    assert "picture 1" in told[0][1]


def test_motion_is_found_both_ways_at_any_size() -> None:
    here, there = (on_white(scene(at)) for at in (6, 2))
    grown = [np.kron(each, np.ones((14, 14, 1), np.float32)) for each in (here, there)]
    for one, two, scale in ((here, there, 1), (*grown, 14)):
        forth, back = ways(one, two)
        assert forth.shape == (*one.shape[:2], 2)
        middle = np.s_[30 * scale : 42 * scale, 20 * scale : 28 * scale]
        assert np.median(forth[middle][..., 0]) == pytest.approx(-4 * scale, abs=0.7 * scale)
        middle = np.s_[30 * scale : 42 * scale, 14 * scale : 22 * scale]
        assert np.median(back[middle][..., 0]) == pytest.approx(4 * scale, abs=0.7 * scale)


def test_what_is_pulled_by_nothing_stays() -> None:
    one = on_white(scene(0))
    assert pulled(one, np.zeros((SIDE, SIDE, 2), np.float32)) == pytest.approx(one)
