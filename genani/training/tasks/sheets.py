"""Rows of pictures on one sheet, for a person to judge by. Imports torch."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from genani.media.image import encode_png
from genani.scene.picture import Picture


def sheet(rows: Iterable[Iterable[Tensor]]) -> bytes:
    """A PNG of rows of opaque pictures.

    Args:
        rows: from the top, each with its pictures (3, H, W), 0 to 1, from the left; all rows are
            equally wide.
    """
    lines = [torch.cat(list(row), 2) for row in rows]
    whole = torch.cat(lines, 1).float().clamp(0, 1).permute(1, 2, 0)
    pixels = (whole.cpu().numpy() * 255 + 0.5).astype(np.uint8)
    opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    return encode_png(Picture(np.concatenate([pixels, opaque], 2)))
