"""The image query transformer: what the first key shows, as sixteen tokens for every frame."""

from __future__ import annotations

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn
from torch.nn import functional


class QueryLayer(nn.Module):
    """Queries look at tokens and at themselves, then a feed-forward; both added, no biases."""

    def __init__(self, width: int, head: int, heads: int, ratio: int) -> None:
        super().__init__()
        inner = head * heads
        self.head = head
        self.norm_tokens = nn.LayerNorm(width)
        self.norm_queries = nn.LayerNorm(width)
        self.to_q = nn.Linear(width, inner, bias=False)
        self.to_k = nn.Linear(width, inner, bias=False)
        self.to_v = nn.Linear(width, inner, bias=False)
        self.to_out = nn.Linear(inner, width, bias=False)
        self.norm_ff = nn.LayerNorm(width)
        self.ff_in = nn.Linear(width, ratio * width, bias=False)
        self.ff_out = nn.Linear(ratio * width, width, bias=False)

    def forward(self, queries: Tensor, tokens: Tensor) -> Tensor:
        """(B, Q, width) and (B, N, width) to (B, Q, width)."""
        asked = self.norm_queries(queries)
        seen = torch.cat((self.norm_tokens(tokens), asked), 1)
        made = functional.scaled_dot_product_attention(
            self._heads(self.to_q(asked)),
            self._heads(self.to_k(seen)),
            self._heads(self.to_v(seen)),
        )
        queries = queries + self.to_out(made.transpose(1, 2).flatten(2))
        return queries + self.ff_out(functional.gelu(self.ff_in(self.norm_ff(queries))))

    def _heads(self, tokens: Tensor) -> Tensor:
        return tokens.unflatten(2, (-1, self.head)).transpose(1, 2)


class ImageProjector(ModelMixin, ConfigMixin):
    """Tokens of a CLIP image tower to those that the UNet looks at.

    The defaults are the published model's (a "resampler" after Alayrac et al., "Flamingo", 2022).

    Args:
        input_dim: width of the tower's tokens.
        width: of queries inside.
        output_dim: width of the tokens made.
        depth: how many `QueryLayer`.
        head_dim, heads: of each.
        num_queries: tokens made: 16 for each of 16 frames.
        ff_ratio: width of the feed-forward over `width`.
    """

    _no_split_modules = ["QueryLayer"]  # noqa: RUF012 - diffusers' own form

    @register_to_config
    def __init__(
        self,
        input_dim: int = 1280,
        width: int = 1024,
        output_dim: int = 1024,
        depth: int = 4,
        head_dim: int = 64,
        heads: int = 12,
        num_queries: int = 256,
        ff_ratio: int = 4,
    ) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(1, num_queries, width) / width**0.5)
        self.proj_in = nn.Linear(input_dim, width)
        self.layers = nn.ModuleList(
            QueryLayer(width, head_dim, heads, ff_ratio) for _ in range(depth)
        )
        self.proj_out = nn.Linear(width, output_dim)
        self.norm_out = nn.LayerNorm(output_dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, input_dim) to (B, num_queries, output_dim)."""
        tokens = self.proj_in(tokens)
        queries = self.queries.expand(len(tokens), -1, -1)
        for layer in self.layers:
            queries = layer(queries, tokens)
        return self.norm_out(self.proj_out(queries))
