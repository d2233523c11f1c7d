"""What GMFSS carries from the keys to the in-between besides their colours."""

from __future__ import annotations

from torch import Tensor, nn

from genani.engines.inbetween.gmfss.layers import double

WIDTHS = (64, 128, 192)


class FeatureNet(nn.Module):
    """Three scales of features of one key (GMFSS, github.com/98mxr/GMFSS_Fortuna).

    Args:
        widths: channels at 1/2, 1/4 and 1/8 of the picture's size.
    """

    def __init__(self, widths: tuple[int, int, int] = WIDTHS) -> None:
        super().__init__()
        self.block1 = double(3, widths[0], stride=2)
        self.block2 = double(widths[0], widths[1], stride=2)
        self.block3 = double(widths[1], widths[2], stride=2)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) in 0..1 to features at 1/2, 1/4 and 1/8; sides are multiples of 8."""
        half = self.block1(image)
        quarter = self.block2(half)
        return half, quarter, self.block3(quarter)
