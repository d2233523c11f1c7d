"""The light CartoonGAN that Meng Lee and Ching Ning Chen have published. Imports torch.

github.com/mnicnc404/CartoonGan-tensorflow (Apache-2.0): CartoonGAN with units of ShuffleNet V2
(N. Ma et al., arXiv 1807.11164). Normalisation is over all channels together, and bilinear
doubling keeps its first row and column, as in the graph they have published with the weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.stylise.cartoongan_model import Chain
from genani.engines.stylise.norms import Norm
from genani.engines.stylise.tensor_bundle import read
from genani.scene.errors import ModelError

WIDTH, BLOCKS = 96, 8
"""Of the published weights."""

MULTIPLE, LEAST = 4, 16

_ADDED = 1e-3
_SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"
_KINDS = {"kernel": "weight", "depthwise_kernel": "weight", "gamma": "weight", "beta": "bias"}
"""What tensors are called in TensorFlow and here; those not named are called the same."""


class LightGenerator(Chain):
    """The published generator; its parts are named as in the checkpoint.

    Args:
        width: channels at full size; 0 for those of the published weights.
        blocks: shuffled units at quarter size, likewise.
    """

    def __init__(self, width: int = 0, blocks: int = 0) -> None:
        super().__init__()
        w, blocks = width or WIDTH, blocks or BLOCKS
        self.flat_conv1 = nn.Sequential(nn.Conv2d(3, w, 5, padding=2), _norm(w), nn.ReLU())
        self.down_conv1 = Down(w, 2 * w)
        self.down_conv2 = Down(2 * w, 4 * w)
        self.residual_blocks = nn.Sequential(*(Shuffled(4 * w) for _ in range(blocks)))
        self.up_conv1 = Up(4 * w, 2 * w)
        self.up_conv2 = Up(2 * w, w)
        self.final_conv = nn.Conv2d(w, 3, 5, padding=2)

    def stages(self) -> Iterator[nn.Module]:
        """See `Chain.stages`."""
        yield from (self.flat_conv1, self.down_conv1, self.down_conv2, *self.residual_blocks)
        yield from (self.up_conv1, self.up_conv2, self.final_conv)


class Shuffled(nn.Module):
    """Half of the channels through three convolutions, then both halves shuffled together."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.model = nn.Sequential(*_three(channels // 2, channels // 2, 1), _norm(1), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) of the same shape."""
        left, right = x.chunk(2, 1)
        return shuffled(left, self.model(right))


class Down(nn.Module):
    """Half the size, by two ways that are shuffled together."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        half = after // 2
        self.r_model = nn.Sequential(*_three(before, half, 2))
        self.l_model = nn.Sequential(_Depthwise(before, 2), _norm(1), _pointwise(before, half))
        self.bn_act = nn.Sequential(_norm(1), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        """(B, after, H/2, W/2) of (B, before, H, W)."""
        both = self.bn_act(torch.cat((self.l_model(x), self.r_model(x)), 1))
        return shuffled(*both.chunk(2, 1))


class Up(nn.Module):
    """Twice the size and fewer channels, then a shuffled unit."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.model = nn.Sequential(nn.Conv2d(before, after, 1), Shuffled(after))

    def forward(self, x: Tensor) -> Tensor:
        """(B, after, 2H, 2W) of (B, before, H, W)."""
        # A 1 x 1 convolution before the doubling gives the same as after it, at a quarter of cost.
        return self.model[1](doubled(self.model[0](x)))


class _Depthwise(nn.Conv2d):
    """3 x 3, channel by channel, padded as TensorFlow's `SAME` pads even sides."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__(channels, channels, 3, stride, groups=channels, bias=False)
        self._around = (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's own name
        return super().forward(functional.pad(input, self._around))


def doubled(x: Tensor) -> Tensor:
    """Twice the size: old rows and columns stay, and means of neighbours come between them."""
    for axis in (2, 3):
        last = x.narrow(axis, x.shape[axis] - 1, 1)
        after = torch.cat((x.narrow(axis, 1, x.shape[axis] - 1), last), axis)
        x = torch.stack((x, (x + after) / 2), axis + 1).flatten(axis, axis + 1)
    return x


def shuffled(left: Tensor, right: Tensor) -> Tensor:
    """Channels of both by turns, (B, 2C, H, W) of (B, C, H, W) each."""
    return torch.stack((left, right), 2).flatten(1, 2)


def load(index: Path, data: Path, network: LightGenerator | None = None) -> LightGenerator:
    """A generator with the weights of a TensorFlow checkpoint, on the CPU.

    Args:
        index, data: the two files of the checkpoint.
        network: whose layout the checkpoint has; the published one by default.

    Raises:
        ModelError: a file is damaged, or holds another network.
    """
    network = network or LightGenerator()
    weights = named(read(index, data))
    try:
        network.load_state_dict({name: torch.from_numpy(each) for name, each in weights.items()})
    except RuntimeError as error:
        raise ModelError(f"{index} does not hold a light CartoonGAN") from error
    return network.eval()


def named(tensors: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Tensors of the checkpoint by their names here, kernels in torch's order of axes."""
    found: dict[str, NDArray[np.float32]] = {}
    for path, tensor in tensors.items():
        *place, kind = path.removesuffix(_SUFFIX).split("/")
        if kind == "kernel":
            tensor = tensor.transpose(3, 2, 0, 1)
        elif kind == "depthwise_kernel":
            tensor = tensor.transpose(2, 3, 0, 1)
        layers = [part.removeprefix("layer-") for part in place]
        if layers[0] in ("flat_conv1", "final_conv"):
            layers = _flattened(layers)
        name = ".".join((*layers, _KINDS.get(kind, kind)))
        found[name] = np.ascontiguousarray(tensor)
    return found


def _flattened(layers: list[str]) -> list[str]:
    """Names of the two parts whose padding is a layer of its own there."""
    if layers[0] == "final_conv":
        return layers[:1]
    return [layers[0], str(int(layers[2]) - 1)]


def _three(before: int, after: int, stride: int) -> tuple[nn.Module, ...]:
    return (
        _pointwise(before, after),
        _norm(after),
        nn.ReLU(),
        _Depthwise(after, stride),
        _norm(after),
        _pointwise(after, after),
    )


def _pointwise(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 1, bias=False)


def _norm(channels: int) -> Norm:
    return Norm(channels, together=True, added=_ADDED)
