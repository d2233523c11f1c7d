"""Brows: one strip of hair a side, moved by three muscles."""

from __future__ import annotations

import numpy as np

from genani.training.rig.curves import Points, normals, smoothstep, spline
from genani.training.rig.expression import Expression
from genani.training.rig.identity import BrowShape
from genani.training.rig.sitting import Sitting, own_side

_SAMPLES = 33
_OUT = 0.03
"""How far the brow stands off the face, head units."""


def brow_line(shape: BrowShape, mood: Expression, side: int) -> Points:
    """Middle of the brow from its inner to its outer end, head units, as on the viewer's right."""
    solo = max(0.0, side * mood.brow_skew)
    high = mood.brow_inner_up * (1 - mood.brow_outer_up)
    up_in = 0.17 * mood.brow_inner_up + 0.12 * solo
    up_out = 0.15 * mood.brow_outer_up + 0.14 * solo - 0.035 * high
    down_in = 0.16 * mood.brow_lower * (1 - 0.75 * mood.brow_inner_up)
    squeeze = 0.06 * mood.brow_lower
    rise = 0.02 * mood.brow_lower + up_out
    inner = np.array([shape.inner - squeeze, shape.y + shape.travel * (down_in - up_in)])
    outer = np.array([shape.outer - 0.3 * squeeze, shape.y - shape.tilt - shape.travel * rise])
    arch = shape.arch * (1 - 0.55 * mood.brow_lower) * (1 - 0.5 * high)
    arch += 0.05 * shape.travel * mood.brow_outer_up
    early = inner + 0.22 * (outer - inner) - np.array([0, 0.62 * arch])
    middle = inner + 0.55 * (outer - inner) - np.array([0, arch])
    return spline([inner, early, middle, outer], _SAMPLES)


def draw_brow(s: Sitting, side: int) -> None:
    """Paint one brow; side -1 is on the viewer's left."""
    shape, tone = s.who.brow, s.who.palette.brow
    line = brow_line(shape, s.mood, side)
    u = np.linspace(0, 1, _SAMPLES)
    body = shape.blunt + (1 - shape.blunt) * smoothstep(0, 0.3, u)
    half = shape.thick / 2 * np.minimum(body, (1 - u) ** 0.55 + 0.06)
    edge = normals(line) * half[:, None]
    flip = np.array([side, 1.0])

    def place(points: Points) -> Points:
        return s.view.place(points * flip, _OUT)

    if s.who.style.pen == "pencil":
        for k in (-1, 0, 1):
            path, name = place(line + 0.55 * k * edge), f"brow {side} {k + 1}"
            s.ink(path, tone, 1.5, ends=(0.5, 0.1), peak=0.3, name=name, opacity=0.8)
    else:
        s.canvas.fill(place(np.vstack([line + edge, (line - edge)[::-1]])), tone)
    path, name = place(line), own_side(side)
    for pin, i in (("inner", 0), ("middle", _SAMPLES // 2), ("outer", -1)):
        s.pin(f"brow_{pin}_{name}", path[i])
