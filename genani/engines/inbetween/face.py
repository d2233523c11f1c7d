"""The guided engine: the animator says how the face travels, the interpolator draws the rest.

RIFE is told where the face is at `t` and corrects that (see `face_painter`). Emotion and acting
are put on top by moving the finished face.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from genani.engines import region, registry
from genani.engines.api import CancelToken, Cost, Engine, EngineInfo
from genani.engines.device import Device
from genani.engines.inbetween.face_align import blended, knots_of
from genani.engines.inbetween.face_feel import felt
from genani.engines.inbetween.face_lids import Eyelids
from genani.engines.inbetween.face_lips import Lips
from genani.engines.inbetween.face_painter import Guide, GuidedPainter
from genani.engines.inbetween.rife.engine import Rife
from genani.engines.inbetween.rife.painter import Keys, RifePainter
from genani.engines.options import checked
from genani.engines.painter import Painter
from genani.engines.painting import Locate
from genani.engines.region import Box
from genani.face.mesh import array_of
from genani.face.trajectory import path_of
from genani.scene.face import FacePart, Landmarks
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest

PLAIN = "rife"
"""The engine that draws what guidance leaves open."""

NO_LANDMARKS = "no face is marked on both keys, so it was drawn without guidance"

_GUIDING = 0.8


class GuidedRife(Rife):
    """RIFE along the landmarks of a request; without them it is RIFE."""

    def set_up(self, painter: Painter[Keys], request: SpanRequest) -> Painter[Keys]:
        """See `PaintingEngine.set_up`."""
        guide = guide_of(request, self.multiple)
        if guide is None or not isinstance(painter, RifePainter):
            return painter
        return GuidedPainter(painter, guide)


def guide_of(request: SpanRequest, multiple: int) -> Guide | None:
    """Where the face of a request travels; None where a key has none, or both are equal.

    Args:
        request: its landmarks, leads and breakdowns count.
        multiple: of the painter, in pixels.
    """
    first, last = request.first_landmarks, request.last_landmarks
    box = region.drawn(region.unchanged(request.first, request.last), multiple)
    if first is None or last is None or box is None:
        return None
    path = path_of(first, last, request.settings.face)
    # A painter knows times as floats; the path meets breakdowns at their very fraction.
    points = {float(t): array_of(path(t)) for t in request.times}
    one, two = array_of(first), array_of(last)
    confidence = min(first.confidence, last.confidence)
    return Guide(one, two, points.__getitem__, knots_of(one, two), box, confidence)


class Face:
    """Draws in-betweens along the path of the face.

    Args:
        info: the name card.
        device: where to draw.
        locate: finds the files of installed models.
        interpolator: draws the plain face along its path; by default guided RIFE.
    """

    guiding = _GUIDING
    """Further share of the plain engine's time that a guided head takes at most, roughly."""
    without: tuple[str, ...] = (NO_LANDMARKS,)
    """What is to be said where no face is marked."""

    def __init__(
        self,
        info: EngineInfo,
        device: Device,
        locate: Locate,
        interpolator: Engine | None = None,
    ) -> None:
        self._info = info
        self._device = device
        self._guided = interpolator or GuidedRife(registry.info(PLAIN), device, locate)

    @property
    def info(self) -> EngineInfo:
        """The name card."""
        return self._info

    def estimate(self, request: SpanRequest) -> Cost:
        """See `Engine.estimate`."""
        cost = self._guided.estimate(self._asked(request))
        if request.first_landmarks is None or request.last_landmarks is None:
            return cost
        return replace(cost, seconds=cost.seconds * (1 + self.guiding))

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        """See `Engine.draw`."""
        first, last = request.first_landmarks, request.last_landmarks
        drawn = self._guided.draw(self._asked(request), token)
        if first is None or last is None:
            for between in drawn:
                yield replace(between, warnings=(*between.warnings, *self.without))
            return
        guidance = request.settings.face
        path = path_of(first, last, guidance)
        lids = self._lids(request, first, last)
        lips = Lips((request.first, request.last), first, last, self._device.torch)
        for between in drawn:
            t = between.t
            at = path(t)
            picture = lips.laid(lids.laid(between.picture, at, float(t)), at)
            token.check()
            picture = felt(picture, at, guidance, t, self._device.torch)
            token.check()
            yield replace(between, picture=_held(picture, request))

    def _lids(self, request: SpanRequest, first: Landmarks, last: Landmarks) -> Eyelids:
        guidance = request.settings.face
        lead = guidance.leads.get(FacePart.HEAD, 0.0) if guidance else 0.0
        keys = request.first, request.last
        return Eyelids(keys, first, last, lead, self._device.torch)

    def _asked(self, request: SpanRequest) -> SpanRequest:
        """The request as the interpolator is to see it: with its own settings."""
        options = checked(self._info, request.settings.options)
        drawer = self._guided.info.name
        return replace(request, settings=replace(request.settings, engine=drawer, options=options))


def _held(drawn: Picture, request: SpanRequest) -> Picture:
    """The drawing with the first key where the request's mask says so."""
    if request.mask is None or drawn is request.first:
        return drawn
    share = request.mask.pixels[..., 3].astype(np.float32) / np.float32(request.mask.white)
    return blended(drawn, request.first, share, Box(0, 0, *share.shape))
