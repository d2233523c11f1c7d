"""Weights of our own CartoonGAN and ArtifyGAN: safetensors, with the layout in the header."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from genani.engines.stylise.cartoongan_model import ARTIFYGAN, CARTOONGAN, Generator, Layout
from genani.engines.weights_file import WeightsKind, write
from genani.scene.errors import ModelError
from genani.store.describing import Description, describe

FILE = "generator.safetensors"
"""Name of the weights, in the store and in the result of a training."""

FORMAT = "genani-cartoongan/1"
"""Tag of the layout; another one is refused."""

_FILE_KIND = WeightsKind(FORMAT, "CartoonGAN")


@dataclass(frozen=True)
class Kind:
    """One of the two systems.

    Attributes:
        title: as people read it.
        model: name in the model store.
        layout: as described where it was published.
    """

    title: str
    model: str
    layout: Layout


KINDS = {
    "cartoongan": Kind("CartoonGAN", "genani-cartoongan", CARTOONGAN),
    "artifygan": Kind("ArtifyGAN", "genani-artifygan", ARTIFYGAN),
}
"""By the name of the task that trains it, and of the stylist that draws with it."""


def pack(network: Generator, kind: Kind, folder: Path) -> None:
    """Write weights as a model of the store: in a folder of its name there, the stylist finds them.

    Args:
        network: whose.
        kind: what it is.
        folder: where; it must be there.

    Raises:
        OSError: it cannot be written.
    """
    header = {"format": FORMAT, "layout": json.dumps(asdict(network.layout))}
    write(folder / FILE, network.state_dict(), header, half=True)
    description = Description(
        kind.model,
        f"GenAni's own {kind.title}",
        FORMAT,
        "GenAni; method by Yang Chen, Yu-Kun Lai, Yong-Jin Liu (CartoonGAN, 2018)",
        "Redraws a photo as a cartoon.",
    )
    describe(folder, description, [FILE])


def load(path: Path) -> Generator:
    """The generator that a file holds, in float32 on the CPU, in evaluation mode.

    Raises:
        ModelError: it is no such file, or not whole.
    """
    layout = layout_of(path)
    _, weights = _FILE_KIND.read(path)
    with _FILE_KIND.whole(path):
        network = Generator(layout)
        network.load_state_dict(weights)
    return network.eval()


def layout_of(path: Path) -> Layout:
    """The layout of the generator that a file holds; quick, as no weight is read.

    Raises:
        ModelError: it is no such file.
    """
    header = _FILE_KIND.header(path)
    with _FILE_KIND.whole(path):
        layout = msgspec.json.decode(header.get("layout", ""), type=Layout)
    if not (
        0 < layout.width <= 1024 and 0 <= layout.blocks <= 100 and layout.convolutions in (1, 2)
    ):
        raise ModelError(f"{path} tells of a CartoonGAN that cannot be: {layout}")
    return layout


def found(model: str, kind: Kind, locate: Callable[[str, str], Path]) -> Path:
    """Where the weights lie that a person asks for.

    Args:
        model: a file, a folder with `FILE` in it such as the `result` of a training, the name of
            a model in the store, or empty for the one of this kind.
        kind: what is drawn with.
        locate: finds files of the store's models.

    Raises:
        ModelError: there is no such model, or it is not installed.
    """
    if not model:
        return locate(kind.model, FILE)
    path = Path(model).expanduser()
    if path.is_dir():
        path = path / FILE
    if path.is_file():
        return path
    if os.sep in model or "/" in model or path.suffix:
        raise ModelError(f"there is no model file '{path}'")
    return locate(model, FILE)
