"""Batches of training samples as tensors, made here or by worker processes. Imports torch.

Batch k of a stream holds the samples k * batch, k * batch + 1, ...: the same whatever step the
loader starts with and however many workers there are, so a resumed run goes on with the very next
batch and nothing is drawn twice.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing

import torch
from torch import Tensor

from genani.training.crew import EMOTIONS, FLOW_STEPS, Arrays, Crew, Stream
from genani.training.crew import packed as packed_arrays
from genani.training.sample import Sample

__all__ = ["EMOTIONS", "Loader", "Stream", "expanded", "packed"]

_STARTING = 3
"""Rounds of batches that come while workers still start; waiting for them is not counted."""


def packed(samples: Sequence[Sample]) -> dict[str, Tensor]:
    """Samples of one size as a batch in few bytes; `genani.training.crew.layout` has its shapes."""
    return _tensors(packed_arrays(samples))


def expanded(batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A packed batch as losses want it, on the device it lies on.

    Returns:
        `first`, `last`, `between` (B, 4, H, W) float32 premultiplied RGBA, 0 to 1; `t` (B,);
        `points` (B, 3, 478, 2) float32, NaN where unknown; `flow` (B, 2, 2, H, W) float32 px, x
        before y; `seen` (B, 2, H, W) bool; `parts` (B, H, W) int64; `emotion` (B,) int64, -1
        where unknown; `intensity` (B,).
    """
    pictures: dict[str, Tensor] = {}
    for name in ("first", "last", "between"):
        straight = batch[name].float() / 255
        pictures[name] = torch.cat([straight[:, :3] * straight[:, 3:], straight[:, 3:]], 1)
    flow, parts = batch["flow"].float() / FLOW_STEPS, batch["parts"].long()
    return {**batch, **pictures, "flow": flow, "parts": parts}


class Loader:
    """Batches of a stream from any step on, and how long they were waited for.

    Attributes:
        stream: what batches are made of.
        workers: processes; 0 makes batches in this one.
        pack: True gives packed batches, for `expanded` on the device; False expanded ones.
        waited, used: seconds that the consumer waited for batches and that it spent on them, once
            the workers were under way.
        samples: how many samples were given in that time.
    """

    def __init__(self, stream: Stream, workers: int = 0, *, pack: bool = False) -> None:
        self.stream, self.workers, self.pack = stream, workers, pack
        self.waited = self.used = 0.0
        self.samples = 0

    @property
    def wait_share(self) -> float:
        """Share of the time that the consumer waited, 0 to 1; 0 before anything was measured."""
        total = self.waited + self.used
        return self.waited / total if total else 0.0

    def batches(self, step: int = 0) -> Generator[dict[str, Tensor]]:
        """The batches of steps `step`, `step + 1`, ... without end.

        Closing the iterator, or dropping it, ends the worker processes.

        Raises:
            GenAniError: what a source raises, such as data that is missing; a worker that ended by
                itself; no room for the batches.
        """
        with closing(self._from_workers(step) if self.workers else self._from_here(step)) as made:
            yield from self._timed(made)

    def _timed(self, made: Iterator[Arrays]) -> Iterator[dict[str, Tensor]]:
        given = 0
        while True:
            before = time.perf_counter()
            # A copy: the worker writes the next batch into the same memory.
            batch = _tensors(next(made))
            batch = batch if self.pack else expanded(batch)
            came = time.perf_counter()
            yield batch
            given += 1
            if given > _STARTING * max(self.workers, 1):
                self.waited += came - before
                self.used += time.perf_counter() - came
                self.samples += self.stream.batch

    def _from_here(self, step: int) -> Generator[Arrays]:
        while True:
            yield packed_arrays(list(self.stream.samples(step)))
            step += 1

    def _from_workers(self, step: int) -> Generator[Arrays]:
        with Crew(self.stream, self.workers, step) as crew:
            yield from crew.batches()


def _tensors(arrays: Arrays) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
