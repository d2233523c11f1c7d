"""What moves in a picture when its styles do: directions found without labels. Imports torch."""

from __future__ import annotations

import torch
from torch import Tensor

from genani.engines.stylise.stylegan.generator import Generator

COUNT = 12
"""Directions that are kept: the strongest first."""

_SEEDS = 2048
_RIDGE = 1e-2


@torch.no_grad()
def directions(generator: Generator, count: int = COUNT) -> Tensor:
    """The directions along which styles change most: those that the modulations amplify most.

    Y. Shen, B. Zhou, "Closed-Form Factorization of Latent Semantics in GANs" (SeFa),
    arXiv 2007.06600.

    Args:
        generator: with its centre found.
        count: of directions, at most as many as a style is wide.

    Returns:
        (count, latent) each as long as styles commonly vary along it, the strongest first.
    """
    acting = torch.cat([weight for _, weight in generator.synthesis.modulations()]).double()
    acting = acting / torch.linalg.vector_norm(acting, dim=1, keepdim=True).clamp_min(1e-12)
    _, vectors = torch.linalg.eigh(acting.T @ acting)
    found = vectors.flip(1)[:, :count].T
    # An eigenvector has no sign of its own; the same weights are to give the same one.
    largest = found.abs().argmax(1, keepdim=True)
    found = found * found.gather(1, largest).sign()
    return _as_long_as_usual(generator, found.float())


def along(styles: Tensor, told: Tensor) -> tuple[Tensor, float]:
    """The direction along which something told of pictures grows, and how well it tells.

    A ridge regression on four fifths of the pictures; the other fifth judges it.

    Args:
        styles: (N, latent) of pictures, N 20 or more.
        told: (N,) what is known of each, such as an age.

    Returns:
        (latent,) unit direction; correlation with the truth on the pictures left out, -1 to 1.
    """
    order = torch.randperm(len(styles), generator=torch.Generator().manual_seed(0))
    cut = len(styles) * 4 // 5
    learnt, held = order[:cut], order[cut:]
    x, y = styles.double().cpu(), told.double().cpu()
    centre, spread = x[learnt].mean(0), x[learnt].std(0).clamp_min(1e-6)
    scaled = (x - centre) / spread
    power = scaled[learnt].T @ scaled[learnt]
    power += _RIDGE * cut * torch.eye(len(power), dtype=power.dtype)
    slope = torch.linalg.solve(power, scaled[learnt].T @ (y[learnt] - y[learnt].mean()))
    guessed = scaled[held] @ slope
    both = torch.stack([guessed, y[held]])
    told_well = float(torch.corrcoef(both)[0, 1]) if guessed.std() > 0 else 0.0
    # How pictures of one kind truly differ from those of the other, not the sharpest test.
    way = (x[learnt] - centre).T @ (scaled[learnt] @ slope)
    way = way / torch.linalg.vector_norm(way).clamp_min(1e-12)
    return way.float(), told_well


@torch.no_grad()
def usual_length(generator: Generator, direction: Tensor) -> Tensor:
    """A unit direction (latent,) made as long as styles commonly vary along it."""
    return _as_long_as_usual(generator, direction[None])[0]


def _as_long_as_usual(generator: Generator, found: Tensor) -> Tensor:
    latent = generator.config.latent
    z = torch.randn(_SEEDS, latent, generator=torch.Generator().manual_seed(1))
    styles = generator.mapping(z.to(generator.centre.device)).float()
    found = found.to(styles.device)
    return found * (styles @ found.T).std(0)[:, None]
