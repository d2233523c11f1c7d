"""Marks on a layer: filled shapes, pen lines in several hands, shading, grain.

A sheet covers the face's surroundings once, in face units (one is the distance between the outer
corners of the eyes; x to the picture's right, y down).
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Mask = NDArray[np.uint8]
Colour = tuple[int, int, int]

LEFT, TOP, EXTENT = -2.6, -2.2, 5.2
"""Upper left corner of every sheet and the length of its sides, face units."""

_BITS = 4


@dataclass
class Sheet:
    """A layer being painted.

    Attributes:
        size: pixels a side.
        pixels: (size, size, 4) uint8, premultiplied.
    """

    size: int
    pixels: NDArray[np.uint8] = field(init=False)

    def __post_init__(self) -> None:
        self.pixels = np.zeros((self.size, self.size, 4), np.uint8)

    @property
    def unit(self) -> float:
        """Pixels a face unit."""
        return self.size / EXTENT

    def place(self, points: FloatArray) -> FloatArray:
        """Pixels (n, 2) of places in face units; the middle of a pixel is a whole number."""
        return (points - (LEFT, TOP)) * self.unit - 0.5

    def shape(self, *outlines: FloatArray) -> Mask:
        """The inside of closed outlines, each (n, 2) in face units, joined."""
        mask = np.zeros((self.size, self.size), np.uint8)
        for outline in outlines:
            fill(mask, self.place(outline))
        return mask

    def fill(
        self, outline: FloatArray, colour: Colour, opacity: float = 1.0, clip: Mask | None = None
    ) -> None:
        """Fill one closed outline (n, 2) in face units, inside `clip` only."""
        points = self.place(outline)
        box = boxed(points, self.size, self.size)
        if box is None:
            return
        x, y, w, h = box
        mask = np.zeros((h, w), np.uint8)
        fill(mask, points - (x, y))
        if clip is not None:
            mask = both(mask, clip[y : y + h, x : x + w])
        blend(self.pixels[y : y + h, x : x + w], mask, colour, opacity)

    def lay(self, mask: Mask, colour: Colour, opacity: float = 1.0) -> None:
        """Colour a mask of the sheet's size."""
        x, y, w, h = cv2.boundingRect(mask)
        if w and h:
            part = slice(y, y + h), slice(x, x + w)
            blend(self.pixels[part], mask[part], colour, opacity)

    def under(self, other: Sheet) -> None:
        """Lay another sheet on top of this one."""
        lay_over(self.pixels, other.pixels)


def fill(mask: Mask, points: FloatArray) -> None:
    """Draw the inside of a closed outline, (n, 2) pixels, into a mask, with smooth edges."""
    scaled = np.round(points * (1 << _BITS)).astype(np.int32)
    cv2.fillPoly(mask, [scaled], 255, cv2.LINE_AA, _BITS)


def boxed(points: FloatArray, width: int, height: int) -> tuple[int, int, int, int] | None:
    """x, y, width and height of the pixels about points, within a picture; None outside it."""
    low = np.floor(points.min(0)).astype(int) - 1
    high = np.ceil(points.max(0)).astype(int) + 2
    x, y = max(int(low[0]), 0), max(int(low[1]), 0)
    w, h = min(int(high[0]), width) - x, min(int(high[1]), height) - y
    return (x, y, w, h) if w > 0 and h > 0 else None


def blend(pixels: NDArray[np.uint8], mask: Mask, colour: Colour, opacity: float = 1.0) -> None:
    """Colour a mask into premultiplied pixels of the same size, in place."""
    alpha = mask if opacity >= 1 else cv2.convertScaleAbs(mask, alpha=opacity)
    four = cv2.merge([alpha, alpha, alpha, alpha])
    tone = np.array([*colour, 255], np.float64)
    paint = cv2.multiply(four, tone, scale=1 / 255)  # pyright: ignore[reportCallIssue, reportArgumentType]
    kept = cv2.multiply(pixels, cv2.bitwise_not(four), scale=1 / 255)
    cv2.add(kept, paint, dst=pixels)


def lay_over(below: NDArray[np.uint8], above: NDArray[np.uint8]) -> None:
    """Lay premultiplied pixels over others of the same size, in place."""
    free = cv2.bitwise_not(cv2.extractChannel(above, 3))
    kept = cv2.multiply(below, cv2.merge([free, free, free, free]), scale=1 / 255)
    cv2.add(kept, above, dst=below)


def to(x: float, y: float) -> FloatArray:
    """(2,) a way to the right and down."""
    return np.array([x, y])


def colour(hue: float, saturation: float, value: float) -> Colour:
    """A colour from hue, saturation and value, each 0 to 1."""
    r, g, b = colorsys.hsv_to_rgb(hue % 1.0, min(max(saturation, 0), 1), min(max(value, 0), 1))
    return round(r * 255), round(g * 255), round(b * 255)


def both(one: Mask, other: Mask, scale: float = 1.0) -> Mask:
    """What two masks share, times a factor."""
    return np.asarray(cv2.multiply(one, other, scale=scale / 255), np.uint8)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """A colour `share` of the way to another."""
    r, g, b = (round(a + share * (c - a)) for a, c in zip(one, other, strict=True))
    return r, g, b


def smooth(points: FloatArray, count: int, *, closed: bool = False) -> FloatArray:
    """(count, 2) a smooth curve through points (Catmull-Rom), evenly in the parameter."""
    if closed:
        rows = np.concatenate([points[-1:], points, points[:2]])
    else:
        rows = np.concatenate(
            [2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]]
        )
    return _basis(len(rows), count, closed) @ rows


_BASES: dict[tuple[int, int, bool], FloatArray] = {}


def _basis(rows: int, count: int, closed: bool) -> FloatArray:
    """(count, rows) Catmull-Rom weights; the same few are asked for all the time."""
    found = _BASES.get((rows, count, closed))
    if found is None:
        spans = rows - 3
        at = np.linspace(0, spans, count, endpoint=not closed)
        i = np.minimum(at.astype(int), spans - 1)
        t = at - i
        found = np.zeros((count, rows))
        parts = (
            -t + 2 * t**2 - t**3,
            2 - 5 * t**2 + 3 * t**3,
            t + 4 * t**2 - 3 * t**3,
            -(t**2) + t**3,
        )
        for k, part in enumerate(parts):
            found[np.arange(count), i + k] = part / 2
        _BASES[rows, count, closed] = found
    return found


def normals(points: FloatArray) -> FloatArray:
    """(n, 2) unit normals of a curve, upwards where it runs to the right."""
    way = np.empty_like(points)
    way[1:-1] = points[2:] - points[:-2]
    way[0], way[-1] = points[1] - points[0], points[-1] - points[-2]
    way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    return np.stack([way[:, 1], -way[:, 0]], 1)


def ribbon(points: FloatArray, half: FloatArray | float) -> FloatArray:
    """(2n, 2) outline of a band of this half width about a curve."""
    side = normals(points) * np.reshape(half, (-1, 1))
    return np.concatenate([points + side, (points - side)[::-1]])


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> FloatArray:
    """(40, 2) a closed ellipse; `turn` in radians."""
    u = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    a, b = rx * np.cos(u), ry * np.sin(u)
    c, s = np.cos(turn), np.sin(turn)
    return np.stack([x + a * c - b * s, y + a * s + b * c], 1)


@dataclass(frozen=True)
class Pen:
    """The hand that draws the lines.

    Attributes:
        kind: "ink" (tapered), "marker" (even), "brush" (thick and thin), "pencil" (thin, doubled,
            broken) or "none".
        weight: thickness, face units.
        seed: of its irregularities.
    """

    kind: str
    weight: float
    seed: int

    def stroke(
        self,
        sheet: Sheet,
        points: FloatArray,
        colour: Colour,
        *,
        weight: float = 1.0,
        closed: bool = False,
        clip: Mask | None = None,
        opacity: float = 1.0,
    ) -> None:
        """Draw a line along points (n, 2) in face units."""
        if self.kind == "none" or len(points) < 3:
            return
        if closed:
            points = np.concatenate([points, points[: max(3, len(points) // 12)]])
        half = self.weight * weight / 2
        length = float(np.hypot(*np.diff(points, axis=0).T).sum())
        rng = np.random.default_rng([self.seed, len(points), int(length * 512)])
        share = np.linspace(0, 1, len(points))
        ends = 1.0 if closed else np.minimum(1, 6 * np.minimum(share, 1 - share) + 0.15)
        if self.kind == "pencil":
            for _ in range(3):
                wobble = _wave(share, length, rng, 2.0) * self.weight * 0.8
                path = points + normals(points) * wobble[:, None]
                sheet.fill(ribbon(path, half * 0.55 * ends), colour, 0.55 * opacity, clip)
            return
        if self.kind == "marker":
            width = half * np.ones(len(points))
        elif self.kind == "brush":
            width = half * ends * (1.15 + 0.85 * _wave(share, length, rng, 0.8))
        else:
            width = half * ends * (1.0 + 0.45 * _wave(share, length, rng, 0.6))
        sheet.fill(ribbon(points, np.maximum(width, 0.12 * half)), colour, opacity, clip)

    def outline(
        self, sheet: Sheet, mask: Mask, colour: Colour, weight: float = 1.0, least: int = 24
    ) -> None:
        """Draw the outlines of a mask of the sheet's size."""
        if self.kind == "none":
            return
        for points in outlines(mask, least):
            self.stroke(
                sheet, (points + 0.5) / sheet.unit + (LEFT, TOP), colour, weight=weight, closed=True
            )


def outlines(mask: Mask, least: int = 24) -> list[FloatArray]:
    """Closed outlines of a mask, (n, 2) pixels each, smoothed; those under `least` points not."""
    found, _ = cv2.findContours((mask > 127).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    kept = []
    for contour in found:
        points = contour[:, 0].astype(np.float64)
        if len(points) < least:
            continue
        kernel = np.array([1, 4, 6, 4, 1]) / 16
        padded = np.concatenate([points[-2:], points, points[:2]])
        even = np.stack([np.convolve(padded[:, k], kernel, "valid") for k in (0, 1)], 1)
        kept.append(even[:: 2 if len(even) > 60 else 1])
    return kept


def _wave(share: FloatArray, length: float, rng: np.random.Generator, pace: float) -> FloatArray:
    """Smooth irregularity in -1..1 along a line of this length."""
    knots = rng.uniform(-1, 1, max(3, round(2 + pace * 3 * length)))
    return np.interp(share * (len(knots) - 1), np.arange(len(knots)), knots)


def noise(size: int, cells: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """(size, size) smooth noise in about -1..1 with so many bumps a side."""
    # In whole numbers, which every machine rounds alike.
    small = np.clip(rng.standard_normal((cells, cells)) * 76 + 128, 0, 255).astype(np.uint8)
    wide = cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC)
    return ((wide.astype(np.float32) - 128) / 128).astype(np.float32)


def softened(mask: Mask, radius: float) -> Mask:
    """A mask blurred by a Gaussian of this radius in pixels; wide ones at less resolution."""
    share = max(1, int(radius / 2))
    if share == 1:
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(radius, 0.3)), np.uint8)
    height, width = mask.shape
    small = cv2.resize(mask, (width // share, height // share), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), radius / share)
    return np.asarray(cv2.resize(small, (width, height)), np.uint8)


def shifted(mask: Mask, x: float, y: float) -> Mask:
    """A mask moved by pixels; what comes in is empty."""
    matrix = np.array([[1, 0, x], [0, 1, y]], np.float64)
    return np.asarray(cv2.warpAffine(mask, matrix, (mask.shape[1], mask.shape[0])), np.uint8)


@dataclass(frozen=True)
class Shading:
    """How volume is shown.

    Attributes:
        kind: "flat", "cel", "soft", "hatch" or "wash".
        light: (x, y) where the light comes from, a unit vector.
        depth: how dark, 0 to 1.
        grain: strength of the paper's grain, 0 to 1.
        seed: of its irregularities.
    """

    kind: str
    light: tuple[float, float]
    depth: float
    grain: float
    seed: int

    def shadow(self, sheet: Sheet, mask: Mask, reach: float = 0.22) -> NDArray[np.uint8]:
        """The part of a mask turned from the light, as a mask."""
        away = reach * sheet.unit
        lit = shifted(mask, away * self.light[0], away * self.light[1])
        if self.kind in ("soft", "wash"):
            lit = softened(lit, away * 0.55)
        return both(mask, np.asarray(cv2.bitwise_not(lit), np.uint8))

    def apply(self, sheet: Sheet, mask: Mask, colour: Colour, reach: float = 0.22) -> None:
        """Shade a mask of the sheet with a colour."""
        if self.kind == "flat":
            return
        dark = self.shadow(sheet, mask, reach)
        if self.kind == "hatch":
            dark = both(dark, self._lines(sheet))
        if self.kind == "wash":
            rng = np.random.default_rng(self.seed)
            patches = noise(sheet.size, 9, rng) * 0.5 + noise(sheet.size, 28, rng) * 0.3
            wet = np.clip(patches * 255, 0, 255).astype(np.uint8)
            dark = np.maximum(dark, both(mask, wet, 0.7))
        sheet.lay(dark, colour, self.depth)

    def _lines(self, sheet: Sheet) -> Mask:
        across = np.arange(sheet.size, dtype=np.float32)
        gap = 0.055 * sheet.unit
        bend = noise(sheet.size, 14, np.random.default_rng(self.seed)) * gap * 0.3
        phase = (across[:, None] * 0.8 + across[None] * 0.6 + bend) * (2 * np.pi / gap)
        return np.clip((np.sin(phase) - 0.1) * 320, 0, 255).astype(np.uint8)

    def finish(self, sheet: Sheet) -> None:
        """Let the paper's grain show through what is painted."""
        if self.grain <= 0:
            return
        rng = np.random.default_rng([self.seed, 7])
        fine = noise(sheet.size, sheet.size // 3, rng) * 0.6 + noise(sheet.size, 70, rng) * 0.3
        factor = (1 - self.grain * 0.3 * np.clip(fine + 0.15, 0, 1))[..., None]
        colours = sheet.pixels[..., :3]
        colours[:] = (colours * factor).astype(np.uint8)
