"""How fast a run goes and how long it waits for its data."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """Clocks of a run.

    Args:
        step: where the run begins or goes on.

    Attributes:
        seconds_per_step: between the last two reports, everything included.
        waited: share of that time spent waiting for data.
    """

    def __init__(self, step: int) -> None:
        self.seconds_per_step = 0.0
        self.waited = 0.0
        self._step = step
        self._since = self._marked = time.monotonic()
        self._waiting = 0.0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Time inside the block counts as waiting for data."""
        began = time.monotonic()
        yield
        self._waiting += time.monotonic() - began

    def report(self, step: int) -> None:
        """Take stock at a step later than the last one."""
        now = time.monotonic()
        elapsed = max(now - self._since, 1e-9)
        self.seconds_per_step = elapsed / max(step - self._step, 1)
        self.waited = self._waiting / elapsed
        self._step, self._since, self._waiting = step, now, 0.0

    def mark(self) -> None:
        """Remember this moment for `since_mark`."""
        self._marked = time.monotonic()

    def since_mark(self) -> float:
        """Seconds since the last mark, or since the beginning."""
        return time.monotonic() - self._marked
