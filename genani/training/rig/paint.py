"""A canvas: soft-edged fills and strokes, layer on layer, into RGBA with straight alpha."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genani.training.rig.curves import Points

Colour = tuple[int, int, int]
"""sRGB, 0 to 255."""

_SHIFT = 6
"""Bits after the point in OpenCV's fixed-point coordinates."""

_LEVELS = 512
"""Steps a gradient is cut into."""

_SPARSE = 8
"""A mask covering less than one pixel in so many of its box is painted pixel by pixel."""


def colour(code: str) -> Colour:
    """A colour from its `#rrggbb` writing."""
    value = int(code.removeprefix("#"), 16)
    return value >> 16, value >> 8 & 255, value & 255


WHITE: Colour = (255, 255, 255)


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """`share` of `b` in `a`."""
    r, g, bl = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return r, g, bl


@dataclass(frozen=True)
class Gradient:
    """Colours along the line from `start` to `end` (canvas pixels); constant beyond both ends.

    Attributes:
        stops: (position 0 to 1, colour, opacity 0 to 1), rising.
        radial: distance from `start` is measured instead, `end` lying on the last circle.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    stops: tuple[tuple[float, Colour, float], ...]
    radial: bool = False

    @cached_property
    def table(self) -> NDArray[np.float32]:
        """(levels, 4) red, green, blue, opacity from start to end, all 0 to 1."""
        at = np.linspace(0, 1, _LEVELS)
        places = [place for place, _, _ in self.stops]
        columns = [[tone[c] / 255 for _, tone, _ in self.stops] for c in range(3)]
        columns.append([opacity for _, _, opacity in self.stops])
        return np.stack([np.interp(at, places, c) for c in columns], 1).astype(np.float32)


Paint = Colour | Gradient


@dataclass(frozen=True)
class Mask:
    """Coverage of a part of the canvas: 8-bit values of the box whose corner is (x, y)."""

    x: int
    y: int
    values: NDArray[np.uint8]

    def inside(self, other: Mask) -> Mask:
        """This mask where `other` covers too."""
        x0, y0 = max(self.x, other.x), max(self.y, other.y)
        x1 = min(self.x + self.values.shape[1], other.x + other.values.shape[1])
        y1 = min(self.y + self.values.shape[0], other.y + other.values.shape[0])
        if x1 <= x0 or y1 <= y0:
            return EMPTY
        mine = self.values[y0 - self.y : y1 - self.y, x0 - self.x : x1 - self.x]
        its = other.values[y0 - other.y : y1 - other.y, x0 - other.x : x1 - other.x]
        return Mask(x0, y0, (mine.astype(np.uint16) * its // 255).astype(np.uint8))

    def outside(self, other: Mask) -> Mask:
        """This mask where `other` does not cover."""
        values = self.values.copy()
        cover = self.inside(other)
        if cover.values.size:
            h, w = cover.values.shape
            view = values[cover.y - self.y :, cover.x - self.x :][:h, :w]
            np.subtract(view, cover.values, out=view)
        return Mask(self.x, self.y, values)

    def joined(self, other: Mask) -> Mask:
        """Both masks together."""
        if not other.values.size:
            return self
        if not self.values.size:
            return other
        x0, y0 = min(self.x, other.x), min(self.y, other.y)
        x1 = max(self.x + self.values.shape[1], other.x + other.values.shape[1])
        y1 = max(self.y + self.values.shape[0], other.y + other.values.shape[0])
        values = np.zeros((y1 - y0, x1 - x0), np.uint8)
        for mask in (self, other):
            h, w = mask.values.shape
            view = values[mask.y - y0 :, mask.x - x0 :][:h, :w]
            np.maximum(view, mask.values, out=view)
        return Mask(x0, y0, values)

    def scaled(self, factor: NDArray[np.float32] | float) -> Mask:
        """This mask with its coverage multiplied by `factor` (0 to 1)."""
        return Mask(self.x, self.y, (self.values * factor).astype(np.uint8))


EMPTY = Mask(0, 0, np.zeros((0, 0), np.uint8))
"""A mask that covers nothing."""


class Canvas:
    """An empty transparent cel to paint on.

    Coordinates and widths are pixels of the finished picture, floats, y down, (0, 0) being the
    outer corner of the first pixel. Work is done at `detail` times the size and averaged down.
    """

    def __init__(self, width: int, height: int, detail: int = 2) -> None:
        self.width, self.height, self.detail = width, height, detail
        # One plane a channel, premultiplied, so that layers over transparency mix without a fringe.
        self._planes = np.zeros((4, height * detail, width * detail), np.float32)

    def shape(self, *outlines: Points) -> Mask:
        """Coverage of closed outlines; where several overlap they join."""
        import cv2

        outlines = tuple(o for o in outlines if len(o) >= 3)
        box = self._box(outlines, 2.0)
        if box is None:
            return EMPTY
        x, y, values = box
        for outline in outlines:
            cv2.fillPoly(values, [self._fixed(outline, x, y)], 255, cv2.LINE_AA, _SHIFT)
        return Mask(x, y, values)

    def line(self, points: Points, widths: ArrayLike) -> Mask:
        """Coverage of a stroke with round ends; `widths` is one number or one a point."""
        import cv2

        half = np.broadcast_to(np.asarray(widths, float) / 2, len(points))
        box = self._box([points], float(half.max(initial=0)) + 2) if len(points) > 1 else None
        if box is None:
            return EMPTY
        x, y, values = box
        tangent = np.gradient(points, axis=0)
        tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)[:, None]
        side = np.stack([tangent[:, 1], -tangent[:, 0]], 1) * half[:, None]
        left, right = self._fixed(points + side, x, y), self._fixed(points - side, x, y)
        dots = self._fixed(points, x, y)
        radii = np.rint(half * self.detail * (1 << _SHIFT)).astype(int)
        for i in range(len(points)):
            if radii[i] > 24:
                centre = (int(dots[i, 0]), int(dots[i, 1]))
                cv2.circle(values, centre, int(radii[i]), 255, -1, cv2.LINE_AA, _SHIFT)
            if i:
                quad = np.array([left[i - 1], left[i], right[i], right[i - 1]])
                cv2.fillConvexPoly(values, quad, 255, cv2.LINE_AA, _SHIFT)
        return Mask(x, y, values)

    def lay(self, mask: Mask, paint: Paint, opacity: float = 1.0, clip: Mask | None = None) -> None:
        """Put paint over what is there, where `mask` (and `clip`) covers."""
        if clip is not None:
            mask = mask.inside(clip)
        if not mask.values.size or opacity <= 0:
            return
        if np.count_nonzero(mask.values) * _SPARSE < mask.values.size:
            self._lay_points(mask, paint, opacity)
            return
        h, w = mask.values.shape
        view = self._planes[:, mask.y : mask.y + h, mask.x : mask.x + w]
        cover = mask.values.astype(np.float32)
        cover *= opacity / 255
        if isinstance(paint, Gradient):
            x = np.arange(mask.x, mask.x + w, dtype=np.float32)
            y = np.arange(mask.y, mask.y + h, dtype=np.float32)[:, None]
            tones = self._tones(paint, x, y)
            cover *= tones[..., 3]
            layers = [tones[..., 0], tones[..., 1], tones[..., 2], np.float32(1)]
        else:
            layers = [np.float32(value / 255) for value in (*paint, 255)]
        for channel, tone in zip(view, layers, strict=True):
            change = tone - channel
            change *= cover
            channel += change

    def _lay_points(self, mask: Mask, paint: Paint, opacity: float) -> None:
        """`lay` for a thin line in a large box: only the covered pixels are touched."""
        covered = np.flatnonzero(mask.values)
        cover = mask.values.ravel()[covered] * np.float32(opacity / 255)
        rows, columns = np.divmod(covered, mask.values.shape[1])
        rows, columns = rows + mask.y, columns + mask.x
        if isinstance(paint, Gradient):
            tones = self._tones(paint, columns.astype(np.float32), rows.astype(np.float32)).T
            cover *= tones[3]
            layers = [*tones[:3], np.float32(1)]
        else:
            layers = [np.float32(value / 255) for value in (*paint, 255)]
        for channel, tone in zip(self._planes, layers, strict=True):
            before = channel[rows, columns]
            channel[rows, columns] = before + (tone - before) * cover

    def fill(
        self, outline: Points, paint: Paint, opacity: float = 1.0, clip: Mask | None = None
    ) -> Mask:
        """Paint a closed outline; returns its coverage."""
        mask = self.shape(outline)
        self.lay(mask, paint, opacity, clip)
        return mask

    def pixels(self) -> NDArray[np.uint8]:
        """The finished picture: (height, width, 4) uint8, straight alpha, 0 where transparent."""
        import cv2

        size = (self.width, self.height)
        small = [cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in self._planes]
        alpha = small[3]
        solid = np.maximum(alpha, 1e-6)
        out = np.stack([*(c / solid for c in small[:3]), alpha], 2)
        out = np.rint(np.clip(out, 0, 1) * 255).astype(np.uint8)
        out[out[..., 3] == 0] = 0
        return out

    def _fixed(self, points: Points, x: int, y: int) -> NDArray[np.int32]:
        # OpenCV puts whole numbers on pixel centres; ours lie on their corners.
        local = points[:, :2] * self.detail - 0.5 - (x, y)
        return np.rint(local * (1 << _SHIFT)).astype(np.int32)

    def _box(
        self, outlines: Sequence[Points], margin: float
    ) -> tuple[int, int, NDArray[np.uint8]] | None:
        if not outlines:
            return None
        every = np.vstack([o[:, :2] for o in outlines])
        low = np.floor((every.min(0) - margin) * self.detail).astype(int)
        high = np.ceil((every.max(0) + margin) * self.detail).astype(int)
        x0, y0 = max(low[0], 0), max(low[1], 0)
        x1, y1 = min(high[0], self.width * self.detail), min(high[1], self.height * self.detail)
        if x1 <= x0 or y1 <= y0:
            return None
        return int(x0), int(y0), np.zeros((y1 - y0, x1 - x0), np.uint8)

    def _tones(
        self, paint: Gradient, x: NDArray[np.float32], y: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Red, green, blue and opacity (0 to 1, last axis) at pixels of the enlarged canvas."""
        one = np.float32(1 / self.detail)
        right = (x + np.float32(0.5)) * one - np.float32(paint.start[0])
        down = (y + np.float32(0.5)) * one - np.float32(paint.start[1])
        dx, dy = paint.end[0] - paint.start[0], paint.end[1] - paint.start[1]
        reach = max(dx * dx + dy * dy, 1e-9)
        if paint.radial:
            at = np.sqrt((right * right + down * down) * np.float32(1 / reach))
        else:
            at = right * np.float32(dx / reach) + down * np.float32(dy / reach)
        index = np.clip(at * _LEVELS, 0, _LEVELS - 1).astype(np.intp)
        return paint.table[index]
