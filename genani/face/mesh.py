"""The face mesh: MediaPipe's 478 points, what they lie on, and the face they make at rest.

Points have MediaPipe's numbers (Y. Kartynnik et al., arXiv 1907.06724). Left and right are the
face's own: its left side is on the picture's right. Lengths of the canonical face are in shares
of the distance between the outer corners of the eyes; x to the picture's right, y down, z away
from the viewer; the origin lies midway between these corners.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from genani import resources
from genani.scene.face import FacePart, Landmarks

POINTS = 478
"""Points of a face."""

FloatArray = NDArray[np.float64]

_BROW_RIGHT = (46, 53, 52, 65, 55, 107, 66, 105, 63, 70)
_EYE_RIGHT = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
_IRIS_RIGHT = (469, 470, 471, 472)
_BROW_LEFT = (276, 283, 282, 295, 285, 336, 296, 334, 293, 300)
_EYE_LEFT = (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)
_IRIS_LEFT = (476, 475, 474, 477)
_LIPS_OUTER = (
    *(61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    *(375, 321, 405, 314, 17, 84, 181, 91, 146),
)
_LIPS_INNER = (
    *(78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    *(324, 318, 402, 317, 14, 87, 178, 88, 95),
)
_OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)

CONTOURS: Mapping[str, tuple[int, ...]] = {
    "right brow": _BROW_RIGHT,
    "left brow": _BROW_LEFT,
    "right eye": _EYE_RIGHT,
    "left eye": _EYE_LEFT,
    "right iris": _IRIS_RIGHT,
    "left iris": _IRIS_LEFT,
    "outer lips": _LIPS_OUTER,
    "inner lips": _LIPS_INNER,
    "oval": _OVAL,
}
"""Closed outlines, point after point."""

NOSE_LINES: tuple[tuple[int, ...], ...] = (
    (168, 6, 197, 195, 5, 4, 1, 19, 94, 2),
    (48, 64, 98, 97, 2, 326, 327, 294, 278),
)
"""Open lines of the nose: the ridge, and the wings around the base."""

IRIS_CENTRES = (468, 473)
"""Middle of the right and of the left iris."""

JAW: tuple[int, ...] = _OVAL[_OVAL.index(323) : _OVAL.index(93) + 1]
"""The oval from ear to ear, by way of the chin."""

BROWS = (
    ((70, 63, 105, 66, 107), (46, 53, 52, 65, 55)),
    ((300, 293, 334, 296, 336), (276, 283, 282, 295, 285)),
)
"""Upper and lower row of the right and of the left brow, from its outer end, in pairs."""

PINS: Mapping[str, int] = {
    "right brow outer": 70,
    "right brow middle": 105,
    "right brow inner": 107,
    "left brow inner": 336,
    "left brow middle": 334,
    "left brow outer": 300,
    "right eye outer": 33,
    "right eye inner": 133,
    "right upper lid": 159,
    "right lower lid": 145,
    "left eye inner": 362,
    "left eye outer": 263,
    "left upper lid": 386,
    "left lower lid": 374,
    "right iris": 468,
    "left iris": 473,
    "nose tip": 1,
    "right nose wing": 64,
    "left nose wing": 294,
    "right mouth corner": 61,
    "left mouth corner": 291,
    "upper lip": 0,
    "lower lip": 17,
    "right jaw": 172,
    "left jaw": 397,
    "chin": 152,
}
"""The points an animator places by hand, and which of the 478 each is."""


@dataclass(frozen=True)
class Lid:
    """One eye's opening: the upper and lower lid from corner to corner.

    Attributes:
        upper, lower: points between the corners, from the outer to the inner one, in pairs.
        outer, inner: the corners.
        iris: all five points of the iris.
    """

    outer: int
    inner: int
    upper: tuple[int, ...]
    lower: tuple[int, ...]
    iris: tuple[int, ...]


LIDS = (
    Lid(33, 133, _EYE_RIGHT[1:8], _EYE_RIGHT[:8:-1], (468, *_IRIS_RIGHT)),
    Lid(263, 362, _EYE_LEFT[1:8], _EYE_LEFT[:8:-1], (473, *_IRIS_LEFT)),
)
"""The right and the left eye."""

MOUTH = Lid(78, 308, _LIPS_INNER[1:10], _LIPS_INNER[:10:-1], ())
"""The opening of the mouth; its outer corner is the face's right one."""

LIPS = Lid(61, 291, _LIPS_OUTER[1:10], _LIPS_OUTER[:10:-1], ())
"""The outer edges of the lips, as `MOUTH` is their inner ones."""


@dataclass(frozen=True)
class CanonicalFace:
    """The mean face at rest, and how each expression moves it.

    Attributes:
        points: (478, 3) float64.
        mirror: (478,) int64, each point's twin on the other side.
        triangles: (852, 3) int64; the irises have none.
        shapes: ARKit's names of expressions, those of two sides apart (`browInnerUpLeft`), to
            (478, 3) displacements at full strength. From ICT-FaceKit (R. Li et al., CVPR 2020).
    """

    points: FloatArray
    mirror: NDArray[np.int64]
    triangles: NDArray[np.int64]
    shapes: Mapping[str, FloatArray]


@cache
def canonical() -> CanonicalFace:
    """The canonical face; read once, its arrays cannot be written."""
    with np.load(resources.folder("resources") / "face" / "expressions.npz") as data:
        shapes = data["shapes"].astype(np.float64)
        arrays = (
            data["points"].astype(np.float64),
            data["mirror"].astype(np.int64),
            data["triangles"].astype(np.int64),
        )
        names = data["names"].tolist()
    for array in (*arrays, shapes):
        array.flags.writeable = False
    return CanonicalFace(*arrays, dict(zip(names, shapes, strict=True)))


@cache
def part_of_points() -> Mapping[FacePart, FloatArray]:
    """How much each point belongs to brows, eyes, mouth, jaw and head; the five sum to 1.

    (478,) float64 each. Points of a part's own lines belong to it wholly; the skin between
    parts goes over from one to the next, and far from all it belongs to the head.
    """
    points = canonical().points
    own = {
        FacePart.BROWS: (*_BROW_RIGHT, *_BROW_LEFT),
        FacePart.EYES: tuple(i for lid in LIDS for i in (*_eye(lid), *lid.iris)),
        FacePart.MOUTH: (*_LIPS_OUTER, *_LIPS_INNER),
        FacePart.JAW: JAW[4:-4],
    }
    near = {part: _nearness(points, list(indices)) for part, indices in own.items()}
    total = np.maximum(sum(near.values()), 1)
    weights = {part: value / total for part, value in near.items()}
    for part, indices in own.items():
        for other in weights:
            weights[other][list(indices)] = float(other is part)
    weights[FacePart.HEAD] = 1 - sum(weights.values())
    return {part: weights[part] for part in FacePart}


def part_places(points: FloatArray, parts: Iterable[FacePart]) -> FloatArray:
    """(N, 2) places strewn over parts of a face, openings between lids and lips with them.

    Args:
        points: (478, 2 or 3).
        parts: which.
    """
    weights = part_of_points()
    places = [np.zeros((0, 2))]
    for part in parts:
        places.append(points[weights[part] == 1, :2])
        openings = {FacePart.EYES: LIDS, FacePart.MOUTH: (MOUTH,)}.get(part, ())
        for each in openings:
            upper, lower = points[list(each.upper), :2], points[list(each.lower), :2]
            places += [upper + share * (lower - upper) for share in np.linspace(0, 1, 9)]
    return np.concatenate(places)


def array_of(landmarks: Landmarks) -> FloatArray:
    """(478, 3) float64, the points of a face on the canvas."""
    return np.asarray(landmarks.points, np.float64)


def with_points(landmarks: Landmarks, points: FloatArray) -> Landmarks:
    """A face with the same source and confidence and other points, (478, 3)."""
    return Landmarks(
        tuple((x, y, z) for x, y, z in points.tolist()), landmarks.source, landmarks.confidence
    )


def mirrored(points: FloatArray, width: float) -> FloatArray:
    """The face seen in a mirror: (478, 3), x turned around on a canvas of this width."""
    twins = points[canonical().mirror].copy()
    twins[:, 0] = width - twins[:, 0]
    return twins


def opening(points: FloatArray, lid: Lid) -> float:
    """How far the lids (or lips) stand apart in the middle, in shares of the corners' distance.

    Args:
        points: (478, 2 or 3).
        lid: which opening.
    """
    flat = points[:, :2]
    across = float(np.linalg.norm(flat[lid.outer] - flat[lid.inner]))
    gaps = np.linalg.norm(flat[list(lid.upper)] - flat[list(lid.lower)], axis=1)
    return float(np.sort(gaps)[-3:].mean()) / across if across else 0.0


_REACH = 0.22
"""How far a part reaches into the skin around it."""


def _nearness(points: FloatArray, indices: list[int]) -> FloatArray:
    away = np.linalg.norm(points[:, None, :2] - points[None, indices, :2], axis=2).min(1)
    share = np.clip(1 - away / _REACH, 0, 1)
    return share * share * (3 - 2 * share)


def _eye(lid: Lid) -> tuple[int, ...]:
    return (lid.outer, *lid.upper, lid.inner, *lid.lower)
