"""Eyes, brows and lips between their pins: round, of even thickness, and in order.

A spline through few pins makes diamonds of tall eyes and crosses the lips of a line mouth. Each
part is therefore shaped in its own frame, such that the canonical face comes out as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from genani.face.mesh import BROWS, LIDS, LIPS, MOUTH, FloatArray, Lid, canonical

_ROUND = (1.2, 2.5)
"""Openings of an eye, against the canonical one, from which it gets rounder, and is an ellipse."""

_LINE = 0.01
"""Thickness of lips, in shares of half their width, below which they have no shape to keep."""

_SHUT = 0.02
"""Height of a lid, in shares of the eye's width, below which it has no shape of its own."""

_MEETING = 0.5
"""Gap between the lids, in shares of how far both lie off the line between the corners, below
which they are drawn as one arc."""

_LARGEST_IRIS = 1.6
"""Against the canonical one, in an eye as wide."""

_QUARTERS = np.array([[8, 0, 0], [3, 6, -1], [0, 8, 0], [-1, 6, 3], [0, 0, 8]]) / 8
"""Places at the quarters of a parabola from its start, middle and end."""

Turn = Callable[[FloatArray], FloatArray]
"""Brings directions (N, 2) of the canonical face, and lengths, to the canvas."""


def shape_parts(points: FloatArray, pinned: Iterable[int], turned: Turn) -> None:
    """Shape eyes, brows and lips in place, where all pins of one are given.

    Args:
        points: (478, 2) on the canvas; pinned ones are not moved.
        pinned: which points are pins.
        turned: the pose of the head.
    """
    given, rest = set(pinned), canonical().points
    for lid in LIDS:
        if {lid.outer, lid.inner, lid.upper[3], lid.lower[3]} <= given:
            shape_eye(points, lid, rest)
            if lid.iris[0] in given:
                _size_iris(points, lid)
    for upper, lower in BROWS:
        if {upper[0], upper[2], upper[4]} <= given:
            shape_brow(points, list(upper), list(lower), rest, turned)
    if {LIPS.outer, LIPS.inner, LIPS.upper[4], LIPS.lower[4]} <= given:
        shape_lips(points, rest)


class _Frame:
    """Coordinates along and across an opening; its corners lie at 0 and 1."""

    def __init__(self, points: FloatArray, lid: Lid) -> None:
        self._origin = points[lid.outer, :2]
        self._along = points[lid.inner, :2] - self._origin
        self._square = max(float(self._along @ self._along), 1e-12)
        self._across = np.array([-self._along[1], self._along[0]])

    def of(self, places: FloatArray) -> FloatArray:
        """(N, 2) along and across, from places on the canvas."""
        off = places[:, :2] - self._origin
        return np.stack([off @ self._along, off @ self._across], 1) / self._square

    def to(self, places: FloatArray) -> FloatArray:
        """(N, 2) on the canvas."""
        return self._origin + places[:, :1] * self._along + places[:, 1:] * self._across


def shape_brow(
    points: FloatArray, upper: list[int], lower: list[int], rest: FloatArray, turned: Turn
) -> None:
    """A parabola through the three pins, off it as far as at rest; as thick as at rest.

    Args:
        points: (478, 2) on the canvas; changed, but for the ends and the middle of the upper row.
        upper, lower: rows of the brow.
        rest: (478, 2 or 3) a face whose brow has the shape that is to be kept.
        turned: from that face to the canvas.
    """
    flat = rest[:, :2]
    off = flat[upper] - _QUARTERS @ flat[upper[::2]]
    points[upper[1::2]] = (_QUARTERS @ points[upper[::2]] + turned(off))[1::2]
    points[lower] = points[upper] + turned(flat[lower] - flat[upper])


def shape_eye(points: FloatArray, lid: Lid, rest: FloatArray) -> None:
    """Lids run through their pins as they do at rest, round where an eye gets tall or they meet.

    Args:
        points: (478, 2) on the canvas; changed, but for the corners and the middle of each lid.
        lid: the eye.
        rest: (478, 2 or 3) a face whose eye has the shape that is to be kept.
    """
    before, now = _Frame(rest, lid), _Frame(points, lid)
    pins = [lid.upper[3], lid.lower[3]]
    was, pin = before.of(rest[pins]), now.of(points[pins])
    old, new = _roundness(was), _roundness(pin)
    share = max(max(new - old, 0) / max(1 - old, 1e-9), _met(pin) - _met(was))
    angle = np.pi * np.arange(1, 8) / 8
    for k, chain in enumerate((list(lid.upper), list(lid.lower))):
        own, top = before.of(rest[chain]), was[k]
        if abs(top[1]) < _SHUT:
            own, top = _canonical_lid(lid, chain)
        height = own[:, 1] / top[1]
        scaled = np.stack([own[:, 0] + height * (pin[k, 0] - top[0]), height * pin[k, 1]], 1)
        lean = (pin[k, 0] - 0.5) * np.sin(angle)
        ellipse = np.stack([(1 - np.cos(angle)) / 2 + lean, np.sin(angle) * pin[k, 1]], 1)
        kept = points[chain[3]].copy()
        points[chain] = now.to(scaled + share * (ellipse - scaled))
        points[chain[3]] = kept


def _canonical_lid(lid: Lid, chain: list[int]) -> tuple[FloatArray, FloatArray]:
    """(7, 2) and (2,) along and across the canonical eye: a lid, and its pin."""
    own = _Frame(canonical().points, lid).of(canonical().points[chain])
    return own, own[3]


def _met(pin: FloatArray) -> float:
    """0 to 1 where both pins (2, 2) lie beside each other, off the line between the corners."""
    (upper, lower), least = pin[:, 1], 1e-9
    off = max(_MEETING * abs(upper + lower) / 2, least)
    return float(np.clip(1 - abs(lower - upper) / off, 0, 1))


def _roundness(pin: FloatArray) -> float:
    """0 to 1 for an eye whose upper and lower pin lie at (2, 2) along and across it."""
    return float(np.clip((_taller(pin) - _ROUND[0]) / (_ROUND[1] - _ROUND[0]), 0, 1))


def _taller(pin: FloatArray) -> float:
    """How far an eye stands open against the canonical one."""
    rest, lid = canonical().points, LIDS[0]
    upper, lower = _Frame(rest, lid).of(rest[[lid.upper[3], lid.lower[3]]])[:, 1]
    return float(abs(pin[1, 1] - pin[0, 1]) / abs(lower - upper))


def _size_iris(points: FloatArray, lid: Lid) -> None:
    """The rim of an iris about its middle, larger in a taller eye."""
    rest = canonical().points
    before, now = _Frame(rest, lid), _Frame(points, lid)
    taller = _taller(now.of(points[[lid.upper[3], lid.lower[3]]]))
    ring = list(lid.iris)
    larger = min(taller**0.5, _LARGEST_IRIS) if taller > 1 else 1.0
    offset = before.of(rest[ring]) - before.of(rest[ring[:1]])
    points[ring[1:]] = now.to(now.of(points[ring[:1]]) + larger * offset)[1:]


def shape_lips(points: FloatArray, rest: FloatArray) -> None:
    """The outer lips bow with their pins; the inner ones lie between them as they do at rest.

    Args:
        points: (478, 2) on the canvas; changed, but for the corners and both middles.
        rest: (478, 2 or 3) a face whose lips have the shape that is to be kept.
    """
    before, now = _Frame(rest, LIPS), _Frame(points, LIPS)
    chains = list(LIPS.upper), list(LIPS.lower)
    own = [before.of(rest[chain]) for chain in chains]
    pin = [now.of(points[chain[4:5]])[0] for chain in chains]
    bow = np.sin(np.pi * np.arange(1, 10) / 10)
    middle, thick = _middle(own[0][4, 1], own[1][4, 1])
    if abs(thick) < _LINE:
        shape_lips(points, canonical().points)
        return
    middle_now, thick_now = _middle(pin[0][1], pin[1][1])
    for k, chain in enumerate(chains):
        part = (own[k][:, 1] - middle * bow) / thick
        along = own[k][:, 0] + bow * (pin[k][0] - own[k][4, 0])
        kept = points[chain[4]].copy()
        points[chain] = now.to(np.stack([along, middle_now * bow + part * thick_now], 1))
        points[chain[4]] = kept
    flatter = np.array([1.0, thick_now / thick])
    for index in (MOUTH.outer, MOUTH.inner):
        points[index] = now.to(flatter * before.of(rest[[index]]))[0]
    for row in (MOUTH.upper, MOUTH.lower):
        pairs = [before.of(rest[chain]) for chain in chains], [now.of(points[c]) for c in chains]
        points[list(row)] = now.to(_between(before.of(rest[list(row)]), *pairs))


def _between(places: FloatArray, was: list[FloatArray], now: list[FloatArray]) -> FloatArray:
    """(9, 2) an inner lip, as far from the upper and the lower outer lip as it is at rest.

    Args:
        places: (9, 2) where it is at rest.
        was, now: both outer lips, (9, 2) each, at rest and now.
    """
    height = was[1][:, 1] - was[0][:, 1]
    height = np.where(np.abs(height) < 1e-6, 1e-6, height)
    share = ((places[:, 1] - was[0][:, 1]) / height)[:, None]
    aside = places[:, 0] - (was[0] + share * (was[1] - was[0]))[:, 0]
    done = now[0] + share * (now[1] - now[0])
    done[:, 0] += aside
    return done


def _middle(upper: float, lower: float) -> tuple[float, float]:
    return (upper + lower) / 2, (lower - upper) / 2
