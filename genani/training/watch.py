"""What a run tells: progress to whoever watches, metrics to files that outlive a stop."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from genani.media import atomic
from genani.media.files import told

METRICS = "metrics.jsonl"
TENSORBOARD = "tensorboard"


@dataclass(frozen=True)
class Progress:
    """Where a run is.

    Attributes:
        step, steps: done, and wanted.
        losses: means since the last report; empty before the first.
        figures: of the newest look at held-back data; empty before the first.
        seconds_per_step: lately, everything included.
        waiting: share of the time that went into waiting for data.
        eta: seconds until the last step, as things go.
        message: what a person should know: memory that ran short, a file that was damaged.
    """

    step: int
    steps: int
    losses: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    seconds_per_step: float = 0.0
    waiting: float = 0.0
    eta: float = 0.0
    message: str = ""


Watch = Callable[[Progress], None]


def unwatched(_progress: Progress) -> None:
    """For runs that nobody watches."""


class _Board(Protocol):
    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> Any: ...

    def close(self) -> Any: ...


class Metrics:
    """Figures of a run, a JSON line each and as TensorBoard events.

    A line has `step`, `kind` (`train` or `validation`) and the figures by name. What was written
    after the step a run goes on from is taken out, so that no step is there twice.

    Args:
        folder: of the run.
        step: where it goes on; 0 for a new one.

    Raises:
        FileError: the folder cannot be written.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self._path = folder / METRICS
        self._cut(step)
        with told(self._path, "write"):
            self._lines = self._path.open("a", encoding="utf-8")
        self._board = _board(folder / TENSORBOARD, step)

    def write(self, step: int, kind: str, figures: Mapping[str, float]) -> None:
        """Add the figures of a step."""
        with told(self._path, "write"):
            self._lines.write(json.dumps({"step": step, "kind": kind, **figures}) + "\n")
            self._lines.flush()
        if self._board:
            for name, value in figures.items():
                self._board.add_scalar(f"{kind}/{name}", value, step)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.close()
        if self._board:
            self._board.close()

    def _cut(self, step: int) -> None:
        if not self._path.exists():
            return
        stay = [line for line in read_metrics(self._path.parent) if line["step"] <= step]
        with atomic.file(self._path) as temporary, temporary.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(line) + "\n" for line in stay)


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """Every line of a run's metrics, oldest first; a line cut short by a kill is left out.

    Raises:
        FileError: the file cannot be read.
    """
    path = folder / METRICS
    with told(path, "read"):
        text = path.read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = []
    for line in text.splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            continue
    return lines


def _board(folder: Path, step: int) -> _Board | None:
    """A writer of TensorBoard events: tensorboardX, or torch's own on machines that have that."""
    try:
        from tensorboardX import SummaryWriter
    except ImportError:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            return None
    return SummaryWriter(str(folder), purge_step=step + 1 if step else None)
