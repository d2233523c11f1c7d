"""Processes that make batches of samples ahead of need, in memory that both sides see.

A batch is some tens of megabytes: it is written once by the worker, into a file that is mapped
into both processes, and read once. Only a word about it goes through the pipe. Each worker has its
own pipe and its own places and there are no threads, so a crew can be sent home at any moment.
"""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from genani.scene.errors import FileError, GenAniError
from genani.scene.face import Emotion
from genani.training.sample import Sample, Source

EMOTIONS: Mapping[str, int] = {str(emotion): at for at, emotion in enumerate(Emotion)}
"""Position of each emotion; unknown ones are -1."""

FLOW_STEPS = 32
"""Steps a pixel that packed flow counts in; it reaches 1 000 px."""

_FLOW_LIMIT = 32_000
_PLACES = 2
"""Batches that each worker makes ahead of need."""

_MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory."""

_FAREWELL = 3.0
"""Seconds that a worker has to finish the sample it is at."""

# Never forked: torch, Qt and OpenCV have threads that a fork would cut off.
_CONTEXT = multiprocessing.get_context("spawn")

Arrays = dict[str, NDArray]


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

    def size(self, step: int) -> int:
        """The side of a step's pictures, px."""
        return self.sizes[step % len(self.sizes)]

    def samples(self, step: int) -> Iterator[Sample]:
        """The samples of a step."""
        for index in range(step * self.batch, (step + 1) * self.batch):
            yield self.source.sample(self.seed, index, self.size(step))


def layout(batch: int, size: int) -> dict[str, tuple[tuple[int, ...], DTypeLike]]:
    """Shapes and dtypes of a packed batch, an eighth of the bytes that losses want.

    Pictures are straight, `flow` is in 1/32 px, `emotion` is -1 where unknown; the rest as in
    `genani.training.sample.Sample`, with channels first.
    """
    return {
        **dict.fromkeys(("first", "last", "between"), ((batch, 4, size, size), np.uint8)),
        "t": ((batch,), np.float32),
        "points": ((batch, 3, 478, 2), np.float32),
        "flow": ((batch, 2, 2, size, size), np.int16),
        "seen": ((batch, 2, size, size), np.bool_),
        "parts": ((batch, size, size), np.uint8),
        "emotion": ((batch,), np.int64),
        "intensity": ((batch,), np.float32),
    }


def pack(arrays: Mapping[str, NDArray], at: int, sample: Sample) -> None:
    """Write a sample into place `at` of a packed batch."""
    for name in ("first", "last", "between"):
        arrays[name][at] = getattr(sample, name).transpose(2, 0, 1)
    steps = np.floor(np.nan_to_num(sample.flow) * np.float32(FLOW_STEPS) + np.float32(0.5))
    arrays["flow"][at] = np.clip(steps, -_FLOW_LIMIT, _FLOW_LIMIT).transpose(0, 3, 1, 2)
    for name in ("points", "seen", "parts", "t", "intensity"):
        arrays[name][at] = getattr(sample, name)
    arrays["emotion"][at] = EMOTIONS.get(sample.emotion, -1)


def packed(samples: Sequence[Sample]) -> Arrays:
    """Samples of one size as a packed batch; see `layout`."""
    shapes = layout(len(samples), samples[0].between.shape[0])
    arrays = {name: np.empty(shape, kind) for name, (shape, kind) in shapes.items()}
    for at, sample in enumerate(samples):
        pack(arrays, at, sample)
    return arrays


class Crew:
    """Workers at a stream; a context manager that sends them home at its end.

    Attributes:
        processes: the workers; with three of them each makes every third step.
        folder: of the files that hold the batches.

    Args:
        stream: what batches are made of.
        workers: how many, 1 or more.
        step: the first one.

    Raises:
        FileError: there is no room for the batches in memory or on the disk.
    """

    def __init__(self, stream: Stream, workers: int, step: int) -> None:
        self._stream, self._workers, self._step = stream, workers, step
        self._bytes = _total(layout(stream.batch, max(stream.sizes)))
        self.folder = _folder(self._bytes * workers * _PLACES)
        self._stopping = _CONTEXT.Event()
        self.processes: list[BaseProcess] = []
        # Either end of what Windows and the rest call by different names.
        self._pipes: list[Any] = []
        self._maps: list[list[np.memmap]] = []
        try:
            for number in range(workers):
                self._hire(number)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def batches(self) -> Iterator[Arrays]:
        """The packed batches of the first step and on; each is good until the next is asked for.

        Raises:
            GenAniError: what a source raised, in its own words; or a worker ended by itself.
        """
        done = 0
        while True:
            number, place = done % self._workers, done // self._workers % _PLACES
            self._hear(number)
            shapes = layout(self._stream.batch, self._stream.size(self._step + done))
            yield _views(self._maps[number][place], shapes)
            self._ask(number, done + self._workers * _PLACES, place)
            done += 1

    def close(self) -> None:
        """Send the workers home, and wait until they are."""
        self._stopping.set()
        for pipe in self._pipes:
            pipe.close()
        for process in self.processes:
            process.join(_FAREWELL)
            if process.is_alive():
                process.terminate()
                process.join()
        self._maps.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _hire(self, number: int) -> None:
        paths = [self.folder / f"{number}-{place}" for place in range(_PLACES)]
        self._maps.append([np.memmap(path, np.uint8, "w+", shape=self._bytes) for path in paths])
        ours, theirs = _CONTEXT.Pipe()
        told = (theirs, self._stopping, self._stream, paths)
        process = _CONTEXT.Process(target=_work, args=told, daemon=True)
        process.start()
        theirs.close()
        self.processes.append(process)
        self._pipes.append(ours)
        for place in range(_PLACES):
            self._ask(number, number + place * self._workers, place)

    def _ask(self, number: int, ahead: int, place: int) -> None:
        with suppress(OSError):
            self._pipes[number].send((self._step + ahead, place))

    def _hear(self, number: int) -> None:
        pipe, process = self._pipes[number], self.processes[number]
        wait([pipe, process.sentinel])
        try:
            wrong = pipe.recv()
        except (EOFError, OSError):
            process.join()
            raise GenAniError(
                "a process that makes training samples ended by itself "
                f"(code {process.exitcode}): there may be too little memory for so many workers"
            ) from None
        if isinstance(wrong, GenAniError):
            raise wrong
        if wrong:
            raise RuntimeError(f"a worker failed:\n{wrong}")


class _Stopped(Exception):  # noqa: N818 - a signal, not an error
    """The crew is sent home."""


def _work(pipe: Connection, stopping: Event, stream: Stream, paths: Sequence[Path]) -> None:
    """Make the steps that are asked for until nobody asks."""
    import cv2

    # Workers share the processor by being many; each has one thread.
    cv2.setNumThreads(1)
    maps = [np.memmap(path, np.uint8, "r+") for path in paths]
    for path in paths:
        # Both sides have it open: nameless it goes with them, however they end.
        with suppress(OSError):
            path.unlink()
    with suppress(EOFError, OSError, KeyboardInterrupt, _Stopped):
        while True:
            step, place = pipe.recv()
            shapes = layout(stream.batch, stream.size(step))
            pipe.send(_make(stopping, stream, step, _views(maps[place], shapes)))


def _make(stopping: Event, stream: Stream, step: int, into: Arrays) -> GenAniError | str:
    """Write one batch; what went wrong, or nothing."""
    try:
        for at, sample in enumerate(stream.samples(step)):
            pack(into, at, sample)
            if stopping.is_set():
                raise _Stopped
    except GenAniError as error:
        return error
    except _Stopped:
        raise
    except Exception:
        return traceback.format_exc()
    return ""


def _total(shapes: Mapping[str, tuple[tuple[int, ...], DTypeLike]]) -> int:
    return sum(_room(shape, kind) for shape, kind in shapes.values())


def _room(shape: tuple[int, ...], kind: DTypeLike) -> int:
    """Bytes of an array, up to a whole number of 64."""
    return -(-int(np.prod(shape)) * np.dtype(kind).itemsize // 64) * 64


def _views(memory: NDArray, shapes: Mapping[str, tuple[tuple[int, ...], DTypeLike]]) -> Arrays:
    """The arrays of a batch, one after another in a stretch of memory."""
    arrays: Arrays = {}
    start = 0
    for name, (shape, kind) in shapes.items():
        used = int(np.prod(shape)) * np.dtype(kind).itemsize
        arrays[name] = memory[start : start + used].view(kind).reshape(shape)
        start += _room(shape, kind)
    return arrays


def _folder(needed: int) -> Path:
    """A new folder with room for so many bytes, in memory where there is."""
    for parent in (_MEMORY, Path(tempfile.gettempdir())):
        if parent.is_dir() and shutil.disk_usage(parent).free > needed * 1.1:
            with suppress(OSError):
                return Path(tempfile.mkdtemp(prefix="genani-batches-", dir=parent))
    raise FileError(
        f"there is no room for {needed / 1e9:.1f} GB of batches in {tempfile.gettempdir()}: "
        "take fewer workers or smaller batches"
    )
