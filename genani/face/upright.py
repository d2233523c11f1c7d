"""A square cut from a picture in which a face stands upright at a known place and size.

MediaPipe's tracker looks for landmarks where the face was in the picture before. `seed` is a
picture with a face that it finds for certain; a picture turned, scaled and cut so that its face
would lie there can follow it, and no detector has to agree that there is a face.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genani.face.mesh import CONTOURS, IRIS_CENTRES, canonical
from genani.face.pose import Similarity, fitted, fitted_robustly
from genani.face.rasteriser import rasterise, shaded

SIDE = 384
"""Width and height of the square: no less of the face than the 256 pixels that the net sees."""

_EYES_APART = 0.33
_MIDDLE = (0.5, 0.42)
"""Outer corners of the eyes: their distance, and the place midway, in shares of the side."""

_DETAIL = 2
_SKIN, _BROW, _LIPS, _WHITE, _IRIS = (
    (0.92, 0.75, 0.65),
    (0.28, 0.18, 0.14),
    (0.72, 0.36, 0.34),
    (0.96, 0.96, 0.96),
    (0.24, 0.16, 0.12),
)

_HALF_VIEW = math.tan(math.radians(63) / 2)
"""Of MediaPipe's camera: half the picture's height at distance 1."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Seed:
    """A picture of a face.

    Attributes:
        pixels: (SIDE, SIDE, 3) uint8 sRGB.
        points: (478, 3) float64, its landmarks, in pixels.
    """

    pixels: NDArray[np.uint8]
    points: FloatArray


@cache
def seed() -> Seed:
    """The canonical face, seen from the front."""
    points = canonical().points * (_EYES_APART * SIDE)
    points[:, :2] += np.array(_MIDDLE) * SIDE
    colours = np.tile(_SKIN, (len(points), 1))
    for name, colour in (("brow", _BROW), ("lips", _LIPS), ("eye", _WHITE)):
        for contour in (c for c in CONTOURS if name in c):
            colours[list(CONTOURS[contour])] = colour
    fine = points * _DETAIL
    triangles = canonical().triangles
    raster = rasterise(fine, triangles, (SIDE * _DETAIL, SIDE * _DETAIL))
    pixels = shaded(raster, fine, triangles, colours)
    y, x = np.mgrid[: len(pixels), : len(pixels)] + 0.5
    for centre, contour in zip(IRIS_CENTRES, ("right iris", "left iris"), strict=True):
        rim = fine[list(CONTOURS[contour]), :2]
        radius = np.linalg.norm(rim - fine[centre, :2], axis=1).mean()
        iris = np.hypot(x - fine[centre, 0], y - fine[centre, 1]) < radius
        pixels[iris] = np.rint(np.multiply(_IRIS, 255))
    small = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BOX)
    return Seed(np.asarray(small), points)


def pose_of(points: FloatArray) -> Similarity:
    """From the seed's square to a picture in which a face has these landmarks, (478, 2 or 3)."""
    return fitted_robustly(seed().points[:, :2], points[:, :2], np.ones(len(points)))


def pose_of_marks(marks: FloatArray) -> Similarity:
    """The same by four marks, (4, 2): right eye, left eye, nose tip and middle of the mouth."""
    face = seed().points[:, :2]
    own = np.stack([face[468], face[473], face[1], face[[13, 14]].mean(0)])
    return fitted(own, marks, np.ones(4))


def pose_of_box(sides: tuple[float, float, float, float], share: float) -> Similarity:
    """The same by a box, for an upright face that takes a share of its larger side."""
    left, top, right, bottom = sides
    face = seed().points[:, :2]
    low, high = face.min(0), face.max(0)
    scale = share * max(right - left, bottom - top) / float((high - low).max())
    middle = np.array([left + right, top + bottom]) / 2
    return Similarity(np.eye(2), max(scale, 1e-3), (low + high) / 2, middle)


def cut(pixels: NDArray[np.uint8], pose: Similarity) -> NDArray[np.uint8]:
    """(SIDE, SIDE, 3) uint8 of a picture, (H, W, 3) uint8; white where it has nothing.

    Args:
        pixels: the picture.
        pose: from the square to the picture.
    """
    corners = pose(np.array([[0.0, 0.0], [SIDE, 0.0], [0.0, SIDE], [SIDE, SIDE]]))
    image = Image.fromarray(pixels)
    shrink = max(1, int(pose.scale))
    offset = np.zeros(2)
    if shrink > 1:
        # Averaged first, as Pillow's transform takes single pixels whatever the scale.
        low = np.maximum(np.floor(corners.min(0)) - 2 * shrink, 0).astype(int)
        high = np.minimum(np.ceil(corners.max(0)) + 2 * shrink, image.size).astype(int)
        if (high <= low).any():
            return np.full((SIDE, SIDE, 3), 255, np.uint8)
        image = image.reduce(shrink, (*low.tolist(), *high.tolist()))
        offset = low.astype(np.float64)
    origin, across, down = ((corner - offset) / shrink for corner in corners[:3])
    (a, d), (b, e) = (across - origin) / SIDE, (down - origin) / SIDE
    flat = image.transform(
        (SIDE, SIDE),
        Image.Transform.AFFINE,
        (a, b, origin[0], d, e, origin[1]),
        Image.Resampling.BICUBIC,
        fillcolor=(255, 255, 255),
    )
    return np.array(flat)


def seen_whole(
    matrix: NDArray[np.float64], pose: Similarity, size: tuple[int, int]
) -> NDArray[np.float32]:
    """(4, 4) float32: the head's matrix for a camera that sees the picture, not the square.

    As large and in the same place; its distance follows, since the picture is seen under the
    same angle.

    Args:
        matrix: (4, 4) for a camera that sees the square.
        pose: from the square to the picture.
        size: width and height of the picture.
    """
    focus, whole = SIDE / 2 / _HALF_VIEW, size[1] / 2 / _HALF_VIEW
    x, y, z = matrix[:3, 3]
    place = pose(np.array([[SIDE / 2 - focus * x / z, SIDE / 2 + focus * y / z]]))[0]
    depth = z * whole / (focus * pose.scale)
    away = place - np.array(size) / 2
    seen = np.eye(4)
    flip = np.diag([1.0, -1.0])
    seen[:2, :2] = flip @ pose.rotation @ flip
    seen = seen @ matrix
    seen[:3, 3] = (-away[0] * depth / whole, away[1] * depth / whole, depth)
    return seen.astype(np.float32)
