"""Placing a face by hand: a whole one in a box, and pulling a face by its pins."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from genani.face.emotion import free_points
from genani.face.fit_parts import shape_brow, shape_eye, shape_lips
from genani.face.mesh import (
    BROWS,
    CONTOURS,
    JAW,
    LIDS,
    NOSE_LINES,
    PINS,
    FloatArray,
    array_of,
    canonical,
    mirrored,
)
from genani.face.pose import fitted_robustly
from genani.face.spline import ThinPlate
from genani.scene.errors import SceneError
from genani.scene.face import FacePart, Landmarks, LandmarkSource

_WORDS: Mapping[str, tuple[FacePart, str]] = {
    "brow": (FacePart.BROWS, "brow"),
    "eye": (FacePart.EYES, "eye"),
    "lid": (FacePart.EYES, "eye"),
    "iris": (FacePart.EYES, "eye"),
    "nose": (FacePart.HEAD, "nose"),
    "mouth": (FacePart.MOUTH, "mouth"),
    "lip": (FacePart.MOUTH, "mouth"),
    "jaw": (FacePart.JAW, "jaw"),
    "chin": (FacePart.JAW, "jaw"),
}

_PAIRED = ("brow", "eye")
"""What a face has two of, each moved alone."""

_SLACK = 0.05
"""How freely the outline, where it has no pins, leaves its place."""

_LEAST_SIDE = 8.0
"""Pixels; in a smaller box nobody could tell the pins apart."""


def part_of(pin: str) -> FacePart:
    """Which part of the face a pin belongs to."""
    return _kind(pin)[0]


def groups() -> dict[str, tuple[str, ...]]:
    """Pins that are moved together, by the name of the group; each pin is in one."""
    found: dict[str, tuple[str, ...]] = {}
    for pin in PINS:
        name = _kind(pin)[1]
        if name in _PAIRED:
            name = f"{pin.split()[0]} {name}"
        found[name] = (*found.get(name, ()), pin)
    return found


def twin(pin: str) -> str:
    """The pin on the other side of the face; one in the middle is its own twin."""
    sides = {"left": "right", "right": "left"}
    return " ".join(sides.get(word, word) for word in pin.split())


def lines() -> list[tuple[FacePart, tuple[int, ...], bool]]:
    """The lines of the face to be shown: their part, their points in order, and if they close."""
    parts = {
        "right brow": FacePart.BROWS,
        "left brow": FacePart.BROWS,
        "outer lips": FacePart.MOUTH,
        "inner lips": FacePart.MOUTH,
    }
    found = [(parts.get(name, FacePart.EYES), line, True) for name, line in CONTOURS.items()]
    oval = CONTOURS["oval"]
    start, stop = oval.index(JAW[0]), oval.index(JAW[-1])
    return [
        *(line for line in found if line[1] is not oval),
        (FacePart.JAW, JAW, False),
        (FacePart.HEAD, (*oval[stop:], *oval[: start + 1]), False),
        *((FacePart.HEAD, line, False) for line in NOSE_LINES),
    ]


@cache
def edges() -> tuple[tuple[int, int], ...]:
    """Pairs of points, each side of the mesh's triangles once."""
    triangles = canonical().triangles
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return tuple((a, b) for a, b in np.unique(np.sort(sides, axis=1), axis=0).tolist())


def placed(box: tuple[float, float, float, float]) -> Landmarks:
    """The face at rest, filling a box on the canvas from brow to chin and ear to ear.

    Args:
        box: left, top, right and bottom, in pixels.

    Raises:
        SceneError: the box is smaller than a face can be placed in.
    """
    left, top, right, bottom = box
    size = np.array([right - left, bottom - top])
    if size.min() < _LEAST_SIDE:
        raise SceneError("draw a larger box around the face")
    rest = canonical().points
    low, extent = rest[:, :2].min(0), np.ptp(rest[:, :2], axis=0)
    scale = size / extent
    flat = (rest[:, :2] - low) * scale + (left, top)
    return _by_hand(np.column_stack([flat, rest[:, 2] * scale.mean()]))


def bent(
    landmarks: Landmarks,
    moved: Mapping[str, tuple[float, float]],
    locks: frozenset[FacePart] = frozenset(),
) -> Landmarks:
    """The face with some pins moved: what lies about them follows, all other pins stay.

    A thin-plate spline of the displacements over the face at rest, so that lids or lips which
    lie upon each other can be told apart. Depth stays.

    Args:
        landmarks: the face before.
        moved: names of `mesh.PINS` to where they are now, (x, y) on the canvas in pixels.
        locks: parts that do not move, whatever is pulled.

    Raises:
        SceneError: an unknown pin, or one that went nowhere.
    """
    unknown = [name for name in moved if name not in PINS]
    if unknown:
        raise SceneError(f"there is no pin '{unknown[0]}'; pins are {', '.join(PINS)}")
    points = array_of(landmarks)
    indices = np.array(list(PINS.values()))
    targets = np.array([moved.get(name, points[i, :2]) for name, i in PINS.items()], np.float64)
    if not np.isfinite(targets).all():
        raise SceneError("a pin cannot be moved there")
    after = points.copy()
    after[:, :2] += _spread(points, indices, targets - points[indices, :2], locks)
    _shape_parts(points, after, locks)
    return _by_hand(after)


def turned_around(landmarks: Landmarks) -> Landmarks:
    """The face as in a mirror, where it is: what looked to the left looks to the right."""
    points = array_of(landmarks)
    low, high = points[:, 0].min(), points[:, 0].max()
    return _by_hand(mirrored(points, low + high))


def _spread(
    points: FloatArray,
    indices: NDArray[np.int64],
    off: FloatArray,
    locks: frozenset[FacePart],
) -> FloatArray:
    """(478, 2) how far each point goes when those at `indices` go `off`, (N, 2)."""
    rest = canonical().points[:, :2]
    pose = fitted_robustly(rest, points[:, :2], np.ones(len(points)))
    anchors = np.setdiff1d(CONTOURS["oval"], indices)
    knots = np.concatenate([indices, anchors])
    slack = np.repeat([0.0, _SLACK], [len(indices), len(anchors)])
    wanted = pose.inverse.turned(np.concatenate([off, np.zeros((len(anchors), 2))]))
    spread = pose.turned(ThinPlate(rest[knots], wanted, slack)(rest))
    spread[indices] = off
    for lid in LIDS:
        # An iris is a disc that glides under the lids: it does not bend with them.
        spread[list(lid.iris)] = spread[lid.iris[0]]
    return spread * free_points(locks)[:, None]


def _shape_parts(before: FloatArray, after: FloatArray, locks: frozenset[FacePart]) -> None:
    """Lids, brows and lips keep their form between their pins: a spline makes roofs and crumples.

    Args:
        before: (478, 3), the face as it was.
        after: (478, 3), the face as it is bent; changed.
        locks: parts that do not move.
    """
    flat = after[:, :2].copy()
    if FacePart.EYES not in locks:
        for lid in LIDS:
            shape_eye(flat, lid, before)
    if FacePart.BROWS not in locks:
        for upper, lower in BROWS:
            shape_brow(flat, list(upper), list(lower), before, lambda off: off)
    if FacePart.MOUTH not in locks:
        shape_lips(flat, before)
    after[:, :2] = flat


def _kind(pin: str) -> tuple[FacePart, str]:
    return next(kind for word, kind in _WORDS.items() if word in pin.split())


def _by_hand(points: FloatArray) -> Landmarks:
    return Landmarks(
        tuple((x, y, z) for x, y, z in points.tolist()), LandmarkSource.HAND, confidence=1.0
    )
