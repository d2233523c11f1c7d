"""The one inference thread: cache first, cancel within one step, and nothing kills it."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import pytest

from genani.engines.api import CancelToken
from genani.render.cache import TakeCache
from genani.render.job import (
    TRANSITIONS,
    JobCancelled,
    JobCancelling,
    JobDone,
    JobDrawn,
    JobFailed,
    JobId,
    JobStarted,
    JobState,
    JobYielded,
    Place,
)
from genani.render.queue import JobQueue
from genani.render.worker import Worker
from genani.scene.errors import Cancelled, ModelError, OutOfMemoryError
from genani.scene.request import SpanRequest
from tests.render.fakes import PATIENCE, Diary, ScriptedEngine, always, drawn, info, request

HALF = Fraction(1, 2)


class Bench:
    """A queue, a worker, an empty cache in memory, and a diary."""

    def __init__(self, engine: ScriptedEngine) -> None:
        self.engine = engine
        self.queue = JobQueue(history=1000)
        self.cache = TakeCache(None)
        self.worker = Worker(self.queue, always(engine), self.cache)
        self.diary = Diary()
        self.queue.listen(self.diary)


@pytest.fixture
def gated() -> Iterator[Bench]:
    bench = Bench(ScriptedEngine(gated=True))
    assert bench.engine.gate is not None
    bench.worker.start()
    yield bench
    bench.engine.gate.release(1000)
    assert bench.worker.stop(PATIENCE)


@pytest.fixture
def bench() -> Bench:
    return Bench(ScriptedEngine())


def test_draws_middle_first_and_tells_all(bench: Bench) -> None:
    job = bench.worker.run_now(request(3), "span 1–9", "s")
    assert job.state is JobState.DONE
    times = [m.drawn.t for m in bench.diary.messages if isinstance(m, JobDrawn)]
    assert times == [HALF, Fraction(1, 4), Fraction(3, 4)]
    progress, an_inbetween = ["progress"], ["progress", "progress", "drawn"]
    assert bench.diary.kinds == ["queued", "started", *progress, *an_inbetween * 3, "done"]
    texts = [m.job.text for m in bench.diary.messages]
    assert "in-between 2 of 3" in texts
    shares = [m.job.share for m in bench.diary.messages]
    assert shares == sorted(shares)


def test_the_estimate_is_the_first_time_left(bench: Bench) -> None:
    bench.worker.run_now(request(3), "span")
    etas = [m.job.eta for m in bench.diary.messages]
    assert etas[:3] == [None, None, 24.0]


def test_same_request_no_work(bench: Bench) -> None:
    bench.worker.run_now(request(3), "span")
    engines: list[str] = []
    idle = Worker(bench.queue, lambda name: engines.append(name) or bench.engine, bench.cache)
    bench.diary.messages.clear()
    assert idle.run_now(request(3), "span").state is JobState.DONE
    assert bench.diary.kinds == ["queued", "started", "drawn", "drawn", "drawn", "done"]
    assert engines == []
    assert len(bench.engine.asked) == 1


def test_another_seed_is_other_work(bench: Bench) -> None:
    bench.worker.run_now(request(1, seed=1), "span")
    bench.worker.run_now(request(1, seed=2), "span")
    assert len(bench.engine.asked) == 2


def test_only_missing_times_are_drawn(bench: Bench) -> None:
    asked = request(3)
    bench.cache.put(asked.hash, drawn(HALF), info())
    bench.worker.run_now(asked, "span")
    assert [r.times for r in bench.engine.asked] == [(Fraction(1, 4), Fraction(3, 4))]
    assert bench.engine.asked[0].hash == asked.hash
    assert bench.cache.times(asked.hash) == asked.times
    first = bench.diary.of(JobDrawn)[0]
    assert isinstance(first, JobDrawn)
    assert (first.drawn.t, first.drawn.picture) == (HALF, drawn().picture)
    # One of three was there: the engine's progress starts at a third.
    assert any(m.job.share == pytest.approx(1 / 3) for m in bench.diary.messages)


def test_the_take_tells_how_it_was_drawn(bench: Bench) -> None:
    asked = request(3, seed=5)
    bench.cache.put(asked.hash, drawn(HALF), info(seconds=100.0))
    bench.worker.run_now(asked, "span")
    told = bench.cache.info(asked.hash)
    assert told is not None
    assert (told.engine, told.device, told.seed) == ("scripted", "cpu", 5)
    # A take finished later keeps its date, and its time adds up.
    assert told.created == info().created
    assert 100 <= told.seconds < 100 + PATIENCE


def test_cancel_is_confirmed_within_one_step(gated: Bench) -> None:
    engine, queue, diary = gated.engine, gated.queue, gated.diary
    assert engine.gate is not None
    job = queue.add(request(5), "span")
    for _ in range(3):
        assert engine.entered.acquire(timeout=PATIENCE)
        engine.gate.release()
    assert engine.entered.acquire(timeout=PATIENCE)
    # The engine is inside its fourth step now.
    queue.cancel(job.id)
    diary.wait(JobCancelling)
    active = queue.active
    assert active is not None
    assert active.state is JobState.CANCELLING
    assert not diary.of(JobCancelled)
    engine.gate.release()
    diary.wait(JobCancelled)
    assert engine.taken == 4
    assert engine.closed == 1
    assert queue.active is None
    # What was drawn before is not lost.
    assert gated.cache.times(request(5).hash) == (HALF,)


def test_the_next_job_runs_after_a_cancel(gated: Bench) -> None:
    assert gated.engine.gate is not None
    gated.queue.add(request(1), "a", "1")
    assert gated.engine.entered.acquire(timeout=PATIENCE)
    gated.queue.add(request(1, seed=1), "b", "1", Place.REPLACE)
    gated.engine.gate.release(100)
    done = gated.diary.wait(JobDone)
    assert done.job.title == "b"
    assert [m.job.title for m in gated.diary.of(JobCancelled)] == ["a"]


def test_all_engine_calls_come_from_one_thread_that_is_not_ours(gated: Bench) -> None:
    assert gated.engine.gate is not None
    gated.engine.gate.release(100)
    for seed in range(5):
        gated.queue.add(request(1, seed=seed), "span")
    gated.diary.wait(JobDone, 5)
    assert len(gated.engine.threads) == 1
    assert threading.get_ident() not in gated.engine.threads


def test_work_that_never_looks_at_the_token_stops_at_its_next_result(bench: Bench) -> None:
    def deaf(token: CancelToken) -> Iterator[object]:
        for number in range(5):
            if number == 2:
                bench.queue.cancel_active()
                assert token.cancelled
            yield number

    assert bench.worker.run_now(deaf, "deaf").state is JobState.CANCELLED
    told = [m.value for m in bench.diary.messages if isinstance(m, JobYielded)]
    assert told == [0, 1, 2]


def test_work_is_cleared_up_before_the_cancel_is_told(bench: Bench) -> None:
    told: list[str] = []

    def tidy(_token: CancelToken) -> Iterator[object]:
        try:
            bench.queue.cancel_active()
            yield 1
        finally:
            told.extend(bench.diary.kinds)

    bench.worker.run_now(tidy, "tidy")
    assert told == ["queued", "started", "cancelling", "yielded"]
    assert bench.diary.kinds == [*told, "cancelled"]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ModelError("RIFE 4.6 is not there: fetch it"), "RIFE 4.6 is not there: fetch it"),
        (OutOfMemoryError("the GPU has 2 GB free, 6 are needed"), "the GPU has 2 GB free"),
        (MemoryError(), "Scripted needs more memory than this computer has free"),
        (RuntimeError("shapes differ\nat line 7"), "Scripted failed unexpectedly: shapes differ"),
        (AssertionError(), "Scripted failed unexpectedly: AssertionError"),
        (Cancelled(), "Scripted stopped by itself"),
    ],
)
def test_whatever_is_raised_becomes_one_sentence(error: Exception, text: str) -> None:
    bench = Bench(ScriptedEngine())
    bench.engine.error = error
    job = bench.worker.run_now(request(2), "span")
    assert job.state is JobState.FAILED
    assert job.error.startswith(text)
    assert "\n" not in job.error
    assert type(error).__name__ in job.details
    assert job.details.startswith("Traceback")


def test_an_error_after_cancel_is_a_cancel(bench: Bench) -> None:
    def stubborn(_token: CancelToken) -> Iterator[object]:
        bench.queue.cancel_active()
        yield from ()
        raise RuntimeError("torn off")

    assert bench.worker.run_now(stubborn, "stubborn").state is JobState.CANCELLED


def test_the_thread_survives_a_crash(gated: Bench) -> None:
    assert gated.engine.gate is not None
    gated.engine.gate.release(100)
    gated.engine.error = RuntimeError("boom")
    gated.queue.add(request(1), "crash")
    failed = gated.diary.wait(JobFailed)
    assert failed.job.error == "Scripted failed unexpectedly: boom"
    gated.engine.error = None
    gated.queue.add(request(1), "well")
    assert gated.diary.wait(JobDone).job.title == "well"


def test_no_engine_of_that_name(bench: Bench) -> None:
    def nothing(name: str) -> ScriptedEngine:
        raise ModelError(f"there is no engine '{name}'")

    worker = Worker(bench.queue, nothing, bench.cache)
    job = worker.run_now(request(1, engine="magic"), "span")
    assert (job.state, job.error) == (JobState.FAILED, "there is no engine 'magic'")


def test_an_engine_that_leaves_times_out_has_failed(bench: Bench) -> None:
    bench.engine.skip = {HALF}
    job = bench.worker.run_now(request(3), "span")
    assert job.state is JobState.FAILED
    assert "Scripted left out 1 of 3 in-betweens" in job.error
    # And what it did draw is kept: next time only the rest is asked for.
    bench.engine.skip = set()
    assert bench.worker.run_now(request(3), "span").state is JobState.DONE
    assert bench.engine.asked[-1].times == (HALF,)


def test_a_request_without_times_is_done_at_once(bench: Bench) -> None:
    assert bench.worker.run_now(request(0), "span").state is JobState.DONE
    assert bench.engine.asked == []


def test_other_work_yields_what_it_likes(bench: Bench) -> None:
    def training(token: CancelToken) -> Iterator[float]:
        for step in range(3):
            token.step(step / 3, f"step {step}")
            yield 1 / (step + 1)

    job = bench.worker.run_now(training, "training")
    assert job.state is JobState.DONE
    assert job.request is None
    losses = [m.value for m in bench.diary.messages if isinstance(m, JobYielded)]
    assert losses == [1, 1 / 2, 1 / 3]


def test_other_work_is_named_when_it_fails(bench: Bench) -> None:
    def training(_token: CancelToken) -> Iterator[float]:
        raise ZeroDivisionError("no clips")

    job = bench.worker.run_now(training, "training")
    assert job.error == "training failed unexpectedly: no clips"


def test_stop_leaves_no_thread_and_the_rest_queued(gated: Bench) -> None:
    before = threading.active_count()
    assert gated.engine.gate is not None
    gated.queue.add(request(5), "a")
    gated.queue.add(request(5, seed=1), "b")
    assert gated.engine.entered.acquire(timeout=PATIENCE)
    # The engine is stuck in a step: stop waits no longer than it is told.
    assert not gated.worker.stop(timeout=0)
    with pytest.raises(RuntimeError, match="one inference thread"):
        gated.worker.start()
    gated.engine.gate.release()
    assert gated.worker.stop(PATIENCE)
    assert threading.active_count() == before - 1
    assert [job.title for job in gated.queue.queued] == ["b"]
    assert gated.queue.history[-1].state is JobState.CANCELLED
    # And it can begin again.
    gated.engine.gate.release(100)
    gated.worker.start()
    assert gated.diary.wait(JobDone).job.title == "b"


def test_run_now_is_not_for_a_worker_with_a_thread(gated: Bench) -> None:
    with pytest.raises(RuntimeError, match="add the job to the queue"):
        gated.worker.run_now(request(1), "span")


def test_run_now_inside_run_now_is_refused(bench: Bench) -> None:
    def nested(_token: CancelToken) -> Iterator[object]:
        yield bench.worker.run_now(request(1), "inner")

    job = bench.worker.run_now(nested, "outer")
    assert "another job is at work" in job.error
    # The inner job was never begun and does not stay behind.
    assert bench.queue.queued == ()


def test_ctrl_c_cancels_and_goes_on_up(bench: Bench) -> None:
    bench.engine.error = KeyboardInterrupt()
    bench.engine.error_at = 4
    with pytest.raises(KeyboardInterrupt):
        bench.worker.run_now(request(3), "span")
    assert bench.diary.kinds[-2:] == ["cancelling", "cancelled"]
    assert bench.queue.active is None
    assert bench.cache.times(request(3).hash) == (HALF,)


@pytest.mark.parametrize("seed", range(3))
def test_200_random_operations_never_break_the_table(seed: int) -> None:
    dice = random.Random(seed)
    bench = Bench(ScriptedEngine(steps=1))
    queue = bench.queue
    bench.worker.start()
    ids: list[JobId] = []

    def anyone() -> JobId:
        return dice.choice(ids) if ids else JobId(0)

    operations = [
        lambda: ids.append(
            queue.add(
                request(dice.randrange(4), seed=dice.randrange(6)),
                "span",
                dice.choice([None, "1", "2"]),
                dice.choice(list(Place)),
            ).id
        ),
        lambda: queue.cancel(anyone()),
        queue.cancel_active,
        lambda: queue.move(anyone(), dice.randrange(5)),
        lambda: dice.random() < 0.2 and queue.cancel_queued(),
        lambda: dice.random() < 0.2 and queue.cancel_all(),
    ]
    for _ in range(200):
        dice.choice([operations[0], *operations])()
    queue.add(request(1, seed=99), "the last")
    bench.diary.until(lambda: any(m.job.title == "the last" for m in bench.diary.of(JobDone)))
    assert bench.worker.stop(PATIENCE)
    told: dict[JobId, list[JobState]] = {}
    for message in bench.diary.messages:
        told.setdefault(message.job.id, []).append(message.job.state)
    assert len(told) == len(ids) + 1
    for states in told.values():
        assert states[0] is JobState.QUEUED
        assert states[-1].ended
        assert all(a is b or b in TRANSITIONS[a] for a, b in pairwise(states))
    assert queue.queued == ()
    assert len(bench.engine.threads) <= 1
    assert len(bench.diary.of(JobStarted)) > 1


def test_the_request_reaches_the_engine_unchanged(bench: Bench) -> None:
    asked: SpanRequest = request(2)
    bench.worker.run_now(asked, "span")
    assert bench.engine.asked == [asked]
