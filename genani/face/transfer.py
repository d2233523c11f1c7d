"""Putting what one face does on another: from an actor's pictures, or from another drawing.

Only the difference to the same face at rest is carried over, so that neither the actor's features
nor the detector's opinion of a drawing come along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np

from genani.face.emotion import expressed
from genani.face.level import Level
from genani.face.mesh import FloatArray, canonical
from genani.scene.face import FacePart

LEAST = 0.03
"""Weaker expressions are noise."""

_DOUBT = 0.02
"""Weight of having no expression at all against meeting the points, in squared shares of the
distance between the eyes' corners."""

_SWEEPS = 80


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
    apart = (Level.of(acting).down(acting) - Level.of(resting).down(resting))[:, :2].ravel()
    wanted = matrix @ apart
    strengths = np.zeros(len(names))
    for _ in range(_SWEEPS):
        for k in range(len(names)):
            pull = wanted[k] - gram[k] @ strengths + gram[k, k] * strengths[k]
            strengths[k] = np.clip(pull / (gram[k, k] + _DOUBT), -1, 1)
    return _told(dict(zip(names, strengths.tolist(), strict=True)))


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


def _told(found: Mapping[str, float]) -> dict[str, float]:
    return {
        name: min(max(strength, -1.0), 1.0)
        for name, strength in found.items()
        if abs(strength) >= LEAST
    }


@cache
def _shapes() -> tuple[list[str], FloatArray, FloatArray]:
    """Names of the expressions, their displacements (N, 956), and each one's product with all."""
    shapes = canonical().shapes
    matrix = np.stack([shape[:, :2].ravel() for shape in shapes.values()])
    return list(shapes), matrix, matrix @ matrix.T
