"""The way back to the GUI thread: in order, once, and never after the end."""

import threading
from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from genani.app.threads import GuiCalls, Lane


def test_calls_run_on_the_gui_thread_in_order(
    qapp: QApplication, until: Callable[..., None]
) -> None:
    calls, lane = GuiCalls(), Lane("test")
    ran: list[tuple[int, bool]] = []
    gui = threading.current_thread()

    def note(number: int) -> None:
        ran.append((number, threading.current_thread() is gui))

    calls.call(lambda: note(-1))
    lane.submit(lambda: [calls.call(lambda n=n: note(n)) for n in range(500)])
    until(lambda: len(ran) == 501)
    assert ran == [(number, True) for number in range(-1, 500)]
    lane.close()


def test_a_call_made_by_a_call_runs_after_those_before(
    qapp: QApplication, until: Callable[..., None]
) -> None:
    calls = GuiCalls()
    ran: list[str] = []

    def first() -> None:
        ran.append("first")
        calls.call(lambda: ran.append("third"))

    calls.call(first)
    calls.call(lambda: ran.append("second"))
    until(lambda: len(ran) == 3)
    assert ran == ["first", "second", "third"]


def test_nothing_runs_after_the_end(qapp: QApplication) -> None:
    calls = GuiCalls()
    ran: list[str] = []

    def end() -> None:
        ran.append("end")
        calls.close()

    calls.call(end)
    calls.call(lambda: ran.append("late"))
    qapp.processEvents()
    calls.call(lambda: ran.append("later"))
    qapp.processEvents()
    assert ran == ["end"]


def test_a_closed_lane_forgets(qapp: QApplication) -> None:
    lane = Lane("test")
    ran: list[int] = []
    lane.submit(ran.append, 1).result()
    lane.close()
    assert lane.submit(ran.append, 2).cancelled()
    lane.close()
    assert ran == [1]


def test_a_failing_call_does_not_stop_the_others(
    qapp: QApplication, until: Callable[..., None], caplog: object
) -> None:
    calls = GuiCalls()
    ran: list[int] = []
    calls.call(lambda: ran.append(1 // 0))
    calls.call(lambda: ran.append(2))
    until(lambda: bool(ran))
    assert ran == [2]
