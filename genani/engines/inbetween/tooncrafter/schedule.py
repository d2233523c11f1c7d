"""The noise schedule of ToonCrafter as tables in float64, from which nothing is ever cast.

Linear ramp of the square root of beta, rescaled to a terminal signal-to-noise ratio of zero (Lin
et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2024), and a factor on the
clean latents that falls with noise (Xing et al., "DynamiCrafter", 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]

STEPS = 1000
"""Steps of training."""

_BETA_FIRST, _BETA_LAST = 0.00085, 0.012
_TURN = 400
"""Step from which the factor on the clean latents stays."""


@dataclass(frozen=True)
class Schedule:
    """What noise does to a latent at each of the `STEPS` steps.

    Attributes:
        alphas: (1000,) share of the clean latent in the variance: 0.99915 at step 0, 0 at 999.
        scale: (1000,) factor on the clean latent before noise is added: 1 falling to `base`.
    """

    alphas: Table
    scale: Table


def schedule(base: float = 0.7) -> Schedule:
    """The tables for models trained with the scale `base` (0.7; 0.3 for DynamiCrafter 1024)."""
    return Schedule(_alphas(), scale_array(base)[:STEPS])


def scale_array(base: float) -> Table:
    """The factor on the clean latents as checkpoints store it, (1400,): only 1000 are used."""
    return np.concatenate((np.linspace(1.0, base, _TURN), np.full(STEPS, base)))


def trailing(count: int) -> tuple[int, ...]:
    """Steps of a run of `count`, falling from 999, evenly spread.

    Raises:
        ValueError: not between 1 and 1000.
    """
    if not 1 <= count <= STEPS:
        raise ValueError(f"the number of steps lies between 1 and {STEPS}, not {count}")
    # The published code's own arithmetic, as its rounding decides some steps; an element too
    # many, which numpy's may give, is cut off.
    ends = np.arange(STEPS, 0, -STEPS / count)[:count]
    return tuple(int(end) - 1 for end in np.round(ends))


def leading(count: int) -> tuple[int, ...]:
    """Steps of a run as the published window spaces them for narrow pictures: never from 999.

    Kept for comparison only; pictures come out poorer.
    """
    gap = STEPS // count
    return tuple(step + 1 for step in reversed(range(0, STEPS, gap)))


def buffers(base: float = 0.7) -> dict[str, Table]:
    """The thirteen tables that a published checkpoint carries, under their names there."""
    alphas = _alphas()
    before = np.concatenate(([1.0], alphas[:-1]))
    betas = np.concatenate((1 - alphas[:1], 1 - alphas[1:] / alphas[:-1]))
    rest = 1 - alphas
    variance = betas * (1 - before) / rest
    return {
        "betas": betas,
        "alphas_cumprod": alphas,
        "alphas_cumprod_prev": before,
        "sqrt_alphas_cumprod": np.sqrt(alphas),
        "sqrt_one_minus_alphas_cumprod": np.sqrt(rest),
        "log_one_minus_alphas_cumprod": np.log(rest),
        # The published code leaves both empty, as they are infinite at the last step.
        "sqrt_recip_alphas_cumprod": np.zeros(STEPS),
        "sqrt_recipm1_alphas_cumprod": np.zeros(STEPS),
        "posterior_variance": variance,
        "posterior_log_variance_clipped": np.log(np.maximum(variance, 1e-20)),
        "posterior_mean_coef1": betas * np.sqrt(before) / rest,
        "posterior_mean_coef2": (1 - before) * np.sqrt(1 - betas) / rest,
        "scale_arr": scale_array(base),
    }


def _alphas() -> Table:
    betas = np.linspace(_BETA_FIRST**0.5, _BETA_LAST**0.5, STEPS) ** 2
    roots = np.sqrt(np.cumprod(1 - betas))
    roots = (roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])
    return roots**2
