"""Presets of the tasks `cartoongan` and `artifygan`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "quick": {
        "steps": 900,
        "batch": 8,
        "warmup": 20,
        "learning_rate": 3e-4,
        "weight_decay": 0.0,
        "ema": 0.98,
        "validate_every": 100,
        "max_minutes": 9.0,
        "task": {
            "size": 64,
            "width": 12,
            "judge_width": 12,
            "photos": 300,
            "cartoons": 300,
            "content_steps": 40,
            "content": 40.0,
            "held": 48,
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
