"""Where a head is and which way it looks: similarities of the plane and of space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Similarity:
    """`scale * rotation @ (p - before) + after`: turn and grow about a middle, then move it.

    Attributes:
        rotation: (D, D), proper, D = 2 or 3.
        scale: over 0.
        before, after: (D,), the middle and where it goes.
    """

    rotation: FloatArray
    scale: float
    before: FloatArray
    after: FloatArray

    def __call__(self, points: FloatArray) -> FloatArray:
        """Points (N, D), moved."""
        return self.scale * (points - self.before) @ self.rotation.T + self.after

    def turned(self, vectors: FloatArray) -> FloatArray:
        """Displacements (N, D), turned and scaled but not moved."""
        return self.scale * vectors @ self.rotation.T

    def share(self, t: float) -> Similarity:
        """The part `t` of the way: the same axis, the angle, the growth and the path in parts."""
        return Similarity(
            _power(self.rotation, t),
            self.scale**t,
            self.before,
            self.before + t * (self.after - self.before),
        )

    @property
    def inverse(self) -> Similarity:
        """The way back."""
        return Similarity(self.rotation.T, 1 / self.scale, self.after, self.before)


def fitted(source: FloatArray, target: FloatArray, weights: FloatArray) -> Similarity:
    """The similarity that brings points nearest to others, in least squares.

    S. Umeyama, "Least-squares estimation of transformation parameters between two point
    patterns", PAMI 1991.

    Args:
        source, target: (N, D), D = 2 or 3.
        weights: (N,), 0 or more, not all 0.
    """
    share = weights / weights.sum()
    before, after = share @ source, share @ target
    one, two = source - before, target - after
    spread = float(share @ np.square(one).sum(1))
    u, values, v = np.linalg.svd((two * share[:, None]).T @ one)
    signs = np.ones(len(values))
    signs[-1] = np.sign(np.linalg.det(u) * np.linalg.det(v)) or 1.0
    scale = float(values @ signs) / spread if spread > 0 else 1.0
    return Similarity((u * signs) @ v, max(scale, 1e-6), before, after)


def fitted_robustly(
    source: FloatArray, target: FloatArray, weights: FloatArray, rounds: int = 12
) -> Similarity:
    """The same when some points go their own way: those count less, the farther off they are.

    Iteratively reweighted least squares with Cauchy weights (P. W. Holland and R. E. Welsch,
    1977), their scale from the median distance.
    """
    found = fitted(source, target, weights)
    for _ in range(rounds):
        off = np.linalg.norm(found(source) - target, axis=1)
        scale = 1.5 * float(np.median(off[weights > 0]))
        if scale <= 1e-9:
            break
        found = fitted(source, target, weights / (1 + np.square(off / scale)))
    return found


def _power(rotation: FloatArray, t: float) -> FloatArray:
    """A rotation about the same axis by the share `t` of its angle."""
    if len(rotation) == 2:
        angle = t * np.arctan2(rotation[1, 0], rotation[0, 0])
        cos, sin = np.cos(angle), np.sin(angle)
        return np.array([[cos, -sin], [sin, cos]])
    axis = np.array(
        [
            rotation[2, 1] - rotation[1, 2],
            rotation[0, 2] - rotation[2, 0],
            rotation[1, 0] - rotation[0, 1],
        ]
    )
    sin = float(np.linalg.norm(axis)) / 2
    angle = t * np.arctan2(sin, (np.trace(rotation) - 1) / 2)
    if sin < 1e-9:
        return np.eye(3)
    x, y, z = axis / (2 * sin)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    # O. Rodrigues, 1840.
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
