"""Heads in space where only their points in the plane are known, and how they swing on the neck.

Depth that comes from a fit of pins is that of a face seen from the front. How far the pins of the
nose lie off from where they would be on such a face tells where the head looks; seen that way,
the canonical face's depth belongs to the points. On faces of photos this agrees with the depth
that MediaPipe tells within .05 of a right angle's sine; of drawings only the difference of two
is to be trusted up and down, as many have their noses higher or lower than people have.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from genani.face.mesh import PINS, FloatArray, array_of, canonical
from genani.face.pose import Similarity, fitted
from genani.face.warp import face_size, head_weights
from genani.scene.face import Landmarks, LandmarkSource

LEAST_DEPTH = 0.2
"""Depth of a face, in shares of `face_size`, below which its z says nothing."""

_NECK = (0.0, 1.0, 1.45)
"""Where the head turns, from the middle of the face: right, down and back, in shares of
`face_size`. People nod between the joint of the skull, behind the mouth, and the whole neck."""

_DOUBT = 0.02
"""How strongly a few pins are taken to say nothing about depth, in shares of their spread."""

_NOSES = 0.3
"""Sine of the angle up or down at which the nose of a drawn head that looks straight may lie."""

_NOSE_ALONE = 2.0
"""How much more a drawn head nods than its nose and eyes alone tell: drawings have flat noses."""

_FREE = ("lid", "iris", "corner", "lip", "jaw", "chin")
"""Pins, by the last words of their names, that move while the head is still."""

_MOST = 0.75
"""Sine of the widest turn that is believed."""

_PINNED = np.array(list(PINS.values()))
_ABOVE = np.array([PINS[name] for name in PINS if name.split()[-1] not in _FREE])


def has_depth(points: FloatArray) -> bool:
    """True if z tells the shape of the face."""
    return bool(np.ptp(points[:, 2]) > LEAST_DEPTH * face_size(points))


def in_space(first: Landmarks, last: Landmarks) -> tuple[FloatArray, FloatArray]:
    """(478, 3) each, the faces of two keys with the depth that goes with where they look.

    Args:
        first, last: their x and y stay as they are, and their z where a detector told it.
    """
    one, two = array_of(first), array_of(last)
    told = all(_tells_depth(*each) for each in ((first, one), (last, two)))
    return (one, two) if told else _lifted(one, two)


def on_the_neck(first: FloatArray, last: FloatArray, way: Similarity, t: float) -> Similarity:
    """The part `t` of a head's way where it swings about its neck instead of going straight.

    Args:
        first, last: (478, 3) points on the keys, with depth.
        way: from the first head to the last, in space.
        t: how far the head has come, 0 to 1; at both ends it is where `way` has it.
    """
    arms = np.stack([_arm(first), way.inverse.turned(_arm(last))]).mean(0)
    part = way.share(t)
    off = part.turned(arms) - (1 - t) * arms - t * way.turned(arms)
    return replace(part, after=part.after + off[0] * (1, 1, 0))


def _arm(points: FloatArray) -> FloatArray:
    """(1, 3) from where the head turns on the neck to the middle of the face."""
    looks = fitted(canonical().points, points, head_weights()).rotation
    return -face_size(points) * np.array([_NECK]) @ looks.T


def _tells_depth(face: Landmarks, points: FloatArray) -> bool:
    return face.source is not LandmarkSource.HAND and has_depth(points)


def _lifted(one: FloatArray, two: FloatArray) -> tuple[FloatArray, FloatArray]:
    heads = _Head(one), _Head(two)
    middle = (heads[0].look + heads[1].look) / 2
    middle[1] -= np.clip(middle[1], -_NOSES, _NOSES)
    half = (heads[1].look - heads[0].look) / 2
    # A jaw that drops looks like a head that lifts, but the nose stays: both have to say so.
    nose = _NOSE_ALONE * (heads[1].nose - heads[0].nose) / 2
    half[1] = np.sign(nose) * min(abs(nose), abs(half[1])) if nose * half[1] > 0 else 0.0
    depths = [head.depth(middle + side * half) for head, side in zip(heads, (-1, 1), strict=True)]
    return np.column_stack([one[:, :2], depths[0]]), np.column_stack([two[:, :2], depths[1]])


class _Head:
    """One face upright about its middle.

    Attributes:
        look: (2,) where it seems to look, right and down: sines, of a vector into the picture.
        nose: how far down, by what does not move when the mouth opens.
    """

    def __init__(self, points: FloatArray) -> None:
        rest = canonical().points
        weights = head_weights()
        share = weights / weights.sum()
        self._depth = rest[:, 2] - share @ rest[:, 2]
        flat = points[:, :2] - share @ points[:, :2]
        seen = _affine(rest[_PINNED], flat[_PINNED])
        turn, self._scale = _upright(seen)
        self._flat = flat @ turn.T
        self.look = turn @ seen[:, 2] / self._scale
        self.nose = float(_affine(rest[_ABOVE], self._flat[_ABOVE])[1, 2]) / self._scale

    def depth(self, look: FloatArray) -> FloatArray:
        """(478,) of a head that looks there."""
        length = float(np.linalg.norm(look))
        look = look * min(1.0, _MOST / max(length, 1e-9))
        ahead = np.sqrt(1 - look @ look)
        return (self._scale * self._depth - self._flat @ look) / ahead


def _affine(space: FloatArray, flat: FloatArray) -> FloatArray:
    """(2, 3) the linear map nearest to bringing points in space to those in a plane."""
    source, target = space - space.mean(0), flat - flat.mean(0)
    system = source.T @ source
    system[2, 2] += _DOUBT * np.trace(system) / 3
    return np.linalg.solve(system, source.T @ target).T


def _upright(seen: FloatArray) -> tuple[FloatArray, float]:
    """The turn in the plane (2, 2) that sets a map (2, 3) upright, and its scale."""
    cos, sin = seen[0, 0] + seen[1, 1], seen[1, 0] - seen[0, 1]
    length = max(float(np.hypot(cos, sin)), 1e-9)
    scale = float(np.sqrt(np.linalg.norm(seen[0, :2]) * np.linalg.norm(seen[1, :2])))
    return np.array([[cos, sin], [-sin, cos]]) / length, max(scale, 1e-6)
