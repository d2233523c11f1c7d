"""Where on a picture the parts of a face are, by their drawn outlines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from genani.face.edges import aperture
from genani.face.mesh import BROWS, CONTOURS, LIDS, FloatArray
from genani.scene.face import FacePart

_LIPS = CONTOURS["outer lips"]

_OUTLINES: Mapping[FacePart, tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]] = {
    FacePart.MOUTH: ((_LIPS[:11], (_LIPS[0], *_LIPS[:9:-1])),),
    FacePart.EYES: tuple(
        ((lid.outer, *lid.upper, lid.inner), (lid.outer, *lid.lower, lid.inner)) for lid in LIDS
    ),
    FacePart.BROWS: BROWS,
}
"""Upper and lower edge of each part that has an outline of its own."""


def covered(
    points: FloatArray, parts: Iterable[FacePart], size: tuple[int, int]
) -> NDArray[np.bool_]:
    """(H, W) true on pixels whose middle lies within the outlines of parts.

    Args:
        points: (478, 2 or 3) in pixels of the picture.
        parts: which; jaw and head have no outline, and cover nothing.
        size: (H, W).
    """
    found = np.zeros(size, bool)
    for part in parts:
        for upper, lower in _OUTLINES.get(part, ()):
            curves = points[list(upper), :2], points[list(lower), :2]
            both = np.concatenate(curves)
            low = np.clip(np.floor(both.min(0)), 0, size[::-1]).astype(int)
            high = np.clip(np.ceil(both.max(0)), 0, size[::-1]).astype(int)
            y, x = np.mgrid[low[1] : high[1], low[0] : high[0]] + 0.5
            if not x.size:
                continue
            inside = aperture(np.stack([x.ravel(), y.ravel()], 1), *curves) > 0
            found[low[1] : high[1], low[0] : high[0]] |= inside.reshape(x.shape)
    return found
