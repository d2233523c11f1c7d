"""A quick look at what a drawing would be with its face elsewhere: coarse, but at once."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import CONTOURS, PINS, array_of
from genani.face.warp import Warp, backward
from genani.scene.face import Landmarks

NODES = 28
"""Of the map's grid: what lies between is a matter for the engine."""

Pixels = NDArray[np.uint8]


def draft(
    pixels: Pixels, before: Landmarks, after: Landmarks, scale: float
) -> tuple[tuple[int, int, int, int], Pixels] | None:
    """The part of a small picture that changes when its face goes elsewhere; None if none does.

    Args:
        pixels: (h, w, 4) uint8, premultiplied.
        before, after: the face on the canvas.
        scale: pixels of the small picture for one of the canvas.

    Returns:
        Left, top, right and bottom in the small picture, and what is there then, of its kind.
    """
    height, width = pixels.shape[:2]
    start, end = (array_of(each) * scale for each in (before, after))
    warp = backward(start, end, _knots(), NODES)
    left, top = max(warp.box[0], 0), max(warp.box[1], 0)
    right, bottom = min(warp.box[2], width), min(warp.box[3], height)
    if warp.still or left >= right or top >= bottom:
        return None
    box = left, top, right, bottom
    return box, _sampled(pixels, _moved(warp, box))


@cache
def _knots() -> NDArray[np.int64]:
    """Half of the outlines, and the pins."""
    lines = {point for line in CONTOURS.values() for point in line[::2]}
    return np.array(sorted(lines | set(PINS.values())))


def _moved(warp: Warp, box: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """(2, h, w) x and y in the picture before of each pixel of a box in the picture after."""
    left, top, right, bottom = box
    x, y = np.arange(left, right, dtype=np.float32), np.arange(top, bottom, dtype=np.float32)
    inner = Warp(
        (warp.box[0] - left, warp.box[1] - top, warp.box[2] - left, warp.box[3] - top), warp.nodes
    )
    field = inner.dense((right - left, bottom - top))
    return np.stack([x + field[..., 0], y[:, None] + field[..., 1]]).astype(np.float32)


def _sampled(pixels: Pixels, places: NDArray[np.float32]) -> Pixels:
    """(h, w, 4) uint8, bilinear, the border repeated."""
    height, width = pixels.shape[:2]
    x = np.clip(places[0], 0, width - 1.001)
    y = np.clip(places[1], 0, height - 1.001)
    column, row = x.astype(np.int32), y.astype(np.int32)
    u, v = ((x - column) * 256).astype(np.int32), ((y - row) * 256).astype(np.int32)
    # A pixel is one number, so that each tap is looked up once for all channels.
    whole = pixels.view(np.uint32)[..., 0]
    at = row * width + column
    flat = whole.ravel()
    taps = (flat[at], flat[at + 1], flat[at + width], flat[at + width + 1])
    weights = ((256 - u) * (256 - v), u * (256 - v), (256 - u) * v, u * v)
    result = np.zeros(column.shape, np.uint32)
    for shift in (0, 8, 16, 24):
        total = sum(
            ((tap >> shift) & 255).astype(np.int32) * weight
            for tap, weight in zip(taps, weights, strict=True)
        )
        result |= (np.asarray(total + 32768, np.uint32) >> 16) << np.uint32(shift)
    return result[..., None].view(np.uint8)
