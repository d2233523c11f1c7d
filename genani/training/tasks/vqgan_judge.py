"""The judge of a VQ-GAN: which patches are drawn and which are made. Imports torch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.vqgpt.autoencoder import CHANNELS

_MOST_WEIGHT = 1e4


class PatchJudge(nn.Module):
    """A verdict on each patch (P. Isola et al., arXiv 1611.07004).

    Args:
        width: channels of the first layer.
        levels: layers that halve the sides; each doubles the channels.
    """

    def __init__(self, width: int = 32, levels: int = 3) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(CHANNELS, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        wide = width
        for level in range(1, levels + 1):
            stride, more = (2 if level < levels else 1), min(width * 2**level, 8 * width)
            layers += [
                nn.Conv2d(wide, more, 4, stride, 1, bias=False),
                nn.GroupNorm(4, more),
                nn.LeakyReLU(0.2),
            ]
            wide = more
        self.net = nn.Sequential(*layers, nn.Conv2d(wide, 1, 4, 1, 1))

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 1, h, w) how much patches of (B, 4, H, W) premultiplied RGBA look drawn."""
        return self.net(2 * picture - 1)


def told_apart(drawn: Tensor, made: Tensor) -> Tensor:
    """What the judge makes smaller: the hinge loss of its verdicts on both."""
    return (functional.relu(1 - drawn).mean() + functional.relu(1 + made).mean()) / 2


def balance(likeness: Tensor, doubt: Tensor, weight: Tensor) -> Tensor:
    """How much the judge counts, so that it pulls as hard at the last layer as likeness does.

    P. Esser et al., arXiv 2012.09841, equation 7.

    Args:
        likeness, doubt: losses of likeness and of the judge.
        weight: of the decoder's last layer.
    """
    (near,) = torch.autograd.grad(likeness, weight, retain_graph=True)
    (far,) = torch.autograd.grad(doubt, weight, retain_graph=True)
    return (near.norm() / (far.norm() + 1e-4)).clamp(0, _MOST_WEIGHT).detach()
