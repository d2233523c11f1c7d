"""What a run hands out, in the forms that diffusers' pipelines know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import PIL.Image
from diffusers.utils.outputs import BaseOutput
from torch import Tensor


@dataclass
class ToonCrafterOutput(BaseOutput):
    """What a run draws.

    Attributes:
        frames: as `output_type` says: (B, T, 3, H, W) float32 in 0..1 for `pt`, an array
            (B, T, H, W, 3) for `np`, lists of pictures for `pil`, latents for `latent`.
    """

    frames: Any


def in_form(output_type: str, video: Tensor) -> Any:
    """Frames (B, 3, T, H, W), about -1..1, in the form that is asked for.

    Raises:
        ValueError: there is no such form.
    """
    frames = ((video.clamp(-1, 1) + 1) / 2).transpose(1, 2)
    if output_type == "pt":
        return frames
    array = frames.permute(0, 1, 3, 4, 2).cpu().numpy()
    if output_type == "np":
        return array
    if output_type == "pil":
        # Cut off, not rounded, as the published code does.
        levels = (array * 255).astype(np.uint8)
        return [[PIL.Image.fromarray(frame) for frame in clip] for clip in levels]
    raise ValueError(f"'{output_type}' is not one of pt, np, pil and latent")
