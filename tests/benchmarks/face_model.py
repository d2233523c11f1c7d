"""What our own network costs against RIFE 4.6: seconds of the processor, and memory.

    python -m tests.benchmarks.face_model [WIDTHxHEIGHT ...]

Both networks run in turn in one process, on as many threads as torch has, with weights that say
nothing, which cost as much as any. Of several rounds the quickest counts, in seconds of the
processor, so that what else runs on the machine matters little. Memory is the peak of a process
of its own that draws one in-between, less what it holds before.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import psutil
import torch
from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.inbetween.face_model import FaceModel
from genani.engines.inbetween.face_model_painter import FaceModelPainter
from genani.engines.inbetween.face_painter import Guide
from genani.engines.inbetween.rife.painter import RifePainter
from genani.engines.inbetween.rife.v46 import FlowNet46
from genani.engines.inbetween.rife.versions import placed
from genani.engines.region import Box
from genani.face.mesh import canonical

SIZES = ("512x320", "1280x720", "1920x1080")
NAMES = ("rife", "genani", "genani with a face")
_ROUNDS = 5


def main(arguments: list[str]) -> None:
    """Print a row for each size."""
    if arguments and arguments[0] in NAMES:
        print(_peak(arguments[0], arguments[1]))
        return
    for size in arguments or SIZES:
        draws = [_draw(name, size) for name in NAMES]
        seconds = [
            min(column) for column in zip(*(_round(draws) for _ in range(_ROUNDS)), strict=True)
        ]
        for name, each in zip(NAMES, seconds, strict=True):
            run = [sys.executable, "-m", "tests.benchmarks.face_model", name, size]
            peak = subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()
            print(f"{size:>10} {name:20} {each:7.3f} s {each / seconds[0]:5.2f} x {peak:>7} MB")


def _round(draws: list[Callable[[], object]]) -> list[float]:
    spent = []
    for draw in draws:
        began = time.process_time()
        draw()
        spent.append(time.process_time() - began)
    return spent


def _peak(name: str, size: str) -> int:
    draw = _draw(name, size)
    before = psutil.Process().memory_info().rss
    draw()
    return (1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 20


def _draw(name: str, size: str) -> Callable[[], object]:
    width, height = map(int, size.split("x"))
    first, last = _keys(width, height)
    token = CancelToken()
    if name == "rife":
        rife = RifePainter(placed(FlowNet46().eval(), Device()))
        keys = rife.prepare(first, last, 1.0, token)
        return lambda: rife.paint(keys, 0.5, token)
    way = _way(width, height) if name == NAMES[2] else None
    ours = FaceModelPainter(placed(FaceModel().eval(), Device()), way)
    sighted = ours.prepare(first, last, 1.0, token)
    return lambda: ours.paint(sighted, 0.5, token)


def _way(width: int, height: int) -> Guide:
    faces = [height / 3 * canonical().points + (x, height / 2, 0) for x in _places(width)]
    knots = np.arange(len(faces[0]))
    return Guide(faces[0], faces[2], lambda _: faces[1], knots, Box(0, 0, height, width))


def _places(width: int) -> tuple[float, float, float]:
    return 0.45 * width, 0.48 * width, 0.51 * width


def _keys(width: int, height: int) -> tuple[Tensor, Tensor]:
    # Sides as both networks need them.
    width, height = width + -width % 64, height + -height % 64
    made = torch.rand(2, 4, 9, 16, generator=torch.Generator().manual_seed(0))
    keys = torch.nn.functional.interpolate(made, (height, width), mode="bicubic").clamp(0, 1)
    keys[:, 3] = 1
    return keys[:1], keys[1:]


if __name__ == "__main__":
    main(sys.argv[1:])
