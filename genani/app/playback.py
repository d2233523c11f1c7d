"""Playback: where the playhead is, and moving it at the scene's rate by a clock of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from genani.app.blocks import Blocks
from genani.scene.time import MAX_FRAME

if TYPE_CHECKING:
    from genani.app.document_controller import DocumentController, SceneChange
    from genani.app.selection import Selection
    from genani.scene.document import Layer


class Loop(StrEnum):
    """What happens at the end of the range."""

    ONCE = "once"
    LOOP = "loop"
    PING_PONG = "ping-pong"


def played(start: int, steps: int, first: int, last: int, loop: Loop) -> int:
    """The frame that shows so many frames after `start`, inside `first` to `last`.

    With `Loop.ONCE` the last frame stays. `Loop.PING_PONG` shows each end once a turn.
    """
    offset, count = start - first + steps, last - first + 1
    if loop is Loop.ONCE or count == 1:
        return min(first + offset, last)
    if loop is Loop.LOOP:
        return first + offset % count
    turn = 2 * (count - 1)
    offset %= turn
    return first + (offset if offset < count else turn - offset)


def always_ready(_frame: int) -> bool:
    """Every frame can be shown at once."""
    return True


class Playback(QObject):
    """The playhead.

    It keeps time by its own clock: a late frame is left out, never shown late, so that a scene
    always lasts as long as it says. What was left out, or was due before it could be shown, is
    counted.

    Args:
        controller: the scene gives rate and range.
        selection: its active layer is the one whose drawings and keys are hopped between.
        clock: seconds, rising.

    Attributes:
        ready: tells whether a frame can be shown at once; a frame that cannot counts as dropped.

    Signals:
        frame_changed: the frame the playhead is on, from 1.
        playing_changed: True when it starts, False when it stops.
        loop_changed: a `Loop`.
        dropped: frames left out since it started.
    """

    frame_changed = Signal(int)
    playing_changed = Signal(bool)
    loop_changed = Signal(object)
    dropped = Signal(int)

    def __init__(
        self,
        controller: DocumentController,
        selection: Selection,
        blocks: Blocks | None = None,
        clock: Callable[[], float] = time.perf_counter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.ready: Callable[[int], bool] = always_ready
        self._controller = controller
        self._selection = selection
        self._blocks = blocks or Blocks()
        self._clock = clock
        self._frame = 1
        self._loop = Loop.LOOP
        self._playing = False
        self._begun = 0.0
        self._start = 1
        self._steps = 0
        self._dropped = 0
        self._flip: tuple[int, int] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.advance)
        controller.scene_changed.connect(self._scene_changed)

    @property
    def frame(self) -> int:
        """The frame the playhead is on, from 1."""
        return self._frame

    @property
    def playing(self) -> bool:
        """True while it plays."""
        return self._playing

    @property
    def dropped_frames(self) -> int:
        """Frames left out since it was last started."""
        return self._dropped

    @property
    def fps(self) -> float:
        """Frames a second, of the scene."""
        return self._controller.scene.rate.fps

    @property
    def loop(self) -> Loop:
        """What happens at the end of the range."""
        return self._loop

    def set_loop(self, loop: Loop) -> None:
        """Choose what happens at the end of the range."""
        if loop is not self._loop:
            self._loop = loop
            self._rebase()
            self.loop_changed.emit(loop)

    @property
    def range(self) -> tuple[int, int]:
        """First and last frame that are played: the in and out points, or the whole scene."""
        first, last = self._controller.scene.play_range
        return first, max(first, last)

    def seek(self, frame: int) -> None:
        """Put the playhead on a frame, within the timeline; playing goes on from there."""
        self._show(min(max(frame, 1), MAX_FRAME))
        self._rebase()

    def step(self, by: int) -> None:
        """Stop, and go some frames on or back."""
        self.stop()
        self.seek(self._frame + by)

    def first(self) -> None:
        """Go to the first frame of the range."""
        self.seek(self.range[0])

    def last(self) -> None:
        """Go to the last frame of the range."""
        self.seek(self.range[1])

    def next_drawing(self) -> None:
        """Go to where the next drawing of the active layer begins."""
        self._hop(self._drawings(), self._frame, 1)

    def previous_drawing(self) -> None:
        """Go to where the drawing before the one that shows begins."""
        starts = self._drawings()
        self._hop(starts, max((f for f in starts if f <= self._frame), default=0), -1)

    def next_key(self) -> None:
        """Go to the next key or breakdown of the active layer."""
        self._hop(self._keys(), self._frame, 1)

    def previous_key(self) -> None:
        """Go to the key or breakdown before the playhead."""
        self._hop(self._keys(), self._frame, -1)

    def flip(self) -> None:
        """Go to one of the two keys around the playhead, and to the other the next time."""
        if self._flip is None or self._frame not in self._flip:
            keys = self._keys()
            before = [frame for frame in keys if frame <= self._frame]
            after = [frame for frame in keys if frame > self._frame]
            if not before or not after:
                before, after = keys[-2:-1], keys[-1:]
            if not before or not after:
                return
            self._flip = before[-1], after[0]
        first, last = self._flip
        self.stop()
        self.seek(first if self._frame == last else last)

    def play(self) -> None:
        """Play from the playhead; from the start of the range if it is at its end or outside."""
        if self._playing:
            return
        first, last = self.range
        if not first <= self._frame <= last or (self._loop is Loop.ONCE and self._frame == last):
            self._show(first)
        self._playing = True
        self._dropped = 0
        self._rebase()
        self.playing_changed.emit(True)
        self.dropped.emit(0)

    def stop(self) -> None:
        """Stay on the frame that shows."""
        if self._playing:
            self._playing = False
            self._timer.stop()
            self.playing_changed.emit(False)

    def toggle(self) -> None:
        """Play, or stop."""
        if self._playing:
            self.stop()
        else:
            self.play()

    def upcoming(self, count: int) -> list[int]:
        """The frames that playing shows next, the nearest first."""
        first, last = self.range
        if self._playing:
            start, steps = self._start, self._steps
        else:
            start, steps = min(max(self._frame, first), last), 0
        ahead = range(steps + 1, steps + 1 + count)
        return [played(start, step, first, last, self._loop) for step in ahead]

    @Slot()
    def advance(self) -> None:
        """Show the frame that is due by the clock."""
        if not self._playing:
            return
        first, last = self.range
        due = int((self._clock() - self._begun) * self.fps)
        late = due - self._steps
        if late > 0:
            self._steps = due
            frame = played(self._start, due, first, last, self._loop)
            if self._loop is Loop.ONCE:
                late = min(late, max(last - self._frame, 1))
            missed = late - 1 + (not self.ready(frame))
            self._show(frame)
            if missed:
                self._dropped += missed
                self.dropped.emit(self._dropped)
            if self._loop is Loop.ONCE and self._start + due > last:
                self.stop()
        if self._playing:
            self._wait()

    def _wait(self) -> None:
        left = self._begun + (self._steps + 1) / self.fps - self._clock()
        self._timer.start(max(int(left * 1000), 0))

    def _rebase(self) -> None:
        """Count from the frame and the moment that are now."""
        if self._playing:
            first, last = self.range
            self._show(min(max(self._frame, first), last))
            self._start, self._steps, self._begun = self._frame, 0, self._clock()
            self._wait()

    def _show(self, frame: int) -> None:
        if frame != self._frame:
            self._frame = frame
            self.frame_changed.emit(frame)

    def _layers(self) -> list[Layer]:
        active = self._selection.active_layer()
        return [active] if active and active.cells else list(self._controller.scene.layers)

    def _drawings(self) -> list[int]:
        scene = self._controller.scene
        blocks = (self._blocks.of(scene, layer.id) for layer in self._layers())
        return sorted({block.frame for row in blocks for block in row})

    def _keys(self) -> list[int]:
        layers = self._layers()
        return sorted({c.frame for layer in layers for c in layer.cells if c.kind.anchor})

    def _hop(self, starts: list[int], here: int, way: int) -> None:
        self.stop()
        there = [frame for frame in starts if (frame - here) * way > 0]
        if there:
            self.seek(there[0] if way > 0 else there[-1])

    @Slot(object)
    def _scene_changed(self, change: SceneChange) -> None:
        if change.before.rate != change.after.rate or (
            change.before.play_range != change.after.play_range
        ):
            self._rebase()
