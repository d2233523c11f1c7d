"""Where the weights come from: a folder in diffusers' form, or a published file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging

from genani.engines.device import Device
from genani.engines.inbetween.tooncrafter.pipeline import ToonCrafterPipeline
from genani.scene.errors import ModelError
from genani.store import models

WORD_PIECES = "bpe_simple_vocab_16e6.txt.gz"
"""CLIP's table of word pieces, wanted with a published file."""

WORDS_MODEL = "clip-word-pieces"
"""Its name in the model store."""

TOWERS = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
"""CLIP's own towers, wanted beside a pruned file; the first found is taken."""


def pipeline_of(path: Path, device: Device) -> ToonCrafterPipeline:
    """A pipeline with its weights in the precision of the device, in the computer's memory.

    Args:
        path: a folder that `save_pretrained` wrote, or a published checkpoint.

    Raises:
        ModelError: nothing there, damaged, or another model; the text says which.
    """
    if path.is_dir():
        pipeline = _from_folder(path, device)
    else:
        words = word_pieces(path) if path.is_file() else path
        pipeline = ToonCrafterPipeline.from_single_file(
            path, words, tower_file(path), dtype=device.dtype, vae_dtype=_vae_dtype(device)
        )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def word_pieces(path: Path) -> Path:
    """CLIP's table of word pieces: beside a published file, or the store's.

    Raises:
        ModelError: it is in neither place.
    """
    beside = path.parent / WORD_PIECES
    if beside.is_file():
        return beside
    try:
        return models.path(WORDS_MODEL, WORD_PIECES)
    except ModelError as error:
        raise ModelError(
            f"{WORD_PIECES} of CLIP is wanted beside {path}; or run "
            f"`genani models fetch {WORDS_MODEL}`"
        ) from error


def tower_file(path: Path) -> Path | None:
    """CLIP's own towers beside a published file; None where there are none."""
    return next((path.parent / it for it in TOWERS if (path.parent / it).is_file()), None)


def weight_bytes(path: Path) -> int:
    """Bytes of the weights on the disk; 0 where there are none."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.glob("*/*.safetensors"))


def _from_folder(path: Path, device: Device) -> ToonCrafterPipeline:
    index = path / "model_index.json"
    try:
        kind = json.loads(index.read_text("utf-8")).get("_class_name")
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{path} is no ToonCrafter model: {index.name} cannot be read") from error
    if kind != ToonCrafterPipeline.__name__:
        raise ModelError(f"{path} holds a {kind}, not a ToonCrafter model")
    dtypes = {"vae": _vae_dtype(device), "default": device.dtype}
    given: dict[str, Any] = {"dtype": dtypes, "local_files_only": True}
    try:
        with without_bars():
            return ToonCrafterPipeline.from_pretrained(path, **given)
    except Exception as error:  # diffusers has many words for a folder that does not fit
        raise ModelError(f"{path} is damaged or incomplete: {one_line(error)}") from error


def _vae_dtype(device: Device) -> torch.dtype:
    # Half precision blackens what the autoencoder draws; bfloat16 reaches as far as float32.
    return torch.bfloat16 if device.half else torch.float32


@contextmanager
def without_bars() -> Iterator[None]:
    """Within, neither library draws bars of its own on the terminal."""
    libraries = diffusers_logging, transformers_logging
    shown = [library.is_progress_bar_enabled() for library in libraries]
    for library in libraries:
        library.disable_progress_bar()
    try:
        yield
    finally:
        for library, before in zip(libraries, shown, strict=True):
            if before:
                library.enable_progress_bar()


def one_line(error: Exception) -> str:
    """What an error of a library says, cut to one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
