"""Clips of any size as frames that worker processes share: decoded once, then read in place."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from genani.media import load
from genani.media.clip import Clip, Exposed
from genani.media.files import read_all
from genani.scene.errors import FileError, GenAniError
from genani.scene.picture import Picture

U8 = NDArray[np.uint8]

ENDINGS = frozenset({".webp", ".gif", ".png", ".apng", ".mp4", ".webm", ".mov", ".mkv"})
"""File name endings that are looked at in a folder of clips."""

_SAME = 2
"""Drawings whose pixels differ by no more than this, of 255, are one drawing: codecs' noise."""

_MOST_DRAWINGS = 400
_LONGEST_SIDE = 512


@dataclass(frozen=True)
class ClipFrames:
    """The drawings of one clip.

    Attributes:
        name: of the file or folder.
        drawings: (N, H, W, 4) uint8, premultiplied; neighbours differ.
        starts: (N + 1,) the frame each drawing comes at, and the end.
    """

    name: str
    drawings: U8
    starts: NDArray[np.int64]


def cache_folder() -> Path:
    """Where decoded clips lie: below `GENANI_CACHE`, else the person's cache folder."""
    chosen = os.environ.get("GENANI_CACHE")
    root = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("GenAni", appauthor=False))
    return root / "training-clips"


def find_clips(folder: Path, leave_out: tuple[str, ...] = ()) -> list[Path]:
    """Animations in a folder, and folders of numbered pictures in it, in order of name.

    Args:
        folder: looked at one level deep.
        leave_out: beginnings of names that are no training material.

    Raises:
        FileError: not a folder, or nothing in it.
    """
    if not folder.is_dir():
        raise FileError(f"there is no folder of clips at '{folder}'")
    found = [
        path
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if not path.name.startswith((".", *leave_out))
        and (path.is_dir() or path.suffix.lower() in ENDINGS)
    ]
    if not found:
        raise FileError(f"'{folder}' holds no clips: put animated WebP, GIF, APNG or videos there")
    return found


def open_clip(path: Path, cache: Path | None = None) -> ClipFrames | None:
    """A clip's drawings, decoded at the first call and read in place at the next ones.

    Returns:
        None if it is a still picture or has fewer than three drawings.

    Raises:
        FileError: it cannot be read.
    """
    place = (cache or cache_folder()) / f"{_digest(path)}.npy"
    sheet = place.with_suffix(".starts.npy")
    if not sheet.is_file():
        _decode(path, place, sheet)
    starts = np.load(sheet, allow_pickle=False)
    if len(starts) < 4:
        return None
    return ClipFrames(path.name, np.load(place, mmap_mode="r", allow_pickle=False), starts)


def _decode(path: Path, place: Path, sheet: Path) -> None:
    try:
        loaded = load.load(path)
    except GenAniError as error:
        raise FileError(f"'{path}' is no clip to train on: {error}") from error
    clip = loaded if isinstance(loaded, Clip) else None
    drawings = _apart(clip.drawings) if clip else [(np.zeros((1, 1, 4), np.uint8), 1)]
    starts = np.cumsum([0, *(frames for _, frames in drawings)])
    place.parent.mkdir(parents=True, exist_ok=True)
    # The starts come last: where they lie, the drawings do too.
    _write(place, np.stack([picture for picture, _ in drawings]))
    _write(sheet, starts.astype(np.int64))


def _apart(drawings: tuple[Exposed, ...]) -> list[tuple[U8, int]]:
    """(picture, frames) of the drawings; what differs by noise alone is one drawing."""
    kept: list[tuple[U8, int]] = []
    for drawing in drawings[:_MOST_DRAWINGS]:
        picture = _fitting(drawing.picture)
        if kept and np.abs(kept[-1][0].astype(np.int16) - picture).max() <= _SAME:
            kept[-1] = kept[-1][0], kept[-1][1] + drawing.frames
        else:
            kept.append((picture, drawing.frames))
    return kept


def _fitting(picture: Picture) -> U8:
    """(H, W, 4) premultiplied 8-bit pixels, made smaller where a side is over 512."""
    pixels = picture.pixels
    if pixels.dtype != np.uint8:
        pixels = (pixels >> 8).astype(np.uint8)
    alpha = pixels[..., 3:].astype(np.uint32)
    pixels = np.concatenate([(pixels[..., :3] * alpha + 127) // 255, alpha], 2).astype(np.uint8)
    factor = -(-max(pixels.shape[:2]) // _LONGEST_SIDE)
    if factor == 1:
        return pixels
    height, width = (side // factor for side in pixels.shape[:2])
    blocks = pixels[: height * factor, : width * factor].reshape(height, factor, width, factor, 4)
    total = blocks.astype(np.uint32).sum((1, 3))
    return ((total + factor * factor // 2) // (factor * factor)).astype(np.uint8)


def _digest(path: Path) -> str:
    """Of what a file holds; of a folder, of its files' names and sizes and what they hold."""
    digest = hashlib.sha256(b"drawings 1")
    for each in sorted(path.iterdir()) if path.is_dir() else [path]:
        if each.is_file():
            digest.update(each.name.encode() if path.is_dir() else b"")
            digest.update(hashlib.sha256(read_all(each)).digest())
    return digest.hexdigest()[:32]


def _write(path: Path, values: NDArray) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            np.save(stream, values, allow_pickle=False)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise FileError(f"'{path.parent}' cannot be written: {error.strerror or error}") from error
