"""Long work of one part of the window: in the queue of jobs, heard, stopped or forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from genani.app.jobs import JobId, JobMessage, JobState, JobYielded, Place, Work

if TYPE_CHECKING:
    from genani.app.bridge import RenderBridge


def _unheard(*_told: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Ears:
    """Who hears of a piece of work, on the GUI thread.

    Attributes:
        yielded: told each value of it.
        went: told a share, and a text.
        ended: told the state that it ended in, and why where it failed.
    """

    yielded: Callable[[object], None]
    ended: Callable[[JobState, str], None]
    went: Callable[[float, str], None] = _unheard


@dataclass(frozen=True)
class _Heard:
    key: str
    ears: Ears


class Works(QObject):
    """Work that is begun and heard by one part of the window.

    Args:
        renders: has the queue.
    """

    def __init__(self, renders: RenderBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._renders = renders
        self._heard: dict[JobId, _Heard] = {}
        renders.job_changed.connect(self._told)

    @property
    def busy(self) -> bool:
        """True while something that is heard is under way or waits for its turn."""
        return bool(self._heard)

    def begin(self, work: Work, title: str, key: str, place: Place, ears: Ears) -> None:
        """Put work into the queue.

        Args:
            work: what is done, on the worker's thread.
            title: what the job panel shows.
            key: of the queue; with `Place.REPLACE` it takes the place of what had the same, of
                which nothing more is heard.
            place: in the queue.
            ears: who hears of it.
        """
        if place is Place.REPLACE:
            self._heard = {job: each for job, each in self._heard.items() if each.key != key}
        job = self._renders.queue.add(work, title, key, place)
        self._heard[job.id] = _Heard(key, ears)

    def stop(self) -> None:
        """Ask all of it to stop; its end is still heard."""
        for job in list(self._heard):
            self._renders.cancel(job)

    def forget(self) -> None:
        """Ask all of it to stop, and hear nothing more of it."""
        jobs, self._heard = list(self._heard), {}
        for job in jobs:
            self._renders.cancel(job)

    @Slot(object)
    def _told(self, message: JobMessage) -> None:
        job = message.job
        heard = self._heard.get(job.id)
        if heard is None:
            return
        if isinstance(message, JobYielded):
            heard.ears.yielded(message.value)
        if not job.state.ended:
            heard.ears.went(job.share, job.text)
            return
        # No longer busy once the end is told.
        self._heard.pop(job.id, None)
        heard.ears.ended(job.state, job.error)
