"""The noise schedule and the sampler: exact tables, and finite whatever is asked for."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from genani.engines.inbetween.tooncrafter.schedule import STEPS, buffers, schedule, trailing
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from tests.engines.tooncrafter.goldens import AT_HAND, noise, off, stored

BLACK_IN_THE_ORIGINAL = (7, 11, 14, 15, 20, 25, 33, 34, 35, 37, 38, 39, 61, 62, 63, 64)


def test_tables() -> None:
    alphas = schedule().alphas
    assert alphas.dtype == np.float64
    assert alphas[0] == pytest.approx(0.99915, abs=1e-6)
    assert alphas[998] == pytest.approx(1.97e-7, abs=1e-9)
    assert alphas[999] == 0
    assert (np.diff(alphas) < 0).all()
    assert schedule().scale[[0, 399, 999]].tolist() == pytest.approx([1, 0.7, 0.7])
    assert schedule(0.3).scale[999] == pytest.approx(0.3)


def test_trailing_steps() -> None:
    assert trailing(50)[:3] == (999, 979, 959)
    assert trailing(50)[-1] == 19
    assert trailing(1) == (999,)
    for count in range(1, STEPS + 1):
        steps = trailing(count)
        assert len(steps) == count
        assert steps[0] == STEPS - 1
        assert steps[-1] >= 0
        assert all(a > b for a, b in pairwise(steps))


@pytest.mark.parametrize("count", [0, -1, 1001])
def test_steps_that_cannot_be_taken(count: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 1000"):
        ToonCrafterScheduler().set_timesteps(count)


@pytest.mark.parametrize("steps", [(), (5, 5), (1, 2), (1000,), (3, -1)])
def test_steps_that_do_not_fall(steps: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must fall"):
        ToonCrafterScheduler().set_timesteps(timesteps=steps)


def test_steps_are_given_once() -> None:
    with pytest.raises(ValueError, match="either"):
        ToonCrafterScheduler().set_timesteps(5, timesteps=(3, 1))
    with pytest.raises(ValueError, match="either"):
        ToonCrafterScheduler().set_timesteps()


def test_a_step_of_another_run() -> None:
    scheduler = ToonCrafterScheduler()
    scheduler.set_timesteps(5)
    with pytest.raises(ValueError, match="not one of the 5"):
        scheduler.factors(998, 0.0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_every_count_stays_finite(eta: float, dtype: torch.dtype) -> None:
    for count in range(1, 101):
        scheduler = ToonCrafterScheduler()
        scheduler.set_timesteps(count)
        sample = noise(1, 4, 2, 2, 2, seed=count).to(dtype)
        for place, step in enumerate(scheduler.timesteps):
            velocity = noise(1, 4, 2, 2, 2, seed=place).to(dtype)
            made = scheduler.step(velocity, step, sample, eta, variance_noise=velocity)
            sample = made.prev_sample
        assert sample.dtype == dtype
        assert sample.isfinite().all(), f"{count} steps"
        assert sample.abs().max() < 100


@pytest.mark.parametrize("count", BLACK_IN_THE_ORIGINAL)
def test_the_direction_is_never_the_root_of_less_than_nothing(count: int) -> None:
    scheduler = ToonCrafterScheduler()
    scheduler.set_timesteps(count)
    factors = scheduler.factors(999, 1.0)
    assert factors.direction == pytest.approx(0, abs=1e-6)
    assert factors.sigma == pytest.approx(math.sqrt(1 - factors.next_signal**2))


def test_the_true_next_step_is_used() -> None:
    scheduler = ToonCrafterScheduler()
    scheduler.set_timesteps(30)
    alphas = schedule().alphas
    # 30 does not divide 1000: the steps are not all 33 apart.
    for step, following in pairwise(scheduler.timesteps.tolist()):
        assert scheduler.factors(int(step), 0).next_signal ** 2 == pytest.approx(alphas[following])
    last = scheduler.factors(int(scheduler.timesteps[-1]), 0)
    assert last.next_signal**2 == pytest.approx(alphas[0])
    assert last.rescale == 1


def perfect(scheduler: ToonCrafterScheduler, clean: Tensor, seed: int) -> Tensor:
    """A whole run whose velocity is always the true one for `clean`."""
    sample = noise(*clean.shape, seed=seed)
    for step in scheduler.timesteps:
        by = scheduler.factors(int(step), 0.0)
        scaled = clean * float(schedule().scale[step])
        velocity = (by.signal * sample - scaled) / by.noise
        sample = scheduler.step(velocity, step, sample).prev_sample
    return sample


def test_true_velocities_lead_to_the_clean_latent() -> None:
    scheduler = ToonCrafterScheduler()
    scheduler.set_timesteps(50)
    clean = noise(1, 4, 2, 4, 4, seed=3)
    made = perfect(scheduler, clean, 4)
    # What is left is the noise of step 0 and the scale of the last step.
    assert (made - clean * float(schedule().scale[19])).abs().max() < 0.15


def test_training_targets_agree_with_the_sampler() -> None:
    scheduler = ToonCrafterScheduler()
    clean, random = noise(3, 4, 2, 2, 2), noise(3, 4, 2, 2, 2, seed=1)
    steps = torch.tensor([19, 499, 999])
    noisy = scheduler.add_noise(clean, random, steps)
    velocity = scheduler.get_velocity(clean, random, steps)
    scheduler.set_timesteps(timesteps=(999, 499, 19))
    for place, step in enumerate(steps):
        by = scheduler.factors(int(step), 0.0)
        seen = by.signal * noisy[place] - by.noise * velocity[place]
        assert off(seen, clean[place] * float(schedule().scale[step])) < 1e-5


def test_fresh_noise_follows_the_generator() -> None:
    scheduler = ToonCrafterScheduler()
    scheduler.set_timesteps(4)
    sample, velocity = noise(1, 4, 2, 2, 2), noise(1, 4, 2, 2, 2, seed=1)
    one, two, other = (
        scheduler.step(
            velocity, 999, sample, eta=1.0, generator=torch.Generator().manual_seed(seed)
        ).prev_sample
        for seed in (5, 5, 6)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_saved_and_read(tmp_path: Path) -> None:
    ToonCrafterScheduler(base_scale=0.3).save_pretrained(tmp_path)
    again = ToonCrafterScheduler.from_pretrained(tmp_path)
    assert isinstance(again, ToonCrafterScheduler)
    again.set_timesteps(2)
    assert again.factors(999, 0).rescale == 1
    assert again.config["base_scale"] == 0.3


if AT_HAND:

    def test_published_buffers() -> None:
        ours, theirs = buffers(), stored("schedule_buffers")
        assert set(ours) == set(theirs)
        for name, wanted in theirs.items():
            assert torch.equal(torch.from_numpy(ours[name]).float(), wanted), name

    @pytest.mark.parametrize("count", [5, 10, 20, 25, 30, 50])
    def test_published_tables(count: int) -> None:
        tables = {
            name.partition(".")[2]: table
            for name, table in stored("schedule_tables").items()
            if name.startswith(f"S{count}.")
        }
        scheduler = ToonCrafterScheduler()
        scheduler.set_timesteps(count)
        steps = scheduler.timesteps.flip(0)
        assert torch.equal(steps, tables["timesteps"])
        factors = [scheduler.factors(int(step), 1.0) for step in steps]
        ours = {
            "alphas": [by.signal**2 for by in factors],
            "alphas_prev": [by.next_signal**2 for by in factors],
            "sigmas": [by.sigma for by in factors],
            "rescale": [by.rescale for by in factors],
        }
        tables["rescale"] = tables["scale_prev"] / tables["scale"]
        for name, made in ours.items():
            assert off(torch.tensor(made, dtype=torch.float64), tables[name]) < 1e-6, name

    def test_published_training_step() -> None:
        step = stored("training_step")
        scheduler = ToonCrafterScheduler()
        given = step["z"], step["noise"], step["t"]
        assert off(scheduler.add_noise(*given), step["x_noisy"]) < 1e-6
        assert off(scheduler.get_velocity(*given), step["v_target"]) < 1e-6
