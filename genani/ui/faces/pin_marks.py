"""What the pin tool shows: pins, the way of the one that is meant, and the box that is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from genani.scene.face import Landmarks
from genani.ui.canvas.plates import HEIGHT, plate, plate_width
from genani.ui.canvas.view import CanvasView
from genani.ui.canvas.viewport import Viewport
from genani.ui.faces.overlay import PART_COLOURS, PLATE
from genani.ui.faces.pin_shapes import Reach, box_of
from genani.ui.faces.pin_words import pin_name
from genani.ui.faces.pins import PinTool

if TYPE_CHECKING:
    from genani.app.session import Session

_DARK, _LIGHT = QColor("#17181a"), QColor("#ffffff")
_SMALL, _LARGE = 2.8, 5.0
_SHARE = 1 / 52
"""Radius of a pin in widths of the face, so that those of an eye do not hide one another."""

_WHOLE = "nose tip"
"""The pin whose way stands for that of the whole face."""


class PinMarks:
    """Paints over the canvas while the tool is chosen."""

    def __init__(self, session: Session, canvas: CanvasView, tool: PinTool) -> None:
        self._session = session
        self._canvas = canvas
        self._tool = tool
        canvas.lay_over(self)

    def replaces(self, painter: QPainter, view: Viewport) -> bool:
        """The frame is never replaced by pins."""
        del painter, view
        return False

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint whatever the tool is at."""
        if not self._tool.on or self._session.playback.playing:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drag, face = self._tool.drag, self._tool.face()
        if drag is not None and drag.reach is Reach.BOX:
            box = QRectF(view.to_screen(drag.box.topLeft()), view.to_screen(drag.box.bottomRight()))
            self._paint_box(painter, box)
        if face is not None:
            self._paint_ways(painter, view)
            self._paint_pins(painter, view, face)
        painter.restore()

    def _paint_box(self, painter: QPainter, box: QRectF) -> None:
        accent = self._canvas.palette().accent().color()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(0, 0, 0, 120), 3), QPen(accent, 1.4)):
            painter.setPen(pen)
            painter.drawRect(box)
            # Where brows, nose and mouth of the face at rest will be.
            painter.drawEllipse(box)
        pen = QPen(accent, 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        for share in (0.36, 0.62, 0.76):
            y = box.top() + share * box.height()
            inset = 0.18 * box.width()
            painter.drawLine(QPointF(box.left() + inset, y), QPointF(box.right() - inset, y))

    def _paint_ways(self, painter: QPainter, view: Viewport) -> None:
        """Where the pin goes from key to key: a line, and a dot for each in-between."""
        pin = self._meant()
        if pin is None:
            return
        index = self._session.services.faces.pins[pin]
        colour = PART_COLOURS[self._session.services.faces.parts[pin]]
        for path in self._session.faces.preview.paths:
            way = [view.to_screen(QPointF(*face.points[index][:2])) for face in path]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen in (QPen(QColor(0, 0, 0, 120), 3.2), QPen(colour.lighter(130), 1.4)):
                painter.setPen(pen)
                painter.drawPolyline(QPolygonF(way))
            painter.setPen(QPen(_DARK, 1))
            painter.setBrush(colour.lighter(150))
            for place in way[1:-1]:
                painter.drawEllipse(place, 2.6, 2.6)
            painter.setBrush(_LIGHT)
            for place in (way[0], way[-1]):
                diamond = [QPointF(0, -5), QPointF(5, 0), QPointF(0, 5), QPointF(-5, 0)]
                painter.drawPolygon(QPolygonF([place + corner for corner in diamond]))

    def _meant(self) -> str | None:
        drag = self._tool.drag
        if drag is not None and drag.reach in (Reach.WHOLE, Reach.TURN):
            return _WHOLE
        return self._tool.selected or self._tool.hovered

    def _paint_pins(self, painter: QPainter, view: Viewport, face: Landmarks) -> None:
        parts = self._session.services.faces.parts
        width = box_of(face).width() * view.scale
        radius = min(max(width * _SHARE, _SMALL), _LARGE)
        drag = self._tool.drag
        held = drag.pins if drag is not None else ()
        places = self._session.faces.pins(face)
        for pin, (x, y) in places.items():
            place = view.to_screen(QPointF(x, y))
            colour = PART_COLOURS[parts[pin]]
            meant = pin in (self._tool.selected, self._tool.hovered) or pin in held
            if pin == self._tool.selected or pin in held:
                painter.setPen(QPen(_DARK, 4))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(place, radius + 4, radius + 4)
                painter.setPen(QPen(_LIGHT, 2))
                painter.drawEllipse(place, radius + 4, radius + 4)
            painter.setPen(QPen(_DARK, 1.4))
            free = self._tool.is_free(pin)
            painter.setBrush(colour if free else QColor(60, 60, 64))
            grown = radius + (1.5 if meant else 0)
            painter.drawEllipse(place, grown, grown)
            if not free:
                painter.setPen(QPen(colour, 1.4))
                painter.drawEllipse(place, radius - 0.4, radius - 0.4)
        named = self._tool.hovered or self._tool.selected
        if named is not None and named in places:
            self._paint_name(painter, named, view.to_screen(QPointF(*places[named])))

    def _paint_name(self, painter: QPainter, pin: str, place: QPointF) -> None:
        text = pin_name(pin)
        if not self._tool.is_free(pin):
            text = self._canvas.tr("{0} · locked").format(text)
        width = plate_width(painter, text)
        x = min(max(place.x() - width / 2, 4), self._canvas.width() - width - 4)
        y = place.y() - HEIGHT - 14
        plate(painter, QPointF(x, y if y > 4 else place.y() + 14), text, PLATE)
