"""Hair in layers: what hangs behind, the cap, strands before the ears, bangs, light."""

from __future__ import annotations

import numpy as np

from genani.training.rig.curls import draw_curls
from genani.training.rig.curves import Points, bezier, bump, spline
from genani.training.rig.head import Solid
from genani.training.rig.paint import EMPTY, WHITE, Gradient, Mask, mixed
from genani.training.rig.sitting import Sitting
from genani.training.rig.skin import cast_shadow
from genani.training.rig.strands import cast, draw_strand, draw_stray, on_hair, tone

_CLIP = (((0.56, -0.33), (0.80, -0.15)), ((0.60, -0.12), (0.80, -0.37)))
"""Ends of the two bars of a hair clip."""


def draw_back(s: Sitting) -> None:
    """Paint the hair behind the head and the balls of hair there."""
    if s.who.hair.back:
        _hanging(s)
    draw_curls(s, front=False)


def draw_front(s: Sitting) -> None:
    """Paint the cap of hair, strands before the ears, bangs and their light."""
    h, covered = s.who.hair, EMPTY
    cast(s, h.side + h.bangs)
    if h.cap:
        covered = covered.joined(_cap(s))
    for i, lock in enumerate(h.side):
        covered = covered.joined(draw_strand(s, lock, f"side {i}"))
    for i, lock in enumerate(h.bangs):
        covered = covered.joined(draw_strand(s, lock, f"bang {i}"))
    if h.shine[1]:
        _shine(s, covered)
    if h.cap:
        for name, path in zip(("left", "right"), _cap_sides(s), strict=True):
            line = s.who.palette.hair_line
            s.ink(path, line, 1.25, ends=(0.9, 0.3), peak=0.3, name=f"cap {name}")
    draw_curls(s, front=True)
    for i, lock in enumerate(h.strays):
        draw_stray(s, lock, f"stray {i}")
    if s.who.hair_clip:
        _clip(s)


def _away(s: Sitting, outline: Points, mask: Mask) -> Mask:
    """The part of a round mass of hair that is turned from the light."""
    return mask.outside(s.canvas.shape(outline - np.array([0.16, 0.03]) * s.unit))


def _hanging(s: Sitting) -> None:
    h, p = s.who.hair, s.who.palette
    sides = Solid(h.back, 2.2, open_end=True).silhouette(s.view.pose.yaw)
    left, right = s.view.project(sides[0]), s.view.project(sides[1])
    hem = _hem(left[-1], right[-1], h.tips, s.unit)
    outline = np.vstack([left, hem, right[::-1]])
    if h.tips:
        mask = s.canvas.fill(outline, _deep(s))
        _back_lines(s, mask, left, right)
    else:
        mask = s.canvas.fill(outline, tone(s))
        s.shade(_away(s, outline, mask), p.hair_shade, 0.7)
    for i, lock in enumerate(h.behind):
        draw_strand(s, lock, f"behind {i}")
    s.ink(left, p.hair_line, ends=(0.4, 0.5), name="back left")
    s.ink(right, p.hair_line, ends=(0.4, 0.5), name="back right")
    s.ink(hem, p.hair_line, ends=(0.5, 0.5), name="hem")


def _deep(s: Sitting) -> Gradient:
    """The colour of hair in the head's own shadow."""
    p = s.who.palette
    top, low = s.view.project(np.array([[0.0, -0.4, -0.4], [0.0, 1.9, -0.4]]))
    stops = (
        (0.0, p.hair, 1.0),
        (0.35, mixed(p.hair_shade, p.hair_line, 0.25), 1.0),
        (0.6, p.hair_shade, 1.0),
        (1.0, mixed(p.hair, p.hair_shade, 0.6), 1.0),
    )
    return Gradient((top[0], top[1]), (low[0], low[1]), stops)


def _hem(a: Points, b: Points, tips: int, unit: float) -> Points:
    """The cut edge of hanging hair from `a` to `b`: pointed ends of uneven length, or straight."""
    if not tips:
        return np.stack([a, b])
    across = b - a
    along = across / max(float(np.hypot(*across)), 1e-6)
    down = np.array([-along[1], along[0]])
    path = [a]
    for k in range(tips):
        long = unit * (0.17 + 0.07 * np.sin(2.4 * k + 0.8))
        lean = unit * 0.05 * np.sin(1.7 * k + 2.0)
        start, tip = path[-1], a + across * ((k + 0.5) / tips) + down * long + along * lean
        last = k == tips - 1
        notch = a + across * ((k + 1) / tips) + down * (0.0 if last else 0.04 * unit)
        path.extend(bezier([start, 0.45 * start + 0.55 * tip - 0.012 * across, tip], 9)[1:])
        path.extend(bezier([tip, 0.45 * notch + 0.55 * tip + 0.012 * across, notch], 9)[1:])
    return np.array(path)


def _back_lines(s: Sitting, mask: Mask, left: Points, right: Points) -> None:
    tone_, fine = s.who.palette.hair_line, s.who.style.fine
    for k, u in enumerate((0.06, 0.14, 0.24, 0.76, 0.86, 0.94)):
        stop = len(left) - (3 + 5 * (k % 3))
        path = left[34:stop] * (1 - u) + right[34:stop] * u
        name = f"back {k}"
        s.ink(path, tone_, fine, ends=(0, 0), peak=0.6, clip=mask, opacity=0.7, name=name)


def _cap_sides(s: Sitting) -> tuple[Points, Points]:
    """The cap's contour on both sides, in canvas pixels; the far one ends higher in a turn."""
    out: list[Points] = []
    cap = Solid(s.who.hair.cap, 2.1, open_end=True)
    for side, path in zip((-1, 1), cap.silhouette(s.view.pose.yaw), strict=True):
        lowest = path[-1, 1] - 0.6 * max(0.0, side * s.view.turn)
        out.append(s.view.project(path[path[:, 1] <= lowest + 1e-9]))
    return out[0], out[1]


def _cap(s: Sitting) -> Mask:
    h, p = s.who.hair, s.who.palette
    left, right = _cap_sides(s)
    line = on_hair(s, spline(h.hairline, 50))
    outline = np.vstack([left[::-1], right, line[::-1]])
    mask = s.canvas.shape(outline)
    cast_shadow(s, s.canvas.shape(outline + np.array([0.0, 0.07 * s.unit])))
    s.canvas.lay(mask, tone(s))
    s.shade(_away(s, outline, mask), p.hair_shade, 0.7)
    s.ink(line, p.hair_line, 0.9, ends=(0, 0), name="hairline")
    for i, strand in enumerate(h.comb):
        path, fine, name = on_hair(s, spline(strand, 30)), s.who.style.fine, f"comb {i}"
        s.ink(path, p.hair_line, fine, ends=(0.1, 0), peak=0.4, opacity=0.7, clip=mask, name=name)
    return mask


def _shine(s: Sitting, covered: Mask) -> None:
    """The broken ring of light on hair: slivers along the strands, in three patches."""
    y, tall = s.who.hair.shine
    rng = np.random.default_rng(12)
    glints = []
    for x in np.arange(-0.88, 0.9, 0.068):
        patches = bump(x, -0.46, 0.24), 0.75 * bump(x, 0.12, 0.11), 0.85 * bump(x, 0.62, 0.17)
        swell = float(max(patches))
        long = tall * swell * (0.55 + 0.45 * rng.random())
        if long < 0.22 * tall:
            continue
        at, half = y + 0.36 * x * x, 0.085 * (0.6 + 0.4 * swell)
        top, low, waist = (0.97 * x, at - 0.75 * long), (1.06 * x, at + long), at - 0.1 * long
        left = bezier([top, (x - half, waist), low], 12)
        right = bezier([low, (x + half, waist), top], 12)
        glints.append(on_hair(s, np.vstack([left, right])))
    s.canvas.lay(s.canvas.shape(*glints), s.who.palette.hair_light, 0.92, clip=covered)


def _clip(s: Sitting) -> None:
    """A hair clip on the viewer's right: two crossed bars."""
    p, one = s.who.palette, 0.02 / s.who.style.weight
    for k, (a, b) in enumerate(_CLIP):
        path, name = on_hair(s, np.linspace(a, b, 10), 1.02), f"clip {k}"
        s.ink(path, p.cloth_line, 4.6 * one, ends=(0.9, 0.9), name=name)
        s.ink(path, p.accent, 2.8 * one, ends=(0.9, 0.9), name=f"{name} in")
        gleam = path[2:6] - np.array([0.0, 0.008 * s.unit])
        s.ink(gleam, mixed(p.accent, WHITE, 0.7), 0.8, name=f"{name} light")
