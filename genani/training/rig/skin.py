"""The bare head: neck, ears, the face's contour and its shadows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from genani.training.rig.curves import Points, bump, ellipse, spline
from genani.training.rig.expression import Expression
from genani.training.rig.head import Solid, dropped, turned_contour
from genani.training.rig.identity import Identity
from genani.training.rig.paint import Mask
from genani.training.rig.sitting import Sitting, own_side

_EAR = (
    (0.0, -0.62),
    (0.28, -0.98),
    (0.72, -0.86),
    (0.80, -0.25),
    (0.56, 0.42),
    (0.30, 0.85),
    (0.0, 0.78),
)
"""Out and down from the root's middle, in half heights of the ear."""


def face_solid(who: Identity, mood: Expression) -> Solid:
    """The head's rings with the jaw where the expression puts it."""
    drop = who.head.jaw_drop * (mood.jaw + 0.12 * mood.part) - 0.02 * mood.pout
    return replace(who.head.solid, rows=dropped(who.head.solid.rows, drop))


def contour(s: Sitting) -> tuple[Points, Points]:
    """The face's edge on the viewer's left and right, crown to chin, in canvas pixels."""
    yaw, eye_y = s.view.pose.yaw, s.who.eye.centre[1]
    cheek = eye_y + 0.42 * (s.view.face.low - eye_y)
    edges = turned_contour(*s.view.face.silhouette(yaw), yaw, eye_y - 0.02, cheek, s.who.head.dent)
    # A broad smile pushes the cheeks out.
    puff = 0.03 * s.mood.cheek * s.mood.smile
    for side, edge in zip((-1, 1), edges, strict=True):
        edge[:, 0] += side * puff * bump(edge[:, 1], cheek + 0.08, 0.16)
    return s.view.project(edges[0]), s.view.project(edges[1])


def draw_neck(s: Sitting) -> None:
    """Paint the neck with the head's shadow on it."""
    p, half, chin = s.who.palette, s.who.head.neck, s.who.head.solid.low
    x, y, _ = s.view.turned(np.array([[0.0, chin - 0.35, -0.12]]))[0]

    def edge(side: int) -> Points:
        out = side * half
        path = [
            (1.05 * out + 0.9 * x, chin - 0.45),
            (0.97 * out + 0.35 * x, chin + 0.05),
            (1.02 * out, chin + 0.26),
            (1.75 * out, chin + 0.5),
            (1.3 * out, chin + 1.2),
        ]
        return s.view.body(spline(path, 30))

    left, right = edge(-1), edge(1)
    neck = s.canvas.fill(np.vstack([left, right[::-1]]), p.skin)
    ledge = ellipse((0.62 * x + 0.05, y + 0.13), 0.62, 0.42)
    s.shade(s.canvas.shape(s.view.body(ledge)).inside(neck), p.skin_shade)
    s.ink(left, p.skin_line, 0.9, name="neck left")
    s.ink(right, p.skin_line, 0.9, name="neck right")


def draw_ear(s: Sitting, side: int) -> None:
    """Paint one ear; side -1 is on the viewer's left."""
    x, y, z, half = s.who.head.ear
    if not half:
        return
    p = s.who.palette
    path = spline(np.array(_EAR) * half, 40)
    spread = 0.62 * (1 - 0.5 * max(0.0, side * s.view.turn))
    solid = np.stack([side * (x + spread * path[:, 0]), y + path[:, 1], z - 0.75 * path[:, 0]], 1)
    outline = s.view.project(solid)
    mask = s.canvas.fill(outline, p.skin)
    middle = outline.mean(0)
    fold = middle + 0.58 * (outline - middle)
    s.canvas.fill(fold[4:-6], p.skin_shade, 0.8, clip=mask)
    # The outline stays open at the root, where the ear grows out of the face.
    s.ink(outline, p.skin_line, ends=(0.3, 0.3), name=f"ear {side}")
    s.ink(fold[6:30], p.skin_line, s.who.style.fine, ends=(0, 0), name=f"ear fold {side}")


def draw_near_ear(s: Sitting) -> None:
    """Paint the ear that a turned head shows in full, over the side of the face."""
    if abs(s.view.turn) > 0.08:
        draw_ear(s, -1 if s.view.turn > 0 else 1)


def draw_face(s: Sitting) -> None:
    """Paint the face's skin, its shadow side and its contour."""
    p = s.who.palette
    left, right = contour(s)
    outline = np.vstack([left, right[::-1]])
    s.face = s.canvas.fill(outline, p.skin)
    towards = np.array([0.10 * (1 + 0.4 * s.view.turn), 0.045]) * s.unit
    s.shade(s.face.outside(s.canvas.shape(outline - towards)), p.skin_shade, 0.85)
    jaw = int(np.argmin(np.abs(s.view.face.rings[:, 0] - (s.view.face.low - 0.3))))
    s.pin("chin", (left[-1] + right[-1]) / 2)
    for side, path in ((-1, left), (1, right)):
        part = path[len(path) // 3 :]
        s.ink(part, p.skin_line, ends=(0.2, 0.9), peak=0.75, name=f"jaw {side}")
        s.pin(f"jaw_{own_side(side)}", path[jaw])


def cast_shadow(s: Sitting, mask: Mask) -> None:
    """Lay the shadow that hair throws on the face."""
    s.shade(mask.inside(s.face), s.who.palette.skin_shade)
