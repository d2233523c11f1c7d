"""Where runs lie and what they were told, so that going on needs no path."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from genani.media import atomic
from genani.media.files import shown, told
from genani.training.config import ConfigError, TrainingConfig, merged, typed

VARIABLE = "GENANI_DATA"
"""Environment variable that moves the folder of everything GenAni keeps, runs among it."""

TOLD = "run.json"


@dataclass(frozen=True)
class Run:
    """A run on disk.

    Attributes:
        folder: of this run alone.
        task: its name.
        config: what it was told.
        data: the user's own data; None where the task makes its own.
    """

    folder: Path
    task: str
    config: TrainingConfig
    data: Path | None = None


def home() -> Path:
    """The folder of all runs, one folder a task in it; it need not exist yet."""
    chosen = os.environ.get(VARIABLE)
    base = chosen or platformdirs.user_data_dir("GenAni", appauthor=False)
    return Path(base).expanduser().absolute() / "training"


def begin(
    task: str, table: Mapping[str, Any], data: Path | None = None, folder: Path | None = None
) -> Run:
    """A new run, checked; `record` puts it on disk.

    Args:
        task: its name.
        table: settings laid over `TrainingConfig`'s own.
        data: as in `Run`.
        folder: where; None for the next free one in `home`.

    Raises:
        ConfigError: a setting is wrong, or the folder holds a run already.
    """
    config = typed(table, TrainingConfig, f"settings of {task}")
    folder = folder or _free(home() / task)
    if (folder / TOLD).exists():
        raise ConfigError(
            f"'{shown(folder)}' already holds a run: --resume goes on with it, "
            "or name another folder"
        )
    return Run(folder, task, config, data and data.absolute())


def resume(task: str, table: Mapping[str, Any], folder: Path | None = None) -> Run:
    """A run to go on with, checked; `record` keeps what changes.

    Args:
        task: its name.
        table: settings that change from here on.
        folder: where it is; None for the task's newest in `home`.

    Raises:
        ConfigError: there is none, it is of another task, or a setting is wrong.
        FileError: it cannot be read.
    """
    if folder is None:
        found = _all(home() / task)
        if not found:
            raise ConfigError(f"there is no run of {task} yet; leave --resume out to begin one")
        folder = found[-1]
    place = folder / TOLD
    if not place.exists():
        raise ConfigError(f"'{shown(folder)}' holds no run; leave --resume out to begin one")
    with told(place, "read"):
        text = place.read_bytes()
    try:
        stored = json.loads(text)
        name, settings, data = stored["task"], stored["config"], stored["data"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"'{shown(place)}' is damaged: it does not say what the run is"
        ) from error
    if name != task:
        raise ConfigError(f"'{shown(folder)}' holds a run of {name}, not of {task}")
    config = typed(merged(settings, table), TrainingConfig, f"settings of {task}")
    return Run(folder, task, config, Path(data) if data else None)


def record(run: Run) -> None:
    """Write down what a run is told, for the next `resume`.

    Raises:
        FileError: its folder cannot be written.
    """
    stored = {
        "task": run.task,
        "config": msgspec.to_builtins(run.config),
        "data": str(run.data) if run.data else None,
    }
    with atomic.file(run.folder / TOLD) as temporary:
        temporary.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def _all(folder: Path) -> list[Path]:
    """Runs that this module numbered, oldest first."""
    return sorted(
        (each.parent for each in folder.glob(f"*/{TOLD}") if each.parent.name.isdecimal()),
        key=lambda each: int(each.name),
    )


def _free(folder: Path) -> Path:
    taken = [int(each.name) for each in folder.glob("*") if each.name.isdecimal()]
    return folder / f"{max(taken, default=0) + 1:03d}"
