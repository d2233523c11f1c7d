"""`genani clips augment`: a data set several times as large, made of itself.

Every original comes along unchanged, with so many altered copies. Each copy's recipe depends on
the seed, the clip's name and the copy's number alone, so a run that was interrupted goes on, and a
clip that is added later leaves the others as they are.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import numpy as np

from genani.media import image
from genani.media.colour import to_8
from genani.media.files import shown
from genani.scene.errors import Cancelled, FileError, GenAniError
from genani.scene.picture import Pixels
from genani.training.clips import dataset, records, transforms
from genani.training.clips.dataset import DataSet
from genani.training.clips.records import RECORD, Record
from genani.training.clips.transforms import drawn, order, seeded

Progress = Callable[[float, str], None]

MOST = 100
"""Copies of a clip, the original among them."""


@dataclass
class Augmented:
    """What came of a run.

    Attributes:
        clips: how many the new data set now has.
        made: how many of these are of this run.
        failed: clips of which there are none, with the reason.
    """

    clips: int = 0
    made: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def augment(
    folder: Path, out: Path, factor: int, seed: int, workers: int, progress: Progress
) -> Augmented:
    """Write a data set of every original of another one and `factor - 1` altered copies of each.

    Args:
        folder: the data set; what was augmented there before is passed over.
        out: the new one; made when missing, continued when it is of the same seed.
        factor: how many times as large, 1 to `MOST`.
        seed: of the chances.
        workers: clips at once.
        progress: told of the share done and the clip; may raise to stop.

    Raises:
        FileError: no data set, the same folder twice, another seed, or it cannot be written.
    """
    if not 1 <= factor <= MOST:
        raise FileError(f"a data set can be made 1 to {MOST} times as large, not {factor} times")
    if out.resolve() == folder.resolve():
        raise FileError(f"'{shown(out)}' is the data set itself; choose another folder")
    data = dataset.read(folder)
    result = Augmented()
    with dataset.held(out):
        made = replace(dataset.create(out, data.size), sources=data.sources)
        made.save()
        _check_seed(out, seed)
        names = dataset.clip_ids(folder)
        _run(_Work(data, made, factor, seed), names, workers, progress, result)
        result.clips = len(dataset.clip_ids(out))
    return result


@dataclass(frozen=True)
class _Work:
    """What is done to each clip, and where it goes."""

    data: DataSet
    out: DataSet
    factor: int
    seed: int
    stopped: threading.Event = field(default_factory=threading.Event)

    def clip(self, name: str) -> int:
        """Copy a clip and write its altered copies; returns how many were made."""
        source = self.data.clip_folder(name)
        record = dataset.read_record(source)
        if record.augmented_from:
            return 0
        copies = {number: f"{name}_v{number:02d}" for number in range(1, self.factor)}
        todo = {n: id_ for n, id_ in copies.items() if not self.out.clip_folder(id_).exists()}
        done = 0
        if not self.out.clip_folder(name).exists():
            self._copied(source, record)
            done += 1
        frames = _pictures(source, record) if todo else []
        for number, clip_id in todo.items():
            self._altered(record, frames, number, clip_id)
            done += 1
        return done

    def _copied(self, source: Path, record: Record) -> None:
        with dataset.staged(self.out.folder, record.clip_id) as place:
            for name in record.frames:
                _link(source / name, place / name)
            (place / RECORD).write_bytes(records.encode(record))

    def _altered(self, record: Record, frames: list[Pixels], number: int, clip_id: str) -> None:
        if self.stopped.is_set():
            raise Cancelled
        recipe = drawn(seeded("augment", self.seed, record.clip_id, number), len(frames))
        shown_frames = order(recipe, len(frames))
        done = {index: transforms.frame(recipe, frames[index]) for index in set(shown_frames)}
        altered = transforms.record(recipe, record, clip_id, self.out.size)
        recipe_told = {**altered.recipe, "seed": self.seed}
        altered = msgspec.structs.replace(altered, recipe=recipe_told)
        dataset.place_clip(self.out.folder, altered, [done[index] for index in shown_frames])


def _run(
    work: _Work, names: list[str], workers: int, progress: Progress, result: Augmented
) -> None:
    pool = ThreadPoolExecutor(max(workers, 1), "augment")
    try:
        jobs = {pool.submit(work.clip, name): name for name in names}
        for done, job in enumerate(as_completed(jobs), 1):
            try:
                result.made += job.result()
            except GenAniError as error:
                result.failed[jobs[job]] = str(error)
            progress(done / len(names), jobs[job])
    finally:
        work.stopped.set()
        pool.shutdown(cancel_futures=True)


def _pictures(folder: Path, record: Record) -> list[Pixels]:
    return [np.asarray(to_8(image.read(folder / name).pixels)) for name in record.frames]


def _link(source: Path, target: Path) -> None:
    """The same file twice, without its bytes twice where the disk can do that."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise FileError(
            f"the clip '{source.parent.name}' misses the frame '{source.name}'"
        ) from None
    except OSError:
        shutil.copyfile(source, target)


def _check_seed(out: Path, seed: int) -> None:
    for name in dataset.clip_ids(out):
        before = dataset.read_outline(out / name).recipe.get("seed")
        if before is not None:
            if before != seed:
                raise FileError(
                    f"'{shown(out)}' was augmented with seed {before}, not {seed}; "
                    "take that seed or another folder"
                )
            return
