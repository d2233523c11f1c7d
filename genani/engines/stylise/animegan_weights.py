"""AnimeGAN's weights: written and read as safetensors, with the layout in the file's header."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import msgspec

from genani.engines.stylise.animegan_model import AnimeGAN, AnimeGANConfig
from genani.engines.weights_file import WeightsKind, write
from genani.scene.errors import ModelError
from genani.store.describing import Description, describe

MODEL, FILE = "genani-animegan", "animegan.safetensors"
"""Names in the model store."""

FORMAT = "genani-animegan/1"
"""Tag of the layout; another one is refused."""

_WIDEST, _MOST_BLOCKS = 1024, 100

_KIND = WeightsKind(FORMAT, "AnimeGAN")

_DESCRIPTION = Description(
    MODEL,
    "GenAni's own AnimeGAN",
    FORMAT,
    "GenAni; method by Jie Chen, Gang Liu, Xin Chen (AnimeGAN, 2019)",
    "Redraws a photo as a drawing.",
)


def pack(model: AnimeGAN, folder: Path) -> None:
    """Write weights as a model of the store: in a folder `genani-animegan` there, it is found.

    Args:
        model: whose.
        folder: where; it must be there.

    Raises:
        OSError: it cannot be written.
    """
    header = {"format": FORMAT, "config": json.dumps(asdict(model.config))}
    write(folder / FILE, model.state_dict(), header, half=True)
    describe(folder, _DESCRIPTION, [FILE])


def layout_of(path: Path) -> AnimeGANConfig:
    """The layout of the generator that a file holds; quick, as no weight is read.

    Raises:
        ModelError: it is no such file.
    """
    header = _KIND.header(path)
    with _KIND.whole(path):
        config = msgspec.json.decode(header.get("config", ""), type=AnimeGANConfig)
    if not (0 < config.width <= _WIDEST and 0 <= config.blocks <= _MOST_BLOCKS):
        raise ModelError(f"{path} tells of an AnimeGAN that cannot be: {config}")
    return config


def load(path: Path) -> AnimeGAN:
    """The generator that a file holds, in float32 on the CPU, in evaluation mode.

    Raises:
        ModelError: it is no such file, or not whole.
    """
    model = AnimeGAN(layout_of(path))
    _, weights = _KIND.read(path)
    with _KIND.whole(path):
        model.load_state_dict(weights)
    return model.eval()
