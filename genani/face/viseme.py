"""Mouth shapes on the face mesh; `genani.scene.mouth_chart` has their names and sounds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from genani.face.mesh import FloatArray, canonical
from genani.scene.acting import Viseme

WEIGHTS: Mapping[Viseme, Mapping[str, float]] = {
    Viseme.A: {"mouthPress": 0.5, "mouthRollUpper": 0.25, "mouthRollLower": 0.25},
    Viseme.B: {"mouthStretch": 0.35, "mouthUpperUp": 0.35, "mouthLowerDown": 0.6, "jawOpen": 0.04},
    Viseme.C: {"jawOpen": 0.36, "mouthUpperUp": 0.15, "mouthLowerDown": 0.3, "mouthStretch": 0.15},
    Viseme.D: {"jawOpen": 0.75, "mouthUpperUp": 0.2, "mouthLowerDown": 0.3},
    Viseme.E: {"jawOpen": 0.32, "mouthFunnel": 0.45, "mouthPucker": 0.2},
    Viseme.F: {"jawOpen": 0.06, "mouthFunnel": 0.3, "mouthPucker": 0.85},
    Viseme.G: {"jawOpen": 0.08, "mouthRollLower": 0.6, "mouthUpperUp": 0.45},
    Viseme.H: {"jawOpen": 0.46, "mouthUpperUp": 0.2, "mouthLowerDown": 0.2},
    Viseme.X: {},
}
"""Each shape as expressions of the table, both sides alike, and their shares. The tongue of H
and the teeth of B and G lie behind the lips and are no part of the mesh."""

CLOSED = frozenset({Viseme.A, Viseme.X})
"""Shapes whose lips touch all along."""

ROUND = frozenset({Viseme.E, Viseme.F})
"""Shapes whose corners are drawn in; no smile survives them."""


@cache
def shaped(viseme: Viseme) -> FloatArray:
    """(478, 3) how far the shape moves the points of the canonical face; cannot be written."""
    face = canonical()
    moved = np.zeros_like(face.points)
    for name, share in WEIGHTS[viseme].items():
        moved += share * both_sides(name)
    moved.flags.writeable = False
    return moved


def both_sides(name: str) -> FloatArray:
    """(478, 3) an expression of the table, its left and right halves together."""
    shapes = canonical().shapes
    return shapes[name] if name in shapes else shapes[f"{name}Left"] + shapes[f"{name}Right"]
