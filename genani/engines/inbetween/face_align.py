"""The guided engine's geometry: when to align, by which points, and where it shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from genani.engines import tensor
from genani.engines.region import Box
from genani.face.mesh import LIDS, MOUTH, FloatArray, Lid, array_of, opening
from genani.face.warp import Warp, backward, distance_from_face, face_size
from genani.face.warp_torch import sampled
from genani.scene.face import Landmarks
from genani.scene.picture import Picture, Pixels

_MOVING = 0.35
"""Travel of the landmarks, in shares of the face's size, from which the keys are aligned; below
it the interpolator does better on its own. Measured on the rig: no use at .13 to .33, a clear
gain from .4 on. There is nothing between the two, as a mix of both drawings shows both."""

_APERTURE_CHANGE = 0.3
"""Change of an opening, in shares of the wider one, from which its edges are left alone."""

_LEAST_GAIN = 0.9
"""Share of the keys' difference in the face that aligning must stay under, or it is no use."""

_LEAST_APERTURE = 0.08
"""Openings narrower than this on both keys are shut, whatever their ratio."""

MASK_WHOLE, MASK_END = 0.05, 0.35
"""Distances from the face up to which only the aligned drawing shows, and from which none of it
does, in shares of the face's size."""


@dataclass(frozen=True)
class Faces:
    """The faces of both keys, and what follows from the two.

    Attributes:
        first, last: (478, 3) points on the canvas.
        moving: the head moves so far that aligning helps.
        knots: points that keys are aligned by.
    """

    first: FloatArray
    last: FloatArray
    moving: bool
    knots: NDArray[np.int64]


def faces_of(first: Landmarks, last: Landmarks) -> Faces:
    """Whether to align, and by what."""
    one, two = array_of(first), array_of(last)
    travel = float(np.median(np.linalg.norm(one[:, :2] - two[:, :2], axis=1)))
    share = travel / ((face_size(one) + face_size(two)) / 2)
    left_out: set[int] = set()
    for lid in (*LIDS, MOUTH):
        if _changes(one, two, lid):
            left_out |= {*lid.upper, *lid.lower, *lid.iris}
    knots = np.array([i for i in range(len(one)) if i not in left_out])
    return Faces(one, two, share >= _MOVING, knots)


def aligned(
    pictures: tuple[Picture, Picture], faces: Faces, at: FloatArray, box: Box, device: torch.device
) -> tuple[Picture, Picture]:
    """Both keys with their faces where the in-between's is, cut to a box.

    Args:
        pictures: the keys.
        faces: their faces.
        at: (478, 3) points of the in-between.
        box: of the canvas.
        device: where to warp.
    """
    first, last = pictures
    return (
        moved(first, backward(faces.first, at, faces.knots), device, box),
        moved(last, backward(faces.last, at, faces.knots), device, box),
    )


def helps(
    before: tuple[Picture, Picture], after: tuple[Picture, Picture], share: NDArray[np.float32]
) -> bool:
    """True if aligning brought the faces of two keys nearer to each other.

    Landmarks that lie beside the face, as a detector's may on a drawing, do not.

    Args:
        before, after: the keys, of the size of the share.
        share: (h, w), how much each place counts.
    """
    gaps = [_difference(*pair, share) for pair in (before, after)]
    return gaps[1] <= _LEAST_GAIN * gaps[0]


def moved(picture: Picture, warp: Warp, device: torch.device, box: Box | None = None) -> Picture:
    """A picture with its face moved, of the same depth and colours; cut to a box if there is one.

    Pixels that do not move are the same, bit for bit.
    """
    if warp.still:
        return picture if box is None else cut(picture, box)
    warped = sampled(tensor.premultiplied(picture.pixels, device), warp)
    pixels = tensor.straight_pixels(warped, picture.depth)
    kept = (warp.dense(picture.size) == 0).all(2)
    np.copyto(pixels, picture.pixels, where=kept[..., None])
    whole = Picture(pixels, picture.icc)
    return whole if box is None else cut(whole, box)


def cut(picture: Picture, box: Box) -> Picture:
    """A part of a picture."""
    return Picture(np.ascontiguousarray(picture.pixels[box.cut]), picture.icc)


def head_box(at: FloatArray, size: tuple[int, int]) -> Box | None:
    """The part of the canvas (of a width and height) that `head_mask` reaches; None if no part."""
    reach = MASK_END * face_size(at) + 1
    left, top = np.floor(at[:, :2].min(0) - reach).astype(int).tolist()
    right, bottom = np.ceil(at[:, :2].max(0) + reach).astype(int).tolist()
    box = Box(max(top, 0), max(left, 0), min(bottom, size[1]), min(right, size[0]))
    return box if box.height > 0 and box.width > 0 else None


def head_mask(at: FloatArray, box: Box) -> NDArray[np.float32]:
    """(h, w) over a box, 1 on the head and softly 0 around it."""
    size = face_size(at)
    step = max(1, int(size / 24))
    rows, columns = (
        np.arange(low, high + step, step, dtype=np.float64) + 0.5
        for low, high in ((box.top, box.bottom), (box.left, box.right))
    )
    x, y = np.meshgrid(columns, rows)
    away = distance_from_face(np.stack([x.ravel(), y.ravel()], 1), at).reshape(x.shape) / size
    share = np.clip((MASK_END - away) / (MASK_END - MASK_WHOLE), 0, 1)
    coarse = torch.from_numpy((share * share * (3 - 2 * share)).astype(np.float32))[None, None]
    grown = (len(rows) * step, len(columns) * step)
    # Half a step early, so that the middle of each coarse pixel lies where it was measured.
    fine = functional.interpolate(coarse, grown, mode="bilinear")[0, 0]
    lead = step // 2
    padded = functional.pad(fine[None, None], (0, lead, 0, lead), mode="replicate")[0, 0]
    return padded[lead : lead + box.height, lead : lead + box.width].numpy()


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


def _difference(one: Picture, two: Picture, share: NDArray[np.float32]) -> float:
    pair = [tensor.premultiplied(each.pixels)[0] for each in (one, two)]
    return float(((pair[0] - pair[1]).abs().mean(0).numpy() * share).sum())


def _changes(one: FloatArray, two: FloatArray, lid: Lid) -> bool:
    gaps = opening(one, lid), opening(two, lid)
    return abs(gaps[0] - gaps[1]) > max(_APERTURE_CHANGE * max(gaps), _LEAST_APERTURE)
