"""How far a drawing is from the truth, as something to make smaller. Imports torch.

Everything takes premultiplied RGBA (B, 4, H, W), 0 to 1, and computes in float32 whatever runs
around it. Weights say where it matters, (B, 1, H, W), 1 being plain.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.training.metrics_caffemodel import read_caffemodel
from genani.training.metrics_features import MIN_SIDE, SqueezeNet

BROWS, EYES, MOUTH = 2, 3, 4
"""Parts of a sample where an error is seen first."""

_LEVELS = 5
_BINOMIAL = (1.0, 4.0, 6.0, 4.0, 1.0)
_LUMA = (0.299, 0.587, 0.114)


def weights(parts: Tensor, features: float, brows: float) -> Tensor:
    """What an error counts at each pixel.

    Args:
        parts: (B, H, W) of the drawing, as in `Sample.parts`.
        features: weight of eyes and mouth and of two pixels around them.
        brows: of the brows, likewise.

    Returns:
        (B, 1, H, W) float32 of mean 1 over each drawing, so that a large mouth counts no more
        than a small one in the sum of a batch.
    """
    near = parts[:, None]
    eyes = _grown(((near == EYES) | (near == MOUTH)).float())
    weight = torch.maximum(
        1 + (features - 1) * eyes, 1 + (brows - 1) * _grown((near == BROWS) * 1.0)
    )
    return weight / weight.mean((2, 3), keepdim=True)


def laplacian(made: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Mean absolute difference over a Laplacian pyramid, coarse levels counting more.

    P. Bojanowski et al., "Optimizing the Latent Space of Generative Networks",
    arXiv 1707.05776; used for in-betweening by S. Niklaus and F. Liu, arXiv 1803.10967.
    """
    off = made.float() - truth.float()
    total = off.new_zeros(())
    for level in range(_LEVELS):
        if level == _LEVELS - 1 or min(off.shape[2:]) < 4:
            return total + 2**level * (off.abs() * weight).mean()
        small = _blurred(off)[:, :, ::2, ::2]
        wide = functional.interpolate(small, off.shape[2:], mode="bilinear")
        total = total + 2**level * ((off - wide).abs() * weight).mean()
        off, weight = small, functional.interpolate(weight, small.shape[2:], mode="area")
    return total


def edges(made: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Mean absolute difference of the slopes of luma on white, and of alpha."""
    off = _luma_and_alpha(made.float()) - _luma_and_alpha(truth.float())
    across = (off[..., 1:] - off[..., :-1]).abs() * weight[..., 1:]
    down = (off[..., 1:, :] - off[..., :-1, :]).abs() * weight[..., 1:, :]
    return across.mean() + down.mean()


def alpha(made: Tensor, truth: Tensor) -> Tensor:
    """Mean absolute difference of alpha."""
    return (made[:, 3].float() - truth[:, 3].float()).abs().mean()


class Perception(nn.Module):
    """Distance of SqueezeNet 1.1 features on white, as `SqueezeDistance` measures it.

    Args:
        path: `squeezenet_v1.1.caffemodel`.

    Raises:
        ModelError: the file is missing, damaged or of another network.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._net = SqueezeNet()
        self._net.load(read_caffemodel(path))
        self.requires_grad_(False).eval()

    def forward(self, made: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
        """Squared differences of unit features, summed over channels and layers; 0 to 14."""
        if min(made.shape[2:]) < MIN_SIDE:
            return made.new_zeros(())
        with torch.no_grad():
            wanted = self._net(on_white(truth).clamp(0, 1))
        total = made.new_zeros((), dtype=torch.float32)
        for own, other in zip(self._net(on_white(made)), wanted, strict=True):
            off = functional.normalize(own.float(), dim=1) - functional.normalize(
                other.float(), dim=1
            )
            here = functional.adaptive_avg_pool2d(weight, own.shape[2:])
            total = total + (off.square().sum(1, keepdim=True) * here).mean()
        return total


def over(picture: Tensor, matte: Tensor | float) -> Tensor:
    """(B, 3, H, W) premultiplied RGBA laid over a grey, 0 to 1, or one (B, 1, 1, 1) each."""
    return picture[:, :3] + matte * (1 - picture[:, 3:])


def on_white(picture: Tensor) -> Tensor:
    """(B, 3, H, W) premultiplied RGBA laid over white."""
    return over(picture, 1.0)


def _luma_and_alpha(picture: Tensor) -> Tensor:
    luma = torch.tensor(_LUMA, device=picture.device).view(1, 3, 1, 1)
    return torch.cat(((on_white(picture) * luma).sum(1, keepdim=True), picture[:, 3:]), 1)


def _grown(mask: Tensor) -> Tensor:
    return functional.max_pool2d(mask, 5, 1, 2)


def _blurred(picture: Tensor) -> Tensor:
    """Binomial blur, edges repeated."""
    count = picture.shape[1]
    line = torch.tensor(_BINOMIAL, device=picture.device) / sum(_BINOMIAL)
    with torch.autocast(picture.device.type, enabled=False):
        wide = functional.pad(picture, (2, 2, 2, 2), mode="replicate")
        rows = functional.conv2d(
            wide, line.view(1, 1, 1, 5).expand(count, -1, -1, -1), groups=count
        )
        return functional.conv2d(
            rows, line.view(1, 1, 5, 1).expand(count, -1, -1, -1), groups=count
        )
