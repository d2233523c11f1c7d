"""Figures of this project's own: simple people out of rounded limbs, in any proportion and colour.

They walk to the right, seen half from the front, as sprites mostly are; mirroring is the view's.
"""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genani.engines.inbetween.sprite.actions import ACTIONS, Action
from genani.training.sources.dice import Dice
from genani.training.sources.sprites.loop import U8, Loop
from genani.training.sources.sprites.poses import Pose, Vigour, pose

_FINE = 4
"""Bits of a pixel that drawing works in."""

_HEIGHT = 0.5
"""Of a standing figure, in shares of the canvas."""

FIRST_HELD = 1 << 30
"""Figures with numbers from here on judge and are never learnt from."""

_CYCLED = (Action.WALK, Action.RUN)

Colour = tuple[int, int, int]
Place = NDArray[np.float64]


@dataclass(frozen=True)
class Looks:
    """What tells figures apart; lengths in shares of the standing height.

    Attributes:
        head, leg, arm: radius of the head, lengths of the limbs.
        limb, wide: thickness of limbs, half the width of the trunk.
        skin, hair, shirt, trousers, shoes, line: colours; no line where None.
        hairdo: 0 cap, 1 spikes, 2 long, 3 none.
        eyes: 0 dots, 1 white with pupils, 2 large.
        sleeves: arms have the colour of the shirt.
        weapon: length of what the near hand holds; 0 for none.
        look: how far the face is turned to the right.
    """

    head: float
    leg: float
    arm: float
    limb: float
    wide: float
    skin: Colour
    hair: Colour
    shirt: Colour
    trousers: Colour
    shoes: Colour
    line: Colour | None
    hairdo: int
    eyes: int
    sleeves: bool
    weapon: float
    look: float


@dataclass(frozen=True)
class FigureLoops:
    """Loops of figures.

    Attributes:
        held_back: figures that are never learnt from.
        name: of the source.
    """

    held_back: bool = False
    name: str = "figures"

    def loop(self, dice: Dice, size: int) -> Loop:
        """See `Loops`."""
        looks = looks_of(dice.whole(0, FIRST_HELD - 1) + FIRST_HELD * self.held_back)
        vigour = Vigour(
            dice.between(0.8, 1.2), dice.between(0.7, 1.3), dice.between(0.5, 1.5), dice.whole(2, 3)
        )
        action = dice.one_of(ACTIONS)
        start = 0.0
        if action in _CYCLED and dice.chance(0.4):
            start = dice.between(0, 1)
        standing = not start
        return FigureLoop(looks, action, vigour, 2 * size, start, standing)


@dataclass(frozen=True)
class FigureLoop:
    """One figure doing one thing.

    Attributes:
        looks, action, vigour: who does what and how.
        size: pixels a side.
        start: where in the cycle its key is.
        standing: the key stands at ease, wherever the cycle begins.
    """

    looks: Looks
    action: Action
    vigour: Vigour
    size: int
    start: float = 0.0
    standing: bool = True

    @property
    def close(self) -> bool:
        """Blinks and talks may be framed on the face, but figures are drawn whole."""
        return False

    @property
    def steps(self) -> tuple[int, ...]:
        """Any phase."""
        return ()

    def at(self, phase: float) -> U8:
        """See `Loop`."""
        phase %= 1.0
        taken = Pose() if self.standing and not phase else None
        taken = taken or pose(self.action, self.start + phase, self.vigour)
        return drawn(self.looks, taken, self.size)


def looks_of(number: int) -> Looks:
    """The figure of a number; always the same."""
    dice = Dice(number, 0xF16)
    head = dice.between(0.13, 0.3)
    leg = max(0.14, 1 - 1.7 * head - dice.between(0.2, 0.35))
    line = _tone(dice, 0.05, 0.2) if dice.chance(0.5) else None
    skin = colorsys.hsv_to_rgb(
        dice.between(0.03, 0.1), dice.between(0.2, 0.65), dice.between(0.4, 1.0)
    )
    return Looks(
        head=head,
        leg=leg,
        arm=dice.between(0.24, 0.36),
        limb=dice.between(0.06, 0.12),
        wide=dice.between(0.08, 0.15),
        skin=_bytes(skin) if dice.chance(0.85) else _tone(dice, 0.3, 1.0),
        hair=_tone(dice, 0.1, 0.9),
        shirt=_tone(dice, 0.3, 1.0),
        trousers=_tone(dice, 0.2, 0.9),
        shoes=_tone(dice, 0.1, 0.8),
        line=line,
        hairdo=dice.whole(0, 3),
        eyes=dice.whole(0, 2),
        sleeves=dice.chance(0.5),
        weapon=dice.between(0.2, 0.35) if dice.chance(0.2) else 0.0,
        look=dice.between(0.0, 0.4),
    )


def drawn(looks: Looks, taken: Pose, size: int) -> U8:
    """(size, size, 4) premultiplied RGBA of a figure in a pose."""
    pen = _Pen(size, looks)
    ground = np.array([0.5, 0.8])
    reach = max(_reach(looks.leg, taken.thigh[i], taken.knee[i]) for i in (0, 1))
    hip = ground - [0, (reach + taken.up) * _HEIGHT]
    trunk = (1 - looks.leg - 1.7 * looks.head) * taken.squash * _HEIGHT
    along = np.array([math.sin(taken.lean), -math.cos(taken.lean)])
    neck = hip + along * trunk
    across = looks.wide * _HEIGHT
    shoulder = neck + along * (-0.15 * trunk)
    far, near = np.array([0.6 * across, 0.0]), np.array([-0.6 * across, 0.0])
    _arm(pen, looks, shoulder + far, taken.arm[0], taken.elbow[0], 0.0)
    _leg(pen, looks, hip + 0.55 * far, taken.thigh[0], taken.knee[0])
    _leg(pen, looks, hip + 0.55 * near, taken.thigh[1], taken.knee[1])
    pen.limb([hip - along * 0.02 * _HEIGHT, neck - along * 0.3 * across], 2 * across, looks.shirt)
    _head(pen, looks, taken, neck)
    _arm(pen, looks, shoulder + near, taken.arm[1], taken.elbow[1], looks.weapon)
    return pen.canvas


def _reach(leg: float, thigh: float, knee: float) -> float:
    """How far below the hip a foot is."""
    return leg / 2 * (math.cos(thigh) + math.cos(thigh - knee)) + 0.02


def _leg(pen: _Pen, looks: Looks, hip: Place, thigh: float, knee: float) -> None:
    half = looks.leg / 2 * _HEIGHT
    joint = hip + half * _down(thigh)
    foot = joint + half * _down(thigh - knee)
    width = looks.limb * _HEIGHT
    pen.limb([hip, joint, foot], width, looks.trousers)
    toe = foot + 0.7 * width * np.array([math.cos(thigh - knee), -math.sin(thigh - knee)])
    pen.limb([foot, toe], 0.9 * width, looks.shoes)


def _arm(pen: _Pen, looks: Looks, shoulder: Place, arm: float, elbow: float, weapon: float) -> None:
    half = looks.arm / 2 * _HEIGHT
    joint = shoulder + half * _down(arm)
    hand = joint + half * _down(arm + elbow)
    width = 0.8 * looks.limb * _HEIGHT
    if weapon:
        tip = hand + weapon * _HEIGHT * _down(arm + elbow + 1.2)
        pen.limb([hand, tip], 0.4 * width, (200, 200, 210))
    pen.limb([shoulder, joint, hand], width, looks.shirt if looks.sleeves else looks.skin)
    pen.ellipse(hand, (0.65 * width, 0.65 * width), looks.skin)


def _head(pen: _Pen, looks: Looks, taken: Pose, neck: Place) -> None:
    size = looks.head * _HEIGHT
    tilt = taken.lean / 2
    middle = neck + 0.85 * size * np.array([math.sin(tilt), -math.cos(tilt)])

    def at(x: float, y: float) -> Place:
        turn = np.array([[math.cos(tilt), -math.sin(tilt)], [math.sin(tilt), math.cos(tilt)]])
        return middle + size * (turn @ np.array([x, y]))

    if looks.hairdo == 2:
        pen.ellipse(at(-0.1, 0.25), (1.1 * size, 1.15 * size), looks.hair)
    pen.ellipse(middle, (0.95 * size, size), looks.skin)
    if looks.hairdo == 1:
        for x, y, tip in ((-0.6, -0.6, -1.0), (0.0, -0.8, -0.1), (0.55, -0.6, 0.7)):
            pen.limb([at(x, y), at(tip, -1.35)], 0.35 * size, looks.hair)
    if looks.hairdo != 3:
        pen.limb([at(-0.65, -0.45), at(-0.3, -0.75), at(0.6, -0.6)], 0.55 * size, looks.hair)
    ink = looks.line or (35, 30, 35)
    for x in (-0.35 + looks.look, 0.35 + looks.look):
        _eye(pen, looks, at(x, 0.05), size, taken.shut, ink)
    mouth = at(looks.look, 0.5)
    if taken.mouth > 0.08:
        pen.ellipse(mouth, (0.24 * size, 0.26 * size * taken.mouth), (120, 30, 40), lined=False)
    else:
        pen.stroke(_level(mouth, 0.2 * size), 0.09 * size, ink)


def _eye(pen: _Pen, looks: Looks, at: Place, size: float, shut: float, ink: Colour) -> None:
    wide = (0.12, 0.17, 0.24)[looks.eyes] * size
    open_ = 1.3 * wide * (1 - shut)
    if shut > 0.85:
        pen.stroke(_level(at, wide), 0.09 * size, ink)
        return
    white = looks.eyes > 0
    pen.ellipse(at, (wide, open_), (250, 250, 250) if white else ink, lined=False)
    if white:
        pupil = np.array([0.25 * wide * (looks.look > 0.1), 0.0])
        pen.ellipse(at + pupil, (0.55 * wide, min(0.7 * wide, open_)), ink, lined=False)


class _Pen:
    """Draws rounded shapes, with a line around them where the figure has one."""

    def __init__(self, size: int, looks: Looks) -> None:
        self.canvas = np.zeros((size, size, 4), np.uint8)
        self._size, self._line = size, looks.line
        self._edge = 0.012 * _HEIGHT * size

    def limb(self, places: list[Place], width: float, colour: Colour) -> None:
        """A rounded band through places, shares of the canvas like its width."""
        wide = width * self._size
        if self._line:
            self._band(places, wide + 2 * self._edge, self._line)
        self._band(places, wide, colour)

    def stroke(self, places: list[Place], width: float, colour: Colour) -> None:
        """A band without a line around it."""
        self._band(places, width * self._size, colour)

    def ellipse(
        self, at: Place, radii: tuple[float, float], colour: Colour, lined: bool = True
    ) -> None:
        """An upright ellipse."""
        x, y = radii[0] * self._size, radii[1] * self._size
        if lined and self._line:
            self._filled(at, (x + self._edge, y + self._edge), self._line)
        self._filled(at, (x, y), colour)

    def _band(self, places: list[Place], wide: float, colour: Colour) -> None:
        line = np.rint(np.stack(places) * self._size * (1 << _FINE)).astype(np.int32)
        cv2.polylines(
            self.canvas, [line], False, (*colour, 255), max(1, round(wide)), cv2.LINE_AA, _FINE
        )

    def _filled(self, at: Place, radii: tuple[float, float], colour: Colour) -> None:
        scale = 1 << _FINE
        middle = tuple(round(float(v) * self._size * scale) for v in at)
        size = max(1, round(radii[0] * scale)), max(1, round(radii[1] * scale))
        cv2.ellipse(self.canvas, middle, size, 0, 0, 360, (*colour, 255), -1, cv2.LINE_AA, _FINE)


def _level(middle: Place, reach: float) -> list[Place]:
    """A level line, both ways from its middle."""
    step = np.array([reach, 0.0])
    return [middle - step, middle + step]


def _down(angle: float) -> Place:
    """A step of length 1 along a limb; forward is to the right."""
    return np.array([math.sin(angle), math.cos(angle)])


def _tone(dice: Dice, low: float, high: float) -> Colour:
    hsv = dice.between(0, 1), dice.between(0.1, 0.9), dice.between(low, high)
    return _bytes(colorsys.hsv_to_rgb(*hsv))


def _bytes(colour: tuple[float, float, float]) -> Colour:
    red, green, blue = (round(255 * part) for part in colour)
    return red, green, blue
