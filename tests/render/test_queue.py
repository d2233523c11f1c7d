"""The queue alone: order, cancel, and no job ever off the table of states."""

from __future__ import annotations

import threading
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from genani.render.job import (
    TRANSITIONS,
    Job,
    JobCancelled,
    JobDone,
    JobId,
    JobMessage,
    JobState,
    Place,
)
from genani.render.queue import JobQueue, RunningJob
from tests.render.fakes import PATIENCE, Diary, request

SPAN = request()


def titles(queue: JobQueue) -> str:
    return "".join(job.title for job in queue.queued)


def begun(queue: JobQueue) -> RunningJob:
    running = queue.take()
    assert running is not None
    return running


def test_front_back_and_order_of_work() -> None:
    queue = JobQueue()
    queue.add(SPAN, "b")
    queue.add(SPAN, "c")
    queue.add(SPAN, "a", place=Place.FRONT)
    assert titles(queue) == "abc"
    done = []
    while (running := queue.take()) is not None:
        done.append(running.finish())
    assert [job.title for job in done] == ["a", "b", "c"]
    assert queue.history == tuple(done)
    assert {job.state for job in done} == {JobState.DONE}
    assert all(job.share == 1 for job in done)


def test_only_one_job_is_at_work() -> None:
    queue = JobQueue()
    queue.add(SPAN, "a")
    queue.add(SPAN, "b")
    running = begun(queue)
    assert queue.take() is None
    running.finish()
    assert begun(queue).job.title == "b"


def test_replace_takes_the_place_of_the_queued_one() -> None:
    queue = JobQueue()
    diary = Diary()
    queue.listen(diary)
    for title, span in (("a", "1"), ("b", "2"), ("c", "1"), ("d", "2")):
        queue.add(SPAN, title, span)
    queue.add(SPAN, "B", "2", Place.REPLACE)
    assert titles(queue) == "aBc"
    assert [message.job.title for message in diary.of(JobCancelled)] == ["b", "d"]


def test_replace_cancels_the_one_at_work_and_goes_first() -> None:
    queue = JobQueue()
    queue.add(SPAN, "a", "1")
    queue.add(SPAN, "b", "2")
    running = begun(queue)
    queue.add(SPAN, "A", "1", Place.REPLACE)
    assert running.token.cancelled
    assert running.job.state is JobState.CANCELLING
    assert titles(queue) == "Ab"


def test_replace_without_a_span_or_a_predecessor_goes_last() -> None:
    queue = JobQueue()
    queue.add(SPAN, "a")
    queue.add(SPAN, "b", None, Place.REPLACE)
    queue.add(SPAN, "c", "3", Place.REPLACE)
    assert titles(queue) == "abc"


def test_cancel_scopes() -> None:
    queue = JobQueue()
    for title in "abcd":
        queue.add(SPAN, title)
    running = begun(queue)
    assert queue.cancel(queue.queued[1].id)
    assert titles(queue) == "bd"
    queue.cancel_queued()
    assert titles(queue) == ""
    assert running.job.state is JobState.RUNNING
    queue.add(SPAN, "e")
    queue.cancel_active()
    assert titles(queue) == "e"
    assert running.job.state is JobState.CANCELLING
    queue.cancel_all()
    assert titles(queue) == ""
    assert running.job.state is JobState.CANCELLING
    assert running.finish().state is JobState.CANCELLED
    assert not queue.cancel(running.job.id)


def test_cancel_is_confirmed_only_by_whoever_took_the_job() -> None:
    queue = JobQueue()
    diary = Diary()
    queue.listen(diary)
    queue.add(SPAN, "a")
    running = begun(queue)
    queue.cancel_active()
    queue.cancel_active()
    assert diary.kinds == ["queued", "started", "cancelling"]
    running.give("a result that was nearly there")
    running.fail("too late to fail", "")
    assert diary.kinds[3:] == ["yielded", "cancelled"]
    with pytest.raises(ValueError, match="cancelled job cannot become done"):
        running.finish()


def test_move_and_remove() -> None:
    queue = JobQueue()
    ids = {title: queue.add(SPAN, title).id for title in "abcd"}
    running = begun(queue)
    assert queue.move(ids["d"], 0)
    assert titles(queue) == "dbc"
    assert queue.move(ids["d"], 99)
    assert titles(queue) == "bcd"
    assert queue.move(ids["c"], -3)
    assert titles(queue) == "cbd"
    assert not queue.move(ids["a"], 0)
    assert queue.remove(ids["b"])
    assert titles(queue) == "cd"
    assert queue.job(ids["b"]) is None
    assert not queue.remove(ids["a"])
    running.finish()
    assert queue.remove(ids["a"])
    assert not queue.history
    assert not queue.remove(JobId(999))


def test_history_is_limited() -> None:
    queue = JobQueue(history=2)
    for title in "abc":
        queue.add(SPAN, title)
    queue.cancel_all()
    assert [job.title for job in queue.history] == ["b", "c"]


def test_progress_and_time_left() -> None:
    now = [100.0]
    queue = JobQueue(clock=lambda: now[0])
    queue.add(SPAN, "a")
    running = begun(queue)
    assert running.job.eta is None
    # Two of five were in the cache: the engine's progress fills the rest.
    running.expect(30.0, 0.4)
    assert (running.job.share, running.job.eta) == (0.4, 30.0)
    running.token.step(0.0, "loading")
    assert (running.job.share, running.job.eta, running.job.text) == (0.4, 30.0, "loading")
    now[0] += 5
    running.token.step(0.25, "in-between 1 of 3")
    assert running.job.share == pytest.approx(0.55)
    assert running.job.eta == pytest.approx(15)
    assert running.finish().eta is None


def test_a_listener_may_call_the_queue_and_order_holds() -> None:
    queue = JobQueue()
    diary = Diary()

    def impatient(message: JobMessage) -> None:
        if message.job.state is JobState.QUEUED and message.job.title == "a":
            queue.add(SPAN, "b", place=Place.FRONT)
            queue.cancel(message.job.id)

    queue.listen(impatient)
    leave = queue.listen(diary)
    queue.add(SPAN, "a")
    assert diary.kinds == ["queued", "queued", "cancelled"]
    assert [message.job.title for message in diary.messages] == ["a", "b", "a"]
    leave()
    queue.add(SPAN, "c")
    assert len(diary.messages) == 3


def test_a_listener_that_fails_is_logged_and_stops_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue = JobQueue()
    diary = Diary()

    def clumsy(_message: JobMessage) -> None:
        raise KeyError("clumsy")

    queue.listen(clumsy)
    queue.listen(diary)
    queue.add(SPAN, "a")
    assert diary.kinds == ["queued"]
    assert "clumsy" in caplog.text


def test_an_interrupt_in_a_listener_does_not_dam_up_the_messages() -> None:
    queue = JobQueue()
    diary = Diary()

    def interrupted(_message: JobMessage) -> None:
        leave()
        raise KeyboardInterrupt

    leave = queue.listen(interrupted)
    queue.listen(diary)
    with pytest.raises(KeyboardInterrupt):
        queue.add(SPAN, "a")
    queue.add(SPAN, "b")
    assert [message.job.title for message in diary.messages] == ["b"]


def test_take_waits_until_there_is_a_job_or_it_is_told_to_stop() -> None:
    queue = JobQueue()
    stop = threading.Event()
    taken: list[RunningJob | None] = []
    threads = [
        threading.Thread(target=lambda: taken.append(queue.take(stop)), daemon=True)
        for _ in range(2)
    ]
    threads[0].start()
    queue.add(SPAN, "a")
    threads[0].join(PATIENCE)
    assert taken[0] is not None
    threads[1].start()
    stop.set()
    queue.wake()
    threads[1].join(PATIENCE)
    assert taken[1] is None


def test_ended_states_are_the_ones_without_a_way_out() -> None:
    assert {state for state in JobState if state.ended} == {
        JobState.DONE,
        JobState.FAILED,
        JobState.CANCELLED,
    }
    # Cancelled is reached by the queue before the work, by the worker through cancelling after.
    assert [s for s in JobState if JobState.CANCELLED in TRANSITIONS[s]] == [
        JobState.QUEUED,
        JobState.CANCELLING,
    ]


class AnyOrder(RuleBasedStateMachine):
    """Whatever is done to the queue, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = JobQueue(history=1000)
        self.seen: dict[JobId, list[JobState]] = {}
        self.ids: list[JobId] = []
        self.removed: set[JobId] = set()
        self.running: RunningJob | None = None
        self.queue.listen(self.hear)

    def hear(self, message: JobMessage) -> None:
        self.seen.setdefault(message.job.id, []).append(message.job.state)

    def pick(self, number: int) -> JobId:
        return self.ids[number % len(self.ids)]

    @rule(place=st.sampled_from(Place), span=st.sampled_from([None, "1", "2", "3"]))
    def add(self, place: Place, span: str | None) -> None:
        self.ids.append(self.queue.add(SPAN, "job", span, place).id)

    @rule(what=st.sampled_from(["cancel_active", "cancel_queued", "cancel_all"]))
    def cancel_scope(self, what: str) -> None:
        getattr(self.queue, what)()

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 99))
    def cancel(self, number: int) -> None:
        self.queue.cancel(self.pick(number))

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 99))
    def remove(self, number: int) -> None:
        if self.queue.remove(self.pick(number)):
            self.removed.add(self.pick(number))

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 99), place=st.integers(-2, 9))
    def move(self, number: int, place: int) -> None:
        self.queue.move(self.pick(number), place)

    @rule()
    def take(self) -> None:
        taken = self.queue.take()
        assert taken is None or self.running is None
        self.running = taken or self.running

    @precondition(lambda self: self.running)
    @rule(share=st.floats(0, 1))
    def progress(self, share: float) -> None:
        assert self.running
        if not self.running.token.cancelled:
            self.running.token.step(share, "at it")

    @precondition(lambda self: self.running)
    @rule()
    def give(self) -> None:
        assert self.running
        self.running.give(1)

    @precondition(lambda self: self.running)
    @rule(well=st.booleans())
    def end(self, well: bool) -> None:
        assert self.running
        asked = self.running.token.cancelled
        job = self.running.finish() if well else self.running.fail("no", "")
        self.running = None
        assert (job.state is JobState.CANCELLED) is asked

    @invariant()
    def every_job_is_in_one_place(self) -> None:
        queue = self.queue
        active = [queue.active] if queue.active else []
        jobs = [*queue.queued, *active, *queue.history]
        count = Counter(job.id for job in jobs)
        assert set(count) == set(self.ids) - self.removed
        assert all(number == 1 for number in count.values())
        assert all(job.state is JobState.QUEUED for job in queue.queued)
        assert all(job.state.ended for job in queue.history)
        assert (self.running is None) is (queue.active is None)

    @invariant()
    def no_job_left_the_table(self) -> None:
        for states in self.seen.values():
            assert states[0] is JobState.QUEUED
            for before, after in pairwise(states):
                assert before is after or after in TRANSITIONS[before]

    @invariant()
    def what_was_told_last_is_true(self) -> None:
        for job_id, states in self.seen.items():
            job: Job | None = self.queue.job(job_id)
            assert job is None or job.state is states[-1]


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=15, stateful_step_count=200, deadline=None)


def test_messages_of_one_job_arrive_in_order_from_two_threads() -> None:
    queue = JobQueue(history=10_000)
    diary = Diary()
    queue.listen(diary)
    stop = threading.Event()

    def work() -> None:
        while (running := queue.take(stop)) is not None:
            running.give(1)
            running.finish()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    jobs = [queue.add(SPAN, "a") for _ in range(300)]
    for job in jobs[::3]:
        queue.cancel(job.id)

    def all_ended() -> bool:
        return len(queue.history) == len(jobs)

    with queue._changed:
        assert queue._changed.wait_for(all_ended, PATIENCE)
    stop.set()
    queue.wake()
    thread.join(PATIENCE)
    endings = len(diary.of(JobDone)) + len(diary.of(JobCancelled))
    assert endings == len(jobs)
    states: dict[JobId, list[JobState]] = {}
    for message in diary.messages:
        states.setdefault(message.job.id, []).append(message.job.state)
    for seen in states.values():
        assert seen[0] is JobState.QUEUED
        assert all(a is b or b in TRANSITIONS[a] for a, b in pairwise(seen))
