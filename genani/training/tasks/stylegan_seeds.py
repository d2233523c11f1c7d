"""Seeds that draw what an encoder finds: styles laid where seeds lie. Imports torch."""

from __future__ import annotations

import torch
from torch import Tensor

from genani.engines.stylise.stylegan.encoder import Encoder
from genani.engines.stylise.stylegan.generator import Generator
from genani.engines.stylise.stylegan.layers import StyledConv

_SEEDS = 4096
_LEAST = 0.03
"""Share of the widest spread of faces under which seeds differ no less."""


@torch.no_grad()
def meet(generator: Generator, encoder: Encoder, faces: Tensor) -> Tensor:
    """Give styles other coordinates, in which those of faces lie as those of seeds do.

    An autoencoder draws well what its encoder gives, wherever that lies; seeds have to come to
    lie there afterwards: P. Ghosh et al., "From Variational to Deterministic Autoencoders",
    arXiv 1903.12436. Here by mean and covariance. What takes styles and what gives them are
    linear, so they take the new coordinates in, and whatever was drawn again is drawn as before.

    Args:
        generator, encoder: whose weights change, in place; the mapping stays.
        faces: (N, latent) styles of many faces, as the encoder gives them.

    Returns:
        The same styles in the new coordinates.
    """
    # Always of the same seeds, as the same weights are to give the same.
    z = torch.randn(_SEEDS, generator.config.latent, generator=torch.Generator().manual_seed(2))
    seeds = generator.mapping(z.to(faces.device)).double()
    from_seeds, spread, onto = _axes(seeds)
    to_faces, wanted, centre = _axes(faces.double())
    wanted, spread = (each.clamp_min(float(each[0]) * _LEAST) for each in (wanted, spread))
    # The widest way in which seeds differ becomes the widest in which faces do.
    way = (to_faces * (wanted / spread)) @ from_seeds.T
    back = (from_seeds * (spread / wanted)) @ to_faces.T
    shift = centre - way @ onto
    for layer in generator.synthesis.modules():
        if isinstance(layer, StyledConv):
            layer.style.take(way, shift)
    encoder.base.give(back, shift)
    encoder.beyond.give(back, torch.zeros_like(shift))
    return ((faces.double() - shift) @ back.T).to(faces.dtype)


def _axes(points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of (N, d) points: (d, d) directions as columns, the widest first, (d,) spreads, the mean."""
    centre = points.mean(0)
    spread, ways = torch.linalg.eigh((points - centre).T.cov())
    return ways.flip(1), spread.flip(0).clamp_min(0).sqrt(), centre
