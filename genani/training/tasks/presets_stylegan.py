"""Presets of the tasks around StyleGAN2. Importing this imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Presets = Mapping[str, Mapping[str, Any]]

_PLAIN = {"weight_decay": 0.0, "clip": 0.0, "final_rate": 0.1}
"""What its authors leave out."""

_SMALL = {"size": 64, "channels": 64, "wide": 16, "latent": 64, "mapping": 4}

STYLEGAN: Presets = {
    "quick": {
        **_PLAIN,
        "steps": 2400,
        "batch": 8,
        "warmup": 20,
        "learning_rate": 2e-3,
        "ema": 0.995,
        "validate_every": 300,
        "max_minutes": 10.0,
        "task": {**_SMALL, "gamma": 1.0, "kilo": 50.0, "rebuilt": 1.0},
    },
    "good": {
        **_PLAIN,
        "steps": 40_000,
        "batch": 16,
        "workers": 4,
        "warmup": 100,
        "learning_rate": 2e-3,
        "ema": 0.998,
        "validate_every": 1000,
        "task": {
            **{"size": 64, "channels": 128, "wide": 32, "latent": 128, "mapping": 8},
            **{"count": 10_000, "gamma": 2.0, "kilo": 200.0, "rebuilt": 1.0},
        },
    },
    "best": {
        **_PLAIN,
        "steps": 20_000,
        "batch": 64,
        "workers": 15,
        "warmup": 100,
        "learning_rate": 2.5e-3,
        "final_rate": 1.0,
        "ema": 0.999,
        "validate_every": 1000,
        "task": {
            **{"size": 256, "channels": 256, "wide": 32, "latent": 256, "mapping": 8},
            **{"count": 50_000, "held": 1000, "gamma": 2.0, "path": 2.0, "rebuilt": 1.0},
        },
    },
    "published": {
        **_PLAIN,
        # 1200 thousand pictures.
        "steps": 37_500,
        "batch": 32,
        "warmup": 0,
        "learning_rate": 2e-3,
        "final_rate": 1.0,
        "ema": 0.998,
        "validate_every": 1000,
        "task": {"start": "genani-stylegan", "frozen": 4, "gamma": 50.0, "path": 2.0},
    },
}
"""`published`: Cartoon StyleGAN2 by transfer, with the settings reported for it."""
