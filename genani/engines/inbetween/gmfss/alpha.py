"""Alpha from networks that only know RGB: draw over two mattes and compare.

Smith and Blinn, "Blue Screen Matting" (SIGGRAPH 1996): where a drawing looks the same over two
backgrounds it is opaque, where it takes their colours it is empty. The same flows and weights
draw both, so alpha and colour come out of one decision and agree at every edge. Measured against
the alternatives on drawn RGBA clips: alpha drawn by itself as a grey picture leaves pale rims
where its edge and the colour's part ways; alpha guessed from what was pushed is cheaper but
speckled, with dark rims.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

BACKDROPS = (1.0, 0.25)
"""Greys for the second matte. Black is not among them: dark lines would vanish in it."""

TRACE = 0.02
"""Alpha this near to 0 or 1 is the network's unrest, not the drawing."""


def second_matte(matte: Tensor) -> Tensor:
    """The backdrop least like a matte (1, 3, 1, 1), of the same shape."""
    greys = [torch.full_like(matte, grey) for grey in BACKDROPS]
    return max(greys, key=lambda grey: float((grey - matte).abs().sum()))


def solve(images: Tensor, mattes: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Premultiplied RGBA, (1, 4, H, W), of a drawing seen over two mattes.

    Args:
        images: (2, 3, H, W), the drawing over each matte.
        mattes: (2, 3, 1, 1), not equal.
        low, high: (1, 1, H, W), between which alpha is known to lie. Where `high` is 0 all
            of the result is 0.
    """
    apart = mattes[:1] - mattes[1:]
    shown = ((images[:1] - images[1:]) * apart).sum(1, keepdim=True) / apart.square().sum()
    alpha = ((1 - shown - TRACE) / (1 - 2 * TRACE)).clamp(0, 1)
    alpha = alpha.maximum(low).minimum(high)
    colour = images.mean(0, keepdim=True) - (1 - alpha) * mattes.mean(0, keepdim=True)
    return torch.cat((colour.clamp_min(0).minimum(alpha), alpha), 1)


def reach(candidates: Tensor) -> tuple[Tensor, Tensor]:
    """The least and the greatest alpha that candidates at half size leave room for.

    Args:
        candidates: (N, 1, h, w), what the drawing's alpha may be made of.

    Returns:
        Two maps (1, 1, 2h, 2w); a pixel of slack on every side allows for the networks'
        drawing edges anew.
    """
    low = -functional.max_pool2d(-candidates.amin(0, keepdim=True), 3, 1, 1)
    high = functional.max_pool2d(candidates.amax(0, keepdim=True), 3, 1, 1)
    return _doubled(low), _doubled(high)


def _doubled(half: Tensor) -> Tensor:
    return functional.interpolate(half, scale_factor=2, mode="nearest")
