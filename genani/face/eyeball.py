"""The ball of a drawn eye: its white and its iris apart, so that the iris can look elsewhere.

A warp that moves an iris drags the white and the lids along. Here the iris is lifted off, the
white goes on behind it, and what a lid hid of it is guessed: it is an ellipse, coloured as far up
as it was seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genani.face.edges import Edge, Image, Line, aperture, distances, sampled_at
from genani.face.mesh import FloatArray
from genani.face.strokes import Mask, connected, filled, grown

_APART = 0.18
"""Difference from the white, in shares of it, from which a pixel is of the iris."""

_PURE = 0.06
"""The same up to which even a pixel by a lid's line is white."""

_SURELY, _AROUND, _FARTHEST = 0.6, 1.2, 2.0
"""Distances from the iris' middle, in its radii, up to which all is iris, from which there is
white, and up to which iris is looked for."""

_LEAST = 12
"""Pixels of iris, and of an eye, under which there is nothing to lift off."""

_BRIGHT = 0.8
"""Of what may be white, only pixels brighter than so many others are surely."""

_RINGS = 12
"""Rings by which the colours of an iris are told."""

_FADE = 2.0
"""Pixels over which what was seen of an iris goes over into what is guessed."""

_WHOLE = 0.95
"""Radii up to which an iris next to a lid has no gaps."""

_SHADED = 0.15
"""Share of the iris next to a lid that does not tell its colours."""

_LINED = 0.5
"""Darkness between the white and the iris' darkest from which a pixel by a lid is of its line."""

_BEYOND = 0.12
"""How far beyond the lids' edges, in radii of the iris, more of it is looked for."""

_BESIDE = 0.15
"""How far beyond its landmarks an eye's white may go on, in shares of its width."""

_TOLD = 0.04
"""Difference of a white from the skin by which it can be told from it."""

_RIM = 2.5
"""Pixels from a lid's line from which colours of the iris are its own."""


@dataclass(frozen=True)
class _Frame:
    """Along and up an eye: its outer corner at 0; pixels."""

    corner: FloatArray
    across: FloatArray
    up: FloatArray

    @classmethod
    def of(cls, upper: Edge) -> _Frame:
        curve = upper.before
        way = curve[-1] - curve[0]
        across = way / max(float(np.linalg.norm(way)), 1e-9)
        return cls(curve[0], across, -upper.inward * np.array([-across[1], across[0]]))

    def of_places(self, places: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(N,) along and up, of places (N, 2)."""
        off = places - self.corner
        return off @ self.across, off @ self.up

    def placed(self, along: FloatArray, height: FloatArray) -> FloatArray:
        """(N, 2) places there."""
        return self.corner + along[:, None] * self.across + height[:, None] * self.up


@dataclass(frozen=True)
class Eyeball:
    """What is between the lids of a drawing.

    Attributes:
        white: (h, w, 4) premultiplied, as if there were no iris and no lids.
        ink: (h, w, 5) the iris: premultiplied RGBA, and how much of the pixel it covers.
        corner: (2,) where the upper left corner of both lies on the drawing.
        middle: (2,) of the iris, along and up.
        radii: (2,) of the ellipse that it is.
        upper, lower: (M, 2) along and up: between these curves all is seen.
        rings, shade: (R, 5) the iris from its middle outward, as far as it is seen, and (5,) what
            is more of each at its top than in its middle.
        free: (h, w, 1) 1 where neither a lid nor its line is, such that the eye can be painted.
    """

    white: Image
    ink: NDArray[np.float32]
    corner: FloatArray
    frame: _Frame
    middle: FloatArray
    radii: FloatArray
    upper: FloatArray
    lower: FloatArray
    rings: FloatArray
    shade: FloatArray
    free: Image

    def painted(self, places: FloatArray, shift: FloatArray) -> Image:
        """(N, 4) the eye at places (N, 2) once its iris has moved by `shift` (2,) pixels."""
        along, height = self.frame.of_places(places - shift)
        top, bottom = (np.interp(along, *curve.T) for curve in (self.upper, self.lower))
        crossed = top < bottom
        top, bottom = np.where(crossed, (top + bottom) / 2, top), np.where(crossed, top, bottom)
        seen = np.clip(height, bottom, top)
        source = self.frame.placed(along, seen)
        ink = sampled_at(self.ink, source - self.corner)
        off = np.stack([along, height], 1) - self.middle
        ring = np.linalg.norm(off / self.radii, axis=1)
        rings = self._ringed(ring, off[:, 1])
        # Where it was hidden, the iris goes on as far as its ellipse.
        within = np.clip(0.5 + (1 - ring) * self.radii.min(), 0, 1)[:, None]
        guessed = np.clip(np.abs(height - seen) / _FADE, 0, 1)[:, None]
        ink += (guessed * (within * rings - ink)).astype(np.float32)
        # Rests of a lid's line leave gaps in the rim of an iris.
        gaps = (1 - ink[:, 4]) * np.clip((_WHOLE - ring) * self.radii.min(), 0, 1)
        gaps *= np.minimum(top - height, height - bottom) < _RIM
        ink += (gaps[:, None] * rings).astype(np.float32)
        white = sampled_at(self.white, places - self.corner)
        return np.asarray(white * (1 - ink[:, 4:]) + ink[:, :4], np.float32)

    def uncovered(self, places: FloatArray) -> Image:
        """(N, 1) how much of the pixels at places (N, 2) is eye, lids being where they were."""
        return sampled_at(self.free, places - self.corner)

    def white_beyond(
        self, cut: Image, depth: FloatArray, skin: NDArray[np.float32], width: float
    ) -> Mask:
        """(h, w) white of the eye outside of its landmarks: left there, it would be a pale patch.

        Args:
            cut: (h, w, 4) the drawing about the eye.
            depth: (h, w) how far inside of the eye pixels lie.
            skin: (4,) of the face.
            width: of the eye, pixels.
        """
        white = np.median(self.white.reshape(-1, 4), axis=0)
        apart = float(np.abs(white - skin).max())
        if apart < _TOLD:
            return np.zeros(depth.shape, bool)
        pale = (np.abs(cut - white).max(2) < apart / 2) & (depth > -_BESIDE * width)
        # The lid's line may lie between.
        eye = grown(depth > 0, 3)
        return grown(connected(eye, pale | eye) & pale, 1)

    def _ringed(self, ring: FloatArray, height: FloatArray) -> NDArray[np.float32]:
        """(N, 5) the iris so far from its middle, in radii (N,), and so high over it (N,)."""
        steps = np.linspace(0, 1, len(self.rings))
        plain = np.stack([np.interp(ring, steps, band) for band in self.rings.T], 1)
        lit = plain + np.clip(height / self.radii[1], -1, 1)[:, None] * self.shade
        return np.clip(lit, 0, 1).astype(np.float32)


def eyeball_of(
    before: Image,
    pair: tuple[Edge, Edge],
    lines: tuple[Line, Line],
    middle: FloatArray,
    radius: float,
) -> Eyeball | None:
    """The ball of an eye; None where no iris can be told from a white.

    Args:
        before: (H, W, 4) premultiplied, the drawing.
        pair: the upper and the lower lid's edge; their `before` counts.
        lines: those drawn along them, which hide as much of the eye.
        middle: (2,) of the iris.
        radius: of the iris, pixels.
    """
    curves = np.concatenate([pair[0].before, pair[1].before])
    low = np.maximum(np.floor(curves.min(0) - 4), 0).astype(int)
    high = np.minimum(np.ceil(curves.max(0) + 4), before.shape[1::-1]).astype(int)
    if (high - low).min() < 3:
        return None
    cut = before[low[1] : high[1], low[0] : high[0]]
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]] + 0.5
    flat = np.stack([x.ravel(), y.ravel()], 1)
    depth = aperture(flat, pair[0].before, pair[1].before)
    from_lids = [distances(flat, edge.before).reshape(x.shape) for edge in pair]
    depth = depth.reshape(x.shape)
    away = (np.linalg.norm(flat - middle, axis=1) / max(radius, 1e-6)).reshape(x.shape)
    clear = depth > max(*(line.inside for line in lines), 0) + 0.7
    ground = _white(cut, clear, away)
    if ground is None:
        return None
    skin = lines[0].beside
    seen = depth > 0.7
    # Landmarks cut a little off large irises; skin between them and the lid is none.
    seen |= (
        (depth > -_BEYOND * radius) & (away < _AROUND) & _unlike(cut, skin) & _unlike(cut, ground)
    )
    for line, far in zip(lines, from_lids, strict=True):
        seen &= ~((far < line.inside + 1) & _lined(cut, ground, line))
    apart = np.abs(cut - ground).max(2) / max(float(ground[:3].max()), 1e-6)
    iris = _iris(apart > _APART, seen, away)
    if iris.sum() < _LEAST:
        return None
    known = seen & ~grown(iris, 2) & (apart < _APART)
    for line, far in zip(lines, from_lids, strict=True):
        known &= (far > line.inside + 2) | (apart < _PURE)
    white = filled(cut, ~known, ground, plain=False)
    contrast = max(float(np.median(apart[iris])), _APART)
    cover = np.where(iris, 1.0, np.where(grown(iris, 1) & seen, np.minimum(apart / contrast, 1), 0))
    cover = cover[..., None].astype(np.float32)
    ink = np.clip(cut - (1 - cover) * white, 0, cover) * (cover > 0)
    frame = _Frame.of(pair[0])
    at = np.stack(frame.of_places(flat), 1).reshape(*x.shape, 2)
    own = np.array(frame.of_places(middle[None])).ravel()
    upper, lower = (
        np.stack(frame.of_places(edge.before + sign * (line.inside + _RIM) * frame.up), 1)
        for edge, line, sign in zip(pair, lines, (-1, 1), strict=True)
    )
    layer = np.concatenate([ink, cover], 2).astype(np.float32)
    radii = _radii(at[iris] - own)
    # Next to a lid its shadow falls on the iris, and its line is mixed in.
    off = min(*(line.inside for line in lines)) + _SHADED * radius
    surely = iris & (depth > off) if (iris & (depth > off)).sum() >= _LEAST else iris
    rings, shade = _rings(layer[surely].astype(np.float64), (at[surely] - own) / radii)
    return Eyeball(
        white,
        layer,
        low.astype(np.float64),
        frame,
        own,
        radii,
        upper,
        lower,
        rings,
        shade,
        seen[..., None].astype(np.float32),
    )


def _unlike(cut: Image, colour: NDArray[np.float32]) -> Mask:
    return np.abs(cut - colour).max(2) > _APART


def _lined(cut: Image, ground: NDArray[np.float32], line: Line) -> Mask:
    """Pixels as dark as a line on the white."""
    white, black = float(ground[:3].mean()), float(line.colour[:3].mean())
    return cut[..., :3].mean(2) < white - _LINED * max(white - black, _APART)


def _white(cut: Image, seen: Mask, away: FloatArray) -> NDArray[np.float32] | None:
    """(4,) the colour of the white; None if hardly anything of the eye is seen."""
    if seen.sum() < _LEAST:
        return None
    among = seen & (away > _AROUND)
    colours = cut[among if among.sum() >= _LEAST else seen]
    grey = colours[:, :3].mean(1)
    return np.median(colours[grey >= np.quantile(grey, _BRIGHT)], axis=0).astype(np.float32)


def _iris(inked: Mask, seen: Mask, away: FloatArray) -> Mask:
    """What is iris, with the lights in it."""
    among = seen & inked & (away < _FARTHEST)
    found = connected(among & (away < _SURELY), among) | (seen & (away < _SURELY))
    outside = np.pad(~found, 1, constant_values=True)
    border = np.zeros_like(outside)
    border[[0, -1]] = border[:, [0, -1]] = True
    return ~connected(border, outside)[1:-1, 1:-1] & seen


def _rings(ink: FloatArray, off: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(R, 5) what ink (N, 5) at places (N, 2) about the middle, in radii, is by its distance from
    there, and (5,) how it changes upward; lights are left out."""
    away = np.linalg.norm(off, axis=1)
    bands = np.clip((away * (_RINGS - 1)).round().astype(int), 0, _RINGS - 1)
    known = [k for k in range(_RINGS) if (bands == k).any()]
    usual = np.stack([_unlit(ink[bands == k]) for k in known])
    rings = np.stack([np.interp(range(_RINGS), known, band) for band in usual.T], 1)
    upper, lower = off[:, 1] > 0.2, off[:, 1] < -0.2
    if min(upper.sum(), lower.sum()) < _LEAST:
        return rings, np.zeros(ink.shape[1])
    left = ink - rings[bands]
    apart = np.median(off[upper, 1]) - np.median(off[lower, 1])
    return rings, (_unlit(left[upper]) - _unlit(left[lower])) / apart


def _unlit(ink: FloatArray) -> FloatArray:
    """(5,) what most of ink (N, 5) is like, but for its brightest part."""
    order = np.argsort(ink[:, :3].sum(1))
    dim = order[len(order) // 6 : max(len(order) // 2, len(order) // 6 + 1)]
    return np.asarray(ink[dim].mean(0), np.float64)


def _radii(off: FloatArray) -> FloatArray:
    """(2,) of the ellipse whose seen part lies at (N, 2) about its middle; half may be hidden."""
    wide, high = (float(np.quantile(np.abs(off[:, k]), 0.99)) + 0.5 for k in (0, 1))
    return np.array([wide, max(high, wide)])
