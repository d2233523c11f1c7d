"""The worker: the one thread on which engines draw, one job at a time."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

from genani.engines.api import Engine
from genani.render.cache import TakeCache
from genani.render.job import Job, Work
from genani.render.queue import JobQueue, RunningJob
from genani.scene.errors import Cancelled, EngineError, GenAniError
from genani.scene.request import InBetween, SpanRequest
from genani.scene.take import TakeInfo
from genani.scene.timing import inbetweening_order

_PATIENCE = 5
"""How much this thread lets others go first, from 0 to 19."""

EngineFactory = Callable[[str], Engine]
"""Gives the engine of a name, or raises a `GenAniError` that says why not. Called on the worker's
thread, once for every job that has something to draw, so it is the one to keep engines loaded."""


class Worker:
    """Runs the jobs of a queue on a thread of its own, or on the caller's with `run_now`.

    A job never ends the thread: whatever an engine raises becomes a failed job. A job is
    cancelled when the engine has come back from its present step, and not before.

    Args:
        queue: where the jobs come from and what is told of them.
        engine: gives the engine of a name.
        cache: looked at before anything is drawn, and given all that is.
    """

    def __init__(self, queue: JobQueue, engine: EngineFactory, cache: TakeCache) -> None:
        self._queue = queue
        self._engine = engine
        self._cache = cache
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """True while the thread is there."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread.

        Raises:
            RuntimeError: it is still there.
        """
        if self.alive:
            raise RuntimeError("the worker has a thread already: one inference thread is the rule")
        self._stop = threading.Event()
        # A daemon, so that a stuck engine cannot keep a closed program alive.
        self._thread = threading.Thread(
            target=self._loop, args=(self._stop,), name="genani-inference", daemon=True
        )
        self._thread.start()

    def stop(self, timeout: float | None = None) -> bool:
        """Cancel the job at work, leave the rest queued, and wait for the thread to end.

        Args:
            timeout: seconds to wait at most; None waits out the step the engine is in.

        Returns:
            True if the thread has ended.
        """
        self._stop.set()
        self._queue.cancel_active()
        self._queue.wake()
        if self._thread is not None:
            self._thread.join(timeout)
        return not self.alive

    def run_now(self, task: SpanRequest | Work, title: str, span: str | None = None) -> Job:
        """Do one task on the calling thread, ahead of the queue; listeners are told as ever.

        Ctrl-C cancels the job and is raised again.

        Returns:
            The ended job.

        Raises:
            RuntimeError: the worker has a thread, or another job is at work.
        """
        if self.alive:
            raise RuntimeError("the worker has a thread: add the job to the queue instead")
        running = self._queue.begin(task, title, span)
        if running is None:
            raise RuntimeError("another job is at work")
        self._run(running)
        return running.job

    def _loop(self, stop: threading.Event) -> None:
        _yield_to_others()
        while (running := self._queue.take(stop)) is not None:
            self._run(running)

    def _run(self, running: RunningJob) -> None:
        job = running.job
        try:
            task = job.task
            results = (
                self._draw(task, running) if isinstance(task, SpanRequest) else task(running.token)
            )
            self._exhaust(results, running)
        except Cancelled:
            if running.token.cancelled:
                running.finish()
            else:
                running.fail(f"{running.maker} stopped by itself", traceback.format_exc())
        except GenAniError as error:
            running.fail(str(error), traceback.format_exc())
        except MemoryError:
            running.fail(
                f"{running.maker} needs more memory than this computer has free: close other "
                "programs or draw on a smaller canvas",
                traceback.format_exc(),
            )
        except Exception as error:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            running.fail(f"{running.maker} failed unexpectedly: {reason}", traceback.format_exc())
        except BaseException:
            self._queue.cancel(job.id)
            running.finish()
            raise
        else:
            running.finish()

    def _exhaust(self, results: Iterator[object], running: RunningJob) -> None:
        try:
            for value in results:
                running.give(value)
                running.token.check()
        finally:
            if isinstance(results, Generator):
                results.close()

    def _draw(self, request: SpanRequest, running: RunningJob) -> Iterator[InBetween]:
        missing: set[Fraction] = set()
        for t in inbetweening_order(request.times):
            running.token.check()
            known = self._cache.get(request.hash, t)
            if known is None:
                missing.add(t)
            else:
                yield known
        if missing:
            rest = replace(request, times=tuple(sorted(missing)))
            yield from self._draw_rest(rest, running, len(missing) / len(request.times))

    def _draw_rest(
        self, request: SpanRequest, running: RunningJob, part: float
    ) -> Iterator[InBetween]:
        engine = self._engine(request.settings.engine)
        running.maker = engine.info.title
        cost = engine.estimate(request)
        running.expect(cost.seconds, 1 - part)
        before = self._cache.info(request.hash)
        info = TakeInfo(
            engine=engine.info.name,
            settings=request.settings,
            created=before.created if before else datetime.now(UTC),
            device=cost.device,
        )
        spent = before.seconds if before else 0.0
        begun = time.monotonic()
        missing = set(request.times)
        for drawn in engine.draw(request, running.token):
            seconds = spent + time.monotonic() - begun
            self._cache.put(request.hash, drawn, replace(info, seconds=seconds))
            missing.discard(drawn.t)
            yield drawn
        if missing:
            raise EngineError(
                f"{engine.info.title} left out {len(missing)} of {len(request.times)} in-betweens: "
                "draw the span again, or choose another engine"
            )


def _yield_to_others() -> None:
    """Let the window's thread go first where the system weighs threads (Linux).

    The threads that an engine starts for its arithmetic inherit the weight.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _PATIENCE)
