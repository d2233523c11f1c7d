"""Drawings whose edges were made soft: what a judge of drawings must not take for one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

_WEAK, _STRONG = 60.0, 140.0
_REACH = 5
"""Width of the surroundings of an edge that are smoothed, and of the smoothing, in pixels."""


def smoothed(drawing: U8) -> U8:
    """A drawing (H, W, 3) with soft edges, all else as it was.

    Edges are found by Canny's detector, widened, and smoothed by a Gaussian: Y. Chen, Y.-K. Lai,
    Y.-J. Liu, "CartoonGAN: Generative Adversarial Networks for Photo Cartoonization", CVPR 2018,
    section 3.2.1.
    """
    grey = cv2.cvtColor(drawing, cv2.COLOR_RGB2GRAY)
    edges = cv2.dilate(cv2.Canny(grey, _WEAK, _STRONG), np.ones((_REACH, _REACH), np.uint8))
    soft = cv2.GaussianBlur(drawing, (_REACH, _REACH), 0)
    return np.where(edges[..., None] > 0, soft, drawing).astype(np.uint8)
