"""Measures for drawn art: colours nobody chose, and lines that went astray."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from genani.training.metrics import Image, Mask, opencv

_BITS = 6
_STEP = 1 << (8 - _BITS)
LINE_THRESHOLDS = (60.0, 140.0)
"""Weak and strong gradient of a line for Canny's detector, in levels of 255."""


class Palette:
    """The colours of the two keys, kept as a table of 64 x 64 x 64 cells.

    A colour belongs if a key has a colour in its cell or one next to it (diagonals too): every
    colour within 4 levels of 255 in each channel belongs, none further than 7 does.
    """

    def __init__(self, first: Image, last: Image) -> None:
        side = 1 << _BITS
        table = np.zeros((side + 2,) * 3, np.uint8)
        for key in (first, last):
            red, green, blue = (_cells(key) + 1).reshape(-1, 3).T
            table[red, green, blue] = 1
        for axis in range(3):
            table = table | np.roll(table, 1, axis) | np.roll(table, -1, axis)
        self._table = table[1:-1, 1:-1, 1:-1].astype(bool)

    def holds(self, image: Image) -> Mask:
        """(H, W) bool: true where the colour is one of the keys'."""
        red, green, blue = np.moveaxis(_cells(image), -1, 0)
        return self._table[red, green, blue]

    def strangers(self, image: Image, where: Mask) -> float | None:
        """Percent of the pixels of `where` whose colour no key has; None where there are none."""
        count = int(where.sum())
        return 100 * float((~self.holds(image) & where).sum()) / count if count else None


def _cells(image: Image) -> NDArray[np.intp]:
    levels = np.clip(np.rint(image * 255), 0, 255).astype(np.intp)
    return levels // _STEP


def lines(image: Image) -> Mask:
    """Where the lines and outlines are: (H, W) bool, one pixel wide.

    J. Canny, "A Computational Approach to Edge Detection", IEEE PAMI 8(6), 1986, on the luma.
    """
    cv2 = opencv()
    levels = np.clip(np.rint(image * 255), 0, 255).astype(np.uint8)
    grey = cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY)
    return cv2.Canny(grey, *LINE_THRESHOLDS, L2gradient=True) > 0


def line_distance(result: Mask, truth: Mask) -> float:
    """Chamfer distance between two drawings of lines, in pixels; lower is better.

    The mean distance from a line pixel of one to the nearest of the other, averaged over both
    directions: lines out of place, lines missing and lines too many all count. Where only one of
    the two has lines at all, the diagonal of the picture. The measure of S. Chen and M. Zwicker,
    "Improving the Perceptual Quality of 2D Animation Interpolation", ECCV 2022, in pixels.
    """
    if not result.any() and not truth.any():
        return 0.0
    if not result.any() or not truth.any():
        return math.hypot(*truth.shape)
    there = _distance_to(truth)[result].mean()
    back = _distance_to(result)[truth].mean()
    return float(there + back) / 2


def _distance_to(mask: Mask) -> NDArray[np.float32]:
    cv2 = opencv()
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
