"""Films to cut clips from: videos, animations, numbered pictures, and folders of all these."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from natsort import natsorted

from genani.media import animation, load, sequence, video
from genani.media.files import read_all, shown, told
from genani.scene.errors import FileError
from genani.scene.picture import Picture
from genani.scene.time import Rate
from genani.training.clips.shots import RATE

_ANIMATIONS = frozenset({".gif", ".png", ".apng", ".webp"})
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Film:
    """Something that moves.

    Attributes:
        path: a video, an animation, or the folder of a sequence.
        files: what it consists of.
        numbered: the sequence, where it is one.
    """

    path: Path
    files: tuple[Path, ...]
    numbered: sequence.FileSequence | None = None

    def digest(self) -> str:
        """The sha256 of its bytes, hex.

        Raises:
            FileError: it cannot be read.
        """
        total = hashlib.sha256()
        for path in self.files:
            with told(path, "read"), path.open("rb") as opened:
                while chunk := opened.read(_CHUNK):
                    total.update(chunk)
        return total.hexdigest()

    def pictures(self) -> Iterator[Picture]:
        """Every frame at 24 a second; a variable rate becomes constant, holds are repeated.

        Raises:
            FileError: damaged, possibly after some frames; or not moving at all.
        """
        if self.numbered is not None:
            yield from sequence.read(self.numbered, Rate(RATE)).pictures()
        elif load.is_video(self.path):
            yield from video.frames(self.path, Rate(RATE))
        elif animation.is_animated(read_all(self.path), self.path):
            yield from animation.read(self.path, Rate(RATE)).pictures()
        else:
            raise FileError(f"'{shown(self.path)}' is one picture; nothing moves in it")

    def length(self) -> int | None:
        """About how many frames it has, where that is quickly told."""
        if self.numbered is not None:
            return self.numbered.last - self.numbered.first + 1
        try:
            seconds = video.probe(self.path).seconds if load.is_video(self.path) else None
        except FileError:
            return None
        return None if seconds is None else round(seconds * RATE)


def films(path: Path, apart: Path) -> list[Film]:
    """The films at a path: the file itself, or all in a folder and the folders in it.

    Numbered pictures in one folder are one film a name. What is no film is passed over in folders.

    Args:
        path: a film, or a folder.
        apart: the data set that is imported to: what lies in there is no film.

    Raises:
        FileError: the path does not exist or cannot be read, or its folder holds no film.
    """
    with told(path, "read"):
        path.stat()
        if not path.is_dir():
            return [Film(path, (path,))]
        places = natsorted(item for item in path.rglob("*") if item.is_dir())
        places = [path, *(place for place in places if not _hidden(place, path))]
        own = apart.resolve()
        places = [place for place in places if not place.resolve().is_relative_to(own)]
    found = list(chain.from_iterable(_in_folder(place) for place in places))
    if not found:
        raise FileError(f"'{shown(path)}' holds no video, no animation and no numbered pictures")
    return found


def _hidden(place: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in place.relative_to(root).parts)


def _in_folder(folder: Path) -> Iterator[Film]:
    sequences = sequence.find_all(folder)
    taken = set(chain.from_iterable(each.files.values() for each in sequences))
    animated: list[Path] = []
    for each in sequences:
        files = list(each.files.values())
        # Numbered animations ("smile 1.gif", "smile 2.gif") are films, not frames of one.
        if files[0].suffix.lower() in _ANIMATIONS and _moves(files[0]):
            animated.extend(files)
        else:
            yield Film(folder, tuple(files), each)
    with told(folder, "read"):
        rest = [item for item in folder.iterdir() if item.is_file() and item not in taken]
    single = [item for item in rest if not item.name.startswith(".") and _may_move(item)]
    for item in natsorted(chain(animated, single)):
        yield Film(item, (item,))


def _may_move(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix in video.EXTENSIONS or (suffix in _ANIMATIONS and _moves(path))


def _moves(path: Path) -> bool:
    try:
        return animation.is_animated(read_all(path), path)
    except FileError:
        # Told when it is imported, as any other damaged film.
        return path.suffix.lower() in {".gif", ".apng"}


def film_name(film: Film, digest: str) -> str:
    """How a film's clips are called: its own name and the first letters of its digest.

    Letters of any script stay; what file systems dislike becomes `_`. The digest tells films of
    one name apart, and finds the clips again that an interrupted import has made.
    """
    own = film.path.stem if film.numbered is None else _sequence_name(film.numbered)
    plain = unicodedata.normalize("NFC", own)
    kept = re.sub(r"[^\w-]+", "_", plain).strip("_-")[:60]
    return f"{kept or 'film'}-{digest[:6]}"


def _sequence_name(numbered: sequence.FileSequence) -> str:
    return numbered.prefix.strip(" ._-") or numbered.folder.resolve().name
