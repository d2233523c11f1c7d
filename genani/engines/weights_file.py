"""Files of weights that this project trained: safetensors, written and read whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from genani.scene.errors import ModelError


def write(path: Path, tensors: Mapping[str, Tensor], header: dict[str, str], *, half: bool) -> None:
    """Write tensors from any device.

    Args:
        path: where; its folder must be there.
        tensors: by name.
        header: what the file says of itself.
        half: in half precision, half as large; nothing is seen of it in the drawings.

    Raises:
        OSError: it cannot be written.
    """
    dtype = torch.float16 if half else torch.float32
    # contiguous: channels-last weights cannot be written.
    ready = {name: each.detach().to("cpu", dtype).contiguous() for name, each in tensors.items()}
    place = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        save_file(ready, place, metadata=header)
        place.replace(path)
    finally:
        place.unlink(missing_ok=True)


@dataclass(frozen=True)
class WeightsKind:
    """A kind of file of weights.

    Attributes:
        format: tag in the header; a file with another one is refused.
        what: people call what it holds, such as `sprite network`.
    """

    format: str
    what: str

    def header(self, path: Path) -> dict[str, str]:
        """What a file says of itself; quick, as no weight is read.

        Raises:
            ModelError: it is no such file.
        """
        with self.whole(path), safe_open(path, "pt") as stored:
            found = stored.metadata() or {}
        if found.get("format") != self.format:
            raise ModelError(f"{path} does not hold weights of GenAni's {self.what}")
        return found

    def read(self, path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
        """What a file says of itself, and its weights by name, in float32 on the CPU.

        Raises:
            ModelError: it is no such file, or not whole.
        """
        header = self.header(path)
        with self.whole(path), safe_open(path, "pt") as stored:
            return header, {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118

    @contextmanager
    def whole(self, path: Path) -> Iterator[None]:
        """Where a network is filled with what was read of a file: what does not fit is told.

        Raises:
            ModelError: something of it is missing, or is another thing.
        """
        try:
            yield
        except (
            OSError,
            SafetensorError,
            msgspec.MsgspecError,
            RuntimeError,
            ValueError,
            KeyError,
        ) as error:
            raise ModelError(f"{path} is damaged: it does not hold a whole {self.what}") from error
