"""How an ICT head acts between two keys: expressions, blinks, looks, mouth shapes, head turns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from genani.face import viseme
from genani.face.emotion import weights
from genani.face.trajectory import envelope
from genani.scene.acting import Viseme
from genani.scene.face import Emotion
from genani.training.sources.dice import Dice, exact
from genani.training.sources.ict_mesh import F32

_MOST = 1.5
"""Expressions stronger than this tear the model's skin."""

_WHOLE = ("jaw", "mouthClose", "mouthFunnel", "mouthLeft", "mouthPucker", "mouthR", "mouthShrug")
"""Expressions that have no sides, by how their names begin."""

_BLINK = ("eyeBlinkLeft", "eyeBlinkRight")
_SWAY = (
    "browInnerUp",
    "cheekPuff",
    "mouthLeft",
    "mouthRight",
    "jawLeft",
    "mouthPucker",
    "eyeSquint",
)


@dataclass(frozen=True)
class Pose:
    """A head at one time.

    Attributes:
        weights: the model's own names of expressions and how strong they are.
        turn: (yaw, pitch, roll), radians.
        shift: (x, y), shares of the picture.
        zoom: factor of size.
    """

    weights: Mapping[str, float]
    turn: tuple[float, float, float]
    shift: tuple[float, float]
    zoom: float

    def rotation(self) -> F32:
        """(3, 3): roll, then pitch, then yaw."""
        (cy, sy), (cp, sp), (cr, sr) = ((exact(math.cos(a)), exact(math.sin(a))) for a in self.turn)
        rows = (
            (cy * cr + sy * sp * sr, -cy * sr + sy * sp * cr, sy * cp),
            (cp * sr, cp * cr, -sp),
            (-sy * cr + cy * sp * sr, sy * sr + cy * sp * cr, cy * cp),
        )
        return np.array(rows, np.float32)


@dataclass(frozen=True)
class Performance:
    """Three poses of one head, and what it feels between the keys."""

    first: Pose
    between: Pose
    last: Pose
    emotion: Emotion
    intensity: float


def performance(dice: Dice, t: float) -> Performance:
    """Two poses and the one at `t`, thrown from dice."""
    calm = dice.chance(0.35)
    turning = dice.between(0.0, 0.15) if calm else dice.between(0.1, 0.55)
    at = [dice.around(0.22), dice.around(0.1), dice.around(0.08)]
    keys = [
        _key(
            dice, [a + dice.around(turning * s) for a, s in zip(at, (0.5, 0.25, 0.2), strict=True)]
        )
        for _ in range(2)
    ]
    first, last = keys
    emotion, intensity = Emotion.NEUTRAL, 0.0
    if dice.chance(0.5):
        emotion, intensity = dice.one_of(list(Emotion)[1:]), dice.between(0.3, 1.0)
    added = {name: value * envelope(t, 0.5) for name, value in weights(emotion, intensity).items()}
    blink = dice.weighted((0.7, 0.15, 0.15))
    if blink == 1:
        closed = dice.between(0.4, 1.0) * math.sqrt(envelope(t, 0.5))
        added |= {name: added.get(name, 0.0) + closed for name in _BLINK}
    names = sorted({*first.weights, *last.weights, *added})
    leads = {part: dice.around(0.06) for part in ("brow", "eye", "mouth", "jaw")}
    if blink == 2:
        first = _with(first, dict.fromkeys(_BLINK, 0.9))
        names = sorted({*names, *_BLINK})
    mixed = {}
    for name in names:
        share = _led(t, next((lead for part, lead in leads.items() if name.startswith(part)), 0.0))
        value = first.weights.get(name, 0.0) * (1 - share) + last.weights.get(name, 0.0) * share
        mixed[name] = value + added.get(name, 0.0)
    arc = 4 * t * (1 - t)
    bow = (dice.around(0.04), dice.around(0.06), 0.0)
    sway = (dice.around(0.012), dice.around(0.02))
    share = _led(t, dice.around(0.04))

    def on_the_way(
        a: tuple[float, ...], b: tuple[float, ...], off: tuple[float, ...]
    ) -> list[float]:
        return [p + share * (q - p) + arc * o for p, q, o in zip(a, b, off, strict=True)]

    yaw, pitch, roll = on_the_way(first.turn, last.turn, bow)
    x, y = on_the_way(first.shift, last.shift, sway)
    zoom = first.zoom + t * (last.zoom - first.zoom)
    between = Pose(_named(mixed), (yaw, pitch, roll), (x, y), zoom)
    first, last = (_with(key, {}, named=True) for key in (first, last))
    return Performance(first, between, last, emotion, intensity)


def _key(dice: Dice, turn: list[float]) -> Pose:
    """An expression out of an emotion, a mouth shape, a look and a little of anything."""
    face: dict[str, float] = {}
    if dice.chance(0.55):
        face |= weights(dice.one_of(list(Emotion)), dice.between(0.2, 1.0))
    if dice.chance(0.55):
        for shape, share in viseme.WEIGHTS[dice.one_of(list(Viseme))].items():
            for name in _sides(shape):
                face[name] = face.get(name, 0.0) + share
    for _ in range(dice.whole(0, 2)):
        shape, strength = dice.one_of(_SWAY), dice.between(0.1, 0.6)
        for name in _sides(shape):
            face[name] = face.get(name, 0.0) + strength
    _gaze(face, dice.around(0.35), dice.around(0.25))
    yaw, pitch, roll = (min(max(a, -b), b) for a, b in zip(turn, (0.75, 0.4, 0.4), strict=True))
    shift = (dice.around(0.03), dice.around(0.02))
    return Pose(face, (yaw, pitch, roll), shift, 1 + dice.around(0.03))


def _gaze(face: dict[str, float], right: float, up: float) -> None:
    """Both eyes look the same way; the picture's right is the face's left."""
    left_eye, right_eye = ("Out", "In") if right > 0 else ("In", "Out")
    face[f"eyeLook{left_eye}Left"] = face[f"eyeLook{right_eye}Right"] = abs(right)
    rise = "Up" if up > 0 else "Down"
    face[f"eyeLook{rise}Left"] = face[f"eyeLook{rise}Right"] = abs(up)


def _sides(shape: str) -> tuple[str, ...]:
    return (shape,) if shape.startswith(_WHOLE) else (f"{shape}Left", f"{shape}Right")


def _led(t: float, lead: float) -> float:
    return min(max(t + 4 * t * (1 - t) * lead, 0.0), 1.0)


def _with(pose: Pose, more: Mapping[str, float], named: bool = False) -> Pose:
    joined = {**pose.weights, **more}
    return Pose(_named(joined) if named else joined, pose.turn, pose.shift, pose.zoom)


def _named(face: Mapping[str, float]) -> dict[str, float]:
    """ARKit's names to the model's, within what its skin stands, in order of name."""
    own: dict[str, float] = {}
    for name, value in sorted(face.items()):
        told = name
        for side, letter in (("Left", "_L"), ("Right", "_R")):
            if name.endswith(side) and not name.startswith(_WHOLE):
                told = name.removesuffix(side) + letter
        limit = 1.0 if told.startswith(("eyeBlink", "jawOpen")) else _MOST
        own[told] = exact(min(max(value, -0.5), limit))
    return own
