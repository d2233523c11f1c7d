"""Mouths that open or shut between the keys: drawn from the key that shows them wider.

Between a shut mouth and an open one an interpolator mixes teeth with skin and smears the line.
All there is to see lies on the wider key, so its mouth is drawn as far open as the path says,
its line as thick as it was (see `genani.face.oval`). Photos are left alone, as their eyes are in
`face_lids`, and so are mouths whose landmarks do not lie on their edge.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from genani.engines.inbetween.face_align import blended
from genani.engines.inbetween.face_lids import SURE, photographed
from genani.engines.region import Box, about
from genani.engines.tensor import premultiplied, straight_pixels
from genani.face.easing import smoothstep
from genani.face.mesh import LIPS, MOUTH, FloatArray, array_of
from genani.face.oval import Oval
from genani.face.warp_torch import cubic
from genani.scene.face import Landmarks
from genani.scene.picture import Picture

_NARROW = 0.5
"""Share of the wider opening that the narrower one has at most."""

_LEAST = 0.06
"""Openings less tall than this on both keys are shut, in shares of the face's size."""

_APART = 0.2
"""How tall the inner lips are, in shares of the outer ones, from which they are known. A fit of
pins has them nearly shut (.07) and the outer ones on the edge; a detector sees both (from .3)."""

_SHUT, _OPEN = 0.1, 0.25
"""How far the mouth has opened, from the narrower key to the wider one, up to which the in-between
is left as it is, and from which the wider key's mouth is drawn."""

_ABOUT, _FADE = 0.07, 0.06
"""How far about the opening the wider key is shown, for the sake of the line, and over which
distance it goes over into the in-between, in shares of half the mouth's width."""

_WITHIN, _WITHOUT = -0.12, 0.12
"""Where an edge is looked for: into the mouth, in shares of its half height, and out of it, in
shares of half its width."""

_CONTRAST, _SEEN = 0.12, 0.7
"""Difference of colour that is an edge, and how much of the outline must have one. Measured: .8 to
1 where the landmarks lie on the edge, .25 to .45 where a detector misses a drawn mouth."""

_TURNS = (np.arange(48) + 0.5) * np.pi / 24
"""Places around the outline, as angles."""

_FINEST, _MOST = 3, 300_000
"""Readings along each side of a pixel at most, where the mouth is pressed together, and in all:
a mouth of very many pixels has smooth lines anyway."""


class Lips:
    """The mouth of a span, where it opens or shuts.

    Args:
        keys: both drawings.
        one, two: the faces on them.
        device: where to draw.
    """

    def __init__(
        self,
        keys: tuple[Picture, Picture],
        one: Landmarks,
        two: Landmarks,
        device: torch.device,
    ) -> None:
        faces = array_of(one), array_of(two)
        outer = [Oval.of(face, LIPS) for face in faces]
        inner = [Oval.of(face, MOUTH) for face in faces]
        widest = max((0, 1), key=lambda which: outer[which].opening)
        known = inner[widest].tall >= _APART * outer[widest].tall
        self._lid, self._ovals = (MOUTH, inner) if known else (LIPS, outer)
        openings = [oval.opening for oval in self._ovals]
        self._key = key = int(openings[1] > openings[0])
        self._device = device
        self._drawn: Tensor | None = None
        changes = openings[1 - key] <= _NARROW * openings[key] and openings[key] >= _LEAST
        if not changes or min(one.confidence, two.confidence) < SURE:
            return
        self._box = box = _box(self._ovals[key], keys[key].size)
        if box is None or photographed(keys[key], faces[key]):
            return
        part = premultiplied(np.ascontiguousarray(keys[key].pixels[box.cut]), device)
        if _edged(part, self._ovals[key], box):
            self._drawn = part

    def laid(self, drawn: Picture, at: Landmarks) -> Picture:
        """The in-between with its mouth drawn anew; the same object where it is not.

        Args:
            drawn: the in-between.
            at: the face on it.
        """
        if self._drawn is None or self._box is None:
            return drawn
        now, wide = Oval.of(array_of(at), self._lid), self._ovals[self._key]
        shut = self._ovals[1 - self._key].opening
        opened = (now.opening - shut) / (wide.opening - shut)
        shown = float(smoothstep(opened, _SHUT, _OPEN))
        box = _box(now, drawn.size)
        if not shown or box is None:
            return drawn
        pressed = min(wide.opening / now.opening, (_MOST / (box.height * box.width)) ** 0.5)
        fine = int(np.clip(round(pressed), 1, _FINEST))
        corner = np.array([self._box.left, self._box.top])
        read = _read(self._drawn, now.counterparts(box.places(fine), wide) - corner)
        picture = functional.avg_pool2d(read.view(1, 4, fine * box.height, -1), fine)
        part = Picture(straight_pixels(picture, drawn.depth), drawn.icc)
        away = now.around(box.places()).reshape(box.height, box.width) / now.half
        cover = shown * (1 - smoothstep(away, _ABOUT, _ABOUT + _FADE))
        return blended(drawn, part, cover.astype(np.float32), box)


def _edged(part: Tensor, oval: Oval, box: Box) -> bool:
    """True if a drawing changes its colour at the edge of an opening, nearly all around it."""
    corner = np.array([box.left, box.top])
    sides = [oval.edge(_TURNS, _WITHIN * oval.tall), oval.edge(_TURNS, _WITHOUT * oval.half)]
    colours = [_read(part, side - corner) for side in sides]
    differs = (colours[0] - colours[1]).abs().amax(1) > _CONTRAST
    return float(differs.float().mean()) >= _SEEN


def _read(part: Tensor, places: FloatArray) -> Tensor:
    """(1, 4, N) what a part of a drawing (1, 4, H, W) shows at places (N, 2) on it."""
    height, width = part.shape[2:]
    unit = places * 2 / np.array([width, height]) - 1
    grid = torch.from_numpy(unit.astype(np.float32)).to(part.device).view(1, 1, -1, 2)
    return cubic(part, grid)[:, :, 0]


def _box(oval: Oval, size: tuple[int, int]) -> Box | None:
    """The part of a canvas (width, height) that an opening is shown on; None if none."""
    return about(oval.edge(_TURNS, (_ABOUT + _FADE) * oval.half), 1, size)
