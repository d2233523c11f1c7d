"""The head as a solid: rings stacked from crown to chin, the surface features lie on, the turn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genani.training.rig.curves import Points, bump, smoothstep, spline_between

Row = tuple[float, float, float, float]
"""One ring: y, half width, z of its middle, half depth (head units)."""

_SAMPLES = 72


@dataclass(frozen=True)
class Pose:
    """Where the head looks, in degrees.

    Attributes:
        yaw: towards the viewer's right.
        pitch: up.
        roll: tilt towards the viewer's right.
        shift: the whole head moved by (x, y) head units; y runs down.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)

    def towards(self, other: Pose, share: float) -> Pose:
        """The pose `share` of the way to another."""

        def mix(a: float, b: float) -> float:
            return (1 - share) * a + share * b

        return Pose(
            mix(self.yaw, other.yaw),
            mix(self.pitch, other.pitch),
            mix(self.roll, other.roll),
            (mix(self.shift[0], other.shift[0]), mix(self.shift[1], other.shift[1])),
        )

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """(3, 3) rotation of head points (x right, y down, z to the viewer): yaw, pitch, roll."""
        a, b, c = np.radians([self.yaw, self.pitch, self.roll])
        yaw = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
        pitch = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
        roll = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
        return roll @ pitch @ yaw


@dataclass(frozen=True)
class Solid:
    """A closed body of stacked rings, each a superellipse in the x-z plane.

    Attributes:
        rows: from top to bottom; the first and the last may be points.
        squareness: exponent of the rings; 2 is an ellipse, more is flatter in front.
        open_end: the last ring is cut off rather than closed to a tip.
    """

    rows: tuple[Row, ...]
    squareness: float = 2.4
    open_end: bool = False

    @property
    def low(self) -> float:
        """y of the lowest ring: the chin, of a head."""
        return self.rows[-1][0]

    @cached_property
    def rings(self) -> NDArray[np.float64]:
        """(samples, 4): the rows on a smooth curve."""
        rows = np.array(self.rows, float)
        # A mirrored ring past each pole makes the outline round there instead of pointed.
        flip = np.array([1, -1, 1, -1])
        after = 2 * rows[-1] - rows[-2] if self.open_end else rows[-2] * flip
        return spline_between(rows[1] * flip, rows, after, _SAMPLES)

    def silhouette(self, yaw: float) -> tuple[Points, Points]:
        """The contour on the viewer's left and right: (samples, 3) points of the unturned solid."""
        y, a, zc, d = self.rings.T
        a, d = np.maximum(a, 1e-6), np.maximum(d, 1e-6)
        c, s = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
        q = self.squareness / (self.squareness - 1)
        across, along = a * abs(c), d * abs(s)
        reach = (across**q + along**q) ** (1 / q)
        x = a * np.sign(c) * (across / reach) ** (q - 1)
        z = d * np.sign(s) * (along / reach) ** (q - 1)
        return np.stack([-x, y, zc - z], 1), np.stack([x, y, zc + z], 1)

    def depth(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """z of the front surface over the point (x, y); at the rim beyond it."""
        ring_y, a, zc, d = self.rings.T
        order = np.argsort(ring_y)
        at = np.asarray(y, float)
        half = np.interp(at, ring_y[order], a[order])
        share = np.clip(np.abs(np.asarray(x, float)) / np.maximum(half, 1e-6), 0, 1)
        front = (1 - share**self.squareness) ** (1 / self.squareness)
        middle = np.interp(at, ring_y[order], zc[order])
        return middle + front * np.interp(at, ring_y[order], d[order])


def dropped(rows: tuple[Row, ...], drop: float) -> tuple[Row, ...]:
    """The rows of a head whose jaw has opened: below the nose they move down, most at the chin."""
    chin = rows[-1][0]
    return tuple(
        (y + drop * float(smoothstep(chin - 0.62, chin - 0.05, y)), a, zc, d)
        for y, a, zc, d in rows
    )


def turned_contour(
    left: Points, right: Points, yaw: float, eye_y: float, cheek_y: float, depth: float
) -> tuple[Points, Points]:
    """The face's contour with the far eye socket dented and the far cheek rounded in a turn.

    Attributes:
        depth: how strongly a full profile would be dented, in head units.
    """
    turn = np.sin(np.radians(yaw))
    out: list[Points] = []
    for side, points in ((-1, left), (1, right)):
        far = max(0.0, side * turn)
        shape = 0.75 * bump(points[:, 1], cheek_y, 0.17) - bump(points[:, 1], eye_y, 0.16)
        moved = points.copy()
        moved[:, 0] += side * far * depth * shape
        out.append(moved)
    return out[0], out[1]
