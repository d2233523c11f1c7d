"""The guided engine: the animator says how the face travels, the interpolator draws the rest.

Where a head moves, both keys are first brought to where the face is at `t`, so that the
interpolator finds eye on eye and mouth on mouth (measured: engines.md). Where it does not, the
interpolator alone is better. An emotion is put on top by moving the finished face.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from genani.engines.api import CancelToken, Cost, Engine, EngineInfo
from genani.engines.device import Device
from genani.engines.inbetween.face_align import (
    Faces,
    aligned,
    blended,
    cut,
    faces_of,
    head_box,
    head_mask,
    helps,
)
from genani.engines.inbetween.face_feel import felt
from genani.engines.options import checked
from genani.engines.painting import Locate
from genani.engines.region import Box
from genani.face.mesh import array_of
from genani.face.trajectory import path_of
from genani.scene.face import Landmarks
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest

PLAIN = "rife"
"""The engine that draws what guidance leaves open."""

NO_LANDMARKS = "no face is marked on both keys, so it was drawn without guidance"

MISMATCH = "the landmarks of the keys do not match, so the head was drawn without guidance"

_ALIGNING = 0.6
"""Further share of the plain engine's time that an aligned head takes, roughly."""


class Face:
    """Draws in-betweens along the path of the face.

    Args:
        info: the name card.
        device: where to draw.
        locate: finds the files of installed models.
        plain: the interpolator; by default the engine `PLAIN`.
    """

    def __init__(
        self, info: EngineInfo, device: Device, locate: Locate, plain: Engine | None = None
    ) -> None:
        self._info = info
        self._device = device
        self._plain = plain or _interpolator(device, locate)

    @property
    def info(self) -> EngineInfo:
        """The name card."""
        return self._info

    def estimate(self, request: SpanRequest) -> Cost:
        """See `Engine.estimate`."""
        cost = self._plain.estimate(self._plainly(request))
        faces = _faces(request)
        if faces is None or not faces.moving:
            return cost
        return replace(cost, seconds=cost.seconds * (1 + _ALIGNING))

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        """See `Engine.draw`."""
        plainly = self._plainly(request)
        first, last = request.first_landmarks, request.last_landmarks
        if first is None or last is None:
            for between in self._plain.draw(plainly, token):
                yield replace(between, warnings=(*between.warnings, NO_LANDMARKS))
            return
        path = path_of(first, last, request.settings.face)
        span = _Span(request, plainly, path, faces_of(first, last))
        for between in self._plain.draw(plainly, token):
            yield self._guided(span, between, token)

    def _plainly(self, request: SpanRequest) -> SpanRequest:
        """The request as the interpolator is to see it."""
        options = checked(self._info, request.settings.options)
        settings = replace(request.settings, engine=PLAIN, options=options, face=None)
        return replace(request, settings=settings)

    def _guided(self, span: _Span, between: InBetween, token: CancelToken) -> InBetween:
        at = span.path(between.t)
        drawn, warnings = between.picture, between.warnings
        if span.faces.moving:
            drawn, doubts = self._with_aligned_head(span, between, at, token)
            warnings = tuple(dict.fromkeys((*warnings, *doubts)))
        drawn = felt(drawn, at, span.request.settings.face, between.t, self._device.torch)
        token.check()
        return InBetween(between.t, _held(drawn, span.request), warnings)

    def _with_aligned_head(
        self, span: _Span, between: InBetween, at: Landmarks, token: CancelToken
    ) -> tuple[Picture, tuple[str, ...]]:
        """The in-between, its head drawn from keys that were aligned before."""
        points = array_of(at)
        box = head_box(points, between.picture.size)
        if box is None:
            return between.picture, ()
        token.check()
        pictures = span.request.first, span.request.last
        keys = aligned(pictures, span.faces, points, box, self._device.torch)
        token.check()
        share = head_mask(points, box)
        if not helps((cut(pictures[0], box), cut(pictures[1], box)), keys, share):
            return between.picture, (MISMATCH,)
        head = self._drawn(span, keys, between.t, token)
        return blended(between.picture, head.picture, share, box), head.warnings

    def _drawn(
        self, span: _Span, keys: tuple[Picture, Picture], t: Fraction, token: CancelToken
    ) -> InBetween:
        first, last = keys
        asked = replace(span.plainly, first=first, last=last, times=(t,), mask=None)
        (head,) = self._plain.draw(asked, _Quiet(token))
        return head


@dataclass(frozen=True)
class _Span:
    """A request whose keys have faces, as asked and as the interpolator sees it."""

    request: SpanRequest
    plainly: SpanRequest
    path: Callable[[Fraction], Landmarks]
    faces: Faces


class _Quiet(CancelToken):
    """Cancelled with another token; its own progress, that of a part of a drawing, is not told."""

    def __init__(self, outer: CancelToken) -> None:
        super().__init__()
        self._outer = outer

    @property
    def cancelled(self) -> bool:
        return self._outer.cancelled

    def check(self) -> None:
        self._outer.check()


def _interpolator(device: Device, locate: Locate) -> Engine:
    from genani.engines import registry
    from genani.engines.inbetween.rife.engine import Rife

    return Rife(registry.info(PLAIN), device, locate)


def _faces(request: SpanRequest) -> Faces | None:
    if request.first_landmarks is None or request.last_landmarks is None:
        return None
    return faces_of(request.first_landmarks, request.last_landmarks)


def _held(drawn: Picture, request: SpanRequest) -> Picture:
    """The drawing with the first key where the request's mask says so."""
    if request.mask is None or drawn is request.first:
        return drawn
    share = request.mask.pixels[..., 3].astype(np.float32) / np.float32(request.mask.white)
    return blended(drawn, request.first, share, Box(0, 0, *share.shape))
