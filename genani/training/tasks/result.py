"""What every training leaves beside its weights: figures, and the settings they came from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from genani.training.config import TrainingConfig

FIGURES, CARD = "figures.json", "CARD.md"
"""Names in the folder of a result."""


def record(folder: Path, config: TrainingConfig, figures: Mapping[str, float]) -> None:
    """Write down the figures of the best weights and the settings of the run.

    Args:
        folder: of the result.
        config: of the run.
        figures: of `Task.validate`.

    Raises:
        OSError: they cannot be written.
    """
    told = {"figures": dict(figures), "config": msgspec.to_builtins(config)}
    (folder / FIGURES).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
