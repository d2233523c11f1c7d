"""ToonCrafter as a painter: sixteen frames drawn once, and what lies at `t` taken from them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.inbetween.tooncrafter.canvas import canvas_for
from genani.engines.inbetween.tooncrafter.frames import Between, Frames, framed, laid, taken
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.lora import weigh
from genani.engines.inbetween.tooncrafter.pipeline import FRAMES, ToonCrafterPipeline
from genani.engines.painter import Painted


@dataclass(frozen=True)
class Run:
    """How a span is drawn.

    Attributes:
        seed: of all noise.
        steps: how many times noise is taken out.
        guidance, eta, fs: see `ToonCrafterPipeline.__call__`.
        prompt, avoid: what is wanted and what is not.
        side: longer side of the canvas of a wide picture.
        repair: decode twice for the two middle frames.
        match: bring colours back to those of the keys.
        batched: ask for all branches of guidance at once.
    """

    seed: int = 0
    steps: int = 50
    guidance: Guidance = field(default_factory=Guidance)
    eta: float = 1.0
    fs: int = 10
    prompt: str = "an anime scene"
    avoid: str = ""
    side: int = 512
    repair: bool = True
    match: bool = True
    batched: bool = True


class ToonCrafterPainter:
    """Draws a span's sixteen frames, at the size of its training, and answers for any time.

    Args:
        pipeline: with its weights where it is to run.
        between: draws between two frames; without it the nearest is taken.

    Attributes:
        run: how the next span is drawn.
        drawn_at, seconds: when the last span was begun (`time.perf_counter`), and what it took.
    """

    multiple = 1
    least = 1

    def __init__(self, pipeline: ToonCrafterPipeline, between: Between | None = None) -> None:
        self._pipeline = pipeline
        self._between = between
        self.run = Run()
        self.drawn_at = 0.0
        self.seconds = 0.0

    def weigh(self, strengths: Sequence[float]) -> None:
        """Set how strong each adapter on the network is."""
        weigh(self._pipeline.unet, strengths)

    def prepare(self, first: Tensor, last: Tensor, scale: float, token: CancelToken) -> Frames:
        """See `Painter.prepare`; here the whole span is drawn."""
        del scale
        height, width = first.shape[2:]
        canvas = canvas_for(height, width, self.run.side, self._pipeline.multiple)
        keys = laid(first, last, canvas)
        self.drawn_at = time.perf_counter()
        video = self._drawn(2 * keys.starts - 1, 2 * keys.ends - 1, token)
        self.seconds = time.perf_counter() - self.drawn_at
        frames = ((video[0] + 1) / 2).transpose(0, 1).to(first.device)
        return framed(frames, keys, self.run.match)

    def paint(self, state: Frames, t: float, token: CancelToken) -> Painted:
        """See `Painter.paint`."""
        return taken(state, t, self._between, token)

    def _drawn(self, starts: Tensor, ends: Tensor, token: CancelToken) -> Tensor:
        pipe, run = self._pipeline, self.run
        generator = torch.Generator().manual_seed(run.seed)
        token.check()
        keys = pipe.encode_keys(starts, ends, FRAMES, generator=generator)
        contexts = pipe.contexts(starts, run.prompt, run.avoid, run.guidance)
        noise = torch.randn(keys.condition.shape, generator=generator)
        pipe.scheduler.set_timesteps(run.steps)

        def look_up(
            _pipe: object, place: int, _step: int, _given: dict[str, Any]
        ) -> dict[str, Any]:
            token.step((place + 1) / run.steps, f"step {place + 1} of {run.steps}")
            return {}

        latents = pipe.denoise(
            noise,
            keys.condition,
            contexts,
            run.guidance,
            run.eta,
            run.fs,
            generator,
            batched=run.batched,
            on_step=look_up,
        )
        return pipe.decode(latents, keys.references, run.repair, between=token.check)
