"""Shots with known in-betweens: a folder with a `manifest.json` and numbered PNG frames.

The manifest's protocol: a clip's keys are the frames listed under the name in its `primary`; all
other frames are truth, and frame i sits at t = (i - a) / (b - a) between its neighbouring keys
a < b. Frames are counted from 0 and lie in `path` as `000.png`, `001.png`, ...
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from genani.scene.errors import FileError

MANIFEST = "manifest.json"

T = TypeVar("T")


@dataclass(frozen=True)
class KeySpan:
    """Two neighbouring keys of a clip, by frame."""

    first: int
    last: int

    @property
    def truth(self) -> range:
        """The frames between the keys."""
        return range(self.first + 1, self.last)

    def time(self, frame: int) -> Fraction:
        """Where a frame sits between the keys, exactly."""
        return Fraction(frame - self.first, self.last - self.first)


@dataclass(frozen=True)
class Clip:
    """One shot.

    Attributes:
        name: its id in the manifest.
        category: `face_cartoon`, `sprite`, ...
        frames: its pictures in order.
        keys: which of them the engines are given, rising, at least two.
        size: (width, height) that every frame must have.
    """

    name: str
    category: str
    frames: tuple[Path, ...]
    keys: tuple[int, ...]
    size: tuple[int, int]

    @property
    def spans(self) -> tuple[KeySpan, ...]:
        """The pairs of neighbouring keys that have something between them."""
        return tuple(KeySpan(a, b) for a, b in pairwise(self.keys) if b > a + 1)


def read_clips(folder: Path, category: str | None = None) -> tuple[Clip, ...]:
    """The clips of a folder, of one category or all.

    Raises:
        FileError: no manifest, a broken one, a frame that is missing, or an unknown category;
            the text names the clip and the frame.
    """
    manifest = folder / MANIFEST
    try:
        content = msgspec.json.decode(manifest.read_bytes())
    except FileNotFoundError:
        raise FileError(
            f"'{folder}' holds no {MANIFEST}: clips for evaluation are a folder with one"
        ) from None
    except OSError as error:
        raise FileError(f"cannot read '{manifest}': {(error.strerror or '').lower()}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FileError(f"'{manifest}' is not JSON: {error}") from error
    records = content.get("clips") if isinstance(content, dict) else None
    if not isinstance(records, list) or not records:
        raise FileError(f"'{manifest}' lists no clips")
    clips = [_clip(record, number, folder) for number, record in enumerate(records, 1)]
    _check_names(clips, manifest)
    chosen = tuple(clip for clip in clips if category in (None, clip.category))
    if not chosen:
        known = ", ".join(sorted({clip.category for clip in clips}))
        raise FileError(f"no clip is of the category '{category}'; there are {known}")
    for clip in chosen:
        _check_frames(clip)
    return chosen


def _clip(record: Any, number: int, folder: Path) -> Clip:
    if not isinstance(record, dict):
        raise FileError(f"clip {number} of '{folder / MANIFEST}' is not a record")
    name = _field(record, "id", str, f"clip {number}", folder)
    title = f"the clip '{name}'"
    count = _field(record, "frames", int, title, folder)
    primary = _field(record, "primary", str, title, folder)
    keys = _field(record, primary, list, title, folder)
    rising = all(type(key) is int for key in keys) and all(a < b for a, b in pairwise(keys))
    if len(keys) < 2 or not rising or keys[0] < 0 or keys[-1] >= count:
        raise FileError(
            f"{title} in '{folder / MANIFEST}' has broken {primary}: they must be two or more "
            f"rising frame numbers from 0 to {count - 1}"
        )
    place = folder / _field(record, "path", str, title, folder)
    if not place.resolve().is_relative_to(folder.resolve()):
        raise FileError(f"{title} in '{folder / MANIFEST}' lies outside the folder: '{place}'")
    return Clip(
        name=name,
        category=_field(record, "category", str, title, folder),
        frames=tuple(place / f"{i:03d}.png" for i in range(count)),
        keys=tuple(keys),
        size=(
            _field(record, "width", int, title, folder),
            _field(record, "height", int, title, folder),
        ),
    )


def _field(record: dict[str, Any], name: str, kind: type[T], title: str, folder: Path) -> T:
    value = record.get(name)
    if type(value) is not kind:
        words = {str: "a text", int: "a whole number", list: "a list of frames"}
        raise FileError(f"{title} in '{folder / MANIFEST}' needs '{name}', {words[kind]}")
    return value


def _check_names(clips: list[Clip], manifest: Path) -> None:
    names = [clip.name for clip in clips]
    for name in names:
        # A clip's name becomes a file's name on the contact sheets.
        if not name or Path(name).name != name or "\\" in name:
            raise FileError(f"'{name}' in '{manifest}' cannot be the name of a clip")
        if names.count(name) > 1:
            raise FileError(f"'{manifest}' has two clips named '{name}'")


def _check_frames(clip: Clip) -> None:
    missing = [path for path in clip.frames if not path.is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise FileError(f"the clip '{clip.name}' misses the frame '{missing[0]}'{more}")
    if not clip.spans:
        raise FileError(f"the clip '{clip.name}' has nothing between its keys to compare with")
