"""The RIFE network published as version 3.9 (Practical-RIFE; PReLU blocks, any `t`).

The published file also holds `contextnet` and `unet`, which this version leaves unused, and
`block_tea`, the teacher it was trained with.
"""

from __future__ import annotations

from torch import Tensor, nn

from genani.engines.inbetween.rife.pyramid import WIDTHS, FlowBlock, FlowPyramid, strided

UNUSED = ("contextnet.", "unet.", "block_tea.")
"""Beginnings of the names in the published file that this network does not need."""

_DEPTH = 8


class Block39(FlowBlock):
    """Two strided convolutions, eight at a quarter of the size, one that doubles it."""

    head_shrink = 2

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()

        def conv(before: int, after: int, stride: int) -> nn.Sequential:
            return strided(before, after, stride, nn.PReLU(after))

        self.conv0 = nn.Sequential(conv(inputs, width // 2, 2), conv(width // 2, width, 2))
        self.convblock = nn.Sequential(*(conv(width, width, 1) for _ in range(_DEPTH)))
        self.lastconv = nn.ConvTranspose2d(width, 5, 4, 2, 1)

    def features(self, seen: Tensor) -> Tensor:
        """See `FlowBlock.features`."""
        small = self.conv0(seen)
        return self.lastconv(self.convblock(small) + small)


class FlowNet39(FlowPyramid):
    """RIFE 3.9: begins again on smaller pictures where both keys move over 32 px at step two."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__(Block39, widths, wide_motion=32)
