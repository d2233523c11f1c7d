"""Normalisation that squares of one picture can share. Imports torch: import it late.

A network that normalises by the picture it sees draws each square of a large picture in tints of
its own. Here it can be told the means and spreads of the whole picture, seen small, instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

Moments = tuple[Tensor, Tensor]
"""Mean and spread, (1, C, 1, 1) or (1, 1, 1, 1) float32."""

_LEAST = 1e-5


class Norm(nn.Module):
    """Mean 0 and spread 1 in every picture, then a scale and a shift that are learnt.

    D. Ulyanov, A. Vedaldi, V. Lempitsky, "Instance Normalization", arXiv 1607.08022.

    Args:
        channels: of what it is given.
        together: one mean and spread for all channels, and one scale and shift; else each
            channel has its own.
        apart: with `together`, each channel has a scale and shift of its own all the same.
        added: to the spread, as `InstanceNormalization` of keras-contrib does; else a little is
            added to the variance.

    Attributes:
        told: what to go by instead of measuring.
        watches: whether what is measured is kept in `seen`.
        seen: what was measured last.
    """

    def __init__(
        self, channels: int, *, together: bool = False, apart: bool = False, added: float = 0.0
    ) -> None:
        super().__init__()
        count = 1 if together and not apart else channels
        self.weight = nn.Parameter(torch.ones(count))
        self.bias = nn.Parameter(torch.zeros(count))
        self._over = (1, 2, 3) if together else (2, 3)
        self._added = added
        self.told: Moments | None = None
        self.seen: Moments | None = None
        self.watches = False

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) of the same shape and type."""
        plain = self.told is None and not self.watches and not self._added
        if plain and len(self._over) == 2:
            return functional.instance_norm(x, weight=self.weight, bias=self.bias, eps=_LEAST)
        mean, spread = self.told or self._moments(x)
        if self.watches:
            self.seen = mean, spread
        scale = self.weight.float().view(1, -1, 1, 1) / spread
        shift = self.bias.float().view(1, -1, 1, 1) - mean * scale
        return torch.addcmul(shift.to(x.dtype), x, scale.to(x.dtype))

    def _moments(self, x: Tensor) -> Moments:
        # In float32: sums of this many do not fit into half precision.
        variance, mean = torch.var_mean(x.float(), self._over, correction=0, keepdim=True)
        if self._added:
            return mean, variance.clamp_min(1e-14).sqrt() + self._added
        return mean, (variance + _LEAST).sqrt()


@contextmanager
def remembering(network: nn.Module) -> Iterator[list[Moments]]:
    """A list that holds, once the block has ended, what each normalisation measured in it last."""
    norms = _norms(network)
    seen: list[Moments] = []
    for norm in norms:
        norm.watches = True
    try:
        yield seen
        # In the order in which they were made, which need not be that in which they run.
        seen += [norm.seen for norm in norms if norm.seen]
    finally:
        for norm in norms:
            norm.watches, norm.seen = False, None


@contextmanager
def told(network: nn.Module, moments: Sequence[Moments]) -> Iterator[None]:
    """Inside the block normalisations go by what `remembering` gave of this network."""
    norms = _norms(network)
    for norm, each in zip(norms, moments, strict=True):
        norm.told = each
    try:
        yield
    finally:
        for norm in norms:
            norm.told = None


def _norms(network: nn.Module) -> list[Norm]:
    return [module for module in network.modules() if isinstance(module, Norm)]
