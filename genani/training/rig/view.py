"""From head units to pixels: the turn of the head, the pose of the body, the framing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genani.training.rig.curves import Points, Values
from genani.training.rig.head import Pose, Solid

_PIVOT = np.array([0.0, 0.95, -0.2])
"""The top of the spine, around which a head tilts and nods."""


@dataclass(frozen=True)
class Framing:
    """How large and where the head stands on the canvas.

    Attributes:
        width: canvas width in pixels.
        height: canvas height in pixels.
        zoom: pixels a head unit, over the smaller side.
        centre: where the middle of the skull lies, as a share of the canvas.
    """

    width: int = 640
    height: int = 640
    zoom: float = 0.27
    centre: tuple[float, float] = (0.5, 0.42)

    @property
    def unit(self) -> float:
        """Pixels a head unit."""
        return self.zoom * min(self.width, self.height)

    def canvas(self, points: Points) -> Points:
        """Canvas pixels of plane points in head units."""
        return points[:, :2] * self.unit + np.array(
            [self.centre[0] * self.width, self.centre[1] * self.height]
        )


@dataclass(frozen=True)
class View:
    """A posed head seen through a framing, by parallel projection."""

    face: Solid
    pose: Pose
    framing: Framing

    def turned(self, points: Points) -> Points:
        """(n, 3) head points after the turn, still in head units."""
        return (points - _PIVOT) @ self.pose.matrix.T + _PIVOT + np.array([*self.pose.shift, 0.0])

    def project(self, points: Points) -> Points:
        """(n, 3) head points to (n, 2) canvas pixels."""
        return self.framing.canvas(self.turned(points))

    def place(self, points: Points, out: Values | float = 0.0) -> Points:
        """Points drawn on the front of the face, (n, 2) head units, to canvas pixels.

        `out` lifts them off the face: one number or one a point, head units.
        """
        z = self.face.depth(points[:, 0], points[:, 1]) + out
        return self.project(np.column_stack([points, z]))

    def body(self, points: Points) -> Points:
        """Points of the trunk, (n, 2) head units: they follow the head only a little."""
        x = points[:, 0] + 0.06 * np.sin(np.radians(self.pose.yaw)) + 0.25 * self.pose.shift[0]
        y = points[:, 1] + 0.25 * self.pose.shift[1]
        return self.framing.canvas(np.stack([x, y], 1))

    @property
    def turn(self) -> float:
        """Sine of the yaw: -1 is the profile to the viewer's left, 1 to the right."""
        return float(np.sin(np.radians(self.pose.yaw)))
