"""The timing chart: where between two keys each in-between sits, as animators draw it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from genani.scene.errors import ChartError

MAX_TICKS = 1000
_HALF = Fraction(1, 2)


def _even(count: int) -> list[Fraction]:
    return [Fraction(i, count + 1) for i in range(1, count + 1)]


def _divided(parts: int, name: str) -> Callable[[int], list[Fraction]]:
    """Even ticks, but only for counts that come from cutting into `parts` and halving again."""

    def ticks(count: int) -> list[Fraction]:
        gaps = count + 1
        while gaps > parts and gaps % 2 == 0:
            gaps //= 2
        if gaps != parts:
            allowed = ", ".join(str(parts * 2**k - 1) for k in range(3))
            raise ChartError(
                f"a chart of {name} has {allowed}, ... in-betweens, not {count}; "
                "use 'even' for any number"
            )
        return _even(count)

    return ticks


def _slow_in(count: int) -> list[Fraction]:
    # Up to three ticks the drawn convention, halving towards the key. From four on halving
    # would put ticks closer than the line that draws them, so a parabola takes over.
    if count <= 3:
        return [1 - _HALF**i for i in range(1, count + 1)]
    return [1 - (1 - x) ** 2 for x in _even(count)]


def _slow_out(count: int) -> list[Fraction]:
    return [1 - t for t in reversed(_slow_in(count))]


def _cushion(count: int) -> list[Fraction]:
    return [x * x * (3 - 2 * x) for x in _even(count)]


def _favour_first(count: int) -> list[Fraction]:
    # Chosen so that one in-between falls on 1/3: the passing position nearer the first key.
    return [x - Fraction(2, 3) * x * (1 - x) for x in _even(count)]


def _favour_last(count: int) -> list[Fraction]:
    return [1 - t for t in reversed(_favour_first(count))]


SHAPES: dict[str, Callable[[int], list[Fraction]]] = {
    "even": _even,
    "halves": _divided(2, "halves"),
    "thirds": _divided(3, "thirds"),
    "quarters": _divided(4, "quarters"),
    "favour-first": _favour_first,
    "favour-last": _favour_last,
    "slow-out": _slow_out,
    "slow-in": _slow_in,
    "slow-out-slow-in": _cushion,
}
"""Chart shapes by name. `slow-out` crowds the ticks at the first key, `slow-in` at the second."""

USUAL_COUNT = {"halves": 1, "thirds": 2, "quarters": 3, "favour-first": 1, "favour-last": 1}
"""In-betweens of a shape when nobody says how many; 3 for the rest."""


@dataclass(frozen=True)
class TimingChart:
    """Ticks between the first key (0) and the second (1), one an in-between.

    Attributes:
        ticks: strictly rising exact fractions, each over 0 and under 1; may be empty.
        shape: the name in `SHAPES` that made the ticks, or `custom`.

    Raises:
        ChartError: ticks out of order or range, or over `MAX_TICKS`.
    """

    ticks: tuple[Fraction, ...] = ()
    shape: str = "custom"

    def __post_init__(self) -> None:
        if len(self.ticks) > MAX_TICKS:
            raise ChartError(f"a span takes at most {MAX_TICKS} in-betweens")
        bounds = (Fraction(0), *self.ticks, Fraction(1))
        for before, after in pairwise(bounds):
            if before >= after:
                raise ChartError(
                    "the ticks of a timing chart must rise from the first key (0) to the "
                    f"second (1), both left out: {float(after):g} cannot follow {float(before):g}"
                )

    @classmethod
    def of(cls, shape: str, count: int | None = None) -> TimingChart:
        """A chart of a named shape; `count` in-betweens or the shape's usual number.

        Raises:
            ChartError: unknown shape, a negative count, or one the shape does not have.
        """
        if shape not in SHAPES:
            raise ChartError(f"there is no chart '{shape}'; charts are {', '.join(SHAPES)}")
        number = USUAL_COUNT.get(shape, 3) if count is None else count
        if not 0 <= number <= MAX_TICKS:
            raise ChartError(f"a span takes 0 to {MAX_TICKS} in-betweens, not {number}")
        return cls(tuple(SHAPES[shape](number)) if number else (), shape)

    @classmethod
    def custom(cls, times: Iterable[Fraction | float | str]) -> TimingChart:
        """A chart of given positions; floats are taken by their decimal writing (0.1 is 1/10).

        Raises:
            ChartError: not numbers, or out of order or range.
        """
        try:
            ticks = tuple(t if isinstance(t, Fraction) else Fraction(str(t).strip()) for t in times)
        except (ValueError, ZeroDivisionError):
            raise ChartError(
                "the positions of a timing chart must be numbers like .25 or 1/3"
            ) from None
        return cls(ticks)

    @property
    def times(self) -> tuple[float, ...]:
        """The ticks as floats, for drawing."""
        return tuple(float(t) for t in self.ticks)

    def __len__(self) -> int:
        return len(self.ticks)

    def moved(self, index: int, t: Fraction) -> TimingChart:
        """The chart with one tick dragged elsewhere."""
        ticks = list(self.ticks)
        ticks[index] = t
        return TimingChart(tuple(ticks))

    def split(self, t: Fraction) -> tuple[TimingChart, TimingChart]:
        """The charts of the two halves when a breakdown is put at `t`; a tick at `t` becomes it.

        Raises:
            ChartError: `t` is not between the keys.
        """
        if not 0 < t < 1:
            raise ChartError("a breakdown must lie between the two keys")
        before = tuple(tick / t for tick in self.ticks if tick < t)
        after = tuple((tick - t) / (1 - t) for tick in self.ticks if tick > t)
        return TimingChart(before), TimingChart(after)


def inbetweening_order(times: Iterable[Fraction]) -> list[Fraction]:
    """Sort as an in-betweener works: nearest one half first, then halves of the halves.

    The middle drawing splits the rest in two; the drawing nearest the middle of the widest
    gap left comes next. Ties go to the earlier one.
    """
    left = sorted(set(times))
    done = [Fraction(0), Fraction(1)]
    order: list[Fraction] = []
    while left:

        def unease(t: Fraction) -> tuple[Fraction, Fraction, Fraction]:
            low = max(d for d in done if d <= t)
            high = min(d for d in done if d >= t)
            # Widest gap first; in it, the tick nearest its middle.
            return (low - high, abs(t - (low + high) / 2), t)

        best = min(left, key=unease)
        left.remove(best)
        done.append(best)
        order.append(best)
    return order
