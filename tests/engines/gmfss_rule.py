"""Weights and pictures made by a rule, so that a network's wiring shows in a few numbers.

The published code, given the same weights and pictures, gave the numbers in `test_gmfss_golden`;
parameter names and shapes are those of the published files.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def ruled(network: nn.Module) -> nn.Module:
    """Fill every parameter of a network by its place among the sorted names; return it."""
    state = network.state_dict()
    for place, name in enumerate(sorted(state)):
        state[name] = _weight(place, name, state[name].shape)
    network.load_state_dict(state)
    return network.eval()


def _weight(place: int, name: str, shape: torch.Size) -> Tensor:
    count = shape.numel()
    place_in = torch.arange(count, dtype=torch.float64)
    # The fraction of a large sine: as good as random, and the same on every machine.
    wave = ((place_in * 12.9898 + place * 78.233).sin() * 43_758.5453).frac()
    if len(shape) == 1 and name.endswith("weight"):
        wave = (0.25 if count == 1 else 1.0) + 0.1 * wave
    elif name.endswith("beta"):
        wave = 1.0 + 0.1 * wave
    elif len(shape) == 1:
        wave = 0.1 + 0.1 * wave
    else:
        wave = wave * math.sqrt(1.5 * shape[0] / count)
    return wave.float().view(shape)


def picture(height: int, width: int, move: float = 0.0) -> Tensor:
    """Soft stripes and blobs, (1, 3, height, width), 0..1, moved right by `move` pixels."""
    y, x = torch.meshgrid(
        torch.arange(height, dtype=torch.float64),
        torch.arange(width, dtype=torch.float64) - move,
        indexing="ij",
    )
    waves = (x * 0.11 + y * 0.05, x * 0.07 - y * 0.13, (x * 0.09).cos() * 3 + y * 0.08)
    return torch.stack([(1 + wave.sin()) / 2 for wave in waves])[None].float()


def figures(tensor: Tensor) -> list[float]:
    """Mean, spread, and five values from all over a tensor."""
    flat = tensor.double().flatten()
    places = [int(flat.numel() * share) for share in (0.07, 0.29, 0.51, 0.73, 0.94)]
    return [flat.mean().item(), flat.std().item(), *flat[places].tolist()]
