"""A video model as a painter: the video drawn once, and what lies at `t` taken from it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from genani.engines.api import CancelToken
from genani.engines.inbetween.keyframe_diffusion.families import Family, Wish, common
from genani.engines.inbetween.keyframe_diffusion.source import quiet
from genani.engines.inbetween.tooncrafter.canvas import canvas_for
from genani.engines.inbetween.tooncrafter.frames import (
    Between,
    Frames,
    Laid,
    framed,
    laid,
    taken,
)
from genani.engines.painter import Painted


@dataclass(frozen=True)
class Run:
    """How a span is drawn; what it does not say is as published.

    Attributes:
        seed: of all noise.
        prompt, avoid: what is wanted and what is not.
        frames, steps, guidance, side: see `Family`.
        match: bring colours back to those of the keys.
    """

    seed: int
    prompt: str
    avoid: str
    frames: int
    steps: int
    guidance: float
    side: int
    match: bool


class KeyframePainter:
    """Draws a span's video at a size the model likes, and answers for any time.

    Args:
        pipeline: one of the classes of `FAMILIES`, its weights where it is to run.
        family: how it is asked.
        between: draws between two frames; without it the nearest is taken.

    Attributes:
        run: how the next span is drawn.
        drawn_at, seconds: when the last span was begun (`time.perf_counter`), and what it took.
    """

    multiple = 1
    least = 1
    run: Run

    def __init__(self, pipeline: Any, family: Family, between: Between | None = None) -> None:
        self._pipeline = pipeline
        self._family = family
        self._between = between
        self.drawn_at = 0.0
        self.seconds = 0.0

    def prepare(self, first: Tensor, last: Tensor, scale: float, token: CancelToken) -> Frames:
        """See `Painter.prepare`; here the whole span is drawn."""
        del scale
        height, width = first.shape[2:]
        canvas = canvas_for(height, width, self.run.side, self._family.multiple)
        keys = laid(first, last, canvas)
        token.check()
        self.drawn_at = time.perf_counter()
        video = self._drawn(keys, token).to(first.device, torch.float32)
        self.seconds = time.perf_counter() - self.drawn_at
        if not self._family.ends:
            video = torch.cat((video, keys.ends))
        return framed(video, keys, self.run.match)

    def paint(self, state: Frames, t: float, token: CancelToken) -> Painted:
        """See `Painter.paint`."""
        return taken(state, t, self._between, token)

    def _drawn(self, keys: Laid, token: CancelToken) -> Tensor:
        """(T, 3, h, w) in 0..1."""
        run = self.run
        first, last = _picture(keys.starts), _picture(keys.ends)
        wish = Wish(first, last, run.prompt, run.avoid, run.frames, run.steps, run.guidance)
        total = run.steps * self._family.parts(run.frames)
        done = 0

        def look_up(
            _pipe: object, _place: int, _step: object, _given: dict[str, Any]
        ) -> dict[str, Any]:
            nonlocal done
            done += 1
            token.step(min(done / total, 1.0), f"step {done} of {total}")
            return {}

        generator = torch.Generator().manual_seed(run.seed)
        arguments = common(wish) | self._family.arguments(wish)
        with quiet(), watched(self._pipeline, token):
            made = self._pipeline(**arguments, generator=generator, callback_on_step_end=look_up)
        return made.frames[0]


@contextmanager
def watched(pipeline: Any, token: CancelToken) -> Iterator[None]:
    """Within, every part of every network looks at the token before it is run.

    The pipelines themselves call back after a step only, and decode even when interrupted.
    """

    def look_up(_module: nn.Module, _given: object) -> None:
        token.check()

    modules = [part for part in pipeline.components.values() if isinstance(part, nn.Module)]
    hooks = [
        child.register_forward_pre_hook(look_up)
        for module in modules
        for child in (module, *module.children())
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
        pipeline.maybe_free_model_hooks()


def _picture(image: Tensor) -> Image.Image:
    """(1, 3, h, w) in 0..1 as a picture."""
    levels = (image[0].permute(1, 2, 0) * 255).round().to(torch.uint8)
    return Image.fromarray(levels.cpu().numpy())
