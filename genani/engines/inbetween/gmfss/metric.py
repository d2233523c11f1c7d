"""How much each pixel of a key counts where several land on one place."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from genani.engines.inbetween.gmfss.layers import activated, conv3
from genani.engines.inbetween.gmfss.sampling import backwarp, occluded

WIDTH = 64
LIMIT = 10.0
"""Metrics lie between minus and plus this; they are exponents of the splatting weights."""


class MetricNet(nn.Module):
    """Learned importance for softmax splatting (GMFSS; idea of arXiv 2003.05534, section 3.3).

    It sees both keys, how badly each is explained by the other along the flow, the flows, and
    where they are occluded.

    Args:
        width: channels inside.
    """

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.metric_in = conv3(14, width)
        self.metric_net1 = nn.Sequential(*activated(conv3(width, width)))
        self.metric_net2 = nn.Sequential(*activated(conv3(width, width)))
        self.metric_net3 = nn.Sequential(*activated(conv3(width, width)))
        self.metric_out = nn.Sequential(*activated(conv3(width, 2)))

    def forward(
        self, first: Tensor, last: Tensor, flow: Tensor, back: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Importance of the first and of the last key's pixels.

        Args:
            first, last: (B, 3, H, W) in 0..1.
            flow, back: (B, 2, H, W), pixels, first to last and last to first.

        Returns:
            Two maps (B, 1, H, W) between minus and plus `LIMIT`.
        """
        height, width = first.shape[-2:]
        half = flow.new_tensor([(width - 1) / 2, (height - 1) / 2]).view(1, 2, 1, 1)
        hidden = self.metric_in(
            torch.cat(
                (
                    first,
                    last,
                    -(first - backwarp(last, flow)).abs().mean(1, keepdim=True),
                    -(last - backwarp(first, back)).abs().mean(1, keepdim=True),
                    flow / half,
                    back / half,
                    occluded(flow, back),
                    occluded(back, flow),
                ),
                1,
            )
        )
        for block in (self.metric_net1, self.metric_net2, self.metric_net3):
            hidden = block(hidden) + hidden
        metric = torch.tanh(self.metric_out(hidden)) * LIMIT
        return metric[:, :1], metric[:, 1:]
