"""The quicker sampler: second order from one question a step (Lu et al., DPM-Solver++, 2022)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from genani.engines.inbetween.tooncrafter.scheduler import (
    ToonCrafterScheduler,
    ToonCrafterStep,
    freshened,
)

_END_FROM = 15
"""Runs of fewer steps end with a step of first order, as those of diffusers do: the last stride is
then too long to guess ahead."""


class ToonCrafterMultistepScheduler(ToonCrafterScheduler):
    """DPM-Solver++(2M) for velocities, a terminal signal of zero and a scale that changes.

    The clean latent is taken to go on as it went in the last step, linearly in the logarithm
    of the signal-to-noise ratio, with the scale counted to the signal. That ratio is 0 at step
    999, from where only a first-order step can be taken, which is exact there: nothing of the
    sample is signal yet. With fresh noise (eta 1) it is the stochastic form of the same solver.
    Clean latents leave at their own scale, not at that of the last step, which at 10 steps takes
    7 % of the contrast.
    """

    def set_timesteps(
        self,
        num_inference_steps: int | None = None,
        device: str | torch.device | None = None,
        timesteps: Sequence[int] | None = None,
    ) -> None:
        """See `ToonCrafterScheduler.set_timesteps`; forgets the step before."""
        super().set_timesteps(num_inference_steps, device, timesteps)
        self._before: tuple[float, Tensor] | None = None

    def step(
        self,
        model_output: Tensor,
        timestep: int | Tensor,
        sample: Tensor,
        eta: float = 0.0,
        generator: torch.Generator | list[torch.Generator] | None = None,
        variance_noise: Tensor | None = None,
    ) -> ToonCrafterStep:
        """See `ToonCrafterScheduler.step`; steps are to be taken in their order."""
        step = int(timestep)
        by = self.factors(step, eta)
        place = self._steps.index(step)
        last = place == len(self._steps) - 1
        following = 0 if last else self._steps[place + 1]
        scale, after_scale = (float(self._schedule.scale[at]) for at in (step, following))
        noisy, velocity = sample.float(), model_output.float()
        seen = (by.signal * noisy - by.noise * velocity) / scale
        here, there = self._ratio(step), self._ratio(following)
        clean = seen
        if place and self._before is not None and not (last and len(self._steps) < _END_FROM):
            before, older = self._before
            # Nothing to go on from step 999: its stride is infinite, and this is 0.
            share = (there - here) / (here - before) / 2
            clean = seen + share * (seen - older)
        self._before = here, seen
        noise = (noisy - by.signal * scale * clean) / by.noise
        clean = clean * after_scale
        after = by.next_signal * clean + by.direction * noise
        after = freshened(after, by.sigma, generator, variance_noise)
        return ToonCrafterStep(after.to(sample.dtype), clean.to(sample.dtype))

    def _ratio(self, step: int) -> float:
        """Logarithm of signal over noise, the scale counted to the signal."""
        alpha, scale = float(self._schedule.alphas[step]), float(self._schedule.scale[step])
        return math.log(scale * math.sqrt(alpha / (1 - alpha))) if alpha else -math.inf
