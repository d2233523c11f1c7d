"""Hair as a volume around the skull, cut along a line that runs around the head.

The volume is an ellipse across at every height; a cut says, for each direction around the head,
how far down hair reaches. So one description shows rightly from the front and in profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genani.training.rig.puppet.brush import (
    LEFT,
    TOP,
    Colour,
    FloatArray,
    Mask,
    Sheet,
    ellipse,
    fill,
    mixed,
    outlines,
    ribbon,
    smooth,
    softened,
    to,
)
from genani.training.rig.puppet.head import SKULL, Head, turned

CUTS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "crop": (
        (0, -0.66),
        (40, -0.62),
        (60, -0.36),
        (74, 0.02),
        (92, -0.12),
        (120, 0.4),
        (180, 0.55),
    ),
    "buzz": (
        (0, -0.68),
        (45, -0.62),
        (62, -0.36),
        (76, -0.02),
        (95, -0.12),
        (120, 0.4),
        (180, 0.5),
    ),
    "slick": ((0, -0.7), (40, -0.64), (58, -0.42), (78, 0.05), (95, -0.1), (125, 0.5), (180, 0.6)),
    "fringe": ((0, -0.34), (36, -0.34), (52, -0.2), (68, 0.3), (90, 0.2), (120, 0.5), (180, 0.65)),
    "bob": ((0, -0.4), (34, -0.36), (46, -0.05), (58, 0.8), (90, 0.9), (180, 0.95)),
    "long": ((0, -0.46), (28, -0.4), (46, 0.0), (58, 0.9), (75, 1.5), (120, 1.6), (180, 1.6)),
    "swept": ((0, -0.52), (40, -0.34), (58, -0.05), (74, 0.2), (95, 0.05), (125, 0.5), (180, 0.6)),
    "parted": ((0, -0.72), (22, -0.58), (44, -0.2), (60, 0.4), (80, 0.6), (120, 0.75), (180, 0.8)),
    "spiky": ((0, -0.42), (36, -0.38), (54, -0.15), (72, 0.22), (95, 0.1), (120, 0.5), (180, 0.6)),
    "curly": ((0, -0.52), (40, -0.46), (58, -0.1), (75, 0.4), (110, 0.6), (180, 0.7)),
    "afro": ((0, -0.6), (45, -0.55), (62, -0.25), (80, 0.2), (120, 0.5), (180, 0.6)),
    "bun": ((0, -0.64), (40, -0.58), (58, -0.3), (74, 0.1), (95, -0.05), (125, 0.45), (180, 0.55)),
    "tails": ((0, -0.4), (36, -0.36), (52, -0.1), (66, 0.3), (90, 0.1), (125, 0.45), (180, 0.5)),
    "pony": ((0, -0.45), (36, -0.36), (52, -0.1), (68, 0.25), (90, 0.0), (125, 0.4), (180, 0.5)),
    "mohawk": ((0, -0.74), (45, -0.7), (70, -0.6), (95, -0.4), (120, 0.0), (180, 0.3)),
    "braids": ((0, -0.62), (25, -0.5), (46, -0.3), (64, 0.2), (90, 0.1), (125, 0.5), (180, 0.6)),
}
"""How far down hair reaches (face units) by degrees from the front, both sides alike."""

_TOOTHED = frozenset({"fringe", "bob", "long", "spiky", "swept", "tails", "pony", "parted", "crop"})
_EVEN = 512


@dataclass(frozen=True)
class Volume:
    """Hair standing around a head.

    Attributes:
        head: the head.
        ends: (512,) how far down it reaches in directions from -180 to 180 degrees.
        wide: half axes of its widest place, face units.
        flare: how much wider it gets further down, per face unit.
    """

    head: Head
    ends: FloatArray
    wide: FloatArray
    flare: float

    def radius(self, y: NDArray[np.floating]) -> FloatArray:
        """(...,) width at heights, against the widest place of the skull."""
        up = np.clip((SKULL[1] - y) / self.wide[1], 0, 1)
        down = np.maximum(y - SKULL[1], 0)
        return np.sqrt(1 - up * up) * np.maximum(
            1 - 0.06 * np.minimum(down, 1) + self.flare * down, 0.5
        )

    def surface(self, degrees: FloatArray, y: FloatArray) -> FloatArray:
        """(n, 3) points in the painted view, at directions around the head and heights."""
        angle, r = np.radians(degrees), self.radius(y)
        x, w = self.wide[0] * r * np.sin(angle), self.wide[2] * r * np.cos(angle) + SKULL[2]
        return turned(np.stack([x, y, w], -1), self.head.who.yaw)

    def end(self, degrees: NDArray[np.floating]) -> FloatArray:
        """(...,) how far down hair reaches in directions."""
        at = (np.mod(degrees + 180, 360)) * (_EVEN / 360)
        low = at.astype(int)
        share = at - low
        return self.ends[low % _EVEN] * (1 - share) + self.ends[(low + 1) % _EVEN] * share


def volume(head: Head) -> Volume:
    """The hair of a person; not for bald ones."""
    look = head.who.hair
    rng = np.random.default_rng([head.who.seed, 11])
    knots = np.array(CUTS[look.kind])
    degrees = np.linspace(-180, 180, _EVEN, endpoint=False)
    if abs(head.who.yaw) > 50:
        # Beside the face hair starts farther back, lest it hide the eye in profile.
        knots[1:-1, 0] = np.minimum(knots[1:-1, 0] * 1.3, 170 + np.arange(len(knots) - 2))
    aside = degrees - _leaning(look.kind, look.part) * np.clip(1 - np.abs(degrees) / 80, 0, 1)
    ends = np.interp(np.abs(aside), knots[:, 0], knots[:, 1])
    if look.kind in ("long", "bob"):
        behind = np.clip((np.abs(degrees) - 48) / 20, 0, 1)
        ends = ends + behind * (look.length - (1.6 if look.kind == "long" else 1.4))
    if look.kind == "swept":
        ends += (
            0.3
            * np.sin(np.radians(np.clip(degrees * np.sign(look.part) * 2, -90, 90)))
            * (np.abs(degrees) < 60)
        )
    if look.kind in _TOOTHED:
        ends += _teeth(degrees, look.teeth, look.jag * (0.5 if look.kind == "crop" else 1), rng)
    puff = look.puff + {
        "afro": 0.34,
        "curly": 0.14,
        "buzz": -0.08,
        "slick": -0.03,
        "mohawk": -0.1,
    }.get(look.kind, 0.0)
    wide = head.axes + np.array([0.85, 1.0, 0.9]) * max(puff, 0.015)
    flare = {"bob": 0.06, "long": float(rng.uniform(-0.02, 0.14)), "afro": 0.02}.get(look.kind, 0.0)
    return Volume(head, ends, wide, flare)


def _leaning(kind: str, part: float) -> float:
    return part if kind in ("parted", "swept", "long", "slick", "braids") else 0.3 * part


def _teeth(degrees: FloatArray, count: int, long: float, rng: np.random.Generator) -> FloatArray:
    at = (degrees + 180) / 360 * count
    lows = rng.uniform(-0.6, 1, count + 1) * long
    lows[-1] = lows[0]
    tips = rng.uniform(0.35, 0.65, count)
    i = at.astype(int) % count
    f = at - at.astype(int)
    rise = np.where(f < tips[i], f / tips[i], (1 - f) / (1 - tips[i]))
    return (0.3 + lows[i]) * rise**1.3 - 0.3 * long


def masks(sheet: Sheet, hair: Volume) -> tuple[Mask, Mask]:
    """Hair before the head and hair behind it, as masks of the sheet's size."""
    along = (np.arange(sheet.size) + 0.5) / sheet.unit
    x, y = along[None] + LEFT, along[:, None] + TOP
    who = hair.head.who
    bend = who.hair.wave * np.sin(4.2 * y + 1.3) * np.clip(y + 0.2, 0, 1.5)
    x = x - bend
    angle = np.radians(who.yaw)
    c, s = np.cos(angle), np.sin(angle)
    a, b = 1 / hair.wide[0] ** 2, 1 / hair.wide[2] ** 2
    r = hair.radius(y)
    two, one = s * s * a + c * c * b, c * s * (b - a)
    root = one * one * x * x - two * (x * x * (c * c * a + s * s * b) - r * r)
    inside = root > 0
    root = np.sqrt(np.maximum(root, 0))
    found: list[Mask] = []
    for sign in (1, -1):
        w = (-one * x + sign * root) / two
        degrees = np.degrees(np.arctan2(c * x - s * w, s * x + c * w))
        left = np.clip((hair.end(degrees) - y) * sheet.unit * 0.7 + 0.5, 0, 1)
        found.append((left * inside * 255).astype(np.uint8))
    return softened(found[0], 0.6), softened(found[1], 0.6)


def paint(head: Head, size: int) -> tuple[Sheet, Sheet, Mask]:
    """The hair behind and before the head, and the mask of the latter."""
    behind, before = Sheet(size), Sheet(size)
    look = head.who.hair
    if look.kind == "bald":
        return behind, before, np.zeros((size, size), np.uint8)
    hair = volume(head)
    front, back = masks(before, hair)
    rng = np.random.default_rng([head.who.seed, 12])
    back = np.maximum(back, _hanging(before, head, rng))
    if look.kind in ("spiky", "mohawk"):
        spikes = _spikes(before, hair, rng)
        front = np.maximum(front, spikes)
    if look.kind in ("curly", "afro"):
        front, back = _curled(before, front, rng), _curled(before, back, rng)
    _colour(
        behind,
        head,
        back,
        look.dark if look.kind not in ("tails", "pony", "braids", "bun") else look.colour,
    )
    _colour(before, head, front, look.colour)
    _strands(before, hair, front, rng)
    if look.shine and look.kind not in ("buzz", "afro", "curly"):
        _shine(before, hair, front, rng)
    head.who.pen.outline(before, front, _line(head), 0.9)
    for sheet in (behind, before):
        head.who.shading.finish(sheet)
    return behind, before, front


def _line(head: Head) -> Colour:
    return mixed(head.who.line, head.who.hair.dark, 0.35)


def _colour(sheet: Sheet, head: Head, mask: Mask, tone: Colour) -> None:
    who = head.who
    opacity = 0.75 if who.hair.kind == "buzz" else 1.0
    sheet.lay(mask, tone, opacity)
    who.shading.apply(sheet, mask, who.hair.dark, 0.3)
    who.pen.outline(sheet, mask, _line(head), 0.9)


def _strands(sheet: Sheet, hair: Volume, mask: Mask, rng: np.random.Generator) -> None:
    look, who = hair.head.who.hair, hair.head.who
    if look.kind in ("afro", "buzz") or not look.strands:
        return
    for degrees in np.linspace(-175, 175, look.strands) + rng.uniform(-5, 5, look.strands):
        low = float(hair.end(np.array([degrees]))[0])
        top = SKULL[1] - hair.wide[1] * float(rng.uniform(0.8, 0.98))
        start, stop = sorted(rng.uniform(0, 1, 2))
        y = np.linspace(top + start * 0.6 * (low - top), top + (0.4 + 0.6 * stop) * (low - top), 14)
        lean = degrees + (look.part - degrees) * 0.35 * np.clip((SKULL[1] - y) / hair.wide[1], 0, 1)
        points = hair.surface(lean, y)
        if points[:, 2].mean() < SKULL[2]:
            continue
        tone = _line(hair.head) if rng.random() < 0.6 else look.light
        who.pen.stroke(sheet, points[:, :2], tone, weight=0.55, clip=mask, opacity=0.8)


def _shine(sheet: Sheet, hair: Volume, mask: Mask, rng: np.random.Generator) -> None:
    at = SKULL[1] - hair.wide[1] * 0.55
    degrees = np.linspace(-100, 100, 61)
    high = at - 0.05 + 0.05 * rng.uniform(-1, 1, 61)
    low = at + 0.05 + 0.08 * rng.uniform(0, 1, 61) * (np.arange(61) % 2)
    gone = rng.random(61) < 0.15
    low[gone] = high[gone]
    turn = degrees - hair.head.who.shading.light[0] * -25 - hair.head.who.yaw * 0.6
    outline = np.concatenate([hair.surface(turn, high), hair.surface(turn, low)[::-1]])
    sheet.fill(outline[:, :2], hair.head.who.hair.light, 0.8, mask)


def _spikes(sheet: Sheet, hair: Volume, rng: np.random.Generator) -> Mask:
    mask = np.zeros((sheet.size, sheet.size), np.uint8)
    mohawk = hair.head.who.hair.kind == "mohawk"
    count = int(rng.integers(9, 16))
    lean, long = rng.uniform(-0.5, 0.5), rng.uniform(0.25, 0.55)
    for k in range(count):
        share = (k + 0.5) / count
        if mohawk:
            # Along the middle of the head, from the brow over the crown to the nape.
            arc = np.radians(48 + 105 * share)
            root = np.array(
                [0, SKULL[1] - hair.wide[1] * np.sin(arc), SKULL[2] + hair.wide[2] * np.cos(arc)]
            )
            base = turned(root, hair.head.who.yaw)[:2]
            away = base - to(0, SKULL[1] + 0.2)
        else:
            arc = np.radians(200 * share + 170)
            base = np.array([hair.wide[0] * np.cos(arc), SKULL[1] + hair.wide[1] * np.sin(arc)])
            away = base - to(0, SKULL[1] + 0.1)
        away = away / max(float(np.hypot(*away)), 1e-6)
        side = np.array([-away[1], away[0]])
        width = 0.2 if mohawk else float(rng.uniform(0.2, 0.32))
        tip = base + away * long * rng.uniform(0.7, 1.1) + side * lean * long + to(0, 0.05)
        root = base - away * 0.3
        path = np.array(
            [
                root - side * width,
                base - side * width * 0.8,
                tip,
                base + side * width * 0.8,
                root + side * width,
            ]
        )
        fill(
            mask,
            sheet.place(
                np.concatenate(
                    [
                        smooth(
                            np.stack(
                                [path[0], path[1], (path[1] + tip) / 2 + side * lean * 0.1, tip]
                            ),
                            12,
                        ),
                        smooth(
                            np.stack(
                                [tip, (path[3] + tip) / 2 + side * lean * 0.1, path[3], path[4]]
                            ),
                            12,
                        ),
                    ]
                )
            ),
        )
    return mask


def _curled(sheet: Sheet, mask: Mask, rng: np.random.Generator) -> Mask:
    grown = mask.copy()
    radius = float(rng.uniform(0.09, 0.17)) * sheet.unit
    for contour in outlines(mask, 60):
        step = max(2, int(radius * 1.1 / max(1.0, np.hypot(*np.diff(contour[:2], axis=0)[0]))))
        for x, y in contour[::step]:
            r = radius * float(rng.uniform(0.75, 1.2))
            cv2.circle(
                grown, (round(x * 16), round(y * 16)), round(r * 16), 255, -1, cv2.LINE_AA, 4
            )
    return grown


def _hanging(sheet: Sheet, head: Head, rng: np.random.Generator) -> Mask:
    """Tails, buns and braids behind the head."""
    kind, axes = head.who.hair.kind, head.axes
    mask = np.zeros((sheet.size, sheet.size), np.uint8)

    def at(x: float, y: float, w: float) -> FloatArray:
        return turned(np.array([x, y, w]), head.who.yaw)[:2]

    if kind == "bun":
        count = int(rng.integers(1, 3))
        for side in (0,) if count == 1 else (-1, 1):
            x, y = at(
                0.62 * side, SKULL[1] - axes[1] * (1.05 if side == 0 else 0.85), SKULL[2] - 0.25
            )
            fill(mask, sheet.place(ellipse(x, y, 0.34, 0.31)))
    elif kind in ("tails", "pony", "braids"):
        sides = (-1, 1) if kind != "pony" else (float(rng.choice([-0.6, 0.6])),)
        long = float(rng.uniform(1.2, 2.3))
        thick = float(rng.uniform(0.2, 0.36)) * (0.6 if kind == "braids" else 1)
        for side in sides:
            high = -0.55 if kind != "braids" else 0.4
            root = at(0.9 * side, high, SKULL[2] - (0.9 if kind == "pony" else 0.1))
            out = np.array([0.42 * np.sign(side) + root[0] * 0.2, 0])
            spine = smooth(
                np.array(
                    [
                        root,
                        root + out + to(0, 0.1),
                        root + out * 1.25 + (0, long * 0.55),
                        root + out * 0.9 + (0, long),
                    ]
                ),
                24,
            )
            share = np.linspace(0, 1, 24)
            half = thick * np.sin(np.pi * np.clip(share * 0.85 + 0.12, 0, 1)) ** 0.8
            if kind == "braids":
                half = thick * (0.8 + 0.25 * np.abs(np.sin(share * 16)))
            fill(mask, sheet.place(ribbon(spine, half)))
    return mask
