"""Drawings whose edges were made soft: what a judge of drawings must not take for one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from genani.scene.picture import Picture

U8 = NDArray[np.uint8]

_WEAK, _STRONG = 60.0, 140.0
REACH = 5
"""Width of the surroundings of an edge that are smoothed, and of the smoothing, in pixels."""


def smoothed(drawing: U8) -> U8:
    """A drawing (H, W, 3) with soft edges, all else as it was.

    Edges are found by Canny's detector, widened, and smoothed by a Gaussian: Y. Chen, Y.-K. Lai,
    Y.-J. Liu, "CartoonGAN: Generative Adversarial Networks for Photo Cartoonization", CVPR 2018,
    section 3.2.1.
    """
    grey = cv2.cvtColor(drawing, cv2.COLOR_RGB2GRAY)
    edges = cv2.dilate(cv2.Canny(grey, _WEAK, _STRONG), np.ones((REACH, REACH), np.uint8))
    soft = cv2.GaussianBlur(drawing, (REACH, REACH), 0)
    return np.where(edges[..., None] > 0, soft, drawing).astype(np.uint8)


def smoothed_picture(picture: Picture, reach: int = REACH) -> Picture:
    """A picture with soft edges, of the same size, depth, alpha and colour tag.

    Colours are smoothed together with their alpha, so that nothing of what cannot be seen comes
    into what can; the alpha itself stays, and pixels of none have no colour.

    Args:
        picture: any.
        reach: width of what is smoothed around an edge, and of the smoothing, in pixels; odd.
    """
    straight = picture.pixels.astype(np.float32) / np.float32(picture.white)
    alpha = straight[..., 3:]
    rgba = np.dstack((straight[..., :3] * alpha, alpha))
    on_white = (rgba[..., :3] + 1 - alpha).clip(0, 1) * 255
    grey = cv2.cvtColor(np.rint(on_white).astype(np.uint8), cv2.COLOR_RGB2GRAY)
    edges = cv2.dilate(cv2.Canny(grey, _WEAK, _STRONG), np.ones((reach, reach), np.uint8))
    soft = cv2.GaussianBlur(rgba, (reach, reach), 0)
    colours = soft[..., :3] / np.maximum(soft[..., 3:], 1e-6)
    drawn = np.rint(colours.clip(0, 1) * picture.white).astype(picture.pixels.dtype)
    pixels = picture.pixels * (picture.pixels[..., 3:] > 0)
    where = (edges > 0)[..., None] & (pixels[..., 3:] > 0)
    np.copyto(pixels[..., :3], drawn, where=where)
    pixels.flags.writeable = False
    return Picture(pixels, picture.icc)
