"""What depends on the step alone: the learning rate and the seed of everything random."""

from __future__ import annotations

import math

import numpy as np

from genani.training.config import TrainingConfig


def rate_at(config: TrainingConfig, step: int) -> float:
    """The learning rate of a step, counted from 0: a straight rise, then half a cosine down.

    I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts",
    arXiv 1608.03983, without the restarts.
    """
    if step < config.warmup:
        return config.learning_rate * (step + 1) / config.warmup
    done = min((step - config.warmup) / max(config.steps - config.warmup, 1), 1.0)
    wave = (1 + math.cos(math.pi * done)) / 2
    return config.learning_rate * (config.final_rate + (1 - config.final_rate) * wave)


def moment_seed(*moment: int) -> int:
    """A seed, 0 to 2^63 - 1, that differs for every seed, step and turn, alike on any machine."""
    return int(np.random.SeedSequence(moment).generate_state(1, np.uint64)[0] >> 1)
