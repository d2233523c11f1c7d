"""From a picture to what a stylist sees, and back: the same for every stylist. Imports torch.

A stylist sees opaque colours. Where a picture is transparent it sees the colours around go on,
so that no edge gets a fringe of paper; the picture's own alpha is kept bit for bit.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from genani.engines import region, tensor
from genani.engines.device import Device
from genani.engines.region import Box
from genani.scene.picture import Picture

_ALIGNED = 32
"""The visible part starts at multiples of this, so that it does not shift within a network's
strides from one frame to the next."""


class Canvas:
    """The visible part of a picture as a stylist sees it, and the way back.

    Args:
        picture: what is to be restyled.
        device: where the tensors lie.

    Attributes:
        box: the part of the picture that is seen; None where all is transparent.
        rgb: (1, 3, h, w) float32 colours of that part, 0..1, in the picture's own colour space,
            those around going on where it is transparent.
        alpha: (1, 1, h, w) float32 of that part, 0..1.
    """

    def __init__(self, picture: Picture, device: Device) -> None:
        self._picture = picture
        self.box = _visible(picture)
        empty = torch.zeros(1, 4, 1, 1, device=device.torch)
        rgba = empty
        if self.box is not None:
            part = np.ascontiguousarray(picture.pixels[self.box.cut])
            rgba = tensor.premultiplied(part, device.torch)
        self.alpha = rgba[:, 3:]
        self.rgb = rgba[:, :3] if picture.opaque else continued(rgba)

    def finished(self, styled: Tensor, strength: float = 1.0) -> Picture:
        """The whole picture in its style.

        Args:
            styled: (1, 3, h, w) colours for `rgb`; clamped to 0..1.
            strength: share of them in the colours of the result; the rest is the picture's own.

        Returns:
            A picture of the same size, depth, alpha and colour tag. No alpha, no colour.
        """
        picture = self._picture
        if self.box is None or strength == 0:
            return picture
        pixels = picture.pixels * (picture.pixels[..., 3:] > 0)
        part = pixels[self.box.cut]
        # In straight numbers: the alpha that both share says how much is seen of the mixture.
        colours = styled[0].float().clamp(0, 1).permute(1, 2, 0).cpu().numpy() * picture.white
        mixed = colours if strength == 1 else part[..., :3] * (1 - strength) + colours * strength
        np.copyto(part[..., :3], np.rint(mixed).astype(pixels.dtype), where=part[..., 3:] > 0)
        pixels.flags.writeable = False
        return Picture(pixels, picture.icc)


def continued(rgba: Tensor) -> Tensor:
    """Opaque colours of a picture: where it is transparent, those around it go on, ever softer.

    Push and pull (Gortler et al., "The Lumigraph", SIGGRAPH 1996, section 3.4).

    Args:
        rgba: (1, 4, H, W) premultiplied.

    Returns:
        (1, 3, H, W).
    """
    alpha = rgba[:, 3:]
    if max(rgba.shape[2:]) == 1:
        return rgba[:, :3] / alpha.clamp_min(1e-6)
    half = functional.avg_pool2d(rgba, 2, ceil_mode=True)
    # One covered pixel of four is enough to know the colour of the four.
    half = half * ((4 * half[:, 3:]).clamp_max(1) / half[:, 3:].clamp_min(1e-6))
    around = functional.interpolate(
        continued(half), size=rgba.shape[2:], mode="bilinear", align_corners=False
    )
    return rgba[:, :3] + (1 - alpha) * around


def _visible(picture: Picture) -> Box | None:
    """The part with anything in it, and some of its surroundings."""
    height, width = picture.pixels.shape[:2]
    box = region.bounding_box(picture.pixels[..., 3] > 0)
    if box is None:
        return None
    top, left = max(0, box.top - region.MARGIN), max(0, box.left - region.MARGIN)
    return Box(
        top - top % _ALIGNED,
        left - left % _ALIGNED,
        min(height, box.bottom + region.MARGIN),
        min(width, box.right + region.MARGIN),
    )
