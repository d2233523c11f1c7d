"""Weights of both networks: written and read as safetensors, the layout in the file's header."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from genani.engines.inbetween.vqgpt.autoencoder import VqGan, VqGanConfig
from genani.engines.inbetween.vqgpt.transformer import VqGpt, VqGptConfig
from genani.engines.weights_file import write
from genani.scene.errors import ModelError
from genani.store.digest import digest_of
from genani.store.entry import DESCRIPTION

MODEL, CODER = "genani-vqgpt", "genani-vqgan"
"""Names in the model store: both networks, and the autoencoder alone."""

VQGAN, VQGPT = "vqgan.safetensors", "vqgpt.safetensors"
"""Names of the files in a model's folder."""

_GAN_FORMAT, _GPT_FORMAT = "genani-vqgan/1", "genani-vqgpt/1"

_DESCRIPTION = """\
name = "{name}"
title = "{title}"
architecture = "{format}"
licence = "Apache-2.0"
credit = "GenAni"
about = "{about}"
"""

_FILE = """
[[files]]
name = "{file}"
size = {size}
sha256 = "{sha256}"
"""

_ABOUT = {
    _GAN_FORMAT: "Turns drawings into codes and back; `genani train vqgpt` starts from it.",
    _GPT_FORMAT: "Draws what lies between two drawings, code after code.",
}


def save_coder(model: VqGan, path: Path) -> None:
    """Write an autoencoder's weights, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    _save(model, model.config, _GAN_FORMAT, path)


def save_writer(model: VqGpt, path: Path) -> None:
    """Write a transformer's weights, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    _save(model, model.config, _GPT_FORMAT, path)


def load_coder(path: Path) -> VqGan:
    """The autoencoder that a file holds, in float32 on the CPU, in evaluation mode.

    Raises:
        ModelError: it is no such file, or not whole.
    """
    weights, told = _read(path, _GAN_FORMAT)
    with _whole(path):
        model = VqGan(msgspec.json.decode(told, type=VqGanConfig))
        model.load_state_dict(weights)
    return model.eval()


def load_writer(path: Path) -> VqGpt:
    """The transformer that a file holds, likewise.

    Raises:
        ModelError: it is no such file, or not whole.
    """
    weights, told = _read(path, _GPT_FORMAT)
    with _whole(path):
        model = VqGpt(msgspec.json.decode(told, type=VqGptConfig))
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
    kind = _GPT_FORMAT if VQGPT in there else _GAN_FORMAT
    text = _DESCRIPTION.format(name=name, title=title, format=kind, about=_ABOUT[kind])
    for file in there:
        digest = digest_of(folder / file)
        text += _FILE.format(file=file, size=digest.size, sha256=digest.sha256)
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")


def _save(model: nn.Module, config: msgspec.Struct, kind: str, path: Path) -> None:
    header = {"format": kind, "config": msgspec.json.encode(config).decode()}
    write(path, model.state_dict(), header, half=True)


def _read(path: Path, kind: str) -> tuple[dict[str, Tensor], str]:
    """Weights in float32 and the layout as JSON."""
    with _whole(path), safe_open(path, "pt") as stored:
        header = stored.metadata() or {}
        if header.get("format") != kind:
            raise ModelError(f"{path} does not hold weights of GenAni's {kind.partition('/')[0]}")
        weights = {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118
        return weights, header.get("config", "")


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, SafetensorError, msgspec.MsgspecError, RuntimeError, ValueError) as error:
        raise ModelError(f"{path} is damaged: it does not hold a whole network") from error
