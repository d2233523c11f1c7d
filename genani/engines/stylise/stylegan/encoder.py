"""From a picture to the styles that draw it. Imports torch: import it late."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from genani.engines.stylise.stylegan.generator import SMALLEST, GeneratorConfig
from genani.engines.stylise.stylegan.judge import Trunk
from genani.engines.stylise.stylegan.layers import Linear


class Encoder(nn.Module):
    """Pictures to styles: one for all layers, and what each layer has beyond it.

    E. Richardson et al., "Encoding in Style", arXiv 2008.00951; the split after O. Tov et al.,
    "Designing an Encoder for StyleGAN Image Manipulation", arXiv 2102.02766.

    Args:
        config: the layout of the generator that it is for.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.trunk = Trunk(config)
        width = config.width(SMALLEST) * SMALLEST * SMALLEST
        self.seen = Linear(width, config.latent, active=True)
        self.base = Linear(config.latent, config.latent)
        self.beyond = Linear(config.latent, config.styles * config.latent)
        with torch.no_grad():
            # It begins as one style for all layers.
            self.beyond.weight.zero_()

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 4, size, size) premultiplied RGBA, -1 to 1, to styles (B, styles, latent)."""
        seen = self.seen(self.trunk(picture)[-1].flatten(1))
        beyond = self.beyond(seen).view(-1, self.config.styles, self.config.latent)
        return self.base(seen)[:, None] + beyond
