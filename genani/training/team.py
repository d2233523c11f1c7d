"""Several processes that train one network: each learns from a part of every batch.

They are started by accelerate's launcher. The gradients are summed before every step, so all
have the same weights; the first process alone looks at held-back data, keeps and tells.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from genani.training.headroom import TrainingError

_PASSED_BY = "WORLD_SIZE", "RANK"
"""Environment variables by which the launcher tells a process that it is one of several."""


_PATIENCE = 0.5
"""Seconds between two looks at whether to stop."""


def follows() -> bool:
    """True in every process but the first."""
    size, rank = (int(os.environ.get(name, "0") or 0) for name in _PASSED_BY)
    return size > 1 and rank > 0


def launch(
    arguments: Sequence[str],
    processes: int,
    settings: Path | None,
    stopped: Callable[[], bool],
) -> int:
    """Run `python -m genani train` in several processes, by accelerate's launcher.

    Args:
        arguments: of the command.
        processes: on this machine and all others together; 0 for one a graphics card.
        settings: what `accelerate config` has written, for several machines; None for this one.
        stopped: asked now and then; they are then told to stop after their step.

    Returns:
        The exit code.
    """
    count = processes or max(1, torch.cuda.device_count())
    words = [sys.executable, "-m", "accelerate.commands.launch"]
    if settings is not None:
        words += ["--config_file", str(settings)]
    else:
        # The launcher's name for several processes, on processors too: those then talk by gloo.
        words += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
        words += ["--multi_gpu", "--main_process_port", "0"] if count > 1 else []
    if settings is None or processes:
        words += ["--num_processes", str(count)]
    # Only the process that asked is told the progress line by line.
    surroundings = {**os.environ, "GENANI_PROGRESS": "", "OMP_NUM_THREADS": _threads(count)}
    with subprocess.Popen([*words, "-m", "genani", *arguments], env=surroundings) as process:
        told = False
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE)
            if stopped() and not told:
                told = True
                process.terminate()
    return process.returncode


def part(count: int, rank: int, size: int) -> range:
    """Which examples of a batch of `count` process `rank` of `size` learns from.

    Raises:
        TrainingError: there are fewer examples than processes.
    """
    if count < size:
        raise TrainingError(
            f"{size} processes cannot share a batch of {count}: choose a larger one"
        )
    return range(rank * count // size, (rank + 1) * count // size)


class Team:
    """This process among all that train; alone, everything stays as it is.

    Args:
        accelerator: of the run.

    Attributes:
        rank: this process's number; the first is 0.
        size: how many there are.
    """

    def __init__(self, accelerator: Accelerator) -> None:
        self._accelerator = accelerator
        self.rank, self.size = accelerator.process_index, accelerator.num_processes

    @property
    def leads(self) -> bool:
        """True in the first process."""
        return self.rank == 0

    def part(self, count: int) -> range:
        """Which examples of a batch this process learns from; raises as `part`."""
        return part(count, self.rank, self.size)

    def sum_gradients(self, models: Mapping[str, nn.Module]) -> None:
        """Give every weight the sum of all processes' gradients."""
        if self.size == 1:
            return
        weights = [w for model in models.values() for w in model.parameters() if w.requires_grad]
        # What a part of the batch does not touch has no gradient there, yet may have elsewhere.
        touched = torch.tensor(
            [w.grad is not None for w in weights], dtype=torch.float32, device=weights[0].device
        )
        touched = self._sum(touched)
        flat = [(torch.zeros_like(w) if w.grad is None else w.grad).reshape(-1) for w in weights]
        summed = self._sum(torch.cat([each.float() for each in flat]))
        parts = summed.split([each.numel() for each in flat])
        for weight, known, part in zip(weights, touched.tolist(), parts, strict=True):
            if known:
                weight.grad = part.view_as(weight).to(weight.dtype).clone()

    def summed(self, losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The sum of all processes' losses, by name."""
        if self.size == 1:
            return dict(losses)
        values = self._sum(torch.stack([each.reshape(()) for each in losses.values()]))
        return dict(zip(losses, values.unbind(), strict=True))

    def agreed(self, wish: bool) -> bool:
        """True in all processes if it is in any."""
        if self.size == 1:
            return wish
        return bool(self._sum(torch.tensor([float(wish)], device=self._accelerator.device)) > 0)

    def wait(self) -> None:
        """Go on when all have come here."""
        self._accelerator.wait_for_everyone()

    def _sum(self, values: Tensor) -> Tensor:
        return torch.as_tensor(self._accelerator.reduce(values, "sum"))


def _threads(count: int) -> str:
    return os.environ.get("OMP_NUM_THREADS") or str(max(1, (os.cpu_count() or 1) // count))
