"""What a run needs to go on: one file, whole or not at all. Imports torch: import it late."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from genani.media import atomic
from genani.media.files import shown
from genani.scene.errors import ModelError
from genani.training.task import Models

LAST, PREVIOUS, BEST = "last.safetensors", "previous.safetensors", "best.safetensors"

_FORMAT = "genani-training-1"
_STATE = "state"


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name, on the CPU, and a table of plain values."""

    tensors: Mapping[str, Tensor]
    state: Mapping[str, Any]


def kept(models: Models) -> dict[str, Tensor]:
    """What training changes in the networks: trained parameters and stored buffers, by name.

    What is frozen is left out: a LoRA's checkpoint has the size of the LoRA. The tensors are the
    networks' own, not copies.
    """
    tensors: dict[str, Tensor] = {}
    for name, model in models.items():
        if not any(weight.requires_grad for weight in model.parameters()):
            continue
        state = model.state_dict(keep_vars=True)
        tensors |= {
            f"{name}/{key}": tensor.detach()
            for key, tensor in state.items()
            if not isinstance(tensor, nn.Parameter) or tensor.requires_grad
        }
    return tensors


def put(models: Models, tensors: Mapping[str, Tensor]) -> None:
    """Take over what `kept` gave, in place.

    Raises:
        ModelError: a tensor is missing or has another shape.
    """
    with torch.no_grad():
        for name, own in kept(models).items():
            stored = tensors.get(name)
            if stored is None or stored.shape != own.shape:
                raise ModelError(f"the checkpoint is of another network: {name} does not fit")
            own.copy_(stored)


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Put a checkpoint in the place of the one before; killed at any moment, one of them is there.

    The file that was there goes on as `PREVIOUS` if it was `LAST`.

    Raises:
        FileError: the place cannot be written, the disk is full; the old file is untouched.
    """
    ready = {name: each.detach().cpu().contiguous() for name, each in checkpoint.tensors.items()}
    header = {"format": _FORMAT, _STATE: json.dumps(checkpoint.state, allow_nan=False)}
    with atomic.file(path) as temporary:
        try:
            save_file(ready, temporary, header)
        except SafetensorError as error:
            # Its own words for a full disk are long; the system tells them shorter.
            raise OSError(_errno(error), str(error)) from error
        if path.name == LAST and path.exists():
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
            path.replace(path.with_name(PREVIOUS))


def read(path: Path) -> Checkpoint:
    """A checkpoint, on the CPU.

    Raises:
        ModelError: it is missing, damaged, or no checkpoint of ours.
    """
    try:
        with safe_open(path, "pt") as opened:
            header = opened.metadata() or {}
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        if header.get("format") != _FORMAT:
            raise ModelError(f"'{shown(path)}' is not a checkpoint of this version of GenAni")
        return Checkpoint(tensors, json.loads(header[_STATE]))
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ModelError(f"the checkpoint '{shown(path)}' cannot be read: {error}") from error


def newest(folder: Path) -> Checkpoint | None:
    """The last checkpoint that can be read; None where there is none yet.

    Raises:
        ModelError: there are some, and all are damaged.
    """
    found = [path for name in (LAST, PREVIOUS) if (path := folder / name).exists()]
    failure: ModelError | None = None
    for path in found:
        try:
            return read(path)
        except ModelError as error:
            failure = failure or error
    if failure:
        raise failure
    return None


def optimiser_tensors(name: str, optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """What an optimiser remembers of each weight, by name."""
    state = optimiser.state_dict()["state"]
    return {
        f"optimiser/{name}/{index}/{key}": value
        for index, entries in state.items()
        for key, value in entries.items()
        if isinstance(value, Tensor)
    }


def put_optimiser(
    name: str, optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor]
) -> None:
    """Give an optimiser back what `optimiser_tensors` took."""
    start = f"optimiser/{name}/"
    state: dict[int, dict[str, Tensor]] = {}
    for path, value in tensors.items():
        if path.startswith(start):
            index, _, key = path.removeprefix(start).partition("/")
            state.setdefault(int(index), {})[key] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": groups})


def _errno(error: SafetensorError) -> int:
    """The system's number for an error that comes as text: `... (os error 28)`."""
    _, _, number = str(error).rpartition("os error ")
    digits = number.rstrip(" )}\"'")
    return int(digits) if digits.isdecimal() else 5
