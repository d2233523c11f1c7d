"""The smallest real task: a line through points, learnt in milliseconds, with dropout."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from genani.training.task import Batch, Losses, Models, Task, Turn


class Line(Task):
    """Learns y = 3x + 1 behind a frozen layer and dropout.

    Args:
        batch: examples a step.
        bad_from: step from which on the data holds a NaN.
        room: examples that fit into memory; more raise torch's own error.
    """

    name = "line"
    judged_by = "error"

    def __init__(self, batch: int = 8, bad_from: int | None = None, room: int = 1000) -> None:
        self.batch, self.bad_from, self.room = batch, bad_from, room
        self.seen: list[int] = []
        self.open = 0

    def build(self) -> dict[str, nn.Module]:
        frozen = nn.Linear(1, 1)
        nn.init.ones_(frozen.weight)
        nn.init.zeros_(frozen.bias)
        frozen.requires_grad_(False)
        return {"model": nn.Sequential(frozen, nn.Linear(1, 16), nn.Dropout(0.1), nn.Linear(16, 1))}

    def batches(self, step: int) -> Iterator[Batch]:
        self.open += 1
        try:
            while True:
                yield self._batch(step)
                step += 1
        finally:
            self.open -= 1

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        assert turn == "model"
        self.seen.append(len(batch["x"]))
        if len(batch["x"]) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        error = (models["model"](batch["x"]) - batch["y"]).square().mean()
        return {"total": error, "again": error.detach()}

    def validate(self, models: Models) -> dict[str, float]:
        x = torch.linspace(-1, 1, 9)[:, None]
        return {"error": float((models["model"](x) - (3 * x + 1)).square().mean())}

    def samples(self, models: Models, folder: Path) -> None:
        (folder / "line.txt").write_text(f"{float(models['model'](torch.zeros(1, 1))):.3f}")

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        assert not any(model.training for model in models.values())
        (folder / "figures.json").write_text(json.dumps(figures))

    def _batch(self, step: int) -> dict[str, Tensor]:
        x = torch.rand(self.batch, 1, generator=torch.Generator().manual_seed(step)) * 2 - 1
        if self.bad_from is not None and step >= self.bad_from:
            x[0] = float("nan")
        return {"x": x, "y": 3 * x + 1}


class Duel(Line):
    """Two networks and two optimisers: one draws, the other judges every second step."""

    name = "duel"
    turns = (
        Turn("draw", ("drawer",), betas=(0.5, 0.99)),
        Turn("judge", ("judge",), rate=2.0, every=2),
    )

    def build(self) -> dict[str, nn.Module]:
        return {"drawer": nn.Linear(1, 1), "judge": nn.Linear(1, 1)}

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        drawn = models["drawer"](batch["x"])
        if turn == "draw":
            return {
                "total": (drawn - batch["y"]).square().mean() - 0.01 * models["judge"](drawn).mean()
            }
        return {"total": models["judge"](drawn.detach()).square().mean()}

    def validate(self, models: Models) -> dict[str, float]:
        x = torch.linspace(-1, 1, 9)[:, None]
        return {"error": float((models["drawer"](x) - (3 * x + 1)).square().mean())}

    def samples(self, models: Models, folder: Path) -> None:
        del models, folder
