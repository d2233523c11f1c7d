"""Emotions as facial action units, and how they move the landmarks of a drawing.

P. Ekman and W. V. Friesen, "EMFACS-7: Emotional Facial Action Coding System", 1983; the units
themselves in P. Ekman, W. V. Friesen and J. C. Hager, "Facial Action Coding System", 2002.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import (
    BROWS,
    CONTOURS,
    JAW,
    LIDS,
    MOUTH,
    NOSE_LINES,
    FloatArray,
    Lid,
    canonical,
    opening,
    part_of_points,
)
from genani.face.pose import fitted_robustly
from genani.face.trajectory import envelope
from genani.face.turning import has_depth
from genani.scene.face import Emotion, FaceGuidance, FacePart

UNITS: Mapping[int, Mapping[str, float]] = {
    1: {"browInnerUp": 1.7},
    2: {"browOuterUp": 1.0},
    4: {"browDown": 2.0, "browInnerUp": -0.9},
    5: {"eyeWide": 1.2},
    6: {"cheekSquint": 0.6, "cheekRaiser": 0.6},
    7: {"eyeSquint": 1.0, "eyeBlink": 0.3},
    9: {"noseSneer": 1.2},
    10: {"mouthUpperUp": 1.4},
    12: {"mouthSmile": 1.0},
    15: {"mouthFrown": 1.35, "mouthPucker": 0.35},
    16: {"mouthLowerDown": 0.5},
    17: {"mouthShrugLower": 0.9, "mouthShrugUpper": 0.7},
    20: {"mouthStretch": 1.5, "mouthFrown": 0.2},
    23: {"mouthPress": 1.0, "mouthRollLower": 0.3, "mouthRollUpper": 0.3},
    26: {"jawOpen": 0.5},
    27: {"jawOpen": 0.58, "mouthFunnel": 0.25},
}
"""Action units to expressions of the table, each with both its sides, and their shares.

Brows and the corners of the mouth come down farther than the scanned actor's, and inner brows
farthest, and lips stretch and rise farther: drawn ones have to, to be seen to. Corners that come
down so far would widen the mouth, which drawn sadness does not."""

EMFACS: Mapping[Emotion, Mapping[int, float]] = {
    Emotion.NEUTRAL: {},
    Emotion.HAPPY: {6: 1.0, 12: 1.0},
    Emotion.SAD: {1: 1.0, 4: 0.2, 15: 1.0, 17: 1.0},
    Emotion.ANGRY: {4: 1.0, 5: 0.2, 7: 1.0, 23: 0.6},
    Emotion.SURPRISED: {1: 0.6, 2: 0.9, 5: 0.8, 27: 1.0},
    Emotion.FEAR: {1: 0.6, 2: 0.8, 4: 0.3, 5: 1.0, 16: 0.8, 20: 1.0, 26: 0.4},
    Emotion.DISGUST: {7: 0.3, 9: 0.8, 10: 1.0, 15: 0.8, 16: 0.3},
}
"""The prototypes of the seven emotions: units and how strong each is at the apex."""

_PARTING = {"jawOpen": 0.5, "mouthFunnel": 0.5, "mouthUpperUp": 1.0, "mouthLowerDown": 1.0}
"""Expressions that part the lips, and the power of the sine along which shut lips part from
corner to corner: round, or pointed. All others leave shut lips shut."""

_OUTER = [*CONTOURS["outer lips"][1:10]], [*CONTOURS["outer lips"][:10:-1]]
"""The outer lips' points above and below, each beside one of the inner lips'."""

_SHUT, _PARTED = 0.04, 0.16
"""Openings of a mouth, in shares of its width, that are shut, and that are surely open."""

_SMALL_PARTS, _BIG_PARTS = 0.2, 2.5
"""Drawn eyes and mouths smaller or larger than the canonical ones by more move as these do."""

_BROWS_FOLLOW = 0.4
"""Share of the eyes' proportion that brows take too."""

_FARTHEST_DOWN = 1.4
"""Brows that stand higher over the lids than the canonical ones come down farther, up to so many
times as far: a frown is told by how near they come to the eyes."""

_OUTLINE, _CHIN = 0.35, 0.8
"""Shares of its motion that the outline keeps beside the jaw and, softly more, at the chin: drawn
heads bulge easily, and a chin that falls alone makes a cone of them."""

_EVEN = 2.5
"""Points along the outline over which its motion is evened out: each jag of it is seen."""

_MODERATION = 0.8
"""Power of the proportion that counts: small parts say a little more for their size."""

_NOSE = (*NOSE_LINES[0][4:], *NOSE_LINES[1][:4], *NOSE_LINES[1][5:])

_NOSE_KEEPS = 0.6
"""How far the tip and the wings of a nose go as one: drawn ones have no folds to show more."""

_BESIDE, _RIM = 0.08, 0.35
"""How widely skin follows the outline next to it, and where it does not any more."""


def weights(emotion: Emotion, intensity: float = 1.0) -> dict[str, float]:
    """Names of the table's expressions and how strong each is.

    Args:
        emotion: which one.
        intensity: 0 to 1; all grow with it evenly.
    """
    strengths: dict[str, float] = {}
    for unit, strength in EMFACS[emotion].items():
        for shape, share in UNITS[unit].items():
            for name in _sides(shape):
                strengths[name] = strengths.get(name, 0.0) + intensity * strength * share
    return strengths


def strength(guidance: FaceGuidance, t: float) -> float:
    """How strong the emotion is at `t`: 0 on the keys, the intensity at the peak."""
    return guidance.intensity * envelope(t, guidance.peak)


def expressed(
    plain: FloatArray, strengths: Mapping[str, float], locks: Iterable[FacePart] = ()
) -> FloatArray:
    """(478, 3) how far expressions move the points of a drawn face, in pixels.

    The canonical face's displacements are brought to the drawing's pose, and to the size of its
    eyes and mouth: lids move in shares of how far the drawing's eyes stand open, lips in shares
    of its mouth's width.

    Args:
        plain: (478, 3) points of the face.
        strengths: names of `CanonicalFace.shapes` to 0..1.
        locks: parts that must not move.
    """
    face = canonical()
    moved = _lips_together(_sum(strengths, None), plain)
    for arch in sorted(set(_PARTING.values())):
        moved += _tapered(_sum(strengths, arch), plain, arch)
    moved = _frowning(_thin_lips(moved, plain) * _proportions(plain), plain)
    nose = list(_NOSE)
    moved[nose] += _NOSE_KEEPS * (moved[nose].mean(0) - moved[nose])
    _even_lids(moved)
    moved += _within_outline() @ (_outlined(moved) - moved[list(CONTOURS["oval"])])
    moved *= free_points(frozenset(locks))[:, None]
    if has_depth(plain):
        return fitted_robustly(face.points, plain, np.ones(len(plain))).turned(moved)
    flat = fitted_robustly(face.points[:, :2], plain[:, :2], np.ones(len(plain)))
    return np.column_stack([flat.turned(moved[:, :2]), flat.scale * moved[:, 2]])


@cache
def free_points(locks: frozenset[FacePart]) -> NDArray[np.float64]:
    """(478,) 1 where a point may move, 0 all over locked parts, between in the skin about them."""
    parts = part_of_points()
    # Half of what a part shares with the skin about it stands still with it, without a step.
    held = sum((np.minimum(1, 2 * parts[lock]) for lock in locks), np.zeros(478))
    return np.clip(1 - held, 0, 1)


def _outlined(moved: FloatArray) -> FloatArray:
    """(36, 3) how far the outline goes, (478, 3) points being moved: evenly, and less than they."""
    oval = CONTOURS["oval"]
    steps = np.arange(len(oval))
    apart = np.minimum(steps, len(oval) - steps)
    blur = np.exp(-np.square(apart / _EVEN) / 2)
    blurred = np.stack([np.roll(blur, k) for k in steps]) / blur.sum() @ moved[list(oval)]
    along = np.zeros(len(oval))
    ends = oval.index(JAW[0]), oval.index(JAW[-1])
    along[ends[0] : ends[1] + 1] = np.sin(np.pi * np.linspace(0, 1, len(JAW))) ** 2
    return (_OUTLINE + (_CHIN - _OUTLINE) * along)[:, None] * blurred


@cache
def _within_outline() -> FloatArray:
    """(478, 36) how much of what is done to each point of the outline is done to each point."""
    points, oval = canonical().points[:, :2], list(CONTOURS["oval"])
    away = np.linalg.norm(points[:, None] - points[None, oval], axis=2)
    nearest = away.min(1, keepdims=True)
    shares = np.exp(-(np.square(away) - np.square(nearest)) / (2 * _BESIDE**2))
    fade = np.clip(1 - nearest / _RIM, 0, 1)
    shares *= fade * fade * (3 - 2 * fade) / shares.sum(1, keepdims=True)
    shares[oval] = np.eye(len(oval))
    return shares


def _proportions(plain: FloatArray) -> FloatArray:
    """(478, 3) the drawing's parts against the canonical ones, its face being as large."""
    rest = canonical().points
    parts = part_of_points()
    flat = fitted_robustly(rest[:, :2], plain[:, :2], np.ones(len(plain)))
    level = flat.inverse(plain[:, :2])
    eyes = sum(_gap(level, lid) / _gap(rest, lid) for lid in LIDS) / len(LIDS)
    lips = CONTOURS["outer lips"]
    mouth = _width(level, lips) / _width(rest, lips)
    factors = np.ones((len(plain), 3))
    factors[:, 1] += parts[FacePart.EYES] * (_limited(eyes) - 1)
    # Brows over tall eyes have farther to go to be seen to move.
    factors[:, 1] += parts[FacePart.BROWS] * _BROWS_FOLLOW * max(_limited(eyes) - 1, 0)
    factors += (parts[FacePart.MOUTH] * (_limited(mouth) - 1))[:, None]
    # A small mouth opens on a jaw that falls less.
    factors += (parts[FacePart.JAW] * (_limited(mouth) - 1))[:, None]
    return factors


def _frowning(moved: FloatArray, plain: FloatArray) -> FloatArray:
    """Displacements (478, 3) with brows coming down as far as they have room for."""
    rest = canonical().points
    flat = fitted_robustly(rest[:, :2], plain[:, :2], np.ones(len(plain)))
    room = _over_lids(flat.inverse(plain[:, :2])) / _over_lids(rest)
    further = min(max(room, 1.0), _FARTHEST_DOWN) - 1
    kept = moved.copy()
    kept[:, 1] += further * part_of_points()[FacePart.BROWS] * np.maximum(moved[:, 1], 0)
    return kept


def _even_lids(moved: FloatArray) -> None:
    """Let lids move as one curve (478, 3): drawn ones have a line on which each wave is seen."""
    for lid in LIDS:
        for side in (lid.upper, lid.lower):
            chain = [lid.outer, *side, lid.inner]
            along = np.linspace(-1, 1, len(chain))
            moved[list(side)] = np.stack(
                [np.polyval(np.polyfit(along, way, 3), along) for way in moved[chain].T], 1
            )[1:-1]


def _over_lids(points: FloatArray) -> float:
    """How high brows stand over the upper lids, the mean of both sides."""
    heights = [
        points[list(lid.upper), 1].min() - points[list(lower), 1].mean()
        for lid, (_, lower) in zip(LIDS, BROWS, strict=True)
    ]
    return max(float(np.mean(heights)), 1e-9)


def _sum(strengths: Mapping[str, float], arch: float | None) -> FloatArray:
    """(478, 3) displacements of the expressions that part the lips in one way, or not at all."""
    face = canonical()
    total = np.zeros_like(face.points)
    for name, amount in strengths.items():
        if _PARTING.get(name.removesuffix("Left").removesuffix("Right")) == arch:
            total += amount * face.shapes[name]
    return total


def _tapered(moved: FloatArray, plain: FloatArray, arch: float) -> FloatArray:
    """Displacements (478, 3) after which lips that were shut part least at their corners."""
    sine = np.sin(np.pi * np.arange(1, 10) / 10) ** arch
    return _brought_together(moved, _shut(plain) * (1 - sine[:, None]))


def _lips_together(moved: FloatArray, plain: FloatArray) -> FloatArray:
    """Displacements (478, 3) after which lips that are shut still are."""
    return _brought_together(moved, np.full((9, 1), _shut(plain)))


def _brought_together(moved: FloatArray, share: FloatArray) -> FloatArray:
    """Displacements (478, 3) that part the lips less, pair by pair, by shares (9, 1)."""
    apart = share / 2 * (moved[list(MOUTH.lower)] - moved[list(MOUTH.upper)])
    kept = moved.copy()
    for inner, outer, way in zip(_inner(), _OUTER, (apart, -apart), strict=True):
        kept[inner] += way
        kept[outer] += way
    return kept


def _shut(plain: FloatArray) -> float:
    return 1 - min(max((opening(plain, MOUTH) - _SHUT) / (_PARTED - _SHUT), 0), 1)


def _thin_lips(moved: FloatArray, plain: FloatArray) -> FloatArray:
    """Displacements (478, 3) with which lips thinner than the canonical ones swell less.

    Those of a line mouth lie on one line; pulled apart, they would crumple it.
    """
    rest = canonical().points
    kept = moved.copy()
    for inner, outer in zip(_inner(), _OUTER, strict=True):
        thick = [
            float(np.linalg.norm(points[inner, :2] - points[outer, :2], axis=1).mean())
            / max(float(np.linalg.norm(points[61, :2] - points[291, :2])), 1e-9)
            for points in (plain, rest)
        ]
        share = min(thick[0] / thick[1], 1) ** 2
        kept[outer] = moved[inner] + share * (moved[outer] - moved[inner])
    return kept


def _inner() -> tuple[list[int], list[int]]:
    return list(MOUTH.upper), list(MOUTH.lower)


def _limited(ratio: float) -> float:
    return min(max(ratio, _SMALL_PARTS), _BIG_PARTS) ** _MODERATION


def _gap(points: FloatArray, lid: Lid) -> float:
    width = float(np.linalg.norm(points[lid.outer, :2] - points[lid.inner, :2]))
    return opening(points, lid) * width


def _width(points: FloatArray, contour: Iterable[int]) -> float:
    return float(np.ptp(points[list(contour), 0]))


@cache
def _sides(shape: str) -> tuple[str, ...]:
    known = MappingProxyType(canonical().shapes)
    return (shape,) if shape in known else (f"{shape}Left", f"{shape}Right")
