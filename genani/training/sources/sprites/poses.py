"""How a figure of the `figures` source stands at each phase of an action."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from genani.engines.inbetween.sprite.actions import Action
from genani.training.sources.sprites.kenney import jump_curve


@dataclass(frozen=True)
class Vigour:
    """How strongly a figure moves; 1 is usual.

    Attributes:
        swing: of the limbs.
        bob: up and down of the whole.
        lean: forward.
        turns: whether a talk has two or three openings of the mouth.
    """

    swing: float = 1.0
    bob: float = 1.0
    lean: float = 1.0
    turns: int = 2


@dataclass(frozen=True)
class Pose:
    """Angles in radians, forward positive, from hanging straight down; [far, near] limbs.

    Attributes:
        thigh, knee: of the legs; a knee bends backward.
        arm, elbow: an elbow bends forward.
        lean: of the trunk; the head follows half.
        up: of the whole figure, in shares of its height.
        squash: height of the trunk, 1 at rest.
        shut: how far the lids are shut.
        mouth: how far the mouth is open.
    """

    thigh: tuple[float, float] = (-0.06, 0.06)
    knee: tuple[float, float] = (0.0, 0.0)
    arm: tuple[float, float] = (0.22, -0.22)
    elbow: tuple[float, float] = (0.15, 0.15)
    lean: float = 0.0
    up: float = 0.0
    squash: float = 1.0
    shut: float = 0.0
    mouth: float = 0.0


def pose(action: Action, phase: float, vigour: Vigour) -> Pose:
    """The pose of an action at a phase, 0 to 1."""
    return _POSES[action](phase % 1.0, vigour)


def _stride(phase: float, vigour: Vigour, pace: float) -> Pose:
    """A walk at pace 0, a run at pace 1; legs pass each other at 0 and one half."""
    turn = math.tau * phase
    sway = math.sin(turn)
    thigh = (0.55 + 0.25 * pace) * vigour.swing * sway
    lift = (0.55 + 0.75 * pace) * vigour.swing
    near, far = max(0.0, math.cos(turn)), max(0.0, -math.cos(turn))
    arm = (0.5 + 0.3 * pace) * vigour.swing * sway
    bend = 0.2 + 1.2 * pace
    high = 0.5 * (1 + math.cos(2 * turn))
    return Pose(
        thigh=(-thigh, thigh),
        knee=(lift * far, lift * near),
        arm=(arm, -arm),
        elbow=(bend, bend),
        lean=(0.04 + 0.2 * pace) * vigour.lean,
        up=(0.02 + 0.035 * pace) * vigour.bob * (high - (0 if pace else 0.5)),
    )


def _walk(phase: float, vigour: Vigour) -> Pose:
    return _stride(phase, vigour, 0.0)


def _run(phase: float, vigour: Vigour) -> Pose:
    return _stride(phase, vigour, 1.0)


def _idle(phase: float, vigour: Vigour) -> Pose:
    breath = 0.5 - 0.5 * math.cos(math.tau * phase)
    spread = 0.22 + 0.1 * vigour.swing * breath
    return Pose(arm=(spread, -spread), squash=1 - 0.06 * vigour.bob * breath)


def _jump(phase: float, vigour: Vigour) -> Pose:
    crouch, up = jump_curve(phase)
    low = crouch * vigour.bob
    tucked = up * vigour.swing
    raised = (1.6 * up if phase < 0.5 else 1.1 * up) * vigour.swing
    return Pose(
        thigh=(-0.06 + 0.5 * low + 0.2 * tucked, 0.06 + 0.5 * low + 0.7 * tucked),
        knee=(1.0 * low + 0.5 * tucked, 1.0 * low + 0.9 * tucked),
        arm=(0.22 - 0.5 * low + raised, -0.22 - 0.5 * low - 0.7 * raised),
        lean=0.15 * low * vigour.lean,
        up=0.28 * up - 0.05 * low,
        squash=1 - 0.06 * low,
    )


def _attack(phase: float, vigour: Vigour) -> Pose:
    """The near arm goes back, strikes, and comes home."""
    back = _bump(phase, 0.2, 0.2)
    strike = _bump(phase, 0.5, 0.25)
    swing = vigour.swing
    return Pose(
        thigh=(-0.06 - 0.3 * strike, 0.06 + 0.45 * strike - 0.15 * back),
        knee=(0.1 * back, 0.3 * strike),
        arm=(0.22 - 0.4 * strike, -0.22 - 0.9 * back * swing + 1.75 * strike * swing),
        elbow=(0.15 + 0.5 * strike, 0.15 + 1.3 * back),
        lean=(-0.12 * back + 0.22 * strike) * vigour.lean,
        up=-0.015 * strike,
    )


def _blink(phase: float, vigour: Vigour) -> Pose:
    del vigour
    return Pose(shut=lids(phase))


def _talk(phase: float, vigour: Vigour) -> Pose:
    return Pose(mouth=talking(phase, vigour.turns), up=0.004 * math.sin(math.tau * phase))


def lids(phase: float) -> float:
    """How far lids are shut in a blink: fast down, slow up, open at both ends."""
    if phase < 0.25 or phase > 0.85:
        return 0.0
    if phase < 0.45:
        return _smooth((phase - 0.25) / 0.2)
    return 1 - _smooth(max(0.0, (phase - 0.55) / 0.3))


def talking(phase: float, turns: int) -> float:
    """How far a mouth is open: so many openings, the first the widest, shut at both ends."""
    opening = 0.5 - 0.5 * math.cos(math.tau * turns * phase)
    return opening * (1.0 if phase < 1 / turns else 0.7)


def _bump(phase: float, peak: float, reach: float) -> float:
    return _smooth(max(0.0, 1 - abs(phase - peak) / reach))


def _smooth(share: float) -> float:
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


_POSES: dict[Action, Callable[[float, Vigour], Pose]] = {
    Action.IDLE: _idle,
    Action.WALK: _walk,
    Action.RUN: _run,
    Action.JUMP: _jump,
    Action.ATTACK: _attack,
    Action.BLINK: _blink,
    Action.TALK: _talk,
}
