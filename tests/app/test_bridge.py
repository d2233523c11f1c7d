"""The bridge: messages in order on the GUI thread, cancel, failure, states."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from genani.app.messages import Level
from genani.app.session import Session
from genani.app.states import DrawingState, SpanStatus
from genani.render.job import JobDone, JobMessage, JobState, Place
from genani.scene.edits import ChangeSpan
from genani.scene.errors import EngineError
from genani.scene.timing import TimingChart
from tests.app.conftest import Run, SizedEngine, services
from tests.app.desk import Desk
from tests.render.fakes import PATIENCE


@pytest.fixture
def gated() -> SizedEngine:
    """An engine that waits for the test at every step."""
    return SizedEngine(gated=True, steps=1)


@pytest.fixture
def desk(
    qapp: QApplication,
    gated: SizedEngine,
    run: Run,
    until: Callable[..., None],
    png: Callable[..., Path],
) -> Iterator[Desk]:
    session = Session(services(gated))
    made = Desk(session, run, until)
    run(session.import_files([png("a.png", 10), png("b.png", 200), png("c.png", 90)]))
    session.renders.start()
    yield made
    assert gated.gate
    gated.gate.release(100)
    session.shut()
    session.deleteLater()


def key(desk: Desk, place: int = 0) -> tuple[str, str]:
    return desk.layer.id, desk.layer.spans[place].id


def begin(desk: Desk, gated: SizedEngine) -> None:
    """Ask for the first span, and wait until the engine is at its first step."""
    desk.session.renders.generate([key(desk)])
    desk.until(lambda: gated.entered.acquire(blocking=False), "the engine")
    desk.until(lambda: desk.status is SpanStatus.RUNNING, "the message")


def test_messages_come_in_order_on_the_gui_thread(desk: Desk, gated: SizedEngine) -> None:
    told: list[JobMessage] = []
    threads: set[threading.Thread] = set()
    drawn: list[Fraction] = []
    renders = desk.session.renders
    renders.job_changed.connect(told.append)
    renders.job_changed.connect(lambda _m: threads.add(threading.current_thread()))
    renders.drawn.connect(lambda _layer, _span, t: drawn.append(t))
    assert gated.gate
    gated.gate.release(3)
    renders.generate([key(desk)])
    desk.until(lambda: any(isinstance(m, JobDone) and m.job.request for m in told), "the end")
    mine = [m for m in told if m.job.request]
    names = [type(m).__name__ for m in mine]
    assert names[:2] == ["JobQueued", "JobStarted"]
    assert names[-1] == "JobDone"
    assert [n for n in names if n == "JobDrawn"] == ["JobDrawn"] * 3
    shares = [m.job.share for m in mine]
    assert shares == sorted(shares)
    assert drawn == [Fraction(1, 2), Fraction(1, 4), Fraction(3, 4)]
    assert threads == {threading.current_thread()}


def test_states_along_the_way(desk: Desk, gated: SizedEngine) -> None:
    renders = desk.session.renders
    layer = desk.layer
    blocks = {b.frame: b for b in layer.exposures(17)}
    assert renders.drawing_state(layer, blocks[5]) is DrawingState.MISSING
    renders.generate([key(desk), key(desk, 1)])
    assert desk.status is SpanStatus.QUEUED
    assert renders.drawing_state(layer, blocks[5]) is DrawingState.QUEUED
    desk.until(lambda: gated.entered.acquire(blocking=False), "the engine")
    desk.until(lambda: desk.status is SpanStatus.RUNNING, "the message")
    assert renders.drawing_state(layer, blocks[5]) is DrawingState.RUNNING
    assert renders.span_state(*key(desk, 1)).state is SpanStatus.QUEUED
    assert renders.busy
    assert gated.gate
    gated.gate.release(6)
    desk.until(lambda: renders.span_state(*key(desk, 1)).state is SpanStatus.DONE, "both")
    assert renders.drawing_state(layer, blocks[5]) is DrawingState.CACHED
    assert renders.drawing_state(layer, blocks[1]) is DrawingState.CACHED
    assert not renders.busy
    assert [job.title for job in renders.jobs if job.request] == ["span 9–17", "span 1–9"]


def test_cancel_is_over_when_the_worker_says_so(desk: Desk, gated: SizedEngine) -> None:
    begin(desk, gated)
    desk.session.renders.cancel_active()
    desk.until(lambda: desk.status is SpanStatus.CANCELLING, "the wish")
    assert gated.gate
    gated.gate.release()
    desk.until(lambda: desk.status is SpanStatus.STALE, "the worker")
    assert desk.session.renders.jobs[0].state is JobState.CANCELLED
    assert gated.closed == 1


def test_cancel_queued_leaves_what_runs(desk: Desk, gated: SizedEngine) -> None:
    begin(desk, gated)
    desk.session.renders.generate([key(desk, 1)])
    desk.session.renders.cancel_queued()
    assert gated.gate
    gated.gate.release(3)
    desk.until(lambda: desk.status is SpanStatus.DONE, "the first span")
    assert desk.session.renders.span_state(*key(desk, 1)).state is SpanStatus.STALE
    assert len(gated.asked) == 1


def test_a_wish_that_was_cancelled_before_it_was_queued_never_runs(
    desk: Desk, gated: SizedEngine
) -> None:
    desk.session.renders.generate([key(desk)])
    desk.session.renders.cancel_all()
    for _ in range(20):
        QApplication.processEvents()
    assert desk.status is SpanStatus.STALE
    assert gated.asked == []


def test_the_front_of_the_queue(desk: Desk, gated: SizedEngine) -> None:
    begin(desk, gated)
    renders = desk.session.renders
    third = replace(desk.layer.spans[1], chart=TimingChart.of("even", 1))
    renders.generate([key(desk, 1)])
    desk.until(lambda: len(renders.queue.queued) == 1, "the second span")
    desk.session.controller.do(ChangeSpan(desk.layer.id, third), "chart")
    renders.generate([key(desk, 1)])
    desk.until(lambda: bool(renders.queue.queued[0].request), "the replacement")
    desk.until(lambda: renders.queue.queued[0].request.times == third.chart.ticks, "it")  # pyright: ignore[reportOptionalMemberAccess]
    assert len(renders.queue.queued) == 1
    renders.move(renders.queue.queued[0].id, Place.BACK)
    renders.cancel_all()


def test_a_failure_is_told_and_shown_until_something_changes(
    desk: Desk, gated: SizedEngine
) -> None:
    gated.error = EngineError("the pencil broke")
    assert gated.gate
    gated.gate.release()
    desk.session.renders.generate([key(desk)])
    desk.until(lambda: desk.status is SpanStatus.FAILED, "the failure")
    state = desk.session.renders.span_state(*key(desk))
    assert state.error == "the pencil broke"
    assert "EngineError" in state.details
    assert [(m.level, m.text) for m in desk.messages] == [
        (Level.ERROR, "span 1–9: the pencil broke")
    ]
    settings = replace(desk.span.settings, seed=4)
    changed = replace(desk.span, settings=settings)
    desk.session.controller.do(ChangeSpan(desk.layer.id, changed), "seed")
    assert desk.status is SpanStatus.STALE
    desk.trigger("undo")
    assert desk.status is SpanStatus.FAILED


def test_what_the_engine_doubts_is_told_once_a_span(desk: Desk, gated: SizedEngine) -> None:
    gated.doubts = ("drawn 'tiled', as memory ran out",)
    assert gated.gate
    gated.gate.release(3)
    desk.session.renders.generate([key(desk)])
    desk.until(lambda: desk.status is SpanStatus.DONE, "the span")
    desk.until(lambda: bool(desk.messages), "the warning")
    assert [(m.level, m.text) for m in desk.messages] == [
        (Level.WARNING, "span 1–9: drawn 'tiled', as memory ran out")
    ]
    blocks = {b.frame: b for b in desk.layer.exposures(17)}
    assert desk.session.renders.warnings(desk.layer, blocks[5]) == gated.doubts
    assert desk.session.renders.warnings(desk.layer, blocks[1]) == ()
    words = desk.session.model.index(0, 4).data(Qt.ItemDataRole.ToolTipRole)
    assert words == "A: frames 5–6, generated in-between, drawn 'tiled', as memory ran out"


def test_keys_of_two_sizes_are_refused_in_one_sentence(
    desk: Desk, png: Callable[..., Path]
) -> None:
    path = png("large.png", 5, (64, 48))
    desk.run(desk.session.import_files([path], frame=9))
    desk.messages.clear()
    desk.session.renders.generate([key(desk)])
    desk.until(lambda: desk.status is SpanStatus.FAILED, "the refusal")
    assert [m.text for m in desk.messages] == [
        "the two keys must have one size: the first is 32 x 24, the second 64 x 48"
    ]


def test_an_estimate(desk: Desk) -> None:
    cost = desk.run(desk.session.renders.estimate(*key(desk)))
    assert (cost.seconds, cost.device) == (24.0, "cpu")


def test_closing_waits_for_the_worker(desk: Desk, gated: SizedEngine) -> None:
    begin(desk, gated)
    closed: list[bool] = []
    desk.session.closed.connect(lambda: closed.append(desk.session.renders.worker.alive))

    def open_the_gate() -> None:
        assert gated.gate
        assert gated.gate.acquire(timeout=0) is False
        gated.gate.release()

    timer = threading.Timer(0.1, open_the_gate)
    timer.start()
    desk.run(desk.session.close())
    timer.join(PATIENCE)
    assert closed == [False]
    assert gated.closed == 1
