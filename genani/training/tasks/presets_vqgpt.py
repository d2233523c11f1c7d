"""Settings for training both networks of GANime.

`quick` learns moving digits, to see that it learns; `drawings` drawn faces and emoji on a CPU;
`good` and `best` the same on a card. The autoencoder comes first, then the transformer with the
same shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DIGITS = {"digits": 1.0, "rig": 0.0, "emoji": 0.0}

_DIGIT_CODER = {
    "shares": _DIGITS,
    "perceptual": 0.0,
    "adversarial": 0.0,
    "name": "moving-digits-vqgan",
}

VQGAN: Mapping[str, Mapping[str, Any]] = {
    "quick": {
        "steps": 1500,
        "batch": 16,
        "warmup": 50,
        "learning_rate": 1.5e-3,
        "ema": 0.99,
        "validate_every": 250,
        "max_minutes": 8.0,
        "task": _DIGIT_CODER,
    },
    "drawings": {
        "steps": 1500,
        "batch": 12,
        "warmup": 50,
        "learning_rate": 1e-3,
        "ema": 0.99,
        "validate_every": 250,
        "max_minutes": 10.0,
        "task": {"perceptual": 0.3, "adversarial": 0.0, "codes": 512, "widths": [64, 96]},
    },
    "good": {
        "steps": 30_000,
        "batch": 16,
        "learning_rate": 4e-4,
        "validate_every": 500,
        "task": {
            "side": 128,
            "fold": 2,
            "widths": [64, 96, 128],
            "codes": 1024,
            "depth": 32,
            "apart": False,
            "judge_from": 10_000,
        },
    },
    "best": {
        "steps": 60_000,
        "batch": 32,
        "learning_rate": 3e-4,
        "validate_every": 1000,
        "task": {
            "side": 256,
            "fold": 2,
            "widths": [64, 128, 128, 192],
            "layers": 2,
            "codes": 1024,
            "depth": 64,
            "apart": False,
            "judge_from": 20_000,
            "judge_width": 64,
        },
    },
}

VQGPT: Mapping[str, Mapping[str, Any]] = {
    "quick": {
        "steps": 2000,
        "batch": 8,
        "warmup": 60,
        "learning_rate": 8e-4,
        "weight_decay": 0.01,
        "ema": 0.99,
        "validate_every": 250,
        "max_minutes": 20.0,
        "task": {
            "shares": _DIGITS,
            "width": 160,
            "layers": 3,
            "heads": 5,
            "look": 96,
            "least": 2,
            "most": 4,
            "name": "moving-digits",
        },
    },
    "drawings": {
        "steps": 1500,
        "batch": 8,
        "warmup": 60,
        "learning_rate": 6e-4,
        "weight_decay": 0.01,
        "ema": 0.99,
        "validate_every": 150,
        "max_minutes": 20.0,
        "task": {"width": 160, "layers": 3, "heads": 5, "look": 96, "least": 1, "most": 4},
    },
    "good": {
        "steps": 40_000,
        "batch": 16,
        "learning_rate": 3e-4,
        "weight_decay": 0.01,
        "validate_every": 1000,
        "task": {"width": 384, "layers": 8, "look": 192, "shared": 4, "timed": 3, "most": 7},
    },
    "best": {
        "steps": 80_000,
        "batch": 32,
        "learning_rate": 3e-4,
        "weight_decay": 0.01,
        "validate_every": 2000,
        "task": {
            "width": 768,
            "layers": 12,
            "heads": 12,
            "look": 256,
            "shared": 6,
            "timed": 4,
            "most": 7,
        },
    },
}
