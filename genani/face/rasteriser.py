"""A small z-buffer for meshes of many small triangles, in numpy alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LIGHT = np.array([0.25, -0.45, -0.86])
"""Where the light stands: above, a little to the right, on the viewer's side."""

_AMBIENT = 0.35


@dataclass(frozen=True)
class Raster:
    """What each pixel shows.

    Attributes:
        triangle: (H, W) int64, the index of the triangle in front; -1 where there is none.
        corners: (H, W, 3) float64, barycentric coordinates in that triangle.
    """

    triangle: NDArray[np.int64]
    corners: NDArray[np.float64]

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(H, W) true where there is a triangle."""
        return self.triangle >= 0

    def interpolated(
        self, values: NDArray[np.float64], triangles: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Values of the vertices, (N, C), at every covered pixel in reading order, (P, C)."""
        corners = triangles[self.triangle[self.covered]]
        return np.einsum("pk,pkc->pc", self.corners[self.covered], values[corners])


def rasterise(
    points: NDArray[np.float64], triangles: NDArray[np.int64], size: tuple[int, int]
) -> Raster:
    """Find the triangle in front at every pixel's centre.

    Args:
        points: (N, 3): x to the right and y down in pixels, z away from the viewer.
        triangles: (T, 3) indices; both sides are seen.
        size: (width, height).
    """
    width, height = size
    placed = points[triangles]
    x, y, z = (placed[..., axis] for axis in range(3))
    left, right = np.ceil(x.min(1) - 0.5), np.floor(x.max(1) - 0.5)
    top, bottom = np.ceil(y.min(1) - 0.5), np.floor(y.max(1) - 0.5)
    columns = np.maximum(right - left + 1, 0).astype(np.int64)
    count = columns * np.maximum(bottom - top + 1, 0).astype(np.int64)
    # One row a pixel of every triangle's bounding box.
    of = np.repeat(np.arange(len(triangles)), count)
    step = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    column = (left[of] + step % columns[of]).astype(np.int64)
    row = (top[of] + step // columns[of]).astype(np.int64)
    corners = barycentric(placed[of], np.stack([column, row], 1) + 0.5)
    seen = (corners >= 0).all(1) & (column >= 0) & (column < width) & (row >= 0) & (row < height)
    of, corners, row, column = of[seen], corners[seen], row[seen], column[seen]
    # Farthest first: of equal indices numpy keeps what is assigned last.
    order = np.argsort(-np.einsum("pk,pk->p", corners, z[of]), kind="stable")
    raster = Raster(np.full((height, width), -1, np.int64), np.zeros((height, width, 3)))
    raster.triangle[row[order], column[order]] = of[order]
    raster.corners[row[order], column[order]] = corners[order]
    return raster


def shaded(
    raster: Raster,
    points: NDArray[np.float64],
    triangles: NDArray[np.int64],
    colours: NDArray[np.float64],
) -> NDArray[np.uint8]:
    """The lit surface on white: (H, W, 3) uint8 sRGB.

    Args:
        raster: of the same points and triangles.
        colours: (N, 3), 0 to 1, one a vertex.
    """
    lit = _AMBIENT + (1 - _AMBIENT) * np.abs(_normals(points, triangles) @ _LIGHT)
    picture = np.ones((*raster.triangle.shape, 3))
    values = np.concatenate([colours, lit[:, None]], 1)
    seen = raster.interpolated(values, triangles)
    picture[raster.covered] = seen[:, :3] * seen[:, 3:]
    return np.rint(picture * 255).astype(np.uint8)


def barycentric(corners: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates of points in triangles seen from the front, (P, 3); -1 where one is a line.

    Args:
        corners: (P, 3, 2 or more), of which x and y count.
        points: (P, 2), one a triangle; outside it a coordinate is negative.
    """
    a, b, p = (each.T for each in (*_sides(corners), points - corners[:, 0, :2]))
    area = a[0] * b[1] - a[1] * b[0]
    flat = np.abs(area) < 1e-12
    area = np.where(flat, 1, area)
    second = (p[0] * b[1] - p[1] * b[0]) / area
    third = (a[0] * p[1] - a[1] * p[0]) / area
    found = np.stack([1 - second - third, second, third], 1)
    found[flat] = -1
    return found


def _sides(corners: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    first = corners[:, 0, :2]
    return corners[:, 1, :2] - first, corners[:, 2, :2] - first


def _normals(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> NDArray[np.float64]:
    """(N, 3) unit normals of the vertices, weighed by the areas around them."""
    corner = points[triangles]
    faces = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    normals = np.zeros_like(points)
    for k in range(3):
        np.add.at(normals, triangles[:, k], faces)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
