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
        "steps": 2000,
        "batch": 8,
        "warmup": 20,
        "learning_rate": 2e-3,
        "ema": 0.99,
        "validate_every": 300,
        "max_minutes": 10.0,
        "task": {**_SMALL, "gamma": 1.0, "kilo": 50.0, "rebuilt": 1.0, "alone": 1400},
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
            **{"count": 10_000, "gamma": 2.0, "kilo": 200.0, "rebuilt": 1.0, "alone": 15_000},
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
            **{"size": 128, "channels": 256, "wide": 32, "latent": 256, "mapping": 8},
            **{"count": 20_000, "held": 1000, "gamma": 2.0, "path": 2.0},
            **{"rebuilt": 1.0, "alone": 6000},
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

ENCODER: Presets = {
    "quick": {
        "steps": 1500,
        "batch": 8,
        "warmup": 20,
        "learning_rate": 1e-3,
        "weight_decay": 0.0,
        "ema": 0.99,
        "validate_every": 250,
        "max_minutes": 8.0,
    },
    "good": {
        "steps": 20_000,
        "batch": 16,
        "workers": 4,
        "learning_rate": 5e-4,
        "weight_decay": 0.0,
        "validate_every": 1000,
        "task": {"count": 10_000},
    },
    "best": {
        "steps": 20_000,
        "batch": 64,
        "workers": 15,
        "learning_rate": 5e-4,
        "weight_decay": 0.0,
        "validate_every": 1000,
        "task": {"count": 20_000, "held": 1000},
    },
}

_STYLE = {**_PLAIN, "warmup": 0, "ema": 0.0, "report_every": 5, "learning_rate": 2e-3}

JOJOGAN: Presets = {
    "quick": {**_STYLE, "steps": 200, "batch": 4, "validate_every": 25, "max_minutes": 5.0},
    "good": {**_STYLE, "steps": 500, "batch": 8, "validate_every": 50},
    "best": {**_STYLE, "steps": 500, "batch": 8, "validate_every": 50, "task": {"inversion": 1000}},
    "published": {
        **_STYLE,
        # 50 times a set of 100 mixes.
        "steps": 1250,
        "batch": 4,
        "validate_every": 125,
        "learning_rate": 2e-4,
        "final_rate": 1.0,
        "task": {"inversion": 1000, "adversarial": 0.1},
    },
}
"""`published`: the rates reported for JoJoGAN, 0.0002 and 0.0003 for its judge, 50 epochs."""
