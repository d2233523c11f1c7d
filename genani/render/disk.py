"""Takes on disk: a folder a take, a file an in-between, and how it was drawn beside them."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from genani.render.entry import BrokenEntry, decode, encode
from genani.scene.errors import SceneError
from genani.scene.record import from_json, to_json
from genani.scene.request import InBetween
from genani.scene.take import TakeInfo

_HASH = re.compile(r"[0-9a-f]{64}")
_ENTRY = re.compile(r"(\d+)-(\d+)\.take")
_INFO = "info.json"
_PART = ".part"
_STALE_SECONDS = 3600
"""A part file this old was left by a program that died."""


class DiskTakes:
    """The takes below one folder. Thread-safe, and several programs may share the folder.

    Reading never raises: what is not whole is removed and counts as missing.

    Args:
        root: made when first written to.
        budget: bytes; over it the least recently used takes go.
        kept: hashes of takes that stay, whatever the budget; asked while room is made.
    """

    def __init__(self, root: Path, budget: int, kept: Callable[[], Collection[str]]) -> None:
        self.root = root
        self._budget = budget
        self._kept = kept
        self._lock = threading.Lock()
        self._size: int | None = None

    def has(self, take: str, t: Fraction) -> bool:
        """True if there is a file for this in-between; it is not looked into."""
        return os.path.exists(self._entry(take, t))  # noqa: PTH110 - Path.exists can raise

    def read(self, take: str, t: Fraction) -> InBetween | None:
        """The in-between, or None."""
        path = self._entry(take, t)
        try:
            drawn = decode(path.read_bytes())
        except BrokenEntry:
            with suppress(OSError):
                path.unlink()
            return None
        except OSError:
            return None
        self.touch(take)
        return drawn

    def touch(self, take: str) -> None:
        """Note that a take is in use, so that others are cleared away before it."""
        now = time.time_ns()
        with suppress(OSError):
            os.utime(self._folder(take), ns=(now, now))

    def times(self, take: str) -> set[Fraction]:
        """Which in-betweens of a take there are."""
        try:
            names = os.listdir(self._folder(take))  # noqa: PTH208 - names are enough
        except OSError:
            return set()
        found = (_ENTRY.fullmatch(name) for name in names)
        return {Fraction(int(m[1]), int(m[2])) for m in found if m and int(m[2])}

    def info(self, take: str) -> TakeInfo | None:
        """How a take was drawn, where that is known."""
        path = self._folder(take) / _INFO
        try:
            return from_json(path.read_bytes(), TakeInfo)
        except SceneError:
            with suppress(OSError):
                path.unlink()
        except OSError:
            pass
        return None

    def write(self, take: str, drawn: InBetween, info: TakeInfo) -> None:
        """Put an in-between down, and make room if the budget is passed.

        Raises:
            OSError: it could not be written; nothing half-written is left.
        """
        data = encode(drawn)
        folder = self._folder(take)
        with self._lock:
            if self._size is None:
                self._size = sum(size for _, size, _ in self._measure())
            folder.mkdir(parents=True, exist_ok=True)
            self._size += _replace(folder / _INFO, to_json(info))
            self._size += _replace(self._entry(take, drawn.t), data)
            self.touch(take)
            if self._size > self._budget:
                self._make_room(folder)

    def remove(self, take: str) -> None:
        """Delete a take."""
        with self._lock:
            shutil.rmtree(self._folder(take), ignore_errors=True)
            self._size = None

    def _folder(self, take: str) -> Path:
        # A name from a foreign project may be anything; hashed, it cannot lead out of the root.
        name = take if _HASH.fullmatch(take) else hashlib.sha256(take.encode()).hexdigest()
        return self.root / name

    def _entry(self, take: str, t: Fraction) -> Path:
        return self._folder(take) / f"{t.numerator}-{t.denominator}.take"

    def _measure(self) -> list[tuple[int, int, Path]]:
        """Time of last use (ns), bytes and folder of every take; old part files go."""
        takes: list[tuple[int, int, Path]] = []
        with suppress(OSError):
            for folder in self.root.iterdir():
                with suppress(OSError):
                    takes.append((folder.stat().st_mtime_ns, _bytes_in(folder), folder))
        return takes

    def _make_room(self, current: Path) -> None:
        takes = sorted(self._measure())
        total = sum(size for _, size, _ in takes)
        stay = {self._folder(take) for take in self._kept()} | {current}
        for _, size, folder in takes:
            # A little more than asked for, so that not every in-between needs another look round.
            if total <= self._budget * 9 // 10:
                break
            if folder not in stay:
                shutil.rmtree(folder, ignore_errors=True)
                total -= size
        self._size = total


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.iterdir():
        stat = path.stat()
        if path.suffix == _PART and time.time() - stat.st_mtime > _STALE_SECONDS:
            path.unlink()
        else:
            total += stat.st_size
    return total


def _replace(path: Path, data: bytes) -> int:
    """Write a file in one go; return by how many bytes the folder grew."""
    before = path.stat().st_size if path.exists() else 0
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}{_PART}")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
    return len(data) - before
