"""What may be done to the styles of a picture before it is drawn. Imports torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from genani.engines.stylise.stylegan.generator import mixed, seeded
from genani.engines.stylise.stylegan.weights import StyleModel
from genani.scene.errors import EngineError

LEVEL = 4
"""From this style on, of two a side from 4 px up, are colours and lines rather than shapes."""


@dataclass(frozen=True)
class Edit:
    """Changes of styles, in the order in which they are made.

    Attributes:
        mix: share of another seed's styles in the finer layers, 0 to 1.
        seed: the other seed.
        level: the first of those layers, counted from the coarsest.
        truncation: 1 leaves a picture as it is, 0 makes it the mean of all.
        direction: number of a direction, from 1; 0 is none.
        amount: how far along it, 1 being how much pictures commonly vary.
        age: how much older, under 0 younger, in the same measure.

    Raises:
        EngineError: one of them is no number that it can be.
    """

    mix: float = 0.0
    seed: int = 0
    level: int = LEVEL
    truncation: float = 1.0
    direction: int = 0
    amount: float = 1.0
    age: float = 0.0

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.truncation, self.amount, self.age))):
            raise EngineError("truncation, amount and age must be plain numbers")
        if not 0 <= self.mix <= 1 or self.level < 0 or self.direction < 0:
            raise EngineError("a mix lies between 0 and 1; level and direction are 0 or more")


@torch.no_grad()
def edited(model: StyleModel, w: Tensor, edit: Edit) -> Tensor:
    """Styles (B, styles, latent) changed.

    Raises:
        EngineError: the model has no such direction, or nobody has found its direction of age.
    """
    generator = model.generator
    if edit.mix:
        level = min(edit.level, generator.config.styles)
        other = generator.spread(seeded(generator, [edit.seed])).expand_as(w)
        w = torch.lerp(w, mixed(w, other, level), edit.mix)
    w = generator.truncated(w, edit.truncation)
    if edit.direction:
        if edit.direction > len(model.directions):
            raise EngineError(
                f"this model has {len(model.directions)} directions, not {edit.direction}"
            )
        w = w + edit.amount * model.directions[edit.direction - 1]
    if edit.age:
        if model.age is None:
            raise EngineError("this model does not know which way is older: train its encoder")
        w = w + edit.age * model.age
    return w
