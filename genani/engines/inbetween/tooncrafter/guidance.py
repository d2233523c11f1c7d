"""Guidance: away from what the network would draw unasked, towards what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Guidance:
    """How strongly the network is pushed.

    Attributes:
        scale: towards words and picture at once; 1 leaves guidance, and half the time, out.
        rescale: share, 0 to 1, to which the result is brought back to the contrast of the
            unpushed one (Lin et al., 2024).
        image: towards the picture alone; `scale` then pushes towards the words. None has two
            branches, a number three.
    """

    scale: float = 7.5
    rescale: float = 0.7
    image: float | None = None

    @property
    def branches(self) -> int:
        """How many times the network is asked at each step."""
        if self.scale == 1.0:
            return 1
        return 2 if self.image is None else 3

    def combined(self, velocities: Sequence[Tensor]) -> Tensor:
        """One velocity of those of the branches: full, nothing, and the picture without words.

        Args:
            velocities: `branches` of (B, ...), float32.
        """
        full = velocities[0]
        if len(velocities) == 1:
            return full
        nothing = velocities[1]
        if self.image is None:
            pushed = nothing + self.scale * (full - nothing)
        else:
            picture = velocities[2]
            pushed = nothing + self.image * (picture - nothing) + self.scale * (full - picture)
        if not self.rescale:
            return pushed
        axes = tuple(range(1, full.ndim))
        calmed = pushed * (full.std(axes, keepdim=True) / pushed.std(axes, keepdim=True))
        return torch.lerp(pushed, calmed, self.rescale)
