"""The bar under the canvas, and playing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox, QToolButton

from genani.app.playback import Loop
from tests.ui.stage import Stage


def button(stage: Stage, action: str) -> QToolButton:
    return stage.find(QToolButton, f"playback-{action}")


def test_play_and_stop(pair: Stage) -> None:
    play = button(pair, "play")
    pair.click(play)
    assert pair.session.playback.playing
    pair.until(lambda: pair.session.playback.frame > 2, "playing")
    pair.click(play)
    assert not pair.session.playback.playing


def test_the_frame_can_be_typed(pair: Stage) -> None:
    box = pair.find(QSpinBox, "playback-frame")
    pair.enter(box, "7")
    assert pair.session.playback.frame == 7
    pair.session.playback.seek(3)
    assert box.value() == 3


def test_the_rate_can_be_chosen_and_typed(pair: Stage) -> None:
    box = pair.find(QComboBox, "playback-rate")
    line = box.lineEdit()
    assert line is not None
    pair.enter(line, "23.976")
    assert str(pair.session.controller.scene.rate) == "23.976"
    # The point is a point, not the key of the next frame.
    assert pair.session.playback.frame == 1
    pair.enter(line, "500")
    assert str(pair.session.controller.scene.rate) == "23.976"
    assert pair.window.messages.text != ""
    assert line.text() == "23.976"
    pair.trigger("undo")
    assert pair.session.controller.scene.rate.fps == 24


def test_hops(pair: Stage) -> None:
    pair.session.playback.seek(1)
    for action, frame in (
        ("next-frame", 2),
        ("next-drawing", 3),
        ("next-key", 9),
        ("previous-key", 1),
        ("last-frame", 10),
        ("previous-drawing", 7),
        ("first-frame", 1),
        ("flip", 9),
    ):
        pair.click(button(pair, action))
        assert pair.session.playback.frame == frame, action


def test_loop_and_ping_pong_exclude_each_other(pair: Stage) -> None:
    pair.click(button(pair, "ping-pong"))
    assert pair.session.playback.loop is Loop.PING_PONG
    pair.settle()
    assert not pair.session.actions.action("loop").isChecked()
    pair.click(button(pair, "ping-pong"))
    assert pair.session.playback.loop is Loop.ONCE


def test_dropped_frames_are_counted_and_shown(pair: Stage) -> None:
    label = pair.find(QLabel, "playback-lost")
    pair.session.playback.play()
    pair.session.playback.dropped.emit(3)
    assert "3" in label.text()
    pair.session.playback.stop()
    pair.session.playback.play()
    assert label.text() == ""


def test_return_plays_from_the_timeline(pair: Stage) -> None:
    pair.timeline.setFocus()
    QTest.keyClick(pair.timeline, Qt.Key.Key_Return)
    assert pair.session.playback.playing
    QTest.keyClick(pair.timeline, Qt.Key.Key_Space)
    assert not pair.session.playback.playing
