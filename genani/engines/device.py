"""Where the tensors live: which device, how much memory it has free, whether half is safe."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from genani.scene.errors import EngineError

if TYPE_CHECKING:
    import torch

VARIABLE = "GENANI_DEVICE"
"""Environment variable that overrides the choice: `cpu`, `cuda`, `cuda:1`, `mps`."""

_HALF_FROM = (7, 0)
"""CUDA compute capability from which half precision is fast and its sums are kept in float32."""

_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Device:
    """A place to draw on.

    Attributes:
        name: as torch spells it: `cpu`, `cuda:0`, `mps`.
        half: networks run in float16 there.
    """

    name: str = "cpu"
    half: bool = False

    @property
    def torch(self) -> torch.device:
        """The device for torch."""
        import torch

        return torch.device(self.name)

    @property
    def dtype(self) -> torch.dtype:
        """What networks run in; pictures and flows stay float32."""
        import torch

        return torch.float16 if self.half else torch.float32

    @property
    def free(self) -> int:
        """Bytes that can be taken now without swapping, less what torch keeps but does not use."""
        if self.name.startswith("cuda"):
            import torch

            free, _ = torch.cuda.mem_get_info(self.torch)
            kept = torch.cuda.memory_reserved(self.torch) - torch.cuda.memory_allocated(self.torch)
            return free + kept
        # Apple's graphics memory is the machine's own.
        return min(psutil.virtual_memory().available, _container_free())


def pick(wish: str | None = None) -> Device:
    """The device to draw on: the wish, else `GENANI_DEVICE`, else the fastest there is.

    Raises:
        EngineError: the device asked for is not there.
    """
    import torch

    asked = wish or os.environ.get(VARIABLE) or ""
    kind, _, index = asked.partition(":")
    if kind not in ("", "cpu", "cuda", "mps") or (index and not index.isdecimal()):
        raise EngineError(
            f"'{asked}' is not a device; say cpu, cuda, cuda:1 (the second card) or mps"
        )
    if kind in ("", "cuda") and torch.cuda.is_available():
        number = int(index or 0)
        if number >= torch.cuda.device_count():
            raise EngineError(
                f"there is no device {asked}; this computer has {torch.cuda.device_count()}"
            )
        return Device(f"cuda:{number}", torch.cuda.get_device_capability(number) >= _HALF_FROM)
    if kind in ("", "mps") and torch.backends.mps.is_available():
        return Device("mps")
    if kind in ("cuda", "mps"):
        raise EngineError(f"there is no device '{asked}' on this computer; leave {VARIABLE} empty")
    # More threads than there are cores to run them make every step wait.
    if torch.get_num_threads() > (cores := allowed_cores()):
        torch.set_num_threads(cores)
    return Device()


def allowed_cores() -> int:
    """Cores that this process may keep busy: those it is bound to, and its container's quota."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        quota, period = (_CGROUP / "cpu.max").read_text().split()
        limit = math.ceil(int(quota) / int(period))
    except (OSError, ValueError):
        limit = cores or 1
    return max(1, min(cores or 1, limit))


def is_out_of_memory(error: BaseException) -> bool:
    """True where numpy or torch, on any device, could not get the memory it asked for."""
    import torch

    # The CPU's allocator has no exception of its own.
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError)
        and any(text in str(error) for text in ("can't allocate memory", "out of memory"))
    )


def release(device: Device) -> None:
    """Give back memory that torch keeps for later, before a second try with less."""
    import gc

    import torch

    gc.collect()
    if device.name.startswith("cuda"):
        torch.cuda.empty_cache()


def _container_free() -> int:
    """Bytes left under the limit of the container we run in; huge where there is none."""
    try:
        limit = (_CGROUP / "memory.max").read_text().strip()
        used = int((_CGROUP / "memory.current").read_text())
        stat = dict(line.split() for line in (_CGROUP / "memory.stat").read_text().splitlines())
        return int(limit) - used + int(stat.get("inactive_file", 0))
    except (OSError, ValueError):
        return 1 << 62
