"""Neck, shoulders and clothes."""

from __future__ import annotations

import numpy as np

from genani.training.rig.puppet.brush import Mask, Sheet, both, mixed, shifted, smooth, to
from genani.training.rig.puppet.head import Head


def paint(head: Head, size: int, face: Mask) -> Sheet:
    """The body on its sheet; the head above it throws a shadow on the neck."""
    who, sheet = head.who, Sheet(size)
    rng = np.random.default_rng([who.seed, 31])
    c, s = np.cos(np.radians(who.yaw * 0.6)), np.sin(np.radians(who.yaw))
    at = -0.42 * s
    thin = float(rng.uniform(0.3, 0.52))
    wide = float(rng.uniform(1.15, 1.75)) * (0.55 + 0.45 * c)
    fall = float(rng.uniform(1.62, 1.85))
    neck = np.array(
        [(at - thin, 0.5), (at - thin, 1.3), (at - thin - 0.25, 1.6), (at - thin - 0.3, 3.4)]
    )
    outline = np.concatenate([smooth(neck, 20), smooth(neck[::-1] * (-1, 1) + to(2 * at, 0), 20)])
    neck_mask = sheet.shape(outline)
    sheet.lay(neck_mask, who.skin)
    fallen = both(shifted(face, 0, 0.16 * sheet.unit), neck_mask)
    if who.shading.kind != "flat":
        sheet.lay(fallen, who.dark_skin, 0.85)
    who.pen.outline(sheet, neck_mask, who.line)
    _clothes(sheet, head, at, thin, wide, fall)
    who.shading.finish(sheet)
    return sheet


def _clothes(sheet: Sheet, head: Head, at: float, thin: float, wide: float, fall: float) -> None:
    who = head.who
    dip = {"dress": 2.1, "suit": 2.0, "collar": 1.75}.get(who.outfit, 1.66)
    half = thin + (0.35 if who.outfit == "dress" else 0.2)
    left = np.array(
        [
            (at - half, fall - 0.24),
            (at - max(0.6 * wide, half + 0.12), fall),
            (at - max(wide, half + 0.3), fall + 0.28),
            (at - wide - 0.15, 3.4),
        ]
    )
    hem = np.array(
        [
            (at - half, fall - 0.24),
            (at - half * 0.7, dip - 0.1),
            (at, dip),
            (at + half * 0.7, dip - 0.1),
            (at + half, fall - 0.24),
        ]
    )
    right = left[::-1] * (-1, 1) + to(2 * at, 0)
    outline = np.concatenate([smooth(hem, 24), smooth(right[::-1], 20), smooth(left[::-1], 20)])
    mask = sheet.shape(outline)
    sheet.lay(mask, who.cloth)
    dark = mixed(who.cloth, (10, 5, 40), 0.4)
    who.shading.apply(sheet, mask, dark, 0.3)
    who.pen.outline(sheet, mask, who.line)
    if who.outfit in ("collar", "suit"):
        for side in (-1, 1):
            flap = np.array(
                [
                    (at + side * half, fall - 0.3),
                    (at + side * half * 1.3, fall + 0.1),
                    (at + side * 0.25, dip + 0.25),
                    (at, dip),
                ]
            )
            sheet.fill(
                flap,
                who.accent if who.outfit == "collar" else mixed(who.cloth, (255, 255, 255), 0.12),
            )
            who.pen.stroke(sheet, smooth(flap, 20), who.line)
        if who.outfit == "suit":
            tie = np.array([(at - 0.1, dip), (at + 0.1, dip), (at + 0.16, 3.4), (at - 0.16, 3.4)])
            sheet.fill(tie, who.accent)
            who.pen.stroke(sheet, tie, who.line, closed=True)
    elif who.outfit == "turtle":
        roll = np.array(
            [
                (at - thin - 0.06, 1.32),
                (at + thin + 0.06, 1.32),
                (at + thin + 0.12, fall - 0.1),
                (at - thin - 0.12, fall - 0.1),
            ]
        )
        sheet.fill(roll, mixed(who.cloth, (255, 255, 255), 0.1))
        who.pen.stroke(sheet, roll, who.line, closed=True)
    elif who.outfit == "hood":
        for side in (-1, 1):
            path = np.array(
                [
                    (at + side * (half + 0.12), fall - 0.4),
                    (at + side * half, fall + 0.1),
                    (at + side * 0.1, dip + 0.2),
                ]
            )
            band = smooth(path, 20)
            sheet.fill(np.concatenate([band, band[::-1] + to(side * 0.3, 0.05)]), dark)
            who.pen.stroke(sheet, band, who.line)
            cord = np.array(
                [
                    (at + side * 0.2, dip + 0.12),
                    (at + side * 0.22, dip + 0.4),
                    (at + side * 0.2, dip + 0.7),
                ]
            )
            who.pen.stroke(sheet, smooth(cord, 12), who.accent, weight=1.4)
