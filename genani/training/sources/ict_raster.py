"""A z-buffer for meshes of some ten thousand small triangles, a few milliseconds each.

The same bytes on any machine; see `genani.training.sources.dice`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.floating[Any]]
"""float32 everywhere; numpy's own types widen what is multiplied by a number."""

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

FAR = np.float32(3e38)
"""Depth where nothing is."""

_BLOCK = 20_000
"""Pixels of triangles' boxes that are looked at together."""

_HAIR = np.float32(-1e-4)
"""Slack at the edges of a triangle, so that no gap opens between two."""


@dataclass(frozen=True)
class Raster:
    """What each pixel of a picture shows.

    Attributes:
        triangle: (S, S) int32, the triangle in front; -1 where there is none.
        depth: (S, S) float32, its depth, px away from the viewer; `FAR` where there is none.
        at: (P,) int64, the covered pixels, counted in reading order.
        second, third: (P,) float32, shares of the second and third corner there.
    """

    triangle: I32
    depth: F32
    at: I64
    second: F32
    third: F32

    def only(self, kept: NDArray[np.bool_]) -> Raster:
        """The same with some of the covered pixels, (P,) true, as if they were all."""
        return Raster(self.triangle, self.depth, self.at[kept], self.second[kept], self.third[kept])

    def spread(self, values: F32, triangles: I64) -> F32:
        """Values of the vertices, (N, C), at the covered pixels, (P, C)."""
        corners = triangles[self.triangle.reshape(-1)[self.at]]
        first = values[corners[:, 0]]
        found = first + self.second[:, None] * (values[corners[:, 1]] - first)
        return found + self.third[:, None] * (values[corners[:, 2]] - first)


def front_facing(points: F32, triangles: I64) -> NDArray[np.bool_]:
    """(T,) which triangles, listed counter-clockwise seen from outside, face the viewer."""
    x, y = points[:, 0], points[:, 1]
    a, b, c = triangles.T
    return (x[b] - x[a]) * (y[c] - y[a]) - (x[c] - x[a]) * (y[b] - y[a]) < 0


def rasterise(points: F32, triangles: I64, size: int) -> Raster:
    """The triangle in front at the centre of every pixel of a square.

    Args:
        points: (N, 3): x right and y down in pixels, z away from the viewer.
        triangles: (T, 3), both sides are seen.
        size: the square's side in pixels.
    """
    planes, boxes = _planes(points, triangles), _boxes(points, triangles, size)
    count = boxes[2] * boxes[3]
    drawn = np.flatnonzero(count)
    canvas = _Canvas(size)
    # In blocks whose arrays stay in the processor's cache.
    total = np.cumsum(count[drawn])
    cuts = np.searchsorted(total, np.arange(_BLOCK, int(total[-1]) if len(total) else 0, _BLOCK))
    for block in np.split(drawn, cuts):
        canvas.draw(block.astype(np.int32), planes[block], [each[block] for each in boxes])
    at = np.flatnonzero(canvas.triangle >= 0)
    shape = (size, size)
    return Raster(
        canvas.triangle.reshape(shape),
        canvas.depth.reshape(shape),
        at,
        canvas.second[at],
        canvas.third[at],
    )


class _Canvas:
    """A picture in the making, (size * size,) arrays."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.triangle = np.full(size * size, -1, np.int32)
        self.depth = np.full(size * size, FAR, np.float32)
        self.second, self.third = np.zeros((2, size * size), np.float32)

    def draw(self, names: I32, planes: F32, boxes: list[I32]) -> None:
        """Lay triangles over what is there; at the same depth what was there first stays."""
        left, top, columns, rows = boxes
        # Row by row of every triangle's box: shares and depth at its first pixel ...
        of = np.repeat(np.arange(len(names), dtype=np.int32), rows)
        down = _counted(of, rows)
        slopes = planes[of]
        x = left[of].astype(np.float32) - slopes[:, 7]
        y = (top[of] + down).astype(np.float32) - slopes[:, 8]
        starts = [slopes[:, k] * x + slopes[:, k + 1] * y for k in (0, 2, 4)]
        starts[2] += slopes[:, 6]
        over = [np.ascontiguousarray(slopes[:, k]) for k in (0, 2, 4)]
        # ... and pixel by pixel of every row.
        wide = columns[of]
        row = np.repeat(np.arange(len(of), dtype=np.int32), wide)
        step = _counted(row, wide)
        across = step.astype(np.float32)
        second = starts[0][row] + over[0][row] * across
        third = starts[1][row] + over[1][row] * across
        inside = (second >= _HAIR) & (third >= _HAIR) & (second + third <= 1 - _HAIR)
        inside = np.flatnonzero(inside)
        row, across = row[inside], across[inside]
        place = ((top[of] + down) * self._size + left[of])[row] + step[inside]
        depth = starts[2][row] + over[2][row] * across
        near = np.flatnonzero(depth < self.depth[place])
        place, depth = place[near], depth[near]
        np.minimum.at(self.depth, place, depth)
        # The last of what is written to one place stays, so from the last to the first.
        front = np.flatnonzero(depth == self.depth[place])[::-1]
        place, near = place[front], near[front]
        self.triangle[place] = names[of[row[near]]]
        at = inside[near]
        self.second[place], self.third[place] = second[at], third[at]


def _counted(of: I32, lengths: I32) -> I32:
    """0, 1, 2, ... within each run of equal numbers, whose lengths are given."""
    starts = (np.cumsum(lengths) - lengths).astype(np.int32)
    return np.arange(len(of), dtype=np.int32) - starts[of]


def _planes(points: F32, triangles: I64) -> F32:
    """(T, 9): how the shares of corners 2 and 3 and the depth grow from the first corner on."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    u, v = b - a, c - a
    area = u[:, 0] * v[:, 1] - v[:, 0] * u[:, 1]
    flat = np.abs(area) < np.float32(1e-7)
    per = np.where(flat, np.float32(0), 1 / np.where(flat, np.float32(1), area))
    table = np.zeros((len(triangles), 9), np.float32)
    table[:, 0], table[:, 1] = v[:, 1] * per, -v[:, 0] * per
    table[:, 2], table[:, 3] = -u[:, 1] * per, u[:, 0] * per
    table[:, 4] = table[:, 0] * u[:, 2] + table[:, 2] * v[:, 2]
    table[:, 5] = table[:, 1] * u[:, 2] + table[:, 3] * v[:, 2]
    table[:, 6] = np.where(flat, FAR, a[:, 2])
    # Pixels are counted from their corners, and looked at in their middles.
    table[:, 7:] = a[:, :2] - np.float32(0.5)
    return table


def _boxes(points: F32, triangles: I64, size: int) -> tuple[I32, I32, I32, I32]:
    """Left, top, columns and rows of the pixel centres in each triangle's box, on the picture."""
    bounds: list[I32] = []
    for axis in (0, 1):
        values = points[:, axis][triangles]
        low = np.minimum(np.minimum(values[:, 0], values[:, 1]), values[:, 2])
        high = np.maximum(np.maximum(values[:, 0], values[:, 1]), values[:, 2])
        start = np.clip(np.ceil(low - np.float32(0.5)), 0, size).astype(np.int32)
        stop = np.clip(np.floor(high - np.float32(0.5)), -1, size - 1).astype(np.int32) + 1
        bounds += [start, np.maximum(stop - start, 0)]
    return bounds[0], bounds[2], bounds[1], bounds[3]
