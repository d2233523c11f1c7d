"""Where frames and layers lie on the timeline, in device-independent pixels."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from PySide6.QtCore import QRect, QRectF

RULER_HEIGHT = 30
MIN_FRAME_WIDTH, MAX_FRAME_WIDTH = 1.5, 96.0


@dataclass(frozen=True)
class Geometry:
    """The view onto the timeline: what is where after scrolling and zooming.

    Attributes:
        header: width of the column of layer names.
        frame_width: width of one frame.
        row_height: height of one layer.
        left: how far the frames are scrolled to the left, in pixels; 0 shows frame 1.
        top: how far the layers are scrolled up, in pixels.
        lanes: height of the lanes that are open under each layer, in pixels.
    """

    header: int = 168
    frame_width: float = 26.0
    row_height: int = 66
    left: float = 0.0
    top: int = 0
    lanes: tuple[int, ...] = ()

    @cached_property
    def _tops(self) -> list[int]:
        return [0, *accumulate(self.row_height + lanes for lanes in self.lanes)]

    def x(self, frame: float) -> float:
        """Left edge of a frame."""
        return self.header + (frame - 1) * self.frame_width - self.left

    def y(self, row: int) -> int:
        """Top edge of a row."""
        known = min(max(row, 0), len(self.lanes))
        down = self._tops[known] + (row - known) * self.row_height
        return RULER_HEIGHT + down - self.top

    def frame_at(self, x: float) -> int:
        """The frame under a point; never below 1."""
        return max(1, math.floor((x - self.header + self.left) / self.frame_width) + 1)

    def nearest_cut(self, x: float) -> int:
        """The frame whose left edge is nearest; for dropping between two frames."""
        return max(1, round((x - self.header + self.left) / self.frame_width) + 1)

    def row_at(self, y: float) -> int:
        """The row under a point, with its lanes; may be past the last one."""
        down = y - RULER_HEIGHT + self.top
        known = max(bisect_right(self._tops, down) - 1, 0)
        if known < len(self.lanes) and down >= 0:
            return known
        return known + math.floor((down - self._tops[known]) / self.row_height)

    def down_at(self, y: float) -> float | None:
        """How far below the top of the lanes a point is; None where it is on no lane."""
        row = self.row_at(y)
        down = y - self.y(row) - self.row_height
        return down if 0 <= row < len(self.lanes) and down >= 0 and y >= RULER_HEIGHT else None

    def visible_frames(self, width: int) -> tuple[int, int]:
        """First and last frame of which anything is to be seen in a view of that width."""
        return self.frame_at(self.header), self.frame_at(max(width, self.header + 1))

    def visible_rows(self, height: int, rows: int) -> range:
        """The rows of which anything is to be seen in a view of that height."""
        first = max(0, self.row_at(RULER_HEIGHT))
        return range(first, min(rows, self.row_at(height) + 1))

    def block(self, row: int, frame: int, frames: int) -> QRectF:
        """The box of an exposure: all of the row but its lower strip, where spans are drawn."""
        return QRectF(
            self.x(frame), self.y(row) + 3, frames * self.frame_width, self.row_height - 18
        )

    def strip(self, row: int, first: int, last: int) -> QRectF:
        """The strip of a span, from the middle of its first key to the middle of its second."""
        half = self.frame_width / 2
        left, right = self.x(first) + half, self.x(last) + half
        return QRectF(left, self.y(row) + self.row_height - 14, right - left, 9)

    def header_row(self, row: int) -> QRect:
        """The box of a layer's name; those of its lanes are below."""
        return QRect(0, self.y(row), self.header, self.row_height)

    def zoomed(self, factor: float, x: float) -> Geometry:
        """The view after zooming, what lies under `x` staying where it is."""
        width = min(max(self.frame_width * factor, MIN_FRAME_WIDTH), MAX_FRAME_WIDTH)
        frames = (x - self.header + self.left) / self.frame_width
        return replace(self, frame_width=width, left=max(0.0, frames * width - (x - self.header)))

    def tick_step(self, fps: int) -> int:
        """Frames between two numbers on the ruler, so that they never touch."""
        steps = (1, 2, 5, 10, fps, 2 * fps, 5 * fps, 10 * fps, 60 * fps, 600 * fps)
        for step in sorted(set(steps)):
            if step * self.frame_width >= 44:
                return step
        return 600 * fps
