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
_LEAST_SHARE = 0.0005
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
        colours, counts = _histogram(key.pixels)
        if len(colours) == 0:
            continue
        for colour, share in _alone(colours.astype(np.float32) / np.float32(key.white), counts):
            shares[colour] = shares.get(colour, 0.0) + share / 2
    ranked = sorted(shares.items(), key=lambda item: -item[1])[:_MOST_COLOURS]
    colours = np.array([colour for colour, _ in ranked], np.float32).reshape(-1, 4)
    return Palette(colours, sum(share for _, share in ranked))


def _histogram(pixels: Pixels) -> tuple[Pixels, NDArray[np.int64]]:
    """Visible colours (N, 4) and how many of a sample of the pixels have each."""
    # Whole rows, evenly spread: fast to gather, and good enough for areas.
    step = max(1, pixels.shape[0] * pixels.shape[1] // _SAMPLE)
    packed, counts = np.unique(_packed(pixels[::step]), return_counts=True)
    colours = packed[:, None].view(pixels.dtype).reshape(-1, 4)
    visible = colours[:, 3] > 0
    return colours[visible], counts[visible]


def _alone(
    colours: NDArray[np.float32], counts: NDArray[np.int64]
) -> list[tuple[tuple[float, ...], float]]:
    """Colours that cover an area and have no crowd around them, with their shares."""
    total = int(counts.sum())
    found = []
    for index in counts.argsort()[::-1][:_MOST_COLOURS]:
        if counts[index] < max(8, _LEAST_SHARE * total):
            break
        near = (np.abs(colours - colours[index]) <= TOLERANCE).all(1)
        if counts[near].sum() <= counts[index] * (1 + _CROWD):
            found.append((tuple(colours[index].tolist()), counts[index] / total))
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
