"""Single pictures for networks that draw pictures: faces of the rig, emoji, a person's own."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from genani.media import image
from genani.media.files import shown, told
from genani.scene.errors import FileError, ModelError
from genani.training.config import ConfigError
from genani.training.rig.puppet.acting import motion
from genani.training.rig.puppet.frame import frame
from genani.training.rig.puppet.maps import Raster
from genani.training.rig.puppet.sheets import GROUND, sheets
from genani.training.sources.clip_store import cache_folder, open_clip
from genani.training.sources.clips import clip_paths
from genani.training.sources.sampling import premultiplied

U8 = NDArray[np.uint8]

RIG, EMOJI = "rig", "emoji"

PER_PERSON = 5
"""Pictures of a person of the rig, each with another expression: painting takes longer."""

_WIDEST_TURN = 50.0
"""Degrees from the front up to which faces are taken: the three-quarter view and some more."""

_UNIT, _MIDDLE = 0.29, 0.47
"""Pixels a face unit and where the head's middle lies, in shares of the picture's side."""

_HELD_PEOPLE = 1 << 20
"""People from this number on are never learnt from."""

_EMOJI_STEP = 12
_VERSION = 1


@dataclass(frozen=True)
class Album:
    """Pictures to learn from and to judge by.

    Attributes:
        learnt, held: (N, size, size, 4) uint8 premultiplied RGBA; nobody is in both.
        ages: (N,) of those learnt from, 0 to 1; NaN where it is unknown.
        what: in words, for cards.
        notes: what a person should know, such as a source that is not installed.
    """

    learnt: U8
    held: U8
    ages: NDArray[np.float64]
    what: str
    notes: tuple[str, ...] = ()


def album(
    size: int,
    count: int,
    held: int,
    shares: Mapping[str, float],
    data: Path | None = None,
    workers: int = 0,
) -> Album:
    """The pictures of a task, drawn once and kept in the cache folder.

    Args:
        size: side of the pictures in pixels.
        count: pictures of the rig and of emoji to learn from.
        held: pictures to judge by, about.
        shares: `rig` and `emoji` and how much each gives, in any unit.
        data: a folder of a person's own pictures, taken in place of the others.
        workers: processes that draw; 0 draws in this one.

    Raises:
        ConfigError: a source is unknown or none gives anything.
        FileError: the folder holds no pictures, or one cannot be read.
        ModelError: the emoji alone are asked for and not installed.
    """
    if data is not None:
        return _own(size, data)
    unknown = [name for name in shares if name not in (RIG, EMOJI)]
    total = sum(shares.values())
    if unknown or total <= 0:
        raise ConfigError(f"task.shares takes {RIG} and {EMOJI}, at least one of them over 0")
    parts: list[Album] = []
    notes: list[str] = []
    if share := shares.get(EMOJI, 0.0) / total:
        try:
            parts.append(_emoji(size, round(count * share), round(held * share)))
        except ModelError as error:
            if share == 1:
                raise
            notes.append(f"left out of the mix: {EMOJI}: {error}")
    if share := shares.get(RIG, 0.0) / total:
        people = [
            _faces(size, round(number * share), first, workers)
            for number, first in ((count, 0), (held, _HELD_PEOPLE))
        ]
        (learnt, ages), (kept, _) = people
        parts.append(Album(learnt, kept, ages, "faces drawn by GenAni's own rig"))
    return Album(
        np.concatenate([part.learnt for part in parts]),
        np.concatenate([part.held for part in parts]),
        np.concatenate([part.ages for part in parts]),
        " and ".join(part.what for part in reversed(parts)),
        tuple(notes),
    )


def squared(pixels: NDArray[np.unsignedinteger], size: int) -> U8:
    """A picture as a square: what is opaque is cut to one, a cut-out put on one.

    Args:
        pixels: (H, W, 4) straight, 8 or 16 bit.
        size: side of the result.

    Returns:
        (size, size, 4) uint8 premultiplied.
    """
    eight = pixels if pixels.dtype == np.uint8 else pixels >> 8
    picture = premultiplied(eight.astype(np.uint8))
    height, width = picture.shape[:2]
    if bool((picture[..., 3] == 255).all()):
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        picture = picture[top : top + side, left : left + side]
    else:
        side = max(height, width)
        whole = np.zeros((side, side, 4), np.uint8)
        top, left = (side - height) // 2, (side - width) // 2
        whole[top : top + height, left : left + width] = picture
        picture = whole
    way = cv2.INTER_AREA if side >= size else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(picture, (size, size), interpolation=way), np.uint8)
    # A cubic filter overshoots: no colour may be stronger than its alpha.
    return np.minimum(scaled, scaled[..., 3:])


def _own(size: int, folder: Path) -> Album:
    with told(folder, "read"):
        if not folder.is_dir():
            raise FileError(f"'{shown(folder)}' is no folder of pictures")
        paths = sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in image.EXTENSIONS and not path.name.startswith(".")
        )
    if len(paths) < 2:
        raise FileError(f"'{shown(folder)}' holds fewer than two pictures")
    every = np.stack([squared(image.read(path).pixels, size) for path in paths])
    # By name, spread over the folder: neighbours are often of one shoot.
    aside = np.arange(len(every)) % 10 == 9 if len(every) >= 20 else np.arange(len(every)) < 0
    held = every[aside] if aside.any() else every
    learnt = every[~aside]
    notes = () if aside.any() else ("too few pictures to hold any back: all are learnt from",)
    unknown = np.full(len(learnt), np.nan)
    return Album(learnt, held, unknown, f"{len(every)} pictures of '{folder.name}'", notes)


def _emoji(size: int, count: int, held: int) -> Album:
    found: list[list[U8]] = [[], []]
    for index, path in enumerate(clip_paths(None)):
        clip = open_clip(path)
        if clip is not None:
            # Whole characters are held back.
            found[index % 8 == 7].extend(
                squared(_straight(drawing), size) for drawing in clip.drawings[::_EMOJI_STEP]
            )
    learnt, kept = (np.stack(each) for each in found)
    learnt, kept = learnt[: max(count, 1)], kept[: max(held, 1)]
    return Album(learnt, kept, np.full(len(learnt), np.nan), "Microsoft's Fluent emoji (MIT)")


def _straight(drawing: U8) -> U8:
    alpha = drawing[..., 3:].astype(np.uint16)
    colour = np.minimum(drawing[..., :3] * np.uint16(255) // np.maximum(alpha, 1), 255)
    return np.concatenate([colour, alpha], 2).astype(np.uint8)


def _faces(size: int, count: int, first: int, workers: int) -> tuple[U8, NDArray[np.float64]]:
    """(count, size, size, 4) faces of people from a number on, and their ages."""
    spec = json.dumps([_VERSION, size, count, first, PER_PERSON, _UNIT, _MIDDLE, _WIDEST_TURN])
    name = hashlib.sha256(spec.encode()).hexdigest()[:32]
    place = cache_folder() / f"{name}.faces.npy"
    ages = place.with_suffix(".ages.npy")
    if not ages.is_file():
        people = -(-count // PER_PERSON)
        drawn = _drawn(size, [first + 4 * k for k in range(people)], workers)
        place.parent.mkdir(parents=True, exist_ok=True)
        # The ages come last: where they lie, the faces do too.
        _write(place, np.concatenate([faces for faces, _ in drawn])[:count])
        _write(ages, np.repeat([age for _, age in drawn], PER_PERSON)[:count])
    faces = np.load(place, mmap_mode="r", allow_pickle=False)
    return faces, np.load(ages, allow_pickle=False)


def _drawn(size: int, numbers: Sequence[int], workers: int) -> list[tuple[U8, float]]:
    jobs = [(number, size) for number in numbers]
    with tqdm(total=len(jobs), desc="drawing faces", leave=False, disable=None) as bar:
        if not workers:
            return [_counted(person_drawn(job), bar) for job in jobs]
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            return [_counted(made, bar) for made in pool.map(person_drawn, jobs, chunksize=8)]


def _counted(made: tuple[U8, float], bar: tqdm) -> tuple[U8, float]:
    bar.update()
    return made


def person_drawn(job: tuple[int, int]) -> tuple[U8, float]:
    """A person of the rig: (PER_PERSON, size, size, 4) premultiplied cut-outs, and the age.

    Args:
        job: number of the person and side of the pictures; a person who looks too far away
            gives way to the next number.
    """
    number, size = job
    while True:
        painted = sheets(number, False, 2 * size)
        if abs(painted.head.who.yaw) <= _WIDEST_TURN:
            break
        number += 1
    layers = {layer: each for layer, each in painted.layers.items() if layer != GROUND}
    painted = replace(painted, layers=layers)
    camera = np.array([size * _UNIT, 0.0, size / 2, size * _MIDDLE])
    raster = Raster(size)
    made = []
    for take in range(PER_PERSON):
        moving = motion(painted.head, np.random.default_rng([number, take, 83]), size)
        moment = replace(moving.at(0.0), camera=camera)
        made.append(premultiplied(frame(painted, moment, raster).rgba))
    return np.stack(made), painted.head.who.age


def _write(path: Path, values: NDArray) -> None:
    with told(path.parent, "write"):
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                np.save(stream, values, allow_pickle=False)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
