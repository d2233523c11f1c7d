"""Batches of training samples, made by worker processes ahead of need. Imports torch.

Batch k of a stream holds the samples k * batch, k * batch + 1, ...: the same whatever step the
loader starts with and however many workers there are, so a resumed run goes on with the very next
batch and nothing is drawn twice. Workers are spawned, never forked, so that it works alike on
Linux, macOS and Windows and beside threads of torch and Qt.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from genani.scene.errors import GenAniError
from genani.scene.face import Emotion
from genani.training.sample import Sample, Source

EMOTIONS: Mapping[str, int] = {str(emotion): at for at, emotion in enumerate(Emotion)}
"""Position of each emotion; unknown ones are -1."""

_FLOW_STEPS = 32.0
"""Steps a pixel that packed flow counts in; it reaches 1 023 px."""

_FLOW_LIMIT = 32_700
_AHEAD = 3
"""Batches that each worker makes ahead of need."""

_PATIENCE = 600.0
"""Seconds without a batch after which a worker is taken for dead."""

_FIRST_STEPS = 3
"""Batches that come while workers still start; waiting for them is not counted."""


def packed(samples: Sequence[Sample]) -> dict[str, Tensor]:
    """A batch in few bytes, an eighth of `expanded`: what crosses from workers to the card.

    Pictures are (B, 4, H, W) uint8 straight, `flow` (B, 2, 2, H, W) int16 in 1/32 px, `parts`
    (B, H, W) uint8; the rest as in `expanded`.
    """
    flow = np.stack([sample.flow for sample in samples]).transpose(0, 1, 4, 2, 3)
    steps = np.floor(np.nan_to_num(flow) * np.float32(_FLOW_STEPS) + np.float32(0.5))
    return {
        "first": _pictures([sample.first for sample in samples]),
        "last": _pictures([sample.last for sample in samples]),
        "between": _pictures([sample.between for sample in samples]),
        "t": torch.tensor([sample.t for sample in samples], dtype=torch.float32),
        "points": torch.from_numpy(np.stack([sample.points for sample in samples])),
        "flow": torch.from_numpy(np.clip(steps, -_FLOW_LIMIT, _FLOW_LIMIT).astype(np.int16)),
        "seen": torch.from_numpy(np.stack([sample.seen for sample in samples])),
        "parts": torch.from_numpy(np.stack([sample.parts for sample in samples])),
        "emotion": torch.tensor([EMOTIONS.get(sample.emotion, -1) for sample in samples]),
        "intensity": torch.tensor([sample.intensity for sample in samples], dtype=torch.float32),
    }


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
    flow, parts = batch["flow"].float() / _FLOW_STEPS, batch["parts"].long()
    return {**batch, **pictures, "flow": flow, "parts": parts}


@dataclass(frozen=True)
class Stream:
    """What batches are made of.

    Attributes:
        source: of the samples.
        seed: of the stream.
        batch: samples a step.
        sizes: sides of the square pictures, px; step k has the size number k, round and round.
    """

    source: Source
    seed: int
    batch: int
    sizes: tuple[int, ...] = (256,)

    def made(self, step: int) -> dict[str, Tensor]:
        """The packed batch of a step."""
        size = self.sizes[step % len(self.sizes)]
        first = step * self.batch
        return packed([self.source.sample(self.seed, first + at, size) for at in range(self.batch)])


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
            GenAniError: what a source raises, such as data that is missing.
        """
        # A missing file is told here, in a sentence, and not as a worker's traceback.
        self.stream.source.sample(self.stream.seed, step * self.stream.batch, 32)
        source = self._from_workers(step) if self.workers else self._from_here(step)
        try:
            yield from self._timed(source)
        finally:
            source.close()

    def _timed(self, source: Generator[dict[str, Tensor]]) -> Generator[dict[str, Tensor]]:
        given = 0
        while True:
            before = time.perf_counter()
            batch = next(source)
            batch = batch if self.pack else expanded(batch)
            came = time.perf_counter()
            yield batch
            given += 1
            if given > _FIRST_STEPS:
                self.waited += came - before
                self.used += time.perf_counter() - came
                self.samples += self.stream.batch

    def _from_here(self, step: int) -> Generator[dict[str, Tensor]]:
        while True:
            yield self.stream.made(step)
            step += 1

    def _from_workers(self, step: int) -> Generator[dict[str, Tensor]]:
        loader = DataLoader(
            _Steps(self.stream),
            batch_size=None,
            sampler=_Onwards(step),
            num_workers=self.workers,
            prefetch_factor=_AHEAD,
            multiprocessing_context="spawn",
            worker_init_fn=_one_thread,
            timeout=_PATIENCE,
            pin_memory=torch.cuda.is_available(),
        )
        batches = iter(loader)
        try:
            for batch in batches:
                if isinstance(batch, GenAniError):
                    raise batch
                yield batch
        finally:
            # The iterator's own end stops its workers; nothing else may hold it.
            del batches, loader


class _Steps(Dataset[dict[str, Tensor] | GenAniError]):
    """The packed batch of each step, or what is wrong with it in the words of its source."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def __getitem__(self, index: int) -> dict[str, Tensor] | GenAniError:
        try:
            return self._stream.made(index)
        except GenAniError as error:
            return error


class _Onwards:
    """step, step + 1, ... for ever."""

    def __init__(self, step: int) -> None:
        self._step = step

    def __iter__(self) -> Iterator[int]:
        step = self._step
        while True:
            yield step
            step += 1


def _one_thread(worker: int) -> None:
    """Workers share the processor by being many; each has one thread."""
    import cv2

    del worker
    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def _pictures(pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
    return torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2).copy())
