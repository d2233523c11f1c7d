"""Single strands of hair and the surface they lie on."""

from __future__ import annotations

import numpy as np

from genani.training.rig.curves import Points, normals, resample, smoothstep, spline
from genani.training.rig.identity import Lock
from genani.training.rig.paint import EMPTY, Gradient, Mask, mixed
from genani.training.rig.sitting import Sitting
from genani.training.rig.skin import cast_shadow

_RADIUS = 1.12
"""Radius of the ball on which strands lie; below its middle they hang straight down."""

_SAMPLES = 40


def on_hair(s: Sitting, points: Points, depth: float = 1.0) -> Points:
    """Plane points of the front view laid on the hair, to canvas pixels.

    Args:
        s: the sitting.
        points: (n, 2) head units.
        depth: 1 is the surface, 0 the plane through the head's middle, below 0 behind it.
    """
    x, y = points[:, 0], np.minimum(points[:, 1], 0.0)
    z = np.sqrt(np.clip(_RADIUS**2 - x**2 - y**2, 0.0, None))
    behind = 0.35 * max(0.0, -depth)
    return s.view.project(np.column_stack([points[:, :2], z * depth - behind]))


def edges(s: Sitting, lock: Lock) -> tuple[Points, Points]:
    """Both edges of a strand on the canvas, root to tip."""
    centre = resample(spline(lock.path, _SAMPLES), _SAMPLES)
    t = np.linspace(0, 1, _SAMPLES)
    grow = lock.root + (1 - lock.root) * np.sin(np.pi / 2 * t / lock.belly)
    past = np.clip((t - lock.belly) / (1 - lock.belly), 0, 1)
    swell = np.where(t < lock.belly, grow, np.cos(np.pi / 2 * past).clip(0) ** 0.85)
    side = normals(centre) * (lock.width * seen(s, lock) * swell)[:, None]
    return on_hair(s, centre + side, lock.depth), on_hair(s, centre - side, lock.depth)


def seen(s: Sitting, lock: Lock) -> float:
    """Width of a strand over its own: one that tucks thins out on the far side of a turn."""
    if not lock.tucks:
        return 1.0
    return float(1 - smoothstep(0.12, 0.36, np.sign(lock.path[-1][0]) * s.view.turn))


def tone(s: Sitting) -> Gradient:
    """Hair colour, deeper towards the ends."""
    p = s.who.palette
    top, low = s.view.project(np.array([[0.0, -0.9, 0.0], [0.0, 1.2, 0.0]]))
    stops = ((0.0, p.hair, 1.0), (0.45, p.hair, 1.0), (1.0, mixed(p.hair, p.hair_shade, 0.55), 1.0))
    return Gradient((top[0], top[1]), (low[0], low[1]), stops)


def draw_strand(s: Sitting, lock: Lock, name: str) -> Mask:
    """Paint one strand: colour, its side away from the light, its edges; returns its coverage."""
    p, wide = s.who.palette, seen(s, lock)
    if not wide:
        return EMPTY
    left, right = edges(s, lock)
    mask = s.canvas.fill(np.vstack([left, right[::-1]]), tone(s))
    # Light comes from the viewer's upper left.
    lit, away = (right, left) if left[20, 0] > right[20, 0] else (left, right)
    share = 0.42 * smoothstep(0.12, 0.55, np.linspace(0, 1, _SAMPLES))[:, None]
    dark = np.vstack([away + share * (lit - away), away[::-1]])
    s.shade(s.canvas.shape(dark).inside(mask), p.hair_shade, 0.8)
    s.ink(left, p.hair_line, wide, ends=(0.0, 0.35), peak=0.72, name=f"{name} left")
    s.ink(right, p.hair_line, wide, ends=(0.0, 0.35), peak=0.72, name=f"{name} right")
    return mask


def draw_stray(s: Sitting, lock: Lock, name: str) -> None:
    """Paint a thin strand that stands off the head."""
    p = s.who.palette
    left, right = edges(s, lock)
    s.canvas.fill(np.vstack([left, right[::-1]]), p.hair)
    s.ink(left, p.hair_line, 0.8, ends=(0.2, 0.2), name=f"{name} left")
    s.ink(right, p.hair_line, 0.8, ends=(0.2, 0.2), name=f"{name} right")


def cast(s: Sitting, locks: tuple[Lock, ...]) -> None:
    """Lay the shadow strands throw on the face, all of it before any strand is painted."""
    drop = np.array([0.03, 0.07]) * s.unit
    outlines = []
    for lock in locks:
        left, right = edges(s, lock)
        outlines.append(np.vstack([left, right[::-1]]) + drop)
    cast_shadow(s, s.canvas.shape(*outlines))
