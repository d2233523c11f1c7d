"""Mouth shapes as cues on frames: the minimum hold, and what it may cost."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.media.lipsync import MAX_HOLD, Spoken, cues, spoken_of
from genani.scene.acting import MouthCue, Viseme
from genani.scene.errors import SceneError
from genani.scene.time import Rate

RATE = Rate()
rates = st.sampled_from([Rate(12), Rate(24), Rate(25), Rate.of(23.976), Rate(30), Rate(60)])
holds = st.integers(1, 6)


@st.composite
def voices(draw: st.DrawFn) -> tuple[Spoken, ...]:
    lengths = draw(st.lists(st.integers(1, 40), min_size=1, max_size=25))
    at = draw(st.integers(0, 50))
    spoken: list[Spoken] = []
    for length in lengths:
        others = [shape for shape in Viseme if not spoken or shape is not spoken[-1].shape]
        spoken.append(Spoken(Fraction(at, 100), draw(st.sampled_from(others))))
        at += length
    if draw(st.booleans()):
        spoken.append(Spoken(Fraction(at, 100), None))
    return tuple(spoken)


def on_frames(text: str) -> tuple[Spoken, ...]:
    """A letter a frame at 24 a second, then the end."""
    frames = [*map(Viseme, text), None]
    return tuple(Spoken(RATE.seconds(at), shape) for at, shape in enumerate(frames))


def told(found: tuple[MouthCue, ...]) -> str:
    """The cues as a letter a frame."""
    return "".join((cue.shape or "-") * (after.frame - cue.frame) for cue, after in pairwise(found))


@given(voices(), rates, holds)
@settings(deadline=None)
def test_no_shape_is_shorter_than_the_hold(
    spoken: tuple[Spoken, ...], rate: Rate, hold: int
) -> None:
    found = cues(spoken, rate, hold)
    assert all(b.frame - a.frame >= hold for a, b in pairwise(found))
    assert all(a.shape is not b.shape for a, b in pairwise(found))
    assert all(cue.shape is not None for cue in found[:-1])


@given(voices(), rates, holds)
@settings(deadline=None)
def test_it_starts_and_ends_with_the_voice(
    spoken: tuple[Spoken, ...], rate: Rate, hold: int
) -> None:
    found = cues(spoken, rate, hold)
    assert abs(found[0].frame - 1 - spoken[0].seconds * rate.fraction) <= 1
    if spoken[-1].shape is None:
        assert found[-1].shape is None
        end = spoken[-1].seconds * rate.fraction
        assert found[-1].frame - 1 >= end - 1
        assert found[-1].frame - 1 <= max(end + 1, found[0].frame - 1 + hold)


@given(voices(), holds)
@settings(deadline=None)
def test_what_keeps_the_hold_already_is_left_as_it_is(
    spoken: tuple[Spoken, ...], hold: int
) -> None:
    found = cues(spoken, RATE, hold)
    assert cues(spoken_of(found, RATE), RATE, hold) == found


@given(voices(), st.integers(1, 500))
@settings(deadline=None)
def test_a_voice_that_begins_later_is_the_same_later(
    spoken: tuple[Spoken, ...], start: int
) -> None:
    now, later = cues(spoken, RATE), cues(spoken, RATE, start=start)
    assert later == tuple(MouthCue(cue.frame + start - 1, cue.shape) for cue in now)


@pytest.mark.parametrize(
    ("heard", "hold", "seen"),
    [
        ("DDDDADDDD", 2, "AA"),
        ("CCCCABBBB", 2, "AA"),
        ("DDDDDXDDDDD", 2, "DDDDDDDDDDD"),
        ("CCCCGCCCC", 2, "GG"),
        ("BBBBCDDDD", 2, None),
        ("AACCAACC", 2, "AACCAACC"),
        ("FAFAFAFA", 2, "AA"),
    ],
)
def test_closed_lips_are_kept_and_the_rest_gives_way(
    heard: str, hold: int, seen: str | None
) -> None:
    found = told(cues(on_frames(heard), RATE, hold))
    assert len(found) == len(heard)
    if seen is None:
        assert set(found) == {"B", "D"}
    else:
        assert seen in found


def test_every_closure_of_a_quick_voice_is_seen() -> None:
    found = told(cues(on_frames("DDDADDDADDDADDD"), RATE, 2))
    assert found.count("AA") == 3


def test_a_sound_shorter_than_a_frame_counts_by_its_length() -> None:
    spoken = (
        Spoken(Fraction(0), Viseme.C),
        Spoken(Fraction(100, 1000), Viseme.B),
        Spoken(Fraction(101, 1000), Viseme.C),
        Spoken(Fraction(1), None),
    )
    assert told(cues(spoken, RATE, 1)) == "C" * 24


def test_a_voice_shorter_than_the_hold_is_one_shape() -> None:
    found = cues(on_frames("CAC"), RATE, 6)
    assert found == (MouthCue(1, Viseme.A), MouthCue(7, None))


def test_no_voice_has_no_cues() -> None:
    assert cues((), RATE) == ()


@pytest.mark.parametrize("hold", [0, -1, MAX_HOLD + 1])
def test_an_impossible_hold_is_refused(hold: int) -> None:
    with pytest.raises(SceneError, match="held for 1 to"):
        cues(on_frames("AB"), RATE, hold)


def test_a_voice_past_the_last_frame_is_refused() -> None:
    with pytest.raises(SceneError, match="longest possible"):
        cues((Spoken(Fraction(0), Viseme.A), Spoken(Fraction(50_000), None)), RATE)


def test_where_the_lane_gives_the_mouth_back_a_file_says_rest() -> None:
    lane = (MouthCue(1, Viseme.A), MouthCue(5, None), MouthCue(9, Viseme.B), MouthCue(12, None))
    shapes = [each.shape for each in spoken_of(lane, RATE)]
    assert shapes == [Viseme.A, Viseme.X, Viseme.B, None]
