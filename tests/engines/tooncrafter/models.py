"""Tiny models for tests: their weights by a rule, or the published ones where they lie at hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from torch import Tensor

from genani.engines.inbetween.tooncrafter import clip
from genani.engines.inbetween.tooncrafter.checkpoint import load
from genani.engines.inbetween.tooncrafter.pipeline import ToonCrafterPipeline
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from genani.engines.inbetween.tooncrafter.sizes import TINY
from tests.engines.tooncrafter.goldens import stored
from tests.engines.tooncrafter.published import weights


@cache
def ruled_part(name: str, video: bool = True) -> Any:
    """One part of it."""
    return load(weights(TINY, video), "the rule", TINY).parts[name]


@cache
def published_part(name: str) -> Any:
    """One part of the tiny model behind the published figures."""
    return load(published_weights(), "the goldens", TINY).parts[name]


def saved_model(folder: Path) -> Path:
    """The tiny model with weights by a rule, in a folder that diffusers reads."""
    ToonCrafterPipeline(
        **load(weights(TINY), "the rule", TINY).parts,
        tokenizer=clip.tokenizer_of([]),
        scheduler=ToonCrafterScheduler(),
    ).save_pretrained(folder)
    return folder


def published_weights() -> dict[str, Tensor]:
    """All weights behind the published figures."""
    found: dict[str, Tensor] = {}
    for part in ("unet", "vae", "text", "image", "resampler"):
        found |= stored(f"weights_{part}")
    return found
