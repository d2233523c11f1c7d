"""Mouth shapes on the face mesh, the other names they go by, and the sounds they are drawn for.

The letters are those of Rhubarb Lip Sync's README (D. S. Wolf, 2015 on), which took six from
Hanna-Barbera's charts; the other names are P. Blair's ("Advanced Animation", 1947) as Papagayo
and Moho write them. Sounds are in ARPAbet, as in the CMU Pronouncing Dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

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

PRESTON_BLAIR: Mapping[str, Viseme] = {
    "MBP": Viseme.A,
    "etc": Viseme.B,
    "E": Viseme.C,
    "AI": Viseme.D,
    "O": Viseme.E,
    "U": Viseme.F,
    "WQ": Viseme.F,
    "FV": Viseme.G,
    "L": Viseme.H,
    "rest": Viseme.X,
}
"""P. Blair's names to letters; the first name of a letter is the one that is written."""

SOUNDS: Mapping[Viseme, tuple[str, ...]] = {
    Viseme.A: ("M", "B", "P"),
    Viseme.B: (
        *("K", "G", "NG", "S", "Z", "SH", "ZH", "CH", "JH", "T", "D", "N", "TH", "DH", "Y", "HH"),
        *("IY", "IH"),
    ),
    Viseme.C: ("EH", "AE", "AH", "EY"),
    Viseme.D: ("AA", "AY", "AW"),
    Viseme.E: ("AO", "ER", "OY", "R"),
    Viseme.F: ("UW", "UH", "OW", "W"),
    Viseme.G: ("F", "V"),
    Viseme.H: ("L",),
    Viseme.X: ("SIL",),
}
"""Vowels and groups of consonants that share a shape."""


def viseme_of_sound(sound: str) -> Viseme | None:
    """The shape for an ARPAbet sound, its stress ignored; None for what is no sound of speech."""
    return _by_sound().get(sound.upper().rstrip("012"))


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


@cache
def _by_sound() -> Mapping[str, Viseme]:
    return MappingProxyType({sound: shape for shape, all_ in SOUNDS.items() for sound in all_})
