"""How far a frame of a loop is from the truth, and from the frame before it. Imports torch.

Pictures are premultiplied RGBA (B, 4, H, W), 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from genani.engines.inbetween.sprite.layers import warp


@dataclass(frozen=True)
class Step:
    """A true frame, the one before it, and the way between them.

    Attributes:
        now, before: (B, 4, H, W).
        flow: (B, 2, H, W) from `now` to `before`, in shares of the half side.
        seen: (B, 1, H, W) where that flow is to be believed.
    """

    now: Tensor
    before: Tensor
    flow: Tensor
    seen: Tensor


def squared(made: Tensor, truth: Tensor) -> Tensor:
    """(B,) mean squared difference."""
    return (made.float() - truth).square().mean((1, 2, 3))


def neighbour(made: Tensor, before: Tensor, true: Step) -> Tensor:
    """How much more, or less, changes from frame to frame than does in truth; a scalar.

    Args:
        made: the frame drawn.
        before: the frame before it as it was shown, maybe drawn too.
        true: what should have been drawn.
    """
    return ((made.float() - before) - (true.now - true.before)).abs().mean()


def flickering(made: Tensor, before: Tensor, true: Step) -> Tensor:
    """(B,) change that motion does not explain: the frame before, brought here, differs so much.

    After W.-S. Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, with the flow
    of the true frames; a mean over places that are seen in both and not empty.
    """
    brought = warp(before, true.flow)
    weight = true.seen * torch.maximum(true.now[:, 3:], made[:, 3:].float()).detach()
    apart = (made.float() - brought).abs().mean(1, keepdim=True)
    return (apart * weight).sum((1, 2, 3)) / weight.sum((1, 2, 3)).clamp_min(1)


def uneven(flow: Tensor) -> Tensor:
    """How unevenly neighbouring places move; a scalar."""
    across = (flow[..., 1:] - flow[..., :-1]).abs().mean()
    return across + (flow[..., 1:, :] - flow[..., :-1, :]).abs().mean()
