"""Reading pictures between their pixels, in whole numbers: the same bytes on any machine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.floating[Any]]
"""float32 everywhere; numpy's own types widen what is multiplied by a number."""


_STEPS = 256
"""Places between two pixels that are told apart."""


def premultiplied(picture: U8) -> U8:
    """(H, W, 4) straight to premultiplied, rounded."""
    alpha = picture[..., 3:].astype(np.uint16)
    colour = (picture[..., :3] * alpha + 127) // 255
    return np.concatenate([colour.astype(np.uint8), picture[..., 3:]], 2)


def straight(picture: U8) -> U8:
    """(H, W, 4) premultiplied to straight; fully transparent pixels are 0."""
    alpha = picture[..., 3:].astype(np.uint16)
    colour = (picture[..., :3] * np.uint16(255) + alpha // 2) // np.maximum(alpha, 1)
    return np.concatenate([np.minimum(colour, 255).astype(np.uint8), picture[..., 3:]], 2)


def over(front: U8, back: U8) -> U8:
    """(H, W, 4) a premultiplied picture over another."""
    through = 255 - front[..., 3:].astype(np.uint16)
    return (front + (back * through + 127) // 255).astype(np.uint8)


def halved(picture: U8) -> U8:
    """(2H, 2W, C) to (H, W, C): the rounded mean of every four pixels."""
    rows = picture[::2].astype(np.uint16) + picture[1::2]
    return ((rows[:, ::2] + rows[:, 1::2] + 2) >> 2).astype(np.uint8)


def looked_up(picture: U8, x: F32, y: F32, clear: bool = False) -> U8:
    """A picture at any places, from the four pixels around each.

    Args:
        picture: (H, W, C), premultiplied where it has alpha.
        x, y: (h, w) px; pixel centres lie at halves.
        clear: True makes what lies beyond the picture 0, False repeats its edge.

    Returns:
        (h, w, C) uint8.
    """
    if clear:
        picture = np.pad(picture, ((1, 1), (1, 1), (0, 0)))
        x, y = x + 1, y + 1
    height, width = picture.shape[:2]
    across, right = _split(x, width)
    down, below = _split(y, height)
    flat = picture.reshape(height * width, -1).astype(np.int32)
    at = down * width + across
    next_x, next_y = (across < width - 1).astype(np.int64), (down < height - 1) * width
    right, below = right[..., None], below[..., None]
    upper = flat[at] * (_STEPS - right) + flat[at + next_x] * right
    lower = flat[at + next_y] * (_STEPS - right) + flat[at + next_x + next_y] * right
    total = upper * (_STEPS - below) + lower * below
    return ((total + _STEPS * _STEPS // 2) // (_STEPS * _STEPS)).astype(np.uint8)


def nearest(values: NDArray, x: F32, y: F32) -> tuple[NDArray, NDArray[np.bool_]]:
    """Values (H, W, ...) of the pixels that places fall in, and whether they lie on the canvas."""
    height, width = values.shape[:2]
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    return values[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)], inside


def centres(size: int) -> tuple[F32, F32]:
    """(size, size) x and y of the pixel centres of a square."""
    line = np.arange(size, dtype=np.float32) + np.float32(0.5)
    x, y = np.meshgrid(line, line)
    return x, y


def _split(place: F32, count: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The pixel before each place, and how far on it lies, in steps."""
    steps = np.floor((place - np.float32(0.5)) * np.float32(_STEPS) + np.float32(0.5))
    steps = np.clip(steps, 0, (count - 1) * _STEPS).astype(np.int64)
    return steps // _STEPS, (steps % _STEPS).astype(np.int32)
