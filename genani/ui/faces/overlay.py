"""The face over the frame: lines and points by part, on every frame, in-betweens among them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from genani.app.face_here import FaceHere
from genani.app.states import DrawingState
from genani.scene.face import FacePart, Landmarks, LandmarkSource
from genani.ui.canvas.plates import HEIGHT, plate, plate_width
from genani.ui.canvas.view import CanvasView
from genani.ui.canvas.viewport import Viewport

if TYPE_CHECKING:
    from genani.app.session import Session

PART_COLOURS: dict[FacePart, QColor] = {
    FacePart.BROWS: QColor("#f0a030"),
    FacePart.EYES: QColor("#36b3e6"),
    FacePart.MOUTH: QColor("#f2577f"),
    FacePart.JAW: QColor("#5cc46a"),
    FacePart.HEAD: QColor("#b08cf0"),
}
"""Told apart also by those who see no red or no green: they differ in lightness as well."""

GHOST = QColor("#8f98a8")
PLATE = QColor("#303034")
DRAFT = QColor("#8a5a10")

_HALO = QColor(0, 0, 0, 110)
_WIDTH, _HALO_WIDTH = 1.6, 3.4
_DASHES = [4.0, 3.0]
_FAINTEST = 0.35
_PLANNED = 0.85
_POINTS_FROM = 140.0
"""Points of the screen that a face has to be wide for its points to be told apart."""


class FaceOverlay:
    """Paints the face at the playhead, drafts in place of the frame, and what is known of it.

    Attributes:
        working: a face to be shown in place of the one of the scene, while it is changed.
    """

    def __init__(self, session: Session, canvas: CanvasView) -> None:
        self._session = session
        self._faces = session.services.faces
        self._canvas = canvas
        self.working: Landmarks | None = None
        self._forced = False
        canvas.lay_over(self)
        session.settings_changed.connect(self._follow)
        self._follow()
        session.faces.view.previewed.connect(canvas.update)
        session.faces.preview.changed.connect(canvas.update)

    @property
    def shown(self) -> bool:
        """True where faces are shown at all."""
        return self._forced or self._session.settings.face_lines.on

    def force(self, on: bool) -> None:
        """Show the face although the settings hide it, or not."""
        self._forced = on
        self._follow()

    def _follow(self) -> None:
        self._session.faces.preview.show_everywhere(self.shown)
        self._canvas.update()

    def replaces(self, painter: QPainter, view: Viewport) -> bool:
        """Paint the draft, if there is one."""
        draft = self._session.faces.preview.draft
        if draft is None or self._session.playback.playing:
            return False
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(view.rect(self._session.controller.scene.size), draft)
        return True

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint lines, points, mesh and ghost, as the settings say."""
        if self._session.faces.preview.draft is not None and not self._session.playback.playing:
            corner = QPointF(12, self._canvas.height() - HEIGHT - 12)
            plate(painter, corner, self._note(), DRAFT)
        if not self.shown:
            return
        here = self._session.faces.view.here()
        if here is None:
            return
        lines = self._session.settings.face_lines
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if here.ghost is not None and lines.ghost and not self._session.playback.playing:
            self._paint_ghost(painter, view, here.ghost)
        face = self.working or here.landmarks
        if face is not None:
            placed = self._placed(face, view)
            dashed = here.planned and not here.breakdown and self.working is None
            painter.setOpacity(_strength(face, dashed, here.followed))
            if lines.mesh:
                self._paint_mesh(painter, placed)
            self._paint_lines(painter, placed, dashed)
            self._paint_points(painter, placed)
        painter.restore()
        if not self._session.playback.playing:
            self._paint_label(painter, here)

    def _placed(self, face: Landmarks, view: Viewport) -> list[QPointF]:
        return [view.to_screen(QPointF(x, y)) for x, y, _ in face.points]

    def _paint_ghost(self, painter: QPainter, view: Viewport, face: Landmarks) -> None:
        placed = self._placed(face, view)
        painter.setOpacity(0.75)
        painter.setPen(QPen(GHOST, 1.2))
        for contour in self._faces.contours:
            self._line(painter, [placed[i] for i in contour.points], contour.closed)

    def _paint_lines(self, painter: QPainter, placed: list[QPointF], dashed: bool) -> None:
        for halo in (True, False):
            for contour in self._faces.contours:
                colour = _HALO if halo else PART_COLOURS[contour.part]
                pen = QPen(colour, _HALO_WIDTH if halo else _WIDTH)
                pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                if dashed:
                    pen = _dashed(pen, halo)
                painter.setPen(pen)
                self._line(painter, [placed[i] for i in contour.points], contour.closed)

    def _paint_points(self, painter: QPainter, placed: list[QPointF]) -> None:
        box = QPolygonF(placed).boundingRect()
        if box.width() < _POINTS_FROM:
            return
        radius = min(max(box.width() / 180, 1.2), 3.0)
        painter.setPen(Qt.PenStyle.NoPen)
        for contour in self._faces.contours:
            painter.setBrush(PART_COLOURS[contour.part].lighter(125))
            for index in contour.points:
                painter.drawEllipse(placed[index], radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_mesh(self, painter: QPainter, placed: list[QPointF]) -> None:
        lines = [QLineF(placed[a], placed[b]) for a, b in self._faces.edges()]
        for colour, width in ((QColor(0, 0, 0, 60), 1.6), (QColor(255, 255, 255, 120), 0.7)):
            painter.setPen(QPen(colour, width))
            painter.drawLines(lines)

    def _line(self, painter: QPainter, points: Iterable[QPointF], closed: bool) -> None:
        polygon = QPolygonF(list(points))
        painter.drawPolygon(polygon) if closed else painter.drawPolyline(polygon)

    def _paint_label(self, painter: QPainter, here: FaceHere) -> None:
        text = self._text(here)
        corner = self._canvas.width() - plate_width(painter, text) - 12
        plate(painter, QPointF(corner, 12), text, PLATE)

    def _note(self) -> str:
        """What stands in the way of a drawing in place of the draft."""
        texts = {
            DrawingState.QUEUED: self._tr("Draft · in the queue"),
            DrawingState.RUNNING: self._tr("Draft · being drawn"),
            DrawingState.FAILED: self._tr("Draft · it could not be drawn"),
        }
        state = self._session.frames.badge(self._session.playback.frame)
        return texts.get(state, self._tr("Draft · Generate draws it"))

    def _text(self, here: FaceHere) -> str:
        face = here.landmarks
        if here.planned:
            if face is None:
                return self._tr("No face here: both keys of the span need one")
            if not here.followed:
                return self._tr("Face as planned · the engine of this span does not follow it")
            return (
                self._tr("Face placed by hand") if here.breakdown else self._tr("Face as planned")
            )
        if face is None:
            return self._tr("No face on this drawing")
        sources = {
            LandmarkSource.AUTO: self._tr("Face found, {0} %"),
            LandmarkSource.ANIME: self._tr("Drawn face found, {0} %"),
            LandmarkSource.TRACKED: self._tr("Face followed from the other key, {0} %"),
            LandmarkSource.HAND: self._tr("Face placed by hand"),
        }
        return sources[face.source].format(round(100 * face.confidence))

    def _tr(self, text: str) -> str:
        return QCoreApplication.translate("FaceOverlay", text)


def _strength(face: Landmarks, dashed: bool, followed: bool) -> float:
    sure = _FAINTEST + (1 - _FAINTEST) * face.confidence
    return sure * (_PLANNED if dashed else 1.0) * (1.0 if followed else 0.5)


def _dashed(pen: QPen, halo: bool) -> QPen:
    """The pen with dashes; those of the halo lie under those of the line, a little longer."""
    share = pen.widthF()
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([each * _WIDTH / share for each in _DASHES])
    if not halo:
        pen.setColor(pen.color().lighter(120))
    return pen
