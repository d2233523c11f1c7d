"""The square of a picture that a style model draws: the face's, or that of all. Imports torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from genani.engines.region import Box
from genani.face.mesh import array_of
from genani.scene.face import Landmarks

_HEIGHT = 0.52
"""How much of the square's height the landmarks take, and below where their middle lies; measured
on the rig's pictures that models are trained on (20 people: 0.518 +- 0.056, 0.502 +- 0.028)."""

_MIDDLE = 0.5

_FEATHER = 0.08
"""Share of the square's side in which the drawn part fades out at its edge."""


@dataclass(frozen=True)
class Square:
    """A square in pixels, which may reach beyond the picture."""

    left: int
    top: int
    side: int


def around(face: Landmarks) -> Square:
    """The square in which a face lies as in the pictures that models learn from."""
    points = array_of(face)[:, :2]
    low, high = points.min(0), points.max(0)
    side = max(4.0, float(high[1] - low[1]) / _HEIGHT)
    middle = (low + high) / 2
    left, top = middle[0] - side / 2, middle[1] - side * _MIDDLE
    return Square(math.floor(left), math.floor(top), math.ceil(side))


def enclosing(box: Box) -> Square:
    """The smallest square around a box, standing on its lower edge as busts do."""
    side = max(box.height, box.width)
    return Square(box.left + (box.width - side) // 2, box.bottom - side, side)


def cut_out(rgba: Tensor, square: Square, size: int) -> Tensor:
    """A square of a picture at a size; beyond the picture it is empty.

    Args:
        rgba: (1, 4, H, W) premultiplied, 0 to 1.
        square: in its pixels.
        size: side of the result.

    Returns:
        (1, 4, size, size) likewise.
    """
    height, width = rgba.shape[2:]
    side = square.side
    before_x, before_y = max(0, -square.left), max(0, -square.top)
    after_x = max(0, square.left + side - width)
    after_y = max(0, square.top + side - height)
    rows = slice(max(0, square.top), max(0, min(height, square.top + side)))
    columns = slice(max(0, square.left), max(0, min(width, square.left + side)))
    part = functional.pad(rgba[:, :, rows, columns], (before_x, after_x, before_y, after_y))
    part = part[:, :, :side, :side]
    scaled = functional.interpolate(
        part, (size, size), mode="bilinear", align_corners=False, antialias=side > size
    )
    return scaled.clamp(0, 1)


def laid_over(rgb: Tensor, drawn: Tensor, square: Square) -> Tensor:
    """Opaque colours with a drawn square on them that fades out at its edge.

    Args:
        rgb: (1, 3, H, W), 0 to 1.
        drawn: (1, 4, size, size) premultiplied, 0 to 1.
        square: where, in pixels of `rgb`.
    """
    side = square.side
    large = functional.interpolate(drawn, (side, side), mode="bicubic", align_corners=False).clamp(
        0, 1
    )
    alpha = large[:, 3:]
    large = torch.cat([torch.minimum(large[:, :3], alpha), alpha], 1) * _fading(side, rgb.device)
    height, width = rgb.shape[2:]
    rows = slice(max(0, square.top), max(0, min(height, square.top + side)))
    columns = slice(max(0, square.left), max(0, min(width, square.left + side)))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return rgb
    inner = large[
        :,
        :,
        rows.start - square.top : rows.stop - square.top,
        columns.start - square.left : columns.stop - square.left,
    ]
    result = rgb.clone()
    under = rgb[:, :, rows, columns]
    result[:, :, rows, columns] = inner[:, :3] + (1 - inner[:, 3:]) * under
    return result


def _fading(side: int, device: torch.device) -> Tensor:
    """(side, side) 1 in the middle, 0 at the edges."""
    place = (np.arange(side) + 0.5) / side
    line = np.clip(np.minimum(place, 1 - place) / _FEATHER, 0, 1)
    line = torch.from_numpy((line * line * (3 - 2 * line)).astype(np.float32)).to(device)
    return line[:, None] * line
