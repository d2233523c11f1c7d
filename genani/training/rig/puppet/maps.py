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

_CELL = 6
"""Pixels of the frame between places where the way back is worked out; bilinear between."""


def nodes() -> FloatArray:
    """(NODES, NODES, 2) places of the nodes on the sheet, face units."""
    along = np.arange(NODES) * STEP
    x, y = np.meshgrid(LEFT + along, TOP + along)
    return np.stack([x, y], -1)


def forward(grids: FloatArray, places: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Where places of the sheet come to lie, and how that changes along x and along y.

    Outside the nodes the last cell goes on.

    Args:
        grids: (L, NODES, NODES, 2), the nodes on the frame, pixels.
        places: (L, n, 2) face units.

    Returns:
        Three (L, n, 2): pixels, and pixels a face unit.
    """
    at = (places - (LEFT, TOP)) / STEP
    low = np.clip(at.astype(np.int32), 0, NODES - 2)
    a, b = (at[..., 0] - low[..., 0])[..., None], (at[..., 1] - low[..., 1])[..., None]
    layer = np.arange(len(grids), dtype=np.int32)[:, None] * (NODES * NODES)
    first = layer + low[..., 1] * NODES + low[..., 0]
    flat = grids.reshape(-1, 2)
    p, q = flat[first], flat[first + 1]
    r, s = flat[first + NODES], flat[first + NODES + 1]
    upper, lower = p + a * (q - p), r + a * (s - r)
    across = (q - p) + b * ((s - r) - (q - p))
    return upper + b * (lower - upper), across / STEP, (lower - upper) / STEP


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
        self.places = np.stack([x, y], -1).reshape(-1, 2)

    def full(self, coarse: FloatArray) -> NDArray[np.float32]:
        """(size, size, 2) float32 of values (count * count, 2) at the coarse places."""
        small = coarse.reshape(self.count, self.count, 2).astype(np.float32)
        side = self.count * _CELL
        large = cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)
        return large[_CELL : _CELL + self.size, _CELL : _CELL + self.size]

    def inverse(self, grids: FloatArray, rounds: int = 5) -> FloatArray:
        """(L, count * count, 2) the places on the sheet that the coarse places show, face units.

        Newton's method on the bilinear maps.

        Args:
            grids: (L, NODES, NODES, 2) pixels.
            rounds: of Newton's method.
        """
        here = np.broadcast_to(self.places, (len(grids), len(self.places), 2))
        found = np.stack([_guess(grid, self.places) for grid in grids])
        for _ in range(rounds):
            seen, dx, dy = forward(grids, found)
            off = here - seen
            det = dx[..., 0] * dy[..., 1] - dx[..., 1] * dy[..., 0]
            # A fold would send the search astray; none of the layers comes near one.
            det = np.maximum(det, 1.0)
            step = np.stack(
                [
                    (off[..., 0] * dy[..., 1] - off[..., 1] * dy[..., 0]) / det,
                    (off[..., 1] * dx[..., 0] - off[..., 0] * dx[..., 1]) / det,
                ],
                -1,
            )
            found = found + np.clip(step, -0.5, 0.5)
        return found


def _guess(grid: FloatArray, places: FloatArray) -> FloatArray:
    """The way back of the straight map nearest to a grid."""
    last = NODES - 1
    origin = grid[last // 2, last // 2]
    across = (grid[last // 2, last] - grid[last // 2, 0]) / EXTENT
    down = (grid[last, last // 2] - grid[0, last // 2]) / EXTENT
    back = np.linalg.inv(np.stack([across, down], 1))
    return (places - origin) @ back.T + (LEFT + EXTENT / 2, TOP + EXTENT / 2)
