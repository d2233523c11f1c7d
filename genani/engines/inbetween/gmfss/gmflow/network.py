"""GMFlow, two scales (Xu et al., "Learning Optical Flow via Global Matching", arXiv 2111.13680)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.gmfss.gmflow.attention import Transformer, add_position
from genani.engines.inbetween.gmfss.gmflow.encoder import STEM_WIDTHS, Encoder
from genani.engines.inbetween.gmfss.gmflow.matching import (
    FlowPropagation,
    match_globally,
    match_locally,
)
from genani.engines.inbetween.gmfss.sampling import backwarp

MULTIPLE = 32
"""Both sides of the input must be multiples of this: 8 windows across at a quarter of the size."""

COARSE_SPLITS, FINE_SPLITS = 2, 8
RADIUS = 4
UPSAMPLE = 4
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


class GMFlow(nn.Module):
    """Flow between two images, both ways, by matching features everywhere.

    At 1/8 of the size every pixel is matched with every other and the flow is spread by
    self-attention; at 1/4 it is refined within four pixels; a learned convex combination
    brings it to full size.

    Args:
        width: channels of the features.
        stem: channels of the encoder's stages.
        depth: transformer blocks.
    """

    def __init__(
        self, width: int = 128, stem: tuple[int, int, int] = STEM_WIDTHS, depth: int = 6
    ) -> None:
        super().__init__()
        self.backbone = Encoder(width, stem)
        self.transformer = Transformer(width, depth)
        self.feature_flow_attn = FlowPropagation(width)
        self.upsampler = nn.Sequential(
            nn.Conv2d(2 + width, 256, 3, 1, 1),
            nn.ReLU(),
            nn.Conv2d(256, UPSAMPLE**2 * 9, 1),
        )

    def forward(self, first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        """Flow from the first image to the last, and from the last to the first.

        Both ways share the encoder and the coarse transformer, which treat the images alike.

        Args:
            first, last: (1, 3, H, W) in 0..1; H and W are multiples of `MULTIPLE`, at least 160.

        Returns:
            Two flows (1, 2, H, W), pixels, x before y.
        """
        images = torch.cat((first, last))
        mean = images.new_tensor(MEAN).view(1, 3, 1, 1)
        deviation = images.new_tensor(DEVIATION).view(1, 3, 1, 1)
        coarse, fine = self.backbone((images - mean) / deviation)
        flow = self._match_coarse(coarse)
        flow = 2 * functional.interpolate(flow, scale_factor=2, mode="bilinear", align_corners=True)
        there, back = self._refine(fine, flow).chunk(2)
        return there, back

    def _compare(self, features: Tensor, splits: int) -> Tensor:
        tokens = add_position(features.permute(0, 2, 3, 1), splits)
        return self.transformer(tokens, splits).permute(0, 3, 1, 2).contiguous()

    def _match_coarse(self, features: Tensor) -> Tensor:
        features = self._compare(features, COARSE_SPLITS)
        flow = match_globally(features, torch.cat(features.chunk(2)[::-1]))
        return self.feature_flow_attn(features, flow)

    def _refine(self, features: Tensor, flow: Tensor) -> Tensor:
        count = len(features)
        partners = backwarp(torch.cat(features.chunk(2)[::-1]), flow)
        features, partners = self._compare(torch.cat((features, partners)), FINE_SPLITS).split(
            count
        )
        flow = flow + match_locally(features, partners, RADIUS)
        flow = self.feature_flow_attn.nearby(features, flow)
        return self._upsample(flow, features)

    def _upsample(self, flow: Tensor, features: Tensor) -> Tensor:
        """Make each fine pixel a learned mean of 3 x 3 coarse ones (RAFT, arXiv 2003.12039)."""
        batch, _, height, width = flow.shape
        share = self.upsampler(torch.cat((flow, features), 1))
        share = share.view(batch, 1, 9, UPSAMPLE, UPSAMPLE, height, width).softmax(2)
        around = functional.unfold(UPSAMPLE * flow, 3, padding=1).view(
            batch, 2, 9, 1, 1, height, width
        )
        fine = (share * around).sum(2).permute(0, 1, 4, 2, 5, 3)
        return fine.reshape(batch, 2, UPSAMPLE * height, UPSAMPLE * width)
