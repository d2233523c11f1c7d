"""What StyleGAN2's networks are made of. Imports torch: import it late.

T. Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", arXiv 1912.04958.
Weights are stored with spread 1 and scaled where they are used, so that all learn at one rate.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2
"""Of every leaky rectifier."""

_GAIN = math.sqrt(2)
"""What keeps the spread of values through a leaky rectifier."""

_BINOMIAL = (1.0, 3.0, 3.0, 1.0)


def rectified(x: Tensor) -> Tensor:
    """Leaky rectifier that keeps the spread of values."""
    return functional.leaky_relu(x, SLOPE) * _GAIN


class Linear(nn.Module):
    """A layer whose weights learn at a rate of their own.

    Args:
        inputs, outputs: widths.
        bias: what the biases begin with.
        rate: how fast it learns against the other layers.
        active: whether a leaky rectifier follows.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        bias: float = 0.0,
        rate: float = 1.0,
        active: bool = False,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / rate))
        self._rate, self._scale, self._active = rate, rate / math.sqrt(inputs), active

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs) to (B, outputs)."""
        made = functional.linear(x, self.weight * self._scale, self.bias * self._rate)
        return rectified(made) if self._active else made

    @torch.no_grad()
    def take(self, way: Tensor, shift: Tensor) -> None:
        """From now on be given x' where x = way x' + shift was given; (inputs, inputs) float64."""
        weight = self.weight.double()
        self.bias += (weight @ shift * (self._scale / self._rate)).to(self.bias.dtype)
        self.weight.copy_(weight @ way)

    @torch.no_grad()
    def give(self, back: Tensor, shift: Tensor) -> None:
        """From now on give back (y - shift) in place of y, part by part where there are more.

        Args:
            back: (n, n) float64, `outputs` a multiple of n.
            shift: (n,).
        """
        assert not self._active
        weight = self.weight.double().unflatten(0, (-1, len(back)))
        bias = self.bias.double().unflatten(0, (-1, len(back))) - shift / self._rate
        self.weight.copy_((back @ weight).flatten(0, 1))
        self.bias.copy_((bias @ back.T).flatten())


class Conv(nn.Module):
    """A plain convolution, halving its picture where it is told to.

    Args:
        inputs, outputs: channels.
        kernel: side of the kernel, odd.
        halve: whether the picture comes out half as large, blurred before.
        active: whether a bias and a leaky rectifier follow.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, halve: bool = False, active: bool = True
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if active else None
        self._scale = 1 / math.sqrt(inputs * kernel * kernel)
        self._halve, self._around = halve, kernel // 2

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H, W), or half of each side."""
        weight = self.weight * self._scale
        if not self._halve:
            made = functional.conv2d(x, weight, self.bias, padding=self._around)
        elif self._around:
            made = functional.conv2d(blurred(x, 1 + self._around), weight, self.bias, stride=2)
        else:
            made = functional.conv2d(blurred(x, 1, stride=2), weight, self.bias)
        return made if self.bias is None else rectified(made)


class StyledConv(nn.Module):
    """A convolution whose kernel is modulated by a style, one a picture.

    A kernel scaled along its inputs is the same as scaled inputs, and its demodulation is a
    factor of each output, so one convolution serves a whole batch: on a processor several times
    as fast as a group for each picture, and equal to it.

    Args:
        inputs, outputs: channels.
        latent: width of a style.
        kernel: side of the kernel, odd.
        demodulate: whether outputs are brought back to spread 1.
        double: whether the picture comes out twice as large, blurred after.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        latent: int,
        kernel: int,
        *,
        demodulate: bool = True,
        double: bool = False,
    ) -> None:
        super().__init__()
        self.style = Linear(latent, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self._scale = 1 / math.sqrt(inputs * kernel * kernel)
        self._demodulate, self._double, self._around = demodulate, double, kernel // 2

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Pictures (B, inputs, H, W) and styles (B, latent) to (B, outputs, H, W), or twice."""
        weight, style = self.weight * self._scale, self.style(w)
        x = x * style[:, :, None, None].to(x.dtype)
        if self._double:
            made = functional.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
            made = blurred(made, 1, gain=4.0)
        else:
            made = functional.conv2d(x, weight, padding=self._around)
        if not self._demodulate:
            return made
        power = style.square() @ weight.square().sum((2, 3)).T
        return made * torch.rsqrt(power + 1e-8)[:, :, None, None].to(made.dtype)


class Noise(nn.Module):
    """Noise of a picture's size, as strong as was learnt; kept, so that a seed is a picture.

    Args:
        size: side of the picture.
    """

    kept: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("kept", torch.randn(1, 1, size, size))

    def forward(self, x: Tensor) -> Tensor:
        """With fresh noise in training, with the kept one else."""
        noise = torch.randn_like(x[:, :1]) if self.training else self.kept.to(x.dtype)
        return x + self.strength * noise


def doubled(x: Tensor) -> Tensor:
    """(B, C, H, W) to (B, C, 2 H, 2 W), smooth: what a binomial filter makes of every second."""
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def blurred(x: Tensor, around: int, *, stride: int = 1, gain: float = 1.0) -> Tensor:
    """(B, C, H, W) under a binomial filter of four.

    Args:
        x: the pictures.
        around: pixels of nothing that are added on every side first.
        stride: every so manyth pixel is computed.
        gain: what the result is multiplied by.

    Returns:
        (B, C, h, w), a side being (side + 2 around - 4) // stride + 1.
    """
    channels = x.shape[1]
    line = torch.tensor(_BINOMIAL, device=x.device, dtype=x.dtype) / sum(_BINOMIAL)
    kernel = (line[:, None] * line * gain)[None, None].expand(channels, 1, 4, 4)
    return functional.conv2d(x, kernel, stride=stride, padding=around, groups=channels)


def deviation(x: Tensor, group: int = 4) -> Tensor:
    """A channel more: how much pictures of a group differ, alike at every place.

    T. Karras et al., "Progressive Growing of GANs", arXiv 1710.10196.

    Args:
        x: (B, C, H, W).
        group: pictures that are compared, at most; as many as divide the batch.
    """
    count, channels, height, width = x.shape
    size = next(each for each in range(min(group, count), 0, -1) if count % each == 0)
    apart = x.view(size, -1, channels, height, width).float()
    spread = (apart - apart.mean(0)).square().mean(0).add(1e-8).sqrt().mean((1, 2, 3))
    told = spread.repeat(size).view(count, 1, 1, 1).expand(count, 1, height, width)
    return torch.cat([x, told.to(x.dtype)], 1)
