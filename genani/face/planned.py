"""The face as it is planned at any time of a span: its path, the emotion and the acting on it."""

from __future__ import annotations

from fractions import Fraction

from genani.face.acting import acted
from genani.face.emotion import feel
from genani.face.mesh import FloatArray, array_of, with_points
from genani.face.trajectory import path_of
from genani.scene.face import FaceGuidance, Landmarks


def planned(
    first: Landmarks, last: Landmarks, guidance: FaceGuidance | None, t: Fraction
) -> Landmarks:
    """The face at `t`, on the canvas; at both ends the very landmarks of the keys.

    Args:
        first, last: the faces on the keys.
        guidance: how the face travels; None for the plain path.
        t: 0 to 1.
    """
    at = path_of(first, last, guidance)(t)
    points = expressed_at(at, guidance, t)
    return at if points is None else with_points(at, points)


def expressed_at(at: Landmarks, guidance: FaceGuidance | None, t: Fraction) -> FloatArray | None:
    """(478, 3) a face with what the guidance asks of it at `t`; None where it asks nothing.

    Args:
        at: the plain face there.
        guidance: emotion, intensity, peak, locks and what the lanes ask.
        t: 0 to 1.
    """
    if guidance is None or not 0 < t < 1:
        return None
    plain = array_of(at)
    points = acted(feel(at, guidance, float(t)), guidance.pose(t))
    return None if (points == plain).all() else points
