"""What of an attachment parts of the face's own drawing hide: each key may tell its own shape.

Between two keys that tell different shapes, both are carried along with the face and the shape in
between is that of their mean distance from the edge, after S. Raya, J. Udupa, "Shape-Based
Interpolation of Multidimensional Objects", 1990: its edge stays as sharp as theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from genani.face.attach_map import Hold
from genani.face.attach_paint import painted
from genani.face.mesh import FloatArray, array_of
from genani.scene.attached import FaceMoment
from genani.scene.attachment import Cover, Pinned
from genani.scene.face import Landmarks
from genani.scene.picture import Picture, PictureId

F32 = NDArray[np.float32]


def hidden(
    covers: Sequence[Cover],
    moment: FaceMoment,
    now: FloatArray,
    picture: Callable[[PictureId], Picture],
    size: tuple[int, int],
) -> F32:
    """(H, W) 0 to 1, how much of each pixel the covers hide.

    Covers of one name are one part. Of its masks those count that were made for the face most like
    the one on the key; on the way from key to key, those of both.

    Args:
        covers: the parts.
        moment: whose face it is.
        now: (478, 2 or 3) where that is.
        picture: gives the pixels of an id.
        size: (width, height) of the canvas.

    Raises:
        PictureError: a mask is missing.
    """
    seen = np.ones((size[1], size[0]), np.float32)
    parts: dict[str, list[Pinned]] = {}
    for cover in covers:
        parts.setdefault(cover.name, []).append(cover.mask)

    def there(masks: Sequence[Pinned]) -> F32:
        free = np.ones_like(seen)
        for mask in masks:
            laid = painted(picture(mask.picture), Hold(mask, now), size)
            free *= 1 - laid.pixels[..., 3].astype(np.float32) / laid.white
        return 1 - free

    for masks in parts.values():
        first = _meant(masks, moment.first)
        last = _meant(masks, moment.last) if moment.last else first
        if first == last:
            seen *= 1 - there(first)
        else:
            seen *= 1 - _between(there(first), there(last), float(moment.t))
    return 1 - seen


def _meant(masks: Sequence[Pinned], face: Landmarks) -> list[Pinned]:
    """The masks that were made for the face most like this one, on the canvas."""
    here = array_of(face)[:, :2]
    nearest = min(masks, key=lambda mask: float(np.abs(array_of(mask.face)[:, :2] - here).mean()))
    return [mask for mask in masks if mask.face == nearest.face]


def _between(one: F32, other: F32, t: float) -> F32:
    """The shape at `t` on the way from one to the other."""
    ways = [_depth(one), _depth(other)]
    if ways[0] is None or ways[1] is None:
        # A shape that is nowhere on the canvas has no edge to be away from.
        return np.asarray(one + np.float32(t) * (other - one), np.float32)
    depth = ways[0] + np.float32(t) * (ways[1] - ways[0])
    return np.asarray(np.clip(depth + 0.5, 0, 1), np.float32)


def _depth(shape: F32) -> F32 | None:
    """(H, W) pixels from the edge, over 0 inside; None for a shape without one."""
    import cv2

    inside = (shape >= 0.5).astype(np.uint8)
    if not inside.any() or inside.all():
        return None
    within, without = (
        np.asarray(cv2.distanceTransform(each, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)
        for each in (inside, 1 - inside)
    )
    # From the edge between two pixels, not from the middle of the next one.
    return np.asarray(np.where(inside > 0, within - 0.5, 0.5 - without), np.float32)
