"""Tiny models for tests: their weights by a rule, or the published ones where they lie at hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from peft import LoraConfig
from torch import Tensor

from genani.engines.inbetween.tooncrafter import clip
from genani.engines.inbetween.tooncrafter.checkpoint import load
from genani.engines.inbetween.tooncrafter.pipeline import ToonCrafterPipeline
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from genani.engines.inbetween.tooncrafter.sizes import TINY
from genani.engines.inbetween.tooncrafter.unet import ToonCrafterUNet
from tests.engines.tooncrafter.goldens import stored
from tests.engines.tooncrafter.published import ruled, weights


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


def saved_style(model: Path, folder: Path) -> Path:
    """An adapter on its attention over space, strong enough to be seen."""
    unet: Any = ToonCrafterUNet.from_pretrained(model / "unet")
    targets = r".*\.spatial\..*\.(to_q|to_k|to_v|to_out\.0|to_k_ip|to_v_ip)"
    unet.add_adapter(LoraConfig(r=2, lora_alpha=4, target_modules=targets), adapter_name="style")
    for index, (name, item) in enumerate(sorted(unet.named_parameters())):
        if "lora_" in name:
            item.data = ruled(tuple(item.shape), index)
    unet.save_lora_adapter(folder, adapter_name="style")
    return folder / "pytorch_lora_weights.safetensors"


def published_weights() -> dict[str, Tensor]:
    """All weights behind the published figures."""
    found: dict[str, Tensor] = {}
    for part in ("unet", "vae", "text", "image", "resampler"):
        found |= stored(f"weights_{part}")
    return found
