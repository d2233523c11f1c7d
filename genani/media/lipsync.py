"""Mouth shapes for a voice: from lip-sync files or from the recording, to the frames of a lane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from genani.scene.acting import MouthCue, Viseme
from genani.scene.errors import SceneError
from genani.scene.time import MAX_FRAME, Rate

HOLD = 2
"""Frames that a mouth shape is held for at least, unless the animator says otherwise."""

MAX_HOLD = 24

_MATTERS = {Viseme.A: 3.0, Viseme.G: 2.0, Viseme.F: 1.5, Viseme.D: 1.5, Viseme.X: 0.8}
"""How much a frame of a shape is missed when another is shown; 1 for all others. Lips that do not
close on an M are what everybody sees."""

_ALIKE = frozenset(
    frozenset(pair) for pair in ("AX", "BC", "BG", "CD", "CH", "DH", "CE", "EF", "BH")
)
"""Shapes that may stand for each other at half the price."""

_CHANGE = 0.01
"""The price of a change, so that of two ways as good the calmer one is taken."""


@dataclass(frozen=True)
class Spoken:
    """From a time on the mouth has a shape.

    Attributes:
        seconds: since the recording's start.
        shape: None where the recording ends.
    """

    seconds: Fraction
    shape: Viseme | None


def cues(
    spoken: Sequence[Spoken], rate: Rate, hold: int = HOLD, start: int = 1
) -> tuple[MouthCue, ...]:
    """The shapes as cues on frames, none held for fewer than `hold`.

    Of all ways to show the voice with shapes that long the one is taken that misses least of it,
    by dynamic programming over frames; closed lips count most.

    Args:
        spoken: in order of time.
        rate: of the scene.
        hold: frames, 1 to `MAX_HOLD`.
        start: the frame on which the recording begins.

    Raises:
        SceneError: a hold out of range, or a voice longer than a timeline can be.
    """
    if not 1 <= hold <= MAX_HOLD:
        raise SceneError(f"a mouth shape is held for 1 to {MAX_HOLD} frames at least, not {hold}")
    if not spoken:
        return ()
    ended = spoken[-1].shape is None
    stops = [each.seconds * rate.fraction for each in spoken]
    if not ended:
        stops.append(stops[-1] + hold)
    # A frame belongs to what fills most of it.
    first, last = (int(stop + Fraction(1, 2)) for stop in (stops[0], stops[-1]))
    frames = max(last, first + 1)
    if start + frames > MAX_FRAME:
        raise SceneError("the voice is longer than the longest possible scene")
    shown = _shown(_shares(spoken, stops, first, frames), hold)
    found = [
        MouthCue(start + first + frame, shape)
        for frame, shape in enumerate(shown)
        if frame == 0 or shape is not shown[frame - 1]
    ]
    if ended:
        found.append(MouthCue(start + first + len(shown), None))
    return tuple(found)


def spoken_of(lane: Sequence[MouthCue], rate: Rate, start: int = 1) -> tuple[Spoken, ...]:
    """The way back: cues as times; where the lane gives the mouth back, it is at rest."""
    return tuple(
        Spoken(
            rate.seconds(cue.frame - start),
            Viseme.X if cue.shape is None and cue is not lane[-1] else cue.shape,
        )
        for cue in lane
    )


def _shares(
    spoken: Sequence[Spoken], stops: Sequence[Fraction], first: int, frames: int
) -> NDArray[np.float64]:
    """(frames - first, 9) how much of each frame each shape fills."""
    order = {shape: place for place, shape in enumerate(Viseme)}
    shares = np.zeros((frames - first, len(order)))
    for each, (begin, end) in zip(spoken, pairwise(stops), strict=False):
        if each.shape is None:
            continue
        low, high = float(begin) - first, float(end) - first
        for frame in range(max(int(low), 0), min(int(np.ceil(high)), len(shares))):
            inside = min(high, frame + 1) - max(low, frame)
            shares[frame, order[each.shape]] += max(inside, 0.0)
    return shares


def _shown(shares: NDArray[np.float64], hold: int) -> list[Viseme]:
    """The shape on each frame, at least `hold` of them."""
    shapes = list(Viseme)
    missed = shares @ _prices()
    if len(missed) < hold:
        return [shapes[int(missed.sum(0).argmin())]] * hold
    total = np.concatenate([np.zeros((1, len(shapes))), np.cumsum(missed, axis=0)])
    best = np.full((len(missed) + 1, len(shapes)), np.inf)
    came: list[list[tuple[int, int]]] = [[(0, 0)] * len(shapes) for _ in range(len(missed) + 1)]
    best[hold] = total[hold]
    for end in range(hold + 1, len(missed) + 1):
        best[end] = best[end - 1] + missed[end - 1]
        came[end] = [(end - 1, shape) for shape in range(len(shapes))]
        before = end - hold
        if before < hold:
            continue
        other = int(best[before].argmin())
        changed = best[before, other] + _CHANGE + total[end] - total[before]
        for shape in np.flatnonzero(changed < best[end]):
            best[end, shape] = changed[shape]
            came[end][shape] = (before, other)
    shape = int(best[-1].argmin())
    shown: list[Viseme] = []
    end = len(missed)
    while end:
        before, other = came[end][shape] if end > hold else (0, shape)
        shown += [shapes[shape]] * (end - before)
        end, shape = before, other
    return shown[::-1]


def _prices() -> NDArray[np.float64]:
    """(9, 9) what it costs to show the shape of a column for that of a row."""
    shapes = list(Viseme)
    prices = np.ones((len(shapes), len(shapes))) - np.eye(len(shapes))
    for row, heard in enumerate(shapes):
        prices[row] *= _MATTERS.get(heard, 1.0)
        for column, seen in enumerate(shapes):
            if frozenset((heard.value, seen.value)) in _ALIKE:
                prices[row, column] /= 2
    return prices
