"""Pictures moved along a face's warp, and what a warp between two faces goes by."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from genani.engines import tensor
from genani.engines.region import Box
from genani.face.mesh import LIDS, MOUTH, FloatArray, Lid, opening
from genani.face.warp import Warp
from genani.face.warp_torch import sampled
from genani.scene.picture import Picture, Pixels

_APERTURE_CHANGE = 0.3
"""Change of an opening, in shares of the wider one, from which its edges are left alone."""

LEAST_APERTURE = 0.08
"""Openings narrower than this on both keys are shut, whatever their ratio."""


def knots_of(first: FloatArray, last: FloatArray) -> NDArray[np.int64]:
    """The points that two keys are aligned by: not the edges of what opens or shuts.

    Args:
        first, last: (478, 2 or 3) points on the keys.
    """
    left_out: set[int] = set()
    for lid in (*LIDS, MOUTH):
        if _changes(first, last, lid):
            left_out |= {*lid.upper, *lid.lower, *lid.iris}
    return np.array([i for i in range(len(first)) if i not in left_out])


def moved(picture: Picture, warp: Warp, device: torch.device) -> Picture:
    """A picture with its face moved, of the same depth and colours.

    Pixels that do not move are the same, bit for bit.
    """
    if warp.still:
        return picture
    warped = sampled(tensor.premultiplied(picture.pixels, device), warp)
    pixels = tensor.straight_pixels(warped, picture.depth)
    kept = (warp.dense(picture.size) == 0).all(2)
    np.copyto(pixels, picture.pixels, where=kept[..., None])
    return Picture(pixels, picture.icc)


def blended(under: Picture, over: Picture, share: NDArray[np.float32], box: Box) -> Picture:
    """A picture with another laid into a box of it, mixed premultiplied; 0 keeps it bit for bit.

    Args:
        under: the whole picture.
        over: of the box's size.
        share: (h, w) of the other, 0 to 1.
    """
    below, above = (tensor.premultiplied(p) for p in (under.pixels[box.cut], over.pixels))
    mixed = torch.lerp(below, above, torch.from_numpy(share))
    pixels: Pixels = under.pixels.copy()
    np.copyto(
        pixels[box.cut], tensor.straight_pixels(mixed, under.depth), where=(share > 0)[..., None]
    )
    return Picture(pixels, under.icc)


def _changes(one: FloatArray, two: FloatArray, lid: Lid) -> bool:
    gaps = opening(one, lid), opening(two, lid)
    return abs(gaps[0] - gaps[1]) > max(_APERTURE_CHANGE * max(gaps), LEAST_APERTURE)
