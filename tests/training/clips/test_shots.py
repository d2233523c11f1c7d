"""Where films are cut, and what is left out of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.media.clip import Exposed
from genani.scene.picture import Picture
from genani.training.clips.shots import (
    LEAST_DRAWINGS,
    LONGEST_HOLD,
    SHORTEST,
    Left,
    Piece,
    Watcher,
    cut_up,
)
from tests.training.clips.films import SIZE, drawing, shot


def looked_at(drawings: list[Exposed], length: int = 48) -> tuple[list[Piece], list[Left]]:
    watcher = Watcher()
    for each in drawings:
        for _ in range(each.frames):
            watcher.add(each.picture)
    return cut_up(watcher.drawings, length)


def plain(level: int) -> Picture:
    return Picture(np.full((SIZE[1], SIZE[0], 4), (level, level, level, 255), np.uint8))


def mixed(one: Picture, two: Picture, share: float) -> Picture:
    return Picture(((1 - share) * one.pixels + share * two.pixels).round().astype(np.uint8))


def test_shots_are_cut_apart() -> None:
    pieces, left = looked_at([*shot(24), *shot(30, 1), *shot(20, 2)])
    assert [piece.frames for piece in pieces] == [
        tuple(range(24)),
        tuple(range(24, 54)),
        tuple(range(54, 74)),
    ]
    assert not left


def test_twos_stay_twos_and_a_cut_between_them_is_found() -> None:
    pieces, _ = looked_at([*shot(24, 0, 2), *shot(24, 1, 2)])
    assert [piece.frames for piece in pieces] == [tuple(range(24)), tuple(range(24, 48))]


def test_a_long_shot_is_divided_evenly_between_drawings() -> None:
    pieces, _ = looked_at(shot(150, 0, 3))
    assert [len(piece.frames) for piece in pieces] == [51, 48, 51]
    assert all(piece.frames[0] % 3 == 0 for piece in pieces)


def test_a_hold_is_shortened_to_the_rhythm() -> None:
    drawings = shot(24, 0, 2)
    held = [*drawings[:6], Exposed(drawings[6].picture, 40), *drawings[7:]]
    pieces, left = looked_at(held)
    assert [piece.frames for piece in pieces] == [(*range(14), *range(52, 62))]
    assert not left


def test_stills_short_and_empty_pieces_are_told() -> None:
    pieces, left = looked_at(
        [Exposed(drawing(0.5), 40), *shot(5, 1), Exposed(plain(0), 12), *shot(24, 2)]
    )
    assert [piece.frames for piece in pieces] == [tuple(range(57, 81))]
    assert [(each.first, each.last) for each in left] == [(0, 39), (40, 44), (45, 56)]
    assert "still" in left[0].why
    assert "5 frames" in left[1].why
    assert left[2].why == "empty"


def test_two_drawings_are_too_few() -> None:
    pieces, left = looked_at([Exposed(drawing(0.0), 6), Exposed(drawing(0.06), 6)])
    assert not pieces
    assert f"at least {LEAST_DRAWINGS}" in left[0].why


@pytest.mark.parametrize("level", [0, 255])
def test_fades_are_left_out(level: int) -> None:
    before, after = shot(24), shot(24, 1)
    out = [mixed(before[-1].picture, plain(level), n / 11) for n in range(1, 12)]
    back = [mixed(plain(level), after[0].picture, n / 9) for n in range(1, 9)]
    film = [*before, *map(Exposed, out), *map(Exposed, back), *after]
    pieces, left = looked_at(film)
    assert [piece.frames for piece in pieces] == [tuple(range(24)), tuple(range(43, 67))]
    assert {each.why for each in left} == {"a fade", "empty"}


def test_a_dissolve_is_left_out() -> None:
    before, after = shot(24), shot(24, 1)
    between = [mixed(before[-1].picture, after[0].picture, n / 13) for n in range(1, 13)]
    pieces, left = looked_at([*before, *map(Exposed, between), *after])
    assert [each.why for each in left] == ["a dissolve"]
    assert len(pieces) == 2
    assert set(range(25, 35)) <= set(range(left[0].first, left[0].last + 1))


def test_fast_motion_is_no_cut() -> None:
    pieces, left = looked_at(shot(8))
    assert [len(piece.frames) for piece in pieces] == [8]
    assert not left


def test_an_empty_film_has_nothing() -> None:
    assert looked_at([]) == ([], [])


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 4)), min_size=1, max_size=3),
    st.integers(SHORTEST, 60),
)
def test_every_frame_is_used_left_out_or_within_a_hold(
    shots: list[tuple[int, int]], length: int
) -> None:
    drawings = [
        each
        for number, (count, exposure) in enumerate(shots)
        for each in shot(count * exposure, number, exposure)
    ]
    total = sum(each.frames for each in drawings)
    pieces, left = looked_at(drawings, length)
    used = [frame for piece in pieces for frame in piece.frames]
    assert used == sorted(set(used))
    assert all(0 <= frame < total for frame in used)
    for piece in pieces:
        assert len(piece.frames) >= SHORTEST
        assert all(b - a == 1 for a, b in pairwise(piece.frames))
    dropped = {frame for each in left for frame in range(each.first, each.last + 1)}
    assert dropped | set(used) == set(range(total))
    assert LONGEST_HOLD > 4
