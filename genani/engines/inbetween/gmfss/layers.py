"""The building blocks shared by GMFSS's feature, metric and fusion networks."""

from __future__ import annotations

from torch import nn


def activated(conv: nn.Module) -> tuple[nn.Module, nn.Module]:
    """A PReLU of one slope, then the convolution: these networks activate *before*."""
    return nn.PReLU(), conv


def conv3(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """A 3 x 3 convolution that keeps the size, or divides it by the stride."""
    return nn.Conv2d(inputs, outputs, 3, stride, 1)


def double(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Two activated convolutions; the first changes width and size."""
    return nn.Sequential(
        *activated(conv3(inputs, outputs, stride)), *activated(conv3(outputs, outputs))
    )


def double_up(inputs: int, outputs: int) -> nn.Sequential:
    """As `double`, but the first convolution doubles the size."""
    return nn.Sequential(
        *activated(nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)),
        *activated(conv3(outputs, outputs)),
    )
