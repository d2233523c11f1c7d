"""ToonCrafter as a painter: sixteen frames drawn once, and what lies at `t` taken from them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.inbetween.tooncrafter.canvas import Canvas, canvas_for
from genani.engines.inbetween.tooncrafter.cutout import cut_out
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.lora import weigh
from genani.engines.inbetween.tooncrafter.pipeline import FRAMES, ToonCrafterPipeline
from genani.engines.painter import Painted
from genani.engines.tensor import matte_for, over

ROUNDED = "drawn at the nearest of sixteen frames, as RIFE 4.6 is not installed"

_MOST_GAIN = 0.25
_MOST_SHIFT = 0.15
_EMPTY = 1 / 255
_NEAR = 1e-3
"""A time this near to a frame, in frames, is that frame's."""

Between = Callable[[Tensor, Tensor, float, CancelToken], Tensor]
"""Two (1, 4, h, w) frames and where between them, 0..1, to a frame."""


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


@dataclass(frozen=True)
class Frames:
    """What was drawn of a span.

    Attributes:
        rgba: (16, 4, h, w) premultiplied, on the model's canvas.
        canvas: where the picture lies on it.
        size: (height, width) of the picture.
    """

    rgba: Tensor
    canvas: Canvas
    size: tuple[int, int]


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

    def weigh(self, strength: float) -> None:
        """Set how strong the adapter on the network is."""
        weigh(self._pipeline.unet, strength)

    def prepare(self, first: Tensor, last: Tensor, scale: float, token: CancelToken) -> Frames:
        """See `Painter.prepare`; here the whole span is drawn."""
        del scale
        height, width = first.shape[2:]
        canvas = canvas_for(height, width, self.run.side, self._pipeline.multiple)
        matte = matte_for(first, last)
        starts, ends = (canvas.laid(over(key, matte)).clamp(0, 1) for key in (first, last))
        self.drawn_at = time.perf_counter()
        video = self._drawn(2 * starts - 1, 2 * ends - 1, token)
        self.seconds = time.perf_counter() - self.drawn_at
        frames = ((video[0] + 1) / 2).transpose(0, 1).to(first.device)
        if self.run.match:
            frames = matched(frames, starts, ends)
        frames = frames.clamp(0, 1)
        alphas = [canvas.laid(key[:, 3:]) for key in (first, last)]
        empty = torch.maximum(*alphas) < _EMPTY
        if empty.any():
            rgba = cut_out(frames, matte, empty)
        else:
            rgba = torch.cat((frames, torch.ones_like(frames[:, :1])), 1)
        return Frames(rgba, canvas, (height, width))

    def paint(self, state: Frames, t: float, token: CancelToken) -> Painted:
        """See `Painter.paint`."""
        token.check()
        place = t * (len(state.rgba) - 1)
        before = min(int(place), len(state.rgba) - 2)
        share = place - before
        pair = state.rgba[before][None], state.rgba[before + 1][None]
        warnings: tuple[str, ...] = ()
        if share < _NEAR or share > 1 - _NEAR:
            frame = pair[round(share)]
        elif self._between:
            frame = self._between(*pair, share, token)
        else:
            frame, warnings = pair[round(share)], (ROUNDED,)
        return Painted(state.canvas.taken(frame, *state.size), warnings=warnings)

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


def matched(frames: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Frames whose ends have the colours of the keys, what lies between brought along.

    A gain and a shift for each channel at either end, by least squares; between, a share of both.

    Args:
        frames: (T, 3, h, w).
        start, end: (1, 3, h, w), the keys as the model saw them.
    """
    first, last = _line(frames[0], start[0]), _line(frames[-1], end[0])
    share = torch.linspace(0, 1, len(frames), device=frames.device).view(-1, 1, 1, 1)
    gain, shift = (torch.lerp(a, b, share) for a, b in zip(first, last, strict=True))
    return frames * gain + shift


def _line(made: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Gain and shift, (1, 3, 1, 1) each, that take `made` (3, h, w) to `wanted`, bounded."""
    x, y = made.flatten(1), wanted.flatten(1)
    middle = x.mean(1, keepdim=True), y.mean(1, keepdim=True)
    spread = (x - middle[0]).square().mean(1, keepdim=True)
    slope = ((x - middle[0]) * (y - middle[1])).mean(1, keepdim=True) / spread.clamp_min(1e-4)
    # One flat colour says nothing of a gain.
    gain = torch.where(spread > 1e-3, slope, 1.0).clamp(1 - _MOST_GAIN, 1 + _MOST_GAIN)
    shift = (middle[1] - gain * middle[0]).clamp(-_MOST_SHIFT, _MOST_SHIFT)
    return gain.view(1, 3, 1, 1), shift.view(1, 3, 1, 1)
