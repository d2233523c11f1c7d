"""Splines through scattered points in the plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class ThinPlate:
    """A thin-plate spline: the smoothest surface through, or near, values at points.

    F. L. Bookstein, "Principal Warps", PAMI 1989; smoothing after G. Wahba, "Spline Models for
    Observational Data", 1990.

    Args:
        points: (N, 2), at least three that are not on one line; no two the same.
        values: (N, C).
        slack: (N,) or a number, how freely each point may be missed: 0 is met exactly, 1 is
            about as stiff as the plate. In units that do not depend on the picture's size.
    """

    def __init__(
        self, points: FloatArray, values: FloatArray, slack: FloatArray | float = 0.0
    ) -> None:
        self._middle = points.mean(0)
        self._size = float(np.abs(points - self._middle).max())
        self._knots = self._placed(points)
        count = len(points)
        system = np.zeros((count + 3, count + 3))
        system[:count, :count] = _kernel(self._knots, self._knots)
        system[:count, :count] += np.diag(np.broadcast_to(slack, count))
        system[:count, count:] = _affine(self._knots)
        system[count:, :count] = system[:count, count:].T
        right = np.concatenate([values, np.zeros((3, values.shape[1]))])
        self._weights = np.linalg.lstsq(system, right, rcond=None)[0]

    def __call__(self, points: FloatArray) -> FloatArray:
        """The surface at points (M, 2): (M, C)."""
        placed = self._placed(points)
        basis = np.concatenate([_kernel(placed, self._knots), _affine(placed)], 1)
        return basis @ self._weights

    def _placed(self, points: FloatArray) -> FloatArray:
        return (points - self._middle) / self._size


def _kernel(one: FloatArray, two: FloatArray) -> FloatArray:
    square = np.square(one[:, None] - two[None]).sum(2)
    return square * np.log(np.where(square > 0, square, 1)) / 2


def _affine(points: FloatArray) -> FloatArray:
    return np.concatenate([np.ones((len(points), 1)), points], 1)
