"""StyleGAN2's generator: seeds to styles, styles to pictures. Imports torch: import it late."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genani.engines.stylise.stylegan.layers import Linear, Noise, StyledConv, doubled, rectified

SMALLEST = 4
"""Side of the picture that a generator begins with."""

_CENTRE_OF = 4096
"""Seeds whose mean style is the centre."""


@dataclass(frozen=True)
class GeneratorConfig:
    """A generator's layout, which is its judge's and its encoder's too.

    Attributes:
        size: side of its pictures, a power of two from 8 to 1024.
        channels: most channels of a layer; 512 as published.
        wide: largest side at which there are so many; each doubling then halves them. 64 as
            published.
        latent: width of a seed and of a style.
        mapping: layers from seed to style.
    """

    size: int = 256
    channels: int = 512
    wide: int = 64
    latent: int = 512
    mapping: int = 8

    def __post_init__(self) -> None:
        for name in ("size", "wide"):
            side = getattr(self, name)
            if side & (side - 1) or not SMALLEST <= side <= 1024:
                raise ValueError(f"{name} must be a power of two from {SMALLEST} to 1024")
        if self.size < 2 * SMALLEST:
            raise ValueError(f"size must be {2 * SMALLEST} or more")

    @property
    def sides(self) -> tuple[int, ...]:
        """Sides of the pictures within, 4 to `size`."""
        return tuple(SMALLEST << k for k in range(int(math.log2(self.size // SMALLEST)) + 1))

    @property
    def styles(self) -> int:
        """Styles that a picture takes: two a side."""
        return 2 * len(self.sides)

    def width(self, side: int) -> int:
        """Channels at a side."""
        return max(4, self.channels * self.wide // max(side, self.wide))


class Mapping(nn.Module):
    """From seeds to styles.

    Args:
        config: the layout.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            Linear(config.latent, config.latent, rate=0.01, active=True)
            for _ in range(config.mapping)
        )

    def forward(self, z: Tensor) -> Tensor:
        """(B, latent) normal numbers to styles of the same shape."""
        x = z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)
        for layer in self.layers:
            x = layer(x)
        return x


class _Layer(nn.Module):
    def __init__(self, config: GeneratorConfig, side: int, *, double: bool) -> None:
        super().__init__()
        inputs, outputs = config.width(side // 2 if double else side), config.width(side)
        self.conv = StyledConv(inputs, outputs, config.latent, 3, double=double)
        self.noise = Noise(side)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        return rectified(self.noise(self.conv(x, w)) + self.bias.view(1, -1, 1, 1))


class _Colours(nn.Module):
    def __init__(self, config: GeneratorConfig, side: int) -> None:
        super().__init__()
        self.conv = StyledConv(config.width(side), 4, config.latent, 1, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(4))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        return self.conv(x, w) + self.bias.view(1, -1, 1, 1)


class Synthesis(nn.Module):
    """From styles to a picture: two layers a side, colours of every side summed (skips).

    Args:
        config: the layout.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        sides = config.sides
        self.constant = nn.Parameter(torch.randn(1, config.width(SMALLEST), SMALLEST, SMALLEST))
        # The smallest side has no layer that doubles.
        self.doubling = nn.ModuleList(_Layer(config, side, double=True) for side in sides[1:])
        self.staying = nn.ModuleList(_Layer(config, side, double=False) for side in sides)
        self.colours = nn.ModuleList(_Colours(config, side) for side in sides)

    def forward(self, w: Tensor) -> Tensor:
        """Styles (B, styles, latent) to pictures (B, 4, size, size), about -1 to 1."""
        x = self.constant.expand(len(w), -1, -1, -1)
        # The order in memory that processors and cards convolve fastest.
        x = x.contiguous(memory_format=torch.channels_last)
        x = self.staying[0](x, w[:, 0])
        made = self.colours[0](x, w[:, 1])
        for at, doubling in enumerate(self.doubling, 1):
            x = self.staying[at](doubling(x, w[:, 2 * at - 1]), w[:, 2 * at])
            # Colours share a style with the layer that comes after them.
            made = doubled(made) + self.colours[at](x, w[:, 2 * at + 1])
        return made

    def modulations(self) -> list[tuple[int, Tensor]]:
        """How styles act: (which of the styles, (channels, latent)) for each layer."""
        staying = [(2 * at, layer) for at, layer in enumerate(self.staying)]
        doubling = [(2 * at + 1, layer) for at, layer in enumerate(self.doubling)]
        found = sorted([*staying, *doubling], key=lambda each: each[0])
        return [(at, layer.get_parameter("conv.style.weight")) for at, layer in found]


class Generator(nn.Module):
    """Draws pictures from seeds.

    Pictures are premultiplied RGBA (B, 4, size, size), -1 to 1 where values are 0 to 1.

    Args:
        config: the layout.

    Attributes:
        config: the same.
        centre: (latent,) the mean style, to which truncation draws; see `find_centre`.
    """

    centre: Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.mapping = Mapping(config)
        self.synthesis = Synthesis(config)
        self.register_buffer("centre", torch.zeros(config.latent))

    def forward(self, w: Tensor) -> Tensor:
        """Styles (B, latent), or one a layer (B, styles, latent), to pictures."""
        return self.synthesis(self.spread(w))

    def spread(self, w: Tensor) -> Tensor:
        """Styles (B, latent) for every layer, (B, styles, latent)."""
        return w[:, None].expand(-1, self.config.styles, -1) if w.ndim == 2 else w

    def truncated(self, w: Tensor, share: float) -> Tensor:
        """Styles drawn towards the centre; 1 leaves them, 0 is the centre.

        A. Brock et al., "Large Scale GAN Training", arXiv 1809.11096.
        """
        return torch.lerp(self.centre.expand_as(w), w, share)

    @torch.no_grad()
    def find_centre(self) -> None:
        """Set `centre` anew, as weights have changed."""
        z = torch.randn(_CENTRE_OF, self.config.latent, generator=torch.Generator().manual_seed(0))
        self.centre.copy_(self.mapping(z.to(self.centre.device)).float().mean(0))


def seeded(generator: Generator, seeds: list[int]) -> Tensor:
    """Styles (B, latent) of seeds, 0 or more; the same on every machine."""
    latent = generator.config.latent
    z = [torch.randn(latent, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    return generator.mapping(torch.stack(z).to(generator.centre.device))


def mixed(one: Tensor, other: Tensor, level: int) -> Tensor:
    """Style mixing: layers before `level` from one, those from it on from the other.

    T. Karras et al., "A Style-Based Generator Architecture", arXiv 1812.04948.

    Args:
        one, other: (B, styles, latent).
        level: 0 to styles.
    """
    return torch.cat([one[:, :level], other[:, level:]], 1)
