"""Tiny pictures, requests and an engine that does what its script says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np

from genani.engines.api import CancelToken, Cost, EngineInfo
from genani.render.job import JobMessage
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest, SpanSettings
from genani.scene.take import TakeInfo
from genani.scene.timing import inbetweening_order

PATIENCE = 20.0
"""Seconds until a test that waits for another thread gives up."""


def flat(value: int, size: tuple[int, int] = (4, 3), depth: int = 8) -> Picture:
    kind = np.uint16 if depth == 16 else np.uint8
    return Picture(np.full((size[1], size[0], 4), value, kind))


def request(count: int = 3, seed: int = 0, engine: str = "scripted") -> SpanRequest:
    times = tuple(Fraction(i, count + 1) for i in range(1, count + 1))
    return SpanRequest(flat(10), flat(200), times, SpanSettings(engine, seed=seed))


def drawn(t: Fraction = Fraction(1, 2), value: int = 7) -> InBetween:
    return InBetween(t, flat(value))


def info(seed: int = 0, seconds: float = 1.5) -> TakeInfo:
    settings = SpanSettings("scripted", seed=seed)
    return TakeInfo("scripted", settings, datetime(2026, 1, 2, tzinfo=UTC), seconds, "cpu")


class ScriptedEngine:
    """Draws flat pictures; at every step it may wait for the test, or fail as told.

    Attributes:
        steps: how many looks at the token an in-between takes.
        gate: with it, each step needs one `release` by the test.
        entered: released once at every step, before the gate.
        error: raised at the step of number `error_at`.
        skip: times it leaves out.
    """

    def __init__(self, gated: bool = False, steps: int = 2) -> None:
        self.steps = steps
        self.gate = threading.Semaphore(0) if gated else None
        self.entered = threading.Semaphore(0)
        self.error: BaseException | None = None
        self.error_at = 1
        self.skip: set[Fraction] = set()
        self.asked: list[SpanRequest] = []
        self.taken = 0
        self.threads: set[int] = set()
        self.closed = 0

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("scripted", "Scripted", "draws what the test says")

    def estimate(self, request: SpanRequest) -> Cost:
        return Cost(8.0 * len(request.times), 0, "cpu")

    def step(self, token: CancelToken, share: float, text: str) -> None:
        self.taken += 1
        self.threads.add(threading.get_ident())
        self.entered.release()
        if self.gate is not None and not self.gate.acquire(timeout=PATIENCE):
            raise AssertionError("the test never opened the gate")
        if self.error is not None and self.taken == self.error_at:
            raise self.error
        token.step(share, text)

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        self.asked.append(request)
        times = inbetweening_order(request.times)
        try:
            for number, t in enumerate(times):
                for step in range(1, self.steps + 1):
                    share = (number + step / self.steps) / len(times)
                    self.step(token, share, f"in-between {number + 1} of {len(times)}")
                if t not in self.skip:
                    yield InBetween(t, flat(int(255 * t)))
        finally:
            self.closed += 1


class Diary:
    """A listener that writes all down and can wait for something to happen."""

    def __init__(self) -> None:
        self.messages: list[JobMessage] = []
        self._grown = threading.Condition()

    def __call__(self, message: JobMessage) -> None:
        with self._grown:
            self.messages.append(message)
            self._grown.notify_all()

    def wait(self, kind: type[JobMessage], times: int = 1) -> JobMessage:
        """The message of a kind, once there are so many of it."""

        self.until(lambda: len(self.of(kind)) >= times)
        return self.of(kind)[times - 1]

    def until(self, condition: Callable[[], bool]) -> None:
        with self._grown:
            assert self._grown.wait_for(condition, PATIENCE), f"waited in vain: {self.kinds}"

    def of(self, kind: type[JobMessage]) -> list[JobMessage]:
        return [message for message in self.messages if isinstance(message, kind)]

    @property
    def kinds(self) -> list[str]:
        return [type(message).__name__.removeprefix("Job").lower() for message in self.messages]


def always(engine: ScriptedEngine) -> Callable[[str], ScriptedEngine]:
    return lambda _name: engine
