from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.training.sources.bends import bend
from genani.training.sources.dice import Dice, exact
from genani.training.sources.grounds import ground
from genani.training.sources.sampling import (
    centres,
    halved,
    looked_up,
    nearest,
    over,
    premultiplied,
    straight,
)


def _noise(seed: int, size: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 4)).astype(np.uint8)


def test_the_same_dice_fall_alike_and_others_do_not() -> None:
    throws = [[Dice(1, n).between(0, 1) for n in range(8)] for _ in range(2)]
    assert throws[0] == throws[1]
    assert len(set(throws[0])) == 8


def test_dice_keep_their_bounds_and_shares() -> None:
    dice = Dice(3)
    assert all(2 <= dice.between(2, 5) < 5 for _ in range(200))
    assert {dice.whole(1, 3) for _ in range(100)} == {1, 2, 3}
    assert all(abs(dice.around(0.5)) <= 1.5 for _ in range(200))
    chosen = [dice.weighted((0.0, 3.0, 1.0)) for _ in range(2000)]
    assert 0 not in chosen
    assert chosen.count(1) / len(chosen) == pytest.approx(0.75, abs=0.04)


def test_exact_numbers_forget_the_last_digits() -> None:
    assert exact(0.1 + 2e-16) == exact(0.1)
    assert exact(0.3) == pytest.approx(0.3, abs=1e-6)


def test_a_look_at_the_middles_of_pixels_gives_the_picture() -> None:
    picture = _noise(1)
    assert (looked_up(picture, *centres(16)) == picture).all()


def test_a_look_halfway_between_pixels_gives_their_mean() -> None:
    picture = np.zeros((2, 2, 1), np.uint8)
    picture[:, 1] = 200
    found = looked_up(picture, np.full((1, 1), 1.0, np.float32), np.full((1, 1), 1.0, np.float32))
    assert found[0, 0, 0] == 100


@pytest.mark.parametrize(("clear", "told"), [(True, 0), (False, 255)])
def test_beyond_the_picture_there_is_nothing_or_its_edge(clear: bool, told: int) -> None:
    picture = np.full((4, 4, 1), 255, np.uint8)
    far = np.full((1, 1), 9, np.float32)
    assert looked_up(picture, far, far, clear)[0, 0, 0] == told
    value, inside = nearest(picture[..., 0], far, far)
    assert (value[0, 0], inside[0, 0]) == (255, False)


@given(st.integers(0, 99))
@settings(max_examples=10)
def test_premultiplying_and_back_keeps_opaque_pixels_and_nearly_all_others(seed: int) -> None:
    picture = _noise(seed)
    back = straight(premultiplied(picture))
    assert (back[..., 3] == picture[..., 3]).all()
    strong = picture[..., 3] > 128
    assert np.abs(back[strong].astype(int) - picture[strong]).max() <= 1


def test_an_opaque_picture_hides_and_a_clear_one_shows_what_is_behind() -> None:
    back = premultiplied(_noise(2))
    opaque = back.copy()
    opaque[..., 3] = 255
    assert (over(opaque, back) == opaque).all()
    assert (over(np.zeros_like(back), back) == back).all()


def test_halving_takes_the_mean_of_four() -> None:
    picture = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    assert halved(picture)[..., 0].tolist() == [[3, 5], [11, 13]]


@given(st.integers(0, 999))
@settings(max_examples=25, deadline=None)
def test_bends_come_back_to_where_they_began(seed: int) -> None:
    x, y = centres(64)
    for share in (-0.7, 0.4, 1.0):
        bent = bend(Dice(seed), 64, 1.0).scaled(share)
        back = bent.backward(*bent.forward(x, y))
        assert np.abs(np.stack(back) - np.stack([x, y])).max() < 0.05


def test_grounds_are_opaque_and_various() -> None:
    grounds = [ground(Dice(n), 48) for n in range(24)]
    assert all((each[..., 3] == 255).all() for each in grounds)
    assert len({each.tobytes() for each in grounds}) == 24
    busy = [len(np.unique(each.reshape(-1, 4), axis=0)) for each in grounds]
    assert min(busy) == 1
    assert max(busy) > 50
