"""Strips: keys and a row of drawings between them, of every source."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genani.scene.errors import FileError, GenAniError, ModelError
from genani.training.sources import digits
from genani.training.sources.clips import ClipSource
from genani.training.sources.dice import Dice
from genani.training.sources.digits import DigitSource
from genani.training.sources.strip_mix import FilmStrips, RigStrips, StripMix, strip_material
from genani.training.sources.strips import Strip, StripSource, even_times, thrown_times
from tests.training.clips.films import data_set


def checked(strip: Strip, size: int, between: int) -> None:
    assert strip.frames.shape == (between + 2, size, size, 4)
    assert strip.frames.dtype == np.uint8
    assert strip.times[0] == 0
    assert strip.times[-1] == 1
    assert (np.diff(strip.times) > 0).all()
    hidden = strip.frames[strip.frames[..., 3] == 0]
    assert not hidden.any()


def same(one: Strip, other: Strip) -> bool:
    return np.array_equal(one.frames, other.frames) and np.array_equal(one.times, other.times)


@given(st.integers(0, 2**31), st.integers(1, 12))
def test_times_rise_and_no_two_drawings_fall_together(seed: int, between: int) -> None:
    times = thrown_times(Dice(seed), between)
    assert (times[0], times[-1], len(times)) == (0, 1, between + 2)
    assert np.diff(times).min() > 0.3 / (between + 1)


@pytest.mark.parametrize("source", [DigitSource(), DigitSource("test", count=1), RigStrips()])
def test_a_strip_is_a_function_of_its_arguments(source: StripSource) -> None:
    strip = source.strip(3, 5, 32, 2)
    checked(strip, 32, 2)
    assert same(strip, source.strip(3, 5, 32, 2))
    assert not same(strip, source.strip(3, 6, 32, 2))
    assert not np.array_equal(strip.frames[0], strip.frames[-1])


def test_held_back_digits_are_other_writings_at_even_times() -> None:
    shown: dict[str, set[bytes]] = {}
    for split in ("train", "test"):
        source = DigitSource(split)
        shown[split] = {source._writing(Dice(seed), 8).tobytes() for seed in range(300)}
        assert len(shown[split]) > 100
    assert not shown["train"] & shown["test"]
    for index in range(6):
        strip = DigitSource("test").strip(0, index, 32, 3)
        assert np.array_equal(strip.times, even_times(3))
    uneven = [DigitSource().strip(0, index, 32, 3).times for index in range(20)]
    assert 2 < sum(not np.array_equal(times, even_times(3)) for times in uneven) < 18


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000))
def test_digits_keep_their_ink_and_stay_on_the_canvas(index: int) -> None:
    """A digit is never cut off at an edge, nor fades on its way."""
    ink = DigitSource(count=1).strip(1, index, 64, 4).frames[..., 3].astype(float).sum((1, 2))
    assert ink.max() < 1.02 * ink.min()


@given(st.floats(-500, 500), st.floats(1, 100))
def test_what_bounces_stays_inside(place: float, room: float) -> None:
    assert -1e-9 <= digits._bounced(place, room) <= room + 1e-9
    assert digits._bounced(-place, room) == pytest.approx(digits._bounced(place, room), abs=1e-6)


def test_the_middle_lies_halfway_where_nothing_bounces() -> None:
    for index in range(40):
        frames = DigitSource("test", count=1).strip(0, index, 64, 1).frames[..., 3].astype(float)
        y, x = np.mgrid[:64, :64] + 0.5
        middles = [((x * f).sum() / f.sum(), (y * f).sum() / f.sum()) for f in frames]
        (x0, y0), (x1, y1), (x2, y2) = middles
        inside = all(22 < value < 42 for value in (x0, y0, x2, y2))
        if inside:
            assert (x1, y1) == pytest.approx(((x0 + x2) / 2, (y0 + y2) / 2), abs=0.3)


def test_without_scikit_learn_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    digits._writings.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ModelError, match=r"pip install genani\[digits\]"):
        DigitSource().strip(0, 0, 32, 1)
    with pytest.raises(GenAniError, match="nothing to train on: the moving digits"):
        strip_material({"digits": 1.0}, None, 0.5)
    digits._writings.cache_clear()


def test_a_mix_takes_of_each_by_its_share() -> None:
    mix = StripMix([(DigitSource(count=1), 1.0), (RigStrips(), 1.0)])
    names = [mix.strip(0, index, 32, 1).source for index in range(12)]
    assert set(names) == {"digits", "rig"}
    assert [mix.strip(0, index, 32, 1).source for index in range(12)] == names


def test_what_is_missing_is_left_out_and_said() -> None:
    drawings = strip_material({"digits": 1.0, "emoji": 1.0, "rig": 0.0}, None, 0.5)
    assert drawings.learnt.name == drawings.held.name == "digits"
    assert len(drawings.notes) == 1
    with pytest.raises(GenAniError, match="no strips called 'ict'; there are digits, rig and"):
        strip_material({"ict": 1.0}, None, 0.5)
    with pytest.raises(GenAniError, match="nothing to train on: no shares"):
        strip_material({"rig": 0.0}, None, 0.5)


def test_own_clips_come_with_others_and_judge(tmp_path: Path) -> None:
    data_set(tmp_path / "own", clips=12)
    drawings = strip_material({"digits": 1.0}, tmp_path / "own", 0.5)
    learnt = {drawings.learnt.strip(0, index, 32, 2).source for index in range(12)}
    assert learnt == {"clips", "digits"}
    for index in range(3):
        strip = drawings.held.strip(0, index, 32, 2)
        assert strip.source == "clips"
        checked(strip, 32, 2)
    data_set(tmp_path / "few", clips=1)
    with pytest.raises(FileError, match="too few clips"):
        FilmStrips(tmp_path / "few", held=True)


def gif(path: Path, shift: int) -> None:
    frames = []
    for at in range(8):
        picture = np.zeros((24, 24, 4), np.uint8)
        picture[4:12, at + shift : at + shift + 8] = (200, 40 * at % 255, 60, 255)
        frames.append(Image.fromarray(picture))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=40, lossless=True)


def test_clips_give_drawings_as_they_follow(tmp_path: Path) -> None:
    for number in range(9):
        gif(tmp_path / f"{number:02d}.webp", number % 4)
    learnt, held = ClipSource(tmp_path, held=False), ClipSource(tmp_path, held=True)
    assert not {path.name for path in learnt._paths} & {path.name for path in held._paths}
    assert len(learnt._paths) + len(held._paths) == 9
    for source in (learnt, held):
        strip = source.strip(0, 1, 32, 2)
        checked(strip, 32, 2)
        assert same(strip, source.strip(0, 1, 32, 2))
        assert not np.array_equal(strip.frames[0], strip.frames[1])
