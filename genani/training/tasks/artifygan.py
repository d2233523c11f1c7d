"""Training ArtifyGAN: CartoonGAN's training with another layout."""

from __future__ import annotations

from pathlib import Path

from genani.training.config import TrainingConfig
from genani.training.tasks.cartoongan import CartoonGanTask, made


def make(config: TrainingConfig, data: Path | None) -> CartoonGanTask:
    """The task `artifygan`; see `genani.training.tasks.make`."""
    return made("artifygan", config, data)
