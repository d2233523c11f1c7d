"""Augmentation that adapts: what it does to pictures, and how often. Imports torch.

T. Karras et al., "Training Generative Adversarial Networks with Limited Data", arXiv 2006.06676:
reals and fakes are changed alike and differentiably, each change by a chance that grows while the
judge knows its reals too well. Of the paper's changes those that faces bear: no quarter turns.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

_SHIFT = 0.125
_SCALE, _TURN = 0.2, math.pi
_BRIGHT, _CONTRAST, _SATURATION = 0.2, 0.5, 1.0
_LUMA = (0.299, 0.587, 0.114)


def augmented(picture: Tensor, chance: Tensor | float) -> Tensor:
    """Pictures changed, each in its own way.

    Args:
        picture: (B, 4, H, W) premultiplied RGBA, -1 to 1.
        chance: of each change, 0 to 1; at 0 pictures come back as they are.
    """
    chance = float(chance)
    if chance <= 0:
        return picture
    matrix = _placed(len(picture), picture.shape[2:], chance, picture.device)
    moved = _looked_up(picture, matrix)
    return _coloured(moved, chance)


def adapted(chance: Tensor, signs: Tensor, target: float, kilo: float) -> Tensor:
    """The chance after a look at the judge's signs on reals.

    Args:
        chance: () as it was.
        signs: (2,) their sum, and how many.
        target: mean sign that is aimed at; 0.6 as published.
        kilo: thousands of pictures in which the chance may go from 0 to 1; 500 as published.
    """
    total, count = signs[0], signs[1]
    way = torch.sign(total / count.clamp_min(1) - target)
    return (chance + way * count / (1000 * kilo)).clamp(0, 1)


def _placed(count: int, size: torch.Size, chance: float, device: torch.device) -> Tensor:
    """(B, 3, 3) from places in the result to places in the picture, -1 to 1 across."""
    height, width = size

    def chosen() -> Tensor:
        return torch.rand(count, device=device) < chance

    matrix = torch.eye(3, device=device).repeat(count, 1, 1)
    mirror = chosen() & (torch.rand(count, device=device) < 0.5)
    matrix[:, 0, 0] = torch.where(mirror, -1.0, 1.0)
    shift = torch.rand(count, 2, device=device) * 2 - 1
    pixels = torch.tensor([width, height], device=device)
    # By whole pixels: nothing is blurred by it.
    whole = (shift * _SHIFT * pixels).round() * 2 / pixels
    matrix[:, :2, 2] = torch.where(chosen()[:, None], whole, torch.zeros(()))
    scale = torch.exp2(torch.randn(count, device=device) * _SCALE)
    scale = torch.where(chosen(), scale, torch.ones(()))
    # Half of the turns before the scale and half after it would make shears; one turn is enough.
    turned = torch.rand(count, device=device) < 1 - math.sqrt(1 - chance)
    angle = torch.where(turned, (torch.rand(count, device=device) * 2 - 1) * _TURN, torch.zeros(()))
    cosine, sine = angle.cos() / scale, angle.sin() / scale
    turn = torch.eye(3, device=device).repeat(count, 1, 1)
    turn[:, 0, 0], turn[:, 0, 1], turn[:, 1, 0], turn[:, 1, 1] = cosine, -sine, sine, cosine
    return matrix @ turn


def _looked_up(picture: Tensor, matrix: Tensor) -> Tensor:
    grid = functional.affine_grid(matrix[:, :2], list(picture.shape), align_corners=False)
    with torch.autocast(picture.device.type, enabled=False):
        return functional.grid_sample(
            picture.float(), grid.float(), padding_mode="reflection", align_corners=False
        )


def _coloured(picture: Tensor, chance: float) -> Tensor:
    """Brightness, contrast, hue and saturation changed; alpha and what is empty stay."""
    count, device = len(picture), picture.device

    def spread(strength: float, rest: float) -> Tensor:
        made = torch.randn(count, device=device) * strength
        made = torch.exp2(made) if rest else made
        return torch.where(torch.rand(count, device=device) < chance, made, torch.tensor(rest))

    luma = torch.tensor(_LUMA, device=device)
    grey = luma.expand(3, 3)
    same = torch.eye(3, device=device)
    matrix = same.expand(count, 3, 3)
    matrix = spread(_CONTRAST, 1.0)[:, None, None] * matrix
    saturation = spread(_SATURATION, 1.0)[:, None, None]
    matrix = (grey + saturation * (same - grey)) @ matrix
    hue = (torch.rand(count, device=device) * 2 - 1) * math.pi
    hue = torch.where(torch.rand(count, device=device) < chance, hue, torch.zeros(()))
    matrix = _about_grey(hue) @ matrix
    light = spread(_BRIGHT, 0.0)
    colour, alpha = (picture[:, :3] + 1) / 2, (picture[:, 3:] + 1) / 2
    colour = torch.einsum("bij,bjhw->bihw", matrix, colour) + light[:, None, None, None] * alpha
    return torch.cat([colour * 2 - 1, picture[:, 3:]], 1)


def _about_grey(angle: Tensor) -> Tensor:
    """(B, 3, 3) turns about the axis of greys (Rodrigues)."""
    axis = 1 / math.sqrt(3)
    cross = torch.tensor([[0.0, -axis, axis], [axis, 0.0, -axis], [-axis, axis, 0.0]])
    cross = cross.to(angle.device)
    cosine, sine = angle.cos()[:, None, None], angle.sin()[:, None, None]
    same = torch.eye(3, device=angle.device)
    return same + sine * cross + (1 - cosine) * (cross @ cross)
