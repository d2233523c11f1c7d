"""What is worn: glasses before the eyes, hats and bows on the hair."""

from __future__ import annotations

import numpy as np

from genani.face.mesh import LIDS
from genani.training.rig.puppet.brush import Colour, Sheet, ellipse, mixed, ribbon, smooth, to
from genani.training.rig.puppet.hair import CUTS, Volume
from genani.training.rig.puppet.head import SKULL, Head, turned

_FRAMES: tuple[Colour, ...] = ((24, 22, 26), (90, 50, 30), (190, 40, 50), (170, 150, 90))


def glasses(head: Head, size: int) -> Sheet:
    """Spectacles on their own sheet."""
    who, sheet = head.who, Sheet(size)
    if who.glasses == "none":
        return sheet
    rng = np.random.default_rng([who.seed, 41])
    tone = _FRAMES[int(rng.integers(len(_FRAMES)))]
    weight = float(rng.uniform(0.022, 0.06))
    rims = []
    for side, lid in enumerate(LIDS):
        eye = head.rest[[lid.outer, lid.inner, *lid.upper, *lid.lower]]
        x, y, w = eye.mean(0)
        wide = max(float(np.ptp(eye[:, 0])) * 0.78, 0.25)
        tall = wide * float(0.72 if who.glasses != "round" else 0.95)
        u = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        power = 0.5 if who.glasses in ("square", "shades") else 1.0
        ring = np.stack(
            [
                np.sign(np.cos(u)) * np.abs(np.cos(u)) ** power * wide,
                np.sign(np.sin(u)) * np.abs(np.sin(u)) ** power * tall,
            ],
            1,
        )
        spot = np.stack(
            [
                x + ring[:, 0],
                y + 0.02 + ring[:, 1],
                np.full(40, w + 0.14) - 0.25 * np.abs(ring[:, 0] + x) ** 2,
            ],
            1,
        )
        flat = turned(spot, who.yaw)[:, :2]
        if not head.shows(side):
            continue
        if who.glasses == "shades":
            sheet.fill(flat, (30, 26, 40), 0.86)
        else:
            sheet.fill(flat, (225, 240, 255), 0.16)
        band = flat[:22] if who.glasses == "half" else np.concatenate([flat, flat[:2]])
        sheet.fill(ribbon(band, weight / 2), tone)
        rims.append((flat, x))
        out = flat[0] if x > 0 else flat[20]
        ear = turned(np.array([head.rest[454, 0] * np.sign(x), 0.1, -0.7]), who.yaw)
        if ear[2] > -1.0 or abs(who.yaw) < 20:
            sheet.fill(ribbon(np.linspace(out, ear[:2], 6), weight / 2), tone)
    if len(rims) == 2:
        inner = [flat[20] if x > 0 else flat[0] for flat, x in rims]
        bridge = smooth(np.array([inner[0], (inner[0] + inner[1]) / 2 - (0, 0.06), inner[1]]), 12)
        sheet.fill(ribbon(bridge, weight / 2), tone)
    return sheet


def hat(head: Head, size: int) -> Sheet:
    """What sits on the head, on its own sheet."""
    who, sheet = head.who, Sheet(size)
    if who.hat == "none":
        return sheet
    puff = who.hair.puff + 0.06 if who.hair.kind in CUTS else 0.04
    wide = head.axes + puff
    crown = Volume(head, np.zeros(512), wide, 0.0)
    tone, dark = who.accent, mixed(who.accent, (10, 0, 40), 0.45)
    if who.hat in ("beanie", "cap", "beret"):
        rim = -0.62 if who.hat != "beret" else -0.8
        degrees = np.linspace(-180, 180, 60)
        edge = crown.surface(degrees, np.full(60, rim))[:, :2]
        left, right = edge[:, 0].min(), edge[:, 0].max()
        arc = np.linspace(np.pi, 2 * np.pi, 30)
        top = SKULL[1] - wide[1] - (0.1 if who.hat == "beanie" else 0.04)
        dome = np.stack(
            [
                (left + right) / 2 + (right - left) / 2 * np.cos(arc),
                rim + (rim - top) * np.sin(arc),
            ],
            1,
        )
        if who.hat == "beret":
            dome[:, 0] += 0.25 * (rim - dome[:, 1])
            dome = (dome - to(0, rim)) * (1.25, 0.9) + to(0, rim)
        front = edge[np.argsort(edge[:, 0])]
        front = np.stack(
            [np.linspace(right, left, 20), rim + 0.1 * np.sin(np.linspace(0, np.pi, 20))], 1
        )
        mask = sheet.shape(np.concatenate([dome, front]))
        sheet.lay(mask, tone)
        who.shading.apply(sheet, mask, dark, 0.25)
        who.pen.outline(sheet, mask, who.line)
        if who.hat == "beanie":
            band = np.concatenate([front, front[::-1] - to(0, 0.22)])
            sheet.fill(band, mixed(tone, (255, 255, 255), 0.25))
            who.pen.stroke(sheet, band, who.line, closed=True)
        if who.hat == "cap":
            ahead = turned(
                np.array(
                    [
                        (-0.7, rim, SKULL[2] + 0.7),
                        (-0.45, rim + 0.12, 0.55),
                        (0.45, rim + 0.12, 0.55),
                        (0.7, rim, SKULL[2] + 0.7),
                    ]
                ),
                who.yaw,
            )[:, :2]
            brim = np.concatenate(
                [
                    smooth(ahead, 24),
                    smooth(ahead[::-1] - [(0, 0.0), (0, 0.12), (0, 0.12), (0, 0.0)], 24),
                ]
            )
            sheet.fill(brim, dark)
            who.pen.stroke(sheet, brim, who.line, closed=True)
    elif who.hat == "band":
        degrees = np.linspace(-88, 88, 40) - who.yaw
        path = crown.surface(degrees, np.full(40, -0.78) - 0.1 * np.cos(np.radians(degrees)))[:, :2]
        sheet.fill(np.concatenate([path, path[::-1] - to(0, 0.14)]), tone)
        who.pen.stroke(sheet, path, who.line)
        who.pen.stroke(sheet, path - to(0, 0.14), who.line)
    elif who.hat == "bow":
        x, y = turned(np.array([0.5, SKULL[1] - wide[1] * 0.8, SKULL[2] + 0.4]), who.yaw)[:2]
        for side in (-1, 1):
            wing = smooth(
                np.array([(x, y), (x + side * 0.35, y - 0.22), (x + side * 0.38, y + 0.18)]),
                24,
                closed=True,
            )
            sheet.fill(wing, tone)
            who.pen.stroke(sheet, wing, who.line, closed=True)
        sheet.fill(ellipse(x, y, 0.08, 0.09), dark)
    return sheet
