"""AnimeGAN's lightweight generator. Imports torch: import it late.

J. Chen, G. Liu, X. Chen, "AnimeGAN: A Novel Lightweight GAN for Photo Animation", ISICA 2019
(Springer CCIS 1205, 2020). Ordinary convolutions stand only where channels are few; between them
depthwise separable ones, inverted residual blocks (M. Sandler et al., "MobileNetV2",
arXiv 1801.04381) and resizing before a convolution in place of transposed convolutions, which
leave a checkerboard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.stylise.norms import Norm

MULTIPLE = 4
"""Both sides of a picture must be multiples of this, in pixels."""

LEAST = 16
"""Both sides must be at least this: a normalisation needs several places to look at."""

_SLOPE = 0.2
_QUIET = 0.1
"""What the last weights begin as, next to others, where they change the photo."""

_EXPANSION = 2
"""How many times wider an inverted residual block is inside."""


@dataclass(frozen=True)
class AnimeGANConfig:
    """The layout of a generator; the published one by default.

    Attributes:
        width: channels at full size, twice and four times as many at half and quarter size.
        blocks: inverted residual blocks at quarter size.
        norm: `instance` as first published, each channel by itself, or `layer` as in its second
            version, all channels together.
        changes: what is drawn is added to the photo. Not as published: a small generator that
            learns for minutes keeps what it sees as sharp as it is then.
    """

    width: int = 64
    blocks: int = 8
    norm: Literal["instance", "layer"] = "instance"
    changes: bool = False


TINY = AnimeGANConfig(4, 1)
"""A layout for tests."""


class AnimeGAN(nn.Module):
    """The generator: a photo in, a drawing of the same size out.

    Args:
        config: the layout.
    """

    def __init__(self, config: AnimeGANConfig = AnimeGANConfig()) -> None:
        super().__init__()
        self.config = config
        w, norm = config.width, _norm(config.norm)
        last = nn.Conv2d(w, 3, 1, bias=False)
        self.stages = nn.ModuleList(
            [
                _conv(3, w, norm),
                _conv(w, w, norm),
                _Down(w, 2 * w, norm),
                _conv(2 * w, 2 * w, norm),
                _separable(2 * w, 2 * w, norm),
                _Down(2 * w, 4 * w, norm),
                _conv(4 * w, 4 * w, norm),
                *(_InvertedResidual(4 * w, norm) for _ in range(config.blocks)),
                _conv(4 * w, 4 * w, norm),
                _Up(4 * w, 2 * w, norm),
                _separable(2 * w, 2 * w, norm),
                _conv(2 * w, 2 * w, norm),
                _Up(2 * w, 2 * w, norm),
                _conv(2 * w, w, norm),
                _conv(w, w, norm),
                last,
            ]
        )
        if config.changes:
            last.weight.data *= _QUIET

    def forward(self, rgb: Tensor, check: Callable[[], None] = lambda: None) -> Tensor:
        """The drawing of a photo.

        Args:
            rgb: (B, 3, H, W), 0 to 1; both sides multiples of `MULTIPLE` and at least `LEAST`.
            check: called between the stages; what it raises goes through.

        Returns:
            (B, 3, H, W), 0 to 1, or a little beyond where it is added to the photo.
        """
        x = rgb * 2 - 1
        for stage in self.stages:
            check()
            x = stage(x)
        drawn = torch.tanh(x)
        return rgb + drawn if self.config.changes else (drawn + 1) / 2

    def freeze(self, count: int) -> None:
        """Keep the first stages as they are in training, and let the others learn.

        Fewer stages than these hold all that is learnt of photos; what is drawn comes later.
        """
        for index, stage in enumerate(self.stages):
            stage.requires_grad_(index >= count)


class Judge(nn.Module):
    """Tells drawings of the style from all else, patch by patch.

    A patch discriminator with spectral normalisation, as AnimeGAN has it; layer-normalised
    inside.

    Args:
        width: channels of the first layer.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        spectral = nn.utils.parametrizations.spectral_norm
        w = width

        def conv(inputs: int, outputs: int, stride: int = 1) -> nn.Module:
            return spectral(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False))

        def rise(inputs: int, middle: int, outputs: int) -> list[nn.Module]:
            return [
                conv(inputs, middle, 2),
                nn.LeakyReLU(_SLOPE),
                conv(middle, outputs),
                nn.GroupNorm(1, outputs),
                nn.LeakyReLU(_SLOPE),
            ]

        self.layers = nn.Sequential(
            conv(3, w),
            nn.LeakyReLU(_SLOPE),
            *rise(w, 2 * w, 4 * w),
            *rise(4 * w, 4 * w, 8 * w),
            conv(8 * w, 8 * w),
            nn.GroupNorm(1, 8 * w),
            nn.LeakyReLU(_SLOPE),
            conv(8 * w, 1),
        )

    def forward(self, rgb: Tensor) -> Tensor:
        """(B, 1, H / 4, W / 4) from pictures (B, 3, H, W), 0 to 1: 1 is a drawing, 0 is not."""
        return self.layers(rgb * 2 - 1)


_Norm = Callable[[int], nn.Module]


def _norm(kind: str) -> _Norm:
    if kind == "layer":
        return lambda channels: Norm(channels, together=True, apart=True)
    return Norm


def _conv(inputs: int, outputs: int, norm: _Norm) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False, padding_mode="reflect"),
        norm(outputs),
        nn.LeakyReLU(_SLOPE),
    )


def _depthwise(channels: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(
        channels, channels, 3, stride, 1, groups=channels, bias=False, padding_mode="reflect"
    )


def _separable(inputs: int, outputs: int, norm: _Norm, stride: int = 1) -> nn.Sequential:
    """A depthwise convolution, then a 1 x 1 one."""
    return nn.Sequential(
        _depthwise(inputs, stride),
        norm(inputs),
        nn.LeakyReLU(_SLOPE),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        norm(outputs),
        nn.LeakyReLU(_SLOPE),
    )


class _InvertedResidual(nn.Module):
    """Wide inside, narrow outside, and added to what came in."""

    def __init__(self, channels: int, norm: _Norm) -> None:
        super().__init__()
        wide = _EXPANSION * channels
        self.layers = nn.Sequential(
            nn.Conv2d(channels, wide, 1, bias=False),
            norm(wide),
            nn.LeakyReLU(_SLOPE),
            _depthwise(wide),
            norm(wide),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(wide, channels, 1, bias=False),
            norm(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class _Down(nn.Module):
    """Half the size, two ways added: a strided convolution, and a resize before one."""

    def __init__(self, inputs: int, outputs: int, norm: _Norm) -> None:
        super().__init__()
        self.strided = _separable(inputs, outputs, norm, 2)
        self.resized = _separable(inputs, outputs, norm)

    def forward(self, x: Tensor) -> Tensor:
        small = functional.interpolate(x, scale_factor=0.5, mode="bilinear")
        return self.strided(x) + self.resized(small)


class _Up(nn.Module):
    """Twice the size: a resize, then a separable convolution."""

    def __init__(self, inputs: int, outputs: int, norm: _Norm) -> None:
        super().__init__()
        self.layers = _separable(inputs, outputs, norm)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(functional.interpolate(x, scale_factor=2.0, mode="bilinear"))
