"""The timing chart under mouse and keyboard, alone and in the window."""

from __future__ import annotations

from fractions import Fraction

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from genani.scene.timing import TimingChart
from genani.ui.inspector.chart import TimingChartEdit
from tests.ui.stage import LEFT, PLAIN, Stage, move_mouse

F = Fraction
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def chart(qtbot: QtBot) -> TimingChartEdit:
    made = TimingChartEdit()
    qtbot.addWidget(made)
    made.resize(524, 74)
    made.show_chart(TimingChart.of("even", 3), 1, 9)
    return made


def at(chart: TimingChartEdit, t: Fraction) -> QPoint:
    return QPoint(round(chart.x_of(t)), 25)


def test_dragging_a_tick_snaps_to_exact_fractions(chart: TimingChartEdit, qtbot: QtBot) -> None:
    with qtbot.waitSignal(chart.released):
        move_mouse(chart, at(chart, F(1, 4)), at(chart, F(1, 3)))
    assert chart.chart.ticks == (F(1, 3), F(1, 2), F(3, 4))


def test_alt_drags_off_the_grid(chart: TimingChartEdit) -> None:
    move_mouse(chart, at(chart, F(1, 4)), at(chart, F(1, 4)) + QPoint(3, 0), ALT)
    tick = chart.chart.ticks[0]
    assert tick > F(1, 4)
    assert F(1, 48) > tick - F(1, 4)


def test_ticks_never_pass_one_another(chart: TimingChartEdit) -> None:
    move_mouse(chart, at(chart, F(1, 4)), at(chart, F(9, 10)))
    ticks = chart.chart.ticks
    assert list(ticks) == sorted(set(ticks))
    assert F(0) < ticks[0] < F(1, 2)


def test_a_double_click_adds_and_removes(chart: TimingChartEdit) -> None:
    QTest.mouseDClick(chart, LEFT, PLAIN, at(chart, F(7, 8)))
    assert chart.chart.ticks == (F(1, 4), F(1, 2), F(3, 4), F(7, 8))
    QTest.mouseDClick(chart, LEFT, PLAIN, at(chart, F(1, 2)))
    assert chart.chart.ticks == (F(1, 4), F(3, 4), F(7, 8))


def test_the_keyboard_reaches_everything(chart: TimingChartEdit) -> None:
    QTest.keyClick(chart, Qt.Key.Key_Right)
    QTest.keyClick(chart, Qt.Key.Key_Right, ALT)
    assert chart.chart.ticks[0] == F(1, 4) + F(1, 48)
    QTest.keyClick(chart, Qt.Key.Key_Delete)
    assert chart.chart.ticks == (F(1, 2), F(3, 4))
    QTest.keyClick(chart, Qt.Key.Key_Insert)
    assert chart.chart.ticks == (F(1, 4), F(1, 2), F(3, 4))


def test_a_drag_is_one_step_of_the_history(pair: Stage) -> None:
    chart = pair.find(TimingChartEdit, "timing-chart")
    before = pair.session.controller.undo_stack.count()
    move_mouse(chart, at(chart, F(3, 4)), at(chart, F(7, 8)))
    assert pair.span.chart.ticks == (F(1, 4), F(1, 2), F(7, 8))
    assert pair.session.controller.undo_stack.count() == before + 1
    pair.trigger("undo")
    assert pair.span.chart.ticks == (F(1, 4), F(1, 2), F(3, 4))


def test_it_is_drawn_like_on_paper(chart: TimingChartEdit) -> None:
    image = chart.grab().toImage()
    paper = image.pixelColor(5, 70)
    long, short = at(chart, F(1, 2)), at(chart, F(1, 4))
    # Half way is the longest tick.
    assert image.pixelColor(long.x(), 12) != paper
    assert image.pixelColor(short.x(), 12) == paper
    assert image.pixelColor(short.x(), 16) != paper
