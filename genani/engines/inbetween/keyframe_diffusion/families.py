"""How each of diffusers' pipelines is asked for a video from one picture to another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

Settings = Mapping[str, Any]
Fault = Callable[[Settings], str]
"""What keeps a model with this `model_index.json` from drawing between two keys; else empty."""


@dataclass(frozen=True)
class Wish:
    """What is asked of a pipeline.

    Attributes:
        first, last: the keys, RGB, of the video's size.
        prompt, avoid: what is wanted and what is not.
        frames: how many, both keys among them.
        steps: how many times noise is taken out.
        guidance: how closely the words are followed; 1 leaves guidance out.
    """

    first: Image.Image
    last: Image.Image
    prompt: str
    avoid: str
    frames: int
    steps: int
    guidance: float


@dataclass(frozen=True)
class Family:
    """A pipeline class that takes both ends.

    Attributes:
        title: what people read.
        arguments: those of its call that not all classes have.
        multiple: both sides of the video are multiples of this; also pixels of a token's side.
        every: frames come in groups of this many, and one more.
        frames, side, steps, guidance: as published.
        least: steps without which it does not run.
        window: frames of a part that is drawn on its own; 0 draws all at once.
        ends: the last key is the video's last frame; else it comes right after.
        fault: see `Fault`.
    """

    title: str
    arguments: Callable[[Wish], dict[str, Any]]
    multiple: int
    every: int
    frames: int
    side: int
    steps: int
    guidance: float
    least: int = 1
    window: int = 0
    ends: bool = True
    fault: Fault = lambda _index: ""

    def count(self, wanted: int) -> int:
        """Frames that are asked for where at least `wanted` are; 0 asks for the published count."""
        least = max(wanted or self.frames, self.every + 1)
        return -(-(least - 1) // self.every) * self.every + 1

    def parts(self, frames: int) -> int:
        """How many times all steps are gone through."""
        return max(1, math.ceil(frames / self.window)) if self.window else 1


def common(wish: Wish) -> dict[str, Any]:
    """Arguments that every class has."""
    return {
        "prompt": wish.prompt,
        "height": wish.first.height,
        "width": wish.first.width,
        "num_frames": wish.frames,
        "num_inference_steps": wish.steps,
        "output_type": "pt",
        # No tensors are wanted in the callback.
        "callback_on_step_end_tensor_inputs": [],
    }


def _both_ends(wish: Wish) -> dict[str, Any]:
    return {
        "image": wish.first,
        "last_image": wish.last,
        "negative_prompt": wish.avoid,
        "guidance_scale": wish.guidance,
    }


def _framepack(wish: Wish) -> dict[str, Any]:
    # Its own guidance is built in; the usual one is asked for by words that are not wanted.
    return {
        "image": wish.first,
        "last_image": wish.last,
        "guidance_scale": wish.guidance,
        "negative_prompt": wish.avoid or None,
        "true_cfg_scale": wish.guidance if wish.avoid else 1.0,
    }


def _masked(wish: Wish) -> dict[str, Any]:
    """A video of which both ends are kept, and the grey between is drawn."""
    between = wish.frames - 2
    size = wish.first.size
    keep, draw = Image.new("L", size, 0), Image.new("L", size, 255)
    return {
        "video": [wish.first, *[Image.new("RGB", size, (128, 128, 128))] * between, wish.last],
        "mask": [keep, *[draw] * between, keep],
        "negative_prompt": wish.avoid,
        "guidance_scale": wish.guidance,
    }


def _conditions(wish: Wish) -> dict[str, Any]:
    from diffusers.pipelines.ltx.pipeline_ltx_condition import (
        LTXVideoCondition,
        linear_quadratic_schedule,
    )

    steps = linear_quadratic_schedule(wish.steps) * 1000
    return {
        "conditions": [
            LTXVideoCondition(image=wish.first, frame_index=0),
            LTXVideoCondition(image=wish.last, frame_index=wish.frames - 1),
        ],
        # The pipeline's own, as a list: it hands on a tensor, which numpy is about to refuse.
        "timesteps": steps.tolist(),
        "negative_prompt": wish.avoid,
        "guidance_scale": wish.guidance,
    }


def _first_only(index: Settings) -> str:
    if index.get("expand_timesteps"):
        return "it takes a first picture only and would not meet the second key"
    return ""


FAMILIES: Mapping[str, Family] = {
    "WanImageToVideoPipeline": Family(
        "Wan", _both_ends, 16, 4, 81, 832, 40, 5.0, fault=_first_only
    ),
    "WanVACEPipeline": Family("Wan VACE", _masked, 16, 4, 81, 832, 40, 5.0),
    "SkyReelsV2ImageToVideoPipeline": Family("SkyReels V2", _both_ends, 16, 4, 97, 960, 50, 5.0),
    "LTXConditionPipeline": Family("LTX-Video", _conditions, 32, 8, 97, 704, 40, 3.0, least=2),
    "HunyuanVideoFramepackPipeline": Family(
        "FramePack", _framepack, 16, 4, 33, 640, 30, 6.0, window=33, ends=False
    ),
}
"""By the name of the class, as `model_index.json` has it."""
