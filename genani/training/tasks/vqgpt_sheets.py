"""Drawings as tensors, and tensors as sheets a person can judge by. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from genani.training.tasks.sheets import sheet

_GREY = 0.5
"""Behind the drawings: white ink is seen on it as well as black."""


def premultiplied(pixels: Tensor) -> Tensor:
    """(..., H, W, 4) uint8 straight RGBA as (..., 4, H, W) float32 premultiplied, 0..1."""
    straight = pixels.movedim(-1, -3).float() / 255
    alpha = straight[..., 3:, :, :]
    return torch.cat((straight[..., :3, :, :] * alpha, alpha), -3)


def write_sheet(rows: Sequence[Sequence[Tensor]], path: Path) -> None:
    """Rows of drawings (4, H, W), premultiplied, on grey, as a PNG."""
    path.write_bytes(sheet([_on_grey(each.float()) for each in row] for row in rows))


def _on_grey(picture: Tensor) -> Tensor:
    return picture[:3] + _GREY * (1 - picture[3:])
