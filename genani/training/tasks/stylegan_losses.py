"""What StyleGAN2's networks lose by. Imports torch: import it late."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from genani.engines.stylise.stylegan.encoder import Encoder
from genani.engines.stylise.stylegan.generator import Generator, mixed
from genani.training.losses import Perception

_SLICES, _STRANGE = 64, 0.1
_PIXELS = 4.0
"""What pixels count for next to their looks: alone, those leave the colours to chance."""
_EVEN = 10.0
"""What it costs that styles of one picture differ: seeds give one style to all layers."""

_MIXED = 0.9
"""Share of pictures made of two seeds, as published."""


def styles(generator: Generator, count: int) -> Tensor:
    """Styles of random seeds, most of them mixed of two: (count, styles, latent)."""
    device = generator.centre.device
    z = torch.randn(2, count, generator.config.latent, device=device)
    one = generator.spread(generator.mapping(z[0]))
    if torch.rand(()) >= _MIXED:
        return one
    level = int(torch.randint(1, generator.config.styles, ()))
    return mixed(one, generator.spread(generator.mapping(z[1])), level)


def drawn_loss(told: Tensor) -> Tensor:
    """Of the generator: non-saturating. I. Goodfellow et al., arXiv 1406.2661."""
    return functional.softplus(-told.float()).mean()


def judged_loss(real: Tensor, made: Tensor) -> Tensor:
    """Of the judge, who is to tell reals over 0 and what is made under it."""
    return functional.softplus(-real.float()).mean() + functional.softplus(made.float()).mean()


def slope_penalty(judge: Callable[[Tensor], Tensor], real: Tensor) -> Tensor:
    """R1: the mean squared slope of the judge at reals.

    L. Mescheder et al., "Which Training Methods for GANs do actually Converge?",
    arXiv 1801.04406.

    Args:
        judge: pictures (B, 4, H, W) to (B,).
        real: (B, 4, H, W), as the judge is shown them.

    Returns:
        () to be multiplied by gamma / 2.
    """
    with torch.autocast(real.device.type, enabled=False):
        at = real.detach().float().requires_grad_()
        (slope,) = torch.autograd.grad(judge(at).sum(), at, create_graph=True)
    return slope.square().sum((1, 2, 3)).mean()


def path_penalty(generator: Generator, w: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """How unevenly styles move pictures, and the new mean length (StyleGAN2, section 3.2).

    Args:
        generator: what draws.
        w: (B, styles, latent), with gradients.
        mean: () length so far.
    """
    with torch.autocast(w.device.type, enabled=False):
        made = generator(w.float())
        noise = torch.randn_like(made) / math.sqrt(made.shape[2] * made.shape[3])
        (slope,) = torch.autograd.grad((made * noise).sum(), w, create_graph=True)
    lengths = slope.square().sum(2).mean(1).sqrt()
    middle = mean.lerp(lengths.mean().detach(), 0.01)
    return (lengths - middle).square().mean(), middle


@dataclass(frozen=True)
class Found:
    """What an encoder has lost, and the styles that it found.

    Attributes:
        terms: losses by name.
        faces: (B, styles, latent) of the reals, with gradients.
    """

    terms: dict[str, Tensor]
    faces: Tensor


def inverted(
    generator: Generator,
    encoder: Encoder,
    perception: Perception | None,
    real: Tensor,
    made: tuple[Tensor, Tensor] | None = None,
) -> Found:
    """What an encoder loses by: reals drawn again, and the styles of what was made found again.

    Args:
        perception: None leaves its part out.
        real: (B, 4, H, W) pictures.
        made: styles (N, styles, latent) and the pictures (N, 4, H, W) that were drawn of them;
            None leaves their part out.
    """
    faces = encoder(on_grounds(real))
    again = generator(faces)
    terms = {"rebuilt": _PIXELS * (again.float() - real).abs().mean()}
    if perception is not None:
        near, other = (each.float() / 2 + 0.5 for each in (again, real))
        terms["looks"] = perception(near, other, torch.ones_like(near[:, :1]))
    if made is not None:
        w, own = (each.detach() for each in made)
        terms["styles"] = (encoder(on_grounds(own)).float() - w.float()).square().mean()
    # Styles of one picture differ little from layer to layer, where edits mean something.
    terms["uneven"] = _EVEN * (faces - faces.mean(1, keepdim=True)).float().square().mean()
    return Found(terms, faces)


def strangeness(generator: Generator, faces: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
    """How the styles of reals lie otherwise than those of seeds, and the memory with them in it.

    S. Kolouri et al., "Sliced-Wasserstein Autoencoder", arXiv 1804.01947: what is drawn again
    well is then what seeds draw too.

    Args:
        generator: whose mapping seeds go through.
        faces: (B, latent) of the newest reals, with gradients.
        memory: (M, latent) those before them, M at least B.
    """
    every = torch.cat([memory[len(faces) :], faces.float()])
    z = torch.randn(len(every), generator.config.latent, device=memory.device)
    slices = torch.randn(generator.config.latent, _SLICES, device=memory.device)
    slices = slices / torch.linalg.vector_norm(slices, dim=0)
    seeds = generator.mapping(z).float()
    off = (every @ slices).sort(0).values - (seeds @ slices).sort(0).values
    # Few of those that share the loss are new: it counts as if more were.
    scale = _STRANGE * len(every) / len(faces)
    return off.square().mean() * scale, every.detach()


def on_grounds(picture: Tensor) -> Tensor:
    """Half of the pictures laid on a plain colour that fades into another.

    So an encoder learns that a face on a background is the same face.
    """
    count, _, height, width = picture.shape
    device = picture.device
    ends = torch.rand(count, 3, 2, 2, device=device)
    ground = functional.interpolate(ends, (height, width), mode="bilinear", align_corners=True)
    values = picture.float() / 2 + 0.5
    laid = torch.cat([values[:, :3] + (1 - values[:, 3:]) * ground, values[:, 3:] * 0 + 1], 1)
    chosen = torch.rand(count, 1, 1, 1, device=device) < 0.5
    return torch.where(chosen, laid * 2 - 1, picture.float())
