"""Which styles draw a picture: an encoder's guess, made better step by step. Imports torch.

R. Abdal et al., "Image2StyleGAN", arXiv 1904.03189 (styles of their own for every layer); what
looks alike is told by the judge's features, as in JoJoGAN (arXiv 2112.11641).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from genani.engines.api import CancelToken
from genani.engines.stylise.stylegan.judge import Judge
from genani.engines.stylise.stylegan.weights import StyleModel

_RATE = 0.03
_LOOKS, _NEAR = 0.5, 0.01
"""Weights of the judge's features and of staying near the first guess."""

_ALL = 0.9
"""Mean alpha from which there is a background: busts cover little more than half of a square."""


def inverted(model: StyleModel, picture: Tensor, steps: int, token: CancelToken) -> Tensor:
    """The styles that draw a picture best, of those that are looked at; see `compared`.

    Args:
        model: what draws it, with weights that take no gradient.
        picture: (1, 4, size, size) premultiplied RGBA, -1 to 1.
        steps: of making the guess better; 0 takes it as it is.
        token: looked at between steps.

    Returns:
        (1, styles, latent).

    Raises:
        Cancelled: the token was cancelled.
    """
    with torch.no_grad():
        guess = guessed(model, picture)
        if not steps:
            return guess
        wanted = compared(model, picture)
        looks = _features(model.judge, wanted)
    best, least = guess, float("inf")
    # Layers shift pictures by what is drawn at their steps: gradients are wanted whatever is
    # around.
    with torch.inference_mode(False), torch.enable_grad():
        wanted, guess = wanted.clone(), guess.clone()
        looks = [each.clone() for each in looks]
        w = guess.clone().requires_grad_()
        optimiser = torch.optim.Adam([w], lr=_RATE, betas=(0.9, 0.99))
        for step in range(steps + 1):
            token.step(step / (steps + 1), f"finding the face: step {step} of {steps}")
            loss = difference(model, wanted, looks, w)
            if (now := float(loss.detach())) < least:
                best, least = w.detach().clone(), now
            total = loss + _NEAR * (w - guess).square().mean()
            optimiser.zero_grad()
            total.backward()
            optimiser.step()
    return best


def guessed(model: StyleModel, picture: Tensor) -> Tensor:
    """The encoder's styles of pictures (B, 4, size, size); without one, the centre's."""
    if model.encoder is not None:
        return model.encoder(picture)
    centre = model.generator.centre.expand(len(picture), -1)
    return model.generator.spread(centre).contiguous()


def difference(model: StyleModel, wanted: Tensor, looks: list[Tensor], w: Tensor) -> Tensor:
    """How far what styles draw is from a picture, in pixels of three sizes and in its looks."""
    made = model.generator(w)
    total = (made - wanted).abs().mean()
    for factor in (2, 4):
        small = functional.avg_pool2d(made, factor) - functional.avg_pool2d(wanted, factor)
        total = total + small.abs().mean()
    for own, other in zip(_features(model.judge, made), looks, strict=True):
        total = total + _LOOKS * (own - other).abs().mean() / len(looks)
    return total


def _features(judge: Judge | None, picture: Tensor) -> list[Tensor]:
    return judge.trunk(picture) if judge is not None else []


@torch.no_grad()
def compared(model: StyleModel, picture: Tensor) -> Tensor:
    """The part of a picture that its likeness is judged by.

    Of one that is nearly all covered there is a background, which the model may not know: what
    the encoder's guess covers is taken then.

    Args:
        model: with its encoder.
        picture: (1, 4, size, size) premultiplied RGBA, -1 to 1.

    Returns:
        Likewise.
    """
    values = picture / 2 + 0.5
    if float(values[:, 3].mean()) < _ALL:
        return picture
    matte = (model.generator(guessed(model, picture))[:, 3:] / 2 + 0.5).clamp(0, 1)
    return values * matte * 2 - 1
