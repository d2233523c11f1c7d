"""Looking images up along a flow, and asking two flows whether they agree."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional


def pixel_grid(height: int, width: int, like: Tensor) -> Tensor:
    """Every pixel's own place, (1, 2, height, width), x before y, dtype and device of `like`."""
    y, x = torch.meshgrid(
        torch.arange(height, dtype=like.dtype, device=like.device),
        torch.arange(width, dtype=like.dtype, device=like.device),
        indexing="ij",
    )
    return torch.stack((x, y))[None]


def backwarp(image: Tensor, flow: Tensor, outside: Literal["zeros", "border"] = "zeros") -> Tensor:
    """Fetch each pixel from where the flow points, bilinearly.

    Args:
        image: (B, C, H, W).
        flow: (B, 2, H, W), pixels, x before y.
        outside: what lies beyond the edge: nothing, or the edge's pixels drawn out.
    """
    height, width = image.shape[-2:]
    place = pixel_grid(height, width, flow) + flow
    half = place.new_tensor([(width - 1) / 2, (height - 1) / 2]).view(1, 2, 1, 1)
    grid = (place / half - 1).permute(0, 2, 3, 1)
    return functional.grid_sample(image, grid, "bilinear", outside, align_corners=True)


def occluded(flow: Tensor, back: Tensor, slope: float = 0.01, slack: float = 0.5) -> Tensor:
    """Mark pixels whose way there and back does not come home (UnFlow, arXiv 1711.07837).

    Args:
        flow, back: (B, 2, H, W), pixels, from the first to the second image and back.
        slope, slack: the miss allowed, per pixel of motion and in pixels.

    Returns:
        (B, 1, H, W) of the flow's dtype: 1 where occluded, else 0.
    """
    motion = flow.norm(dim=1) + back.norm(dim=1)
    miss = (flow + backwarp(back, flow)).norm(dim=1)
    return (miss > slope * motion + slack).to(flow.dtype)[:, None]


def resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize (B, C, H, W) to (height, width) bilinearly, as the networks were trained with."""
    if image.shape[-2:] == size:
        return image
    return functional.interpolate(image, size, mode="bilinear", align_corners=False)


def resize_flow(flow: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize a flow, (B, 2, H, W), and scale its vectors to the new pixels."""
    height, width = flow.shape[-2:]
    scale = flow.new_tensor([size[1] / width, size[0] / height]).view(1, 2, 1, 1)
    return resize(flow, size) * scale
