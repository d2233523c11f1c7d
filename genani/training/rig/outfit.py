"""Shoulders and clothes. Lengths are head units, y measured down from the resting chin."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from genani.training.rig.curves import Points, bezier, mirrored, spline
from genani.training.rig.paint import WHITE, Colour, mixed
from genani.training.rig.sitting import Sitting

_FLOOR = 2.0
"""Below every canvas."""

_BUILD = {"hoodie": (0.42, 1.26), "tee": (0.40, 1.12), "blouse": (0.36, 1.22)}
"""Half widths of the foot of the neck and of the shoulders."""

_SCOOP = {"hoodie": (0.5, 0.5), "tee": (0.46, 0.6), "blouse": (1.02, 0.45)}
"""How deep the neckline is cut, and how round."""

_SLEEVE = ((0.95, _FLOOR), (0.9, 1.0), (0.76, 0.72), (1.0, 0.88), (1.3, 0.6), (1.7, _FLOOR))
_ARMPIT = ((0.93, _FLOOR), (0.90, 1.05), (0.84, 0.84))
_SHIRT = (
    *((-0.40, 0.20), (-0.30, 0.60), (0.0, 1.0), (0.30, 0.60)),
    *((0.40, 0.20), (0.2, 0.30), (0.0, 0.34), (-0.2, 0.30)),
)
_HOOD = (
    *((0.30, 0.02), (0.50, -0.02), (0.68, 0.16), (0.60, 0.44), (0.34, 0.72)),
    *((0.02, 0.99), (-0.02, 0.93), (0.19, 0.60), (0.35, 0.34), (0.36, 0.16)),
)
_LAPEL = (
    *((0.32, 0.10), (0.46, 0.16), (0.62, 0.52), (0.44, 0.64)),
    *((0.02, 1.02), (0.10, 0.74), (0.30, 0.38)),
)


def draw_trunk(s: Sitting) -> None:
    """Paint shoulders and sleeves, with the neckline cut out."""
    p = s.who.palette
    neck, wide = _BUILD[s.who.outfit]
    slope = [(neck, 0.22), (0.75 * neck + 0.25 * wide, 0.35), (0.80 * wide, 0.50), (wide, 0.80)]
    path = spline([*slope, (1.08 * wide, _FLOOR)], 50)
    dip, roundness = _SCOOP[s.who.outfit]
    scoop = bezier([(neck, 0.22), (roundness * neck, dip - 0.02), (0, dip)], 24)
    outline = np.vstack([mirrored(scoop), scoop[::-1], path, mirrored(path)[::-1]])
    trunk = s.canvas.fill(_at(s, outline), p.cloth)
    if s.who.outfit == "tee":
        for k in range(4):
            y = 0.62 + 0.26 * k
            above = bezier([(-1.6, y - 0.1), (0, y + 0.16), (1.6, y - 0.1)], 24)
            below = above[::-1] + np.array([0, 0.12])
            s.canvas.fill(_at(s, np.vstack([above, below])), p.trim, clip=trunk)
    s.shade(s.canvas.shape(_at(s, spline(_SLEEVE, 40))).inside(trunk), p.cloth_shade, 0.9)
    _both(s, spline(_ARMPIT, 20), p.cloth_line, s.who.style.fine, "armpit")
    _both(s, path[:42], p.cloth_line, name="shoulder")


def draw_collar(s: Sitting) -> None:
    """Paint what lies around the foot of the neck."""
    {"hoodie": _hoodie, "tee": _tee, "blouse": _blouse}[s.who.outfit](s)


def _at(s: Sitting, points: ArrayLike) -> Points:
    """Cloth points to canvas pixels."""
    return s.view.body(np.asarray(points, float) + np.array([0.0, s.who.head.solid.low]))


def _both(s: Sitting, path: Points, tone: Colour, weight: float = 1.0, name: str = "") -> None:
    s.ink(_at(s, path), tone, weight, name=f"{name} right")
    s.ink(_at(s, mirrored(path)), tone, weight, name=f"{name} left")


def _flaps(s: Sitting, shape: Points, tone: Colour, dark: Colour, name: str) -> None:
    """A piece of cloth on both sides of the neck, with its shadow and outline."""
    for side, points in ((-1, mirrored(shape)), (1, shape)):
        outline = _at(s, points)
        mask = s.canvas.fill(outline, tone)
        s.shade(mask.outside(s.canvas.shape(outline - 0.05 * s.unit)), dark, 0.9)
        loop = np.vstack([outline, outline[:1]])
        s.ink(loop, s.who.palette.cloth_line, ends=(0.8, 0.8), name=f"{name} {side}")


def _band(s: Sitting, half: float, top: float, drop: float, thick: float, tone: Colour) -> None:
    """A neckband: two hanging curves and the cloth between them."""

    def hanging(wide: float, round_: float, start: float, low: float) -> Points:
        ends, belly = wide * half, round_ * half
        return bezier([(-ends, start), (-belly, low), (belly, low), (ends, start)], 30)

    over = hanging(1, 0.5, top, top + 1.25 * drop)
    under = hanging(1.22, 0.75, top + 0.04, top + 1.3 * drop + thick)
    s.canvas.fill(_at(s, np.vstack([over, under[::-1]])), tone)
    for name, line in (("over", over), ("under", under)):
        s.ink(_at(s, line), s.who.palette.cloth_line, 0.85, ends=(0.7, 0.7), name=f"band {name}")


def _hoodie(s: Sitting) -> None:
    p = s.who.palette
    s.canvas.fill(_at(s, _SHIRT), p.trim)
    _band(s, 0.32, 0.14, 0.17, 0.09, p.trim)
    hood = spline(_HOOD, 90, closed=True)
    _flaps(s, hood, mixed(p.cloth, WHITE, 0.12), p.cloth_shade, "hood")
    for side in (-1, 1):
        cord = _at(s, bezier([(0.2 * side, 0.70), (0.25 * side, 0.86), (0.21 * side, 1.06)], 20))
        s.ink(cord, p.cloth_line, 2.8, ends=(0.9, 0.9), name=f"cord {side}")
        s.ink(cord, p.trim, 1.5, ends=(0.9, 0.9), name=f"cord in {side}")


def _tee(s: Sitting) -> None:
    _band(s, 0.35, 0.13, 0.19, 0.10, s.who.palette.accent)


def _blouse(s: Sitting) -> None:
    p = s.who.palette
    bones = spline([(0.06, 0.52), (0.15, 0.49), (0.27, 0.41)], 12)
    _both(s, bones, p.skin_line, s.who.style.fine, "collarbone")
    _flaps(s, spline(_LAPEL, 80, closed=True), p.trim, p.trim_shade, "lapel")
