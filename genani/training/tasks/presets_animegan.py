"""Settings for training AnimeGAN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "quick": {
        "steps": 1200,
        "batch": 4,
        "warmup": 20,
        "learning_rate": 5e-4,
        "weight_decay": 0.0,
        "ema": 0.99,
        "validate_every": 100,
        "max_minutes": 10.0,
        "task": {
            "size": 64,
            "side": 128,
            "photos": 300,
            "drawings": 200,
            "width": 16,
            "blocks": 4,
            "changes": True,
            "judge_width": 12,
            "content_steps": 20,
            "held": 24,
        },
    },
    "good": {
        "steps": 20_000,
        "batch": 8,
        "learning_rate": 2e-4,
        "weight_decay": 0.0,
        "ema": 0.999,
        "validate_every": 500,
        "task": {
            "size": 128,
            "photos": 1500,
            "drawings": 1000,
            "width": 32,
            "content_steps": 1000,
        },
    },
    "best": {
        "steps": 20_000,
        "batch": 26,
        "learning_rate": 1e-4,
        "weight_decay": 0.0,
        "validate_every": 1000,
        "task": {"size": 256, "photos": 1500, "drawings": 1000, "content_steps": 500},
    },
    # 40 epochs of 6 000 photos.
    "published": {
        "steps": 9231,
        "batch": 26,
        "warmup": 0,
        "learning_rate": 2e-5,
        "final_rate": 1.0,
        "weight_decay": 0.0,
        "clip": 0.0,
        "ema": 0.0,
        "validate_every": 231,
        "task": {"size": 256, "photos": 6000, "drawings": 2000},
    },
}
"""`published` has the learning rates, epochs, batch and share of photos that were reported."""
