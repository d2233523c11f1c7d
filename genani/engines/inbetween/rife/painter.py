"""RIFE as a painter: the network sees colour over a matte, the drawing itself is warped."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from genani.engines.api import CancelToken
from genani.engines.inbetween.rife.pyramid import Flow, FlowPyramid
from genani.engines.painter import Painted
from genani.engines.tensor import matte_for, over
from genani.engines.tiers import padded_side

FAR = "parts are half-transparent: the keys are far apart; a breakdown between them would help"

_CHANGED = 0.03
_DOUBLED = 0.2
"""Both keys show through each other at a place by at least this much of full contrast."""

_MOST_DOUBLED = 0.1
"""Share of the changed pixels. Clips that look right have under 0.05, broken ones over 0.1."""


@dataclass(frozen=True)
class Keys:
    """What serves every `t` of a span.

    Attributes:
        first, last: (1, 4, H, W) premultiplied.
        seen_first, seen_last: (1, 3, h, w), what the network is shown, at the tier's scale.
    """

    first: Tensor
    last: Tensor
    seen_first: Tensor
    seen_last: Tensor


@dataclass(frozen=True)
class Pulled:
    """Both keys brought to `t`.

    Attributes:
        from_first, from_last: (1, 4, H, W) premultiplied.
        share: (1, 1, H, W) of the first key, 0 to 1.
        travel: (1, 1, H, W) pixels from the first key to the last.
    """

    from_first: Tensor
    from_last: Tensor
    share: Tensor
    travel: Tensor

    @classmethod
    def along(cls, flow: Flow, keys: Keys) -> Pulled:
        """The keys along a flow at the size the network saw."""
        flow = _grown(flow, *keys.first.shape[2:])
        travel = torch.linalg.vector_norm(flow.flow[:, :2] - flow.flow[:, 2:], dim=1, keepdim=True)
        return cls(*flow.warped(keys.first, keys.last), torch.sigmoid(flow.mask), travel)

    @property
    def mixed(self) -> Tensor:
        """(1, 4, H, W) the drawing at `t`."""
        return torch.lerp(self.from_last, self.from_first, self.share)


class RifePainter:
    """Paints by warping both keys along RIFE's flow and mixing them by its mask.

    The warp is of premultiplied RGBA, so that edges keep their own colour: the matte is only
    what the flow is estimated on.

    Args:
        network: on the device and in the precision it is to run in, in evaluation mode.
    """

    multiple = 64
    least = 64

    def __init__(self, network: FlowPyramid) -> None:
        self.network = network

    @torch.inference_mode()
    def prepare(self, first: Tensor, last: Tensor, scale: float, token: CancelToken) -> Keys:
        """See `Painter.prepare`."""
        token.check()
        matte = matte_for(first, last)
        return Keys(
            first,
            last,
            self._shown(over(first, matte), scale),
            self._shown(over(last, matte), scale),
        )

    @torch.inference_mode()
    def paint(self, state: Keys, t: float, token: CancelToken) -> Painted:
        """See `Painter.paint`."""
        token.check()
        flow = self.network(state.seen_first, state.seen_last, t, token.check)
        token.check()
        pulled = Pulled.along(flow, state)
        doubts = (FAR,) if ghostly(state, pulled) else ()
        return Painted(pulled.mixed, pulled.travel, doubts)

    def _shown(self, rgb: Tensor, scale: float) -> Tensor:
        """The picture at `scale`, its sides fit for the network."""
        if scale == 1:
            return rgb
        size = [
            padded_side(round(side * scale), self.multiple, self.least) for side in rgb.shape[2:]
        ]
        mode = "bicubic" if scale > 1 else "bilinear"
        return functional.interpolate(rgb, size, mode=mode, antialias=True).clamp(0, 1)


def ghostly(keys: Keys, pulled: Pulled) -> bool:
    """True where much of what changes is two different things, each half there."""
    changed = ((keys.first - keys.last).abs().amax(1, keepdim=True) > _CHANGED).sum()
    share = pulled.share
    apart = (pulled.from_first - pulled.from_last).abs().amax(1, keepdim=True)
    doubled = (4 * share * (1 - share) * apart > _DOUBLED).sum()
    return bool(doubled > _MOST_DOUBLED * changed)


def _grown(flow: Flow, height: int, width: int) -> Flow:
    """The flow at the size of the keys, its lengths in their pixels."""
    small_height, small_width = flow.flow.shape[2:]
    if (small_height, small_width) == (height, width):
        return flow
    ratio = flow.flow.new_tensor([width / small_width, height / small_height] * 2)
    grown, mask = (
        functional.interpolate(part, (height, width), mode="bilinear")
        for part in (flow.flow, flow.mask)
    )
    return Flow(grown * ratio.view(1, 4, 1, 1), mask)
