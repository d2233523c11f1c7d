"""The mouth: what is between the lips, the lips, and the lines around them."""

from __future__ import annotations

import numpy as np

from genani.training.rig.curves import bump, ellipse, smoothstep
from genani.training.rig.lips import SAMPLES, Lips, MouthPlace, lips
from genani.training.rig.paint import WHITE, Mask, mixed
from genani.training.rig.sitting import Sitting

_MIDDLE = SAMPLES // 2
_SHUT = 0.004
"""An opening of less than this (head units) is a line."""


def draw_mouth(s: Sitting) -> None:
    """Paint the mouth on the face."""
    edge, place = lips(s.who.mouth, s.mood), MouthPlace(s.view)
    if s.who.mouth.lips:
        _lip_colour(s, edge, place)
    if edge.gap > _SHUT:
        inside = s.canvas.fill(place.between(edge.x, edge.upper, edge.lower), s.who.palette.mouth)
        _tongue(s, edge, place, inside)
        _teeth(s, edge, place, inside)
        # The upper lip's shadow keeps teeth and tongue inside.
        fall = place.between(edge.x, edge.upper, edge.upper + 0.10 * edge.gap)
        s.canvas.fill(fall, s.who.palette.mouth, 0.35, clip=inside)
    _lines(s, edge, place)
    _dimples(s, edge, place)
    _chin(s, edge, place)
    upper, lower = place(edge.x, edge.upper), place(edge.x, edge.lower)
    s.pin("mouth_right", upper[0])
    s.pin("mouth_left", upper[-1])
    s.pin("lip_upper", upper[_MIDDLE])
    s.pin("lip_lower", lower[_MIDDLE])


def _tongue(s: Sitting, edge: Lips, place: MouthPlace, inside: Mask) -> None:
    y = edge.lower[_MIDDLE] + 0.10 * edge.gap
    high = 0.42 * edge.gap * (1 - 0.6 * s.mood.clench)
    hump = ellipse((0.0, y), 0.62 * edge.x[-1], high)
    s.canvas.fill(place(hump[:, 0], hump[:, 1]), s.who.palette.tongue, clip=inside)


def _teeth(s: Sitting, edge: Lips, place: MouthPlace, inside: Mask) -> None:
    p, m, shape = s.who.palette, s.mood, s.who.mouth
    shown = 0.45 + 0.55 * max(m.smile, m.upper_lip, m.stretch)
    shown *= float(smoothstep(0.03, 0.1, edge.gap)) * (1 - m.pucker)
    row = min(0.34 * shape.open, 0.3 * edge.gap + 0.02) * shown
    row = np.maximum(row, 0.98 * m.clench * np.maximum(edge.lower - edge.upper, 0))
    s.canvas.fill(place.between(edge.x, edge.upper, edge.upper + row), p.teeth, clip=inside)
    low = 0.16 * edge.gap * max(m.stretch, m.frown * m.part) * (1 - m.clench)
    if low > _SHUT:
        s.canvas.fill(place.between(edge.x, edge.lower, edge.lower - low), p.teeth, clip=inside)
    if m.clench <= 0.5:
        return
    tone = mixed(p.teeth, p.mouth, 0.55)
    bite = place(edge.x, 0.55 * edge.upper + 0.45 * edge.lower)
    s.ink(bite, tone, 0.6, ends=(0.6, 0.6), name="bite", clip=inside)
    for k in np.linspace(-0.62, 0.62, 6):
        y = np.linspace(-0.4, 0.4, 8) + shape.y
        s.ink(place(np.full(8, k * edge.x[-1]), y), tone, 0.35, name=f"tooth {k:.2f}", clip=inside)


def _lip_colour(s: Sitting, edge: Lips, place: MouthPlace) -> None:
    shape, p, m, t = s.who.mouth, s.who.palette, s.mood, edge.t
    full = (1 - t * t).clip(0)
    bow = full**0.8 * (1 + 0.25 * bump(np.abs(t), 0.26, 0.16) - 0.28 * bump(t, 0, 0.1))
    thick = shape.lips * (1 - 0.35 * m.stretch - 0.2 * m.smile - 0.25 * m.frown + 0.3 * m.pucker)
    over = edge.upper - 0.75 * thick * bow
    under = edge.lower + thick * full**0.7
    # The lips reach a hair under the mouth's line, so that no skin shows between.
    upper = place.between(edge.x, over, edge.upper + 0.002)
    s.canvas.fill(upper, mixed(p.lip, p.skin_line, 0.18), 0.9)
    s.canvas.fill(place.between(edge.x, edge.lower - 0.002, under), p.lip, 0.9)
    y = edge.lower[_MIDDLE] + 0.42 * shape.lips
    gleam = ellipse((-0.12 * shape.half, y), 0.30 * shape.half, 0.16 * shape.lips)
    s.canvas.fill(place(gleam[:, 0], gleam[:, 1]), mixed(p.lip, WHITE, 0.6), 0.55)
    path = place(edge.x, under)[14:35]
    s.ink(path, p.skin_line, 0.6, opacity=0.7, ends=(0, 0), name="lip under")


def _lines(s: Sitting, edge: Lips, place: MouthPlace) -> None:
    p, shape = s.who.palette, s.who.mouth
    tone = mixed(p.skin_line, p.mouth, 0.35) if shape.lips else p.skin_line
    thick = shape.line * (0.75 + 0.25 * np.abs(edge.t) ** 1.5)
    s.ink(place(edge.x, edge.upper), tone, thick, ends=(0.5, 0.5), name="lip upper")
    if edge.gap > _SHUT:
        path = place(edge.x, edge.lower)
        s.ink(path, tone, 0.85 * shape.line, ends=(0.5, 0.5), name="lip lower")


def _dimples(s: Sitting, edge: Lips, place: MouthPlace) -> None:
    deep = 0.75 * s.mood.smile * (1 - s.mood.frown)
    if deep <= 0.25:
        return
    for side, corner in ((-1, 0), (1, -1)):
        x = edge.x[corner] + side * np.array([-0.006, 0.016, 0.024])
        y = edge.upper[corner] + np.array([-0.022, -0.002, 0.022])
        weight, name = 0.7 * s.who.mouth.line, f"dimple {side}"
        s.ink(place(x, y), s.who.palette.skin_line, weight, name=name, opacity=deep)


def _chin(s: Sitting, edge: Lips, place: MouthPlace) -> None:
    """The shade under the lower lip, and the chin boss that a pout pushes up."""
    p, m, fine = s.who.palette, s.mood, s.who.style.fine
    low = edge.lower[_MIDDLE]
    u = np.linspace(-1, 1, 9)
    if not s.who.mouth.lips:
        y = low + 0.055 + 0.02 * m.pout + 0.012 * (1 - u**2)
        path = place(0.26 * s.who.mouth.half * u, y)
        s.ink(path, p.skin_line, fine, ends=(0, 0), opacity=0.75, name="lip shade")
    if m.pout > 0.3:
        path = place(0.09 * u, low + 0.125 - 0.02 * (1 - u**2))
        s.ink(path, p.skin_line, fine, ends=(0, 0), opacity=0.7 * m.pout, name="chin boss")
