"""A job, the states it goes through, and the messages that tell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NewType

from genani.engines.api import CancelToken
from genani.scene.request import InBetween, SpanRequest

JobId = NewType("JobId", int)
"""A number that no other job of the queue has or had."""

Work = Callable[[CancelToken], Iterator[object]]
"""Any long task that is not a span: training, detection. Each value it yields is told to the
listeners. It can be cancelled between two values; within a step it checks the token itself."""


class JobState(Enum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    """The animator asked to stop; the worker has not confirmed yet."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """True if the job never changes state again."""
        return not TRANSITIONS[self]


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    # A job that nobody has begun is cancelled by the queue itself, at once.
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLING}),
    # Only the worker takes this step: until then the engine may still be at work.
    JobState.CANCELLING: frozenset({JobState.CANCELLED}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}
"""From each state the states that may follow."""


class Place(Enum):
    """Where in the queue a new job goes."""

    BACK = "back"
    FRONT = "front"
    REPLACE = "replace"
    """Instead of the jobs of the same span: queued ones go, a running one is cancelled."""


@dataclass(frozen=True, eq=False)
class Job:
    """A job as it stood at one moment; the queue hands out a new one at every change.

    Attributes:
        id: stays the same through all changes.
        task: the span to draw, or any other work.
        title: what the job panel shows, such as `span 12–20`.
        span: jobs of one span have one key here; None belongs to no span.
        state: where it stands.
        share: how much is done, 0 to 1.
        text: what is being done, such as `in-between 2 of 5`.
        eta: seconds left as far as can be told; None where it cannot.
        error: one sentence, where the job failed.
        details: the traceback, for *Copy details*.
    """

    id: JobId
    task: SpanRequest | Work
    title: str
    span: str | None = None
    state: JobState = JobState.QUEUED
    share: float = 0.0
    text: str = ""
    eta: float | None = None
    error: str = ""
    details: str = ""

    @property
    def request(self) -> SpanRequest | None:
        """The span to draw; None for other work."""
        return self.task if isinstance(self.task, SpanRequest) else None


@dataclass(frozen=True)
class JobMessage:
    """Something happened to a job.

    Attributes:
        job: the job as it stood right after.
    """

    job: Job


@dataclass(frozen=True)
class JobQueued(JobMessage):
    """A job was added."""


@dataclass(frozen=True)
class JobMoved(JobMessage):
    """A queued job has another place; `JobQueue.queued` has the new order."""


@dataclass(frozen=True)
class JobStarted(JobMessage):
    """The worker has begun."""


@dataclass(frozen=True)
class JobProgress(JobMessage):
    """Share, text or time left changed."""


@dataclass(frozen=True)
class JobDrawn(JobMessage):
    """An in-between is there, from the engine or from the cache."""

    drawn: InBetween


@dataclass(frozen=True)
class JobYielded(JobMessage):
    """A job that draws no span has a result to show."""

    value: object


@dataclass(frozen=True)
class JobCancelling(JobMessage):
    """The running job was asked to stop."""


@dataclass(frozen=True)
class JobDone(JobMessage):
    """All is done."""


@dataclass(frozen=True)
class JobFailed(JobMessage):
    """It did not work; `job.error` and `job.details` say why."""


@dataclass(frozen=True)
class JobCancelled(JobMessage):
    """It has stopped; what was drawn until then is in the cache."""


@dataclass(frozen=True)
class JobRemoved(JobMessage):
    """An ended job was taken out of the history."""


Listener = Callable[[JobMessage], None]
