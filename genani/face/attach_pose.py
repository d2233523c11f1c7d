"""The turn of a head from where its landmarks lie in the plane.

Faces that were placed by hand have the depth of a face seen from the front, however they are
turned. Theirs is that of the mean face, turned as the landmarks are.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from genani.face.mesh import PINS, FloatArray, array_of, canonical, part_of_points
from genani.face.pose import Similarity
from genani.face.turning import has_depth
from genani.scene.face import FacePart, Landmarks

_ROUNDS = 12

_COPIED = 0.9999
"""Likeness of a face's depth to the mean face's from which it was taken over and not seen."""

_REST = 1e-3
_TELLING = {
    1.0: (
        *("right eye outer", "right eye inner", "left eye inner", "left eye outer"),
        *("nose tip", "right nose wing", "left nose wing", "right jaw", "left jaw"),
    ),
    0.3: ("chin", "right mouth corner", "left mouth corner", "upper lip"),
}
"""How much the pins tell of the turn of a head: what moves with the expression tells less."""

_LEVEL = {
    side: tuple(
        f"{side} {name}" for name in ("eye outer", "eye inner", "nose wing", "mouth corner", "jaw")
    )
    for side in ("right", "left")
}
"""Pins that have a twin as high on the other side."""


@lru_cache(maxsize=64)
def solid(face: Landmarks) -> FloatArray:
    """(478, 3) a face in space: its own depth where it was seen, else the mean face's, turned."""
    points = array_of(face)
    rest = canonical().points
    if not _deep(points):
        points[:, 2] = turned_as(rest, points[:, :2])(rest)[:, 2]
    points.flags.writeable = False
    return points


def _deep(points: FloatArray) -> bool:
    """True if z was seen: not the mean face's own, which hands leave as it is from the front."""
    if not has_depth(points):
        return False
    return float(np.corrcoef(points[:, 2], canonical().points[:, 2])[0, 1]) < _COPIED


def seen_from(face: Landmarks, yaw: float) -> FloatArray:
    """(478, 3) a face as it is seen from elsewhere, of the same size, upright, about its middle.

    It nods as before: what seems to be a nod is as often the drawing's own proportions.

    Args:
        face: however it is turned.
        yaw: degrees from the front; 90 shows its own left side, -90 its right one.
    """
    points = solid(face)
    now = turned_as(canonical().points, points[:, :2]).rotation
    nod = np.arctan2(now[2, 1], now[2, 2])
    wanted = _about(1, np.radians(yaw)) @ _about(0, nod)
    middle = points.mean(0)
    return (points - middle) @ (wanted @ now.T).T + middle


def tilt(points: FloatArray) -> float:
    """How far a head leans to a side, radians clockwise: what is level on a face stays so turned.

    Args:
        points: (478, 2 or 3).
    """
    right, left = (points[[PINS[name] for name in _LEVEL[side]], :2] for side in ("right", "left"))
    across = (left - right).sum(0)
    return float(np.arctan2(across[1], across[0]))


def _about(axis: int, angle: float) -> FloatArray:
    """(3, 3) the rotation about the axis x (0) or y (1)."""
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.eye(3)
    one, two = ((1, 2), (2, 0))[axis]
    turn[one, one] = turn[two, two] = cos
    turn[one, two], turn[two, one] = -sin, sin
    return turn


@lru_cache(maxsize=1)
def _weights() -> FloatArray:
    """(478,) how much each landmark tells of the turn.

    What a hand has placed above all: the mesh between is the mean face's, seen from the front.
    """
    weights = _REST * part_of_points()[FacePart.HEAD]
    for share, names in _TELLING.items():
        weights[[PINS[name] for name in names]] = share
    weights.flags.writeable = False
    return weights


def turned_as(points: FloatArray, flat: FloatArray) -> Similarity:
    """The turn, scale and place in space with which a head looks as it does in the plane.

    Scaled orthographic projection: the affine camera nearest to the landmarks, robustly, as in
    `pose.fitted_robustly`, and the rotation nearest to that (D. F. DeMenthon and L. S. Davis,
    "Model-based object pose in 25 lines of code", 1995, at infinity).

    Args:
        points: (478, 3) the head.
        flat: (478, 2) where it is seen.

    Returns:
        A motion of space; the depth of where it goes is 0.
    """
    head = _weights()
    camera, before, after, off = _camera(points, flat, head)
    for _ in range(_ROUNDS):
        scale = 1.5 * float(np.median(off[head > _REST]))
        if scale <= 1e-9:
            break
        weights = head / (1 + np.square(off / scale))
        camera, before, after, off = _camera(points, flat, weights)
    u, values, v = np.linalg.svd(camera.T, full_matrices=False)
    across = u @ v
    rotation = np.vstack([across, np.cross(across[0], across[1])])
    return Similarity(rotation, max(float(values.mean()), 1e-6), before, np.append(after, 0.0))


def _camera(
    points: FloatArray, flat: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """(3, 2) the affine camera in least squares, both middles, and how far each point is off."""
    share = weights / weights.sum()
    before, after = share @ points, share @ flat
    one, two = points - before, flat - after
    weighed = (one * share[:, None]).T
    camera = np.linalg.lstsq(weighed @ one, weighed @ two)[0]
    return camera, before, after, np.linalg.norm(one @ camera - two, axis=1)
