"""The takes panel and the queue panel."""

from __future__ import annotations

import threading

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QProgressBar,
    QPushButton,
    QToolButton,
    QTreeWidget,
)

from genani.app.states import SpanStatus
from genani.scene.document import CellKind
from tests.render.fakes import ScriptedEngine
from tests.ui.stage import Stage


def shelf(stage: Stage) -> QListWidget:
    return stage.find(QListWidget, "takes-list")


def two_takes(stage: Stage) -> list[str]:
    stage.draw()
    stage.trigger("new-seed")
    stage.draw()
    stage.until(lambda: shelf(stage).count() == 2, "two takes")
    return [view.hash for view in stage.session.renders.takes(stage.layer.id, stage.span.id)]


def shown(stage: Stage) -> str:
    views = stage.session.renders.takes(stage.layer.id, stage.span.id)
    return next(view.hash for view in views if view.shown)


def test_a_click_on_a_take_shows_it(pair: Stage) -> None:
    takes = two_takes(pair)
    assert shown(pair) == takes[1]
    box = shelf(pair).visualItemRect(shelf(pair).item(0))
    pair.click(shelf(pair).viewport(), box.center())
    assert shown(pair) == takes[0]
    pair.until(lambda: shelf(pair).currentRow() == 0)


def test_keep_makes_in_betweens_of_the_take(pair: Stage) -> None:
    two_takes(pair)
    pair.click(pair.find(QToolButton, "takes-keep"))
    pair.settle()
    assert pair.frames == [1, 3, 5, 7, 9]
    assert {cell.kind for cell in pair.layer.cells[1:4]} == {CellKind.INBETWEEN}


def test_reject_shows_the_other_take(pair: Stage) -> None:
    takes = two_takes(pair)
    pair.click(pair.find(QToolButton, "takes-reject"))
    pair.settle()
    assert shown(pair) == takes[0]
    assert takes[1] in pair.span.rejected


def test_pin_and_unpin(pair: Stage) -> None:
    takes = two_takes(pair)
    pin = pair.find(QToolButton, "takes-pin")
    pair.click(pin)
    pair.settle()
    assert pair.span.pinned == (takes[1],)
    assert pin.isChecked()
    pair.click(pin)
    pair.settle()
    assert pair.span.pinned == ()


def test_brackets_step_through_the_takes(pair: Stage) -> None:
    takes = two_takes(pair)
    pair.timeline.setFocus()
    pair.key(Qt.Key.Key_BracketLeft)
    assert shown(pair) == takes[0]
    pair.key(Qt.Key.Key_BracketRight)
    assert shown(pair) == takes[1]


def test_without_takes_the_panel_says_what_gathers_there(pair: Stage) -> None:
    panel = shelf(pair).parentWidget()
    assert panel is not None
    assert not shelf(pair).isVisible()
    assert any("gather here" in label.text() for label in panel.findChildren(QLabel))


def queue(stage: Stage) -> QTreeWidget:
    return stage.find(QTreeWidget, "queue-list")


def bar(stage: Stage, row: int) -> QProgressBar:
    item = queue(stage).topLevelItem(row)
    assert item is not None
    found = queue(stage).itemWidget(item, 1)
    assert isinstance(found, QProgressBar)
    return found


def test_the_queue_shows_progress_and_waiting_jobs(pair: Stage, engine: ScriptedEngine) -> None:
    pair.bring(pair.png("c.png", 90), frame=17)
    engine.gate = threading.Semaphore(0)
    pair.trigger("generate-all")
    pair.until(lambda: queue(pair).topLevelItemCount() == 2)
    for _ in range(3):
        engine.gate.release()
    pair.until(lambda: bar(pair, 0).value() > 300, "progress")
    assert "1 of 3" in bar(pair, 0).text() or "2 of 3" in bar(pair, 0).text()
    assert bar(pair, 1).text() == "waiting"
    pair.click(pair.find(QPushButton, "queue-cancel-queued"))
    pair.until(lambda: bar(pair, 1).text() == "stopped")
    assert pair.session.renders.busy
    pair.click(pair.find(QPushButton, "queue-cancel-active"))
    engine.gate.release()
    pair.until(lambda: not pair.session.renders.busy, "the end")
    pair.until(lambda: pair.status is SpanStatus.STALE)


def test_one_job_is_stopped_and_taken_out_by_its_own_button(
    pair: Stage, engine: ScriptedEngine
) -> None:
    engine.gate = threading.Semaphore(0)
    pair.trigger("generate")
    pair.until(lambda: queue(pair).topLevelItemCount() == 1)

    def button() -> QToolButton:
        item = queue(pair).topLevelItem(0)
        assert item is not None
        found = queue(pair).itemWidget(item, 2)
        assert isinstance(found, QToolButton)
        return found

    pair.until(lambda: pair.status is SpanStatus.RUNNING)
    pair.click(button(), QPoint(5, 5))
    engine.gate.release()
    pair.until(lambda: bar(pair, 0).text() == "stopped")
    pair.click(button(), QPoint(5, 5))
    pair.until(lambda: queue(pair).topLevelItemCount() == 0)


def test_esc_stops_what_is_drawn(pair: Stage, engine: ScriptedEngine) -> None:
    engine.gate = threading.Semaphore(0)
    pair.trigger("generate")
    pair.until(lambda: pair.status is SpanStatus.RUNNING)
    pair.timeline.setFocus()
    pair.key(Qt.Key.Key_Escape)
    engine.gate.release()
    pair.until(lambda: not pair.session.renders.busy)
    pair.settle()
    assert not pair.session.actions.action("cancel").isEnabled()
