"""Between exposures in frames and times in a file's own unit, without drift."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from genani.media.clip import Exposed
from genani.scene.time import Rate

_RATES = tuple(Rate(fps) for fps in (24, 25, 30, 48, 50, 60, 100, 120))
"""Tried in this order for a file that has times but no rate; 24 also stands for 12 and 8."""

HALF = Fraction(1, 2)


def ticks(drawings: Iterable[Exposed], rate: Rate, per_second: int) -> list[int]:
    """How long each drawing lasts in units of 1 / `per_second`, in whole units.

    Every start time is rounded (half up), never a length, so that errors do not add up: the sum
    is the rounded length of the whole. A drawing shorter than a unit may last 0.
    """
    frames = 0
    starts = [0]
    for drawing in drawings:
        frames += drawing.frames
        starts.append(int(frames * per_second / rate.fraction + HALF))
    return [after - before for before, after in pairwise(starts)]


def centiseconds(drawings: Iterable[Exposed], rate: Rate) -> list[int]:
    """How long each drawing lasts in a GIF, in hundredths of a second."""
    return ticks(drawings, rate, 100)


def milliseconds(drawings: Iterable[Exposed], rate: Rate) -> list[int]:
    """How long each drawing lasts in a WebP, in thousandths of a second."""
    return ticks(drawings, rate, 1000)


def exposures(durations: Sequence[Fraction], rate: Rate) -> list[int]:
    """Frames that each drawing is exposed at a rate, from its duration in seconds.

    Start times are rounded, not lengths, so that the whole keeps its length to half a frame. A
    drawing that falls between two frames gets 0.
    """
    starts = [0, *(int(time * rate.fraction + HALF) for time in _ends(durations))]
    return [after - before for before, after in pairwise(starts)]


def fitting_rate(durations: Sequence[Fraction], unit: Fraction) -> Rate:
    """The rate behind times that a file has rounded to its own unit.

    Args:
        durations: seconds of each drawing, over 0.
        unit: the file's unit of time in seconds; 0 where its times are exact.

    Returns:
        24 if every drawing starts within half a unit of one of its frames, else the first of 25,
        30, 48, 50, 60, 100 and 120 for which that is so. If there is none: the first at which no
        drawing is lost, or 120.
    """
    ends = _ends(durations)
    for rate in _RATES:
        frames = exposures(durations, rate)
        at = _ends([Fraction(count) / rate.fraction for count in frames])
        if min(frames) > 0 and all(abs(a - b) <= unit / 2 for a, b in zip(at, ends, strict=True)):
            return rate
    return next((rate for rate in _RATES if min(exposures(durations, rate)) > 0), _RATES[-1])


def _ends(durations: Sequence[Fraction]) -> list[Fraction]:
    ends: list[Fraction] = []
    for duration in durations:
        ends.append((ends[-1] if ends else Fraction(0)) + duration)
    return ends
