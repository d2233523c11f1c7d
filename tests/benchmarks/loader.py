"""`python -m tests.benchmarks.loader`: how quickly training samples are made and handed over.

Rows: milliseconds of processor a sample of each source and samples a second a core; what the
truth of a source is worth (keys pulled along the stored flow against the drawing, on the pixels
seen); samples a second out of the loader and the share of time that a consumer of a given pace
waits for it. `--ict FILE` and `--clips FOLDER` name the data of the sources that need some; what
is missing is left out. Prints Markdown; `--json FILE` writes the figures.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from genani.scene.errors import GenAniError
from genani.training.loader import Loader, Stream
from genani.training.sources.mix import SHARES, Mix, Recipe, source_of, within_reach
from genani.training.sources.truth import warped_decibels
from tests.benchmarks.ui import Row, markdown

MS = "ms"


def source_rows(name: str, data: Path | None, size: int, count: int) -> list[Row]:
    """What a sample of a source costs, and how true it is."""
    source = source_of(name, data)
    source.sample(0, 0, size)
    told: list[float] = []
    took: list[float] = []
    for index in range(1, count + 1):
        before = time.process_time()
        sample = source.sample(0, index, size)
        took.append((time.process_time() - before) * 1000)
        if sample.seen.any():
            told += [each for each in warped_decibels(sample) if np.isfinite(each)]
    mean = statistics.fmean(took)
    rows = [
        Row(f"{name}: one sample of {size} px, processor time", mean, MS),
        Row(f"{name}: samples a second a core", 1000 / mean, "/s"),
        Row(f"{name}: frames a second a core", 3000 / mean, "/s"),
    ]
    if told:
        above = 100 * sum(each > 35 for each in told) / len(told)
        rows += [
            Row(f"{name}: key pulled along the flow, median", statistics.median(told), "dB"),
            Row(f"{name}: keys above 35 dB", above, "%"),
        ]
    return rows


def loader_rows(recipe: Recipe, workers: int, batch: int, size: int, pace: float) -> list[Row]:
    """Samples a second out of the loader, at full draught and at a consumer's pace.

    Args:
        recipe: of the mix.
        workers: processes.
        batch: samples a step.
        size: px.
        pace: seconds that the consumer spends on a batch.
    """
    rows: list[Row] = []
    for told, spent in (("at full draught", 0.0), (f"{pace * 1000:.0f} ms a step", pace)):
        loader = Loader(Stream(Mix(recipe), 0, batch, (size,)), workers, pack=True)
        batches = loader.batches()
        for _ in range(4 + 3 * max(workers, 1) * 2):
            next(batches)
            if spent:
                time.sleep(spent)
        batches.close()
        rate = loader.samples / (loader.waited + loader.used)
        name = f"loader, {workers} workers, batches of {batch}, {size} px, {told}"
        rows.append(Row(f"{name}: samples a second", rate, "/s"))
        rows.append(Row(f"{name}: share of time waited", 100 * loader.wait_share, "%"))
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the making of training samples.")
    parser.add_argument("--ict", type=Path, help="ict_expressions.npz")
    parser.add_argument("--clips", type=Path, help="a folder of animations")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pace", type=float, default=1.0, help="seconds the consumer spends")
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    given = {"ict": wanted.ict, "emoji": wanted.clips, "still": wanted.clips}
    data = {name: path for name, path in given.items() if path}
    rows: list[Row] = []
    for name in SHARES:
        try:
            rows += source_rows(name, data.get(name), wanted.size, wanted.count)
        except GenAniError as error:
            print(f"{name} is left out: {error}")
    recipe, _ = within_reach(Recipe(data=data))
    rows += loader_rows(recipe, wanted.workers, wanted.batch, wanted.size, wanted.pace)
    print(markdown(rows))
    if wanted.json:
        wanted.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
