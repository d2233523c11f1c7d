"""Pixel art stays pixel art: its grain, its few colours, nothing between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import gcd

import numpy as np
from numpy.typing import NDArray

from genani.scene.picture import Pixels

MOST_SIDE = 256
"""Larger drawings are not taken for pixel art, in pixels of their own grain."""

MOST_COLOURS = 64
"""Nor are those of more colours."""

_LARGEST_GRAIN = 64
_AT_ONCE = 1 << 16
"""Pixels compared with the whole palette at a time."""


@dataclass(frozen=True)
class PixelArt:
    """What a piece of pixel art is made of.

    Attributes:
        grain: pixels of the picture a side of one of its own.
        colours: (N, 4) straight RGBA, each colour of the drawing; all of no alpha are one.
    """

    grain: int
    colours: Pixels

    def shrunk(self, pixels: Pixels) -> Pixels:
        """A picture of the same grain with one pixel for each of its own."""
        return np.ascontiguousarray(pixels[:: self.grain, :: self.grain])

    def grown(self, pixels: Pixels) -> Pixels:
        """The other way, by repetition."""
        return pixels.repeat(self.grain, 0).repeat(self.grain, 1)

    def snapped(self, pixels: Pixels) -> Pixels:
        """Straight RGBA (H, W, 4) with every pixel the nearest colour of the drawing.

        Near is told as pictures are seen: colours count by their alpha.
        """
        white = np.float32(np.iinfo(pixels.dtype).max)
        known = _premultiplied(self.colours, white)
        flat = pixels.reshape(-1, 4)
        out = np.empty_like(flat)
        for start in range(0, len(flat), _AT_ONCE):
            part = _premultiplied(flat[start : start + _AT_ONCE], white)
            apart = (part * part).sum(1)[:, None] - 2 * part @ known.T + (known * known).sum(1)
            out[start : start + _AT_ONCE] = self.colours[apart.argmin(1)]
        return out.reshape(pixels.shape)


def pixel_art(pixels: Pixels, ask: str) -> PixelArt | None:
    """How a drawing is to be kept as pixel art; None where it is none.

    Args:
        pixels: (H, W, 4) straight RGBA.
        ask: `on`, `off`, or `auto`: small drawings of few colours are.
    """
    if ask == "off":
        return None
    grain = grain_of(pixels)
    small = pixels[::grain, ::grain]
    colours = _colours(small)
    few = max(small.shape[:2]) <= MOST_SIDE and len(colours) <= MOST_COLOURS
    return PixelArt(grain, colours) if few or ask == "on" else None


def grain_of(pixels: Pixels) -> int:
    """The side of the squares that a drawing is made of: 1 unless it was enlarged as it is."""
    height, width = pixels.shape[:2]
    found = gcd(height, width)
    for axis in (0, 1):
        changes = (np.diff(pixels.astype(np.int32), axis=axis) != 0).any(2).any(1 - axis)
        found = reduce(gcd, (int(place) + 1 for place in np.flatnonzero(changes)), found)
    return found if 1 <= found <= _LARGEST_GRAIN else 1


def _colours(pixels: Pixels) -> Pixels:
    flat = pixels.reshape(-1, 4)
    flat = np.where(flat[:, 3:] > 0, flat, flat.dtype.type(0))
    return np.unique(flat, axis=0)


def _premultiplied(colours: Pixels, white: np.float32) -> NDArray[np.float32]:
    straight = colours.astype(np.float32) / white
    straight[:, :3] *= straight[:, 3:]
    return straight
