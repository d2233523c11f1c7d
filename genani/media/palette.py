"""One palette for a whole animation, and pictures mapped to it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genani.media.colour import Pixels8
from genani.media.options import Dither

Packed = NDArray[np.unsignedinteger[Any]]
"""Colours as one number each: red * 65536 + green * 256 + blue."""

_MAX_COUNTED = 1 << 17
_SAMPLES = 1 << 14
_EYE = np.sqrt(np.array([2, 4, 3], np.float32))
"""Weights of red, green and blue in distances, near to what the eye sees."""

_BAYER = np.array(
    [
        [0, 32, 8, 40, 2, 34, 10, 42],
        [48, 16, 56, 24, 50, 18, 58, 26],
        [12, 44, 4, 36, 14, 46, 6, 38],
        [60, 28, 52, 20, 62, 30, 54, 22],
        [3, 35, 11, 43, 1, 33, 9, 41],
        [51, 19, 59, 27, 49, 17, 57, 25],
        [15, 47, 7, 39, 13, 45, 5, 37],
        [63, 31, 55, 23, 61, 29, 53, 21],
    ],
    np.float32,
)
"""Order of thresholds (Bayer, An optimum method for two-level rendition, 1973)."""


def packed(rgb: Pixels8) -> Packed:
    """(..., 3) uint8 colours as (...) numbers below 2**24."""
    wide = rgb.astype(np.uint32)
    return (wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]).astype(np.uint32, copy=False)


def unpacked(colours: Packed) -> Pixels8:
    """The (..., 3) uint8 colours behind `packed` numbers."""
    return np.stack([colours >> 16 & 255, colours >> 8 & 255, colours & 255], -1).astype(np.uint8)


class ColourCount:
    """How often each colour occurs in many pictures, in bounded memory.

    Over `_MAX_COUNTED` different colours, those that agree in the upper 6 bits of each channel
    are counted as the most frequent of them; flat art never gets there.
    """

    def __init__(self) -> None:
        self.colours: Packed = np.empty(0, np.uint32)
        self.counts = np.empty(0, np.int64)

    def add(self, colours: Packed) -> None:
        """Count these packed colours (any shape)."""
        new, counts = np.unique(colours, return_counts=True)
        both, where = np.unique(np.concatenate([self.colours, new]), return_inverse=True)
        total = np.zeros(len(both), np.int64)
        np.add.at(total, where, np.concatenate([self.counts, counts]))
        self.colours, self.counts = both, total
        if len(both) > _MAX_COUNTED:
            self._fold()

    def _fold(self) -> None:
        order = np.argsort(-self.counts, kind="stable")
        bins = self.colours[order] & 0xFCFCFC
        _, first, where = np.unique(bins, return_index=True, return_inverse=True)
        total = np.zeros(len(first), np.int64)
        np.add.at(total, where, self.counts[order])
        self.colours, self.counts = self.colours[order][first], total


def build(count: ColourCount, size: int) -> Pixels8:
    """The best palette of at most `size` colours for all that was counted.

    Where no more colours occur, the palette is exactly those. Else: median cut (Heckbert 1982) on
    the most frequent colours, weighted by the square root of their area so that small features
    keep their colour; then each entry moves to its cluster's mean, or, where one colour makes up
    half of the cluster, to that very colour, so that flat areas stay exact.

    Args:
        count: the colours of all pictures.
        size: entries at most, 1 or more.

    Returns:
        (n, 3) uint8, n of 1 to `size`, no colour twice.
    """
    if len(count.colours) <= size:
        return unpacked(count.colours) if len(count.colours) else np.zeros((1, 3), np.uint8)
    top = np.argsort(-count.counts, kind="stable")[:_SAMPLES]
    colours = unpacked(count.colours[top])
    weights = np.sqrt(count.counts[top].astype(np.float64))
    repeats = np.maximum(1, np.round(weights * (200_000 / weights.sum()))).astype(np.int64)
    line = np.repeat(colours, repeats, axis=0)
    image = Image.fromarray(line[None])
    cut = image.quantize(size, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    entries = np.asarray(cut.getpalette(), np.uint8).reshape(-1, 3)[:size]
    return _settled(np.unique(entries, axis=0), colours, count.counts[top])


def _settled(entries: Pixels8, colours: Pixels8, counts: NDArray[np.int64]) -> Pixels8:
    owner = nearest(colours, entries)
    settled: list[NDArray[Any]] = []
    for index in range(len(entries)):
        mine, weight = colours[owner == index], counts[owner == index]
        if not len(mine):
            continue
        common = weight.argmax()
        if weight[common] * 2 >= weight.sum():
            settled.append(mine[common])
        else:
            settled.append(np.round(np.average(mine, axis=0, weights=weight)))
    return np.unique(np.array(settled, np.uint8), axis=0)


def nearest(colours: Pixels8, entries: Pixels8) -> NDArray[np.uint8]:
    """The index of the entry nearest to each of the (n, 3) colours; exact matches win."""
    targets = entries.astype(np.float32) * _EYE
    square = (targets**2).sum(1)
    found = np.empty(len(colours), np.uint8)
    for at in range(0, len(colours), 1 << 14):
        part = colours[at : at + (1 << 14)].astype(np.float32) * _EYE
        found[at : at + (1 << 14)] = (square - 2 * part @ targets.T).argmin(1)
    return found


def _spacing(entries: Pixels8) -> float:
    """The usual distance from a palette entry to its neighbour: how far a pattern must reach."""
    if len(entries) < 2:
        return 0
    apart = np.abs(entries[:, None].astype(np.int16) - entries).max(2)
    np.fill_diagonal(apart, 255)
    return float(np.median(apart.min(1)))


class Mapper:
    """Maps pictures to palette indices; remembers every colour it has met."""

    def __init__(self, entries: Pixels8, dither: Dither = Dither.NONE) -> None:
        self.entries = entries
        self._dither = dither
        self._known = np.full(1 << 24, -1, np.int16)
        self._exact = np.zeros(1 << 24, np.bool_)
        self._exact[packed(entries)] = True
        self._reach = _spacing(entries)

    def indices(self, rgb: Pixels8) -> NDArray[np.uint8]:
        """(height, width) uint8 palette indices of (height, width, 3) uint8 colours.

        Pixels that have a colour of the palette keep it, whatever the dither.
        """
        plain = self._mapped(rgb)
        if self._dither is Dither.NONE:
            return plain
        mixed = self._floyd(rgb) if self._dither is Dither.FLOYD else self._bayer(rgb)
        return np.where(self._exact[packed(rgb)], plain, mixed)

    def _mapped(self, rgb: Pixels8) -> NDArray[np.uint8]:
        codes = packed(rgb)
        found = self._known[codes]
        if (found < 0).any():
            new = np.unique(codes[found < 0])
            self._known[new] = nearest(unpacked(new), self.entries)
            found = self._known[codes]
        return found.astype(np.uint8)

    def _bayer(self, rgb: Pixels8) -> NDArray[np.uint8]:
        height, width = rgb.shape[:2]
        tiles = np.tile(_BAYER, (height // 8 + 1, width // 8 + 1))[:height, :width]
        shift = ((tiles + 0.5) / 64 - 0.5) * self._reach
        shifted = np.clip(np.round(rgb + shift[..., None]), 0, 255)
        # 6 bits a channel are plenty under a pattern, and bound the number of searches.
        return self._mapped((shifted.astype(np.uint8) & 0xFC | 1).astype(np.uint8, copy=False))

    def _floyd(self, rgb: Pixels8) -> NDArray[np.uint8]:
        # Filled up with the last colour: Pillow fills up with black, and would then use it.
        spare = np.repeat(self.entries[-1:], 256 - len(self.entries), axis=0)
        carrier = Image.new("P", (1, 1))
        carrier.putpalette(np.concatenate([self.entries, spare]).tobytes())
        image = Image.fromarray(rgb).quantize(palette=carrier, dither=Image.Dither.FLOYDSTEINBERG)
        return np.minimum(np.asarray(image), len(self.entries) - 1).astype(np.uint8)
