"""Training from a command line: `genani train` and `python -m genani.training`."""

from __future__ import annotations

import argparse
import io
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from genani.training import runs
from genani.training.config import assigned, merged, read
from genani.training.tasks import TASKS, make, preset
from genani.training.watch import Progress, Watch

if TYPE_CHECKING:
    from genani.training.task import Task

DEFAULT_PRESET = "quick"

_EVERY = 20.0
"""Seconds between two lines of progress."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What training takes."""
    parser.add_argument("task", choices=sorted(TASKS), metavar="TASK", help=_tasks())
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help=f"settings to begin with: quick, good, best; some tasks also have published "
        f"(default: {DEFAULT_PRESET})",
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings as TOML or JSON, over the preset"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="one setting, over all others; may be given several times",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="your own clips, where the task takes them"
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="PATH",
        help="the weights to start from, where the task takes them (as --set task.model=PATH)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="the run's folder (default: a new one of GenAni's)"
    )
    parser.add_argument(
        "--launch",
        choices=("accelerate",),
        help="train in several processes, started by accelerate's launcher",
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=0,
        metavar="N",
        help="with --launch: how many, on all machines together (default: one a graphics card)",
    )
    parser.add_argument(
        "--launch-config",
        type=Path,
        metavar="FILE",
        help="with --launch: what `accelerate config` has written, for several machines; they "
        "need the run's folder, and --resume --out on all but the first",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the run in --out, or with the task's newest",
    )


def run(options: argparse.Namespace, watch: Watch | None = None) -> int:
    """Train, print, and say where the result is; returns the exit code.

    Args:
        options: as `add_arguments` describes them.
        watch: told of the progress in place of lines of text.
    """
    over = merged(read(options.config) if options.config else {}, assigned(options.set))
    if options.model:
        over = merged(over, {"task": {"model": str(options.model.absolute())}})
    if options.resume:
        if options.preset:
            over = merged(preset(options.task, options.preset), over)
        told = runs.resume(options.task, over, options.out)
    else:
        table = merged(preset(options.task, options.preset or DEFAULT_PRESET), over)
        told = runs.begin(options.task, table, options.data, options.out)
    # Here, as it imports torch.
    from genani.training.team import follows, launch

    task = make(told.task, told.config, told.data)
    if not follows():
        runs.record(told)
    if options.launch:
        del task
        words = ["train", told.task, "--resume", "--out", str(told.folder)]
        with _stop_by_signal() as stopped:
            return launch(words, options.processes, options.launch_config, stopped)
    if follows():
        # What happened is told once, by the first process.
        with redirect_stdout(io.StringIO()):
            return _run(task, told, watch)
    return _run(task, told, watch)


def _run(task: Task, told: runs.Run, watch: Watch | None) -> int:
    from genani.training.loop import RESULT, Ended, train

    print(f"run:     {told.folder}", flush=True)
    with _stop_by_signal() as stopped:
        result = train(task, told.config, told.folder, watch=watch or _Lines(), stopped=stopped)
    figures = "  ".join(f"{name} {value:.4g}" for name, value in result.figures.items())
    print(f"{result.ended}: step {result.step} of {told.config.steps}  {figures}")
    if result.figures:
        print(f"result:  {told.folder / RESULT}")
    if result.ended is not Ended.FINISHED:
        print(f"go on:   genani train {told.task} --resume --out {told.folder}")
    return 0


class _Lines:
    """Progress as lines of text: what a person should know at once, figures now and then."""

    def __init__(self) -> None:
        self._last = 0.0
        self._figures: dict[str, float] = {}

    def __call__(self, progress: Progress) -> None:
        where = f"{progress.step}/{progress.steps}"
        if progress.message:
            print(f"{where}  {progress.message}", flush=True)
        if progress.figures and dict(progress.figures) != self._figures:
            self._figures = dict(progress.figures)
            told = "  ".join(f"{name} {value:.4g}" for name, value in self._figures.items())
            print(f"{where}  held back: {told}", flush=True)
        now = time.monotonic()
        if progress.losses and now - self._last >= _EVERY:
            self._last = now
            told = "  ".join(f"{name} {value:.4g}" for name, value in progress.losses.items())
            print(
                f"{where}  {told}  {progress.seconds_per_step:.3g} s a step, "
                f"{progress.waiting:.0%} of it waiting for data, {_span(progress.eta)} left",
                flush=True,
            )


@contextmanager
def _stop_by_signal() -> Iterator[Callable[[], bool]]:
    """Ctrl+C and a polite kill stop after the step; a second Ctrl+C stops at once."""
    asked = threading.Event()

    def stop(number: int, frame: object) -> None:
        del frame
        asked.set()
        signal.signal(number, before[signal.Signals(number)])
        print("stopping after this step", file=sys.stderr, flush=True)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tasks() -> str:
    return "; ".join(f"{name}: {card.summary}" for name, card in sorted(TASKS.items()))


def _span(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s"
