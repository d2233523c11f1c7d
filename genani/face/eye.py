"""One drawn eye's own frame: along its corners and up, and how far its iris looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genani.face.mesh import LIDS, FloatArray, opening

_ASIDE = (0.08, 0.2)
"""Bounds of the farthest look aside, in shares of the corners' distance: large irises go less."""

_FARTHEST = 0.42
"""So far from the middle of the eye no iris goes."""

_UPWARD = 0.3
"""The farthest look up or down, in shares of the eye's opening."""

_AT_REST = 0.1
"""How far above the middle of the lids an iris rests, in shares of the opening."""


@dataclass(frozen=True)
class Eye:
    """The frame of one drawn eye.

    Attributes:
        side: 0 for the figure's right one.
        corner: (2,), the outer corner.
        across, up: (2,) unit vectors, from the outer to the inner corner, and upward.
        width: pixels between the corners.
    """

    side: int
    corner: FloatArray
    across: FloatArray
    up: FloatArray
    width: float

    @classmethod
    def of(cls, points: FloatArray, side: int) -> Eye:
        """The frame of an eye of a face (478, 3)."""
        lid = LIDS[side]
        way = points[lid.inner, :2] - points[lid.outer, :2]
        width = max(float(np.linalg.norm(way)), 1e-9)
        across = way / width
        turn = 1 if side == 0 else -1
        return cls(side, points[lid.outer, :2], across, across[::-1] * (turn, -turn), width)

    def along(self, places: FloatArray) -> FloatArray:
        """Pixels from the outer corner, of places (..., 2 or 3)."""
        return (places[..., :2] - self.corner) @ self.across

    def heights(self, places: FloatArray) -> FloatArray:
        """Pixels above the line between the corners."""
        return (places[..., :2] - self.corner) @ self.up

    def placed(self, along: FloatArray, heights: FloatArray, depth: FloatArray) -> FloatArray:
        """(..., 3) places with these coordinates."""
        flat = self.corner + along[..., None] * self.across + heights[..., None] * self.up
        return np.concatenate([flat, depth[..., None]], -1)

    def look(self, points: FloatArray) -> FloatArray:
        """(2,) where the iris looks, to the picture's right and down, as `Pose.gaze`."""
        aside, down = self._aside(points), self._resting(points) - self._height(points)
        return np.array([aside / self._reach(points)[0], down / self._reach(points)[1]])

    def turned_to(self, points: FloatArray, look: FloatArray) -> FloatArray:
        """(2,) pixels that the iris goes to look there, its middle staying between the corners."""
        reach = self._reach(points)
        aside = float(np.clip(look[0] * reach[0], -_FARTHEST * self.width, _FARTHEST * self.width))
        up = self._resting(points) - look[1] * reach[1] - self._height(points)
        return (aside - self._aside(points)) * self._rightward + up * self.up

    @property
    def _rightward(self) -> FloatArray:
        return self.across if self.side == 0 else -self.across

    def _aside(self, points: FloatArray) -> float:
        """Pixels that the iris lies right of the middle."""
        middle = self.corner + self.width / 2 * self.across
        return float((self._centre(points) - middle) @ self._rightward)

    def _height(self, points: FloatArray) -> float:
        return float(self.heights(self._centre(points)))

    def _resting(self, points: FloatArray) -> float:
        """Height of an iris that looks straight ahead."""
        lid = LIDS[self.side]
        middle = float(self.heights(points[[*lid.upper, *lid.lower]]).mean())
        return middle + _AT_REST * self._gap(points)

    def _reach(self, points: FloatArray) -> tuple[float, float]:
        """Pixels that an iris of this size goes aside, and up or down."""
        iris = LIDS[self.side].iris
        ring = points[list(iris[1:]), :2] - points[iris[0], :2]
        radius = float(np.linalg.norm(ring, axis=1).mean()) / self.width
        aside = np.clip(0.5 - 0.8 * radius, *_ASIDE) * self.width
        return float(aside), max(_UPWARD * self._gap(points), 0.02 * self.width)

    def _gap(self, points: FloatArray) -> float:
        return opening(points, LIDS[self.side]) * self.width

    def _centre(self, points: FloatArray) -> FloatArray:
        return points[LIDS[self.side].iris[0], :2]
