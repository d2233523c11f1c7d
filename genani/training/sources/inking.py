"""Photos as a plain filter draws them: even areas, dark lines.

After H. Winnemöller, S. C. Olsen, B. Gooch, "Real-Time Video Abstraction", ACM SIGGRAPH 2006.
"""

from __future__ import annotations

import cv2
import numpy as np

from genani.training.sources.sampling import U8

_PASSES, _REACH, _TONES, _NEAR = 4, 7, 30.0, 2.0
"""Of the bilateral filter: how often, its width in pixels, and how far tones and places may lie."""

_LINE, _RATIO, _SHARE, _STEEP = 0.9, 1.6, 0.98, 48.0
"""Of the lines: half their width in pixels, and how a difference of Gaussians becomes ink."""

_LEVELS, _CRISP = 7.0, 3.0
"""Steps of brightness, and how hard they are."""

_INK = 0.12
"""Brightness of a line in full."""


def inked(picture: U8) -> U8:
    """(H, W, 3) of the same shape, of an opaque picture."""
    flat: np.ndarray = picture
    for _ in range(_PASSES):
        flat = cv2.bilateralFilter(flat, _REACH, _TONES, _NEAR)
    lab = cv2.cvtColor(flat.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    bright = lab[..., 0] / 100
    near, far = (cv2.GaussianBlur(bright, (0, 0), _LINE * each) for each in (1.0, _RATIO))
    line = np.clip(1 + np.tanh(_STEEP * (near - _SHARE * far)), 0, 1)
    steps = bright * _LEVELS
    middle = np.floor(steps) + 0.5
    lab[..., 0] = (middle + np.tanh((steps - middle) * _CRISP) / 2) / _LEVELS * 100
    drawn = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB).clip(0, 1)
    drawn = drawn * (_INK + (1 - _INK) * line[..., None])
    return (drawn * 255 + 0.5).astype(np.uint8)
