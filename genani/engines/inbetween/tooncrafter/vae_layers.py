"""The autoencoder's parts: residual units over space and over time, and attention over a frame."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.tooncrafter.layers import GROUPS, folded, unfolded

EPS = 1e-6
"""Of every norm over single frames; norms over time keep torch's own."""

Frames = tuple[int, int]
"""The first of some frames of a clip, and the one after the last."""


class FrameUnit(nn.Module):
    """Two convolutions over single frames, added to what came in."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, before, eps=EPS)
        self.conv1 = nn.Conv2d(before, after, 3, padding=1)
        self.norm2 = nn.GroupNorm(GROUPS, after, eps=EPS)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1)
        self.shortcut = nn.Identity() if before == after else nn.Conv2d(before, after, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(N, before, h, w) to (N, after, h, w)."""
        made = self.conv1(functional.silu(self.norm1(features)))
        made = self.conv2(functional.silu(self.norm2(made)))
        return self.shortcut(features) + made


class TimeUnit(nn.Module):
    """Two convolutions over three frames each, added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, width)
        self.conv1 = nn.Conv3d(width, width, (3, 1, 1), padding=(1, 0, 0))
        self.norm2 = nn.GroupNorm(GROUPS, width)
        self.conv2 = nn.Conv3d(width, width, (3, 1, 1), padding=(1, 0, 0))

    def forward(self, video: Tensor, wanted: Frames | None = None) -> Tensor:
        """(B, width, T, h, w) to the same; norms run over time and space together.

        Args:
            wanted: the frames that are asked for; all where None.
        """
        made = self.conv1(functional.silu(self.norm1(video)))
        made = functional.silu(self.norm2(made))
        if wanted is None:
            return video + self.conv2(made)
        return video[:, :, slice(*wanted)] + over_time(self.conv2, made, wanted)


class VideoUnit(nn.Module):
    """A unit over frames, then one over time, blended by a learned share."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.spatial = FrameUnit(before, after)
        self.temporal = TimeUnit(after)
        self.mix = nn.Parameter(torch.zeros(1))

    def forward(self, features: Tensor, frames: int, wanted: Frames | None = None) -> Tensor:
        """(B*T, before, h, w) to (B*T, after, h, w), or to the frames that are asked for."""
        still = unfolded(self.spatial(features), frames)
        moved = self.temporal(still, wanted)
        if wanted is not None:
            still = still[:, :, slice(*wanted)]
        return folded(mixed(still, moved, self.mix))


def mixed(still: Tensor, moved: Tensor, mix: Tensor) -> Tensor:
    """What units over frames and over time make, blended by the learned share."""
    return torch.lerp(still, moved, torch.sigmoid(mix).to(still.dtype))


def over_time(conv: nn.Module, video: Tensor, wanted: Frames) -> Tensor:
    """A convolution over three frames of (B, C, T, h, w) each, for the wanted frames only."""
    first, end = wanted
    start = max(0, first - 1)
    return conv(video[:, :, start : end + 1])[:, :, first - start : end - start]


class FrameAttention(nn.Module):
    """Every place of a frame looks at all places of that frame; one head."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width, eps=EPS)
        self.to_q = nn.Linear(width, width)
        self.to_k = nn.Linear(width, width)
        self.to_v = nn.Linear(width, width)
        self.to_out = nn.Linear(width, width)

    def forward(self, features: Tensor) -> Tensor:
        """(N, width, h, w) to the same."""
        tokens = self.norm(features).flatten(2).transpose(1, 2)
        # Torch's kernels are made for several heads: one is an axis of its own.
        query, key, value = (by(tokens)[:, None] for by in (self.to_q, self.to_k, self.to_v))
        made = self.to_out(functional.scaled_dot_product_attention(query, key, value)[:, 0])
        return features + made.transpose(1, 2).unflatten(2, features.shape[2:])


class Halve(nn.Module):
    """Half the size, by a convolution that looks to the right and down."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2)

    def forward(self, features: Tensor) -> Tensor:
        """(N, width, h, w) to (N, width, h/2, w/2)."""
        return self.conv(functional.pad(features, (0, 1, 0, 1)))


class Stage(nn.Module):
    """The units of one width, and the change of size that follows them, if any."""

    def __init__(self, units: Sequence[nn.Module], resize: nn.Module | None) -> None:
        super().__init__()
        self.units = nn.ModuleList(units)
        self.resize = resize
