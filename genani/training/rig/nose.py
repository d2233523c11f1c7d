"""Noses: a touch of the pen, a cartoon bulb, or wings and nostrils."""

from __future__ import annotations

import numpy as np

from genani.training.rig.curves import Points, Values, bezier, ellipse, smoothstep
from genani.training.rig.paint import WHITE, Gradient, mixed
from genani.training.rig.sitting import Sitting


def draw_nose(s: Sitting) -> None:
    """Paint the nose on the face."""
    n = s.who.nose
    tip = n.tip - 0.03 * s.mood.nose_wrinkle
    {"tick": _tick, "bulb": _bulb, "full": _full}[n.kind](s, tip)
    _wrinkles(s)
    _frown_lines(s)
    right, middle, left = _ridge(s, [(-n.half, tip + 0.03), (0.0, tip), (n.half, tip + 0.03)])
    s.pin("nose_right", right)
    s.pin("nose_tip", middle)
    s.pin("nose_left", left)


def _ridge(s: Sitting, points: Points | list[tuple[float, float]]) -> Points:
    """Points on the nose, head units, to canvas pixels: the ridge stands off the face."""
    at, n = np.asarray(points, float), s.who.nose
    wide: Values = np.clip(1 - (at[:, 0] / (1.6 * n.half)) ** 2, 0, 1)
    rise = smoothstep(n.bridge, n.tip, at[:, 1])
    fall = 1 - smoothstep(n.tip, n.tip + 0.12, at[:, 1])
    return s.view.place(at, n.out * rise * fall * wide)


def _tick(s: Sitting, tip: float) -> None:
    n, p = s.who.nose, s.who.palette
    top = (0.0, tip - 0.03)
    drop = bezier([top, (0.045, tip + 0.035), (0.0, tip + 0.075), (-0.03, tip + 0.035), top], 24)
    s.canvas.fill(_ridge(s, drop), p.skin_shade, 0.9)
    under = bezier([(-0.034, tip + 0.03), (0.0, tip + 0.048), (0.034, tip + 0.026)], 16)
    s.ink(_ridge(s, under), p.skin_line, 0.85, ends=(0.1, 0.1), name="nose under")
    middle = 0.5 * (n.bridge + tip) + 0.1
    bridge = _ridge(s, bezier([(0, n.bridge + 0.2), (0, middle), (0, tip - 0.01)], 16))
    seen = float(smoothstep(0.12, 0.5, abs(s.view.turn)))
    fine = s.who.style.fine
    s.ink(bridge, p.skin_line, fine, ends=(0, 0.6), peak=0.8, opacity=seen, name="nose bridge")


def _bulb(s: Sitting, tip: float) -> None:
    n, p = s.who.nose, s.who.palette
    x, y = s.view.place(np.array([[0.0, tip]]), n.out)[0]
    rx, ry = n.half * s.unit, 0.8 * n.half * s.unit
    roll = float(np.radians(s.view.pose.roll))
    near, far = mixed(p.skin, p.blush, 0.25), mixed(p.skin_shade, p.blush, 0.35)
    light = Gradient(
        (x - 0.35 * rx, y - 0.5 * ry),
        (x + 0.9 * rx, y + 0.9 * ry),
        ((0.0, near, 1.0), (1.0, far, 1.0)),
        radial=True,
    )
    s.canvas.fill(ellipse((x, y), rx, ry, roll, 64), light)
    gleam = ellipse((x - 0.36 * rx, y - 0.42 * ry), 0.24 * rx, 0.17 * ry, roll - 0.5)
    s.canvas.fill(gleam, mixed(p.skin, WHITE, 0.55), 0.9)
    start = -0.12 + 0.9 * s.view.turn
    arc = np.linspace(-0.15 * np.pi, 1.15 * np.pi, 40) + start
    along, down = rx * np.cos(arc), ry * np.sin(arc)
    c, sn = np.cos(roll), np.sin(roll)
    path = np.stack([x + along * c - down * sn, y + along * sn + down * c], 1)
    s.ink(path, p.skin_line, 0.9, name="nose")


def _full(s: Sitting, tip: float) -> None:
    n, line, h = s.who.nose, s.who.palette.skin_line, s.who.nose.half
    # The shaded plane changes sides as the head turns through the front.
    k = 1 - 2 * float(smoothstep(-0.1, 0.2, s.view.turn))
    plane = [
        (0.02 * k, n.bridge + 0.1),
        (0.3 * h * k, tip - 0.12),
        (0.85 * h * k, tip + 0.02),
        (0.3 * h * k, tip + 0.06),
        (0.05 * k, tip + 0.02),
    ]
    s.shade(s.canvas.shape(_ridge(s, plane)), s.who.palette.skin_shade, 0.55)
    wing = np.array([(0.78 * h, -0.07), (1.12 * h, -0.02), (1.0 * h, 0.055), (0.62 * h, 0.045)])
    hole = np.array([(0.30 * h, 0.055), (0.52 * h, 0.028), (0.74 * h, 0.05)])
    for side in (-1, 1):
        flip, at = np.array([side, 1]), np.array([0, tip])
        path = _ridge(s, bezier(wing * flip + at, 20))
        s.ink(path, line, 0.7, ends=(0.0, 0.4), name=f"wing {side}")
        path = _ridge(s, bezier(hole * flip + at, 14))
        s.ink(path, line, 1.5, ends=(0.2, 0.2), name=f"nostril {side}")
    under = bezier([(-0.3 * h, tip + 0.062), (0, tip + 0.085), (0.3 * h, tip + 0.062)], 14)
    s.ink(_ridge(s, under), line, 0.8, name="septum")
    bridge = _ridge(s, bezier([(0, n.bridge), (0, 0.5 * (n.bridge + tip)), (0, tip)], 20))
    seen = 0.9 * float(smoothstep(0.1, 0.45, abs(s.view.turn)))
    s.ink(bridge, line, 0.7, ends=(0, 0.5), peak=0.85, opacity=seen, name="bridge")


def _wrinkles(s: Sitting) -> None:
    n, deep = s.who.nose, min(1.0, 1.3 * (s.mood.nose_wrinkle - 0.2))
    tone, fine = s.who.palette.skin_line, s.who.style.fine
    for row in range(1 if n.kind == "tick" else 2):
        y = n.bridge + 0.02 + 0.065 * row
        for side in (-1, 1):
            fold = bezier(
                [(0.035 * side, y + 0.02), (0.07 * side, y - 0.005), (0.10 * side, y + 0.03)], 12
            )
            name = f"wrinkle {side} {row}"
            s.ink(_ridge(s, fold), tone, fine, opacity=deep, ends=(0, 0), name=name)


def _frown_lines(s: Sitting) -> None:
    """The upright folds between lowered brows."""
    m, y = s.mood, s.who.brow.y + 0.16
    deep = float(smoothstep(0.45, 0.9, m.brow_lower * (1 - m.brow_inner_up)))
    for side in (-1, 1):
        path = bezier([(0.055 * side, y - 0.07), (0.035 * side, y), (0.05 * side, y + 0.045)], 12)
        fold, tone = s.view.place(path), s.who.palette.skin_line
        name = f"frown {side}"
        s.ink(fold, tone, s.who.style.fine, ends=(0, 0), opacity=0.6 * deep, name=name)
