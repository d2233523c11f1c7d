"""`python -m tests.benchmarks.engines`: how fast, how large, how soon.

Rows are engines at two sizes: seconds to a span's first in-between and for each further one,
against a plain loop over the same network run in turns with it, and the peak memory of a process
of its own. Then what `genani --help` takes. Prints Markdown; `--json FILE` writes the figures.
Models come from the model store; an engine whose model is missing is left out and named.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

ENGINES = ("blend", "rife:version=4.6", "rife:version=3.9", "gmfss")
SIZES = ("512x320", "1280x720")
_MEMORY = "--memory-of"


@dataclass(frozen=True)
class Row:
    """One engine at one size; seconds are medians, memory is in bytes."""

    engine: str
    size: str
    first: float
    further: float
    plain_first: float
    plain_further: float
    ratio_first: float
    ratio_further: float
    peak_memory: int


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--engine", action="append", help=f"default: {', '.join(ENGINES)}")
    parser.add_argument("--size", action="append", help=f"default: {', '.join(SIZES)}")
    parser.add_argument("--count", type=int, default=3, help="in-betweens a span (3)")
    parser.add_argument("--repeats", type=int, default=3, help="spans a row (3)")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads (torch's choice)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument(_MEMORY, dest="memory_of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.count < 2:
        parser.error("--count is at least 2: the first in-between and the further ones are rows")
    if options.threads:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)
    if options.memory_of:
        next(_spans(options.memory_of, options.size[0], options.count))
        print(peak_memory())
        return
    rows, missing = measure(options)
    found = {"machine": machine(), "rows": [asdict(row) for row in rows], "start": start_up()}
    print(markdown(rows, missing, found))
    if options.json:
        options.json.write_text(json.dumps(found | {"left_out": missing}, indent=1) + "\n")


def measure(options: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """Every row that can be measured, and why the others cannot."""
    from genani.scene.errors import ModelError

    rows: list[Row] = []
    missing: list[str] = []
    for engine in options.engine or ENGINES:
        for size in options.size or SIZES:
            print(f"{engine} at {size} ...", file=sys.stderr)
            try:
                rows.append(_row(engine, size, options))
            except ModelError as error:
                missing.append(f"{engine}: {error}")
                break
    return rows, missing


def _row(engine: str, size: str, options: argparse.Namespace) -> Row:
    ours = _spans(engine, size, options.count)
    plain = _plain_spans(engine, size, options.count)
    pairs = []
    for turn in range(options.repeats + 1):
        pair = next(ours), next(plain)
        # The first turn loads weights and fills caches.
        if turn:
            pairs.append(pair)

    def median(value: Callable[[Any], float]) -> float:
        return statistics.median(value(pair) for pair in pairs)

    return Row(
        engine,
        size,
        first=median(lambda pair: pair[0][0]),
        further=median(lambda pair: pair[0][1]),
        plain_first=median(lambda pair: pair[1][0]),
        plain_further=median(lambda pair: pair[1][1]),
        ratio_first=median(lambda pair: pair[0][0] / pair[1][0]),
        ratio_further=median(lambda pair: pair[0][1] / pair[1][1]),
        peak_memory=_peak_of(engine, size, options),
    )


def _spans(engine: str, size: str, count: int) -> Iterator[tuple[float, float]]:
    """Draw the span again and again: seconds of the first in-between and the mean of the rest."""
    from genani.engines import registry
    from genani.engines.api import CancelToken
    from genani.scene.request import SpanRequest
    from genani.training.evaluation.contestants import contestant

    who = contestant(engine, registry.create)
    first, last = keys(size)
    times = tuple(Fraction(i + 1, count + 1) for i in range(count))
    request = SpanRequest(first, last, times, who.settings)
    while True:
        yield timed(lambda: who.engine.draw(request, CancelToken()))


def _plain_spans(engine: str, size: str, count: int) -> Iterator[tuple[float, float]]:
    from genani.engines import registry
    from genani.training.evaluation.contestants import contestant
    from tests.benchmarks import plain

    draw = plain.loop(contestant(engine, registry.create).settings)
    first, last = (plain.rgb(key) for key in keys(size))
    times = [(i + 1) / (count + 1) for i in range(count)]
    while True:
        yield timed(lambda: draw(first, last, times))


def timed(draw: Callable[[], Iterator[Any]]) -> tuple[float, float]:
    """Seconds to the first thing drawn, and the mean of the others."""
    marks = [time.perf_counter()]
    for _ in draw():
        marks.append(time.perf_counter())  # noqa: PERF401 - each mark is when it came
    steps = [after - before for before, after in pairwise(marks)]
    return steps[0], statistics.mean(steps[1:])


def keys(size: str) -> tuple[Any, Any]:
    """Two opaque drawings: a ball with a face that rolls across a meadow."""
    import numpy as np

    from genani.scene.picture import Picture

    width, height = (int(side) for side in size.split("x"))
    pictures = []
    for x in (0.35, 0.6):
        image = Image.new("RGBA", (width, height), (186, 220, 240, 255))
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, 0.7 * height, width, height), (120, 180, 90, 255))
        r, cx, cy = 0.3 * height, x * width, 0.5 * height
        ink, line = (40, 30, 30, 255), max(2, height // 120)
        pen.ellipse((cx - r, cy - r, cx + r, cy + r), (250, 200, 80, 255), ink, line)
        for side in (-1, 1):
            ex, ey = cx + side * 0.35 * r + 0.2 * (x - 0.5) * r, cy - 0.2 * r
            pen.ellipse((ex - 0.12 * r, ey - 0.2 * r, ex + 0.12 * r, ey + 0.2 * r), ink)
        pen.arc((cx - 0.5 * r, cy - 0.3 * r, cx + 0.5 * r, cy + 0.6 * r), 20, 160, ink, line)
        pictures.append(Picture(np.asarray(image)))
    return pictures[0], pictures[1]


def peak_memory() -> int:
    """The most memory this process ever had, in bytes."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    if sys.platform == "linux":
        # Not getrusage: what it tells is never less than the parent had when it started this one.
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _peak_of(engine: str, size: str, options: argparse.Namespace) -> int:
    command = [_MEMORY, engine, "--size", size, "--threads", str(options.threads)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.engines", *command, "--count", "2"],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout.split()[-1])


def start_up(repeats: int = 5) -> dict[str, Any]:
    """Seconds that `genani --help` takes, and which heavy modules it imported."""
    seconds = []
    for _ in range(repeats):
        before = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "genani.cli", "--help"], check=True, capture_output=True
        )
        seconds.append(time.perf_counter() - before)
    code = (
        "import sys, contextlib\n"
        "from genani.cli import main\n"
        "with contextlib.suppress(SystemExit): main(['--help'])\n"
        "print(*(m for m in ('torch', 'PySide6', 'cv2', 'mediapipe') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    heavy = done.stdout.splitlines()[-1].split()
    return {"seconds": statistics.median(seconds), "heavy_modules": heavy}


def machine() -> dict[str, Any]:
    """Where this ran."""
    import torch

    from genani.engines.device import pick

    return {
        "device": pick().name,
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def markdown(rows: list[Row], missing: list[str], found: dict[str, Any]) -> str:
    """The figures for a person."""
    lines = [
        f"Device {found['machine']['device']}, {found['machine']['threads']} threads, "
        f"torch {found['machine']['torch']}. Plain: a bare loop over the same network.",
        "",
        "| engine | size | first s | further s | plain first s | plain further s "
        "| ratio first | ratio further | peak memory |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        seconds = (row.first, row.further, row.plain_first, row.plain_further)
        cells = [row.engine, row.size, *(f"{each:.3f}" for each in seconds)]
        cells += [f"{row.ratio_first:.2f}", f"{row.ratio_further:.2f}"]
        lines.append(f"| {' | '.join(cells)} | {row.peak_memory / 2**20:.0f} MiB |")
    start = found["start"]
    lines += ["", *(f"Left out: {each}" for each in missing)]
    heavy = ", ".join(start["heavy_modules"]) or "no torch, Qt, OpenCV or MediaPipe"
    return "\n".join([*lines, f"`genani --help`: {start['seconds']:.3f} s; imports {heavy}."])


if __name__ == "__main__":
    main()
