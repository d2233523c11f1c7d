"""How the decoder looks back at the two keys: details that latents lose come from the drawings."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.tooncrafter.layers import GROUPS
from genani.engines.inbetween.tooncrafter.vae_layers import EPS

_HEAD = 64


class LookBack(nn.Module):
    """Every place of every frame looks at all places of both keys.

    Args:
        width: channels of the features, of the decoder and of the keys.
        heads: of 64 each.
    """

    def __init__(self, width: int, heads: int = 8) -> None:
        super().__init__()
        inner = heads * _HEAD
        self.norm = nn.GroupNorm(GROUPS, width, eps=EPS)
        self.to_q = nn.Linear(width, inner, bias=False)
        self.to_k = nn.Linear(width, inner, bias=False)
        self.to_v = nn.Linear(width, inner, bias=False)
        self.to_out = nn.Linear(inner, width)

    def forward(self, features: Tensor, keys: Tensor, frames: int) -> Tensor:
        """(B*T, width, h, w), looking at (B, width, 2, h, w), to the same shape."""
        tokens = self.norm(features).flatten(2).transpose(1, 2)
        # The keys are the same for all frames, so these share one look: (B, T*h*w, width).
        query = self.to_q(tokens).unflatten(0, (-1, frames)).flatten(1, 2)
        seen = keys.flatten(2).transpose(1, 2)
        made = functional.scaled_dot_product_attention(
            _heads(query), _heads(self.to_k(seen)), _heads(self.to_v(seen))
        )
        made = self.to_out(made.transpose(1, 2).flatten(2)).unflatten(1, (frames, -1))
        return features + made.flatten(0, 1).transpose(1, 2).unflatten(2, features.shape[2:])


class EndsOnly(nn.Module):
    """The keys' features are added to the first and the last frame, through a 1x1 convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 1)

    def forward(self, features: Tensor, keys: Tensor, frames: int) -> Tensor:
        """(B*T, width, h, w), given (B, width, 2, h, w), to the same shape."""
        added = self.conv(keys.transpose(1, 2).flatten(0, 1)).unflatten(0, (-1, 2))
        video = features.unflatten(0, (-1, frames))
        ends = torch.stack((video[:, 0], video[:, -1]), 1) + added
        return torch.cat((ends[:, :1], video[:, 1:-1], ends[:, 1:]), 1).flatten(0, 1)


def _heads(tokens: Tensor) -> Tensor:
    return tokens.unflatten(2, (-1, _HEAD)).transpose(1, 2)
