"""Presets of the task `sprite`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SPRITE: Mapping[str, Mapping[str, Any]] = {
    "quick": {
        "steps": 1200,
        "batch": 8,
        "warmup": 40,
        "learning_rate": 1.5e-3,
        "ema": 0.99,
        "validate_every": 150,
        "max_minutes": 9.5,
        "task": {"sizes": [64], "shares": {"kenney": 2.0, "figures": 1.0, "faces": 0.3}},
    },
    "good": {
        "steps": 20_000,
        "batch": 16,
        "workers": 2,
        "warmup": 300,
        "learning_rate": 1e-3,
        "validate_every": 500,
        "task": {"sizes": [128]},
    },
    "best": {
        "steps": 30_000,
        "batch": 48,
        "workers": 14,
        "warmup": 500,
        "learning_rate": 6e-4,
        "validate_every": 1000,
        "task": {"network": "large", "sizes": [128, 256]},
    },
}
"""By the preset's name; see `TaskCard.presets`."""
