"""What changes from one picture to the next: the only part an animation file has to store."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genani.scene.picture import Picture

Box = tuple[int, int, int, int]
"""Left, top, width, height, in pixels."""

PIXEL: Box = (0, 0, 1, 1)


def box(mask: NDArray[np.bool_]) -> Box:
    """The smallest box around what is set in a (height, width) mask; one pixel if nothing is."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return PIXEL
    left, top = int(columns[0]), int(rows[0])
    return left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top


def changed(before: Picture | None, picture: Picture) -> Box:
    """The box of what differs from the picture before; the whole if there is none."""
    if before is None:
        return 0, 0, *picture.size
    return box((before.pixels != picture.pixels).any(2))


def cut(picture: Picture, part: Box) -> Picture:
    """The pixels inside a box, with the picture's profile."""
    left, top, width, height = part
    return Picture(picture.pixels[top : top + height, left : left + width], picture.icc)
