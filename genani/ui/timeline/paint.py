"""Painting the timeline: ruler, layer names, blocks, spans, playhead; only what is visible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen, QPixmap

from genani.app.states import DrawingState
from genani.scene.document import Drawing, Exposure, Layer, Scene
from genani.scene.span import Span
from genani.ui.icons import icon
from genani.ui.timeline.far import FAR, paint_far
from genani.ui.timeline.geometry import RULER_HEIGHT, Geometry
from genani.ui.timeline.marks import draw_error, draw_mark, state_brush, state_colour
from genani.ui.timeline.rows import Rows
from genani.ui.timeline.worn import paint_worn

PLAYHEAD = QColor("#e86a52")
_FILL = {
    "key": QColor("#565a63"),
    "breakdown": QColor("#5b5443"),
    "in-between": QColor("#48525c"),
    "generated": QColor("#3f4c44"),
}
THUMBNAIL_WIDTH = 26.0
"""Blocks at least this wide show their drawing."""
BAND = 17.0
"""Height of the lower part of a block, where its mark, number and exposure stand."""

_STRENGTH = {DrawingState.CACHED: 1.0, DrawingState.STALE: 0.55}
_FAINT = 0.22

_WIDTHS: dict[tuple[str, str], int] = {}
"""Widths of short texts by font: there are few of them, and measuring is slow."""
_KEPT_WIDTHS = 4000


@dataclass(frozen=True)
class SpanLook:
    """What a span's strip tells.

    Attributes:
        state: stale, queued, running, done or failed.
        share: how much is drawn, 0 to 1.
        label: engine and state, in words.
        short: the state alone, for narrow strips.
    """

    state: str
    share: float
    label: str
    short: str


@dataclass(frozen=True)
class Look:
    """What the painting asks of the rest of the window."""

    thumbnail: Callable[[str, Exposure], QPixmap | None]
    span: Callable[[str, Span], SpanLook]
    cached: Callable[[int], bool]
    state: Callable[[str, Exposure], DrawingState]


@dataclass(frozen=True)
class Chosen:
    """What is selected."""

    layer: str | None
    cells: frozenset[str]
    span: str | None
    t: Fraction | None = None


class TimelinePainter:
    """Paints one frame of the timeline into a view of some size."""

    def __init__(
        self, painter: QPainter, area: QRect, geometry: Geometry, palette: QPalette, look: Look
    ) -> None:
        self._p = painter
        self._area = area
        self._g = geometry
        self._palette = palette
        self._look = look
        self._small = QFont(painter.font())
        self._small.setPointSizeF(max(7.0, painter.font().pointSizeF() - 1.5))

    def _width(self, text: str) -> int:
        key = self._small.key(), text
        width = _WIDTHS.get(key)
        if width is None:
            if len(_WIDTHS) > _KEPT_WIDTHS:
                _WIDTHS.clear()
            width = _WIDTHS[key] = QFontMetrics(self._small).horizontalAdvance(text)
        return width

    def frames(self) -> QRect:
        """The part of the view that shows frames."""
        return self._area.adjusted(self._g.header, 0, 0, 0)

    def ruler(self, scene: Scene) -> None:
        """The ruler: numbers, a double mark each second, markers, the range, the cached band."""
        p, g = self._p, self._g
        p.save()
        p.setClipRect(self.frames())
        p.fillRect(0, 0, self._area.width(), RULER_HEIGHT, self._palette.window())
        first, last = g.visible_frames(self._area.width())
        self._range(scene, first, last)
        fps = max(1, round(scene.rate.fps))
        step = g.tick_step(fps)
        p.setFont(self._small)
        text = self._palette.color(QPalette.ColorRole.WindowText)
        mark = self._palette.color(QPalette.ColorRole.PlaceholderText)
        start = first - (first - 1) % step if g.frame_width < 6 else first
        for frame in range(start, last + 1, step if g.frame_width < 6 else 1):
            x = g.x(frame)
            numbered = (frame - 1) % step == 0 or frame == 1
            p.setPen(mark)
            p.drawLine(QPointF(x, RULER_HEIGHT - (9 if numbered else 4)), QPointF(x, RULER_HEIGHT))
            if (frame - 1) % fps == 0:
                p.drawLine(QPointF(x + 2, RULER_HEIGHT - 9), QPointF(x + 2, RULER_HEIGHT))
            if numbered:
                p.setPen(text)
                p.drawText(QPointF(x + 5, RULER_HEIGHT - 11), str(frame))
        self._markers(scene, first, last)
        p.restore()

    def _range(self, scene: Scene, first: int, last: int) -> None:
        start, stop = scene.play_range
        shade = QColor(0, 0, 0, 50)
        if start > first:
            self._p.fillRect(self._columns(first, start - 1, RULER_HEIGHT), shade)
        if stop < last:
            self._p.fillRect(self._columns(stop + 1, last, RULER_HEIGHT), shade)
        if scene.first_frame or scene.last_frame:
            accent = self._palette.color(QPalette.ColorRole.Accent)
            left, right = self._g.x(start), self._g.x(stop + 1)
            self._p.fillRect(QRectF(left, 0, right - left, 3), accent)

    def _columns(self, first: int, last: int, height: int) -> QRectF:
        left = self._g.x(first)
        return QRectF(left, 0, self._g.x(last + 1) - left, height)

    def cached(self) -> None:
        """A band along the ruler under the frames that can be shown at once."""
        g, band = self._g, QColor("#8f9095")
        first, last = g.visible_frames(self._area.width())
        # From far, every few frames stand for their neighbours.
        step = max(1, round(2 / g.frame_width))
        width = step * g.frame_width
        for frame in range(first, last + 1, step):
            left = g.x(frame)
            if left + width > g.header and self._look.cached(frame):
                self._p.fillRect(QRectF(left, RULER_HEIGHT - 2, width, 2), band)

    def _markers(self, scene: Scene, first: int, last: int) -> None:
        for marker in scene.markers:
            if first - 40 <= marker.frame <= last:
                x = self._g.x(marker.frame) + self._g.frame_width / 2
                self._p.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._p.setPen(Qt.PenStyle.NoPen)
                self._p.setBrush(self._palette.color(QPalette.ColorRole.Link))
                points = [QPointF(x - 4, 4), QPointF(x + 4, 4), QPointF(x + 4, 9), QPointF(x, 13)]
                self._p.drawPolygon([*points, QPointF(x - 4, 9)])
                self._p.setPen(self._palette.color(QPalette.ColorRole.Link))
                self._p.drawText(QPointF(x + 7, 12), marker.text)

    def rows(self, rows: Rows, chosen: Chosen) -> None:
        """The layers: background, spans, blocks."""
        p, g = self._p, self._g
        first, last = g.visible_frames(self._area.width())
        p.save()
        p.setClipRect(self.frames().adjusted(0, RULER_HEIGHT, 0, 0))
        for row in g.visible_rows(self._area.height(), len(rows)):
            layer = rows.layers[row]
            role = (
                QPalette.ColorRole.AlternateBase
                if layer.id == chosen.layer
                else QPalette.ColorRole.Base
            )
            box = QRect(g.header, g.y(row), self._area.width(), g.row_height)
            p.fillRect(box, self._palette.color(role))
            p.setOpacity(1.0 if layer.visible else 0.45)
            p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            paint_worn(p, g, row, layer, rows.scene, self._palette)
            blocks = rows.between(row, first, last)
            if g.frame_width < FAR:
                accent = self._palette.color(QPalette.ColorRole.Accent)
                paint_far(p, g, row, blocks, _FILL, chosen.cells, accent)
            else:
                for exposure in blocks:
                    self._block(row, layer, exposure, chosen)
            for span, start, stop in rows.spans_between(row, first, last):
                self._span(row, layer, span, (start, stop), chosen)
            p.setOpacity(1.0)
            p.setPen(self._palette.color(QPalette.ColorRole.Mid))
            p.drawLine(box.bottomLeft(), box.bottomRight())
        end = g.x(rows.scene.end + 1)
        outside = QRectF(end, RULER_HEIGHT, self._area.width() - end, self._area.height())
        p.fillRect(outside, QColor(0, 0, 0, 46))
        p.restore()

    def _block(self, row: int, layer: Layer, exposure: Exposure, chosen: Chosen) -> None:
        p, g = self._p, self._g
        box = g.block(row, exposure.frame, exposure.frames).adjusted(0.5, 0, -0.5, 0)
        cell = exposure.cell
        drawing = layer.drawings[cell.drawing] if cell and cell.drawing else None
        if cell is not None and drawing is None:
            p.setPen(QPen(self._palette.color(QPalette.ColorRole.Mid), 1, Qt.PenStyle.DashLine))
            p.drawRect(box)
            self._outline(box, bool(cell and cell.id in chosen.cells))
            return
        p.fillRect(box, _FILL[exposure.kind.value])
        p.fillRect(QRectF(box.left(), box.top(), 1.5, box.height()), QColor(255, 255, 255, 40))
        state = DrawingState.CACHED if cell else self._look.state(layer.id, exposure)
        if box.width() >= THUMBNAIL_WIDTH:
            self._thumbnail(box, self._look.thumbnail(layer.id, exposure), state)
        radius = min(5.5, g.frame_width * 0.36)
        beside = min(g.frame_width / 2, radius + 5)
        centre = QPointF(box.left() + beside, box.bottom() - BAND / 2)
        if state is DrawingState.FAILED:
            draw_error(p, centre, radius)
        else:
            draw_mark(p, exposure.kind, centre, radius, bool(drawing and drawing.corrected))
        text = self._count(box, centre.x() + radius + 4, drawing, exposure.frames)
        self._hold(box, text, exposure)
        picked = bool(exposure.span and exposure.t == chosen.t and exposure.span.id == chosen.span)
        on_chart = chosen.t is not None and cell is None and picked
        self._outline(box, on_chart or bool(cell and cell.id in chosen.cells))

    def _thumbnail(self, box: QRectF, picture: QPixmap | None, state: DrawingState) -> None:
        if picture is None:
            return
        room = box.adjusted(2, 2, -2, -BAND)
        scale = min(room.width() / picture.width(), room.height() / picture.height())
        width, height = picture.width() * scale, picture.height() * scale
        left = room.left() + min(2.0, room.width() - width)
        # What is not drawn yet shows its neighbour, and must not pass for a drawing.
        opacity = self._p.opacity()
        self._p.setOpacity(opacity * _STRENGTH.get(state, _FAINT))
        self._p.drawPixmap(
            QRectF(left, room.center().y() - height / 2, width, height),
            picture,
            QRectF(picture.rect()),
        )
        self._p.setOpacity(opacity)

    def _count(self, box: QRectF, left: float, drawing: Drawing | None, frames: int) -> float:
        """Print drawing number and exposure; returns where the text ends."""
        number = str(drawing.number) if drawing else ""
        exposed = f"×{frames}" if frames > 1 else ""
        self._p.setFont(self._small)
        for text in (f"{number} {exposed}".strip(), exposed, number):
            width = self._width(text)
            if text and left + width <= box.right() - 3:
                self._p.setPen(QColor("#e9e8e4"))
                place = QRectF(left, box.bottom() - BAND, width + 2, BAND)
                self._p.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
                return left + width
        return left

    def _hold(self, box: QRectF, left: float, exposure: Exposure) -> None:
        stop, y = box.right() - 5, box.bottom() - BAND / 2
        if exposure.frames > 1 and stop > left + 8:
            self._p.setPen(QPen(QColor(255, 255, 255, 90), 1.2))
            self._p.drawLine(QPointF(left + 3, y), QPointF(stop, y))
            self._p.drawLine(QPointF(stop, y - 3), QPointF(stop, y + 3))

    def _outline(self, box: QRectF, chosen: bool) -> None:
        if chosen:
            self._p.setPen(QPen(self._palette.color(QPalette.ColorRole.Accent), 2))
            self._p.setBrush(Qt.BrushStyle.NoBrush)
            self._p.drawRect(box.adjusted(1, 1, -1, -1))

    def _span(
        self, row: int, layer: Layer, span: Span, ends: tuple[int, int], chosen: Chosen
    ) -> None:
        p = self._p
        box = self._g.strip(row, *ends)
        look = self._look.span(layer.id, span)
        colour = state_colour(look.state)
        p.fillRect(box, QColor(colour.red(), colour.green(), colour.blue(), 60))
        filled = QRectF(box)
        if look.state == "running":
            filled.setWidth(box.width() * look.share)
        p.fillRect(filled, state_brush(look.state))
        p.setPen(QPen(colour, 1))
        if span.id == chosen.span:
            p.setPen(QPen(self._palette.color(QPalette.ColorRole.Accent), 2))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRect(box)
        self._ticks(box, span)
        self._strip_label(box, look)

    def _strip_label(self, box: QRectF, look: SpanLook) -> None:
        p = self._p
        p.setFont(self._small)
        metrics = p.fontMetrics()
        for label in (look.label, look.short):
            width = metrics.horizontalAdvance(label) + 8
            # Some of the strip stays free, to show its pattern and how far it is.
            if label and width <= box.width() * 0.7:
                middle = box.center().x() - width / 2
                plate = QRectF(middle, box.top() - 1, width, box.height() + 2)
                p.fillRect(plate, QColor(20, 20, 22, 190))
                p.setPen(QColor("#f0efea"))
                p.drawText(plate, Qt.AlignmentFlag.AlignCenter, label)
                return

    def _ticks(self, box: QRectF, span: Span) -> None:
        if box.width() > 24:
            self._p.setPen(QPen(QColor(255, 255, 255, 150), 1))
            for t in span.chart.times:
                x = box.left() + t * box.width()
                self._p.drawLine(QPointF(x, box.top() + 1), QPointF(x, box.bottom() - 1))

    def headers(self, rows: Rows, chosen: Chosen) -> None:
        """The column of layer names, with the eye and the lock of each."""
        p, g = self._p, self._g
        p.save()
        p.setClipRect(QRect(0, RULER_HEIGHT, g.header, self._area.height()))
        p.fillRect(0, 0, g.header, self._area.height(), self._palette.window())
        for row in g.visible_rows(self._area.height(), len(rows)):
            layer = rows.layers[row]
            box = g.header_row(row)
            if layer.id == chosen.layer:
                p.fillRect(box, self._palette.color(QPalette.ColorRole.Button))
                accent = self._palette.color(QPalette.ColorRole.Accent)
                p.fillRect(QRect(0, box.top(), 3, box.height()), accent)
            icon("visible" if layer.visible else "hidden").paint(p, self.eye(row))
            icon("lock" if layer.locked else "unlock").paint(p, self.padlock(row))
            p.setPen(self._palette.color(QPalette.ColorRole.WindowText))
            name = p.fontMetrics().elidedText(
                layer.name, Qt.TextElideMode.ElideRight, g.header - 94
            )
            p.drawText(box.adjusted(64, 0, -26, 0), Qt.AlignmentFlag.AlignVCenter, name)
            self._chevron(box, row < len(g.lanes) and g.lanes[row] > 0)
            p.setPen(self._palette.color(QPalette.ColorRole.Mid))
            p.drawLine(box.bottomLeft(), box.bottomRight())
        p.restore()
        p.fillRect(0, 0, g.header, RULER_HEIGHT, self._palette.window())

    def _chevron(self, box: QRect, opened: bool) -> None:
        """Shows whether the lanes under a layer are open."""
        p, x, y = self._p, box.right() - 14, box.center().y() + 0.5
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(self._palette.color(QPalette.ColorRole.PlaceholderText), 1.5))
        ends = [QPointF(-2, -4), QPointF(2, 0), QPointF(-2, 4)]
        if opened:
            ends = [QPointF(-4, -2), QPointF(0, 2), QPointF(4, -2)]
        p.drawPolyline([QPointF(x, y) + end for end in ends])
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def eye(self, row: int) -> QRect:
        """Where the eye of a layer is."""
        box = self._g.header_row(row)
        return QRect(10, box.center().y() - 9, 18, 18)

    def padlock(self, row: int) -> QRect:
        """Where the lock of a layer is."""
        box = self._g.header_row(row)
        return QRect(36, box.center().y() - 9, 18, 18)

    def playhead(self, frame: int) -> None:
        """The line at the present frame, with its number."""
        p, g = self._p, self._g
        p.save()
        p.setClipRect(self.frames())
        x = g.x(frame)
        p.fillRect(
            QRectF(x, RULER_HEIGHT, g.frame_width, self._area.height()), QColor(232, 106, 82, 26)
        )
        middle = x + g.frame_width / 2
        p.setPen(QPen(PLAYHEAD, 1.5))
        p.drawLine(QPointF(middle, RULER_HEIGHT - 6), QPointF(middle, self._area.height()))
        p.setFont(self._small)
        text = str(frame)
        width = max(22.0, p.fontMetrics().horizontalAdvance(text) + 10)
        plate = QRectF(middle - width / 2, 2, width, 16)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(PLAYHEAD)
        p.drawRoundedRect(plate, 4, 4)
        p.setPen(QColor("#ffffff"))
        p.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
        p.restore()
