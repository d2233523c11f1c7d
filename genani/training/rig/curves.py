"""Curves in the plane: splines, ellipses, strokes' widths. Everything is sampled points."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]
"""(n, 2) x, y; or (n, 3) with z. Rows follow the curve."""

Values = NDArray[np.float64]
"""(n,) one number a point of a curve."""


def smoothstep(low: float, high: float, x: ArrayLike) -> Values:
    """0 below `low`, 1 above `high`, a smooth rise between."""
    s = np.clip((np.asarray(x, float) - low) / (high - low), 0, 1)
    return s * s * (3 - 2 * s)


def bump(x: ArrayLike, centre: float, width: float) -> Values:
    """A bell of height 1 at `centre`; `width` is its standard deviation."""
    return np.exp(-0.5 * ((np.asarray(x, float) - centre) / width) ** 2)


def spline(points: ArrayLike, count: int = 48, *, closed: bool = False) -> Points:
    """A smooth curve through every point (Catmull-Rom), `count` samples even in the parameter.

    Works on rows of any width. An open curve starts and ends on the end points.
    """
    p = np.asarray(points, float)
    if closed:
        p = np.vstack([p[-1:], p, p[:2]])
    else:
        p = np.vstack([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    return _catmull_rom(p, count, end=not closed)


def spline_between(before: ArrayLike, points: ArrayLike, after: ArrayLike, count: int) -> Points:
    """`spline` whose end tangents are steered by a point before and a point after the curve."""
    p = np.vstack([np.atleast_2d(before), np.asarray(points, float), np.atleast_2d(after)])
    return _catmull_rom(p, count, end=True)


def _catmull_rom(p: Points, count: int, *, end: bool) -> Points:
    spans = len(p) - 3
    u = np.linspace(0, spans, count, endpoint=end)
    i = np.minimum(u.astype(int), spans - 1)
    t = (u - i)[:, None]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


def bezier(points: Sequence[Sequence[float] | Points] | Points, count: int = 32) -> Points:
    """A Bezier curve of any degree, even in the parameter."""
    p = np.asarray(points, float)
    t = np.linspace(0, 1, count)[:, None]
    level = [np.broadcast_to(row, (count, p.shape[1])) for row in p]
    while len(level) > 1:
        level = [a * (1 - t) + b * t for a, b in pairwise(level)]
    return np.array(level[0])


def ellipse(centre: ArrayLike, rx: float, ry: float, turn: float = 0.0, count: int = 48) -> Points:
    """A closed ellipse; `turn` in radians, clockwise on a canvas whose y runs down."""
    u = np.linspace(0, 2 * np.pi, count, endpoint=False)
    x, y = rx * np.cos(u), ry * np.sin(u)
    c, s = np.cos(turn), np.sin(turn)
    return np.stack([x * c - y * s, x * s + y * c], 1) + np.asarray(centre, float)


def lengths(points: Points) -> Values:
    """Distance along the curve at every point, from 0."""
    return np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points[:, :2], axis=0).T))])


def resample(points: Points, count: int) -> Points:
    """The same curve with `count` points evenly spaced along it."""
    along = lengths(points)
    at = np.linspace(0, along[-1], count)
    return np.stack([np.interp(at, along, column) for column in points.T], 1)


def normals(points: Points) -> Points:
    """Unit normals of a plane curve, to the left of its direction on a canvas with y down."""
    tangent = np.gradient(points, axis=0)
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)[:, None]
    return np.stack([tangent[:, 1], -tangent[:, 0]], 1)


def taper(count: int, start: float = 0.0, end: float = 0.0, peak: float = 0.5) -> Values:
    """Relative widths of a pen stroke: `start`, 1 at `peak`, `end`; smooth as a pressed nib."""
    s = np.linspace(0, 1, count)
    rise = start + (1 - start) * np.sin(np.clip(s / max(peak, 1e-6), 0, 1) * np.pi / 2)
    fall = end + (1 - end) * np.sin(np.clip((1 - s) / max(1 - peak, 1e-6), 0, 1) * np.pi / 2)
    return np.minimum(rise, fall)


def ribbon(centre: Points, half_widths: Values) -> Points:
    """The closed outline of a band around a curve."""
    side = normals(centre) * half_widths[:, None]
    return np.vstack([centre + side, (centre - side)[::-1]])


def mirrored(points: Points) -> Points:
    """The curve on the other side of x = 0."""
    flipped = points.copy()
    flipped[:, 0] *= -1
    return flipped
