"""Cross-dissolve: the baseline that every engine has to beat, and what runs with no model."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.cost import Pace
from genani.engines.painter import Painted, Tier
from genani.engines.painting import Options, PaintingEngine

Keys = tuple[Tensor, Tensor]


class BlendPainter:
    """Mixes the two keys; premultiplied, so that no colour comes from what is transparent."""

    multiple = 1
    least = 1

    def prepare(self, first: Tensor, last: Tensor, scale: float, token: CancelToken) -> Keys:
        """See `Painter.prepare`; the keys are all there is."""
        del scale
        token.check()
        return first, last

    def paint(self, state: Keys, t: float, token: CancelToken) -> Painted:
        """See `Painter.paint`."""
        token.check()
        return Painted(torch.lerp(*state, t))


class Blend(PaintingEngine[Keys]):
    """Engine around `BlendPainter`."""

    multiple = BlendPainter.multiple
    least = BlendPainter.least

    def tiers(self, options: Options) -> Sequence[Tier]:
        """One tier; mixing takes no memory to speak of."""
        del options
        return (Tier("full", bytes_per_pixel=16),)

    def pace(self, options: Options) -> Pace:
        """Nearly all the time goes into the finish."""
        del options
        return Pace(load=0, prepare=0, paint=0.01, faster=5)

    def painter(self, options: Options) -> BlendPainter:
        """See `PaintingEngine.painter`."""
        del options
        return BlendPainter()
