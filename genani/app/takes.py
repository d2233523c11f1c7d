"""The takes of the open document: drawn in this session, cached before, or saved with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from genani.scene.request import InBetween, RequestRecord
from genani.scene.take import Take, TakeInfo

if TYPE_CHECKING:
    from genani.render.cache import TakeCache

Drawn = Callable[[str, Fraction], InBetween | None]
"""Gives the in-between that the take of a hash holds at `t`."""


@dataclass(frozen=True)
class TakeView:
    """A variant of a span, as the takes panel shows it.

    Attributes:
        hash: of the request that made it.
        info: how it was made.
        times: which in-betweens it holds, rising.
        current: it is what the span's present settings ask for.
        shown: it is the one on the timeline.
        kept, rejected, pinned: what the animator said of it.
        stale: it was drawn from other keys than the span has now.
    """

    hash: str
    info: TakeInfo
    times: tuple[Fraction, ...]
    current: bool = False
    shown: bool = False
    kept: bool = False
    rejected: bool = False
    pinned: bool = False
    stale: bool = False


def nothing_saved(_take: str, _t: Fraction) -> InBetween | None:
    """A document without saved takes."""
    return None


class TakeShelf:
    """Looks takes up in the cache and in the opened project. Thread-safe.

    A take belongs to a span if the span's keys, with the take's settings, give its hash: so no
    list of variants has to be kept, and an undo brings the right ones back.

    Args:
        cache: what the worker fills.
    """

    def __init__(self, cache: TakeCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._saved: dict[str, Take] = {}
        self._read: Drawn = nothing_saved
        self._times: dict[str, set[Fraction]] = {}
        self._known: dict[str, TakeInfo] = {}
        self._matches: dict[tuple[str, str], bool] = {}

    def open(self, takes: Iterable[Take], drawn: Drawn) -> None:
        """Take over the takes of an opened document; those of the one before are forgotten."""
        with self._lock:
            self._saved = {take.hash: take for take in takes}
            self._read = drawn
            self._known = {take.hash: take.info for take in self._saved.values()}
            self._times.clear()
            self._matches.clear()

    def saved(self, takes: Iterable[Take], drawn: Drawn) -> None:
        """The document was saved: from now on these are the saved takes."""
        with self._lock:
            self._saved = {take.hash: take for take in takes}
            self._read = drawn
            self._times.clear()

    def note(self, take: str, t: Fraction) -> None:
        """An in-between was drawn into the cache."""
        info = self._cache.info(take)
        with self._lock:
            self._times_of(take).add(t)
            if info is not None:
                self._known[take] = info

    def has(self, take: str, t: Fraction) -> bool:
        """True if the in-between is there."""
        with self._lock:
            return t in self._times_of(take)

    def times(self, take: str) -> tuple[Fraction, ...]:
        """Which in-betweens of a take are there, rising."""
        with self._lock:
            return tuple(sorted(self._times_of(take)))

    def get(self, take: str, t: Fraction) -> InBetween | None:
        """The in-between; None if it is not there. May read a file.

        Raises:
            FileError: the project file it lies in cannot be read.
        """
        drawn = self._cache.get(take, t) or self._read(take, t)
        if drawn is None:
            with self._lock:
                self._times_of(take).discard(t)
        return drawn

    def info(self, take: str) -> TakeInfo | None:
        """How a take was made; None if it is unknown."""
        with self._lock:
            known = self._known.get(take)
        return known or self._cache.info(take)

    def take(self, take: str) -> Take | None:
        """A take with its times; None if nothing of it is there."""
        info, times = self.info(take), self.times(take)
        return Take(take, info, times) if info and times else None

    def variants(self, asked: RequestRecord) -> list[str]:
        """Hashes of the known takes drawn from the same keys as a request, the oldest first."""
        self._learn(asked.hash)
        with self._lock:
            known = sorted(self._known.items(), key=lambda entry: entry[1].created)
        return [take for take, info in known if self._fits(take, info, asked)]

    def _learn(self, take: str) -> None:
        """Know a take that the cache holds from an earlier session."""
        if take not in self._known:
            info = self._cache.info(take)
            if info is not None:
                with self._lock:
                    self._known[take] = info

    def _fits(self, take: str, info: TakeInfo, asked: RequestRecord) -> bool:
        fits = self._matches.get((take, asked.hash))
        if fits is None:
            fits = replace(asked, settings=info.settings).hash == take
            self._matches[take, asked.hash] = fits
        return fits

    def _times_of(self, take: str) -> set[Fraction]:
        times = self._times.get(take)
        if times is None:
            saved = self._saved.get(take)
            times = set(self._cache.times(take)) | set(saved.times if saved else ())
            self._times[take] = times
        return times
