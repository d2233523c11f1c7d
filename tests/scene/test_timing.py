"""The timing chart gives exact positions and survives a round trip."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genani.scene.errors import ChartError
from genani.scene.record import from_json, to_json
from genani.scene.timing import SHAPES, TimingChart, inbetweening_order

ticks = st.lists(
    st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(999, 1000), max_denominator=1000),
    unique=True,
    max_size=20,
).map(sorted)


@given(ticks)
def test_chart_to_times_and_back(times: list[Fraction]) -> None:
    chart = TimingChart.custom(times)
    assert list(chart.ticks) == times
    assert from_json(to_json(chart), TimingChart) == chart
    assert TimingChart.custom(str(t) for t in chart.ticks) == chart


@pytest.mark.parametrize("shape", SHAPES)
@given(count=st.integers(0, 60))
def test_every_shape_rises_strictly_and_has_its_count(shape: str, count: int) -> None:
    divided = {
        "halves": (1, 3, 7, 15, 31),
        "thirds": (2, 5, 11, 23, 47),
        "quarters": (3, 7, 15, 31),
    }
    if count and count not in divided.get(shape, range(61)):
        with pytest.raises(ChartError, match=str(count)):
            TimingChart.of(shape, count)
        return
    chart = TimingChart.of(shape, count)
    assert len(chart) == count
    assert chart.shape == shape


def test_the_drawn_conventions() -> None:
    assert TimingChart.of("halves").ticks == (Fraction(1, 2),)
    assert TimingChart.of("halves", 3).ticks == (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
    assert TimingChart.of("thirds").ticks == (Fraction(1, 3), Fraction(2, 3))
    assert TimingChart.of("quarters").ticks == (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
    assert TimingChart.of("favour-first").ticks == (Fraction(1, 3),)
    assert TimingChart.of("favour-last").ticks == (Fraction(2, 3),)
    assert TimingChart.of("slow-in").ticks == (Fraction(1, 2), Fraction(3, 4), Fraction(7, 8))
    assert TimingChart.of("slow-out").ticks == (Fraction(1, 8), Fraction(1, 4), Fraction(1, 2))


@pytest.mark.parametrize("count", [1, 3, 5, 12])
def test_slow_out_crowds_the_first_key_and_slow_in_mirrors_it(count: int) -> None:
    out, back = TimingChart.of("slow-out", count).ticks, TimingChart.of("slow-in", count).ticks
    assert tuple(1 - t for t in reversed(out)) == back
    even = TimingChart.of("even", count).ticks
    assert all(t <= e for t, e in zip(out, even, strict=True))


@given(
    ticks,
    st.fractions(min_value=Fraction(1, 999), max_value=Fraction(998, 999), max_denominator=999),
)
def test_splitting_shares_out_the_ticks_exactly(times: list[Fraction], t: Fraction) -> None:
    before, after = TimingChart.custom(times).split(t)
    joined = [*(x * t for x in before.ticks), *(t + x * (1 - t) for x in after.ticks)]
    assert joined == [x for x in times if x != t]


@pytest.mark.parametrize("times", [["0"], ["1"], [".5", ".25"], [".5", ".5"], ["a"], ["1/0"]])
def test_bad_positions_are_refused(times: list[str]) -> None:
    with pytest.raises(ChartError):
        TimingChart.custom(times)


def test_unknown_chart_names_the_known_ones() -> None:
    with pytest.raises(ChartError, match="slow-out"):
        TimingChart.of("ease")


def test_order_is_halves_then_halves_of_halves() -> None:
    order = inbetweening_order(TimingChart.of("even", 7).ticks)
    assert order == [Fraction(i, 8) for i in (4, 2, 6, 1, 3, 5, 7)]


@given(ticks)
def test_order_keeps_every_time_once(times: list[Fraction]) -> None:
    order = inbetweening_order(times)
    assert sorted(order) == times
    if times:
        assert order[0] == min(times, key=lambda t: (abs(t - Fraction(1, 2)), t))
