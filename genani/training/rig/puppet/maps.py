"""Smooth maps from the painted sheets to a frame, and back.

A map is a grid of nodes over the sheet with the place of each on the frame, bilinear between:
coarse enough to be cheap, and exactly what both the picture and the flow are made with.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from genani.training.rig.puppet.brush import EXTENT, LEFT, TOP, FloatArray

NODES = 45
"""Nodes a side."""

STEP = EXTENT / (NODES - 1)
"""Face units between nodes."""

_CELL = 8
"""Pixels of the frame between places where the way back is worked out; bilinear between."""


def nodes() -> FloatArray:
    """(NODES, NODES, 2) places of the nodes on the sheet, face units."""
    along = np.arange(NODES) * STEP
    x, y = np.meshgrid(LEFT + along, TOP + along)
    return np.stack([x, y], -1).astype(np.float64)


def forward(grids: FloatArray, places: FloatArray) -> FloatArray:
    """Where places of the sheet come to lie; outside the nodes the last cell goes on.

    Args:
        grids: (L, NODES, NODES, 2), the nodes on the frame, pixels.
        places: (L, n, 2) face units.

    Returns:
        (L, n, 2) pixels.
    """
    x, y, _ = _bilinear(_split(grids), places[..., 0], places[..., 1], slopes=False)
    return np.stack([x, y], -1)


def _split(grids: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.ascontiguousarray(grids[..., 0]).ravel(), np.ascontiguousarray(grids[..., 1]).ravel()


def _bilinear(
    grids: tuple[FloatArray, FloatArray], x: FloatArray, y: FloatArray, *, slopes: bool
) -> tuple[FloatArray, FloatArray, tuple[FloatArray, ...]]:
    """Pixels across and down at places (L, n), and by request their four slopes a cell."""
    u, v = (x - LEFT) * (1 / STEP), (y - TOP) * (1 / STEP)
    i = np.clip(u.astype(np.int32), 0, NODES - 2)
    j = np.clip(v.astype(np.int32), 0, NODES - 2)
    a, b = u - i, v - j
    first = j * NODES + i + np.arange(len(x), dtype=np.int32)[:, None] * (NODES * NODES)
    found: list[FloatArray] = []
    slope: list[FloatArray] = []
    for grid in grids:
        p, r = grid[first], grid[first + NODES]
        q, s = grid[first + 1] - p, grid[first + NODES + 1] - r
        upper = p + a * q
        down = r + a * s - upper
        found.append(upper + b * down)
        if slopes:
            slope += [q + b * (s - q), down]
    return found[0], found[1], tuple(slope)


class Raster:
    """The coarse places on a square frame where maps are turned around.

    Args:
        size: pixels a side of the frame.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.count = -(-size // _CELL) + 2
        along = (np.arange(self.count) - 1) * _CELL + (_CELL - 1) / 2
        x, y = np.meshgrid(along, along)
        self.places: FloatArray = np.stack([x, y], -1).reshape(-1, 2).astype(np.float64)

    def full(self, coarse: FloatArray) -> NDArray[np.float32]:
        """(size, size, 2) float32 of values (count * count, 2) at the coarse places."""
        small = coarse.reshape(self.count, self.count, 2).astype(np.float32)
        side = self.count * _CELL
        large = np.asarray(cv2.resize(small, (side, side)), np.float32)
        return large[_CELL : _CELL + self.size, _CELL : _CELL + self.size]

    def inverse(self, grids: FloatArray, rounds: int = 4) -> FloatArray:
        """(L, count * count, 2) the places on the sheet that the coarse places show, face units.

        Newton's method on the bilinear maps; for straight ones the first guess is exact.

        Args:
            grids: (L, NODES, NODES, 2) pixels.
            rounds: of Newton's method.
        """
        if not len(grids):
            return np.zeros((0, len(self.places), 2))
        found = np.stack([_guess(grid, self.places) for grid in grids])
        x, y = found[..., 0].copy(), found[..., 1].copy()
        parts = _split(grids)
        most = 0.5 / STEP
        for _ in range(rounds):
            at_x, at_y, (xx, xy, yx, yy) = _bilinear(parts, x, y, slopes=True)
            off_x, off_y = self.places[:, 0] - at_x, self.places[:, 1] - at_y
            # A fold would send the search astray; none of the layers comes near one.
            det = 1 / np.maximum(xx * yy - yx * xy, 1e-2)
            x += STEP * np.clip((off_x * yy - off_y * xy) * det, -most, most)
            y += STEP * np.clip((off_y * xx - off_x * yx) * det, -most, most)
        return np.stack([x, y], -1)

    def straight(self, grid: FloatArray) -> FloatArray:
        """(count * count, 2) the same for one straight map (NODES, NODES, 2)."""
        return _guess(grid, self.places)


def _guess(grid: FloatArray, places: FloatArray) -> FloatArray:
    """The way back of the straight map nearest to a grid."""
    last = NODES - 1
    origin = grid[last // 2, last // 2]
    across = (grid[last // 2, last] - grid[last // 2, 0]) / EXTENT
    down = (grid[last, last // 2] - grid[0, last // 2]) / EXTENT
    back = np.linalg.inv(np.stack([across, down], 1))
    return (places - origin) @ back.T + (LEFT + EXTENT / 2, TOP + EXTENT / 2)
