"""GMFSS as a painter of padded tensors."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from genani.engines.api import CancelToken
from genani.engines.inbetween.gmfss.alpha import reach, second_matte, solve
from genani.engines.inbetween.gmfss.network import FLOW_LEAST, MULTIPLE, Gmfss, Key
from genani.engines.painter import Painted
from genani.engines.tensor import matte_for, over


@dataclass(frozen=True)
class Prepared:
    """What serves every `t` of one span.

    Attributes:
        first, last: the keys as the network takes them.
        mattes: (B, 3, 1, 1): what they were laid over, once if both are opaque, else twice.
    """

    first: Key
    last: Key
    mattes: Tensor


@dataclass(frozen=True)
class Still:
    """Two equal keys: there is nothing to draw. (The network would draw all of it anew.)"""

    key: Tensor


class GmfssPainter:
    """Paints RGBA with the GMFSS Fortuna union network.

    Args:
        network: on the device and in the precision it is to run in, in evaluation mode.
    """

    multiple = MULTIPLE
    least = 2 * FLOW_LEAST
    """GMFlow is shown the keys at half size."""

    def __init__(self, network: Gmfss) -> None:
        self._network = network

    @torch.inference_mode()
    def prepare(
        self, first: Tensor, last: Tensor, scale: float, token: CancelToken
    ) -> Prepared | Still:
        """See `Painter.prepare`."""
        if torch.equal(first, last):
            return Still(first)
        mattes = matte_for(first, last)
        if first[:, 3:].amin() < 1 or last[:, 3:].amin() < 1:
            mattes = torch.cat((mattes, second_matte(mattes)))
        first_key, last_key = self._network.prepare(
            (over(first, mattes), first[:, 3:]),
            (over(last, mattes), last[:, 3:]),
            scale,
            token.check,
        )
        return Prepared(first_key, last_key, mattes)

    @torch.inference_mode()
    def paint(self, state: Prepared | Still, t: float, token: CancelToken) -> Painted:
        """See `Painter.paint`."""
        if isinstance(state, Still):
            return Painted(state.key, torch.zeros_like(state.key[:, :1]))
        between = self._network.paint(state.first, state.last, t, token.check)
        motion = functional.interpolate(between.motion, scale_factor=2, mode="nearest")
        if len(state.mattes) == 1:
            opaque = torch.ones_like(between.images[:, :1])
            return Painted(torch.cat((between.images, opaque), 1), motion)
        rgba = solve(between.images, state.mattes, *reach(between.alphas))
        return Painted(rgba, motion)
