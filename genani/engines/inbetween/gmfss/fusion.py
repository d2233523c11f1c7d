"""The network that paints the in-between from what was pushed to its time."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from genani.engines.inbetween.gmfss.bands import bands
from genani.engines.inbetween.gmfss.features import WIDTHS
from genani.engines.inbetween.gmfss.layers import conv3, double, double_up


class ShuffleTail(nn.Module):
    """From features at half size to a picture at full size, by pixel shuffle.

    Args:
        width: channels in; they stay so to the last convolution.
        channels: of the picture.
    """

    BAND_PIXELS = 160_000
    """Drawn at once: at full size the features take four times the room of what comes in."""

    HALO = 3
    """Rows beyond a band that its three convolutions look at."""

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.conv_before_upsample = nn.Sequential(conv3(width, width), nn.PReLU())
        self.upsample = nn.Sequential(conv3(width, 4 * width), nn.PixelShuffle(2))
        self.conv_last = conv3(width, channels)

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, width, h, w) to (B, channels, 2h, 2w)."""
        height, width = hidden.shape[-2:]
        drawn = []
        for band in bands(height, width, self.BAND_PIXELS, self.HALO, 1):
            seen = hidden[:, :, slice(*band.outer)]
            made = self.conv_last(self.upsample(self.conv_before_upsample(seen)))
            drawn.append(made[:, :, 2 * band.kept.start : 2 * band.kept.stop])
        return torch.cat(drawn, 2)


class GridNet(nn.Module):
    """GMFSS Fortuna's fusion network, a GridNet (arXiv 1707.07958).

    Three rows work at 1/2, 1/4 and 1/8 of the picture's size. Information runs along each row
    in residual steps, down the rows in the columns 0 and 1, and up again in the columns 4 and 5
    (2 and 3 of the original grid were pruned by its authors). `residual_model_RC` is the step
    in row R that leads to column C, `downsample_model_RC` and `upsample_model_RC` lead *into*
    and *out of* row R; the names are those of the published weights.

    Args:
        widths: channels of the rows; those of the feature network.
        images: how many RGB pictures come in at half size.
    """

    def __init__(self, widths: tuple[int, int, int] = WIDTHS, images: int = 3) -> None:
        super().__init__()
        top, middle, low = widths
        self.residual_model_head0 = double(3 * images, top)
        self.residual_model_head1 = double(2 * top, top)
        self.residual_model_head2 = double(2 * middle, middle)
        self.residual_model_head3 = double(2 * low, low)
        self.residual_model_01 = double(top, top)
        self.residual_model_04 = double(top, top)
        self.residual_model_05 = double(top, top)
        self.residual_model_11 = double(middle, middle)
        self.residual_model_14 = double(middle, middle)
        self.residual_model_15 = double(middle, middle)
        self.residual_model_21 = double(low, low)
        self.residual_model_24 = double(low, low)
        self.residual_model_25 = double(low, low)
        self.downsample_model_10 = double(top, middle, stride=2)
        self.downsample_model_20 = double(middle, low, stride=2)
        self.downsample_model_11 = double(top, middle, stride=2)
        self.downsample_model_21 = double(middle, low, stride=2)
        self.upsample_model_04 = double_up(middle, top)
        self.upsample_model_14 = double_up(low, middle)
        self.upsample_model_05 = double_up(middle, top)
        self.upsample_model_15 = double_up(low, middle)
        self.residual_model_tail = ShuffleTail(top, 3)

    def forward(self, images: Tensor, features: tuple[tuple[Tensor, Tensor], ...]) -> Tensor:
        """Paint the in-between.

        Args:
            images: (B, 3 * images, h, w) at half size: the candidates, RGB each, 0..1.
            features: for 1/2, 1/4 and 1/8 of the full size, what was pushed from the first
                and from the last key, (B, widths[row], ...) each.

        Returns:
            (B, 3, 2h, 2w), about 0..1 but not clamped.
        """
        top, middle, low = self._enter(images, features)
        low = low + self.residual_model_24(low)
        middle = middle + self.residual_model_14(middle) + self.upsample_model_14(low)
        top = top + self.residual_model_04(top) + self.upsample_model_04(middle)
        low = low + self.residual_model_25(low)
        middle = middle + self.residual_model_15(middle) + self.upsample_model_15(low)
        top = top + self.residual_model_05(top) + self.upsample_model_05(middle)
        return self.residual_model_tail(top)

    def _enter(
        self, images: Tensor, features: tuple[tuple[Tensor, Tensor], ...]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The columns 0 and 1: everything comes in and runs down the rows."""
        at_half, at_quarter, at_eighth = (torch.cat(pair, 1) for pair in features)
        top = self.residual_model_head0(images) + self.residual_model_head1(at_half)
        middle = self.downsample_model_10(top) + self.residual_model_head2(at_quarter)
        low = self.downsample_model_20(middle) + self.residual_model_head3(at_eighth)
        top = top + self.residual_model_01(top)
        middle = middle + self.residual_model_11(middle) + self.downsample_model_11(top)
        low = low + self.residual_model_21(low) + self.downsample_model_21(middle)
        return top, middle, low
