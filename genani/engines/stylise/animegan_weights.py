"""AnimeGAN's weights: written and read as safetensors, with the layout in the file's header."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import msgspec
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from genani.engines.stylise.animegan_model import AnimeGAN, AnimeGANConfig
from genani.engines.weights_file import write
from genani.scene.errors import ModelError
from genani.store.digest import digest_of
from genani.store.entry import DESCRIPTION

MODEL, FILE = "genani-animegan", "animegan.safetensors"
"""Names in the model store."""

FORMAT = "genani-animegan/1"
"""Tag of the layout; another one is refused."""

_WIDEST, _MOST_BLOCKS = 1024, 100

_DESCRIPTION = """\
name = "{name}"
title = "GenAni's own AnimeGAN"
architecture = "{format}"
licence = "MIT"
credit = "GenAni; method by Jie Chen, Gang Liu, Xin Chen (AnimeGAN, 2019)"
about = "Redraws a photo as a drawing."

[[files]]
name = "{file}"
size = {size}
sha256 = "{sha256}"
"""


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
    digest = digest_of(folder / FILE)
    description = _DESCRIPTION.format(
        name=MODEL, file=FILE, format=FORMAT, size=digest.size, sha256=digest.sha256
    )
    (folder / DESCRIPTION).write_text(description, encoding="utf-8")


def layout_of(path: Path) -> AnimeGANConfig:
    """The layout of the generator that a file holds; quick, as no weight is read.

    Raises:
        ModelError: it is no such file.
    """
    try:
        with safe_open(path, "pt") as stored:
            header = stored.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path} is damaged: it does not hold a whole AnimeGAN") from error
    if header.get("format") != FORMAT:
        raise ModelError(f"{path} does not hold weights of an AnimeGAN of GenAni's")
    try:
        config = msgspec.json.decode(header.get("config", ""), type=AnimeGANConfig)
    except msgspec.MsgspecError as error:
        raise ModelError(f"{path} is damaged: it does not hold a whole AnimeGAN") from error
    if not (0 < config.width <= _WIDEST and 0 <= config.blocks <= _MOST_BLOCKS):
        raise ModelError(f"{path} tells of an AnimeGAN that cannot be: {config}")
    return config


def load(path: Path) -> AnimeGAN:
    """The generator that a file holds, in float32 on the CPU, in evaluation mode.

    Raises:
        ModelError: it is no such file, or not whole.
    """
    model = AnimeGAN(layout_of(path))
    try:
        model.load_state_dict({name: each.float() for name, each in load_file(path).items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ModelError(f"{path} is damaged: it does not hold a whole AnimeGAN") from error
    return model.eval()
