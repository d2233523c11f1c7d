"""Whether a run fits on this machine, asked before it starts."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from genani.engines.device import Device
from genani.media.files import shown
from genani.scene.errors import GenAniError

_FLOAT = 4
_SPARE = 64 << 20
"""Bytes left for metrics, samples and the exported weights."""


class TrainingError(GenAniError):
    """A run that cannot start or cannot go on; the text says why and what is kept."""


@dataclass(frozen=True)
class Need:
    """What a run takes at least.

    Attributes:
        disk: bytes of its folder when it is full: three whole checkpoints (one being written)
            and the best weights.
        memory: bytes on the device for weights, gradients, the running average and what AdamW
            remembers; what a batch takes comes on top, and is lowered when it does not fit.
    """

    disk: int
    memory: int


def need(trained: int, frozen: int) -> Need:
    """What a run takes.

    Args:
        trained: number of weights that training moves.
        frozen: number of weights that only help.
    """
    whole, best = 4 * trained * _FLOAT, 2 * trained * _FLOAT
    return Need(3 * whole + 2 * best + _SPARE, (5 * trained + frozen) * _FLOAT)


def check(wanted: Need, folder: Path, device: Device, there: int = 0) -> None:
    """Refuse a run that cannot fit.

    Args:
        wanted: what it takes.
        folder: of the run; it exists.
        device: where it computes.
        there: bytes of the run that already lie in the folder.

    Raises:
        TrainingError: the disk or the memory is too small, with both figures.
    """
    free = shutil.disk_usage(folder).free
    if wanted.disk - there > free:
        raise TrainingError(
            f"the checkpoints need {_mega(wanted.disk - there)} in '{shown(folder)}' "
            f"and {_mega(free)} are free: make room or name another folder"
        )
    if wanted.memory > device.free:
        raise TrainingError(
            f"training needs at least {_mega(wanted.memory)} of memory on {device.name} "
            f"and {_mega(device.free)} are free: close other programs or choose a smaller model"
        )


def _mega(count: int) -> str:
    return f"{max(count, 0) / 1e6:,.0f} MB"
