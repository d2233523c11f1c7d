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
        self._network = network

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
        height, width = state.first.shape[2:]
        flow = self._network(state.seen_first, state.seen_last, t, token.check)
        flow = _grown(flow, height, width)
        token.check()
        travel = torch.linalg.vector_norm(flow.flow[:, :2] - flow.flow[:, 2:], dim=1, keepdim=True)
        return Painted(flow.blended(state.first, state.last), travel)

    def _shown(self, rgb: Tensor, scale: float) -> Tensor:
        """The picture at `scale`, its sides fit for the network."""
        if scale == 1:
            return rgb
        size = [
            padded_side(round(side * scale), self.multiple, self.least) for side in rgb.shape[2:]
        ]
        return functional.interpolate(rgb, size, mode="bilinear", antialias=True)


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
