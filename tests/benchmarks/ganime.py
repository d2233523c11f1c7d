"""GANime on moving digits it never learnt from, against a cross-dissolve; and what a cache saves.

    python -m tests.benchmarks.ganime [MODEL] [--strips 48] [--between 3] [--sheet out.png]

MODEL is a folder `result` of `genani train vqgpt`, or a model of the store (moving-digits).
Prints the mean squared error of the drawings between, written from their keys alone, of
premultiplied RGBA from 0 to 1; that of a cross-dissolve; that of the true drawings through codes
and back; the same for strips whose digits cross. Then the seconds that writing takes with and
without its cache, and whether the codes are the same.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.inbetween.vqgpt.autoencoder import VqGan
from genani.engines.inbetween.vqgpt.transformer import VqGpt
from genani.engines.inbetween.vqgpt.weights import VQGAN, VQGPT, load_coder, load_writer
from genani.engines.inbetween.vqgpt.writing import Chance, written
from genani.store import models
from genani.training.sources.digits import DigitSource
from genani.training.tasks.vqgpt_sheets import premultiplied, write_sheet

_SEED = 77
"""Not that of validation: these strips have judged nothing."""

_SHOWN = 8
_TIMED = 4


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", nargs="?", default="moving-digits")
    parser.add_argument("--strips", type=int, default=48)
    parser.add_argument("--between", type=int, default=3)
    parser.add_argument("--sheet", type=Path)
    told = parser.parse_args()
    coder, writer = _networks(told.model)
    source = DigitSource("test")
    side, between = coder.config.side, told.between
    strips = [source.strip(_SEED, index, side, between) for index in range(told.strips)]
    truth = premultiplied(torch.from_numpy(np.stack([strip.frames for strip in strips])))
    times = strips[0].times[1:-1].tolist()
    with torch.inference_mode():
        codes = coder.codes(truth.flatten(0, 1)).flatten(1).unflatten(0, truth.shape[:2])
        made = _drawn(coder, _written(writer, codes, times))
        again = _drawn(coder, codes[:, 1:-1])
    at = torch.tensor(times).view(-1, 1, 1, 1)
    mixed = torch.lerp(truth[:, :1], truth[:, -1:], at)
    for name, rows in (("all", slice(None)), ("crossing", _crossing(truth))):
        off = [_off(each[rows], truth[rows, 1:-1]) for each in (made, mixed, again)]
        if off[1]:
            print(
                f"{name:9} written {off[0]:.5f}  cross-dissolve {off[1]:.5f}  "
                f"through codes {off[2]:.5f}  ratio {off[0] / off[1]:.3f}"
            )
    _time(writer, codes[:_TIMED], times)
    if told.sheet:
        lines = []
        for own, drawn in list(zip(truth, made, strict=True))[:_SHOWN]:
            lines += [list(own), [own[0], *drawn, own[-1]]]
        write_sheet(lines, told.sheet)


def _networks(wish: str) -> tuple[VqGan, VqGpt]:
    folder = Path(wish)
    paths = [
        folder / name if folder.is_dir() else models.path(wish, name) for name in (VQGAN, VQGPT)
    ]
    return load_coder(paths[0]), load_writer(paths[1])


def _written(writer: VqGpt, codes: Tensor, times: list[float], cached: bool = True) -> Tensor:
    found = written(
        writer, codes[:, 0], codes[:, -1], times, Chance(), CancelToken(), cached=cached
    )
    return torch.stack(list(found), 1)


def _drawn(coder: VqGan, codes: Tensor) -> Tensor:
    grid = coder.config.grid
    made = coder.picture(codes.flatten(0, 1).unflatten(1, (grid, grid))).clamp(0, 1)
    return made.unflatten(0, codes.shape[:2])


def _crossing(truth: Tensor) -> Tensor:
    """Strips in which the digits lie on each other at some time: ink is missing there."""
    ink = truth[:, :, 3].sum((2, 3))
    return (ink.amin(1) < 0.9 * ink.amax(1)).nonzero()[:, 0]


def _off(made: Tensor, truth: Tensor) -> float:
    return float((made - truth).square().mean()) if len(made) else 0.0


def _time(writer: VqGpt, codes: Tensor, times: list[float]) -> None:
    spent, found = [], []
    for cached in (True, False):
        began = time.process_time()
        found.append(_written(writer, codes, times, cached))
        spent.append(time.process_time() - began)
    same = "the same codes" if torch.equal(*found) else "OTHER CODES"
    print(
        f"with a cache {spent[0]:.2f} s, without {spent[1]:.2f} s, "
        f"{spent[1] / spent[0]:.1f} times as long, {same}"
    )


if __name__ == "__main__":
    main()
