"""What a finished in-between is made to feel and do: the face is moved once the rest is drawn."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray

from genani.engines import tensor
from genani.engines.inbetween.face_align import moved
from genani.engines.region import Box, about
from genani.face.mesh import FloatArray, array_of, part_places
from genani.face.outlines import covered
from genani.face.planned import expressed_at
from genani.face.retouch import Retouch
from genani.face.warp import backward, face_size, held_still
from genani.scene.face import FaceGuidance, FacePart, Landmarks
from genani.scene.picture import Picture

_REACH = 0.3
"""How far beyond the face lashes and lines may reach, in shares of its size."""


def felt(
    drawn: Picture, at: Landmarks, guidance: FaceGuidance | None, t: Fraction, device: torch.device
) -> Picture:
    """The in-between with the span's emotion and the lanes' acting put on its face.

    Args:
        drawn: the finished in-between; returned as it is where nothing is asked of its face.
        at: the plain face on it.
        guidance: emotion, intensity, peak, locks and poses.
        t: where in the span, 0 to 1.
        device: where to warp.
    """
    asked = expressed_at(at, guidance, t)
    if guidance is None or asked is None:
        return drawn
    plain = array_of(at)
    done = reshaped(drawn, plain, asked, device, guidance.locks)
    if done is drawn:
        return drawn
    return _kept(done, drawn, covered(plain, guidance.locks, drawn.pixels.shape[:2]))


def reshaped(
    drawn: Picture,
    plain: FloatArray,
    asked: FloatArray,
    device: torch.device,
    locks: frozenset[FacePart] = frozenset(),
) -> Picture:
    """A drawing with its face moved, mouth, eyes and brows drawn anew where they need it.

    Args:
        drawn: returned as it is where the face is off the canvas.
        plain, asked: (478, 3) the face on it before and after.
        device: where to warp.
        locks: parts that no point may move.
    """
    box = box_about(np.concatenate([plain, asked]), drawn.size)
    if box is None:
        return drawn
    corner = np.array([box.left, box.top, 0.0])
    retouch = Retouch(_floats(drawn, box), plain - corner, asked - corner)
    before, after, knots = retouch.guides
    warp = backward(before + corner[:2], after + corner[:2], knots, head_moves=False)
    warp = held_still(warp, part_places(plain, locks), plain)
    warped = moved(_with(drawn, retouch.erased, box), warp, device)
    return _with(warped, retouch.finish(_floats(warped, box)), box)


def _kept(done: Picture, before: Picture, held: NDArray[np.bool_]) -> Picture:
    """A picture with nothing changed where it is held: lashes may sweep over a brow that stays."""
    if not (done.pixels != before.pixels)[held].any():
        return done
    pixels = np.where(held[..., None], before.pixels, done.pixels)
    return Picture(pixels, done.icc)


def box_about(points: FloatArray, size: tuple[int, int]) -> Box | None:
    """The part of the canvas (of a width and height) about a face; None if no part."""
    return about(points[:, :2], _REACH * face_size(points), size)


def _floats(picture: Picture, box: Box) -> NDArray[np.float32]:
    """(h, w, 4) a part of a picture, premultiplied."""
    pixels = np.ascontiguousarray(picture.pixels[box.cut])
    return tensor.premultiplied(pixels)[0].permute(1, 2, 0).contiguous().numpy()


def _with(picture: Picture, part: NDArray[np.float32], box: Box) -> Picture:
    """A picture with a part of it changed; what is the same stays so, bit for bit."""
    changed = (part != _floats(picture, box)).any(2)
    if not changed.any():
        return picture
    pixels = picture.pixels.copy()
    laid = tensor.straight_pixels(
        torch.from_numpy(np.ascontiguousarray(part)).permute(2, 0, 1)[None], picture.depth
    )
    np.copyto(pixels[box.cut], laid, where=changed[..., None])
    return Picture(pixels, picture.icc)
