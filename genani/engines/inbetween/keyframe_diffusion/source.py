"""Where a video model lies, what it is, and reading it: a folder in diffusers' form."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genani.engines.inbetween.keyframe_diffusion.families import FAMILIES, Family
from genani.scene.errors import ModelError
from genani.store.places import store_folder

_INDEX = "model_index.json"
_LIBRARIES = ("diffusers", "transformers")
_LONGEST_HEADER = 100_000_000


@dataclass(frozen=True)
class Found:
    """A model's folder, looked at without reading weights.

    Attributes:
        path: of the folder.
        kind: name of the pipeline's class.
        family: how it is asked.
        parameters: how many each part has.
        width, layers: of the network's attention.
    """

    path: Path
    kind: str
    family: Family
    parameters: Mapping[str, int]
    width: int
    layers: int

    @property
    def network(self) -> int:
        """Parameters of the network that is asked at each step, of one where there are two."""
        return self.parameters.get("transformer", 0) or self.parameters.get("transformer_2", 0)


def find(given: str) -> Found:
    """The model of a name or a path.

    Args:
        given: a folder, or the name of one in the model store.

    Raises:
        ModelError: nothing there, another kind of model, or damaged; the text says which.
    """
    path = _folder(given)
    index = _read(path / _INDEX, path)
    kind = index.get("_class_name")
    family = FAMILIES.get(str(kind))
    if family is None:
        known = ", ".join(FAMILIES)
        raise ModelError(
            f"{path} holds a {kind}, which does not draw between two pictures: {known} do"
        )
    if reason := family.fault(index):
        raise ModelError(f"{path} cannot be used: {reason}")
    parts = dict(_parts(index, path))
    config = _read(path / "transformer" / "config.json", path)
    width = int(config.get("num_attention_heads", 0)) * int(config.get("attention_head_dim", 0))
    return Found(path, str(kind), family, parts, width, int(config.get("num_layers", 0)))


def read(found: Found, half: bool) -> Any:
    """The pipeline with its weights in the computer's memory; only safetensors are read.

    Args:
        half: in bfloat16, but for the autoencoder, whose colours suffer.

    Raises:
        ModelError: damaged or incomplete.
    """
    # They take seconds to import.
    import diffusers
    import torch

    from genani.engines.inbetween.tooncrafter.source import one_line

    usual = torch.bfloat16 if half else torch.float32
    try:
        with quiet():
            pipeline = getattr(diffusers, found.kind).from_pretrained(
                found.path,
                dtype={"vae": torch.float32, "default": usual},
                local_files_only=True,
                use_safetensors=True,
            )
    except Exception as error:  # diffusers has many words for a folder that does not fit
        raise ModelError(f"{found.path} is damaged or incomplete: {one_line(error)}") from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@contextmanager
def quiet() -> Iterator[None]:
    """Within, the libraries draw no bars and keep to themselves what no animator can change."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    from genani.engines.inbetween.tooncrafter.source import without_bars

    libraries = diffusers_logging, transformers_logging
    before = [library.get_verbosity() for library in libraries]
    for library in libraries:
        library.set_verbosity_error()
    try:
        with without_bars():
            yield
    finally:
        for library, level in zip(libraries, before, strict=True):
            library.set_verbosity(level)


def _folder(given: str) -> Path:
    if not given:
        raise ModelError(
            "no video model comes with GenAni: say with the setting 'model' which one is used, a "
            "folder that diffusers reads or the name of one in the model store"
        )
    path = Path(given).expanduser()
    for place in (path, store_folder() / given):
        if (place / _INDEX).is_file():
            return place
    if path.is_dir():
        raise ModelError(f"{path} is no model in diffusers' form: it has no {_INDEX}")
    if path.exists():
        raise ModelError(f"{path} is a file: the setting 'model' names a folder with {_INDEX}")
    raise ModelError(f"there is no video model '{given}', neither as a folder nor in the store")


def _read(path: Path, folder: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        where = path.relative_to(folder)
        raise ModelError(f"{folder} is damaged or incomplete: {where} cannot be read") from error
    if not isinstance(found, dict):
        raise ModelError(f"{folder} is damaged: {path.name} describes no model")
    return found


def _parts(index: Mapping[str, Any], path: Path) -> Iterator[tuple[str, int]]:
    for name, place in index.items():
        if not isinstance(place, list) or place[0] is None:
            continue
        # Any other library would be a program that came with the model.
        if place[0] not in _LIBRARIES:
            raise ModelError(f"{path} wants to run code of its own ({place[0]}) and was not opened")
        weights = sorted((path / name).glob("*.safetensors"))
        if weights:
            yield name, sum(_count(file) for file in weights)


def _count(file: Path) -> int:
    """Parameters in a safetensors file, by its header alone."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > _LONGEST_HEADER:
                raise ValueError("a header this long is none")
            header = json.loads(stream.read(length))
        ends = [item["data_offsets"][1] for key, item in header.items() if key != "__metadata__"]
        if file.stat().st_size < 8 + length + max(ends, default=0):
            raise ValueError("the end is missing")
        return sum(_product(it["shape"]) for key, it in header.items() if key != "__metadata__")
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ModelError(f"{file} is damaged or incomplete: download it again") from error


def _product(shape: list[int]) -> int:
    total = 1
    for side in shape:
        total *= side
    return total
