"""The sampler: DDIM on velocity predictions, with the steps it really takes (Song et al., 2021)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.schedulers.scheduling_utils import SchedulerMixin
from diffusers.utils.outputs import BaseOutput
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor

from genani.engines.inbetween.tooncrafter.schedule import STEPS, schedule, trailing


@dataclass
class ToonCrafterStep(BaseOutput):
    """What one step gives.

    Attributes:
        prev_sample: the latent at the next, less noisy step; shape and dtype of the sample.
        pred_original_sample: the clean latent as seen from here, with the next step's scale.
    """

    prev_sample: Tensor
    pred_original_sample: Tensor


@dataclass(frozen=True)
class Factors:
    """The numbers of one step, all from float64.

    Attributes:
        signal, noise: square roots of alpha and of 1 - alpha here.
        next_signal: square root of alpha at the next step taken.
        direction: on the predicted noise; never the root of a negative rounding error, which
            blackens whole clips of the original at 20, 25 and other counts of steps.
        sigma: on fresh noise.
        rescale: from the scale of clean latents here to that of the next step.
    """

    signal: float
    noise: float
    next_signal: float
    direction: float
    sigma: float
    rescale: float


class ToonCrafterScheduler(SchedulerMixin, ConfigMixin):
    """DDIM with velocity prediction, a terminal signal of zero, trailing steps, dynamic rescale.

    The tables are numpy's, in float64: no cast of a pipeline reaches them. Sums are in float32
    whatever the dtype of the sample. After the last step alpha is that of step 0, not 1.

    Args:
        base_scale: what clean latents were multiplied with in training from step 400 on.
    """

    order = 1
    init_noise_sigma = 1.0

    @register_to_config
    def __init__(self, base_scale: float = 0.7) -> None:
        self._schedule = schedule(base_scale)
        self._steps: tuple[int, ...] = ()
        self.num_inference_steps = 0
        self.timesteps = torch.arange(STEPS - 1, -1, -1)

    def set_timesteps(
        self,
        num_inference_steps: int | None = None,
        device: str | torch.device | None = None,
        timesteps: Sequence[int] | None = None,
    ) -> None:
        """Choose the steps of a run: a count, or the steps themselves.

        Args:
            num_inference_steps: 1 to 1000, spread evenly, from 999 down.
            timesteps: 0 to 999, falling.

        Raises:
            ValueError: neither or both given, out of range, or not falling.
        """
        if (num_inference_steps is None) == (timesteps is None):
            raise ValueError("either the number of steps is given or the steps themselves")
        steps = tuple(timesteps or ())
        if num_inference_steps is not None:
            steps = trailing(num_inference_steps)
        falling = all(a > b for a, b in zip((STEPS, *steps), (*steps, -1), strict=True))
        if not steps or not falling:
            raise ValueError(f"steps must fall and lie between 0 and {STEPS - 1}")
        self._steps = steps
        self.num_inference_steps = len(steps)
        self.timesteps = torch.tensor(steps, device=device)

    def scale_model_input(self, sample: Tensor, timestep: object = None) -> Tensor:
        """The sample as it is: this sampler scales nothing."""
        del timestep
        return sample

    def factors(self, timestep: int, eta: float) -> Factors:
        """The numbers of the step taken at `timestep`, one of those set.

        Args:
            eta: 0 takes the same way each time, 1 adds as much noise as training did.

        Raises:
            ValueError: the run does not come by this step.
        """
        if timestep not in self._steps:
            raise ValueError(f"step {timestep} is not one of the {len(self._steps)} of this run")
        place = self._steps.index(timestep)
        last = place == len(self._steps) - 1
        following = 0 if last else self._steps[place + 1]
        alphas, scale = self._schedule.alphas, self._schedule.scale
        alpha, after = float(alphas[timestep]), float(alphas[following])
        sigma = eta * math.sqrt((1 - after) / (1 - alpha) * max(0.0, 1 - alpha / after))
        return Factors(
            signal=math.sqrt(alpha),
            noise=math.sqrt(1 - alpha),
            next_signal=math.sqrt(after),
            direction=math.sqrt(max(0.0, 1 - after - sigma**2)),
            sigma=sigma,
            rescale=1.0 if last else float(scale[following] / scale[timestep]),
        )

    def step(
        self,
        model_output: Tensor,
        timestep: int | Tensor,
        sample: Tensor,
        eta: float = 0.0,
        generator: torch.Generator | list[torch.Generator] | None = None,
        variance_noise: Tensor | None = None,
    ) -> ToonCrafterStep:
        """Go one step towards the clean latent.

        Args:
            model_output: the predicted velocity, of the sample's shape.
            timestep: one of `timesteps`.
            sample: the noisy latent.
            eta: see `factors`.
            generator: draws the noise where `variance_noise` is None and eta is over 0.

        Raises:
            ValueError: the run does not come by this step.
        """
        by = self.factors(int(timestep), eta)
        noisy, velocity = sample.float(), model_output.float()
        clean = (by.signal * noisy - by.noise * velocity) * by.rescale
        noise = by.signal * velocity + by.noise * noisy
        after = by.next_signal * clean + by.direction * noise
        after = freshened(after, by.sigma, generator, variance_noise)
        return ToonCrafterStep(after.to(sample.dtype), clean.to(sample.dtype))

    def add_noise(self, original_samples: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Clean latents (B, ...) scaled and noised for training, each at its step of (B,)."""
        signal, spread = self._at(timesteps, original_samples)
        scale = self._column(self._schedule.scale, timesteps, original_samples)
        return signal * (original_samples * scale) + spread * noise

    def get_velocity(self, sample: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """What the network is to predict for clean latents (B, ...) noised by `add_noise`."""
        signal, spread = self._at(timesteps, sample)
        scale = self._column(self._schedule.scale, timesteps, sample)
        return signal * noise - spread * (sample * scale)

    def _at(self, timesteps: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        alphas = self._schedule.alphas
        return (
            self._column(np.sqrt(alphas), timesteps, like),
            self._column(np.sqrt(1 - alphas), timesteps, like),
        )

    @staticmethod
    def _column(table: np.ndarray, timesteps: Tensor, like: Tensor) -> Tensor:
        values = torch.from_numpy(table[timesteps.cpu().numpy()]).to(like.device, like.dtype)
        return values.view(-1, *(1,) * (like.ndim - 1))

    def __len__(self) -> int:
        return STEPS


def freshened(
    latent: Tensor,
    sigma: float,
    generator: torch.Generator | list[torch.Generator] | None,
    given: Tensor | None,
) -> Tensor:
    """A latent with fresh noise of spread `sigma`; the very one where that is 0.

    Args:
        latent: float32.
        sigma: see `Factors`.
        generator: draws the noise where none is given.
        given: noise of the latent's shape, or None.
    """
    if sigma <= 0:
        return latent
    if given is None:
        given = randn_tensor(
            latent.shape, generator=generator, device=latent.device, dtype=torch.float32
        )
    return latent + sigma * given.float()
