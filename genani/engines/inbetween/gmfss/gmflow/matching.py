"""From comparable features to flow: matching, and spreading it (GMFlow, arXiv 2111.13680)."""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.gmfss.gmflow.attention import attend
from genani.engines.inbetween.gmfss.sampling import pixel_grid


def _tokens(features: Tensor) -> Tensor:
    return features.flatten(2).transpose(1, 2)


def match_globally(first: Tensor, last: Tensor) -> Tensor:
    """Flow, (B, 2, H, W), to the mean of all places by likeness of features, (B, C, H, W)."""
    batch, _, height, width = first.shape
    grid = pixel_grid(height, width, first)
    place = attend(_tokens(first), _tokens(last), _tokens(grid).expand(batch, -1, -1))
    return place.transpose(1, 2).view(batch, 2, height, width) - grid


def match_locally(first: Tensor, last: Tensor, radius: int) -> Tensor:
    """As `match_globally`, among the places at most `radius` away that lie in the image."""
    _, channels, height, width = first.shape
    padded = functional.pad(last, (radius,) * 4)
    inside = functional.pad(first.new_ones(height, width), (radius,) * 4) > 0
    offsets = list(product(range(-radius, radius + 1), repeat=2))
    scores = []
    for down, right in offsets:
        rows = slice(radius + down, radius + down + height)
        columns = slice(radius + right, radius + right + width)
        score = (first * padded[:, :, rows, columns]).sum(1) * channels**-0.5
        scores.append(score.masked_fill(~inside[rows, columns], -torch.inf))
    share = torch.stack(scores, 1).softmax(1)
    moves = first.new_tensor([(right, down) for down, right in offsets])
    return torch.einsum("bkhw,kc->bchw", share, moves)


class FlowPropagation(nn.Module):
    """Lets flow spread from matched pixels to like ones: attention over the image itself.

    Args:
        width: channels of the features.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width)

    def forward(self, features: Tensor, flow: Tensor) -> Tensor:
        """Spread (B, 2, H, W) flow over the whole image by (B, width, H, W) features."""
        query = self.q_proj(_tokens(features))
        # The published network projects the query again to get its key; so it was trained.
        spread = attend(query, self.k_proj(query), _tokens(flow))
        return spread.transpose(1, 2).view_as(flow)

    def nearby(self, features: Tensor, flow: Tensor) -> Tensor:
        """Spread flow among the 3 x 3 pixels around each; beyond the edge lies zero flow."""
        _, width, height, wide = features.shape
        tokens = _tokens(features)
        query = self.q_proj(tokens).transpose(1, 2).view_as(features)
        key = functional.pad(self.k_proj(tokens).transpose(1, 2).view_as(features), (1,) * 4)
        padded = functional.pad(flow, (1,) * 4)
        windows = [
            (slice(down, down + height), slice(right, right + wide))
            for down, right in product(range(3), repeat=2)
        ]
        scores = [(query * key[:, :, y, x]).sum(1) * width**-0.5 for y, x in windows]
        share = torch.stack(scores, 1).softmax(1)
        parts = [share[:, k, None] * padded[:, :, y, x] for k, (y, x) in enumerate(windows)]
        return torch.stack(parts).sum(0)
