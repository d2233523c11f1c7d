"""Flat art keeps its flat colours: the palette of the keys, and painted pixels snapped to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genani.scene.picture import Picture, Pixels

TOLERANCE = 10 / 255
"""A flat painted pixel is snapped to a palette colour no farther than this in any channel."""

_FLAT_RANGE = 8 / 255
"""A place is flat where its 3 x 3 neighbourhood spans no more than this in any channel."""

_MOST_COLOURS = 64
_LEAST_SHARE = 0.0003
"""Share of the visible pixels that a palette colour covers, at least."""

_CROWD = 0.2
"""A colour with more than this share of its own pixels close around it is part of a shading."""

_FLAT_COVER = 0.6
"""Flat art: the palette covers at least this share of the visible pixels."""

_SAMPLE = 1_000_000


@dataclass(frozen=True)
class Palette:
    """The flat colours of two keys.

    Attributes:
        colours: (N, 4) float32, straight RGBA in 0..1; N may be 0.
        cover: share of the keys' visible pixels that have one of these colours exactly.
    """

    colours: NDArray[np.float32]
    cover: float

    @property
    def is_flat_art(self) -> bool:
        """True where few colours cover most of the drawing."""
        return len(self.colours) > 0 and self.cover >= _FLAT_COVER


def palette_of(first: Picture, last: Picture) -> Palette:
    """The colours that cover whole areas of the keys and stand alone.

    A colour stands alone if hardly any pixel of the keys has almost, but not quite, that
    colour. That keeps out photographs, gradients and soft shading, where snapping would band.
    """
    shares: dict[tuple[float, ...], float] = {}
    for key in (first, last):
        for colour, share in _alone(_histogram(key.pixels), key.white):
            shares[colour] = shares.get(colour, 0.0) + share / 2
    ranked = sorted(shares.items(), key=lambda item: -item[1])[:_MOST_COLOURS]
    colours = np.array([colour for colour, _ in ranked], np.float32).reshape(-1, 4)
    return Palette(colours, sum(share for _, share in ranked))


@dataclass(frozen=True)
class _Histogram:
    """The visible colours of a sample of a picture's pixels.

    Attributes:
        colours: (N, 4), straight.
        counts: (N,) pixels of each.
        areas: (N,) of these, those whose neighbours to the right and below are the same.
    """

    colours: Pixels
    counts: NDArray[np.int64]
    areas: NDArray[np.int64]


def _histogram(pixels: Pixels) -> _Histogram:
    # Whole rows, evenly spread: fast to gather, and good enough for areas.
    step = max(1, pixels.shape[0] * pixels.shape[1] // _SAMPLE)
    rows = _packed(pixels[: pixels.shape[0] - 1 : step])
    below = _packed(pixels[1::step])[: len(rows)]
    same = np.zeros(rows.shape, bool)
    same[:, :-1] = (rows[:, :-1] == rows[:, 1:]) & (rows == below)[:, :-1]
    packed, place, counts = np.unique(rows, return_inverse=True, return_counts=True)
    areas = np.bincount(place.ravel(), same.ravel(), len(packed)).astype(np.int64)
    colours = packed[:, None].view(pixels.dtype).reshape(-1, 4)
    visible = colours[:, 3] > 0
    return _Histogram(colours[visible], counts[visible], areas[visible])


def _alone(art: _Histogram, white: int) -> list[tuple[tuple[float, ...], float]]:
    """Colours that cover an area and have no crowd around them, with their shares."""
    total = int(art.counts.sum())
    colours = art.colours.astype(np.float32) / np.float32(white)
    found = []
    for index in art.areas.argsort()[::-1][:_MOST_COLOURS]:
        if art.areas[index] < max(4, _LEAST_SHARE * total):
            break
        near = (np.abs(colours - colours[index]) <= TOLERANCE).all(1)
        if art.counts[near].sum() <= art.counts[index] * (1 + _CROWD):
            found.append((tuple(colours[index].tolist()), art.counts[index] / total))
    return found


def snapped(pixels: Pixels, palette: Palette) -> Pixels:
    """Flat painted places of straight (H, W, 4) pixels, given exactly their palette colour.

    Only places that are flat, visible and within `TOLERANCE` of a palette colour change; the
    ramps of smoothed edges span more than flat places do and stay as painted.
    """
    if len(palette.colours) == 0:
        return pixels
    white = int(np.iinfo(pixels.dtype).max)
    colours = np.rint(palette.colours * white).astype(pixels.dtype)
    wrong = ~np.isin(_packed(pixels), _packed(colours)) & (pixels[..., 3] > 0)
    places = np.nonzero(wrong & _flat(pixels, round(_FLAT_RANGE * white)))
    result = pixels[places]
    # Channels apart: the largest of four rows is found much faster than that of four columns.
    made = np.ascontiguousarray(result.T, np.int32)
    best = np.full(len(result), round(TOLERANCE * white) + 1, np.int32)
    for colour in colours:
        off = np.abs(made - colour.astype(np.int32)[:, None]).max(0)
        nearer = off < best
        best[nearer] = off[nearer]
        result[nearer] = colour
    out = pixels.copy()
    out[places] = result
    return out


def _packed(pixels: Pixels) -> NDArray[np.unsignedinteger[Any]]:
    """Each pixel as one number, the last axis gone."""
    kind = np.uint64 if pixels.dtype == np.uint16 else np.uint32
    return np.ascontiguousarray(pixels).view(kind)[..., 0]


def _flat(pixels: Pixels, most: int) -> NDArray[np.bool_]:
    """(H, W) true where no channel of the 3 x 3 neighbourhood spans over `most`."""
    import cv2

    square = np.ones((3, 3), np.uint8)
    span = cv2.subtract(cv2.dilate(pixels, square), cv2.erode(pixels, square))
    return np.asarray(cv2.inRange(span, np.zeros(4), np.full(4, float(most)))) > 0
