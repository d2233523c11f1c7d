"""Putting what one face does on another: from an actor's pictures, or from another drawing.

Only the difference to the same face at rest is carried over, so that neither the actor's features
nor the detector's opinion of a drawing come along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np

from genani.face.detect import FoundFace
from genani.face.emotion import expressed
from genani.face.level import Level
from genani.face.mesh import FloatArray, array_of, canonical, with_points
from genani.face.pose import Similarity, fitted
from genani.face.turning import has_depth
from genani.face.warp import head_motion
from genani.scene.face import FacePart, Landmarks, LandmarkSource

LEAST = 0.03
"""Weaker expressions are noise."""

_DOUBT = 0.005
"""Weight of having no expression at all against meeting the points, in squared shares of the
distance between the eyes' corners."""

_TURNS, _SWEEPS = 8, 20
"""Rounds of finding the head's turn and the expression in turns, and sweeps in each."""


def from_blendshapes(
    acting: Mapping[str, float], resting: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Strengths of the table's expressions that make the difference between two pictures.

    Args:
        acting, resting: MediaPipe's blendshapes (ARKit's names to 0..1) of a face as it acts, and
            of the same face at rest; without the latter all that it does is meant.

    Returns:
        Names of `CanonicalFace.shapes` to -1..1, those under `LEAST` left out.
    """
    before = resting or {}
    found: dict[str, float] = {}
    for name in canonical().shapes:
        # MediaPipe raises both inner brows as one.
        both = name.removesuffix("Left").removesuffix("Right")
        key = name if name in acting else both
        if key in acting:
            found[name] = acting[key] - before.get(key, 0.0)
    return _told(found)


def from_points(acting: FloatArray, resting: FloatArray) -> dict[str, float]:
    """Strengths of the table's expressions that take a face from rest to what it does.

    Least squares with bounds, by coordinate descent, the heads' turns and sizes taken off first.

    Args:
        acting, resting: (478, 3) points of one face, or of two drawings of it.

    Returns:
        Names of `CanonicalFace.shapes` to -1..1, those under `LEAST` left out.
    """
    names, matrix, gram = _shapes()
    rest = Level.of(resting).down(resting)
    space = slice(None) if has_depth(resting) and has_depth(acting) else slice(2)
    strengths = np.zeros(len(names))
    for turn in range(_TURNS):
        expected = rest + np.tensordot(strengths, _displacements(), 1)
        # At first the head's own points tell its turn, later all do: their expression is known.
        find = head_motion if turn == 0 else _whole_motion
        level = Level(find(expected[:, space], acting[:, space]))
        apart = (level.down(acting) - rest)[:, :2].ravel()
        _descend(strengths, matrix @ apart, gram)
    return _told(dict(zip(names, strengths.tolist(), strict=True)))


def _descend(strengths: FloatArray, wanted: FloatArray, gram: FloatArray) -> None:
    """Least squares within bounds, better with every sweep."""
    for _ in range(_SWEEPS):
        for k in range(len(strengths)):
            pull = wanted[k] - gram[k] @ strengths + gram[k, k] * strengths[k]
            strengths[k] = min(max(pull / (gram[k, k] + _DOUBT), -1.0), 1.0)


def _whole_motion(before: FloatArray, after: FloatArray) -> Similarity:
    return fitted(before, after, np.ones(len(before)))


def transferred(
    points: FloatArray,
    strengths: Mapping[str, float],
    share: float = 1.0,
    locks: Iterable[FacePart] = (),
) -> FloatArray:
    """(478, 3) the points of a drawing once it does what the other face does.

    Args:
        points: (478, 3) on the canvas.
        strengths: from `from_blendshapes` or `from_points`.
        share: of the expression to put on; over 1 exaggerates.
        locks: parts that must not move.
    """
    wanted = {name: share * strength for name, strength in strengths.items()}
    return points + expressed(points, wanted, locks)


def carried(
    drawing: Landmarks,
    acting: FoundFace,
    resting: FoundFace | None,
    locks: Iterable[FacePart] = (),
) -> Landmarks:
    """A drawing's face with the expression of a face that was found in a picture.

    Args:
        drawing: the face of the drawing, plain.
        acting, resting: the other face as it acts, and at rest where there is such a picture.
        locks: parts that must not move.
    """
    strengths = from_blendshapes(acting.blendshapes, resting.blendshapes if resting else None)
    points = transferred(array_of(drawing), strengths, locks=locks)
    moved = with_points(drawing, points)
    return replace(moved, source=LandmarkSource.HAND, confidence=1.0)


def _told(found: Mapping[str, float]) -> dict[str, float]:
    return {
        name: min(max(strength, -1.0), 1.0)
        for name, strength in found.items()
        if abs(strength) >= LEAST
    }


@cache
def _displacements() -> FloatArray:
    """(N, 478, 3) of every expression."""
    return np.stack(list(canonical().shapes.values()))


@cache
def _shapes() -> tuple[list[str], FloatArray, FloatArray]:
    """Names of the expressions, their displacements (N, 956), and each one's product with all."""
    matrix = _displacements()[..., :2].reshape(len(_displacements()), -1)
    return list(canonical().shapes), matrix, matrix @ matrix.T
