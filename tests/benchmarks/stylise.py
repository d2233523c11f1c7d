"""How large and how quick the stylists are, and whether the published weights draw as they should.

    python -m tests.benchmarks.stylise [--side 256]

Parameters and multiply-adds (torch's FLOP counter, one picture of 256 x 256) of CartoonGAN and
ArtifyGAN at the same width. For each published light CartoonGAN that is installed: how far its
drawing is from a plain evaluation of its graph in numpy. For each of these networks: seconds of
the processor for a million pixels, and the memory that drawing takes, each in a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import numpy as np
import torch

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.stylise import cartoongan_light as light
from genani.engines.stylise.cartoongan import DATA, INDEX, CartoonPainter
from genani.engines.stylise.cartoongan_model import (
    ARTIFYGAN,
    ARTIFYGAN_LITERAL,
    CARTOONGAN,
    Chain,
    Generator,
    size_of,
)
from genani.engines.stylise.tensor_bundle import read
from genani.scene.errors import ModelError
from genani.store.models import path
from tests.benchmarks.ui import Row, markdown
from tests.engines.stylise.light_rule import Light

NETWORKS = {
    "CartoonGAN": CARTOONGAN,
    "ArtifyGAN": ARTIFYGAN,
    "ArtifyGAN with two convolutions a block": ARTIFYGAN_LITERAL,
    "CartoonGAN light": None,
}
PUBLISHED = ("cartoongan-light-paprika", "cartoongan-light-shinkai")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--side", type=int, default=256, help="of the picture that is drawn")
    parser.add_argument("--draw", choices=NETWORKS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.draw:
        print(*_drawn(options.draw, options.side))
        return
    print(markdown([*_sizes(), *_truths(), *_costs(options.side)]))


def network(name: str) -> Chain:
    """One of `NETWORKS`, with weights that say nothing and cost as much as any."""
    layout = NETWORKS[name]
    made = Generator(layout) if layout else light.LightGenerator()
    return made.eval().requires_grad_(False)


def _sizes() -> list[Row]:
    rows = []
    full = size_of(network("CartoonGAN"))
    for name in NETWORKS:
        size = size_of(network(name))
        bounds = (full.parameters / 1e6, full.multiply_adds / 1e9) if name == "ArtifyGAN" else ()
        targets = bounds or (None, None)
        rows += [
            Row(f"{name}: parameters", size.parameters / 1e6, "million", targets[0]),
            Row(f"{name}: multiply-adds at 256 px", size.multiply_adds / 1e9, "G", targets[1]),
        ]
    return rows


def _truths() -> list[Row]:
    photo = np.random.default_rng(0).uniform(-1, 1, (40, 56, 3))
    given = torch.from_numpy(photo).float().permute(2, 0, 1)[None]
    rows = []
    for name in PUBLISHED:
        try:
            files = path(name, INDEX), path(name, DATA)
        except ModelError:
            continue
        with torch.no_grad():
            made = light.load(*files)(given)[0].permute(1, 2, 0).numpy()
        off = np.abs(made - Light(read(*files)).draw(photo)).max()
        rows.append(Row(f"{name}: off numpy", off * 1e6, "millionths", 100))
    return rows


def _costs(side: int) -> list[Row]:
    rows = []
    for name in NETWORKS:
        run = [sys.executable, "-m", "tests.benchmarks.stylise"]
        told = subprocess.run(
            [*run, "--draw", name, "--side", str(side)], capture_output=True, text=True, check=True
        )
        seconds, memory = map(float, told.stdout.split())
        rows += [
            Row(f"{name}: a million pixels", seconds, "s of the processor"),
            Row(f"{name}: memory", memory, "bytes a pixel", note=f"{side} x {side}"),
        ]
    return rows


def _drawn(name: str, side: int) -> tuple[float, float]:
    """Seconds for a million pixels, and bytes a pixel."""
    painter = CartoonPainter(network(name), Device())
    with torch.inference_mode():
        painter.paint(torch.rand(1, 3, 64, 64), CancelToken())
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        painter.paint(torch.rand(1, 3, side, side), CancelToken())
    spent = time.process_time() - began
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return spent * 1e6 / side**2, more * 1024 / side**2


if __name__ == "__main__":
    main()
