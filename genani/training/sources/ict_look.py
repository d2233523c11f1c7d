"""How an ICT head is drawn: paint on the skin, colours, light and line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import BROWS, CONTOURS
from genani.training.sources.dice import Dice
from genani.training.sources.ict_mesh import F32, Proportions, Stuff, hair_depth

U8 = NDArray[np.uint8]

_MAP, _PER_CM = 512, 24.0
"""Side of the paint's canvas, and its pixels a centimetre; its middle is the face's (0, 0)."""

LEVELS = 64
"""Steps of light."""


class Region(IntEnum):
    """What a pixel is painted as."""

    SKIN = 0
    LIPS = 1
    BROW = 2
    BLUSH = 3
    HAIR = 4
    CLOTH = 5
    WHITE = 6
    IRIS = 7
    PUPIL = 8
    SHINE = 9
    INSIDE = 10
    TONGUE = 11
    TEETH = 12
    LASH = 13
    NOSE = 14
    MARK = 15


PARTS = np.array([1, 4, 2, 1, 6, 7, 3, 3, 3, 3, 4, 4, 4, 3, 5, 1], np.uint8)
"""The sample's part of each region."""

KINDS = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 0, 0, 0, 5], np.uint8)
"""Regions with equal numbers lie on one surface; the last is no region."""

_INKED = np.array([0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 4, 4, 5, 3, 0, 0], np.uint8)
"""Regions with equal numbers have no line between them."""


@dataclass(frozen=True)
class Look:
    """A way to draw.

    Attributes:
        paint: (512, 512) uint8 `Region` laid on the front of the mean face; 0 where bare.
        colours: (16, LEVELS, 3) uint8, the colour of each region under each light.
        light: (3,) where light comes from.
        painted_light: True where light and shade are painted on and move with the skin.
        line: width of lines, in pixels of a picture 256 wide; 0 for none.
        ink: (3,) uint8.
        iris: radius of the iris, cm.
        neckline: height where cloth begins.
    """

    paint: U8
    colours: U8
    light: F32
    painted_light: bool
    line: float
    ink: U8
    iris: float
    neckline: float

    def regions(self, stuff: NDArray[np.int64], place: F32, head: Proportions) -> U8:
        """(P,) the region of each pixel; those of eyeballs come from `eyeballs`.

        Args:
            stuff: (P,) `Stuff`.
            place: (P, 3) where the pixel lies on the mean face.
            head: for its hair.
        """
        x, y, z = (np.ascontiguousarray(place[:, axis]) for axis in range(3))
        column = np.clip((x * _PER_CM + _MAP // 2).astype(np.int64), 0, _MAP - 1)
        row = np.clip((_MAP // 2 - y * _PER_CM).astype(np.int64), 0, _MAP - 1)
        region = np.where(z > 5.5, self.paint[row, column], np.uint8(Region.SKIN))
        nose = (np.abs(x) < 1.9) & (y > -1.7) & (y < 2.4) & (z > 10.4)
        region[nose & (region == Region.SKIN)] = Region.NOSE
        region[hair_depth(place, head) > 0] = Region.HAIR
        region[y < self.neckline + np.float32(0.042) * x * x] = Region.CLOTH
        plain = _PLAIN[stuff]
        return np.where(plain < len(Region), plain, region)

    def eyeballs(self, eye: F32) -> U8:
        """(P,) the region of each pixel of an eyeball.

        Args:
            eye: (P, 3) where it lies from the eyeball's middle.
        """
        away = eye[:, 0] * eye[:, 0] + eye[:, 1] * eye[:, 1]
        ball = np.full(len(away), Region.WHITE, np.uint8)
        front, iris = eye[:, 2] > 0, np.float32(self.iris)
        ball[front & (away < iris * iris)] = Region.IRIS
        ball[front & (away < iris * iris * np.float32(0.22))] = Region.PUPIL
        dx, dy = eye[:, 0] + iris * np.float32(0.35), eye[:, 1] - iris * np.float32(0.4)
        ball[front & (dx * dx + dy * dy < iris * iris * np.float32(0.07))] = Region.SHINE
        return ball

    def inked(self, regions: U8) -> U8:
        """Numbers of regions that differ where a line runs between them."""
        return _INKED[regions]


_PLAIN = np.full(len(Stuff), 255, np.uint8)
_PLAIN[Stuff.INSIDE], _PLAIN[Stuff.TONGUE] = Region.INSIDE, Region.TONGUE
_PLAIN[Stuff.TEETH], _PLAIN[Stuff.HAIR] = Region.TEETH, Region.HAIR

_SKINS = (
    *((255, 224, 196), (241, 194, 160), (224, 172, 130), (198, 134, 94), (141, 85, 54)),
    *((92, 56, 38), (255, 236, 224), (250, 210, 80), (150, 200, 120), (140, 180, 230)),
    *((210, 170, 220), (235, 235, 235)),
)
_HAIRS = (
    *((40, 30, 28), (86, 56, 36), (150, 100, 50), (230, 190, 100), (180, 60, 30), (200, 200, 205)),
    *((70, 110, 200), (230, 110, 160), (90, 160, 110), (120, 80, 170)),
)
_NATURAL = 6
"""So many of the skins and hairs, from the first, are those of people."""

_IRISES = (
    (90, 60, 30),
    (60, 110, 170),
    (70, 130, 80),
    (120, 120, 130),
    (30, 24, 22),
    (170, 90, 30),
)


KINDS_OF_LOOK = ("ink", "ink", "cel", "cel", "soft", "plain", "line")
"""Ways to draw, as often as they are drawn; `plain` is next to a photo."""


def look(
    dice: Dice, rest: F32, *, natural: bool = False, kinds: Sequence[str] = KINDS_OF_LOOK
) -> Look:
    """A way to draw, thrown from dice.

    Args:
        dice: of the identity.
        rest: (478, 2) landmarks of the mean face, cm, y up.
        natural: skin and hair as people have them.
        kinds: of `KINDS_OF_LOOK`, one of which it is.
    """
    kind = dice.one_of(kinds)
    skin = np.array(dice.one_of(_SKINS[:_NATURAL] if natural else _SKINS))
    hair = np.array(dice.one_of(_HAIRS[:_NATURAL] if natural else _HAIRS))
    base = _colours(dice, skin, hair, plain=kind == "plain")
    if kind == "line":
        base[:] = dice.one_of((255, 250, 244))
        base[[Region.BROW, Region.PUPIL, Region.LASH]] = 40
        base[Region.INSIDE] = dice.one_of((60, 255))
        if dice.chance(0.4):
            base[Region.HAIR] = 40
    ink = (skin * dice.between(0.1, 0.45)).astype(np.uint8) if dice.chance(0.6) else np.full(3, 24)
    wide = {"ink": (1.0, 2.6), "cel": (0.0, 1.2), "line": (0.9, 1.8)}.get(kind, (0.0, 0.0))
    light = np.array([dice.between(-0.7, 0.7), dice.between(0.1, 0.8), 1.0])
    light /= np.sqrt(light[0] * light[0] + light[1] * light[1] + 1)
    return Look(
        paint=_paint(dice, rest, plain=kind == "plain"),
        colours=_lit(base, _curve(dice, kind), dice),
        light=light.astype(np.float32),
        painted_light=dice.chance(0.5),
        line=dice.between(*wide),
        ink=ink.astype(np.uint8),
        iris=dice.between(0.62, 0.8) if kind == "plain" else dice.between(0.7, 1.05),
        neckline=dice.between(-15.5, -12.5),
    )


def _colours(dice: Dice, skin: NDArray, hair: NDArray, plain: bool) -> NDArray[np.float64]:
    table = np.zeros((len(Region), 3))
    table[[Region.SKIN, Region.NOSE]] = skin
    if not plain and dice.chance(0.3):
        table[Region.NOSE] = skin * 0.8 + np.array((220, 90, 80)) * 0.2
    lips = np.array((200, 80, 80)) * dice.between(0.7, 1.1)
    share = dice.between(0.2, 0.8)
    table[Region.LIPS] = skin * (1 - share) + np.minimum(lips, 255) * share
    table[Region.BLUSH] = skin * 0.75 + np.array((240, 110, 110)) * 0.25
    table[Region.HAIR] = hair
    table[Region.BROW] = hair * dice.between(0.5, 1.0)
    table[Region.CLOTH] = [dice.whole(20, 250) for _ in range(3)]
    table[Region.WHITE] = dice.whole(236, 255)
    table[Region.IRIS] = dice.one_of(_IRISES)
    table[Region.PUPIL] = 16
    table[Region.SHINE] = 255
    table[Region.INSIDE] = np.array((110, 30, 34)) * dice.between(0.3, 1.1)
    table[Region.TONGUE] = (205, 92, 92)
    table[Region.TEETH] = (246, 244, 236)
    table[Region.LASH] = (24, 18, 18)
    table[Region.MARK] = skin * 0.72
    return table


def _curve(dice: Dice, kind: str) -> NDArray[np.float64]:
    """(LEVELS,) brightness over light, from the far side to full light."""
    light = np.arange(LEVELS) / (LEVELS - 1)
    if kind == "line":
        return np.ones(LEVELS)
    if kind in ("soft", "plain"):
        dark = dice.between(0.35, 0.7)
        share = np.clip((light - 0.3) / 0.65, 0, 1)
        return dark + (1 - dark) * share * (2 - share)
    curve = np.ones(LEVELS)
    if dice.chance(0.8):
        curve[light < dice.between(0.5, 0.72)] = dice.between(0.68, 0.88)
    if dice.chance(0.25):
        curve[light < dice.between(0.3, 0.48)] = dice.between(0.5, 0.65)
    return curve


def _lit(base: NDArray[np.float64], curve: NDArray[np.float64], dice: Dice) -> U8:
    """Every region's colour under every light; shade leans to a colour of its own."""
    lean = np.array([dice.between(0.88, 1.0), dice.between(0.86, 1.0), dice.between(0.9, 1.08)])
    table = np.repeat(base[:, None], LEVELS, 1)
    deep = (1 - curve[:, None]) / max(1 - float(curve.min()), 1e-6)
    table = table * curve[:, None] * (1 + (lean - 1) * deep)
    bright = [Region.PUPIL, Region.SHINE, Region.LASH]
    table[bright] = base[bright, None]
    eyes = [Region.WHITE, Region.IRIS, Region.TEETH]
    table[eyes] = base[eyes, None] * (0.6 + 0.4 * curve[:, None])
    return np.clip(np.floor(table + 0.5), 0, 255).astype(np.uint8)


def _paint(dice: Dice, rest: F32, plain: bool) -> U8:
    """Brows, lips, lashes, cheeks and marks on the mean face seen from the front."""
    import cv2

    canvas = np.zeros((_MAP, _MAP), np.uint8)

    def at(points: NDArray) -> NDArray[np.int32]:
        placed = np.stack([points[:, 0] * _PER_CM, -points[:, 1] * _PER_CM], 1) + _MAP // 2
        return np.floor(placed + 0.5).astype(np.int32)

    if dice.chance(0.4):
        reach = int(dice.between(0.9, 1.6) * _PER_CM)
        for side in (-1, 1):
            cv2.ellipse(
                canvas,
                at(np.array([[side * 4.6, -0.4]]))[0].tolist(),
                (reach, int(reach * 0.7)),
                0,
                0,
                360,
                int(Region.BLUSH),
                -1,
            )
    if dice.chance(0.25):
        for _ in range(dice.whole(2, 12)):
            spot = np.array([[dice.between(-4.5, 4.5), dice.between(-1, 1.5)]])
            cv2.circle(canvas, at(spot)[0].tolist(), dice.whole(2, 4), int(Region.MARK), -1)
    if plain or dice.chance(0.65):
        outline = rest[list(CONTOURS["outer lips"])]
        cv2.fillPoly(canvas, [at(outline)], int(Region.LIPS))
    thick, rise = dice.between(0.4, 1.9), dice.between(-0.3, 0.5)
    for upper, lower in BROWS:
        top, low = rest[list(upper)], rest[list(lower)]
        middle = (top + low) / 2
        middle[:, 1] += np.float32(rise)
        half = (top - low) / 2 * np.float32(thick)
        outline = np.concatenate([middle + half, (middle - half)[::-1]])
        cv2.fillPoly(canvas, [at(outline)], int(Region.BROW))
    lash = dice.between(0, 0.28)
    if lash > 0.06:
        for name in ("right eye", "left eye"):
            upper = rest[list(CONTOURS[name][:9])]
            cv2.polylines(canvas, [at(upper)], False, int(Region.LASH), int(lash * 2 * _PER_CM))
    return canvas
