"""A drawn face brought to the canonical face's place, size and turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genani.face.mesh import FloatArray, canonical
from genani.face.pose import Similarity
from genani.face.turning import has_depth
from genani.face.warp import head_motion


@dataclass(frozen=True)
class Level:
    """The way between a drawn face and the canonical one.

    Attributes:
        pose: from the canonical face to the drawing, in space or, without depth, in the plane.
    """

    pose: Similarity

    @classmethod
    def of(cls, points: FloatArray) -> Level:
        """The way for a face of points (478, 3), whatever its mouth, eyes and brows do."""
        rest = canonical().points
        if has_depth(points):
            return cls(head_motion(rest, points))
        return cls(head_motion(rest[:, :2], points[:, :2]))

    def down(self, points: FloatArray) -> FloatArray:
        """(N, 3) points of the drawing in the canonical face's frame."""
        if len(self.pose.before) == 3:
            return self.pose.inverse(points)
        return np.column_stack([self.pose.inverse(points[:, :2]), points[:, 2] / self.pose.scale])

    def up(self, moved: FloatArray) -> FloatArray:
        """(N, 3) displacements of the canonical frame on the drawing."""
        if len(self.pose.before) == 3:
            return self.pose.turned(moved)
        return np.column_stack([self.pose.turned(moved[:, :2]), self.pose.scale * moved[:, 2]])
