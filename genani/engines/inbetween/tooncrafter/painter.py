"""ToonCrafter as a painter: sixteen frames drawn once, and what lies at `t` taken from them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.inbetween.tooncrafter.calibration import settle
from genani.engines.inbetween.tooncrafter.canvas import canvas_for
from genani.engines.inbetween.tooncrafter.frames import Between, Frames, framed, laid, taken
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.lora import weigh
from genani.engines.inbetween.tooncrafter.multistep import ToonCrafterMultistepScheduler
from genani.engines.inbetween.tooncrafter.pipeline import FRAMES, ToonCrafterPipeline
from genani.engines.inbetween.tooncrafter.sampling import WHOLE, Shortcuts
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
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
        sliced: decode in slices.
        second_order: take steps by the quicker sampler.
        shortcuts: what is left out to save time.
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
    sliced: bool = False
    second_order: bool = False
    shortcuts: Shortcuts = WHOLE


@dataclass
class Clock:
    """What parts of the last run took, in seconds; None where it did not come so far.

    Attributes:
        place: which step was timed: the second, as the first warms up, or the only one.
        step: that step.
        decode: all decodings.
    """

    place: int = 0
    step: float | None = None
    decode: float | None = None


class ToonCrafterPainter:
    """Draws a span's sixteen frames, at the size of its training, and answers for any time.

    Args:
        pipeline: with its weights where it is to run.
        between: draws between two frames; without it the nearest is taken.
        remark: what the animator should know of every drawing; may be empty.

    Attributes:
        run: how the next span is drawn.
        clock: of the last span.
    """

    multiple = 1
    least = 1

    def __init__(
        self, pipeline: ToonCrafterPipeline, between: Between | None = None, remark: str = ""
    ) -> None:
        self._pipeline = pipeline
        self._between = between
        self._remarks = (remark,) if remark else ()
        self.run = Run()
        self.clock = Clock()

    def weigh(self, strengths: Sequence[float]) -> None:
        """Set how strong each adapter on the network is."""
        weigh(self._pipeline.unet, strengths)

    def prepare(self, first: Tensor, last: Tensor, scale: float, token: CancelToken) -> Frames:
        """See `Painter.prepare`; here the whole span is drawn."""
        del scale
        height, width = first.shape[2:]
        canvas = canvas_for(height, width, self.run.side, self._pipeline.multiple)
        keys = laid(first, last, canvas)
        self.clock = Clock()
        video = self._drawn(2 * keys.starts - 1, 2 * keys.ends - 1, token)
        frames = ((video[0] + 1) / 2).transpose(0, 1).to(first.device)
        return framed(frames, keys, self.run.match)

    def paint(self, state: Frames, t: float, token: CancelToken) -> Painted:
        """See `Painter.paint`."""
        made = taken(state, t, self._between, token)
        return replace(made, warnings=(*self._remarks, *made.warnings))

    def _drawn(self, starts: Tensor, ends: Tensor, token: CancelToken) -> Tensor:
        pipe, run = self._pipeline, self.run
        generator = torch.Generator().manual_seed(run.seed)
        token.check()
        keys = pipe.encode_keys(starts, ends, FRAMES, generator=generator)
        contexts = pipe.contexts(starts, run.prompt, run.avoid, run.guidance)
        noise = torch.randn(keys.condition.shape, generator=generator)
        kind = ToonCrafterMultistepScheduler if run.second_order else ToonCrafterScheduler
        scheduler: Any = kind.from_config(pipe.scheduler.config)
        pipe.scheduler = scheduler
        pipe.scheduler.set_timesteps(run.steps)
        device = starts.device
        began = _now(device)

        def look_up(
            _pipe: object, place: int, _step: int, _given: dict[str, Any]
        ) -> dict[str, Any]:
            nonlocal began
            if place < 2:
                now = _now(device)
                self.clock.place, self.clock.step, began = place, now - began, now
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
            shortcuts=run.shortcuts,
        )
        began = _now(device)
        video = pipe.decode(latents, keys.references, run.repair, token.check, run.sliced)
        self.clock.decode = _now(device) - began
        # Where parts come to the card one by one, the last goes as well.
        pipe.maybe_free_model_hooks()
        return video


def _now(device: torch.device) -> float:
    """The time at which the device has done all it was told."""
    settle(device)
    return time.perf_counter()
