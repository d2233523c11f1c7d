"""`python -m tests.benchmarks.training`: what the training loop costs beside a bare one.

RIFE (`rife-4.6` and `squeezenet-features` in the model store) learns from the rig, twice in turn:
by `genani.training.loop`, with its checkpoints, running average and metrics, and by six lines of
torch on batches that are there already. Rows: seconds a step of both and their ratio, and the
share of its time that the loop waited for data with worker processes. Prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path

import torch

from genani.training.config import TrainingConfig
from genani.training.loop import train
from genani.training.tasks import make
from genani.training.watch import METRICS
from tests.benchmarks.ui import Row, markdown

_TASK = {"sizes": [128], "shares": {"rig": 1.0}, "held": 2, "ordered": 0.25}


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    config = TrainingConfig(
        steps=options.steps,
        batch=options.batch,
        workers=options.workers,
        warmup=1,
        report_every=5,
        validate_every=10**6,
        task=_TASK,
    )
    own, waiting = looped(config)
    bare = plain(config)
    note = f"RIFE, {options.batch} samples of 128 px a step, {torch.get_num_threads()} threads"
    rows = [
        Row("a step of the loop", own, "s", note=f"data apart; {note}"),
        Row("a step of a plain loop", bare, "s", note="no average, metrics or checkpoints"),
        Row("the loop against it", own / bare, "x"),
        Row("waiting for data", 100 * waiting, "%", note=f"{options.workers} workers"),
    ]
    print(markdown(rows))


def looped(config: TrainingConfig) -> tuple[float, float]:
    """Median seconds of a step without its data, and the mean share of waiting."""
    with tempfile.TemporaryDirectory() as folder:
        train(make("rife", config, None), config, Path(folder))
        lines = (Path(folder) / METRICS).read_text(encoding="utf-8").splitlines()
    found = [each for each in map(json.loads, lines) if each["kind"] == "train"][1:]
    steps = [each["seconds_per_step"] * (1 - each["waiting"]) for each in found]
    return statistics.median(steps), statistics.mean(each["waiting"] for each in found)


def plain(config: TrainingConfig) -> float:
    """Median seconds of a step of the same network on the same batches, and nothing else."""
    task = make("rife", config, None)
    models = task.build()
    batches = list(islice(task.batches(0), config.steps))
    weights = [p for model in models.values() for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(weights, config.learning_rate)
    spent = []
    for batch in batches:
        began = time.perf_counter()
        optimiser.zero_grad()
        task.step(models, batch, "model")["total"].backward()
        torch.nn.utils.clip_grad_norm_(weights, config.clip)
        optimiser.step()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent[5:])


if __name__ == "__main__":
    main()
