"""What is trained: the contract between the loop and a task. Imports torch: import it late."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

Models = Mapping[str, nn.Module]
"""The networks of a task by name; what has `requires_grad` is trained and kept."""

Batch = Mapping[str, Tensor]
"""Examples of one step; the first dimension of every tensor counts them."""

Losses = Mapping[str, Tensor]
"""Scalars of one turn by name; `total` is the one that is made smaller."""

TOTAL = "total"


@dataclass(frozen=True)
class Turn:
    """One optimiser and the networks it moves, once in a step.

    A plain task has one turn. An adversarial one has two: the generator's and the judge's.

    Attributes:
        name: of the turn; its losses are shown under it where there are several turns.
        trains: names of the networks that move.
        rate: times the learning rate of the run.
        betas: of AdamW.
        every: the turn comes on steps that are multiples of this.
    """

    name: str
    trains: tuple[str, ...]
    rate: float = 1.0
    betas: tuple[float, float] = (0.9, 0.999)
    every: int = 1


def idle(*networks: nn.Module) -> Losses:
    """Nothing to learn for some networks; every turn needs a gradient."""
    weights = [weight.sum() for each in networks for weight in each.parameters()]
    return {TOTAL: torch.stack(weights).sum() * 0}


class Task(ABC):
    """One thing that can be trained.

    Every method but `build` may use torch's global random numbers: the loop seeds them from the
    run's seed and the step, so that a resumed run goes on as if it had not stopped. Anything else
    random has to be a function of the seed and the step too.
    """

    name: str
    """What `genani train` calls it; a plain file name."""

    turns: tuple[Turn, ...] = (Turn("model", ("model",)),)
    """The optimisers, in their order within a step."""

    notes: tuple[str, ...] = ()
    """What a person should know before it starts, such as data that is missing."""

    judged_by: str = TOTAL
    """The figure of `validate` that tells the best checkpoint; lower is better."""

    @abstractmethod
    def build(self) -> dict[str, nn.Module]:
        """The networks as they start, on the CPU, in float32; called once a run, seeded."""

    def rate_of(self, weight: str) -> float:
        """What the learning rate is multiplied by for a weight, named `network/block0.bias`."""
        del weight
        return 1.0

    def place(self, device: torch.device) -> None:
        """Take whatever the losses need, such as a frozen network, to the device."""
        del device

    @abstractmethod
    def batches(self, step: int) -> Iterator[Batch]:
        """The batches of steps `step`, `step + 1`, ... on the CPU, without end.

        Batch k is the same whatever step the iterator began with. The loop closes the iterator
        when it stops; processes and files end with it.
        """

    @abstractmethod
    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """The losses of one turn on a batch that is on the device; `total` is differentiated.

        Runs under autocast where precision is bf16. The batch may be a part of what `batches`
        gave, where memory is short; losses are means over the examples.
        """

    @abstractmethod
    def validate(self, models: Models) -> dict[str, float]:
        """Figures on data that is never trained on; without gradients, in evaluation mode.

        The networks hold the running average of their weights. The same weights always give the
        same figures.
        """

    def samples(self, models: Models, folder: Path) -> None:
        """Write pictures a person can judge by, after each validation."""
        del models, folder

    @abstractmethod
    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """Write what the engine loads; the networks hold the best averaged weights.

        Args:
            models: the networks.
            folder: where to; it exists.
            figures: of `validate`, for those weights.
        """
