"""A style model in one file: networks, directions, and where they come from. Imports torch."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import msgspec
import torch
from torch import Tensor, nn

from genani.engines.stylise.stylegan.encoder import Encoder
from genani.engines.stylise.stylegan.generator import Generator, GeneratorConfig
from genani.engines.stylise.stylegan.judge import Judge
from genani.engines.weights_file import WeightsKind, write
from genani.store.describing import Description, describe

FILE = "stylegan.safetensors"
CARD = "CARD.md"
FORMAT = "genani-stylegan/1"
"""Tag of the layout; another one is refused."""

_KIND = WeightsKind(FORMAT, "style model")

Network = TypeVar("Network", bound=nn.Module)

_DIRECTIONS, _AGE = "directions", "age"


@dataclass(frozen=True)
class StyleModel:
    """What a style model is made of.

    Attributes:
        generator: whose styles the encoder finds.
        encoder: from pictures to styles; None where it is still to be trained.
        judge: for transfer and one-picture styles; None where it was left out.
        styled: the generator that draws those styles in another style; None where it is the
            same one.
        directions: (K, latent), the strongest first; see `directions.directions`.
        age: (latent,) from younger to older; None where nobody has found it.
        told: plain values about it, for cards.
    """

    generator: Generator
    encoder: Encoder | None = None
    judge: Judge | None = None
    styled: Generator | None = None
    directions: Tensor = field(default_factory=lambda: torch.zeros(0, 1))
    age: Tensor | None = None
    told: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> GeneratorConfig:
        """The layout of all its networks."""
        return self.generator.config

    @property
    def draws(self) -> Generator:
        """The generator that draws in the model's style."""
        return self.styled or self.generator

    def networks(self) -> dict[str, nn.Module]:
        """Those that are there, by name."""
        found = {
            "generator": self.generator,
            "encoder": self.encoder,
            "judge": self.judge,
            "styled": self.styled,
        }
        return {name: network for name, network in found.items() if network is not None}

    def to(self, device: torch.device) -> StyleModel:
        """The same with everything on a device."""
        for network in self.networks().values():
            network.to(device)
        age = None if self.age is None else self.age.to(device)
        return replace(self, directions=self.directions.to(device), age=age)


def save(model: StyleModel, path: Path, *, half: bool = True) -> None:
    """Write a model whole or not at all, in half precision unless told otherwise.

    Raises:
        OSError: it cannot be written.
    """
    tensors = {
        f"{name}/{key}": weight
        for name, network in model.networks().items()
        for key, weight in network.state_dict().items()
    }
    tensors[_DIRECTIONS] = model.directions
    if model.age is not None:
        tensors[_AGE] = model.age
    header = {
        "format": FORMAT,
        "config": json.dumps(asdict(model.config)),
        "told": json.dumps(model.told),
    }
    write(path, tensors, header, half=half)


def load(path: Path) -> StyleModel:
    """The model that a file holds, in float32 on the CPU, in evaluation mode, without gradients.

    Raises:
        ModelError: it is no such file, or not whole.
    """
    header, tensors = _KIND.read(path)
    with _KIND.whole(path):
        config = msgspec.json.decode(header.get("config", ""), type=GeneratorConfig)
        told = msgspec.json.decode(header.get("told", "{}"), type=dict[str, str])
        there = {name.partition("/")[0] for name in tensors}
        return StyleModel(
            generator=_filled(Generator(config), "generator", tensors),
            encoder=_filled(Encoder(config), "encoder", tensors) if "encoder" in there else None,
            judge=_filled(Judge(config), "judge", tensors) if "judge" in there else None,
            styled=_filled(Generator(config), "styled", tensors) if "styled" in there else None,
            directions=tensors[_DIRECTIONS],
            age=tensors.get(_AGE),
            told=told,
        )


def pack(model: StyleModel, folder: Path, name: str, title: str, about: str, card: str) -> None:
    """Write a model as one of the store: a folder of its name there is found by stylists.

    Args:
        model: what is written.
        folder: where; it must be there.
        name, title, about: of its description.
        card: the text of its model card.

    Raises:
        OSError: it cannot be written.
    """
    save(model, folder / FILE)
    describe(folder, Description(name, title, FORMAT, "GenAni", about), [FILE])
    (folder / CARD).write_text(card, encoding="utf-8")


def _filled(network: Network, name: str, tensors: dict[str, Tensor]) -> Network:
    own = {
        key.removeprefix(f"{name}/"): each
        for key, each in tensors.items()
        if key.startswith(f"{name}/")
    }
    network.load_state_dict(own)
    return network.eval().requires_grad_(False)
