"""What our own network costs against RIFE 4.6 and GMFSS: seconds of the processor, and memory.

    python -m tests.benchmarks.face_model [WIDTHxHEIGHT ...]

The networks run in turn in one process, on as many threads as torch has, with weights that say
nothing, which cost as much as any, on opaque keys. Seconds are the processor's, so that what else
runs on the machine matters little: of looking at the keys, once a span, and of each in-between.
Of several rounds the quickest counts; GMFSS, the slowest by far, has one. Memory is the peak of a
process of its own that does both once, less what it holds before.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil
import torch
from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.inbetween.face_model import FaceModel
from genani.engines.inbetween.face_model_painter import FaceModelPainter
from genani.engines.inbetween.face_painter import Guide
from genani.engines.inbetween.gmfss.engine import placed as gmfss_placed
from genani.engines.inbetween.gmfss.network import Gmfss
from genani.engines.inbetween.gmfss.painter import GmfssPainter
from genani.engines.inbetween.rife.painter import RifePainter
from genani.engines.inbetween.rife.v46 import FlowNet46
from genani.engines.inbetween.rife.versions import placed
from genani.engines.painter import Painter
from genani.engines.region import Box
from genani.face.mesh import canonical

SIZES = ("512x320", "1280x720", "1920x1080")
RIFE, GENANI, FACE, GMFSS = "rife", "genani", "genani with a face", "gmfss"
NAMES = (RIFE, GENANI, FACE, GMFSS)
_ROUNDS = 5


@dataclass(frozen=True)
class Spent:
    """Seconds of the processor for the keys and for an in-between."""

    keys: float
    between: float


def main(arguments: list[str]) -> None:
    """Print a row for each size and network."""
    if arguments and arguments[0] in NAMES:
        print(_peak(arguments[0], arguments[1]))
        return
    print("| size | network | keys s | in-between s | of RIFE's | memory MB |")
    print("|---|---|---|---|---|---|")
    for size in arguments or SIZES:
        painters = {name: _painter(name, size) for name in NAMES}
        rounds = [
            {name: _spent(painters[name], size) for name in (NAMES if i == 0 else NAMES[:-1])}
            for i in range(_ROUNDS)
        ]
        rife = min(each[RIFE].between for each in rounds)
        for name in NAMES:
            best = [each[name] for each in rounds if name in each]
            keys, between = min(b.keys for b in best), min(b.between for b in best)
            run = [sys.executable, "-m", "tests.benchmarks.face_model", name, size]
            peak = subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()
            row = f"{keys:.3f} | {between:.3f} | {between / rife:.2f} | {peak}"
            print(f"| {size} | {name} | {row} |", flush=True)


def _spent(painter: Painter[Any], size: str) -> Spent:
    token, keys = CancelToken(), _keys(size)
    began = time.process_time()
    state = painter.prepare(*keys, 1.0, token)
    ready = time.process_time()
    painter.paint(state, 0.5, token)
    return Spent(ready - began, time.process_time() - ready)


def _peak(name: str, size: str) -> int:
    painter, keys = _painter(name, size), _keys(size)
    token = CancelToken()
    before = psutil.Process().memory_info().rss
    painter.paint(painter.prepare(*keys, 1.0, token), 0.5, token)
    return (1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 20


def _painter(name: str, size: str) -> Painter[Any]:
    if name == RIFE:
        return RifePainter(placed(FlowNet46().eval(), Device()))
    if name == GMFSS:
        return GmfssPainter(gmfss_placed(Gmfss().eval(), Device()))
    way = _way(*_sides(size)) if name == FACE else None
    return FaceModelPainter(placed(FaceModel().eval(), Device()), way)


def _sides(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    return int(width), int(height)


def _way(width: int, height: int) -> Guide:
    faces = [height / 3 * canonical().points + (x, height / 2, 0) for x in _places(width)]
    knots = np.arange(len(faces[0]))
    return Guide(faces[0], faces[2], lambda _: faces[1], knots, Box(0, 0, height, width))


def _places(width: int) -> tuple[float, float, float]:
    return 0.45 * width, 0.48 * width, 0.51 * width


def _keys(size: str) -> tuple[Tensor, Tensor]:
    # Sides as all networks need them.
    width, height = _sides(size)
    width, height = width + -width % 64, height + -height % 64
    made = torch.rand(2, 4, 9, 16, generator=torch.Generator().manual_seed(0))
    keys = torch.nn.functional.interpolate(made, (height, width), mode="bicubic").clamp(0, 1)
    keys[:, 3] = 1
    return keys[:1], keys[1:]


if __name__ == "__main__":
    main(sys.argv[1:])
