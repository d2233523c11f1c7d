"""Pictures to tensors and back: premultiplied floats, mattes, padding.

Tensors are (1, C, H, W) float32. Colours are the picture's own numbers scaled to 0..1, in the
picture's own colour space: nothing here knows about profiles.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from genani.scene.picture import Pixels

_MATTES = (
    (1.0, 1.0, 1.0),
    (0.5, 0.5, 0.5),
    (0.55, 0.75, 0.95),
    (0.60, 0.85, 0.60),
    (0.95, 0.65, 0.75),
)
"""White first, as drawings are seen on paper. Black is left out: it draws fringes."""

_MATTE_CONTRAST = 0.25
"""Largest channel difference below which an edge is hard to see against its matte."""


def premultiplied(pixels: Pixels, device: torch.device | str = "cpu") -> Tensor:
    """Straight (H, W, 4) pixels of 8 or 16 bits as (1, 4, H, W) float32 premultiplied RGBA."""
    # torch knows too little of uint16, so the widening to float is numpy's.
    straight = pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)
    rgba = torch.from_numpy(straight).to(device).permute(2, 0, 1)[None].contiguous()
    rgba[:, :3] *= rgba[:, 3:]
    return rgba


def straight_pixels(rgba: Tensor, depth: int) -> Pixels:
    """Premultiplied (1, 4, H, W) floats as straight (H, W, 4) pixels of 8 or 16 bits.

    Values are clamped; where alpha rounds to 0 the colour is 0 too.
    """
    white = (1 << depth) - 1
    alpha = rgba[:, 3:].clamp(0, 1)
    level = (alpha * white).round()
    colour = (rgba[:, :3].clamp_min(0) / alpha.clamp_min(0.5 / white)).clamp(0, 1)
    colour = (colour * white).round() * (level > 0)
    values = torch.cat((colour, level), 1)[0].permute(1, 2, 0).cpu().numpy()
    return values.astype(np.uint16 if depth == 16 else np.uint8)


def matte_for(first: Tensor, last: Tensor) -> Tensor:
    """A plain colour on which the edges of both keys are easy to see, (1, 3, 1, 1).

    White unless much of the art's edge is nearly white; never black. Networks that take RGB
    are shown the keys over it (`over`).

    Args:
        first, last: (1, 4, H, W) premultiplied.
    """
    edges = [_edge_colours(key) for key in (first, last)]
    colours = torch.cat(edges)
    mattes = torch.tensor(_MATTES, device=first.device)
    if len(colours) == 0:
        return mattes[0].view(1, 3, 1, 1)
    contrast = (colours[:, None] - mattes[None]).abs().amax(2)
    seen = (contrast > _MATTE_CONTRAST).float().mean(0)
    # White keeps its place unless another matte shows clearly more of the edge.
    seen[0] += 0.1
    return mattes[int(seen.argmax())].view(1, 3, 1, 1)


def _edge_colours(rgba: Tensor, most: int = 20_000) -> Tensor:
    """Straight colours (N, 3) of visible pixels next to transparent ones."""
    alpha = rgba[:, 3:]
    least = -functional.max_pool2d(-alpha, 5, 1, 2)
    where = ((alpha > 0.5) & (least < 0.5))[0, 0].nonzero()
    where = where[:: max(1, len(where) // most)]
    picked = rgba[0, :, where[:, 0], where[:, 1]].T
    return picked[:, :3] / picked[:, 3:].clamp_min(1e-3)


def over(rgba: Tensor, matte: Tensor) -> Tensor:
    """Premultiplied (1, 4, H, W) laid over a matte (1, 3, 1, 1): opaque RGB, (1, 3, H, W)."""
    return rgba[:, :3] + matte * (1 - rgba[:, 3:])


def pad(rgba: Tensor, height: int, width: int) -> Tensor:
    """Grow to `height` x `width` at the bottom and right by repeating the border.

    The border of a cel is mostly empty and stays so; a picture that fills the canvas goes on
    beyond it, which networks need to see near edges.
    """
    below, right = height - rgba.shape[2], width - rgba.shape[3]
    return functional.pad(rgba, (0, right, 0, below), mode="replicate") if below or right else rgba
