"""How the network is asked at each step, and what of that may be left out to save time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.unet import Deep, ToonCrafterUNet


@dataclass(frozen=True)
class Shortcuts:
    """What is left out of a run; the defaults leave nothing out.

    Attributes:
        guided: share of the steps, from the first, that are guided. Late steps only draw detail,
            to which guidance adds little (Kynkäänniemi et al., 2024; Castillo et al., 2023).
        whole_every: the whole network is asked at every step that is a multiple of this; at
            the others its coarse features are those of the last time (see `Deep`).
        units: how many units are asked at every step, see `Deep`.
    """

    guided: float = 1.0
    whole_every: int = 1
    units: int = 1

    def guided_steps(self, count: int) -> int:
        """How many of `count` steps are guided."""
        return math.ceil(self.guided * count - 1e-9)

    def whole(self, place: int, count: int) -> bool:
        """Whether the whole network is asked at step `place` of `count`."""
        return place % self.whole_every == 0 or place == self.guided_steps(count)


WHOLE = Shortcuts()
"""Nothing is left out."""


class Questions:
    """Asks the network for one guided velocity at each step of a run, in order.

    Args:
        unet: the network.
        contexts: for each branch of guidance.
        guidance: how the branches are brought together.
        fs: frames a second of the motion.
        count: steps of the run.
        batched: ask for all branches at once.
    """

    def __init__(
        self,
        unet: ToonCrafterUNet,
        contexts: Sequence[Tensor],
        guidance: Guidance,
        fs: int | Tensor,
        count: int,
        batched: bool = True,
        shortcuts: Shortcuts = WHOLE,
    ) -> None:
        self._unet, self._contexts, self._guidance, self._fs = unet, contexts, guidance, fs
        self._count, self._batched, self._shortcuts = count, batched, shortcuts
        self._deep: list[Deep] | None = None

    def velocity(self, noisy: Tensor, step: int, place: int) -> Tensor:
        """What the network says of (B, 8, T, h, w), guided, float32.

        Args:
            step: of training, 0 to 999.
            place: of the step in the run, from 0.
        """
        short = self._shortcuts
        guided = place < short.guided_steps(self._count)
        contexts = self._contexts if guided else self._contexts[:1]
        if short.whole_every > 1 and short.whole(place, self._count):
            self._deep = [Deep(short.units) for _ in range(1 if self._batched else len(contexts))]
        found = velocities(self._unet, noisy, step, contexts, self._fs, self._batched, self._deep)
        return self._guidance.combined(found)


@torch.inference_mode()
def velocities(
    unet: ToonCrafterUNet,
    noisy: Tensor,
    step: int,
    contexts: Sequence[Tensor],
    fs: int | Tensor,
    batched: bool = True,
    deep: Sequence[Deep] | None = None,
) -> list[Tensor]:
    """What the network says of (B, 8, T, h, w) with each context, float32.

    Args:
        batched: ask for all at once.
        deep: for each call of the network.
    """
    given = [context.to(noisy.device, noisy.dtype) for context in contexts]
    if not batched or len(given) == 1:
        kept = deep or [None] * len(given)
        return [
            unet(noisy, step, context, fs, deep=one).sample.float()
            for context, one in zip(given, kept, strict=True)
        ]
    rates = fs.repeat(len(given)) if isinstance(fs, Tensor) and fs.ndim else fs
    many = noisy.repeat(len(given), 1, 1, 1, 1)
    kept = deep[0] if deep else None
    made = unet(many, step, torch.cat(given), rates, deep=kept).sample.float()
    return list(made.chunk(len(given)))
