"""How near a crowd of made pictures is to drawn ones that were held back. Imports torch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.stylise.stylegan.generator import Generator
from genani.training.losses import on_white
from genani.training.metrics_caffemodel import read_caffemodel
from genani.training.metrics_features import SqueezeNet
from genani.training.metrics_frechet import Moments, frechet

_AT_ONCE = 16


class Crowd:
    """Measures crowds by a Fréchet distance over features, which is **not FID**.

    Features are SqueezeNet 1.1's deepest layer, averaged over the picture (512 numbers), or,
    without its weights, the colours of the picture made 8 by 8. Numbers compare with nothing but
    themselves at the same size and count.

    Args:
        path: `squeezenet_v1.1.caffemodel`; None goes by colours.
    """

    def __init__(self, path: Path | None) -> None:
        self._net: SqueezeNet | None = None
        if path is not None:
            self._net = SqueezeNet()
            self._net.load(read_caffemodel(path))
            self._net.requires_grad_(False).eval()

    @property
    def figure(self) -> str:
        """What the distance is called."""
        return "squeezenet-frechet" if self._net is not None else "colour-frechet"

    def to(self, device: torch.device) -> None:
        """Where it measures."""
        if self._net is not None:
            self._net.to(device)

    @torch.no_grad()
    def moments(self, pictures: Iterable[Tensor]) -> Moments:
        """Of batches (B, 4, H, W) premultiplied RGBA, -1 to 1."""
        found: Moments | None = None
        for batch in pictures:
            for each in self._features(batch):
                found = found or Moments(len(each))
                found.add(each)
        if found is None:
            raise ValueError("a crowd needs pictures")
        return found

    def _features(self, batch: Tensor) -> NDArray[np.float64]:
        seen = on_white(batch.float() / 2 + 0.5).clamp(0, 1)
        if self._net is None:
            seen = functional.adaptive_avg_pool2d(seen, 8).flatten(1)
        else:
            seen = self._net(seen)[-1].mean((2, 3))
        return seen.double().cpu().numpy()


def batches(pictures: NDArray[np.uint8], device: torch.device) -> Iterable[Tensor]:
    """(N, H, W, 4) pictures as tensors (B, 4, H, W), -1 to 1."""
    for at in range(0, len(pictures), _AT_ONCE):
        yield as_seen(torch.from_numpy(np.array(pictures[at : at + _AT_ONCE])).to(device))


def as_seen(pixels: Tensor) -> Tensor:
    """(B, H, W, 4) uint8 as networks see them: (B, 4, H, W) float32, -1 to 1."""
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


__all__ = ["Crowd", "as_seen", "batches", "frechet"]


def rebuilt_error(
    generator: Generator, encoder: nn.Module, held: NDArray[np.uint8], device: torch.device
) -> float:
    """Mean absolute difference of pictures and what is drawn of their styles, 0 to 1."""
    errors = [
        (generator(encoder(real)).clamp(-1, 1) - real).abs().mean((1, 2, 3)) / 2
        for real in batches(held, device)
    ]
    return float(torch.cat(errors).mean())
