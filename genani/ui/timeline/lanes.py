"""The lanes under a layer: where they lie, what is on them, and what a press there begins."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from genani.app import acting_lanes
from genani.app.acting_lanes import Entry, Lane
from genani.scene.acting import Acting
from genani.scene.document import Layer
from genani.ui.timeline.geometry import Geometry
from genani.ui.timeline.gestures import DRAG_START, Gesture, Scrub
from genani.ui.timeline.rows import Rows

if TYPE_CHECKING:
    from genani.app.session import Session

LANE_HEIGHT = 22
LANES = tuple(Lane)
LANES_HEIGHT = LANE_HEIGHT * len(LANES) + 4
"""Height of all lanes of a layer, with the gap below them."""

EDGE = 5.0
"""How near the end of a mark a press takes hold of it, in pixels."""


@dataclass(frozen=True)
class Block:
    """A mark on a lane, and the frames it lasts.

    Attributes:
        entry: the cue, blink or look.
        first: its first frame.
        stop: the frame after its last one.
    """

    entry: Entry
    first: int
    stop: int


@dataclass(frozen=True)
class LaneSpot:
    """What is under the pointer on a lane.

    Attributes:
        layer: whose lane.
        lane: which.
        frame: from 1; 0 on the name of the lane.
        block: the mark there.
        edge: -1 on the start of the mark, 1 on its end, else 0.
    """

    layer: Layer
    lane: Lane
    frame: int
    block: Block | None
    edge: int


def blocks_between(acting: Acting, lane: Lane, first: int, last: int, end: int) -> Iterator[Block]:
    """The marks of a lane that last anywhere from frame `first` to `last`.

    The last mouth shape lasts until `end`, the end of the scene. Costs what is seen, not what is
    there; but looks may be of any length, so of those all are asked.
    """
    if lane is Lane.MOUTH:
        cues = acting.mouths
        place = max(0, bisect_right(cues, first, key=_frame) - 1)
        while place < len(cues) and cues[place].frame <= last:
            cue = cues[place]
            stop = cues[place + 1].frame if place + 1 < len(cues) else max(end, cue.frame) + 1
            if cue.shape is not None and stop > first:
                yield Block(cue, cue.frame, stop)
            place += 1
        return
    marks = acting.blinks if lane is Lane.BLINK else acting.gazes
    low = bisect_left(marks, first - acting_lanes.longest(lane), key=_frame)
    for mark in marks[low : bisect_right(marks, last, key=_frame)]:
        if mark.frame + mark.length > first:
            yield Block(mark, mark.frame, mark.frame + mark.length)


def _frame(entry: Entry) -> int:
    return entry.frame


def lane_box(geometry: Geometry, row: int, lane: Lane) -> QRectF:
    """The strip of a lane across the frames."""
    top = geometry.y(row) + geometry.row_height + LANES.index(lane) * LANE_HEIGHT
    return QRectF(geometry.header, top, 1e6, LANE_HEIGHT)


def block_box(geometry: Geometry, row: int, lane: Lane, block: Block) -> QRectF:
    """The box of a mark on its lane."""
    left, right = geometry.x(block.first), geometry.x(block.stop)
    return QRectF(left, lane_box(geometry, row, lane).top() + 2, right - left, LANE_HEIGHT - 4)


def lane_spot(point: QPointF, geometry: Geometry, rows: Rows) -> LaneSpot | None:
    """What is under a point of the timeline; None where no lane is."""
    down = geometry.down_at(point.y())
    row = geometry.row_at(point.y())
    if down is None or row >= len(rows):
        return None
    layer = rows.layers[row]
    lane = LANES[min(int(down // LANE_HEIGHT), len(LANES) - 1)]
    if point.x() < geometry.header:
        return LaneSpot(layer, lane, 0, None, 0)
    frame = geometry.frame_at(point.x())
    # The topmost one, as painted.
    found = list(blocks_between(layer.acting, lane, frame, frame, rows.scene.end))
    block = found[-1] if found else None
    return LaneSpot(layer, lane, frame, block, _edge(point.x(), geometry, block))


def _edge(x: float, geometry: Geometry, block: Block | None) -> int:
    if block is None:
        return 0
    left, right = geometry.x(block.first), geometry.x(block.stop)
    # The middle third always moves the mark, however short it is.
    reach = min(EDGE, (right - left) / 3)
    if right - x <= reach:
        return 1
    return -1 if x - left <= reach else 0


@dataclass
class DragMark(Gesture):
    """Moves a mark along its lane, or one of its ends; all as it was until then.

    Attributes:
        spot: what was pressed.
        start: where.
        change: sets the lanes: (layer, lanes, text, merge) -> whether it could.
        choose: (layer id, lane, frame) of the mark as it is now.
        click: a press without a drag.
        undo: takes the drag back.
        text: what the history calls it.
        merge: name of the drag.
    """

    spot: LaneSpot
    block: Block
    start: QPointF
    change: Callable[[Layer, Acting, str, str], bool]
    choose: Callable[[str, Lane, int], object]
    click: Callable[[], object]
    undo: Callable[[], object]
    text: str
    merge: str
    moved: bool = False
    changed: bool = False
    now: Acting = field(default_factory=Acting)

    def __post_init__(self) -> None:
        self.now = self.spot.layer.acting

    def move(self, point: QPointF, frame: int, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the pointer."""
        del modifiers
        if not self.moved and abs(point.x() - self.start.x()) < DRAG_START:
            return
        self.moved = True
        acting, lane, first = self.spot.layer.acting, self.spot.lane, self.block.first
        by = frame - self.spot.frame
        if self.spot.edge > 0:
            after = acting_lanes.ended(acting, lane, first, self.block.stop + by), first
        elif self.spot.edge < 0:
            after = acting_lanes.started(acting, lane, first, first + by)
        else:
            after = acting_lanes.slid(acting, lane, first, by)
        if after[0] != self.now and self.change(self.spot.layer, after[0], self.text, self.merge):
            self.now, self.changed = after[0], True
            self.choose(self.spot.layer.id, lane, after[1])

    def release(self, modifiers: Qt.KeyboardModifier) -> None:
        """Keep it; a press without a drag only chooses."""
        del modifiers
        if not self.moved:
            self.click()

    def cancel(self) -> None:
        """Take it back."""
        if self.changed:
            self.undo()


def press(session: Session, spot: LaneSpot, point: QPointF, drag: int) -> Gesture:
    """The gesture that a press on the frames of a lane begins."""
    acting, seek = session.acting, session.playback.seek
    block = spot.block
    acting.choose(spot.layer.id, spot.lane, block.first if block else None)
    if block is None or spot.layer.locked:
        return Scrub(seek)
    return DragMark(
        spot,
        block,
        point,
        acting.change,
        acting.choose,
        lambda: seek(spot.frame),
        session.controller.undo_stack.undo,
        acting.tr("retime on the lane") if spot.edge else acting.tr("move on the lane"),
        f"lane {drag}",
    )
