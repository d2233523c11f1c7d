"""The quicker sampler: of second order where the answer is known, and finite everywhere."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch
from torch import Tensor

from genani.engines.inbetween.tooncrafter.multistep import ToonCrafterMultistepScheduler
from genani.engines.inbetween.tooncrafter.schedule import schedule
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from tests.engines.tooncrafter.goldens import noise, off

TABLES = schedule()
CENTRES = noise(6, 16, seed=7)
"""Of clouds that clean latents lie in: what the best network would say of them is known."""
SPREAD = 0.15


def best_velocity(sample: Tensor, step: int) -> Tensor:
    """The velocity that a perfect network predicts for clouds around `CENTRES`."""
    alpha = float(TABLES.alphas[step])
    signal, rest = math.sqrt(alpha) * float(TABLES.scale[step]), 1 - alpha
    wide = signal**2 * SPREAD**2 + rest
    away = sample[:, None] - signal * CENTRES
    share = (-away.square().sum(2) / (2 * wide)).softmax(1)[..., None]
    clean = (share * (CENTRES + signal * SPREAD**2 / wide * away)).sum(1)
    scaled = clean * float(TABLES.scale[step])
    return (math.sqrt(alpha) * sample - scaled) / math.sqrt(rest)


def drawn(scheduler: ToonCrafterScheduler, count: int) -> Tensor:
    scheduler.set_timesteps(count)
    sample = noise(64, 16, seed=1)
    for step in scheduler.timesteps.tolist():
        sample = scheduler.step(best_velocity(sample, step), step, sample).prev_sample
    return sample


def test_fewer_steps_come_as_near_as_many_of_the_first_order() -> None:
    exact = drawn(ToonCrafterMultistepScheduler(), 1000)
    second, first = (
        {count: off(drawn(kind(), count), exact) for count in (10, 20, 50)}
        for kind in (ToonCrafterMultistepScheduler, ToonCrafterScheduler)
    )
    assert second[20] < first[50]
    assert all(second[count] < first[count] / 2 for count in second)


def test_true_velocities_lead_to_the_clean_latent() -> None:
    clean = noise(1, 4, 2, 4, 4, seed=3)
    scheduler = ToonCrafterMultistepScheduler()
    for count in (2, 10, 50):
        scheduler.set_timesteps(count)
        sample = noise(*clean.shape, seed=4)
        for step in scheduler.timesteps.tolist():
            by = scheduler.factors(step, 0.0)
            scaled = clean * float(TABLES.scale[step])
            velocity = (by.signal * sample - scaled) / by.noise
            sample = scheduler.step(velocity, step, sample).prev_sample
        # At its own scale, with the noise of step 0 left.
        left = sample - clean * math.sqrt(float(TABLES.alphas[0]))
        assert left.std() == pytest.approx(math.sqrt(1 - float(TABLES.alphas[0])), rel=0.3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_every_count_stays_finite(eta: float, dtype: torch.dtype) -> None:
    scheduler = ToonCrafterMultistepScheduler()
    for count in range(1, 101):
        scheduler.set_timesteps(count)
        sample = noise(1, 4, 2, 2, 2, seed=count).to(dtype)
        for place, step in enumerate(scheduler.timesteps.tolist()):
            velocity = noise(1, 4, 2, 2, 2, seed=place).to(dtype)
            made = scheduler.step(velocity, step, sample, eta, variance_noise=velocity)
            sample = made.prev_sample
        assert sample.dtype == dtype
        assert sample.isfinite().all(), f"{count} steps"
        assert sample.abs().max() < 100


def test_the_first_step_is_the_first_order_one() -> None:
    sample, velocity = noise(1, 4, 2, 2, 2), noise(1, 4, 2, 2, 2, seed=1)
    made = []
    for kind in (ToonCrafterMultistepScheduler, ToonCrafterScheduler):
        scheduler = kind()
        scheduler.set_timesteps(10)
        made.append(scheduler.step(velocity, 999, sample, 1.0, variance_noise=velocity))
    assert off(made[0].prev_sample, made[1].prev_sample) < 1e-6


def test_a_run_does_not_remember_the_one_before() -> None:
    scheduler = ToonCrafterMultistepScheduler()
    run = partial(drawn, scheduler, 10)
    assert torch.equal(run(), run())
