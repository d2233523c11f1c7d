"""The network's sums in the very order of the published code, for single steps under guidance.

Guidance multiplies the difference of two nearly equal predictions, and with it the rounding of
whatever attention kernel a machine has. With attention written out and the same layouts as in the
published code nothing of that is left: steps agree to the last bit on the machine that stored
them. Everything else runs as it always does, and is compared so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.tooncrafter.layers import (
    Attention,
    Context,
    SpatialTransformer,
    TemporalTransformer,
    folded,
    unfolded,
)


@contextmanager
def published_arithmetic() -> Iterator[None]:
    """Within, all attention of the video network is summed as the published code does."""
    kinds: list[Any] = [Attention, SpatialTransformer, TemporalTransformer]
    ours: list[Any] = [_attention, _spatial, _temporal]
    before = [kind.forward for kind in kinds]
    for kind, forward in zip(kinds, ours, strict=True):
        kind.forward = forward
    try:
        yield
    finally:
        for kind, forward in zip(kinds, before, strict=True):
            kind.forward = forward


def _attention(self: Attention, tokens: Tensor, context: Context | None = None) -> Tensor:
    query = self.to_q(tokens)
    if context is None:
        made = _written_out(query, self.to_k(tokens), self.to_v(tokens), self.head)
        return self.to_out(made)
    text = context.text.repeat_interleave(len(tokens) // len(context.text), 0)
    words = _written_out(query, self.to_k(text), self.to_v(text), self.head)
    keys, values = self.to_k_ip(context.image), self.to_v_ip(context.image)
    return self.to_out(words + _written_out(query, keys, values, self.head))


def _written_out(query: Tensor, key: Tensor, value: Tensor, head: int) -> Tensor:
    batch, length, width = query.shape
    query, key, value = (
        side.unflatten(2, (-1, head)).transpose(1, 2).flatten(0, 1).contiguous()
        for side in (query, key, value)
    )
    likeness = torch.bmm(query, key.transpose(1, 2)) * head**-0.5
    made = torch.bmm(likeness.softmax(-1), value)
    return made.unflatten(0, (batch, -1)).transpose(1, 2).reshape(batch, length, width)


def _spatial(self: SpatialTransformer, latents: Tensor, context: Context) -> Tensor:
    tokens = self.norm(latents).permute(0, 2, 3, 1).flatten(1, 2).contiguous()
    tokens = self.proj_out(self.block(self.proj_in(tokens), context))
    return tokens.transpose(1, 2).unflatten(2, latents.shape[2:]).contiguous() + latents


def _temporal(self: TemporalTransformer, latents: Tensor, frames: int) -> Tensor:
    video = unfolded(latents, frames)
    batch, width, _, height, across = video.shape
    # The first of these layers has another width inside, and convolutions for projections.
    by_convolution = self.proj_in.out_features != width
    tokens = self.norm(video).permute(0, 3, 4, 1, 2).flatten(0, 2)
    if by_convolution:
        tokens = self.block(_projected(tokens, self.proj_in).transpose(1, 2).contiguous())
        tokens = _projected(tokens.transpose(1, 2).contiguous(), self.proj_out).transpose(1, 2)
    else:
        tokens = self.proj_out(self.block(self.proj_in(tokens.transpose(1, 2).contiguous())))
    made = tokens.unflatten(0, (batch, height, across)).permute(0, 4, 3, 1, 2)
    return folded(made + video)


def _projected(tokens: Tensor, layer: nn.Linear) -> Tensor:
    return functional.conv1d(tokens, layer.weight[..., None], layer.bias)
