"""Balls of hair: curls, puffs, a bun."""

from __future__ import annotations

import numpy as np

from genani.training.rig.curves import Points, ellipse, smoothstep
from genani.training.rig.identity import Puff
from genani.training.rig.paint import Mask
from genani.training.rig.pens import PENS
from genani.training.rig.sitting import Sitting
from genani.training.rig.skin import cast_shadow


def draw_curls(s: Sitting, *, front: bool) -> None:
    """Paint the balls of hair before or behind the face as one joined shape."""
    puffs = [q for q in s.who.hair.puffs if (q.z > 0) == front]
    if not puffs:
        return
    p, u = s.who.palette, s.unit
    middles = s.view.project(np.array([[q.x, q.y, q.z] for q in puffs]))
    radii = [q.radius * u * _seen(s, q) for q in puffs]

    def joined(grown: float, shift: tuple[float, float] = (0.0, 0.0)) -> Mask:
        offset = np.array(shift) * u
        rings: list[Points] = [
            ellipse(c + offset, r + grown, r + grown, count=56)
            for c, r in zip(middles, radii, strict=True)
        ]
        return s.canvas.shape(*rings)

    if front:
        cast_shadow(s, joined(0, (0.02, 0.08)))
    line = s.who.style.weight * u / 2
    inside = joined(-line)
    s.canvas.lay(PENS[s.who.style.pen].edge(s.canvas, joined(line)), p.hair_line)
    s.canvas.lay(inside, p.hair)
    s.shade(inside.outside(joined(-line, (-0.05, -0.09))), p.hair_shade)
    for i, (middle, radius) in enumerate(zip(middles, radii, strict=True)):
        _curl(s, middle, radius, inside, i)


def _seen(s: Sitting, puff: Puff) -> float:
    """Size of a ball over its own: those at the side of the head slip behind it in a turn."""
    if abs(puff.z) > 0.1 or not puff.x:
        return 1.0
    return float(1 - 0.9 * smoothstep(0.05, 0.45, np.sign(puff.x) * s.view.turn))


def _curl(s: Sitting, middle: Points, radius: float, inside: Mask, number: int) -> None:
    """The turn of a curl and, on every other one, its light."""
    p = s.who.palette

    def arc(low: float, high: float, reach: float) -> Points:
        turn = np.linspace(low, high, 20) * np.pi
        return middle + reach * radius * np.stack([np.cos(turn), np.sin(turn)], 1)

    lean = 0.22 * np.sin(3.1 * number)
    path = arc(0.15 + lean, 0.62 + lean, 0.62)
    fine = s.who.style.fine
    s.ink(path, p.hair_line, fine, ends=(0, 0), clip=inside, name=f"curl {number}")
    if number % 2 == 0:
        light, name = arc(1.12, 1.42, 0.66), f"gleam {number}"
        s.ink(light, p.hair_light, 1.4, ends=(0, 0), clip=inside, opacity=0.8, name=name)
