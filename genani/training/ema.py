"""The running average of the weights, which draws better than they do. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

from genani.training.task import Models


class RunningAverage:
    """Exponential moving average of every trained weight, in float32.

    On early steps it follows faster, `(1 + n) / (10 + n)`, as it still holds the random start.

    Args:
        models: whose weights; those that are frozen are left out.
        decay: share that stays at each step, 0 to under 1; 0 keeps the weights themselves.
    """

    def __init__(self, models: Models, decay: float) -> None:
        self._decay = decay
        self._own = {
            f"{name}/{key}": weight
            for name, model in models.items()
            for key, weight in model.named_parameters()
            if weight.requires_grad
        }
        self._mean = {key: weight.detach().float().clone() for key, weight in self._own.items()}

    @property
    def tensors(self) -> dict[str, Tensor]:
        """The averages by the names that `checkpoint.kept` gives the weights."""
        return dict(self._mean)

    def put(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over averages from a checkpoint that fits the networks."""
        for key, mean in self._mean.items():
            mean.copy_(tensors[key])

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move towards the weights after optimiser step number `step`, counted from 1."""
        stays = min(self._decay, (1 + step) / (10 + step))
        for key, mean in self._mean.items():
            mean.lerp_(self._own[key].detach().float(), 1 - stays)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The networks hold the averages inside the block, and their own weights after it."""
        before = {key: weight.detach().clone() for key, weight in self._own.items()}
        self._fill(self._mean)
        try:
            yield
        finally:
            self._fill(before)

    @torch.no_grad()
    def _fill(self, tensors: Mapping[str, Tensor]) -> None:
        for key, weight in self._own.items():
            weight.copy_(tensors[key])
