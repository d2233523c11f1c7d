"""Painting the lanes: mouth shapes as blocks, blinks as closing lids, looks as eyes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPalette, QPen

from genani.app.acting_lanes import Lane, Mark
from genani.scene.acting import Blink, Gaze, MouthCue, Viseme
from genani.scene.document import CellKind, Layer
from genani.ui.faces.portraits import OPENNESS, draw_mouth
from genani.ui.timeline.far import FAR
from genani.ui.timeline.geometry import RULER_HEIGHT, Geometry
from genani.ui.timeline.lanes import (
    LANES,
    Block,
    block_box,
    blocks_between,
    lane_box,
)
from genani.ui.timeline.marks import BREAKDOWN
from genani.ui.timeline.rows import Rows

_FILLS = {
    Lane.MOUTH: QColor("#5c4a4f"),
    Lane.BLINK: QColor("#46525f"),
    Lane.LOOK: QColor("#46564c"),
}
_OVER = {Lane.MOUTH: QColor("#8d6670"), Lane.BLINK: QColor("#7892ad"), Lane.LOOK: QColor("#79a084")}
_INK = QColor("#f0efea")
_LONG = 240
"""Frames from which on a mark is long."""
_GLYPH_WIDTH = 40.0
"""Mouth shapes at least this wide show a drawn mouth beside their name."""


def lane_name(lane: Lane) -> str:
    """What a lane is called."""
    names = {
        Lane.MOUTH: QCoreApplication.translate("Timeline", "Mouth"),
        Lane.BLINK: QCoreApplication.translate("Timeline", "Blinks"),
        Lane.LOOK: QCoreApplication.translate("Timeline", "Looks"),
    }
    return names[lane]


def lane_hint(lane: Lane) -> str:
    """What can be typed into a lane, in a few signs."""
    if lane is Lane.MOUTH:
        return QCoreApplication.translate("Timeline", "type A–H, X")
    return QCoreApplication.translate("Timeline", "Ins adds")


@dataclass(frozen=True)
class LaneLook:
    """What the painting asks of the rest of the window.

    Attributes:
        shown: whether a layer shows its lanes.
        mark: what is chosen.
        active: layer id and lane that is typed into.
        name: what a mouth shape is called.
    """

    shown: Callable[[Layer], bool]
    mark: Mark | None
    active: tuple[str, Lane] | None
    name: Callable[[Viseme], str]


class LanePainter:
    """Paints the lanes of a view of some size; only what is visible."""

    def __init__(
        self, painter: QPainter, area: QRect, geometry: Geometry, palette: QPalette, look: LaneLook
    ) -> None:
        self._p = painter
        self._area = area
        self._g = geometry
        self._palette = palette
        self._look = look
        self._small = QFont(painter.font())
        self._small.setPointSizeF(max(7.0, painter.font().pointSizeF() - 1.5))

    def paint(self, rows: Rows) -> None:
        """The lanes of every layer in view that shows them, and their names."""
        p, g = self._p, self._g
        p.save()
        p.setFont(self._small)
        for row in g.visible_rows(self._area.height(), len(rows)):
            layer = rows.layers[row]
            if self._look.shown(layer):
                p.setClipRect(self._area.adjusted(g.header, RULER_HEIGHT, 0, 0))
                for lane in LANES:
                    self._lane(rows, row, lane)
                p.setClipRect(QRect(0, RULER_HEIGHT, g.header, self._area.height()))
                for lane in LANES:
                    self._name(row, layer, lane)
        p.restore()

    def _lane(self, rows: Rows, row: int, lane: Lane) -> None:
        p, g, layer = self._p, self._g, rows.layers[row]
        box = lane_box(g, row, lane)
        box.setRight(self._area.width())
        active = self._look.active == (layer.id, lane)
        base = QPalette.ColorRole.AlternateBase if active else QPalette.ColorRole.Base
        p.fillRect(box, self._palette.color(base))
        first, last = g.visible_frames(self._area.width())
        if g.frame_width >= FAR:
            self._still_frames(rows, row, box, (first, last))
        blocks = blocks_between(layer.acting, lane, first, last, rows.scene.end)
        if g.frame_width < FAR:
            self._from_far(row, layer, lane, blocks)
        else:
            for block in blocks:
                self._block(rows, row, lane, block)
        beyond = QRectF(box)
        beyond.setLeft(g.x(rows.scene.end + 1))
        p.fillRect(beyond, QColor(0, 0, 0, 46))
        p.setPen(self._palette.color(QPalette.ColorRole.Mid))
        p.drawLine(box.bottomLeft(), box.bottomRight())
        if active:
            p.setPen(QPen(self._palette.color(QPalette.ColorRole.Accent), 1))
            p.drawLine(box.topLeft(), box.topRight())
            p.drawLine(box.bottomLeft(), box.bottomRight())

    def _still_frames(self, rows: Rows, row: int, box: QRectF, seen: tuple[int, int]) -> None:
        """Hatch the frames on which nothing is drawn that could follow the lanes."""
        line = self._palette.color(QPalette.ColorRole.PlaceholderText)
        line.setAlpha(60)
        brush = QBrush(line, Qt.BrushStyle.BDiagPattern)
        for block in rows.between(row, *seen):
            if block.kind is not CellKind.GENERATED:
                left, right = self._g.x(block.frame), self._g.x(block.frame + block.frames)
                self._p.fillRect(QRectF(left, box.top(), right - left, box.height()), brush)

    def _from_far(self, row: int, layer: Layer, lane: Lane, blocks: Iterable[Block]) -> None:
        """Marks too narrow for signs and names: plain boxes, a few calls for all of them."""
        boxes: list[QRectF] = []
        opened: list[QRectF] = []
        chosen: list[QRectF] = []
        for block in blocks:
            box = block_box(self._g, row, lane, block)
            boxes.append(box)
            if isinstance(block.entry, MouthCue) and block.entry.shape:
                height = box.height() * max(OPENNESS[block.entry.shape], 0.1)
                opened.append(QRectF(box.left(), box.bottom() - height, box.width(), height))
            if self._look.mark == Mark(layer.id, lane, block.first):
                chosen.append(box)
        self._p.setPen(Qt.PenStyle.NoPen)
        accent = self._palette.color(QPalette.ColorRole.Accent)
        for places, colour in ((boxes, _FILLS[lane]), (opened, _OVER[lane]), (chosen, accent)):
            self._p.setBrush(colour)
            self._p.drawRects(places)

    def _block(self, rows: Rows, row: int, lane: Lane, block: Block) -> None:
        p = self._p
        box = block_box(self._g, row, lane, block).adjusted(0.5, 0, -0.5, 0)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(_FILLS[lane])
        p.drawRoundedRect(box, 3, 3)
        inner = box.intersected(QRectF(self._g.header, 0, self._area.width(), 1e6))
        if isinstance(block.entry, MouthCue) and block.entry.shape:
            self._mouth(box, inner, block.entry.shape)
        elif isinstance(block.entry, Blink):
            self._blink(box, block.entry)
        elif isinstance(block.entry, Gaze):
            self._gaze(inner, block.entry)
        mark = self._look.mark
        layer = rows.layers[row]
        if mark is not None and mark == Mark(layer.id, lane, block.first):
            p.setPen(QPen(self._palette.color(QPalette.ColorRole.Accent), 2))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRoundedRect(box.adjusted(1, 1, -1, -1), 3, 3)
        if box.width() > 8 and unseen(rows, row, block):
            self._warn(box)
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _mouth(self, box: QRectF, inner: QRectF, shape: Viseme) -> None:
        p = self._p
        height = box.height() * max(OPENNESS[shape], 0.1)
        p.setBrush(_OVER[Lane.MOUTH])
        p.drawRoundedRect(QRectF(box.left(), box.bottom() - height, box.width(), height), 2, 2)
        text = self._look.name(shape)
        width = p.fontMetrics().horizontalAdvance(text)
        left = inner.left() + 5
        if inner.width() >= _GLYPH_WIDTH + width:
            draw_mouth(p, QRectF(left, box.top() + 2, 22, box.height() - 4), shape, _INK)
            left += 27
        elif inner.width() < width + 9:
            left = inner.left() + (inner.width() - width) / 2
        if inner.width() >= width + 2:
            p.setPen(_INK)
            place = QRectF(left, box.top(), width + 2, box.height())
            p.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)

    def _blink(self, box: QRectF, blink: Blink) -> None:
        """How far the lids are closed from frame to frame; the later eye as a second line."""
        p = self._p
        p.save()
        p.setClipRect(box, Qt.ClipOperation.IntersectClip)
        steps = min(max(int(box.width() / 3), 4), 48)
        for side in (0, 1) if blink.lag else (0,):
            path = QPainterPath(box.topLeft())
            for step in range(steps + 1):
                share = step / steps
                closed = closed_at(blink, share)[side]
                at = QPointF(box.left() + share * box.width(), box.top() + closed * box.height())
                path.lineTo(at)
            path.lineTo(box.topRight())
            fill = QColor(_OVER[Lane.BLINK])
            fill.setAlpha(150 if blink.lag else 255)
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(fill)
            p.drawPath(path)
        p.restore()

    def _gaze(self, inner: QRectF, gaze: Gaze) -> None:
        p = self._p
        p.setBrush(_OVER[Lane.LOOK])
        p.drawRoundedRect(inner.adjusted(0, inner.height() - 3, 0, 0), 1.5, 1.5)
        if inner.width() < 14:
            return
        side = min(inner.height() - 5, inner.width() - 4)
        centre = QPointF(inner.left() + 4 + side * 0.6, inner.center().y() - 0.5)
        p.setPen(QPen(_INK, 1.2))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawEllipse(centre, side * 0.6, side * 0.48)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(_INK)
        p.drawEllipse(centre + QPointF(gaze.x * side * 0.3, gaze.y * side * 0.2), 2.4, 2.4)

    def _warn(self, box: QRectF) -> None:
        p, x, y = self._p, box.right() - 6, box.top() + 3
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(BREAKDOWN)
        p.drawPolygon([QPointF(x, y), QPointF(x + 4, y + 7), QPointF(x - 4, y + 7)])

    def _name(self, row: int, layer: Layer, lane: Lane) -> None:
        p, g = self._p, self._g
        box = lane_box(g, row, lane)
        box.setLeft(0)
        box.setRight(g.header)
        active = self._look.active == (layer.id, lane)
        if active:
            p.fillRect(box, self._palette.color(QPalette.ColorRole.Button))
            accent = self._palette.color(QPalette.ColorRole.Accent)
            p.fillRect(QRectF(0, box.top(), 3, box.height()), accent)
        role = QPalette.ColorRole.WindowText if active else QPalette.ColorRole.PlaceholderText
        p.setPen(self._palette.color(role))
        text = box.adjusted(36, 0, -8, 0)
        p.drawText(text, Qt.AlignmentFlag.AlignVCenter, lane_name(lane))
        if active:
            p.setPen(self._palette.color(QPalette.ColorRole.PlaceholderText))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            p.drawText(text, right, lane_hint(lane))
        p.setPen(self._palette.color(QPalette.ColorRole.Mid))
        p.drawLine(box.bottomLeft(), box.bottomRight())


def closed_at(blink: Blink, share: float) -> tuple[float, float]:
    """How far both lids are closed at a share of a blink's length, as `Blink.closed` has it."""
    # Asked of a long blink of the same kind, whose frames lie close enough for a curve.
    fine = Blink(1, 240, blink.lag, blink.amount)
    return fine.closed(1 + round(share * 239))


def unseen(rows: Rows, row: int, block: Block) -> bool:
    """True if no in-between is exposed anew while a mark lasts, so that it shows nowhere.

    Very long marks are not looked through at every painting.
    """
    if block.stop - block.first > _LONG:
        return False
    exposures = rows.between(row, block.first, block.stop - 1)
    return not any(one.kind is CellKind.GENERATED and one.frame >= block.first for one in exposures)
