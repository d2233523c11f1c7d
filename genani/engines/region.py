"""Which part of the canvas has to be drawn at all, and in which squares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genani.engines.painter import Tier
from genani.scene.picture import Picture, Pixels

MARGIN = 64
"""Pixels around the changed part that the painter sees too: motion may swing out, and networks
match better with surroundings."""


@dataclass(frozen=True)
class Box:
    """Rows `top` to `bottom` and columns `left` to `right`, ends left out."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def cut(self) -> tuple[slice, slice]:
        """Index of the box in an array whose first two axes are rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def places(self, fine: int = 1) -> NDArray[np.float64]:
        """(N, 2) the middles (x, y) of its pixels, row by row; `fine` times as many each way."""
        y, x = np.mgrid[: fine * self.height, : fine * self.width] + 0.5
        return np.stack([x.ravel() / fine + self.left, y.ravel() / fine + self.top], 1)

    def grown(self, margin: int, height: int, width: int, multiple: int = 1) -> Box:
        """The box with a margin, its sides brought to `multiple`, as far as the canvas goes."""
        top, bottom = _grown(self.top, self.bottom, margin, height, multiple)
        left, right = _grown(self.left, self.right, margin, width, multiple)
        return Box(top, left, bottom, right)


def about(places: NDArray[np.float64], reach: float, size: tuple[int, int]) -> Box | None:
    """The part of a canvas (width, height) within `reach` of places (N, 2); None if no part."""
    left, top = np.floor(places.min(0) - reach).astype(int).tolist()
    right, bottom = np.ceil(places.max(0) + reach).astype(int).tolist()
    box = Box(max(top, 0), max(left, 0), min(bottom, size[1]), min(right, size[0]))
    return box if box.height > 1 and box.width > 1 else None


def _grown(low: int, high: int, margin: int, side: int, multiple: int) -> tuple[int, int]:
    low, high = max(0, low - margin), min(side, high + margin)
    missing = -(high - low) % multiple
    low = max(0, low - missing // 2)
    high = min(side, high + -(high - low) % multiple)
    low = max(0, low - -(high - low) % multiple)
    return low, high


def unchanged(first: Picture, last: Picture) -> NDArray[np.bool_]:
    """(H, W) true where both keys show the same; all that is fully transparent is the same."""
    one, two = first.pixels, last.pixels
    if first.depth != last.depth:
        one, two = _sixteen(one), _sixteen(two)
    same = (one == two).all(2)
    same |= (one[..., 3] == 0) & (two[..., 3] == 0)
    return same


def _sixteen(pixels: Pixels) -> Pixels:
    # 257 takes 255 to 65535, and every level between to the same share of white.
    return pixels if pixels.dtype == np.uint16 else pixels.astype(np.uint16) * np.uint16(257)


def bounding_box(changed: NDArray[np.bool_]) -> Box | None:
    """The smallest box around all that is true; None where nothing is."""
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if len(rows) == 0:
        return None
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def drawn(same: NDArray[np.bool_], multiple: int) -> Box | None:
    """The part that a painter is to see; None where there is nothing to draw.

    Args:
        same: (H, W) true where both keys show the same.
        multiple: of the painter, which its sides are brought to.
    """
    box = bounding_box(~same)
    height, width = same.shape
    return box.grown(MARGIN, height, width, multiple) if box else None


def tiles(height: int, width: int, tier: Tier) -> Iterator[Box]:
    """Squares of `tier.tile` that cover the area and overlap by at least a quarter."""
    step = tier.tile * 3 // 4
    for top, bottom in _spans(height, tier.tile, step):
        for left, right in _spans(width, tier.tile, step):
            yield Box(top, left, bottom, right)


def _spans(side: int, tile: int, step: int) -> Iterator[tuple[int, int]]:
    if side <= tile:
        yield 0, side
        return
    count = -(-(side - tile) // step) + 1
    for index in range(count):
        start = (side - tile) * index // (count - 1)
        yield start, start + tile
