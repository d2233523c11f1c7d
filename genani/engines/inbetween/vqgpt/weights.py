"""Weights of both networks: written and read as safetensors, the layout in the file's header."""

from __future__ import annotations

from pathlib import Path

import msgspec
from torch import nn

from genani.engines.inbetween.vqgpt.autoencoder import VqGan, VqGanConfig
from genani.engines.inbetween.vqgpt.transformer import VqGpt, VqGptConfig
from genani.engines.weights_file import WeightsKind, write
from genani.store.describing import Description
from genani.store.describing import describe as write_description

MODEL, CODER = "genani-vqgpt", "genani-vqgan"
"""Names in the model store: both networks, and the autoencoder alone."""

VQGAN, VQGPT = "vqgan.safetensors", "vqgpt.safetensors"
"""Names of the files in a model's folder."""

_CODER = WeightsKind("genani-vqgan/1", "autoencoder of codes")
_WRITER = WeightsKind("genani-vqgpt/1", "transformer of codes")

_ABOUT = {
    _CODER: "Turns drawings into codes and back; `genani train vqgpt` starts from it.",
    _WRITER: "Draws what lies between two drawings, code after code.",
}


def save_coder(model: VqGan, path: Path) -> None:
    """Write an autoencoder's weights, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    _save(model, model.config, _CODER, path)


def save_writer(model: VqGpt, path: Path) -> None:
    """Write a transformer's weights, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    _save(model, model.config, _WRITER, path)


def load_coder(path: Path) -> VqGan:
    """The autoencoder that a file holds, in float32 on the CPU, in evaluation mode.

    Raises:
        ModelError: it is no such file, or not whole.
    """
    header, weights = _CODER.read(path)
    with _CODER.whole(path):
        model = VqGan(msgspec.json.decode(header.get("config", ""), type=VqGanConfig))
        model.load_state_dict(weights)
    return model.eval()


def load_writer(path: Path) -> VqGpt:
    """The transformer that a file holds, likewise.

    Raises:
        ModelError: it is no such file, or not whole.
    """
    header, weights = _WRITER.read(path)
    with _WRITER.whole(path):
        model = VqGpt(msgspec.json.decode(header.get("config", ""), type=VqGptConfig))
        model.load_state_dict(weights)
    return model.eval()


def describe(folder: Path, name: str, title: str) -> None:
    """Write the `model.toml` of a folder with weights, so that the model store can hold it.

    Args:
        folder: has the autoencoder's file, and may have the transformer's.
        name: of the model, which its folder in the store must have.
        title: what people read.

    Raises:
        OSError: it cannot be written.
    """
    there = [file for file in (VQGAN, VQGPT) if (folder / file).is_file()]
    kind = _WRITER if VQGPT in there else _CODER
    about = Description(name, title, kind.format, "GenAni", _ABOUT[kind], "Apache-2.0")
    write_description(folder, about, there)


def _save(model: nn.Module, config: msgspec.Struct, kind: WeightsKind, path: Path) -> None:
    header = {"format": kind.format, "config": msgspec.json.encode(config).decode()}
    write(path, model.state_dict(), header, half=True)
