"""Attention over image features: in windows, plain or shifted (GMFlow, arXiv 2111.13680)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product

import torch
from torch import Tensor, nn

SCORES_BYTES = 64 << 20
"""Scores held at once. All pairs of a 4K picture's features would take gigabytes."""


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """softmax(query keyᵀ / √C) value, a few queries at a time so that memory stays bounded.

    Args:
        query: (B, N, C).
        key: (B, M, C).
        value: (B, M, D).

    Returns:
        (B, N, D).
    """
    batch, length, channels = query.shape
    row = key.shape[1] * key.element_size()
    out = value.new_empty(batch, length, value.shape[2])
    whole = max(1, SCORES_BYTES // (row * length))
    for start in range(0, batch, whole):
        some = slice(start, start + whole)
        keys, values = key[some].transpose(1, 2), value[some]
        queries = query[some] * channels**-0.5
        step = max(1, SCORES_BYTES // (row * len(queries)))
        for at in range(0, length, step):
            scores = queries[:, at : at + step] @ keys
            out[some, at : at + step] = scores.softmax(-1) @ values
    return out


def _strips(length: int, splits: int, shifted: bool) -> list[tuple[slice, int]]:
    """Cut one axis into windows of length / splits: (where, how many windows it holds).

    Shifted windows begin half a window in; that leaves a short one at either end. (Swin's
    rolled windows with masked wrap-around, arXiv 2103.14030, attend to exactly these.)
    """
    window = length // splits
    if not shifted:
        return [(slice(0, length), splits)]
    start = window // 2
    end = start + (splits - 1) * window
    strips = [(slice(0, start), 1), (slice(start, end), splits - 1), (slice(end, length), 1)]
    return [(where, count) for where, count in strips if where.start < where.stop]


def blocks(
    height: int, width: int, splits: int, shifted: bool
) -> Iterator[tuple[tuple[slice, slice], tuple[int, int]]]:
    """Rectangles that hold whole windows of one size: (rows, columns) and windows down, across."""
    tall, wide = _strips(height, splits, shifted), _strips(width, splits, shifted)
    for (rows, down), (columns, across) in product(tall, wide):
        yield (rows, columns), (down, across)


def to_windows(features: Tensor, down: int, across: int) -> Tensor:
    """(B, H, W, C) to (B * down * across, pixels of a window, C)."""
    batch, height, width, channels = features.shape
    cut = features.reshape(batch, down, height // down, across, width // across, channels)
    return cut.transpose(2, 3).reshape(batch * down * across, -1, channels)


def from_windows(windows: Tensor, down: int, across: int, height: int, width: int) -> Tensor:
    """The inverse of `to_windows`: (B, height, width, C)."""
    channels = windows.shape[-1]
    cut = windows.reshape(-1, down, across, height // down, width // across, channels)
    return cut.transpose(2, 3).reshape(-1, height, width, channels)


def window_attention(
    query: Tensor, key: Tensor, value: Tensor, splits: int, shifted: bool
) -> Tensor:
    """Attention inside each of splits x splits windows; all are (B, H, W, C).

    H and W are multiples of `splits`.
    """
    height, width = query.shape[1:3]
    out = torch.empty_like(value)
    for (rows, columns), (down, across) in blocks(height, width, splits, shifted):
        block = tuple(to_windows(x[:, rows, columns], down, across) for x in (query, key, value))
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        out[:, rows, columns] = from_windows(attend(*block), down, across, tall, wide)
    return out


class AttentionLayer(nn.Module):
    """Single-head attention in windows, added to its source.

    Args:
        width: channels.
        shifted: windows begin half a window in.
        feed_forward: hidden channels of the network after it, as a multiple of twice the width;
            0 leaves it out.
    """

    def __init__(self, width: int, shifted: bool, feed_forward: int = 0) -> None:
        super().__init__()
        self.shifted = shifted
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.merge = nn.Linear(width, width, bias=False)
        self.norm1 = nn.LayerNorm(width)
        self.mlp = self.norm2 = None
        if feed_forward:
            hidden = 2 * width * feed_forward
            self.mlp = nn.Sequential(
                nn.Linear(2 * width, hidden, bias=False),
                nn.GELU(),
                nn.Linear(hidden, width, bias=False),
            )
            self.norm2 = nn.LayerNorm(width)

    def forward(self, source: Tensor, target: Tensor, splits: int) -> Tensor:
        """What `source` learns from `target`, both (B, H, W, width), added to it."""
        message = window_attention(
            self.q_proj(source), self.k_proj(target), self.v_proj(target), splits, self.shifted
        )
        message = self.norm1(self.merge(message))
        if self.mlp is not None and self.norm2 is not None:
            # One picture at a time: the hidden layer is eight times as wide as its result.
            seen = torch.cat((source, message), -1).split(1)
            message = self.norm2(torch.cat([self.mlp(one) for one in seen]))
        return source + message


class TransformerBlock(nn.Module):
    """Look at oneself, then at the other image."""

    def __init__(self, width: int, shifted: bool) -> None:
        super().__init__()
        self.self_attn = AttentionLayer(width, shifted)
        self.cross_attn_ffn = AttentionLayer(width, shifted, feed_forward=4)

    def forward(self, source: Tensor, target: Tensor, splits: int) -> Tensor:
        """(B, H, W, width) each, to the same."""
        return self.cross_attn_ffn(self.self_attn(source, source, splits), target, splits)


class Transformer(nn.Module):
    """Makes the features of two images comparable; every second block's windows are shifted.

    Args:
        width: channels.
        depth: blocks.
    """

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(TransformerBlock(width, i % 2 == 1) for i in range(depth))

    def forward(self, features: Tensor, splits: int) -> Tensor:
        """(2B, H, W, width), the images and in the same order their partners, to the same."""
        for layer in self.layers:
            partners = torch.cat(features.chunk(2)[::-1])
            features = layer(features, partners, splits)
        return features


@lru_cache(maxsize=8)
def window_position(height: int, width: int, channels: int) -> Tensor:
    """Sine position code of one window (DETR, arXiv 2005.12872): (height, width, channels).

    Half of the channels tell the row, half the column, each as a share of the window.
    """
    half = channels // 2
    frequency = 10_000 ** (-2 * torch.arange(half).div(2, rounding_mode="floor") / half)

    def code(length: int) -> Tensor:
        share = torch.arange(1, length + 1) / (length + 1e-6) * 2 * torch.pi
        angle = share[:, None] * frequency
        return torch.stack((angle[:, 0::2].sin(), angle[:, 1::2].cos()), 2).flatten(1)

    rows = code(height)[:, None].expand(-1, width, -1)
    columns = code(width)[None].expand(height, -1, -1)
    return torch.cat((rows, columns), 2)


def add_position(features: Tensor, splits: int) -> Tensor:
    """Add each window's position code to features (B, H, W, C) cut into splits x splits windows."""
    _, height, width, channels = features.shape
    code = window_position(height // splits, width // splits, channels)
    return features + code.to(features).repeat(splits, splits, 1)
