"""Playing by a clock that the test turns."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from genani.app.document_controller import DocumentController
from genani.app.playback import Loop, Playback, played
from genani.app.selection import Selection
from genani.scene.edits import ChangeScene, SetRange
from genani.scene.time import Rate
from genani.scene.timing import TimingChart
from tests.scene.strategies import one_span


class Stage:
    """A scene with keys on 1 and 9 and in-betweens on 3, 5 and 7, played by hand."""

    def __init__(self) -> None:
        scene = one_span(TimingChart.of("even", 3))
        self.controller = DocumentController(scene)
        self.now = 100.0
        selection = Selection(self.controller)
        self.selection = selection
        self.playback = Playback(self.controller, selection, clock=lambda: self.now)
        self.seen: list[int] = []
        self.dropped: list[int] = []
        self.playback.frame_changed.connect(self.seen.append)
        self.playback.dropped.connect(self.dropped.append)

    def wait(self, frames: float) -> None:
        """Turn the clock by some frames and let the playback look at it."""
        self.now += frames / self.playback.fps
        self.playback.advance()


@pytest.fixture
def stage(qapp: QApplication) -> Stage:
    return Stage()


def test_every_frame_shows_at_its_time(stage: Stage) -> None:
    stage.playback.play()
    for _ in range(10):
        stage.wait(1.01)
    assert stage.playback.frame == 1
    assert stage.seen == [*range(2, 11), 1]
    assert stage.playback.dropped_frames == 0
    stage.playback.stop()


def test_a_late_frame_is_left_out_and_counted(stage: Stage) -> None:
    stage.playback.play()
    stage.wait(4.5)
    assert (stage.playback.frame, stage.dropped) == (5, [0, 3])
    stage.wait(0.3)
    assert (stage.playback.frame, stage.dropped) == (5, [0, 3])
    stage.wait(0.3)
    assert (stage.playback.frame, stage.dropped) == (6, [0, 3])
    stage.playback.stop()


def test_a_frame_that_is_not_ready_counts_as_dropped(stage: Stage) -> None:
    stage.playback.ready = lambda frame: frame != 3
    stage.playback.play()
    for _ in range(4):
        stage.wait(1.01)
    assert stage.dropped == [0, 1]
    stage.playback.stop()


def test_once_stops_on_the_last_frame(stage: Stage) -> None:
    stage.playback.set_loop(Loop.ONCE)
    stage.playback.seek(8)
    stage.playback.play()
    stage.wait(50)
    assert stage.playback.frame == 10
    assert not stage.playback.playing
    stage.playback.play()
    assert stage.playback.frame == 1
    stage.playback.stop()


def test_ping_pong_and_range(stage: Stage) -> None:
    stage.controller.do(SetRange(3, 5), "range")
    stage.playback.set_loop(Loop.PING_PONG)
    stage.playback.play()
    for _ in range(6):
        stage.wait(1.001)
    assert stage.seen == [3, 4, 5, 4, 3, 4, 5]
    assert stage.playback.upcoming(3) == [4, 3, 4]
    stage.playback.stop()


def test_another_rate_keeps_the_frame(stage: Stage) -> None:
    stage.playback.play()
    stage.wait(2.5)
    stage.controller.do(ChangeScene(rate=Rate(120)), "rate")
    assert stage.playback.frame == 3
    stage.wait(1.5)
    assert stage.playback.frame == 4
    stage.playback.stop()


def test_a_shorter_range_takes_the_playhead_along(stage: Stage) -> None:
    stage.playback.seek(9)
    stage.playback.play()
    stage.controller.do(SetRange(2, 4), "range")
    assert stage.playback.frame == 4
    stage.playback.stop()


def test_hops(stage: Stage) -> None:
    playback = stage.playback
    playback.next_drawing()
    playback.next_drawing()
    assert playback.frame == 5
    playback.step(1)
    playback.previous_drawing()
    assert playback.frame == 3
    playback.next_key()
    assert playback.frame == 9
    playback.next_key()
    assert playback.frame == 9
    playback.seek(6)
    playback.previous_key()
    assert playback.frame == 1
    playback.previous_key()
    playback.step(-5)
    assert playback.frame == 1
    playback.last()
    assert playback.frame == 10
    playback.first()
    assert playback.frame == 1


def test_flip_goes_to_and_fro_between_the_keys(stage: Stage) -> None:
    stage.playback.seek(4)
    frames = []
    for _ in range(3):
        stage.playback.flip()
        frames.append(stage.playback.frame)
    assert frames == [9, 1, 9]


def test_stepping_stops(stage: Stage) -> None:
    stage.playback.play()
    stage.playback.step(1)
    assert not stage.playback.playing
    assert stage.playback.frame == 2


def test_it_plays_by_its_own_timer(stage: Stage, qtbot: object) -> None:
    scene = replace(stage.controller.scene, rate=Rate(120))
    stage.controller.load(scene)
    playback = Playback(stage.controller, stage.selection)
    frames: list[int] = []
    playback.frame_changed.connect(frames.append)
    playback.play()
    qtbot.waitUntil(lambda: len(frames) > 5, timeout=5000)  # pyright: ignore[reportAttributeAccessIssue]
    playback.stop()
    assert all(1 <= frame <= 10 for frame in frames)


@given(
    first=st.integers(1, 50),
    length=st.integers(1, 20),
    offset=st.integers(0, 19),
    loop=st.sampled_from(Loop),
)
def test_playing_stays_in_range_and_moves_by_one(
    first: int, length: int, offset: int, loop: Loop
) -> None:
    last = first + length - 1
    start = min(first + offset, last)
    frames = [played(start, step, first, last, loop) for step in range(60)]
    assert frames[0] == start
    assert all(first <= frame <= last for frame in frames)
    steps = {b - a for a, b in pairwise(frames)}
    assert steps <= {1, -1, 0, first - last}
    if loop is Loop.ONCE:
        assert frames[-1] == last
    elif length > 1:
        assert set(frames) == set(range(first, last + 1))
