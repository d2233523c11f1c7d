from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from genani.engines import finish
from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.finish import Finish
from genani.engines.inbetween.blend import BlendPainter
from genani.engines.inbetween.rife.painter import RifePainter
from genani.engines.inbetween.rife.versions import random_network
from genani.engines.painter import Painted, Painter, Tier
from genani.scene.errors import Cancelled, OutOfMemoryError
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest
from genani.scene.timing import inbetweening_order
from tests.engines.drawings import (
    BLUE,
    FULL,
    RED,
    THIRDS,
    SlidingPainter,
    coverage,
    disc,
    drawn,
    request,
)

SIZE = (96, 64)
RIFE = RifePainter(random_network("4.6"))


def moving_disc(**kind: object) -> SpanRequest:
    first, last = (disc(SIZE, (x, 30), **kind) for x in (30, 51))  # pyright: ignore[reportArgumentType]
    return request(first, last)


@pytest.mark.parametrize("painter", [BlendPainter(), RIFE])
@pytest.mark.parametrize("depth", [8, 16])
def test_size_depth_and_colours_of_the_keys_come_back(painter: Painter, depth: int) -> None:
    asked = moving_disc(depth=depth, icc=b"a profile")
    for between in drawn(asked, painter):
        assert between.picture.size == SIZE
        assert between.picture.depth == depth
        assert between.picture.icc == b"a profile"


@pytest.mark.parametrize("depth", [8, 16])
def test_a_soft_edge_over_nothing_keeps_its_colour_whatever_the_flow(depth: int) -> None:
    # A network of random weights pulls pixels from anywhere: still no dark fringe.
    white = (1 << depth) - 1
    for painter in (BlendPainter(), RIFE):
        for between in drawn(moving_disc(depth=depth), painter):
            pixels = between.picture.pixels.astype(float)
            seen = pixels[..., 3] > 0
            soft = seen & (pixels[..., 3] < white)
            assert soft.sum() > 20
            off = np.abs(pixels[seen][:, :3] / white - np.array(RED) / 255).max()
            assert off <= 1 / 255


@pytest.mark.parametrize("painter", [BlendPainter(), RIFE])
def test_empty_corners_stay_exactly_empty(painter: Painter) -> None:
    for between in drawn(moving_disc(), painter):
        pixels = between.picture.pixels
        assert (pixels[-4:] == 0).all()
        assert (pixels[:4, :4] == 0).all()
        assert (pixels[pixels[..., 3] == 0] == 0).all()


def test_a_trace_of_alpha_on_empty_paper_is_not_a_drawing() -> None:
    class Dusty(BlendPainter):
        def paint(
            self, state: tuple[torch.Tensor, torch.Tensor], t: float, token: CancelToken
        ) -> Painted:
            return Painted(super().paint(state, t, token).rgba + 2 / 255)

    for between in drawn(moving_disc(), Dusty(), wishes=Finish(keep_still=False)):
        assert (between.picture.pixels[0, :8] == 0).all()


def test_equal_keys_come_back_bit_for_bit() -> None:
    # Colours hidden under full transparency too.
    hidden = np.random.default_rng(0).integers(0, 256, (20, 30, 4)).astype(np.uint8)
    hidden[:10, :, 3] = 0
    key = Picture(hidden, b"icc")
    for between in drawn(request(key, Picture(hidden.copy(), b"icc"))):
        assert between.picture == key


@settings(max_examples=25, deadline=None)
@given(
    arrays.arrays(np.uint8, (24, 31, 4)),
    st.sampled_from([np.uint8, np.uint16]),
    st.integers(0, 20),
    st.integers(1, 9),
)
def test_what_both_keys_share_comes_back_bit_for_bit(
    pixels: np.ndarray, kind: type, row: int, many: int
) -> None:
    pixels = pixels.astype(kind) * (257 if kind is np.uint16 else 1)
    other = pixels.copy()
    other[row : row + 3, 3 : 3 + many] = 255 - other[row : row + 3, 3 : 3 + many] // 2
    (between,) = drawn(request(Picture(pixels), Picture(other), [Fraction(1, 3)]))
    result = between.picture.pixels
    seen = (pixels == other).all(2) & (pixels[..., 3] > 0)
    assert (result[seen] == pixels[seen]).all()
    assert (result[(pixels[..., 3] == 0) & (other[..., 3] == 0)] == 0).all()


def test_what_passes_over_a_still_place_is_drawn() -> None:
    # Both keys show bare paper at the middle, where the disc is at one half.
    first, last = (disc(SIZE, (x, 32), 8, paper=BLUE) for x in (12, 84))
    asked = request(first, last, [Fraction(1, 2)])
    (between,) = drawn(asked, SlidingPainter(72))
    assert tuple(between.picture.pixels[32, 48, :3]) == RED
    assert (between.picture.pixels[5, 48] == first.pixels[5, 48]).all()


def test_still_places_that_a_network_redraws_are_taken_from_the_keys() -> None:
    # Off by up to 30 levels, which only a painter that says "no motion" is not believed.
    asked = request(disc(SIZE, (30, 30), paper=BLUE), disc(SIZE, (34, 30), paper=BLUE))
    plain = Finish(palette_snap="off", colour_match=False)
    for between in drawn(asked, SlidingPainter(0, noise=30 / 255, knows=True), wishes=plain):
        still = (asked.first.pixels == asked.last.pixels).all(2)
        assert (between.picture.pixels[still] == asked.first.pixels[still]).all()
    asked_off = Finish("off", colour_match=False, keep_still=False)
    for between in drawn(asked, SlidingPainter(0, noise=30 / 255, knows=True), wishes=asked_off):
        assert (between.picture.pixels[5, :60] != asked.first.pixels[5, :60]).any()


def test_flat_art_keeps_to_the_palette_of_its_keys() -> None:
    # A painter that errs by 3 levels; tolerance: inside the shapes none at all.
    asked = moving_disc(paper=BLUE)
    noisy = SlidingPainter(21, noise=3 / 255)
    for between in drawn(asked, noisy, wishes=Finish(keep_still=False)):
        cover = coverage(SIZE, (30 + round(21 * float(between.t)), 30), 12)
        inside = coverage(SIZE, (30 + round(21 * float(between.t)), 30), 10) == 1
        outside = coverage(SIZE, (30 + round(21 * float(between.t)), 30), 14) == 0
        pixels = between.picture.pixels[..., :3]
        assert (pixels[inside] == RED).all()
        assert (pixels[outside] == BLUE).all()
        # The ramp of the edge is still a ramp.
        edge = pixels[(cover > 0.2) & (cover < 0.8)]
        assert len(np.unique(edge, axis=0)) > 5


@pytest.mark.parametrize("depth", [8, 16])
def test_a_drift_of_brightness_is_taken_out(depth: int) -> None:
    asked = moving_disc(paper=BLUE, depth=depth)
    white = (1 << depth) - 1
    for between in drawn(
        asked, SlidingPainter(21, gain=0.97, shift=0.02), wishes=Finish("off", keep_still=False)
    ):
        centre = between.picture.pixels[30, 30 + round(21 * float(between.t)), :3] / white
        # The paper tells the shift; the gain cannot be told from one colour.
        paper = between.picture.pixels[-4, 20, :3] / white
        assert np.abs(paper - np.array(BLUE) / 255).max() <= 1 / 255
        assert np.abs(centre - np.array(RED) / 255).max() <= 0.03


def test_the_mask_holds_the_first_key() -> None:
    asked = moving_disc(paper=BLUE)
    mask = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    mask[:30, :, 3] = 255
    mask[30, :, 3] = 128
    held = SpanRequest(asked.first, asked.last, THIRDS, asked.settings, mask=Picture(mask))
    for free, between in zip(drawn(asked), drawn(held), strict=True):
        pixels, first = between.picture.pixels, asked.first.pixels
        assert (pixels[:30] == first[:30]).all()
        assert (pixels[31:] == free.picture.pixels[31:]).all()
        half = (free.picture.pixels[30].astype(int) + first[30]) / 2
        assert np.abs(pixels[30] - half).max() <= 2


@settings(max_examples=20, deadline=None)
@given(st.sets(st.fractions(Fraction(1, 50), Fraction(49, 50)), min_size=1, max_size=7))
def test_the_middle_comes_first(times: set[Fraction]) -> None:
    asked = request(disc((20, 16), (8, 8), 4), disc((20, 16), (12, 8), 4), sorted(times))
    assert [between.t for between in drawn(asked)] == inbetweening_order(times)


@pytest.mark.parametrize("painter", [BlendPainter(), RIFE])
def test_cancel_stops_within_a_step(painter: Painter) -> None:
    told: list[str] = []
    token = CancelToken(lambda _share, text: told.append(text))
    betweens = drawn_one_by_one(moving_disc(), painter, token)
    next(betweens)
    token.cancel()
    with pytest.raises(Cancelled):
        next(betweens)
    assert told == ["in-between 1 of 2"]


def drawn_one_by_one(
    asked: SpanRequest, painter: Painter, token: CancelToken
) -> Iterator[InBetween]:
    return finish.draw(asked, token, painter, Device(), FULL)


def test_the_same_request_gives_the_same_pixels() -> None:
    once, again = drawn(moving_disc(), RIFE), drawn(moving_disc(), RIFE)
    assert [b.picture for b in once] == [b.picture for b in again]


def test_keys_of_different_profiles_are_told() -> None:
    first, last = disc(SIZE, (30, 30), icc=b"one"), disc(SIZE, (40, 30), icc=b"two")
    assert all("profile" in b.warnings[0] for b in drawn(request(first, last)))


def test_a_key_of_16_bits_goes_with_one_of_8() -> None:
    first, last = disc(SIZE, (30, 30), depth=16), disc(SIZE, (40, 30), depth=8)
    for between in drawn(request(first, last)):
        assert between.picture.depth == 16
        # 8 bits round a level's worth of difference; what is empty in both is the same.
        assert (between.picture.pixels[0] == 0).all()


class Hungry(BlendPainter):
    """Runs out of memory above a scale."""

    def __init__(self, most: float, error: BaseException) -> None:
        self._most = most
        self._error = error

    def prepare(
        self, first: torch.Tensor, last: torch.Tensor, scale: float, token: CancelToken
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if scale > self._most:
            raise self._error
        return super().prepare(first, last, scale, token)


TIERS = (Tier("full", 300), Tier("half-resolution flow", 100, scale=0.5))


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    ],
)
def test_out_of_memory_goes_on_at_the_next_tier(error: BaseException) -> None:
    plain = drawn(moving_disc())
    betweens = drawn(moving_disc(), Hungry(0.5, error), TIERS)
    assert [b.picture for b in betweens] == [b.picture for b in plain]
    assert all("half-resolution flow" in b.warnings[0] for b in betweens)


def test_out_of_memory_at_every_tier_gives_advice() -> None:
    with pytest.raises(OutOfMemoryError, match=r"not enough memory on cpu to draw 96 x 64"):
        drawn(moving_disc(), Hungry(0.1, MemoryError()), TIERS)


def test_what_cannot_fit_is_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "free", 1_000_000)
    with pytest.raises(OutOfMemoryError, match="use the engine 'blend'"):
        drawn(moving_disc(), tiers=(Tier("full", 300), Tier("tiled", 300, tile=32)))


def test_other_errors_are_not_hidden() -> None:
    with pytest.raises(RuntimeError, match="a bug"):
        drawn(moving_disc(), Hungry(0.1, RuntimeError("a bug")), TIERS)


def test_squares_give_what_the_whole_gives() -> None:
    whole = drawn(moving_disc())
    tiled = drawn(moving_disc(), tiers=(Tier("tiled", 300, tile=32),))
    for one, two in zip(whole, tiled, strict=True):
        off = one.picture.pixels.astype(int) - two.picture.pixels
        assert np.abs(off).max() <= 1


def test_full_hd_with_alpha() -> None:
    size = (1920, 1080)
    asked = request(
        *(disc(size, (x, 540), 200) for x in (700, 1200)),
        times=[Fraction(i, 4) for i in (1, 2, 3)],
    )
    betweens = drawn(asked)
    assert [b.t for b in betweens] == [Fraction(1, 2), Fraction(1, 4), Fraction(3, 4)]
    for between in betweens:
        pixels = between.picture.pixels
        assert pixels.shape == (1080, 1920, 4)
        assert (pixels[:300] == 0).all()
        assert tuple(pixels[540, 700, :3]) == RED
