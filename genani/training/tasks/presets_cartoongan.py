"""Presets of the tasks `cartoongan` and `artifygan`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PRESETS: Mapping[str, Mapping[str, Any]] = {
    # What ships: beside the judge, what so few pictures and steps of it cannot say.
    "quick": {
        "steps": 1500,
        "batch": 4,
        "warmup": 20,
        "learning_rate": 5e-4,
        "final_rate": 0.1,
        "weight_decay": 0.0,
        "ema": 0.98,
        "validate_every": 250,
        "max_minutes": 11.0,
        "task": {
            "size": 64,
            "side": 128,
            "width": 12,
            "judge_width": 12,
            "photos": 250,
            "cartoons": 200,
            "content_steps": 900,
            "inked": True,
            "pixels": 8.0,
            "content": 5.0,
            "style": 0.5,
            "adversarial": 0.5,
            "held": 24,
        },
    },
    "good": {
        "steps": 20_000,
        "batch": 8,
        "warmup": 200,
        "weight_decay": 0.0,
        "ema": 0.995,
        "validate_every": 500,
        "task": {"size": 128, "width": 24, "judge_width": 24, "photos": 2000, "cartoons": 2000},
    },
    "best": {
        "steps": 60_000,
        "batch": 16,
        "warmup": 500,
        "weight_decay": 0.0,
        "validate_every": 1000,
        "task": {"size": 256},
    },
    # ArtifyGAN's: 240 epochs of 2 000 photos, 16 at a time.
    "published": {
        "steps": 30_000,
        "batch": 16,
        "warmup": 0,
        "learning_rate": 0.001,
        "final_rate": 1.0,
        "weight_decay": 0.0,
        "clip": 0.0,
        "ema": 0.0,
        "validate_every": 1250,
        "task": {
            "size": 256,
            "photos": 2000,
            "cartoons": 2000,
            "changes": False,
            "content_steps": 1250,
            "content": 0.00001,
            "summed": True,
        },
    },
}
"""By name; `quick` stops on one core of a CPU within 10 minutes."""
