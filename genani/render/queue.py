"""The queue: what is to be drawn, in which order, and what became of it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count
from typing import Any

from genani.engines.api import CancelToken
from genani.render.job import (
    TRANSITIONS,
    Job,
    JobCancelled,
    JobCancelling,
    JobDone,
    JobDrawn,
    JobFailed,
    JobId,
    JobMessage,
    JobMoved,
    JobProgress,
    JobQueued,
    JobRemoved,
    JobStarted,
    JobState,
    JobYielded,
    Listener,
    Place,
    Work,
)
from genani.scene.request import InBetween, SpanRequest

_log = logging.getLogger(__name__)

_ENDINGS = {
    JobState.DONE: JobDone,
    JobState.FAILED: JobFailed,
    JobState.CANCELLED: JobCancelled,
}


class JobQueue:
    """Jobs waiting, the one at work, and those that ended. Thread-safe; every call is short.

    Listeners get each message once, in the order in which things happened, and never two at
    a time; but on whichever thread made or found the message, the worker's included. A listener
    may call the queue. One that raises is logged and does not stop the others.

    Args:
        history: how many ended jobs are remembered; older ones are forgotten without a message.
        clock: seconds, rising.
    """

    def __init__(self, history: int = 100, clock: Callable[[], float] = time.monotonic) -> None:
        self._changed = threading.Condition()
        self._numbers = count(1)
        self._queued: list[Job] = []
        self._active: RunningJob | None = None
        self._history: deque[Job] = deque(maxlen=history)
        self._listeners: tuple[Listener, ...] = ()
        self._outbox: deque[JobMessage] = deque()
        self._delivering = False
        self._clock = clock

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have every message from now on told to a function; returns what ends it."""
        with self._changed:
            self._listeners = (*self._listeners, listener)

        def leave() -> None:
            with self._changed:
                self._listeners = tuple(other for other in self._listeners if other != listener)

        return leave

    @property
    def queued(self) -> tuple[Job, ...]:
        """Jobs waiting, the next one first."""
        with self._changed:
            return tuple(self._queued)

    @property
    def active(self) -> Job | None:
        """The job at work, running or cancelling."""
        with self._changed:
            return self._active.job if self._active else None

    @property
    def history(self) -> tuple[Job, ...]:
        """Ended jobs, the latest last."""
        with self._changed:
            return tuple(self._history)

    def job(self, job_id: JobId) -> Job | None:
        """The job as it stands now, or None if it is unknown or forgotten."""
        with self._changed:
            active = (self._active.job,) if self._active else ()
            everything = (*self._queued, *active, *self._history)
        return next((job for job in everything if job.id == job_id), None)

    def add(
        self,
        task: SpanRequest | Work,
        title: str,
        span: str | None = None,
        place: Place = Place.BACK,
    ) -> Job:
        """Put a task into the queue.

        `Place.REPLACE` cancels every unfinished job of the same span. The new one takes the
        place of the first that was queued; it goes to the front if one was running, and to the
        back if there was none.
        """
        with self._changed:
            where = {Place.BACK: len(self._queued), Place.FRONT: 0}.get(place)
            job = self._insert(self._replaced(span) if where is None else where, task, title, span)
        self._deliver()
        return job

    def begin(self, task: SpanRequest | Work, title: str, span: str | None) -> RunningJob | None:
        """Add a task and begin it in one go, ahead of all others; None if one is at work."""
        with self._changed:
            if self._active:
                return None
            self._insert(0, task, title, span)
            running = self._begin_first()
        self._deliver()
        return running

    def _insert(self, where: int, task: SpanRequest | Work, title: str, span: str | None) -> Job:
        job = Job(JobId(next(self._numbers)), task, title, span)
        self._queued.insert(where, job)
        self._outbox.append(JobQueued(job))
        self._changed.notify_all()
        return job

    def _begin_first(self) -> RunningJob:
        self._active = RunningJob(self, self._queued.pop(0), self._clock)
        self._outbox.append(JobStarted(self._active.change(state=JobState.RUNNING)))
        return self._active

    def _replaced(self, span: str | None) -> int:
        """Cancel the jobs of a span; return where the job that replaces them goes."""
        old = [job for job in self._queued if span is not None and job.span == span]
        place = self._queued.index(old[0]) if old else len(self._queued)
        active = self._active
        if active and span is not None and active.job.span == span:
            place = 0
            self._cancel_active()
        self._cancel_queued(old)
        return place

    def cancel(self, job_id: JobId) -> bool:
        """Ask one job to stop; False if it is not queued or at work."""
        with self._changed:
            if self._active and self._active.job.id == job_id:
                found = True
                self._cancel_active()
            else:
                jobs = [job for job in self._queued if job.id == job_id]
                found = bool(jobs)
                self._cancel_queued(jobs)
        self._deliver()
        return found

    def cancel_active(self) -> None:
        """Ask the job at work to stop; the worker confirms with `JobCancelled`."""
        with self._changed:
            self._cancel_active()
        self._deliver()

    def cancel_queued(self) -> None:
        """Cancel all that nobody has begun."""
        with self._changed:
            self._cancel_queued(self._queued)
        self._deliver()

    def cancel_all(self) -> None:
        """Cancel what is queued and ask the job at work to stop."""
        with self._changed:
            self._cancel_queued(self._queued)
            self._cancel_active()
        self._deliver()

    def remove(self, job_id: JobId) -> bool:
        """Forget an ended job, cancelling it first if it is queued; False for one at work."""
        with self._changed:
            self._cancel_queued([job for job in self._queued if job.id == job_id])
            job = next((job for job in self._history if job.id == job_id), None)
            if job:
                self._history.remove(job)
                self._outbox.append(JobRemoved(job))
        self._deliver()
        return job is not None

    def move(self, job_id: JobId, place: int) -> bool:
        """Give a queued job another place, 0 the next to run; False if it is not queued."""
        with self._changed:
            job = next((job for job in self._queued if job.id == job_id), None)
            if job:
                self._queued.remove(job)
                self._queued.insert(max(place, 0), job)
                self._outbox.append(JobMoved(job))
        self._deliver()
        return job is not None

    def take(self, stop: threading.Event | None = None) -> RunningJob | None:
        """Begin the next job. Only the worker calls this.

        Args:
            stop: wait for a job until this is set and `wake` called; without it, do not wait.

        Returns:
            The job, or None if there is none to begin or another one is at work.
        """
        with self._changed:
            while (
                stop is not None and not stop.is_set() and not (self._queued and not self._active)
            ):
                self._changed.wait()
            if self._active or not self._queued or (stop is not None and stop.is_set()):
                return None
            running = self._begin_first()
        self._deliver()
        return running

    def wake(self) -> None:
        """Let a waiting `take` look at its `stop` again."""
        with self._changed:
            self._changed.notify_all()

    def _cancel_active(self) -> None:
        active = self._active
        if active and active.job.state is JobState.RUNNING:
            active.change(state=JobState.CANCELLING, eta=None)
            active.token.cancel()
            self._outbox.append(JobCancelling(active.job))

    def _cancel_queued(self, jobs: Iterable[Job]) -> None:
        for job in tuple(jobs):
            self._queued.remove(job)
            self._end(_changed(job, state=JobState.CANCELLED))

    def _end(self, job: Job) -> None:
        self._history.append(job)
        self._outbox.append(_ENDINGS[job.state](job))

    def _deliver(self) -> None:
        # One thread delivers at a time, outside the lock; what others (or a listener) add
        # meanwhile is delivered by it, so that order holds and a listener cannot deadlock.
        with self._changed:
            if self._delivering:
                return
            self._delivering = True
        try:
            while (message := self._next_message()) is not None:
                for listener in self._listeners:
                    try:
                        listener(message)
                    except Exception:
                        _log.exception("a listener of the queue failed")
        except BaseException:
            self._delivering = False
            raise

    def _next_message(self) -> JobMessage | None:
        with self._changed:
            if self._outbox:
                return self._outbox.popleft()
            self._delivering = False
            return None


class RunningJob:
    """The job at work, in the hands of the one thread that took it and may end it.

    Attributes:
        job: as it stands now.
        token: for the engine; its progress becomes the job's.
        maker: who is named when the job fails: its title, or the engine once one is there.
    """

    def __init__(self, queue: JobQueue, job: Job, clock: Callable[[], float]) -> None:
        self.job = job
        self.token = CancelToken(self._progress)
        self.maker = job.title
        self._queue = queue
        self._clock = clock
        self._begun = clock()
        self._before = 0.0

    def change(self, **fields: Any) -> Job:
        """Put a changed snapshot in place; the state only along `TRANSITIONS`.

        Raises:
            ValueError: a state that may not follow the present one.
        """
        self.job = _changed(self.job, **fields)
        return self.job

    def expect(self, seconds: float, before: float) -> None:
        """Say how long the rest should take, and the share (0 to 1) that was done beforehand.

        From now on the token's progress, 0 to 1, tells of the rest.
        """
        self._begun = self._clock()
        self._before = before
        self._tell_progress(before, "", seconds)

    def _progress(self, share: float, text: str) -> None:
        spent = self._clock() - self._begun
        left = spent * (1 - share) / share if share > 0 else self.job.eta
        self._tell_progress(self._before + (1 - self._before) * share, text, left)

    def _tell_progress(self, share: float, text: str, eta: float | None) -> None:
        queue = self._queue
        with queue._changed:
            if self.job.state is JobState.RUNNING:
                queue._outbox.append(JobProgress(self.change(share=share, text=text, eta=eta)))
        queue._deliver()

    def give(self, value: object) -> None:
        """Tell of an in-between or another result."""
        queue = self._queue
        with queue._changed:
            drawn = isinstance(value, InBetween)
            queue._outbox.append(
                JobDrawn(self.job, value) if drawn else JobYielded(self.job, value)
            )
        queue._deliver()

    def finish(self) -> Job:
        """End the job: done, or cancelled if it was asked to stop."""
        return self._end(JobState.DONE, share=1.0)

    def fail(self, error: str, details: str) -> Job:
        """End the job with one sentence and a traceback; cancelled if it was asked to stop."""
        return self._end(JobState.FAILED, error=error, details=details)

    def _end(self, state: JobState, **fields: Any) -> Job:
        queue = self._queue
        with queue._changed:
            if self.job.state is JobState.CANCELLING:
                self.change(state=JobState.CANCELLED)
            else:
                self.change(state=state, eta=None, **fields)
            queue._active = None
            queue._end(self.job)
            queue._changed.notify_all()
        queue._deliver()
        return self.job


def _changed(job: Job, **fields: Any) -> Job:
    if "state" in fields and fields["state"] not in TRANSITIONS[job.state]:
        raise ValueError(f"a {job.state.value} job cannot become {fields['state'].value}")
    return replace(job, **fields)
