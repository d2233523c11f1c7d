"""Shots: a head in motion, frame by frame, with the timing faces have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np

from genani.training.rig.curves import smoothstep
from genani.training.rig.drawing import Drawn, draw
from genani.training.rig.expression import Expression
from genani.training.rig.head import Pose
from genani.training.rig.identity import Identity
from genani.training.rig.view import Framing

_WINDOWS = {
    "brow": (0.0, 0.62),
    "lid": (0.02, 0.55),
    "gaze": (0.0, 0.45),
    "pupil": (0.0, 0.55),
    "wink": (0.1, 0.6),
    "cheek": (0.12, 0.85),
    "squint": (0.12, 0.85),
    "nose": (0.1, 0.8),
    "blush": (0.25, 1.0),
}
"""When each muscle group moves, as shares of the shot: eyes and brows lead, the mouth follows."""

_MOUTH = (0.14, 1.0)

_BLINK = (0.0, 0.45, 1.0, 0.8, 0.45, 0.15)
"""How far the lids are shut on the six frames of a blink at 24 a second: fast down, slow up."""


@dataclass(frozen=True)
class Moment:
    """One frame of a shot."""

    mood: Expression
    pose: Pose


@dataclass(frozen=True)
class Shot:
    """A character through time; the first and the last moment are its keys."""

    who: Identity
    moments: tuple[Moment, ...]

    def drawings(self, framing: Framing | None = None) -> Iterator[Drawn]:
        """Every frame drawn, first to last."""
        for moment in self.moments:
            yield draw(self.who, moment.mood, moment.pose, framing)


def travel(
    who: Identity, first: Moment, last: Moment, frames: int = 17, *, blink_at: float | None = None
) -> Shot:
    """A shot from one moment to another: slow out, slow in, each part in its own time.

    The head dips a little on its way when it turns, as heads do; the two keys are met exactly.

    Args:
        who: the character.
        first: the first key.
        last: the second key.
        frames: length of the shot, keys included; at least 2.
        blink_at: where in the shot (0 to 1) the lids are shut, or none.
    """
    moments = []
    for t in np.linspace(0, 1, frames):
        share = float(smoothstep(0, 1, t))
        pose = first.pose.towards(last.pose, share)
        dip = 0.12 * abs(last.pose.yaw - first.pose.yaw) * np.sin(np.pi * share)
        moments.append(
            Moment(_mood_at(first.mood, last.mood, float(t)), replace(pose, pitch=pose.pitch - dip))
        )
    shot = Shot(who, tuple(moments))
    return shot if blink_at is None else blinking(shot, round(blink_at * (frames - 1)))


def blinking(shot: Shot, frame: int) -> Shot:
    """The shot with a blink, lids shut on a frame counted from 0; the keys stay as they are."""
    moments = list(shot.moments)
    for step, shut in enumerate(_BLINK):
        i = frame - _BLINK.index(1.0) + step
        if 0 < i < len(moments) - 1:
            moments[i] = replace(moments[i], mood=moments[i].mood.blinking(shut))
    return replace(shot, moments=tuple(moments))


def _mood_at(first: Expression, last: Expression, t: float) -> Expression:
    values = {}
    for entry in fields(Expression):
        start, end = _WINDOWS.get(entry.name.split("_")[0], _MOUTH)
        share = float(smoothstep(start, end, t))
        a, b = getattr(first, entry.name), getattr(last, entry.name)
        values[entry.name] = (1 - share) * a + share * b
    return Expression(**values)
