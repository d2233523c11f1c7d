"""Boxes of drawn faces by a cascade of local binary patterns, where the person has one.

T. Ahonen et al., "Face Recognition with Local Binary Patterns", ECCV 2004; the cascade is
nagadomi's `lbpcascade_animeface`. OpenCV 5 ships no cascades of its own, and on drawings those
of OpenCV 4 find less than MediaPipe's box detector. Runs in the detector's process.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_STEP, _NEIGHBOURS = 1.1, 3
_SMALLEST = 24
_ENOUGH = 12
"""Boxes that agree on a face from which there is no doubt of it."""


def boxes(pixels: Any, path: str) -> list[tuple[tuple[float, float, float, float], float]]:
    """Boxes (left, top, right, bottom in pixels) with their scores, 0 to 1, the best first.

    Args:
        pixels: (H, W, 3) uint8 sRGB.
        path: the cascade's file.

    Raises:
        OSError: the file is no cascade.
    """
    import cv2

    cascade = cv2.CascadeClassifier()
    try:
        loaded = cascade.load(path)
    except cv2.error:
        loaded = False
    if not loaded:
        raise OSError(f"'{path}' is no face cascade")
    grey = cv2.equalizeHist(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY))
    found, counts = cascade.detectMultiScale2(
        grey, scaleFactor=_STEP, minNeighbors=_NEIGHBOURS, minSize=(_SMALLEST, _SMALLEST)
    )
    scored = [
        ((float(x), float(y), float(x + w), float(y + h)), min(1.0, float(count) / _ENOUGH))
        for (x, y, w, h), count in zip(found, np.ravel(counts), strict=True)
    ]
    return sorted(scored, key=lambda each: each[1], reverse=True)
