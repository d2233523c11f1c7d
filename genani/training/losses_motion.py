"""How far motion is from the truth: flow, who shows what, and order in time. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional

_COARSER = 0.8
"""How much less each coarser estimate counts than the next finer one."""

_SMALL = 1e-3


def flow(made: Sequence[Tensor], truth: Tensor, seen: Tensor, weight: Tensor) -> Tensor:
    """Length of the error of every estimate where the truth is known, in pixels.

    Weighted towards the finest as in Z. Teed, J. Deng, "RAFT", arXiv 2003.12039; large errors
    count by their root, so that a wrong background does not outshout the face.

    Args:
        made: (B, 4, H, W) pixels towards first and last, coarse to fine.
        truth: (B, 2, 2, H, W).
        seen: (B, 2, H, W) whether the truth is known.
        weight: (B, 1, H, W).
    """
    known = seen.float() * weight
    wanted = torch.where(seen[:, :, None], truth, 0.0)
    total = weight.new_zeros(())
    for age, estimate in enumerate(reversed(made)):
        off = estimate.float().unflatten(1, (2, 2)) - wanted
        length = (off.square().sum(2) + _SMALL).sqrt()
        error = torch.where(length < 1, length, 2 * length.clamp_min(1).sqrt() - 1)
        total = total + _COARSER**age * (error * known).sum() / known.sum().clamp_min(1.0)
    return total


def visibility(mask: Tensor, seen: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy of the share of the first key where only one key shows the pixel.

    Args:
        mask: (B, 1, H, W) share of the first key, 0 to 1.
        seen: (B, 2, H, W); where neither or both are True nothing is asked.
        weight: (B, 1, H, W).
    """
    only_first, only_last = seen[:, :1] & ~seen[:, 1:], seen[:, 1:] & ~seen[:, :1]
    told = (only_first | only_last).float() * weight
    share = mask.float().clamp(_SMALL, 1 - _SMALL)
    error = -torch.where(only_first, share, 1 - share).log()
    return (error * told).sum() / told.sum().clamp_min(1.0)


def indecision(mask: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """How far the mask is from yes or no where the two keys, pulled to `t`, differ.

    A half of each is a ghost of both.

    Args:
        mask: (B, 1, H, W) share of the first key.
        first, last: (B, 4, H, W) the keys pulled to `t`.
    """
    apart = (first - last).detach().float().abs().amax(1, keepdim=True)
    share = mask.float()
    return (4 * share * (1 - share) * apart).mean()


def order(drawings: Sequence[Tensor], first: Tensor, last: Tensor, truth: Tensor) -> Tensor:
    """How far drawings in time are from leaving the first key and nearing the last.

    From one drawing to the next the distance to the first key may not shrink, nor that to the
    last grow: each patch of 8 pixels keeps its own time. Patches where the truth itself strays
    from both keys, as in a blink between two open eyes, are not asked.

    Args:
        drawings: (B, 4, H, W) each, of the same keys, at growing `t`.
        first, last: (B, 4, H, W).
        truth: (B, 4, H, W) at one of these times.
    """
    whole = _away(first, last)
    between = (_away(truth, first) <= whole) & (_away(truth, last) <= whole)
    total = first.new_zeros((), dtype=torch.float32)
    for one, two in pairwise(drawings):
        back = _away(one, first) - _away(two, first)
        forth = _away(two, last) - _away(one, last)
        total = total + ((back.relu() + forth.relu()) * between).mean()
    return total


def _away(drawing: Tensor, key: Tensor) -> Tensor:
    off = (drawing.float() - key.float()).abs().mean(1, keepdim=True)
    return functional.avg_pool2d(off, min(8, *off.shape[2:]))
