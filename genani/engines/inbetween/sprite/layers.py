"""Parts of the sprite network: blocks that a condition steers, attention, warping."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_SLOPE = 0.1
_GROUPS = 4


class Steered(nn.Module):
    """Two 3 x 3 convolutions around which the condition scales and shifts features (FiLM).

    E. Perez et al., "FiLM: Visual Reasoning with a General Conditioning Layer", AAAI 2018.

    Args:
        inputs, outputs: channels; `outputs` is a multiple of 4.
        told: size of the condition.
    """

    def __init__(self, inputs: int, outputs: int, told: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.GroupNorm(_GROUPS, outputs)
        self.steer = nn.Linear(told, 2 * outputs)
        self.leave = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, features: Tensor, told: Tensor) -> Tensor:
        """(B, inputs, H, W) and (B, told) to (B, outputs, H, W)."""
        own = self.norm(self.enter(features))
        scale, shift = self.steer(told)[..., None, None].chunk(2, 1)
        own = functional.leaky_relu(own * (1 + scale) + shift, _SLOPE)
        return own + functional.leaky_relu(self.leave(own), _SLOPE)


class Attention(nn.Module):
    """Every place looks at every other, as limbs move together.

    A. Vaswani et al., "Attention Is All You Need", NeurIPS 2017; self-attention over places as in
    X. Wang et al., "Non-local Neural Networks", CVPR 2018.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(_GROUPS, channels)
        self.asked = nn.Conv2d(channels, 3 * channels, 1)
        self.told = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.told.weight)
        if self.told.bias is not None:
            nn.init.zeros_(self.told.bias)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        batch, channels, height, width = features.shape
        each = self.asked(self.norm(features)).reshape(batch, 3, self.heads, -1, height * width)
        query, key, value = each.transpose(3, 4).unbind(1)
        seen = functional.scaled_dot_product_attention(query, key, value)
        seen = seen.transpose(2, 3).reshape(batch, channels, height, width)
        return features + self.told(seen)


class Halving(nn.Module):
    """Features of half the size: a strided convolution and one more."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.down = nn.Conv2d(inputs, outputs, 3, 2, 1)
        self.more = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H / 2, W / 2)."""
        own = functional.leaky_relu(self.down(features), _SLOPE)
        return own + functional.leaky_relu(self.more(own), _SLOPE)


def places(like: Tensor) -> Tensor:
    """(1, 2, H, W) x and y of each place of a picture, -1 to 1, at the middles of its pixels."""
    height, width = like.shape[2:]
    x = (torch.arange(width, device=like.device) + 0.5) * (2 / width) - 1
    y = (torch.arange(height, device=like.device) + 0.5) * (2 / height) - 1
    across, down = torch.meshgrid(x, y, indexing="xy")
    return torch.stack((across, down))[None]


def warp(picture: Tensor, flow: Tensor) -> Tensor:
    """Each place of (B, C, H, W) taken from where its flow (B, 2, h, w) points.

    Args:
        picture: any size.
        flow: in shares of the picture's half side, x before y; gives the result its size.

    Returns:
        (B, C, h, w); bilinear, places outside show the border.
    """
    grid = (places(flow) + flow.float()).permute(0, 2, 3, 1)
    made = functional.grid_sample(picture.float(), grid, "bilinear", "border", align_corners=False)
    return made.to(picture.dtype)


def doubled(tensor: Tensor) -> Tensor:
    """Twice as large, bilinear."""
    return functional.interpolate(tensor, scale_factor=2, mode="bilinear")
