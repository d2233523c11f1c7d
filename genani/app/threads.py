"""Work off the GUI thread, and the way back to it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Lane:
    """One background thread that does one thing after another.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, work: Callable[..., T], *args: Any) -> Future[T]:
        """Do it on the thread; nobody waits. After `close` it is forgotten."""
        with self._lock:
            if not self._closed:
                return self._executor.submit(work, *args)
        forgotten: Future[T] = Future()
        forgotten.cancel()
        return forgotten

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Do it on the thread and give what it returns; the event loop goes on meanwhile."""
        # Not the running loop: while it stops, qasync lets tasks go on that find none running.
        loop = asyncio.get_event_loop()
        return await asyncio.wrap_future(self.submit(work, *args), loop=loop)

    def close(self) -> None:
        """Finish what was begun, forget the rest, and end the thread."""
        with self._lock:
            self._closed = True
        self._executor.shutdown(wait=True, cancel_futures=True)


class GuiCalls(QObject):
    """Runs functions on the thread this object lives on, in the order they were given.

    One wake-up serves all that has gathered, so a busy thread cannot flood the event queue.
    """

    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._calls: list[Callable[[], object]] = []
        self._closed = False
        # Queued also from this very thread: what was given first is run first.
        self._woken.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def call(self, function: Callable[[], object]) -> None:
        """Have a function run soon; thread-safe. After `close` it is forgotten."""
        with self._lock:
            if self._closed:
                return
            self._calls.append(function)
            if len(self._calls) == 1:
                # Under the lock, so that `close` cannot come between the question and the signal.
                self._woken.emit()

    def close(self) -> None:
        """Forget what waits and take nothing more."""
        with self._lock:
            self._closed = True
            self._calls = []

    @Slot()
    def _run(self) -> None:
        with self._lock:
            ready, self._calls = self._calls, []
        for function in ready:
            if self._closed:
                return
            try:
                function()
            except Exception:
                _log.exception("a call on the GUI thread failed")
