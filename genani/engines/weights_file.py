"""Files of weights that this project trained: safetensors, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor


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
