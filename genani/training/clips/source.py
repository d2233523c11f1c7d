"""Clips as a source of samples: two keys of a clip, a frame between them, and what is known of it.

Samples of clips have landmarks where the clip was annotated, and no flow: nobody knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import CONTOURS, NOSE_LINES, POINTS, FloatArray
from genani.media import image
from genani.media.colour import to_8
from genani.media.files import shown
from genani.scene.errors import FileError
from genani.training.clips import dataset, framing, transforms
from genani.training.clips.dataset import HELD_BACK
from genani.training.clips.records import Outline, Record
from genani.training.sample import Sample

LONGEST_SPAN = 24
"""Frames from key to key at most: one second."""

_DRAWS = 4
"""So often another place of a clip is tried where the two keys are the same drawing."""

_RECORDS = 64
"""Records kept decoded."""

_FACE, _BROWS, _EYES, _MOUTH, _NOSE = 1, 2, 3, 4, 5
_LAYERS = (
    (_FACE, (CONTOURS["oval"],)),
    (_NOSE, ()),
    (_BROWS, (CONTOURS["right brow"], CONTOURS["left brow"])),
    (_EYES, (CONTOURS["right eye"], CONTOURS["left eye"])),
    (_MOUTH, (CONTOURS["outer lips"],)),
)


class Split(StrEnum):
    """Which clips samples are taken from."""

    TRAIN = "train"
    HELD_BACK = "held back"
    ALL = "all"


@dataclass(frozen=True)
class _Shown:
    """Three frames of a clip and the face on each, (3, 478, 3) pixels, NaN where unknown."""

    pixels: list[NDArray[np.uint8]]
    points: FloatArray
    t: float


class ClipSource:
    """Samples of the clips of a data set; see `genani.training.sample.Source`.

    Clips held back are never altered, and augmented copies of them are left out.

    Args:
        folder: the data set.
        split: which of its clips.
        varied: how strongly each sample is altered at random: 0 leaves it as it is, 1 is in the
            published ranges of `genani.training.clips.transforms`.
        share: of the originals that is held back.

    Raises:
        FileError: no data set, a record is damaged, or the split has no clips.
    """

    name = "clips"

    def __init__(
        self,
        folder: Path,
        split: Split = Split.TRAIN,
        varied: float = 1.0,
        share: float = HELD_BACK,
    ) -> None:
        self._data = dataset.read(folder)
        every = [dataset.read_outline(folder / name) for name in dataset.clip_ids(folder)]
        usable = [_without_landmarks(clip) for clip in every if len(clip.frames) > 2]
        train, held = dataset.split(usable, share)
        held = [clip for clip in held if not clip.augmented_from]
        self._clips = {Split.TRAIN: train, Split.HELD_BACK: held, Split.ALL: usable}[split]
        if not self._clips:
            raise FileError(f"'{shown(folder)}' has no clips to take samples from ({split})")
        self._varied = 0.0 if split is Split.HELD_BACK else varied
        # Not a cache of functools: worker processes are sent this object.
        self._records: dict[str, Record] = {}

    @property
    def clips(self) -> tuple[str, ...]:
        """The names of the clips that samples are taken from."""
        return tuple(clip.clip_id for clip in self._clips)

    def sample(self, seed: int, index: int, size: int) -> Sample:
        """Sample `index` of the stream `seed`, `size` x `size` px.

        Raises:
            FileError: a frame is missing or damaged.
        """
        rng = transforms.seeded("clips", seed, index)
        clip = self._clips[int(rng.integers(len(self._clips)))]
        record = self._record(clip.clip_id)
        seen = self._seen(record, rng)
        if self._varied:
            recipe = transforms.drawn(rng, len(record.frames), temporal=False)
            seen = _altered(seen, recipe.scaled(self._varied))
        return _sample(_squared(seen, size), record)

    def _record(self, clip_id: str) -> Record:
        if clip_id not in self._records:
            if len(self._records) >= _RECORDS:
                del self._records[next(iter(self._records))]
            self._records[clip_id] = dataset.read_record(self._data.clip_folder(clip_id))
        return self._records[clip_id]

    def _seen(self, record: Record, rng: np.random.Generator) -> _Shown:
        """Two different keys and a frame between them."""
        names = record.frames
        folder = self._data.clip_folder(record.clip_id)
        for draw in range(_DRAWS):
            gap = int(rng.integers(2, min(LONGEST_SPAN, len(names) - 1) + 1))
            first = int(rng.integers(0, len(names) - gap))
            between = first + int(rng.integers(1, gap))
            chosen = [names[at] for at in (first, between, first + gap)]
            ends = [_pixels(folder / name) for name in (chosen[0], chosen[2])]
            if draw + 1 == _DRAWS or not np.array_equal(ends[0], ends[1]):
                middle = _pixels(folder / chosen[1])
                faces = [record.landmarks.get(name) for name in chosen]
                unknown = np.full((POINTS, 3), np.nan)
                points = np.stack([unknown if face is None else face.array() for face in faces])
                return _Shown([ends[0], middle, ends[1]], points, (between - first) / gap)
        raise AssertionError("the last draw is always taken")


def _without_landmarks(clip: Outline) -> Outline:
    return msgspec.structs.replace(clip, landmarks=msgspec.Raw(b"{}"))


def _pixels(path: Path) -> NDArray[np.uint8]:
    return np.asarray(to_8(image.read(path).pixels), np.uint8)


def _altered(seen: _Shown, recipe: transforms.Recipe) -> _Shown:
    height, width = seen.pixels[0].shape[:2]
    pixels = [transforms.frame(recipe, each) for each in seen.pixels]
    points = [transforms.points(recipe, each, (width, height)) for each in seen.points]
    return _Shown(pixels, np.stack(points), seen.t)


def _squared(seen: _Shown, size: int) -> _Shown:
    """The largest square of the frames that has the face in its middle, at the wanted size."""
    height, width = seen.pixels[0].shape[:2]
    side = min(width, height)
    known = seen.points[..., :2].reshape(-1, 2)
    known = known[np.isfinite(known).all(1)]
    middle = (known.min(0) + known.max(0)) / 2 if len(known) else np.array([width, height]) / 2
    left = float(np.clip(middle[0] - side / 2, 0, width - side))
    top = float(np.clip(middle[1] - side / 2, 0, height - side))
    if side == size and (width, height) == (size, size):
        return seen
    window = framing.Window(round(left), round(top), side, side)
    pixels = [framing.framed(each, window, (size, size)) for each in seen.pixels]
    scale = size / side
    points = (seen.points - (window.left, window.top, 0.0)) * scale
    return _Shown(pixels, points, seen.t)


def _sample(seen: _Shown, record: Record) -> Sample:
    first, between, last = seen.pixels
    height, width = between.shape[:2]
    return Sample(
        first=first,
        last=last,
        between=between,
        t=seen.t,
        points=seen.points[:, :, :2].astype(np.float32),
        flow=np.zeros((2, height, width, 2), np.float32),
        seen=np.zeros((2, height, width), np.bool_),
        parts=parts_of(seen.points[1], (width, height)),
        emotion=record.emotion.label,
        intensity=record.emotion.intensity if record.emotion.label else 0.0,
        source=ClipSource.name,
    )


def parts_of(points: FloatArray, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W) the part of a face at each pixel, as `Sample.parts`; hair and body are not told.

    Args:
        points: (478, 2 or 3) pixels; all NaN gives nothing.
        size: width and height.
    """
    import cv2

    parts = np.zeros((size[1], size[0]), np.uint8)
    if not np.isfinite(points[:, :2]).all():
        return parts
    # In 1/16 of a pixel, from the middle of the first one.
    flat = np.rint((points[:, :2] - 0.5) * 16).astype(np.int32)
    nose = [index for line in NOSE_LINES for index in line]
    for part, outlines in _LAYERS:
        for outline in outlines:
            cv2.fillPoly(parts, [flat[list(outline)]], part, shift=4)
        if part == _NOSE:
            cv2.fillConvexPoly(parts, cv2.convexHull(flat[nose]), part, shift=4)
    return parts
