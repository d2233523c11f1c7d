"""`python -m tests.benchmarks.tooncrafter_counts`: no count of steps blackens the picture.

All counts from 1 to 100, with fresh noise and without, by both samplers, with a network smaller
than the tiny one in float32, bfloat16 and float16: whole runs, and whether each is finite.
Minutes on one core; names of numbers given after it leave out the others.
"""

from __future__ import annotations

import itertools
import sys
import time
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from genani.engines.inbetween.tooncrafter.checkpoint import load
from genani.engines.inbetween.tooncrafter.multistep import ToonCrafterMultistepScheduler
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from genani.engines.inbetween.tooncrafter.sizes import TINY
from tests.engines.tooncrafter.published import ruled, weights

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
FRAMES, SIDE, TEXT, IMAGE = 2, 2, 5, 2
SMALL = replace(
    TINY,
    unet={
        **TINY.unet,
        "block_out_channels": (32, 64),
        "attention_levels": (True, False),
        "text_tokens": TEXT,
        "image_tokens_per_frame": IMAGE,
    },
)


def main() -> None:
    """Run all and print a line for each kind of run."""
    torch.set_num_threads(1)
    names = sys.argv[1:] or list(DTYPES)
    kinds = (ToonCrafterScheduler, ToonCrafterMultistepScheduler)
    print("| sampler | fresh noise | numbers | runs | not finite | largest value | seconds |")
    print("|---|---|---|---|---|---|---|")
    for name, kind, eta in itertools.product(names, kinds, (0.0, 1.0)):
        dtype = DTYPES[name]
        unet = load(weights(SMALL), "the rule", SMALL, dtype).parts["unet"]
        began = time.perf_counter()
        made = runs(unet, kind, eta, dtype)
        bad = [count for count, one in made.items() if not one.isfinite().all()]
        most = max(float(one.abs().max()) for one in made.values())
        spent = time.perf_counter() - began
        print(
            f"| {kind.__name__} | {eta:g} | {name} | {len(made)} | {bad or 'none'} "
            f"| {most:.1f} | {spent:.0f} |",
            flush=True,
        )


@torch.inference_mode()
def runs(
    unet: Any, kind: type[ToonCrafterScheduler], eta: float, dtype: torch.dtype, most: int = 100
) -> dict[int, Tensor]:
    """Final latents of runs of 1 to `most` steps; those that still go on are asked together."""
    schedulers = {count: kind() for count in range(1, most + 1)}
    latents, noises = {}, {}
    for count, scheduler in schedulers.items():
        scheduler.set_timesteps(count)
        noises[count] = torch.Generator().manual_seed(count)
        latents[count] = torch.randn(1, 4, FRAMES, SIDE, SIDE, generator=noises[count])
    context = (2 * ruled((1, TEXT + IMAGE * FRAMES, 32), 2)).to(dtype)
    condition = ruled((1, 4, FRAMES, SIDE, SIDE), 3)
    for place in range(most):
        going = [count for count in schedulers if count > place]
        steps = [int(schedulers[count].timesteps[place]) for count in going]
        noisy = torch.cat([torch.cat((latents[count], condition), 1) for count in going])
        said = unet(
            noisy.to(dtype), torch.tensor(steps), context.expand(len(going), -1, -1), 10
        ).sample
        for index, (count, step) in enumerate(zip(going, steps, strict=True)):
            velocity = said[index : index + 1]
            latents[count] = (
                schedulers[count]
                .step(velocity, step, latents[count], eta, noises[count])
                .prev_sample
            )
    return latents


if __name__ == "__main__":
    main()
