"""Cheeks: blush, the strokes of a strong blush, freckles."""

from __future__ import annotations

import numpy as np

from genani.training.rig.curves import bezier, ellipse, smoothstep
from genani.training.rig.paint import Gradient
from genani.training.rig.sitting import Sitting

_FRECKLES = ((-0.12, -0.05, 0.017), (-0.03, 0.0, 0.02), (0.055, -0.06, 0.016))
"""Outward, down from the cheek's middle, and radius."""


def draw_cheeks(s: Sitting) -> None:
    """Paint what colours the cheeks, on the bare face."""
    eye = s.who.eye.centre
    y = eye[1] + 0.44 * (s.view.face.low - eye[1])
    strength = min(1.0, s.who.blush + 0.55 * s.mood.blush)
    for side in (-1, 1):
        x = side * (eye[0] + 0.12)
        _blush(s, x, y, side, strength)
        if s.who.style.pen == "ink":
            _strokes(s, x, y, float(smoothstep(0.35, 0.8, strength)))
        if s.who.freckles:
            _freckles(s, x, y, side)


def _blush(s: Sitting, x: float, y: float, side: int, strength: float) -> None:
    tone = s.who.palette.blush
    middle, rim = s.view.place(np.array([[x, y], [x + 0.01 * side, y - 0.17]]))
    stops = ((0.0, tone, 0.75 * strength), (0.45, tone, 0.5 * strength), (1.0, tone, 0.0))
    soft = Gradient((middle[0], middle[1]), (rim[0], rim[1]), stops, radial=True)
    s.canvas.fill(s.view.place(ellipse((x, y), 0.22, 0.17)), soft, clip=s.face)


def _strokes(s: Sitting, x: float, y: float, opacity: float) -> None:
    for k in (-1, 0, 1):
        at = x + 0.06 * k
        path = s.view.place(bezier([(at + 0.018, y - 0.035), (at - 0.018, y + 0.035)], 8))
        tone = s.who.palette.blush
        s.ink(path, tone, 0.7, ends=(0.2, 0.2), name="blush", opacity=opacity, clip=s.face)


def _freckles(s: Sitting, x: float, y: float, side: int) -> None:
    for out, down, radius in _FRECKLES:
        dot = ellipse((x + side * out, y + down), radius, radius)
        s.canvas.fill(s.view.place(dot), s.who.palette.skin_line, 0.5, clip=s.face)
