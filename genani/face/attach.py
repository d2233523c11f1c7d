"""Where a drawing that is pinned to a face lies on a frame, and what it looks like there.

The head carries it: in space where depth is known, so that glasses foreshorten as the head turns.
Each pin is as deep as its landmark and the rest of the drawing as deep as the pins around. What
the pins do beyond the head is followed as far as the drawing gives way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from genani.face.attach_cover import hidden
from genani.face.attach_map import Hold
from genani.face.attach_paint import painted
from genani.face.attach_pose import turned_as
from genani.face.mesh import FloatArray, array_of, canonical
from genani.face.planned import planned
from genani.scene.attached import AttachedFrame, FaceMoment
from genani.scene.attachment import Order, Piece, Pinned
from genani.scene.composite import composite
from genani.scene.face import Landmarks
from genani.scene.picture import Picture, PictureId

_AXIS = 0.6
"""How deep in the head it turns, in shares of the distance between the outer eye corners."""


@lru_cache(maxsize=64)
def face_at(moment: FaceMoment) -> Landmarks:
    """The face on a frame, the same that the guided engine draws."""
    if moment.last is None:
        return moment.first
    return planned(moment.first, moment.last, moment.guidance, moment.t)


def drawn(frame: AttachedFrame, picture: Callable[[PictureId], Picture]) -> Picture:
    """What lies on a frame of an attachment, of the canvas's size, all else transparent.

    Args:
        frame: the attachment and the face that wears it.
        picture: gives the pixels of an id.

    Raises:
        PictureError: a picture of it is missing.
    """
    now = array_of(face_at(frame.face))
    laid = [
        (painted(picture(piece.drawing.picture), Hold(piece.drawing, now), frame.size), 1.0)
        for piece in frame.attachment.pieces
        if is_behind(piece, now) == frame.behind
    ]
    if not laid:
        return Picture.blank(*frame.size)
    whole = laid[0][0] if len(laid) == 1 else composite(laid, frame.size)
    covers = frame.attachment.covers
    if frame.behind or not covers:
        return whole
    pixels = whole.pixels.copy()
    seen = 1 - hidden(covers, frame.face, now, picture, frame.size)
    pixels[..., 3] = np.rint(pixels[..., 3] * seen)
    return Picture(pixels, whole.icc)


def lies(pinned: Pinned, face: Landmarks, places: FloatArray) -> FloatArray:
    """(N, 2) where places (N, 2) of a pinned picture lie on the canvas."""
    return Hold(pinned, array_of(face))(places)


def is_behind(piece: Piece, now: FloatArray) -> bool:
    """True if a piece lies behind a face of points (478, 3)."""
    if piece.order is not Order.SIDE:
        return piece.order is Order.BEHIND
    rest = canonical().points
    where = rest[[pin.landmark for pin in piece.drawing.pins]].mean(0)
    outward = np.array([where[0], 0.0, where[2] - _AXIS])
    return bool((turned_as(rest, now[:, :2]).rotation @ outward)[2] > 0)
