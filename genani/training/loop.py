"""The one training loop. Imports torch: import it late."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec
import torch
from filelock import FileLock, Timeout

from genani.engines.device import is_out_of_memory, pick
from genani.media import atomic
from genani.media.files import shown, told
from genani.scene.errors import FileError
from genani.training import checkpoint, headroom
from genani.training.checkpoint import BEST, LAST, Checkpoint
from genani.training.config import TrainingConfig
from genani.training.ema import RunningAverage
from genani.training.headroom import TrainingError
from genani.training.learner import Learner, accelerator
from genani.training.pace import Pace
from genani.training.schedule import moment_seed, rate_at
from genani.training.task import Batch, Task
from genani.training.team import Team, follows
from genani.training.watch import Metrics, Progress, Watch, unwatched

CHECKPOINTS, SAMPLES, RESULT = "checkpoints", "samples", "result"
"""Folders of a run."""


class Ended(StrEnum):
    """Why a run came back."""

    FINISHED = "finished"
    STOPPED = "stopped"
    TIME = "time"


@dataclass(frozen=True)
class Result:
    """What a run left.

    Attributes:
        step: how far it is.
        ended: why it came back; all but `finished` go on with the next `train`.
        figures: of the best weights on the held-back data; empty if it never looked.
        folder: of the run; the weights for the engine are in its `result`.
    """

    step: int
    ended: Ended
    figures: Mapping[str, float]
    folder: Path


def train(
    task: Task,
    config: TrainingConfig,
    folder: Path,
    *,
    watch: Watch = unwatched,
    stopped: Callable[[], bool] = lambda: False,
) -> Result:
    """Train, or go on where the folder's last checkpoint is, until done, stopped or out of time.

    A stop at any step, by whatever means, changes nothing about the curve: data, dropout and the
    learning rate depend on seed and step alone.

    Args:
        task: what is trained.
        config: how; that of the steps to come, also when the run goes on.
        folder: of this run alone; made when missing.
        watch: called with the progress, in this thread.
        stopped: asked before each step.

    Raises:
        TrainingError: it does not fit on the machine, another process trains here, the loss is
            no longer a number, or not even one example fits into memory. The last good
            checkpoint stays.
        FileError: the folder cannot be written or the disk is full; likewise.
        ModelError: the folder's checkpoints are damaged or of another network.
    """
    with told(folder, "write"):
        (folder / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    # Of several processes only the first keeps and tells.
    following = follows()
    with nullcontext() if following else _alone(folder), _threads(config.threads):
        run = _Run(task, config, folder, unwatched if following else watch)
        figures = nullcontext() if following else Metrics(folder, run.written)
        with figures as metrics, _batches(task, run.step) as batches:
            try:
                return run.go(batches, metrics, stopped)
            except (TrainingError, FileError) as error:
                raise type(error)(f"{error}; {run.kept}") from error


class _Run:
    """A run in memory, at a step."""

    def __init__(self, task: Task, config: TrainingConfig, folder: Path, watch: Watch) -> None:
        self.step = 0
        self._began = time.monotonic()
        self._task, self._config, self._folder, self._watch = task, config, folder, watch
        self._place = folder / CHECKPOINTS
        self._device = pick()
        self._accelerator = accelerator(config, self._device)
        self._team = Team(self._accelerator)
        torch.manual_seed(moment_seed(config.seed, 0))
        self._models = task.build()
        self._check_room()
        for model in self._models.values():
            model.to(self._accelerator.device)
            if self._device.name != "cpu":
                # What convolutions want on cards with tensor cores.
                for weight in model.parameters():
                    if weight.ndim == 4:
                        weight.data = weight.data.contiguous(memory_format=torch.channels_last)
            if config.compile:
                model.compile()
        task.place(self._accelerator.device)
        self._learner = Learner(
            task, config, self._models, self._accelerator, self._device, self._team, self._say
        )
        self._average = RunningAverage(self._models, config.ema)
        self._tally: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._figures: dict[str, float] = {}
        self._best: dict[str, float] = {}
        self._looked = self._saved = -1
        self._load()
        # Nobody writes what others still read.
        self._team.wait()

    # -- the loop ---------------------------------------------------------------------------

    def go(
        self, batches: Iterator[Batch], metrics: Metrics | None, stopped: Callable[[], bool]
    ) -> Result:
        """Step until there is a reason not to; save; hand out the best weights."""
        pace = Pace(self.step)
        ended = Ended.FINISHED
        for note in self._task.notes:
            self._say(note)
        if self._looked < 0:
            # What training starts from: the result is never worse than that.
            self._validate(metrics)
        while self.step < self._config.steps:
            if self._team.agreed(stopped() or self._out_of_time()):
                ended = Ended.TIME if self._out_of_time() else Ended.STOPPED
                break
            with pace.waiting():
                batch = next(batches)
            lost = self._learner.advance(batch, self.step)
            self.step += 1
            self._average.update(self.step)
            self._note(lost)
            if self.step % self._config.report_every == 0:
                self._report(metrics, pace)
            if self.step % self._config.validate_every == 0:
                self._validate(metrics)
            if pace.since_mark() >= self._config.checkpoint_seconds:
                self._save()
                pace.mark()
        if ended is Ended.FINISHED and self._looked != self.step:
            self._validate(metrics)
        if self._saved != self.step:
            self._save()
        self._export()
        self._team.wait()
        return Result(self.step, ended, dict(self._best), self._folder)

    # -- looking, telling, keeping ------------------------------------------------------------

    def _report(self, metrics: Metrics | None, pace: Pace) -> None:
        losses = {key: total / self._counts[key] for key, total in self._tally.items()}
        self._tally, self._counts = {}, {}
        pace.report(self.step)
        rate = rate_at(self._config, self.step - 1)
        speed = {"seconds_per_step": pace.seconds_per_step, "waiting": pace.waited}
        if metrics is not None:
            metrics.write(self.step, "train", {**losses, "rate": rate, **speed})
        self._tell(pace, losses)

    def _validate(self, metrics: Metrics | None) -> None:
        """Measure the averaged weights on held-back data; keep them if they are the best yet."""
        if metrics is None:
            self._looked = self.step
            return
        torch.manual_seed(moment_seed(self._config.seed, 0))
        samples = self._folder / SAMPLES / f"{self.step:08d}"
        with self._average.applied(), self._still(), self._accelerator.autocast():
            try:
                self._figures = dict(self._task.validate(self._models))
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                raise TrainingError(
                    f"the held-back data does not fit into the memory of {self._device.name}: "
                    f"choose a smaller size"
                ) from error
            with atomic.folder(samples) as staged:
                self._task.samples(self._models, staged.path)
            self._looked = self.step
            metrics.write(self.step, "validation", self._figures)
            judged = self._figures[self._task.judged_by]
            if math.isfinite(judged) and judged < self._best.get(self._task.judged_by, math.inf):
                self._best = dict(self._figures)
                state = {"task": self._task.name, "step": self.step, "figures": self._best}
                checkpoint.write(
                    self._place / BEST, Checkpoint(checkpoint.kept(self._models), state)
                )
        self._tell()

    def _save(self) -> None:
        if not self._team.leads:
            self._saved = self.step
            return
        weights = checkpoint.kept(self._models)
        if not all(bool(torch.isfinite(each).all()) for each in weights.values()):
            raise TrainingError(
                f"at step {self.step} a weight is no longer a number: lower learning_rate"
            )
        tensors = dict(weights)
        tensors |= {f"average/{key}": mean for key, mean in self._average.tensors.items()}
        for name, optimiser in self._learner.optimisers.items():
            tensors |= checkpoint.optimiser_tensors(name, optimiser)
        state = {
            "task": self._task.name,
            "step": self.step,
            "portion": self._learner.portion,
            "tally": self._tally,
            "counts": self._counts,
            "looked": self._looked,
            "figures": self._figures,
            "best": self._best,
            "config": msgspec.to_builtins(self._config),
        }
        checkpoint.write(self._place / LAST, Checkpoint(tensors, state))
        self._saved = self.step

    def _load(self) -> None:
        """Go on from the last good checkpoint, where there is one."""
        found = checkpoint.newest(self._place)
        if found is None:
            return
        if found.state.get("task") != self._task.name:
            raise TrainingError(
                f"'{shown(self._folder)}' holds a run of '{found.state.get('task')}', "
                f"not of '{self._task.name}'"
            )
        checkpoint.put(self._models, found.tensors)
        self._average.put(
            {
                key.removeprefix("average/"): each
                for key, each in found.tensors.items()
                if key.startswith("average/")
            }
        )
        for name, optimiser in self._learner.optimisers.items():
            checkpoint.put_optimiser(name, optimiser, found.tensors)
        state = found.state
        self.step = self._saved = int(state["step"])
        self._looked = int(state["looked"])
        self._learner.portion = min(int(state["portion"]), self._config.batch)
        self._tally, self._counts = dict(state["tally"]), dict(state["counts"])
        self._figures, self._best = dict(state["figures"]), dict(state["best"])

    def _export(self) -> None:
        """Hand the best weights to the task, which writes them as its engine wants them."""
        best = self._place / BEST
        if not self._team.leads or not self._best or not best.exists():
            return
        checkpoint.put(self._models, checkpoint.read(best).tensors)
        with atomic.folder(self._folder / RESULT) as staged, self._still():
            self._task.export(self._models, staged.path, self._best)

    def _tell(
        self,
        pace: Pace | None = None,
        losses: Mapping[str, float] | None = None,
        message: str = "",
    ) -> None:
        seconds = pace.seconds_per_step if pace else 0.0
        self._watch(
            Progress(
                self.step,
                self._config.steps,
                dict(losses or {}),
                dict(self._figures),
                seconds,
                pace.waited if pace else 0.0,
                seconds * (self._config.steps - self.step),
                message,
            )
        )

    # -- small things ---------------------------------------------------------------------------

    @property
    def written(self) -> int:
        """Up to which step figures count; -1 where a kill came before the first checkpoint."""
        return self.step if self._saved >= 0 else -1

    @property
    def kept(self) -> str:
        """What a complaint ends with: what is safe, and how to go on."""
        if self._saved < 0:
            return "nothing was kept yet"
        return f"step {self._saved} is kept in '{shown(self._folder)}' and --resume goes on from it"

    def _check_room(self) -> None:
        weights = [each for model in self._models.values() for each in model.parameters()]
        trained = sum(each.numel() for each in weights if each.requires_grad)
        total = sum(each.numel() for each in weights)
        there = sum(each.stat().st_size for each in self._place.glob("*.safetensors"))
        headroom.check(headroom.need(trained, total - trained), self._folder, self._device, there)

    def _note(self, lost: Mapping[str, float]) -> None:
        for name, value in lost.items():
            self._tally[name] = self._tally.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1

    def _say(self, message: str) -> None:
        self._tell(message=message)

    @contextmanager
    def _still(self) -> Iterator[None]:
        """Networks in evaluation mode and without gradients inside the block."""
        parts = [part for model in self._models.values() for part in model.modules()]
        modes = [part.training for part in parts]
        for model in self._models.values():
            model.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            for part, mode in zip(parts, modes, strict=True):
                part.training = mode

    def _out_of_time(self) -> bool:
        limit = 60 * self._config.max_minutes
        return limit > 0 and time.monotonic() - self._began >= limit


@contextmanager
def _batches(task: Task, step: int) -> Iterator[Iterator[Batch]]:
    """The data from a step on; its processes and files end with the block."""
    batches = iter(task.batches(step))
    try:
        yield batches
    finally:
        if close := getattr(batches, "close", None):
            close()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process trains in this folder inside the block; a kill frees it."""
    try:
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise TrainingError(f"'{shown(folder)}' is being trained by another process") from error


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    if count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
