"""The versions of RIFE, published and our own: which file, which layout; reading and placing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from genani.engines.device import Device
from genani.engines.inbetween.rife.pyramid import WIDTHS, FlowPyramid
from genani.engines.inbetween.rife.v39 import UNUSED, FlowNet39
from genani.engines.inbetween.rife.v46 import FlowNet46
from genani.engines.weights_file import WeightsKind, write
from genani.scene.errors import ModelError
from genani.store.describing import Description, describe

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class Version:
    """One version.

    Attributes:
        model, file: names in the model store.
        network: makes the network from the widths of its blocks.
        unused: beginnings of names in the file that the network does not need.
        kin: other models whose adapters it takes as well, as its weights come from theirs.
    """

    model: str
    file: str
    network: Callable[[tuple[int, ...]], FlowPyramid]
    unused: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()

    @property
    def bases(self) -> tuple[str, ...]:
        """Models whose adapters fit."""
        return self.model, *self.kin


OWN = "GenAni"
"""Version 4.6 as this project has trained it on, on drawings."""

VERSIONS = {
    OWN: Version("genani-rife", "rife.safetensors", FlowNet46, kin=("rife-4.6",)),
    "4.6": Version("rife-4.6", "rife.pkl", FlowNet46, kin=("genani-rife",)),
    "3.9": Version("rife-3.9", "flownet.pkl", FlowNet39, UNUSED),
}
"""Versions by the value of the setting `version`."""

_KIND = WeightsKind("genani-rife/1", "RIFE for drawings")

_DESCRIPTION = Description(
    VERSIONS[OWN].model,
    "RIFE for drawings",
    _KIND.format,
    "GenAni; trained on from RIFE 4.6 by Zhewei Huang and others (Practical-RIFE, MIT)",
    "Draws the picture at any time between two pictures by moving their pixels.",
)


def random_network(
    version: str, seed: int = 0, widths: tuple[int, ...] = (16, 8, 8, 8)
) -> FlowPyramid:
    """A network of a version's layout with random weights: small enough for any test."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return VERSIONS[version].network(widths).eval()


def read_network(version: str, path: Path) -> FlowPyramid:
    """The network of a version with the weights of its file, on the CPU.

    Raises:
        ModelError: the file is not that of this version.
    """
    kind = VERSIONS[version]
    network = kind.network(WIDTHS).eval()
    if version == OWN:
        _, weights = _KIND.read(path)
        with _KIND.whole(path):
            network.load_state_dict(weights)
        return network
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
        # Saved from a network wrapped for several cards.
        named = {name.removeprefix("module."): weight for name, weight in stored.items()}
        network.load_state_dict(
            {name: weight for name, weight in named.items() if not name.startswith(kind.unused)}
        )
    except Exception as error:  # torch has many words for a file that does not fit
        raise ModelError(
            f"{path} does not hold the weights of RIFE {version}: "
            f"run `genani models remove {kind.model}`, then `genani models fetch {kind.model}`"
        ) from error
    return network


def pack(network: nn.Module, folder: Path) -> None:
    """Write our own version as a model of the store, in half precision.

    Args:
        network: its layout is that of `OWN`.
        folder: where; it must be there.

    Raises:
        OSError: it cannot be written.
    """
    kind = VERSIONS[OWN]
    write(folder / kind.file, network.state_dict(), {"format": _KIND.format}, half=True)
    describe(folder, _DESCRIPTION, [kind.file])


def placed(network: Network, device: Device) -> Network:
    """A network where and how it is to run."""
    network = network.to(device.torch, device.dtype)
    # Channels last is what convolutions want on CPUs and on cards with tensor cores.
    for weight in network.parameters():
        if weight.ndim == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
    return network
