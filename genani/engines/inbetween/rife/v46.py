"""The RIFE network published as version 4.6 (Practical-RIFE; residual blocks, any `t`)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.rife.pyramid import WIDTHS, FlowBlock, FlowPyramid, strided

_DEPTH = 8
_SLOPE = 0.2


class Residual(nn.Module):
    """A convolution whose share in the sum is learned for each channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, 1, 1)
        self.beta = nn.Parameter(torch.ones(1, width, 1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, h, w) to the same."""
        return functional.leaky_relu(self.conv(features) * self.beta + features, _SLOPE, True)


class Block46(FlowBlock):
    """Two strided convolutions, eight residual ones at a quarter of the size, one back up."""

    head_shrink = 1

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()

        def conv(before: int, after: int) -> nn.Sequential:
            return strided(before, after, 2, nn.LeakyReLU(_SLOPE, True))

        self.conv0 = nn.Sequential(conv(inputs, width // 2), conv(width // 2, width))
        self.convblock = nn.Sequential(*(Residual(width) for _ in range(_DEPTH)))
        # 4 flow, 1 mask and one channel that nothing reads, each as 2 x 2 pixels.
        self.lastconv = nn.Sequential(nn.ConvTranspose2d(width, 24, 4, 2, 1), nn.PixelShuffle(2))

    def features(self, seen: Tensor) -> Tensor:
        """See `FlowBlock.features`."""
        return self.lastconv(self.convblock(self.conv0(seen)))


class FlowNet46(FlowPyramid):
    """RIFE 4.6."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__(Block46, widths)
