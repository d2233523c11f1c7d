"""What lies behind: nothing, a flat tone, a gradient, or something drawn."""

from __future__ import annotations

import cv2
import numpy as np

from genani.training.rig.puppet.brush import EXTENT, LEFT, TOP, Sheet, ellipse, mixed, smooth, to
from genani.training.rig.puppet.person import Person


def paint(who: Person, size: int) -> Sheet:
    """The background on its sheet, opaque all over unless there is none."""
    sheet = Sheet(size)
    if who.ground == "none":
        return sheet
    one, other, third = who.ground_tones
    rng = np.random.default_rng([who.seed, 61])
    sheet.pixels[:] = (*one, 255)
    if who.ground == "flat":
        return sheet
    turn = float(rng.uniform(0, 2 * np.pi))
    along = np.linspace(-1, 1, size)
    share = np.clip(0.5 + 0.5 * (along[None] * np.cos(turn) + along[:, None] * np.sin(turn)), 0, 1)
    sheet.lay((share * 255).astype(np.uint8), other)
    if who.ground == "drawn":
        _scene(sheet, who, rng, third)
        who.shading.finish(sheet)
    return sheet


def _scene(sheet: Sheet, who: Person, rng: np.random.Generator, tone: tuple[int, int, int]) -> None:
    one, other, _ = who.ground_tones
    kind = rng.choice(["blocks", "hills", "dots", "rays", "window"])
    if kind == "blocks":
        for _ in range(14):
            x, y = rng.uniform(LEFT, LEFT + EXTENT), rng.uniform(TOP + 1, TOP + EXTENT)
            w, h = rng.uniform(0.3, 1.0), rng.uniform(0.6, 3.0)
            box = np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
            sheet.fill(box, mixed(tone, other, float(rng.random())))
            who.pen.stroke(sheet, box, mixed(who.line, tone, 0.4), closed=True)
    elif kind == "hills":
        for k in range(4):
            y = TOP + EXTENT * (0.35 + 0.17 * k)
            rows = np.stack(
                [np.linspace(LEFT - 0.5, LEFT + EXTENT + 0.5, 9), y + rng.uniform(-0.5, 0.5, 9)], 1
            )
            crest = smooth(rows, 60)
            sheet.fill(
                np.concatenate([crest, [(LEFT + EXTENT + 1, 9), (LEFT - 1, 9)]]),
                mixed(one, tone, 0.25 + 0.2 * k),
            )
            who.pen.stroke(sheet, crest, mixed(who.line, tone, 0.5))
    elif kind == "dots":
        gap, r = float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.04, 0.16))
        for i in range(int(EXTENT / gap) + 2):
            for j in range(int(EXTENT / gap) + 2):
                sheet.fill(ellipse(LEFT + (i + 0.5 * (j % 2)) * gap, TOP + j * gap, r, r), tone)
    elif kind == "rays":
        count = int(rng.integers(9, 22))
        for k in range(count):
            a, b = 2 * np.pi * np.array([k, k + 0.5]) / count
            rim = 5 * np.array([(np.cos(a), np.sin(a)), (np.cos(b), np.sin(b))])
            sheet.fill(np.array([(0, 0.2), *rim]), tone, 0.8)
    else:
        x = float(rng.choice([-1.9, 0.6]))
        for i in range(2):
            for j in range(2):
                low = to(x + 0.9 * i, -1.9 + 1.1 * j)
                box = low + np.array([(0, 0), (0.8, 0), (0.8, 1.0), (0, 1.0)])
                sheet.fill(box, tone)
                who.pen.stroke(sheet, box, mixed(who.line, other, 0.3), closed=True)
    if rng.random() < 0.4:
        soft = cv2.GaussianBlur(sheet.pixels, (0, 0), 0.05 * sheet.unit)
        sheet.pixels[:] = soft
