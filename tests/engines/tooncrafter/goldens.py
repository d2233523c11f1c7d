"""The published figures of the tiny model, where they are at hand, and how far off ours are."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

_HOME = Path(__file__).parents[3]
_PLACES = [
    *(Path(place) for place in filter(None, [os.environ.get("GENANI_GOLDENS")])),
    _HOME / "shared" / "tooncrafter",
    _HOME.parent / "shared" / "tooncrafter",
]
ROOT = next((place for place in _PLACES if (place / "goldens").is_dir()), _PLACES[0])
FOLDER = ROOT / "goldens"
AT_HAND = (FOLDER / "index.json").is_file()
"""Tests against whole tensors exist only where these lie; figures of a rule's weights always."""

BLOCK = 1e-5
"""Largest relative error of a single block in float32."""


def stored(name: str) -> dict[str, Tensor]:
    """The tensors of one file."""
    return load_file(FOLDER / f"{name}.safetensors")


def off(made: Tensor, wanted: Tensor) -> float:
    """Largest difference over largest value."""
    assert made.shape == wanted.shape
    return float((made.double() - wanted.double()).abs().max() / wanted.double().abs().max())


def noise(*shape: int, seed: int = 0) -> Tensor:
    """Normal noise that is the same in every run."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
