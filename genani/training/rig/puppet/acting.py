"""What a puppet does at each moment: face, head, hair and camera, as smooth curves of time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genani.face.emotion import EMFACS, weights
from genani.face.trajectory import envelope
from genani.face.viseme import WEIGHTS
from genani.scene.acting import Viseme
from genani.scene.face import Emotion
from genani.training.rig.puppet.brush import FloatArray
from genani.training.rig.puppet.head import Head

_LIDS_OWN = ("eyeBlink", "eyeSquint", "eyeWide", "eyeLook")
"""Expressions that the puppet's lids make themselves."""

_EMOTIONS = tuple(Emotion)


@dataclass(frozen=True)
class Moment:
    """All that differs from frame to frame.

    Attributes:
        strengths: (K,) of the table's expressions, in the order of `Head.names`.
        shut: (2,) how far the right and the left lid are shut; under 0, opened wide.
        gaze: (2,) where the eyes look, -1 to 1 to the picture's right and down.
        turn: (3,) yaw, pitch and roll from the painted view, degrees.
        shift: (2,) the head moved, face units.
        sway: (2,) hair's ends behind the head's motion, face units.
        camera: (4,) pixels a face unit, roll in radians, and where the head's middle lies, px.
        emotion, intensity: what is felt.
        viseme: what is said.
    """

    strengths: FloatArray
    shut: FloatArray
    gaze: FloatArray
    turn: FloatArray
    shift: FloatArray
    sway: FloatArray
    camera: FloatArray
    emotion: Emotion
    intensity: float
    viseme: Viseme

    @property
    def units(self) -> dict[int, float]:
        """Action units and how strong each is."""
        return {unit: self.intensity * share for unit, share in EMFACS[self.emotion].items()}


@dataclass(frozen=True)
class Key:
    """What the face does at one end of a motion."""

    emotion: Emotion
    intensity: float
    viseme: Viseme
    gaze: FloatArray
    turn: FloatArray
    shift: FloatArray
    camera: FloatArray
    lids: FloatArray
    uneven: float


@dataclass(frozen=True)
class Motion:
    """The way from one key to the next.

    Attributes:
        head: whose.
        keys: two or more, evenly spaced in time.
        ease: how much each way is slowed at its ends, 0 to 1.
        favour: -1 to 1, towards the first or the second key.
        leads: share of the way by which eyes, brows, mouth and head go ahead.
        blinks: times (in keys) at which lids are shut.
        swing: pace and depth of the hair's after-swing.
        felt: an emotion on top of the way between two keys, its intensity, and when it peaks.
    """

    head: Head
    keys: tuple[Key, ...]
    ease: float
    favour: float
    leads: dict[str, float]
    blinks: tuple[float, ...]
    swing: tuple[float, float]
    felt: tuple[Emotion, float, float] | None = None
    _faces: list[FloatArray] = field(default_factory=list)

    def at(self, time: float) -> Moment:
        """The moment at a time from 0 to the number of keys less one."""
        brow, mouth = self._share(time, "brow"), self._share(time, "mouth")
        eyes, turn = self._share(time, "eyes"), self._share(time, "head")
        faces = self._all_faces()
        upper = _upper(self.head.names)
        strengths = np.where(upper, brow.mix(faces), mouth.mix(faces))
        lids = self._lids(eyes, time)
        if self.felt:
            emotion, intensity, peak = self.felt
            amount = intensity * envelope(time, peak)
            strengths = np.clip(strengths + _felt(self.head, emotion, amount), 0, 1.6)
            lids = np.minimum(lids + lids_of(emotion, amount), 1)
        near = self.keys[round(time)]
        cam = self._share(time, "camera").mix([key.camera for key in self.keys])
        return Moment(
            strengths=strengths,
            shut=lids,
            gaze=eyes.mix([key.gaze for key in self.keys]),
            turn=turn.mix([key.turn for key in self.keys]),
            shift=turn.mix([key.shift for key in self.keys]),
            sway=self._sway(time),
            camera=cam,
            emotion=near.emotion,
            intensity=float(mouth.mix([np.array([key.intensity]) for key in self.keys])[0]),
            viseme=near.viseme,
        )

    def _all_faces(self) -> list[FloatArray]:
        if not self._faces:
            self._faces.extend(face(self.head, key) for key in self.keys)
        return self._faces

    def _share(self, time: float, part: str) -> _Between:
        last = len(self.keys) - 1
        i = min(int(time), last - 1) if last else 0
        u = time - i
        lead = self.leads.get(part, 0.0)
        # A part that leads runs ahead in the middle and still meets both keys.
        u = float(np.clip(u + 4 * lead * u * (1 - u), 0, 1))
        u = float(np.clip(u + 1.2 * self.favour * u * (1 - u) * 0.5, 0, 1))
        slow = u * u * (3 - 2 * u)
        return _Between(i, u + self.ease * (slow - u))

    def _lids(self, eyes: _Between, time: float) -> FloatArray:
        rest = self.head.who.eye.rest
        lids = eyes.mix([key.lids + rest * (1 - np.abs(key.lids)) for key in self.keys])
        closed = max((_blink(time - blink) for blink in self.blinks), default=0.0)
        return np.minimum(lids + closed * (1 - np.minimum(lids, 1)), 1)

    def _sway(self, time: float) -> FloatArray:
        """Hair trails behind the head by the head's speed, and swings on after it stops."""
        pace, depth = self.swing
        step = 0.02
        then = self._share(max(time - 0.12, 0), "head")
        before = self._share(max(time - 0.12 - step, 0), "head")
        turns = [np.array([key.turn[0] / 40 + key.shift[0], key.shift[1]]) for key in self.keys]
        speed = (then.mix(turns) - before.mix(turns)) / step
        rock = np.array([np.sin(pace * time), 0.3 * np.cos(pace * time)]) * 0.03
        return np.clip(-0.22 * depth * speed + depth * rock, -0.25, 0.25)


@dataclass(frozen=True)
class _Between:
    index: int
    share: float

    def mix(self, values: list[FloatArray]) -> FloatArray:
        if len(values) == 1:
            return values[0]
        one, other = values[self.index], values[self.index + 1]
        return one + self.share * (other - one)


def face(head: Head, key: Key) -> FloatArray:
    """(K,) strengths of the table's expressions for what a key feels and says."""
    wanted = dict(weights(key.emotion, key.intensity))
    speaks = key.viseme not in (Viseme.X,)
    if speaks:
        for name in list(wanted):
            if name.startswith(("mouth", "jaw")):
                # A smile survives speech, as in laughing; other moods give way to the word.
                wanted[name] *= 0.85 if "Smile" in name else 0.4
    for name, share in WEIGHTS[key.viseme].items():
        for side in ("", "Left", "Right"):
            if f"{name}{side}" in head.names:
                wanted[f"{name}{side}"] = wanted.get(f"{name}{side}", 0.0) + share
    out = np.zeros(len(head.names))
    for i, name in enumerate(head.names):
        side = 1 + key.uneven * (
            1 if name.endswith("Left") else -1 if name.endswith("Right") else 0
        )
        out[i] = wanted.get(name, 0.0) * side
        if name.startswith(_LIDS_OWN):
            out[i] = 0.0
    return out


def _felt(head: Head, emotion: Emotion, amount: float) -> FloatArray:
    wanted = weights(emotion, amount)
    own = [0.0 if name.startswith(_LIDS_OWN) else wanted.get(name, 0.0) for name in head.names]
    return np.array(own)


def lids_of(emotion: Emotion, intensity: float) -> float:
    """How far an emotion shuts the lids; under 0 it opens them wide."""
    felt = weights(emotion, intensity)
    return (
        0.3 * felt.get("eyeSquintLeft", 0)
        + 0.35 * felt.get("eyeBlinkLeft", 0)
        - 0.25 * felt.get("eyeWideLeft", 0)
        + 0.25 * felt.get("cheekSquintLeft", 0)
    )


def _upper(names: tuple[str, ...]) -> NDArray[np.bool_]:
    return np.array([name.startswith(("brow", "eye")) for name in names])


def _blink(off: float) -> float:
    """How far a blink shuts the lids: fast down, slower up."""
    width = 0.14 if off < 0 else 0.24
    return float(np.clip(1.25 - (off / width) ** 2 * 1.25, 0, 1)) if abs(off) < width else 0.0


def motion(
    head: Head, rng: np.random.Generator, size: int, keys: int = 2, busy: float = 1.0
) -> Motion:
    """A motion of a head, from a stream of chance.

    Args:
        head: whose.
        rng: the chance.
        size: pixels a side of the frame.
        keys: how many it goes through, 2 or more.
        busy: how large motions are; 1 is what keys of animation have.
    """
    camera = _camera(rng, size)
    still = rng.random() < 0.35
    made = [_key(head, rng, camera, busy * (0.15 if still else 1.0), size)]
    for _ in range(keys - 1):
        made.append(_key(head, rng, camera, busy * (0.15 if still else 1.0), size, made[-1]))
    blinks = tuple(rng.uniform(0.1, keys - 1.1, 1)) if rng.random() < 0.35 else ()
    parts = ("eyes", "brow", "mouth", "head", "camera")
    spread = rng.choice([0.0, 0.12]) * np.array([1, 0.7, 0.6, 1, 0.3])
    ahead = (rng.uniform(-1, 1, 5) * spread).tolist()
    leads: dict[str, float] = dict(zip(parts, ahead, strict=True))
    return Motion(
        head=head,
        keys=tuple(made),
        ease=float(rng.choice([0.0, 0.5, 1.0], p=[0.45, 0.25, 0.3])),
        favour=float(rng.uniform(-0.5, 0.5)) if rng.random() < 0.3 else 0.0,
        leads=leads,
        blinks=tuple(float(b) for b in blinks),
        swing=(float(rng.uniform(2, 7)), float(rng.uniform(0.1, 1.0))),
    )


def _camera(rng: np.random.Generator, size: int) -> FloatArray:
    """Face units to pixels, roll, and the head's middle."""
    wide = float(
        rng.choice([0.38, 0.45, 0.56, 0.7], p=[0.15, 0.4, 0.33, 0.12]) * rng.uniform(0.9, 1.1)
    )
    unit = wide * size / 1.7
    x = size * (0.5 + rng.normal(0, 0.05))
    y = size * (0.47 + rng.normal(0, 0.04)) + 0.1 * unit
    return np.array([unit, rng.normal(0, 0.03), x, y])


def _low_enough(camera: FloatArray, size: int) -> FloatArray:
    """The camera, moved so that the painted body reaches the lower edge of the frame."""
    unit, roll, x, y = camera
    return np.array([unit, roll, x, max(y, size - 2.5 * unit)])


def _key(
    head: Head,
    rng: np.random.Generator,
    camera: FloatArray,
    busy: float,
    size: int,
    before: Key | None = None,
) -> Key:
    emotion = _EMOTIONS[int(rng.choice(7, p=[0.24, 0.24, 0.11, 0.11, 0.12, 0.09, 0.09]))]
    if before is not None and rng.random() < 0.35:
        emotion = before.emotion
    intensity = 0.0 if emotion is Emotion.NEUTRAL else float(rng.uniform(0.35, 1.0))
    visemes = tuple(Viseme)
    viseme = visemes[int(rng.integers(len(visemes)))] if rng.random() < 0.45 else Viseme.X
    room = 22.0 if abs(head.who.yaw) < 58 else 10.0
    turn = np.clip(rng.normal(0, (9, 6, 6)) * busy, (-room, -14, -18), (room, 14, 18))
    moves = rng.random() < 0.4 * busy
    zoom = np.exp(rng.normal(0, 0.06)) if moves else 1.0
    slide = rng.normal(0, 0.04 * size, 2) if moves else np.zeros(2)
    roll = rng.normal(0, 0.03) if moves else 0.0
    lids = np.full(2, lids_of(emotion, intensity))
    if rng.random() < 0.12:
        lids[:] = 1.0
    elif rng.random() < 0.05:
        lids[int(rng.integers(2))] = 1.0
    return Key(
        emotion=emotion,
        intensity=intensity,
        viseme=viseme,
        gaze=np.clip(rng.normal(0, 0.45, 2), -1, 1) * (rng.random() < 0.6),
        turn=turn,
        shift=rng.normal(0, (0.07, 0.05)) * busy,
        camera=_low_enough(camera * (zoom, 1, 1, 1) + (0, roll, *slide), size),
        lids=lids,
        uneven=float(rng.normal(0, 0.12)),
    )
