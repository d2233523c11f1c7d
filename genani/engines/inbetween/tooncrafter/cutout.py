"""Alpha for frames that a model drew over a plain colour, as it knows no transparency."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

_LIKE_MATTE = 0.08
"""Largest channel difference from the matte of what may be empty."""

_EDGE = 5
"""Pixels within which an edge passes from drawing to nothing."""


def cut_out(frames: Tensor, matte: Tensor, empty: Tensor) -> Tensor:
    """Frames over a matte as premultiplied RGBA.

    Empty is what looks like the matte and hangs together with places that are empty in both
    keys; a patch of the same colour inside of a drawing stays.

    Args:
        frames: (T, 3, h, w), about 0..1.
        matte: (1, 3, 1, 1), what they were drawn over.
        empty: (1, 1, h, w) bool, transparent in both keys.

    Returns:
        (T, 4, h, w) float32 on the device of the frames.
    """
    off = (frames - matte).abs().amax(1, keepdim=True)
    outside = torch.stack([_outside(frame < _LIKE_MATTE, empty[0, 0]) for frame in off[:, 0]])
    outside = outside[:, None].to(frames.device)
    near = functional.max_pool2d(outside.float(), _EDGE, 1, _EDGE // 2) > 0
    # At an edge, how far a pixel is from the matte next to how far the drawing beside it is.
    drawing = functional.max_pool2d(off, _EDGE, 1, _EDGE // 2).clamp_min(_LIKE_MATTE)
    alpha = torch.where(near, (off / drawing).clamp(0, 1), torch.ones_like(off))
    alpha = alpha.masked_fill(outside, 0.0)
    colour = frames - matte * (1 - alpha)
    return torch.cat((torch.minimum(colour.clamp_min(0), alpha), alpha), 1)


def _outside(like_matte: Tensor, empty: Tensor) -> Tensor:
    """(h, w) bool: the part of `like_matte` that reaches places known to be empty."""
    _, patches = cv2.connectedComponents(like_matte.cpu().numpy().astype(np.uint8), connectivity=4)
    reached = np.unique(patches[empty.cpu().numpy()])
    return torch.from_numpy(np.isin(patches, reached[reached > 0]))
