"""What the attachment tool shows: the drawing's frame and handles, its pins, and it as dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF, QTransform

from genani.app.attach_commands import AttachCommands
from genani.app.images import to_image
from genani.scene.errors import GenAniError
from genani.ui.canvas.plates import plate
from genani.ui.canvas.view import CanvasView
from genani.ui.canvas.viewport import Viewport
from genani.ui.faces.attach_tool import AttachTool, Frame

if TYPE_CHECKING:
    from genani.app.session import Session
    from genani.scene.attachment import Pinned
    from genani.scene.picture import PictureId

_DARK, _LIGHT, _PIN = QColor("#17181a"), QColor("#ffffff"), QColor("#ffcf40")
_MISSING = QColor("#8a5a10")
_CORNER = 4.0
_DRAGGED = 0.75
"""Opacity of the drawing while it is dragged: what is below has to be seen."""


class AttachMarks:
    """Paints over the canvas while the tool is chosen."""

    def __init__(
        self, session: Session, canvas: CanvasView, tool: AttachTool, commands: AttachCommands
    ) -> None:
        self._session = session
        self._canvas = canvas
        self._tool = tool
        self._commands = commands
        self._image: tuple[PictureId, QImage] | None = None
        canvas.lay_over(self)

    def replaces(self, painter: QPainter, view: Viewport) -> bool:
        """The frame is never replaced."""
        del painter, view
        return False

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint where the drawing is, and the drawing itself while it is dragged."""
        if self._session.playback.playing:
            return
        here = self._commands.here()
        if here is not None and here.face is None:
            text = self._tr("{0} is not shown: no face is marked here").format(here.layer.name)
            plate(painter, QPointF(12, 12), text, _MISSING)
        if not self._tool.on:
            return
        drawing, frame = self._tool.drawing(), self._tool.frame(view)
        if drawing is None or frame is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._tool.held is not None:
            self._paint_drawing(painter, drawing, frame)
        self._paint_frame(painter, frame)
        self._paint_pins(painter, view, drawing)
        painter.restore()

    def _paint_drawing(self, painter: QPainter, drawing: Pinned, frame: Frame) -> None:
        image = self._picture(drawing.picture)
        if image is None:
            return
        before = QPolygonF(QRectF(image.rect()))
        before.removeLast()
        way = QTransform.quadToQuad(before, QPolygonF(list(frame.corners)))
        if not isinstance(way, QTransform):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(_DRAGGED)
        painter.setTransform(way, combine=True)
        painter.drawImage(QPointF(), image)
        painter.restore()

    def _picture(self, picture_id: PictureId) -> QImage | None:
        if self._image is None or self._image[0] != picture_id:
            try:
                self._image = picture_id, to_image(self._commands.picture(picture_id))
            except GenAniError:
                return None
        return self._image[1]

    def _paint_frame(self, painter: QPainter, frame: Frame) -> None:
        accent = self._canvas.palette().accent().color()
        top = (frame.corners[0] + frame.corners[1]) / 2
        for pen in (QPen(QColor(0, 0, 0, 110), 3.0), QPen(accent, 1.3)):
            painter.setPen(pen)
            painter.drawPolygon(QPolygonF(list(frame.corners)))
            painter.drawLine(top, frame.turn)
        painter.setPen(QPen(_DARK, 1.2))
        painter.setBrush(_LIGHT)
        for corner in frame.corners:
            painter.drawRect(
                QRectF(corner - QPointF(_CORNER, _CORNER), corner + QPointF(_CORNER, _CORNER))
            )
        painter.drawEllipse(frame.turn, _CORNER + 1, _CORNER + 1)

    def _paint_pins(self, painter: QPainter, view: Viewport, drawing: Pinned) -> None:
        """A dot where each pin of the picture lies, joined to the landmark it is held to."""
        here = self._commands.here()
        if here is None or here.face is None:
            return
        places = [(pin.x, pin.y) for pin in drawing.pins]
        lying = self._session.services.faces.attach.lies(drawing, here.face, places)
        for pin, place in zip(drawing.pins, lying, strict=True):
            dot = view.to_screen(QPointF(*place))
            mark = view.to_screen(QPointF(*here.face.points[pin.landmark][:2]))
            painter.setPen(QPen(_PIN, 1.2))
            painter.drawLine(dot, mark)
            painter.setPen(QPen(_DARK, 1.2))
            painter.setBrush(_PIN)
            painter.drawEllipse(dot, 3.6, 3.6)

    def _tr(self, text: str) -> str:
        return QCoreApplication.translate("AttachMarks", text)
