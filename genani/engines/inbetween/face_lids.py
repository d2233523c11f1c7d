"""Eyes that open or shut between the keys: drawn from the key that shows them wider.

Between an open eye and a shut one an interpolator finds nothing that goes together and mixes
both: milky eyes. What is drawn on the wider key is all there is to see, so its lids are closed
as far as the path says, and this eye is laid into the in-between where the head has gone. Photos
are left alone: their eyes have no lines, and what is mixed in them hardly shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from genani.engines.inbetween.face_align import LEAST_APERTURE, blended, moved
from genani.engines.inbetween.face_feel import box_about, reshaped
from genani.engines.region import Box
from genani.engines.tensor import premultiplied
from genani.face.acting import with_lids
from genani.face.easing import smoothstep
from genani.face.edges import aperture
from genani.face.eye import Eye
from genani.face.mesh import LIDS, FloatArray, Lid, array_of, opening
from genani.face.mouth import is_photo
from genani.face.trajectory import rides
from genani.face.turning import in_space
from genani.face.warp import backward
from genani.scene.face import Landmarks
from genani.scene.picture import Picture

SURE = 0.6
"""Confidence of landmarks from which eyes are drawn by them."""

_NARROW = 0.5
"""Share of the wider opening that the narrower one has at most. Heads that turn change it too,
as the far eye is seen narrower: to three fifths on turns of 40 degrees."""

_SHUT, _OPEN = 0.08, 0.16
"""Opening, in shares of the wider key's, up to which the narrower key shows the eye better, and
from which the wider one is drawn alone."""

_ABOUT, _FADE = 0.2, 0.15
"""How far about an eye the skin with its lashes and folds comes from the key as well, and over
which distance it goes over into the in-between, in shares of the eye's width."""


@dataclass(frozen=True)
class _Eye:
    """One eye that changes.

    Attributes:
        side: 0 for the figure's right one.
        which: 0 where the first key shows it wider, 1 where the last does.
    """

    side: int
    which: int

    @property
    def lid(self) -> Lid:
        return LIDS[self.side]


class Eyelids:
    """The eyes of a span that open or shut.

    Args:
        keys: both drawings.
        one, two: the faces on them.
        lead: of the head, as in `FaceGuidance`.
        device: where to warp.
    """

    def __init__(
        self,
        keys: tuple[Picture, Picture],
        one: Landmarks,
        two: Landmarks,
        lead: float,
        device: torch.device,
    ) -> None:
        self._keys, self._lead, self._device = keys, lead, device
        self._faces = faces = in_space(one, two)
        sure = min(one.confidence, two.confidence) >= SURE
        found = [_changing(side, faces) for side in range(len(LIDS))] if sure else []
        eyes = [eye for eye in found if eye]
        changed = {eye.which for eye in eyes}
        photos = {which for which in changed if photographed(keys[which], faces[which])}
        self._eyes = [eye for eye in eyes if eye.which not in photos]

    def laid(self, drawn: Picture, at: Landmarks, t: float) -> Picture:
        """The in-between with these eyes drawn anew; the same object where there are none.

        Args:
            drawn: the in-between.
            at: the face on it.
            t: when, 0 to 1.
        """
        points = array_of(at)
        for eye in self._eyes:
            drawn = self._with_eye(drawn, eye, points, t)
        return drawn

    def _with_eye(self, drawn: Picture, eye: _Eye, at: FloatArray, t: float) -> Picture:
        key, own = self._keys[eye.which], self._faces[eye.which]
        share = opening(at, eye.lid) / max(opening(own, eye.lid), 1e-6)
        shown = float(smoothstep(share, _SHUT, _OPEN))
        box = box_about(np.concatenate([own, at]), drawn.size)
        if not shown or box is None:
            return drawn
        ride = rides(*self._faces, t, self._lead)[eye.which]
        asked = with_lids(own, ride.back(at), eye.side)
        narrowed = reshaped(key, own, asked, self._device)
        brought = moved(narrowed, backward(asked, ride(asked)), self._device)
        part = Picture(np.ascontiguousarray(brought.pixels[box.cut]), brought.icc)
        cover = _cover(ride(own), eye.side, box)
        return blended(drawn, part, np.asarray(shown * cover, np.float32), box)


def photographed(key: Picture, face: FloatArray) -> bool:
    """True if a face (478, 3) is a photo's; see `is_photo`."""
    pixels = premultiplied(key.pixels)[0].permute(1, 2, 0).numpy()
    return is_photo(pixels, face)


def _changing(side: int, faces: tuple[FloatArray, FloatArray]) -> _Eye | None:
    gaps = [opening(points, LIDS[side]) for points in faces]
    changes = min(gaps) <= _NARROW * max(gaps) and max(gaps) > LEAST_APERTURE
    return _Eye(side, int(gaps[1] > gaps[0])) if changes else None


def _cover(face: FloatArray, side: int, box: Box) -> NDArray[np.float64]:
    """(h, w) 1 on an eye of a face (478, 3), falling to 0 about it."""
    lid = LIDS[side]
    upper, lower = (face[[lid.outer, *row, lid.inner], :2] for row in (lid.upper, lid.lower))
    away = -aperture(box.places(), upper, lower) / Eye.of(face, side).width
    return 1 - smoothstep(away, _ABOUT, _ABOUT + _FADE).reshape(box.height, box.width)
