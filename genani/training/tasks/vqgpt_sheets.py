"""Drawings as tensors, and tensors as sheets a person can judge by. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genani.media.image import encode_png
from genani.scene.picture import Picture

_GREY = 0.5
"""Behind the drawings: white ink is seen on it as well as black."""


def premultiplied(pixels: Tensor) -> Tensor:
    """(..., H, W, 4) uint8 straight RGBA as (..., 4, H, W) float32 premultiplied, 0..1."""
    straight = pixels.movedim(-1, -3).float() / 255
    alpha = straight[..., 3:, :, :]
    return torch.cat((straight[..., :3, :, :] * alpha, alpha), -3)


def write_sheet(rows: Sequence[Sequence[Tensor]], path: Path) -> None:
    """Rows of drawings (4, H, W), premultiplied, on grey, as a PNG."""
    lines = [torch.cat([_on_grey(each.float()) for each in row], 2) for row in rows]
    sheet = torch.cat(lines, 1).clamp(0, 1).permute(1, 2, 0)
    pixels = (sheet.cpu().numpy() * 255 + 0.5).astype(np.uint8)
    opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    path.write_bytes(encode_png(Picture(np.concatenate([pixels, opaque], 2))))


def _on_grey(picture: Tensor) -> Tensor:
    return picture[:3] + _GREY * (1 - picture[3:])
