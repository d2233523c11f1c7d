"""The project's own network as a painter: what it sees may be scaled, the keys are warped whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from genani.engines.api import CancelToken
from genani.engines.inbetween.face_model import MULTIPLE, Contexts, FaceModel, Seen
from genani.engines.inbetween.face_model_guidance import Guidance, guide, unguided
from genani.engines.inbetween.face_painter import Guide
from genani.engines.inbetween.rife.painter import FAR, Keys, Pulled, ghostly
from genani.engines.painter import Painted
from genani.engines.tensor import matte_for
from genani.engines.tiers import padded_side
from genani.face.emotion import strength
from genani.scene.face import Emotion, FaceGuidance


@dataclass(frozen=True)
class Sighted(Keys):
    """What serves every `t` of a span: the keys, and as the network sees them.

    Attributes:
        seen: at the tier's scale.
        contexts: their features, at that scale.
    """

    seen: Seen
    contexts: Contexts


class FaceModelPainter:
    """Paints along what the network makes of the keys, and of a guide where there is one.

    Args:
        model: on the device and in the precision it is to run in, in evaluation mode.
        way: where the face is between the keys, if anywhere.
        feeling: what it feels on the way, if anything.
    """

    multiple = MULTIPLE
    least = 2 * MULTIPLE

    def __init__(
        self, model: FaceModel, way: Guide | None = None, feeling: FaceGuidance | None = None
    ) -> None:
        self.model = model
        self._way = way
        self._feeling = feeling

    def guided(self, way: Guide, feeling: FaceGuidance | None) -> FaceModelPainter:
        """The painter for a span whose face travels."""
        return FaceModelPainter(self.model, way, feeling)

    @torch.inference_mode()
    def prepare(self, first: Tensor, last: Tensor, scale: float, token: CancelToken) -> Sighted:
        """See `Painter.prepare`."""
        token.check()
        matte = matte_for(first, last)
        seen = Seen.over(self._scaled(first, scale), self._scaled(last, scale), matte)
        opaque = bool((seen.first[:, 3] == 1).all() and (seen.last[:, 3] == 1).all())
        seen = replace(seen, opaque=opaque)
        token.check()
        contexts = self.model.contexts(seen)
        return Sighted(first, last, seen.shown_first, seen.shown_last, seen, contexts)

    @torch.inference_mode()
    def paint(self, state: Sighted, t: float, token: CancelToken) -> Painted:
        """See `Painter.paint`."""
        token.check()
        time = state.first.new_tensor([t])
        guidance = self._guidance(state, t)
        travel = self.model.travel(state.seen, time, guidance, token.check)
        token.check()
        pulled = Pulled.along(travel.flow, state)
        small = pulled.from_first, pulled.from_last
        if state.seen.first.shape != state.first.shape:
            small = travel.flow.warped(state.seen.first, state.seen.last)
        added, logits = self.model.drawn(state.contexts, small, travel, time, guidance)
        share = torch.sigmoid(_grown(travel.flow.mask + logits, state.first))
        pulled = replace(pulled, share=share)
        picture = pulled.mixed + _grown(added, state.first)
        return Painted(picture, pulled.travel, (FAR,) if ghostly(state, pulled) else ())

    def _scaled(self, key: Tensor, scale: float) -> Tensor:
        """The key at `scale`, its sides fit for the network."""
        if scale == 1:
            return key
        size = [padded_side(round(side * scale), MULTIPLE, self.least) for side in key.shape[2:]]
        mode = "bicubic" if scale > 1 else "bilinear"
        rgba = functional.interpolate(key, size, mode=mode, antialias=True).clamp(0, 1)
        return torch.cat((torch.minimum(rgba[:, :3], rgba[:, 3:]), rgba[:, 3:]), 1)

    def _guidance(self, state: Sighted, t: float) -> Guidance:
        """What the guide says at `t`, at the size that the network sees."""
        way = self._way
        height, width = state.first.shape[2:]
        if way is None or height < way.box.height or width < way.box.width:
            # A square of a picture too large to be painted whole: its place is not known.
            return unguided(state.seen.first)
        rows, columns = state.seen.first.shape[2:]
        faces = np.stack([way.first, way.path(t), way.last]) - way.corner
        points = torch.from_numpy(faces[..., :2] * (columns / width, rows / height))
        points = points[None].to(state.first.device, torch.float32)
        guidance = guide(points, (columns, rows))
        guidance = replace(guidance, sure=way.sureness * guidance.sure)
        felt = self._feeling
        if felt is None or felt.locks or felt.emotion is Emotion.NEUTRAL:
            return guidance
        emotion = torch.full_like(guidance.emotion, list(Emotion).index(felt.emotion))
        return guidance.feeling(emotion, guidance.intensity + strength(felt, t))


def _grown(made: Tensor, like: Tensor) -> Tensor:
    """What was made at the size the network saw, at the size of the keys."""
    if made.shape[2:] == like.shape[2:]:
        return made
    return functional.interpolate(made, like.shape[2:], mode="bilinear")
