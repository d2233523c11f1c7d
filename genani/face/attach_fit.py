"""How a drawing comes to be pinned to a face: by pairs that are given, or by where it lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genani.face.attach_pose import seen_from
from genani.face.mesh import PINS, FloatArray, array_of, with_points
from genani.face.pose import Similarity, fitted
from genani.face.warp import face_size
from genani.scene.attachment import Pin, Pinned, Rigidity
from genani.scene.errors import SceneError
from genani.scene.face import Landmarks
from genani.scene.picture import Picture

MARKS = {
    **PINS,
    "forehead": 10,
    "right forehead": 103,
    "left forehead": 332,
    "right temple": 127,
    "left temple": 356,
    "right ear": 234,
    "left ear": 454,
    "nose bridge": 168,
}
"""Names that a pin may be told to hold to, and their landmarks."""

_EYES = ("right eye outer", "right eye inner", "left eye inner", "left eye outer")
_STEADY = (
    *_EYES,
    *("forehead", "right forehead", "left forehead", "right temple", "left temple"),
    *("right ear", "left ear", "nose bridge"),
)
"""What goes with the head, whatever the face does, and is where a hand has placed it."""

_LOOSE = (
    *("nose tip", "right nose wing", "left nose wing", "upper lip", "lower lip", "chin"),
    *("right mouth corner", "left mouth corner", "right jaw", "left jaw"),
)
"""What a drawing is held to where nothing steady is near, such as a beard."""

_COUNT, _LEAST = 6, 3
"""Pins that a drawing is given by itself: enough to hold, few enough to be seen."""

_NEAR = 0.2
"""How far from the ink a landmark may lie to hold it, in shares of `face_size`."""

_FARTHER = 0.25
"""By how much loose landmarks are taken to be farther off."""

_INK = 2000
"""Places of the drawing at most that are asked how near they are."""

_WIDE = 2.1
"""Width of a drawing that is laid on a face, in shares of `face_size`."""


def landmark(name: str) -> int:
    """The landmark of a name or a number.

    Raises:
        SceneError: neither; the text has the names.
    """
    if name.isdecimal() and int(name) < 478:
        return int(name)
    if name not in MARKS:
        raise SceneError(f"there is no landmark '{name}'; take 0 to 477, or {', '.join(MARKS)}")
    return MARKS[name]


def pinned(
    picture: Picture,
    face: Landmarks,
    canvas: tuple[int, int],
    pairs: Sequence[tuple[float, float, int]] = (),
    yaw: float | None = None,
    exact: bool = False,
) -> Pinned:
    """A drawing held to a face.

    Args:
        picture: of the canvas's size it is taken to lie where it was drawn; of another size it is
            laid over the eyes, for a hand to move it. Pairs say it better.
        face: on the key that it is attached on.
        canvas: (width, height).
        pairs: x and y in the picture, and the landmark that is held there.
        yaw: the side from which the drawing shows what it shows, in degrees from the front; None
            as the face is seen on the key.
        exact: bend it to meet the pairs; else they place it as a body, nearest to them in least
            squares, and from there it goes along.

    Raises:
        SceneError: pairs that lie all in one place.
    """
    seen = face if yaw is None else with_points(face, seen_from(face, yaw))
    points = array_of(seen)
    pins = tuple(Pin(*pair) for pair in pairs)
    way = _by_pairs(points, pins) if pins else _laid(points, picture, canvas)
    moved = np.column_stack([way(points[:, :2]), way.scale * points[:, 2]])
    if not pins:
        pins = pins_by(moved, picture)
    elif not exact:
        marks = [pin.landmark for pin in pins]
        pins = tuple(Pin(float(moved[at, 0]), float(moved[at, 1]), at) for at in marks)
    return Pinned(picture.id, with_points(face, moved), pins, Rigidity.MESH)


def pins_by(points: FloatArray, picture: Picture) -> tuple[Pin, ...]:
    """Pins for a drawing on a face: landmarks under its ink or near it, far from one another.

    Args:
        points: (478, 3) the face in pixels of the picture.
    """
    size = face_size(points)
    marks = np.array([MARKS[name] for name in (*_STEADY, *_LOOSE)])
    places = points[marks, :2]
    away = _away(places, picture) / size
    away[len(_STEADY) :] += _FARTHER
    near = np.flatnonzero(away <= _NEAR)
    if len(near) < _LEAST:
        near = np.argsort(away, kind="stable")[:_LEAST]
    chosen = [int(near[np.argmin(away[near])])]
    while len(chosen) < min(_COUNT, len(near)):
        apart = np.linalg.norm(places[near, None] - places[None, chosen], axis=2).min(1)
        chosen.append(int(near[np.argmax(apart)]))
    held = sorted(marks[chosen].tolist())
    return tuple(Pin(float(points[at, 0]), float(points[at, 1]), at) for at in held)


def _away(places: FloatArray, picture: Picture) -> FloatArray:
    """(N,) pixels from places to the nearest ink of a drawing; of a blank one to its middle."""
    rows, columns = np.nonzero(picture.pixels[..., 3])
    if not len(rows):
        rows, columns = np.array([picture.height // 2]), np.array([picture.width // 2])
    step = max(len(rows) // _INK, 1)
    ink = np.stack([columns[::step], rows[::step]], 1) + 0.5
    return np.linalg.norm(places[:, None] - ink[None], axis=2).min(1)


def _by_pairs(points: FloatArray, pins: tuple[Pin, ...]) -> Similarity:
    """From the face to the picture; with one pair alone a pixel stays a pixel."""
    held = points[[pin.landmark for pin in pins], :2]
    given = np.array([(pin.x, pin.y) for pin in pins])
    if len(pins) == 1:
        return _shift(held[0], given[0])
    if np.ptp(given, axis=0).max() <= 0:
        raise SceneError("the pins lie all in one place of the picture: set them apart")
    return fitted(held, given, np.ones(len(pins)))


def _laid(points: FloatArray, picture: Picture, canvas: tuple[int, int]) -> Similarity:
    """From the face to a picture that says nothing of where it lies."""
    if picture.size == canvas:
        return _shift(np.zeros(2), np.zeros(2))
    eyes = points[[PINS[name] for name in _EYES], :2]
    across = eyes[3] - eyes[0]
    angle = -np.arctan2(across[1], across[0])
    cos, sin = np.cos(angle), np.sin(angle)
    scale = picture.width / (_WIDE * face_size(points))
    middle = np.array([picture.width / 2, picture.height / 2])
    return Similarity(np.array([[cos, -sin], [sin, cos]]), scale, eyes.mean(0), middle)


def _shift(start: NDArray[np.float64], end: NDArray[np.float64]) -> Similarity:
    return Similarity(np.eye(2), 1.0, start, end)
