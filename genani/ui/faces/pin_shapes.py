"""What a drag of the pointer is, and how it moves a face: shifts, turns, mirrored moves."""

from __future__ import annotations

import cmath
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QPointF, QRectF

from genani.scene.face import Landmarks, LandmarkSource

Places = dict[str, tuple[float, float]]
"""Pins by name, and where they are on the canvas."""


class Reach(Enum):
    """What a drag moves."""

    PINS = "pins"
    WHOLE = "whole"
    TURN = "turn"
    BOX = "box"


@dataclass(frozen=True)
class Drag:
    """What the button is held down for.

    Attributes:
        reach: what it moves.
        start, at: where it began and where the pointer is, on the canvas.
        face: as it was.
        pins: the names of those that are dragged.
        off: it has left the place it began.
        look: find the face in the box that is drawn.
    """

    reach: Reach
    start: QPointF
    at: QPointF
    face: Landmarks | None = None
    pins: tuple[str, ...] = ()
    off: bool = False
    look: bool = True

    @property
    def by(self) -> QPointF:
        """How far the pointer has come."""
        return self.at - self.start

    @property
    def box(self) -> QRectF:
        """What lies between the two places."""
        return QRectF(self.start, self.at).normalized()


def shifted(face: Landmarks, by: QPointF) -> Landmarks:
    """The whole face moved."""
    return _by_hand(face, [(x + by.x(), y + by.y(), z) for x, y, z in face.points])


def turned(face: Landmarks, start: QPointF, stop: QPointF) -> Landmarks:
    """The face turned and scaled about its middle, so that `start` goes to `stop`."""
    middle = box_of(face).center()
    before = complex(start.x() - middle.x(), start.y() - middle.y())
    after = complex(stop.x() - middle.x(), stop.y() - middle.y())
    if abs(before) < 1 or abs(after) < 1:
        return face
    factor = after / before
    points: list[tuple[float, float, float]] = []
    for x, y, z in face.points:
        at = complex(x - middle.x(), y - middle.y()) * factor
        points.append((middle.x() + at.real, middle.y() + at.imag, z * abs(factor)))
    return _by_hand(face, points)


def dragged(
    pins: Mapping[str, tuple[float, float]],
    moved: tuple[str, ...],
    by: QPointF,
    twins: Mapping[str, str],
    symmetric: bool,
) -> Places:
    """Where some pins go when they are dragged, and their twins with them if that is wanted.

    Args:
        pins: all of them, as they are.
        moved: names of the dragged ones.
        by: how far.
        twins: each pin to the one on the other side of the face.
        symmetric: twins do the same, mirrored at the middle of the face.
    """
    places = {pin: (pins[pin][0] + by.x(), pins[pin][1] + by.y()) for pin in moved}
    if symmetric:
        other = _mirrored(pins, by, twins)
        for pin in moved:
            twin = twins[pin]
            if twin not in places:
                places[twin] = pins[twin][0] + other.x(), pins[twin][1] + other.y()
    return places


def box_of(face: Landmarks) -> QRectF:
    """What a face covers of the canvas."""
    x = [point[0] for point in face.points]
    y = [point[1] for point in face.points]
    return QRectF(QPointF(min(x), min(y)), QPointF(max(x), max(y)))


def _mirrored(
    pins: Mapping[str, tuple[float, float]], by: QPointF, twins: Mapping[str, str]
) -> QPointF:
    """A move as the other side of the face makes it."""
    across = 0j
    for pin, twin in twins.items():
        if pin.startswith("left"):
            across += complex(*pins[pin]) - complex(*pins[twin])
    if abs(across) < 1e-6:
        across = 1 + 0j
    axis = cmath.rect(1, cmath.phase(across))
    # Reflected at the line that stands square on the way from one side to the other.
    made = -(axis * axis) * complex(by.x(), by.y()).conjugate()
    return QPointF(made.real, made.imag)


def _by_hand(face: Landmarks, points: list[tuple[float, float, float]]) -> Landmarks:
    return replace(face, points=tuple(points), source=LandmarkSource.HAND, confidence=1.0)
