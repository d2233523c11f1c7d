"""Edges of lips and lids: where they run, how thick their drawn line is, how they carry it along.

An edge that moves takes its line with it, as thick as it was drawn and turned with the edge; a
warp alone would stretch it together with what lies beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import CONTOURS, MOUTH, FloatArray, Lid

Image = NDArray[np.float32]
"""(H, W, 4) premultiplied, 0 to 1."""

_FINE = 6
"""Pieces of curve from one landmark to the next."""

TAIL = _FINE
"""Pieces of a lip's edge at both ends that lie beyond its corner."""

_ENDS = 0.18
"""Share of an edge at both corners that is left out where its line is measured."""

_LINE = 0.55
"""Share of a line's own darkness down to which it is part of the line."""

_FAINT = 0.04
"""Darkness, in shares of white, under which there is no line."""

_SEEN = 0.6
"""Share of an edge along which a line has to be seen."""


@dataclass(frozen=True)
class Edge:
    """One edge of an opening, from its outer to its inner corner.

    Attributes:
        before, after: (M, 2), the curve on the drawing as it is and as it is to be.
        inward: -1 or 1: on which side of the curve the opening lies.
    """

    before: FloatArray
    after: FloatArray
    inward: float

    @property
    def moves(self) -> bool:
        """True unless both curves are the same."""
        return not np.array_equal(self.before, self.after)

    def shifted(self, off: FloatArray) -> Edge:
        """The edge a little elsewhere, (2,) pixels, before and after alike."""
        return replace(self, before=self.before + off, after=self.after + off)


@dataclass(frozen=True)
class Line:
    """The line that a drawing has along an edge.

    Attributes:
        inside, outside: how far it reaches into the opening and away from it, in pixels.
        off: how far inward of the edge its middle lies.
        colour: (4,) of its darkest part.
        beside: (4,) of what lies next to it, outside of the opening.
    """

    inside: float
    outside: float
    off: float
    colour: NDArray[np.float32]
    beside: NDArray[np.float32]


def edges(before: FloatArray, after: FloatArray, lid: Lid) -> tuple[Edge, Edge]:
    """The upper and the lower edge of an opening.

    Args:
        before, after: (478, 2 or 3) points of the face.
        lid: the opening.
    """
    below = before[152, :2] - before[[33, 263], :2].mean(0)
    across = before[lid.inner, :2] - before[lid.outer, :2]
    # Right of its way from corner to corner, y being down, lies what is under the upper edge.
    sign = 1.0 if across[0] * below[1] - across[1] * below[0] > 0 else -1.0
    upper, lower = ((lid.outer, *side, lid.inner) for side in (lid.upper, lid.lower))
    pair = (
        Edge(curve(before, upper), curve(after, upper), sign),
        Edge(curve(before, lower), curve(after, lower), -sign),
    )
    if lid is MOUTH:
        ends = before[[CONTOURS["outer lips"][0], CONTOURS["outer lips"][10]], :2]
        return _joined(pair, ends)
    return pair


def _joined(pair: tuple[Edge, Edge], ends: FloatArray) -> tuple[Edge, Edge]:
    """Both lips with one end of line in common at each corner: else each takes its own along.

    Args:
        pair: upper and lower edge, from corner to corner.
        ends: (2, 2) how far the line between them is drawn, before.
    """
    share = np.linspace(0, 1, _FINE + 1)[1:, None]
    tails: list[tuple[FloatArray, FloatArray]] = []
    for end, corner, step in zip(ends, (0, -1), (1, -2), strict=True):
        turn = 0j
        for edge in pair:
            was, now = (complex(*(c[step] - c[corner])) for c in (edge.before, edge.after))
            turn += now * was.conjugate() / max(abs(now * was), 1e-9)
        turn /= max(abs(turn), 1e-9)
        way = complex(*(end - pair[0].before[corner])) * turn
        after = pair[0].after[corner] + share * (way.real, way.imag)
        tails.append((pair[0].before[corner] + share * (end - pair[0].before[corner]), after))
    (b0, a0), (b1, a1) = tails
    upper, lower = (
        replace(
            edge,
            before=np.concatenate([b0[::-1], edge.before, b1]),
            after=np.concatenate([a0[::-1], edge.after, a1]),
        )
        for edge in pair
    )
    return upper, lower


def curve(points: FloatArray, chain: Sequence[int]) -> FloatArray:
    """(M, 2) a smooth curve through points: E. Catmull and R. Rom's spline, 1974."""
    knots = points[list(chain), :2]
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    a, b, c, d = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    u = np.arange(_FINE)[:, None, None] / _FINE
    pieces = b + u / 2 * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)))
    return np.concatenate([pieces.swapaxes(0, 1).reshape(-1, 2), knots[-1:]])


def aperture(places: FloatArray, upper: FloatArray, lower: FloatArray) -> FloatArray:
    """(N,) how far places (N, 2) lie inside an opening; below 0 outside of it, in pixels."""
    ring = np.concatenate([upper, lower[::-1]])
    away = np.minimum(distances(places, upper), distances(places, lower))
    return np.where(_within(places, ring), away, -away)


def distances(places: FloatArray, curve: FloatArray) -> FloatArray:
    """(N,) pixels from places (N, 2) to a curve (M, 2)."""
    return _nearest(places, curve)[2]


def carried(edge: Edge, places: FloatArray) -> FloatArray:
    """(N, 2) where on the drawing before it moved that lies which the edge brings to places."""
    index, share, _ = _nearest(places, edge.after)
    foot, along = _at(edge.after, index, share)
    origin, was_along = _at(edge.before, index, share)
    x, y = (places - foot).T
    # The rotation from one direction of the edge to the other, at its own scale.
    cos = (along * was_along).sum(1)
    sin = along[:, 0] * was_along[:, 1] - along[:, 1] * was_along[:, 0]
    return origin + np.stack([cos * x - sin * y, sin * x + cos * y], 1)


def line_of(image: Image, edge: Edge, reach: float) -> Line | None:
    """The line along an edge of a drawing; None where there is none to be seen.

    Args:
        image: the drawing before it moved.
        edge: whose `before` is meant.
        reach: how far to both sides to look, in pixels.
    """
    count = len(edge.before)
    inner = np.arange(round(_ENDS * count), round((1 - _ENDS) * count))
    way = np.gradient(edge.before, axis=0)
    normal = edge.inward * np.stack([-way[:, 1], way[:, 0]], 1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    offsets = np.arange(-reach, reach + 0.25, 0.5)
    places = edge.before[inner, None] + offsets[None, :, None] * normal[inner, None]
    colours = sampled_at(image, places.reshape(-1, 2)).reshape(*places.shape[:2], 4)
    far = np.median(colours[:, offsets < -0.6 * reach].reshape(-1, 4), axis=0)
    dark = far[:3].mean() - colours[..., :3].mean(2)
    # Nearer lines count for more: beyond the lid's there may be a crease's, or the iris.
    nearness = 1 - 0.6 * np.abs(offsets) / reach
    peak = (dark * nearness).argmax(1)
    depth = dark[np.arange(len(inner)), peak]
    seen = depth > max(_FAINT, 0.4 * float(np.median(depth)))
    if seen.mean() < _SEEN or np.median(depth) < _FAINT:
        return None
    within = dark >= _LINE * depth[:, None]
    spans = [_span(within[row], peak[row]) for row in np.flatnonzero(seen)]
    low, high = np.median(np.array(spans), axis=0)
    off = float(offsets[int(low)] + offsets[int(high)]) / 2
    middle = np.arange(len(inner))[seen]
    colour = np.median(colours[middle, peak[seen]], axis=0)
    start = max(int(low) - 2, 1)
    beside = np.median(colours[:, max(start - 4, 0) : start].reshape(-1, 4), axis=0)
    return Line(
        float(offsets[int(high)]) + 0.25,
        -float(offsets[int(low)]) + 0.25,
        off,
        colour.astype(np.float32),
        beside.astype(np.float32),
    )


def sampled_at(image: Image, places: FloatArray) -> Image:
    """(N, 4) a picture's colours at places (N, 2), pixel centres at halves.

    Cubic (R. Keys, 1981), kept within the four pixels around each place.
    """
    height, width = image.shape[:2]
    x, y = places[:, 0] - 0.5, places[:, 1] - 0.5
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    columns = [np.clip(column + k, 0, width - 1) for k in range(-1, 3)]
    rows = [np.clip(row + k, 0, height - 1) for k in range(-1, 3)]
    across, down = _keys(x - column), _keys(y - row)
    total = np.zeros((len(places), image.shape[2]), np.float32)
    for j in range(4):
        strip = sum(across[i][:, None] * image[rows[j], columns[i]] for i in range(4))
        total += down[j][:, None] * strip
    near = np.stack([image[rows[j], columns[i]] for j in (1, 2) for i in (1, 2)])
    return np.clip(total, near.min(0), near.max(0))


def _keys(share: FloatArray) -> list[NDArray[np.float32]]:
    """Weights of the four pixels around a place between the middle two."""
    s = share.astype(np.float32)
    return [
        ((-0.5 * s + 1) * s - 0.5) * s,
        (1.5 * s - 2.5) * s * s + 1,
        ((-1.5 * s + 2) * s + 0.5) * s,
        (0.5 * s - 0.5) * s * s,
    ]


def _nearest(
    places: FloatArray, curve: FloatArray
) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
    """For each place the piece of a curve next to it, the share along it, and the distance."""
    start, way = curve[:-1], np.diff(curve, axis=0)
    square = np.maximum((way * way).sum(1), 1e-12)
    # By coordinates: sums over an axis of two take five times as long.
    (x, y), (along, down) = (np.subtract.outer(places[:, k], start[:, k]) for k in (0, 1)), way.T
    share = np.clip((x * along + y * down) / square, 0, 1)
    x -= share * along
    y -= share * down
    away = x * x + y * y
    index = away.argmin(1)
    rows = np.arange(len(places))
    return index, share[rows, index], np.sqrt(away[rows, index])


def _at(
    curve: FloatArray, index: NDArray[np.int64], share: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(N, 2) points on a curve, and its directions there, turning evenly along it."""
    point = curve[index] + share[:, None] * (curve[index + 1] - curve[index])
    bends = np.gradient(curve, axis=0)
    along = bends[index] + share[:, None] * (bends[index + 1] - bends[index])
    return point, along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)


def _within(places: FloatArray, ring: FloatArray) -> NDArray[np.bool_]:
    """(N,) true inside a closed outline, by the number of its crossings."""
    x, y = places[:, :1], places[:, 1:]
    ax, ay = ring.T
    bx, by = np.roll(ring, -1, axis=0).T
    crossing = (ay > y) != (by > y)
    rise = np.where(by == ay, 1e-12, by - ay)
    return (crossing & (x < ax + (y - ay) / rise * (bx - ax))).sum(1) % 2 == 1


def _span(row: NDArray[np.bool_], peak: int) -> tuple[int, int]:
    """First and last index of the run of true values around one of them."""
    low = high = int(peak)
    while low > 0 and row[low - 1]:
        low -= 1
    while high < len(row) - 1 and row[high + 1]:
        high += 1
    return low, high
