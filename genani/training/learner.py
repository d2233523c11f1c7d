"""Networks and their optimisers, one step at a time. Imports torch: import it late."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import send_to_device
from torch import Tensor, nn

from genani.engines.device import Device, is_out_of_memory, release
from genani.training.config import TrainingConfig
from genani.training.headroom import TrainingError
from genani.training.schedule import moment_seed, rate_at
from genani.training.task import TOTAL, Batch, Losses, Models, Task, Turn
from genani.training.team import Team

Told = Callable[[str], None]


class Learner:
    """What moves the weights of a task.

    Args:
        task, config: what is trained and how.
        models: its networks, on the device.
        accelerator: of the run: precision and gradients.
        device: the same device, to give memory back to.
        team: the processes that learn together.
        tell: called when a step is computed in smaller parts from now on.

    Attributes:
        portion: examples that are computed at a time.
        optimisers: by the names of the task's turns.
    """

    def __init__(
        self,
        task: Task,
        config: TrainingConfig,
        models: Models,
        accelerator: Accelerator,
        device: Device,
        team: Team,
        tell: Told,
    ) -> None:
        self._task, self._config, self._models = task, config, models
        self._accelerator, self._device, self._tell = accelerator, device, tell
        self._team = team
        self.portion = config.batch
        self.optimisers = {turn.name: self._optimiser(turn) for turn in task.turns}

    def advance(self, batch: Batch, step: int) -> dict[str, float]:
        """Every optimiser's turn on the batch of a step, counted from 0; what was lost.

        Raises:
            TrainingError: a loss or a gradient is not a number, and no weight of that turn has
                moved; or not even one example fits into memory.
        """
        lost: dict[str, float] = {}
        for index, turn in enumerate(self._task.turns):
            if step % turn.every:
                continue
            with self._only(turn):
                losses = self._gradients(batch, turn, step, index)
            optimiser = self.optimisers[turn.name]
            weights = [weight for group in optimiser.param_groups for weight in group["params"]]
            norm = self._accelerator.clip_grad_norm_(weights, self._config.clip or math.inf)
            lost |= self._checked(turn, {**losses, "gradient": torch.as_tensor(norm)}, step)
            for group in optimiser.param_groups:
                group["lr"] = group["factor"] * rate_at(self._config, step)
            optimiser.step()
        return lost

    def _gradients(self, batch: Batch, turn: Turn, step: int, index: int) -> dict[str, Tensor]:
        """The gradient of a turn, with as many examples at a time as the memory holds."""
        size = len(next(iter(batch.values())))
        # Alone, or first of several, it is the very same seed.
        apart = (self._team.rank,) * (not self._team.leads)
        seed = moment_seed(self._config.seed, step, index, *apart)
        while True:
            try:
                return self._accumulated(batch, size, turn, seed)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            # Here, where the failed try's tensors are no longer held by its traceback.
            self._lower(size)

    def _accumulated(self, batch: Batch, size: int, turn: Turn, seed: int) -> dict[str, Tensor]:
        torch.manual_seed(seed)
        self._forget()
        sums: dict[str, Tensor] = {}
        mine = self._team.part(size)
        for start in mine[:: self.portion]:
            end = min(start + self.portion, mine.stop)
            part = {name: each[start:end] for name, each in batch.items()}
            share = (end - start) / size
            part = send_to_device(part, self._accelerator.device, non_blocking=True)
            with self._accelerator.autocast():
                losses: Losses = self._task.step(self._models, part, turn.name)
            self._accelerator.backward(losses[TOTAL] * share)
            for name, loss in losses.items():
                sums[name] = sums.get(name, 0) + loss.detach().float() * share
        self._team.sum_gradients({name: self._models[name] for name in turn.trains})
        return self._team.summed(sums)

    def _lower(self, size: int) -> None:
        """Halve what is computed at a time; the batch a step learns from stays as it was."""
        self._forget()
        release(self._device)
        now = min(self.portion, size)
        if now == 1:
            raise TrainingError(
                f"not even one example fits into the memory of {self._device.name}: "
                "choose a smaller size"
            )
        self.portion = math.ceil(now / 2)
        self._tell(
            f"out of memory: from now on {self.portion} examples at a time instead of {now}; "
            f"each step still learns from {size}"
        )

    def _checked(self, turn: Turn, losses: Mapping[str, Tensor], step: int) -> dict[str, float]:
        """The losses as numbers, by the names that are shown."""
        values = torch.stack([loss.float().reshape(()) for loss in losses.values()]).tolist()
        for name, value in zip(losses, values, strict=True):
            if not math.isfinite(value):
                raise TrainingError(
                    f"at step {step + 1} the {name} of '{turn.name}' is no longer a number: "
                    "lower learning_rate or clip"
                )
        alone = len(self._task.turns) == 1
        return {
            name if alone else f"{turn.name}/{name}": value
            for name, value in zip(losses, values, strict=True)
        }

    def _forget(self) -> None:
        for optimiser in self.optimisers.values():
            optimiser.zero_grad()

    def _optimiser(self, turn: Turn) -> torch.optim.Optimizer:
        alike: dict[tuple[float, float], list[nn.Parameter]] = {}
        for name in turn.trains:
            for path, weight in self._models[name].named_parameters():
                if weight.requires_grad:
                    factor = turn.rate * self._task.rate_of(f"{name}/{path}")
                    decay = self._config.weight_decay if weight.ndim > 1 else 0.0
                    alike.setdefault((factor, decay), []).append(weight)
        groups = [
            {"params": weights, "factor": factor, "weight_decay": decay}
            for (factor, decay), weights in alike.items()
        ]
        return torch.optim.AdamW(groups, lr=self._config.learning_rate, betas=turn.betas)

    @contextmanager
    def _only(self, turn: Turn) -> Iterator[None]:
        """Networks of other turns take no gradient inside the block."""
        others: list[nn.Parameter] = [
            weight
            for name, model in self._models.items()
            if name not in turn.trains
            for weight in model.parameters()
            if weight.requires_grad
        ]
        for weight in others:
            weight.requires_grad_(False)
        try:
            yield
        finally:
            for weight in others:
                weight.requires_grad_(True)


def accelerator(config: TrainingConfig, device: Device) -> Accelerator:
    """Accelerate for one device, in the precision that is wanted and that it computes in."""
    on_cpu = device.name == "cpu"
    half = config.precision == "bf16" or (
        config.precision == "auto" and not on_cpu and torch.cuda.is_bf16_supported()
    )
    # It refuses a second run of another precision in one process, as one window may start.
    AcceleratorState._reset_state(reset_partial_state=True)
    return Accelerator(cpu=on_cpu, mixed_precision="bf16" if half else "no")
