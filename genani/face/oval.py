"""A mouth's opening as a bent ellipse, and which place of one mouth is which of another.

The line around an open mouth is about an ellipse between its corners, bent with them. Between
two such mouths the inside is stretched, while the line, and what lies next to it, keeps its
thickness; a warp by landmarks would squeeze the line flat where a mouth closes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genani.face.mesh import FloatArray, Lid
from genani.face.warp import face_size

_LEAST = 0.3
"""Pixels; no opening is less tall."""

_LINE = 0.07
"""How far into a mouth its line may reach, in shares of half its width."""

_MOST = 0.6
"""Share of the way to the middle that the line takes at most."""

_ROUNDS = 4


@dataclass(frozen=True)
class Oval:
    """An opening of a face.

    Attributes:
        middle: (2,) between the corners.
        along: (2,) unit vector from the outer to the inner corner.
        half: pixels from the middle to a corner.
        tall: pixels from the bend to the upper, and to the lower edge, in the middle.
        bend: pixels that the middle of the opening lies below its corners.
        face: size of the face, in pixels.
    """

    middle: FloatArray
    along: FloatArray
    half: float
    tall: float
    bend: float
    face: float

    @classmethod
    def of(cls, points: FloatArray, lid: Lid) -> Oval:
        """The opening of a face (478, 2 or 3), by least squares.

        Args:
            points: on the canvas.
            lid: whose corners and edges count.
        """
        corners = points[[lid.outer, lid.inner], :2]
        way = corners[1] - corners[0]
        half = max(float(np.linalg.norm(way)) / 2, 1e-6)
        flat = cls(corners.mean(0), way / (2 * half), half, _LEAST, 0.0, face_size(points))
        rows = [flat.local(points[list(row), :2]) for row in (lid.upper, lid.lower)]
        bows = [1 - np.clip(row[:, 0] / half, -1, 1) ** 2 for row in rows]
        arcs = np.concatenate([-np.sqrt(bows[0]), np.sqrt(bows[1])])
        system = np.stack([np.concatenate(bows), arcs], 1)
        bend, tall = np.linalg.lstsq(system, np.concatenate(rows)[:, 1])[0]
        return cls(flat.middle, flat.along, half, max(float(tall), _LEAST), float(bend), flat.face)

    @property
    def opening(self) -> float:
        """How tall it is, in shares of the face's size."""
        return self.tall / self.face

    def local(self, places: FloatArray) -> FloatArray:
        """Places (N, 2) along the corners and below the bend, in pixels."""
        away = places - self.middle
        down = np.array([-self.along[1], self.along[0]])
        x = away @ self.along
        return np.stack([x, away @ down - self._bent(x)], 1)

    def placed(self, local: FloatArray) -> FloatArray:
        """The opposite of `local`."""
        down = np.array([-self.along[1], self.along[0]])
        y = local[:, 1] + self._bent(local[:, 0])
        return self.middle + local[:, :1] * self.along + y[:, None] * down

    def edge(self, turns: FloatArray, out: float) -> FloatArray:
        """(N, 2) places next to the edge, at angles of the ellipse.

        Args:
            turns: (N,) radians.
            out: pixels out of the opening; below 0 into it.
        """
        way = np.stack([np.cos(turns), np.sin(turns)], 1)
        return self.placed(way * self._radii + out * self._outward(way))

    def around(self, places: FloatArray) -> FloatArray:
        """(N,) pixels from places (N, 2) to the opening; 0 in it."""
        return _outside(self.local(places), self._radii)[1]

    def counterparts(self, places: FloatArray, other: Oval) -> FloatArray:
        """(N, 2) where on another drawing of this mouth its places (N, 2) lie.

        Args:
            places: in this opening, or near it.
            other: the opening on the other drawing.
        """
        local = self.local(places)
        larger = other.face / self.face
        way, away = _outside(local, self._radii)
        beyond = way * other._radii + larger * away[:, None] * other._outward(way)
        inside = self._inside(local / self._radii, other, larger) * other._radii
        return other.placed(np.where(away[:, None] > 0, beyond, inside))

    def _inside(self, unit: FloatArray, other: Oval, larger: float) -> FloatArray:
        """Places of the unit disc in the other one: with lines as thick, the rest stretched."""
        radius = np.maximum(np.linalg.norm(unit, axis=1), 1e-6)
        way = unit / radius[:, None]
        steep, steep_there = (np.linalg.norm(way / oval._radii, axis=1) for oval in (self, other))
        line = np.minimum(_LINE * other.half / larger * steep, _MOST)
        there = np.minimum(line / steep * larger * steep_there, _MOST)
        in_line = 1 - (1 - radius) * there / line
        within = radius * (1 - there) / (1 - line)
        return way * np.where(radius > 1 - line, in_line, within)[:, None]

    @property
    def _radii(self) -> FloatArray:
        return np.array([self.half, self.tall])

    def _bent(self, x: FloatArray) -> FloatArray:
        return self.bend * (1 - np.clip(x / self.half, -1, 1) ** 2)

    def _outward(self, way: FloatArray) -> FloatArray:
        """(N, 2) unit normals where the ellipse is at `way`, cosines and sines."""
        normal = way / self._radii
        return normal / np.linalg.norm(normal, axis=1, keepdims=True)


def _outside(local: FloatArray, radii: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cosine and sine (N, 2) of an ellipse's point nearest to places, and its distance (N,).

    By circles of the ellipse's own curvature (A. Stephens, "Simple method for distance to
    ellipse", 2017). In the ellipse the distance is 0 and the point rough.
    """
    first = np.abs(local)
    way = np.full_like(first, np.sqrt(0.5))
    evolute = (radii**2 - radii[::-1] ** 2) / radii
    for _ in range(_ROUNDS):
        centre = evolute * way**3
        radius = np.linalg.norm(radii * way - centre, axis=1)
        reach = np.maximum(np.linalg.norm(first - centre, axis=1), 1e-9)
        way = ((first - centre) * (radius / reach)[:, None] + centre) / radii
        way = np.clip(way, 0, 1)
        way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    away = np.linalg.norm(first - radii * way, axis=1)
    inside = np.linalg.norm(local / radii, axis=1) <= 1
    return np.where(local < 0, -way, way), np.where(inside, 0.0, away)
