"""StyleGAN2's discriminator, which tells drawn from made. Imports torch: import it late."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from genani.engines.stylise.stylegan.generator import SMALLEST, GeneratorConfig
from genani.engines.stylise.stylegan.layers import Conv, Linear, deviation

_DRAWING = 4
"""Channels of a picture."""


class Block(nn.Module):
    """Two convolutions and a way past them; the picture comes out half as large.

    Args:
        inputs, outputs: channels.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv0 = Conv(inputs, inputs, 3)
        self.conv1 = Conv(inputs, outputs, 3, halve=True)
        self.skip = Conv(inputs, outputs, 1, halve=True, active=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H / 2, W / 2)."""
        return (self.conv1(self.conv0(x)) + self.skip(x)) / math.sqrt(2)


class Trunk(nn.Module):
    """Pictures to features of every side down to 4; what judge and encoder have in common.

    Args:
        config: the layout.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        sides = config.sides[::-1]
        self.enter = Conv(_DRAWING, config.width(sides[0]), 1)
        self.blocks = nn.ModuleList(
            Block(config.width(side), config.width(side // 2)) for side in sides[:-1]
        )

    def forward(self, picture: Tensor) -> list[Tensor]:
        """(B, 4, size, size) to features, one (B, C, side, side) a side, large to small."""
        x = self.enter(picture.contiguous(memory_format=torch.channels_last))
        found = [x]
        for block in self.blocks:
            found.append(block(found[-1]))
        return found

    def layers(self) -> list[nn.Module]:
        """Its layers from the picture on, as Freeze-D counts them."""
        inner = (
            block.get_submodule(name)
            for block in self.blocks
            for name in ("conv0", "conv1", "skip")
        )
        return [self.enter, *inner]


_FACES = 256


class Memory(nn.Module):
    """What training keeps from step to step beside its weights.

    Args:
        latent: width of a style.

    Attributes:
        chance: () of each augmentation, 0 to 1.
        signs: (2,) sum and number of the judge's signs on drawn pictures since the last change.
        path: () mean length of the paths, 0 before the first.
        faces: (256, latent) styles that an encoder has found last, the newest at the end.
    """

    chance: Tensor
    signs: Tensor
    path: Tensor
    faces: Tensor

    def __init__(self, latent: int) -> None:
        super().__init__()
        self.register_buffer("chance", torch.zeros(()))
        self.register_buffer("signs", torch.zeros(2))
        self.register_buffer("path", torch.zeros(()))
        self.register_buffer("faces", torch.zeros(_FACES, latent))


class Judge(nn.Module):
    """Tells drawn pictures (over 0) from made ones.

    Args:
        config: the layout of the generator that it judges.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.trunk = Trunk(config)
        width = config.width(SMALLEST)
        self.last = Conv(width + 1, width, 3)
        self.seen = Linear(width * SMALLEST * SMALLEST, width, active=True)
        self.told = Linear(width, 1)
        self.memory = Memory(config.latent)

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 4, size, size) premultiplied RGBA, -1 to 1, to (B,)."""
        return self.judged(self.trunk(picture))

    def judged(self, features: list[Tensor]) -> Tensor:
        """The same from what the trunk has found."""
        return self.told(self.seen(self.last(deviation(features[-1])).flatten(1)))[:, 0]

    def freeze(self, count: int) -> None:
        """Its first layers learn nothing any more.

        S. Mo et al., "Freeze the Discriminator", arXiv 2002.10964.

        Args:
            count: layers from the picture on: the entry, then three a side.
        """
        for layer in self.trunk.layers()[:count]:
            layer.requires_grad_(False)
