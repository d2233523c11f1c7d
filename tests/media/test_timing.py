from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genani.media.clip import Exposed
from genani.media.timing import centiseconds, exposures, fitting_rate, milliseconds
from genani.scene.time import Rate
from tests.media.pictures import cel

RATES = [Rate(24), Rate(12), Rate(25), Rate(30), Rate(60), Rate(24000, 1001), Rate(7), Rate(120)]
PICTURE = cel(0)


def exposed(frames: list[int]) -> list[Exposed]:
    return [Exposed(PICTURE, count) for count in frames]


def test_24_frames_at_24_last_1000_ms() -> None:
    delays = centiseconds(exposed([1] * 24), Rate(24))
    assert sum(delays) == 100
    assert set(delays) == {4, 5}


@given(st.lists(st.integers(1, 50), min_size=1, max_size=40), st.sampled_from(RATES))
def test_times_never_drift(frames: list[int], rate: Rate) -> None:
    for unit, delays in (
        (100, centiseconds(exposed(frames), rate)),
        (1000, milliseconds(exposed(frames), rate)),
    ):
        for count in range(1, len(frames) + 1):
            true = rate.seconds(sum(frames[:count])) * unit
            assert abs(sum(delays[:count]) - true) <= Fraction(1, 2)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=30), st.sampled_from([24, 12, 8]))
def test_home_rate_is_found_again_from_rounded_times(frames: list[int], fps: int) -> None:
    for unit, delays in (
        (100, centiseconds(exposed(frames), Rate(fps))),
        (1000, milliseconds(exposed(frames), Rate(fps))),
    ):
        times = [Fraction(delay, unit) for delay in delays]
        rate = fitting_rate(times, Fraction(1, unit))
        assert rate == Rate(24)
        assert exposures(times, rate) == [count * 24 // fps for count in frames]


@pytest.mark.parametrize(
    ("milliseconds_", "fps"),
    [
        ([40] * 10, 25),
        ([100] * 10, 30),
        ([20] * 10, 50),
        ([30] * 10, 100),
        ([83, 83, 84, 83, 83, 84], 24),
        ([10, 30, 10], 100),
    ],
)
def test_other_rates_are_recognised(milliseconds_: list[int], fps: int) -> None:
    times = [Fraction(each, 1000) for each in milliseconds_]
    rate = fitting_rate(times, Fraction(1, 1000))
    assert rate == Rate(fps)
    assert sum(exposures(times, rate)) == round(sum(times) * fps)


@given(st.lists(st.fractions(Fraction(1, 500), 3), min_size=1, max_size=30), st.sampled_from(RATES))
def test_exposures_never_drift(times: list[Fraction], rate: Rate) -> None:
    frames = exposures(times, rate)
    assert all(count >= 0 for count in frames)
    for count in range(1, len(times) + 1):
        true = sum(times[:count]) * rate.fraction
        assert abs(sum(frames[:count]) - true) <= Fraction(1, 2)


def test_odd_times_lose_no_drawing() -> None:
    times = [Fraction(1, 37), Fraction(1, 11), Fraction(1, 53)]
    assert min(exposures(times, fitting_rate(times, Fraction(0)))) > 0
    assert fitting_rate([Fraction(1, 1000)] * 5, Fraction(1, 1000)) == Rate(120)
