"""Which way a head looks, from MediaPipe's matrix, and what the matrix becomes in a moved picture.

The matrix brings MediaPipe's canonical face, in centimetres, before a camera that sees the
picture's height under 63 degrees; x to the picture's right, y up, z towards the viewer.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import FloatArray

_VIEW = math.radians(63)


def angles(matrix: NDArray[np.floating]) -> tuple[float, float, float]:
    """Yaw (towards the viewer's right), pitch (up) and roll (to the viewer's right), in degrees."""
    turn = np.asarray(matrix, np.float64)[:3, :3]
    turn = turn / max(float(np.cbrt(abs(np.linalg.det(turn)))), 1e-9)
    yaw = math.atan2(turn[0, 2], turn[2, 2])
    pitch = math.asin(min(max(float(turn[1, 2]), -1.0), 1.0))
    roll = -math.atan2(turn[1, 0], turn[1, 1])
    return (math.degrees(yaw), math.degrees(pitch), math.degrees(roll))


def mirrored(matrix: FloatArray) -> FloatArray:
    """The matrix of the face seen in a mirror."""
    flip = np.diag([-1.0, 1.0, 1.0, 1.0])
    return flip @ matrix @ flip


def moved(matrix: FloatArray, affine: FloatArray, size: tuple[int, int]) -> FloatArray:
    """The matrix of a face once its picture is turned, scaled and shifted.

    Args:
        matrix: (4, 4).
        affine: (2, 3), a similarity from places of the picture to places of the new one, in
            pixels, without mirroring.
        size: width and height of both pictures.
    """
    focus = size[1] / 2 / math.tan(_VIEW / 2)
    middle = np.array(size, np.float64) / 2
    scale = math.sqrt(float(np.linalg.det(affine[:, :2])))
    depth = -float(matrix[2, 3])
    if depth <= 0 or scale <= 0:
        return matrix
    place = middle + np.array([1.0, -1.0]) * matrix[:2, 3] * focus / depth
    there = affine[:, :2] @ place + affine[:, 2]
    # y runs up before the camera and down in the picture: the turn goes the other way.
    turn = np.eye(4)
    turn[:2, :2] = (affine[:, :2] / scale).T
    result = turn @ matrix
    new_depth = depth / scale
    result[:2, 3] = (there - middle) * np.array([1.0, -1.0]) * new_depth / focus
    result[2, 3] = -new_depth
    return result
