"""The cache of takes: what has been drawn once is not drawn again, not even after a restart."""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from fractions import Fraction
from pathlib import Path

import platformdirs

from genani.render.disk import DiskTakes
from genani.scene.request import InBetween
from genani.scene.take import Take, TakeInfo

MEMORY_BUDGET = 1 << 30
DISK_BUDGET = 20 << 30

_Key = tuple[str, Fraction]

_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Where takes are kept: below `GENANI_CACHE`, or else the user's cache folder."""
    root = os.environ.get("GENANI_CACHE")
    return Path(root or platformdirs.user_cache_dir("GenAni", appauthor=False)) / "takes"


def nothing_kept() -> Collection[str]:
    """No take is kept: all may be cleared away."""
    return ()


class TakeCache:
    """In-betweens by request hash and time, in memory and on disk. Thread-safe.

    A disk that is full, read-only or broken is told once and not written again until the program
    is closed; takes then live in memory only. No call fails for a reason of the disk.

    Args:
        folder: where the takes are on disk; None for memory only.
        memory: bytes of pixels to hold in memory; the least recently used go first.
        disk: bytes to hold on disk; the least recently used takes go first.
        kept: hashes of takes that must not be cleared away, asked whenever room is made.
        warn: told, once, that the disk cannot be written.
    """

    def __init__(
        self,
        folder: Path | None,
        memory: int = MEMORY_BUDGET,
        disk: int = DISK_BUDGET,
        kept: Callable[[], Collection[str]] = nothing_kept,
        warn: Callable[[str], None] = _log.warning,
    ) -> None:
        self._lock = threading.Lock()
        self._disk = DiskTakes(folder, disk, kept) if folder else None
        self._writable = folder is not None
        self._budget = memory
        self._used = 0
        self._held: OrderedDict[_Key, InBetween] = OrderedDict()
        self._unsaved: set[_Key] = set()
        self._infos: dict[str, TakeInfo] = {}
        self._kept = kept
        self._warn = warn

    @property
    def memory_used(self) -> int:
        """Bytes of pixels held in memory."""
        with self._lock:
            return self._used

    def has(self, take: str, t: Fraction) -> bool:
        """True if the in-between is there; cheap, and right until a damaged file is found out."""
        with self._lock:
            if (take, t) in self._held:
                return True
        return self._disk is not None and self._disk.has(take, t)

    def get(self, take: str, t: Fraction) -> InBetween | None:
        """The in-between a request drew at `t`, the very same pixels; None if it is not there."""
        with self._lock:
            drawn = self._held.get((take, t))
            if drawn is not None:
                self._held.move_to_end((take, t))
        if self._disk is None:
            return drawn
        if drawn is not None:
            self._disk.touch(take)
            return drawn
        drawn = self._disk.read(take, t)
        if drawn is not None:
            self._hold((take, t), drawn)
        return drawn

    def put(self, take: str, drawn: InBetween, info: TakeInfo) -> None:
        """Keep an in-between of the take a request makes, and how it was drawn.

        Args:
            take: hash of the request.
            drawn: its time is the request's.
            info: replaces what was told of this take before.
        """
        key = take, drawn.t
        with self._lock:
            self._infos[take] = info
            # Until it is on disk this is the only copy.
            self._unsaved.add(key)
        self._hold(key, drawn)
        if self._disk is None or not self._writable:
            return
        try:
            self._disk.write(take, drawn, info)
        except OSError as error:
            self._stop_writing(error)
        else:
            with self._lock:
                self._unsaved.discard(key)

    def info(self, take: str) -> TakeInfo | None:
        """How a take was drawn; None if it is unknown."""
        with self._lock:
            info = self._infos.get(take)
        return info or (self._disk.info(take) if self._disk else None)

    def times(self, take: str) -> tuple[Fraction, ...]:
        """Which in-betweens of a take are there, rising."""
        with self._lock:
            found = {t for name, t in self._held if name == take}
        return tuple(sorted(found | (self._disk.times(take) if self._disk else set())))

    def takes(self, hashes: Iterable[str]) -> list[Take]:
        """Those of some requests that were drawn, the oldest first."""
        found = [(name, self.info(name), self.times(name)) for name in dict.fromkeys(hashes)]
        takes = [Take(name, info, times) for name, info, times in found if info and times]
        return sorted(takes, key=lambda take: take.info.created)

    def drop(self, take: str) -> None:
        """Forget a take, in memory and on disk."""
        with self._lock:
            self._infos.pop(take, None)
            for key in [key for key in self._held if key[0] == take]:
                self._let_go(key)
        if self._disk:
            self._disk.remove(take)

    def _hold(self, key: _Key, drawn: InBetween) -> None:
        with self._lock:
            if key in self._held:
                self._used -= self._held.pop(key).picture.bytes
            self._held[key] = drawn
            self._used += drawn.picture.bytes
            if self._used > self._budget:
                # What is kept and on no disk would be lost for good.
                kept = set(self._kept()) if self._unsaved else set()
                for old in tuple(self._held):
                    if self._used <= self._budget:
                        break
                    if not (old in self._unsaved and old[0] in kept):
                        self._let_go(old)

    def _let_go(self, key: _Key) -> None:
        self._used -= self._held.pop(key).picture.bytes
        self._unsaved.discard(key)

    def _stop_writing(self, error: OSError) -> None:
        with self._lock:
            told, self._writable = not self._writable, False
        if not told and self._disk:
            self._warn(
                f"takes cannot be kept in {self._disk.root} ({error.strerror or error}): they stay "
                "in memory only, until GenAni is closed"
            )
