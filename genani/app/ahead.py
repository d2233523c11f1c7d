"""Looks ahead of the playhead: what will be shown next is made before it is due."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

if TYPE_CHECKING:
    from genani.app.frames import FrameSource
    from genani.app.playback import Playback

SECONDS = 1.0
"""How far ahead frames are made while it plays."""

NEIGHBOURS = 3
"""Frames on each side of the playhead that are made ready while it stands."""


class Ahead(QObject):
    """Asks the frame source for what the playhead will come to.

    Args:
        playback: the playhead.
        frames: makes the frames.
    """

    def __init__(
        self, playback: Playback, frames: FrameSource, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._playback = playback
        self._frames = frames
        self._asked: deque[int] = deque()
        playback.frame_changed.connect(self._moved)
        playback.playing_changed.connect(self._forget)
        frames.frames_changed.connect(self._forget)

    @property
    def reach(self) -> int:
        """How many frames ahead, within what the cache can hold."""
        return max(min(round(self._playback.fps * SECONDS), self._frames.room), 1)

    @Slot()
    def _forget(self) -> None:
        self._asked.clear()

    @Slot(int)
    def _moved(self, frame: int) -> None:
        if not self._playback.playing:
            near = [frame + by * way for by in range(1, NEIGHBOURS + 1) for way in (1, -1)]
            self._frames.prefetch(other for other in near if other >= 1)
            return
        reach = self.reach
        # What was asked for a moment ago is on its way: only the far end is new.
        fresh = [other for other in self._playback.upcoming(reach) if other not in self._asked]
        self._frames.prefetch(fresh)
        self._asked.extend(fresh)
        while len(self._asked) > reach:
            self._asked.popleft()
