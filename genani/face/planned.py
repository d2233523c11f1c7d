"""The face as it is planned at any time of a span: its path, the emotion and the acting on it."""

from __future__ import annotations

from fractions import Fraction

from genani.face.acting import acted
from genani.face.calm import calmed
from genani.face.emotion import expressed, strength, weights
from genani.face.mesh import FloatArray, array_of, with_points
from genani.face.trajectory import path_of
from genani.scene.face import Emotion, FaceGuidance, Landmarks, LandmarkSource


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


def feel(landmarks: Landmarks, guidance: FaceGuidance, t: float) -> FloatArray:
    """(478, 3) the face at `t` once it feels what the guidance says, on the canvas.

    To feel *neutral* is to do less of what the face does on the keys.

    Args:
        landmarks: the plain face at `t`.
        guidance: emotion, intensity, peak and locks.
        t: 0 to 1.
    """
    plain = array_of(landmarks)
    amount = strength(guidance, t)
    if not amount:
        return plain
    if guidance.emotion is Emotion.NEUTRAL:
        by_hand = landmarks.source is LandmarkSource.HAND
        return calmed(plain, amount, guidance.locks, found=not by_hand)
    return plain + expressed(plain, weights(guidance.emotion, amount), guidance.locks)
