"""Eyes: ball and iris, lashes, the folds around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genani.training.rig.curves import Points, bump, ellipse
from genani.training.rig.lids import SAMPLES, EyePlace, Lids, lids
from genani.training.rig.paint import WHITE, Gradient, Mask, mixed
from genani.training.rig.sitting import Sitting, own_side

_RING = ellipse((0, 0), 1, 1)


def draw_eye(s: Sitting, side: int) -> None:
    """Paint one eye; side -1 is on the viewer's left."""
    edge = lids(s.who.eye, s.mood, side)
    place = EyePlace(s.view, s.who.eye, side)
    opening = s.canvas.shape(place.between(edge.along, edge.upper, edge.lower))
    _ball(s, edge, place, opening)
    _lash_line(s, edge, place)
    _spikes(s, edge, place)
    _rim(s, edge, place)
    _folds(s, edge, place)
    upper, lower = place(edge.along, edge.upper), place(edge.along, edge.lower)
    name = own_side(side)
    s.pin(f"eye_inner_{name}", upper[0])
    s.pin(f"eye_outer_{name}", upper[-1])
    s.pin(f"lid_upper_{name}", upper[SAMPLES // 2])
    s.pin(f"lid_lower_{name}", lower[SAMPLES // 2])


@dataclass(frozen=True)
class _Iris:
    """The iris of one eye: discs on it are given in shares of its radii."""

    place: EyePlace
    along: float
    y: float
    rx: float
    ry: float

    def disc(self, rx: float, ry: float, dx: float = 0.0, dy: float = 0.0) -> Points:
        along = self.along + self.place.side * (_RING[:, 0] * rx + dx) * self.rx
        return self.place(along, self.y + (_RING[:, 1] * ry + dy) * self.ry)

    def at(self, dx: float, dy: float) -> tuple[float, float]:
        x, y = self.disc(0, 0, dx, dy)[0]
        return float(x), float(y)


def _iris(s: Sitting, place: EyePlace) -> _Iris:
    shape, m = s.who.eye, s.mood
    size = 1 + 0.3 * m.pupil
    rx, ry = shape.iris[0] * size, shape.iris[1] * size
    along = place.side * m.gaze_x * (shape.half - 0.55 * rx) / shape.half
    y = shape.iris_y + 0.45 * m.gaze_y * shape.lower - 0.10 * m.cheek * shape.upper
    return _Iris(place, along, y, rx / shape.half, ry)


def _ball(s: Sitting, edge: Lids, place: EyePlace, opening: Mask) -> None:
    shape, p, canvas = s.who.eye, s.who.palette, s.canvas
    canvas.lay(opening, p.sclera)
    # The upper lid throws a shadow, light on the white and deep on the iris.
    fall = canvas.shape(place.between(edge.along, edge.upper, edge.upper + 0.2 * shape.upper))
    canvas.lay(fall, p.sclera_shade, clip=opening)
    iris = _iris(s, place)
    whole = canvas.shape(iris.disc(1, 1)).inside(opening)
    canvas.lay(whole, mixed(p.iris_dark, p.lash, 0.35))
    stops = ((0.0, p.iris_dark, 1.0), (0.45, p.iris, 1.0), (1.0, p.iris_light, 1.0))
    canvas.fill(iris.disc(0.86, 0.88), Gradient(iris.at(0, -1), iris.at(0, 1), stops), clip=opening)
    if shape.gloss > 0.4:
        glow = mixed(p.iris_light, WHITE, 0.45)
        light = Gradient(
            iris.at(0, 0.62),
            iris.at(0.75, 0.62),
            ((0.0, glow, 0.95), (1.0, p.iris_light, 0.0)),
            radial=True,
        )
        canvas.fill(iris.disc(0.7, 0.4, 0, 0.5), light, clip=opening)
    pupil = shape.pupil * (1 + 0.12 * s.mood.pupil)
    dark = mixed(p.iris_dark, p.lash, 0.75)
    canvas.fill(iris.disc(pupil, 1.04 * pupil, 0, -0.02), dark, clip=opening)
    canvas.lay(fall, p.lash, 0.42, clip=whole)
    g = shape.gloss
    canvas.fill(iris.disc(0.34 * g, 0.30 * g, -0.34, -0.40), WHITE, clip=opening)
    canvas.fill(iris.disc(0.15 * g, 0.13 * g, 0.36, 0.46), WHITE, 0.95, clip=opening)
    s.pin(f"iris_{own_side(place.side)}", np.array(iris.at(0, 0)))


def _lash_height(s: Sitting, edge: Lids) -> np.ndarray:
    """Thickness of the lash line, head units, one a point."""
    swell = 0.28 + 0.72 * bump(edge.along, 0.45, 0.55)
    return s.who.eye.lash * swell * (0.72 + 0.28 * edge.open)


def _lash_line(s: Sitting, edge: Lids, place: EyePlace) -> None:
    shape, t, corner = s.who.eye, edge.along, edge.upper[-1]
    thick = _lash_height(s, edge)
    tip_y = corner - (0.35 * edge.open - 0.15) * shape.wing - 0.25 * shape.lash
    tip = (1 + shape.wing / shape.half, tip_y)
    under = (1.0, corner + 0.35 * shape.lash * min(1.0, 20 * shape.wing))
    over = np.column_stack([t, edge.upper - thick])
    back = np.column_stack([t, edge.upper + 0.15 * thick])[::-1]
    band = np.vstack([over, [tip, under], back])
    s.canvas.fill(place(band[:, 0], band[:, 1]), s.who.palette.lash)
    if s.who.style.pen == "pencil":
        name = f"lash {place.side}"
        s.ink(place(t, edge.upper - 0.5 * thick), s.who.palette.lash, 1.3, name=name)


def _spikes(s: Sitting, edge: Lids, place: EyePlace) -> None:
    """Lashes drawn apart from the line, at its outer end; they turn down as the lid shuts."""
    shape, t = s.who.eye, edge.along
    outer = edge.upper - _lash_height(s, edge)
    for k in range(shape.spikes):
        i = round((1.88 - 0.2 * k) / 2 * (SAMPLES - 1))
        beyond = min(i + 2, SAMPLES - 1)
        long = shape.wing * (0.95 - 0.18 * k)
        lift = (0.55 + 0.25 * k) * (1.7 * edge.open - 0.7)
        along = np.array([t[i] - 0.07, t[i] + 0.95 * long / shape.half, t[i] + 0.09])
        y = np.array([outer[i] + 0.02, outer[i] - long * lift, outer[beyond] + 0.02])
        s.canvas.fill(place(along, y), s.who.palette.lash)


def _rim(s: Sitting, edge: Lids, place: EyePlace) -> None:
    """The line under the eye; it runs all the way in when the lids press together."""
    shape = s.who.eye
    pressed = min(1.0, s.mood.cheek + s.mood.squint + 1 - edge.open)
    start = shape.rim_from - 0.9 * (shape.rim_from + 1) * pressed
    part = slice(int((start + 1) / 2 * (SAMPLES - 1)), None)
    line = place(edge.along[part], edge.lower[part])
    weight = shape.rim / s.who.style.weight
    name = f"rim {place.side}"
    s.ink(line, s.who.palette.lash, weight, ends=(0.1, 0.9), peak=0.85, name=name)


def _folds(s: Sitting, edge: Lids, place: EyePlace) -> None:
    shape, m, line = s.who.eye, s.mood, s.who.palette.skin_line
    t, side, fine = edge.along, place.side, s.who.style.fine
    if shape.crease:
        gap = shape.crease * (0.8 + 0.2 * edge.open)
        fold = np.minimum(edge.upper, 0.35 * edge.upper + 0.65 * edge.rest) - gap
        part = slice(6, 36)
        s.ink(place(t[part], fold[part]), line, fine, peak=0.6, name=f"crease {side}")
    lift = max(0.0, m.cheek - 0.35) + 0.6 * m.squint
    if lift > 0.05:
        bag = edge.lower + 0.05 + 0.03 * (1 - t * t)
        part, dim = slice(10, 30), min(0.7, lift)
        path = place(t[part], bag[part])
        s.ink(path, line, 0.8 * fine, opacity=dim, name=f"bag {side}", ends=(0, 0))
