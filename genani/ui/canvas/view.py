"""The canvas: the frame at the playhead, ghosts of its neighbours, and a wipe to compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from genani.app.sources import Source
from genani.app.states import DrawingState
from genani.ui.canvas.mips import Mips
from genani.ui.canvas.onion import Ghost, TintedImages, ghosts, opaque
from genani.ui.canvas.plates import checker, plate, surround
from genani.ui.canvas.sight import Sight
from genani.ui.canvas.tool import CanvasOverlay, CanvasTool
from genani.ui.canvas.viewport import Viewport

if TYPE_CHECKING:
    from genani.app.session import Session

TAP_MS = 250
"""A Space let go within this time, without a drag, is a tap: play or stop."""


@dataclass(frozen=True)
class Comparison:
    """What the wipe shows on its right-hand side.

    Attributes:
        source: a drawing or an in-between of a take.
        here, there: names of the two sides.
    """

    source: Source
    here: str
    there: str


class CanvasView(QWidget):
    """Shows the frame at the playhead.

    The wheel zooms at the pointer; the middle button, or Space held, drags the canvas; a tap on
    Space plays and stops.

    Signals:
        scale_changed: screen pixels for one canvas pixel.
        frame_shown: a frame was painted that was not painted before.
    """

    scale_changed = Signal(float)
    frame_shown = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName(self.tr("Canvas"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.setMouseTracking(True)
        self._session = session
        self._blocks = session.blocks
        self._mips = Mips(self)
        self._tinted = TintedImages()
        self._sight = Sight(self._seen)
        self._held: QImage | None = None
        self._shown = 0
        self._comparison: Comparison | None = None
        self._wipe = 0.5
        self._wiping = False
        self._overlays: list[CanvasOverlay] = []
        self._tool: CanvasTool | None = None
        self._space = False
        self._dragged = False
        self._space_timer = QElapsedTimer()
        session.playback.frame_changed.connect(self.update)
        session.playback.playing_changed.connect(self.update)
        session.controller.scene_changed.connect(self._follow_scene)
        session.selection.changed.connect(self.update)
        session.settings_changed.connect(self.update)
        frames = session.frames
        for signal in (frames.frame_ready, frames.drawing_ready, frames.frames_changed):
            signal.connect(self.update)
        self._mips.ready.connect(self.update)

    @property
    def viewport_now(self) -> Viewport:
        """Where the canvas lies on the screen."""
        return self._sight.view

    @property
    def comparison(self) -> Comparison | None:
        """What is compared, or None."""
        return self._comparison

    def shut(self) -> None:
        """End the thread behind the canvas."""
        self._mips.close()

    def fit(self) -> None:
        """Show the whole canvas."""
        self._sight.fit(self._session.controller.scene.size, QSizeF(self.size()))

    def actual_size(self) -> None:
        """Show one canvas pixel on one screen pixel."""
        size, ratio = self._session.controller.scene.size, self.devicePixelRatioF()
        self._sight.show(Viewport.actual(size, QSizeF(self.size()), ratio))

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom at a point of the widget, or at its middle."""
        self._sight.zoom(factor, at or QRectF(self.rect()).center())

    def compare(self, comparison: Comparison | None) -> None:
        """Lay a wipe over the frame, or take it away."""
        self._comparison = comparison
        self.update()

    def lay_over(self, overlay: CanvasOverlay) -> None:
        """Have something painted over the frame from now on."""
        self._overlays.append(overlay)
        self.update()

    def use(self, tool: CanvasTool | None) -> None:
        """Give the left mouse button and some keys to a tool, or take them back."""
        self._tool = tool
        self._show_cursor()
        self.update()

    def _seen(self) -> None:
        self.scale_changed.emit(self._sight.view.scale * self.devicePixelRatioF())
        self.update()

    def _follow_scene(self) -> None:
        if self._sight.fitted:
            self.fit()
        self.update()

    # Painting

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), surround(self.palette()))
        scene = self._session.controller.scene
        box = self._sight.view.rect(scene.size)
        self._paint_backing(painter, box)
        frame = self._session.playback.frame
        image = self._session.frames.image(frame)
        if image is not None:
            self._held = image
        playing = self._session.playback.playing
        over = self._held is not None and opaque(self._held)
        shown = [] if playing else self._ghosts(frame)
        if not over:
            self._paint_ghosts(painter, shown)
        replaced = any(each.replaces(painter, self._sight.view) for each in self._overlays)
        if self._held is not None and not replaced:
            self._paint_image(painter, self._held)
        if over:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
            self._paint_ghosts(painter, shown)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setPen(QPen(QColor(0, 0, 0, 130), 1))
        painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))
        if self._comparison is not None:
            self._paint_wipe(painter, box, self._comparison)
        for overlay in self._overlays:
            overlay.paint(painter, self._sight.view)
        self._paint_steps(painter, shown)
        if not playing and not replaced:
            self._paint_badge(painter, frame)
        painter.end()
        if image is not None and frame != self._shown:
            self._shown = frame
            self.frame_shown.emit(frame)

    def _paint_backing(self, painter: QPainter, box: QRectF) -> None:
        settings = self._session.settings
        if settings.checkerboard:
            brush = QBrush(checker())
            painter.save()
            painter.setBrushOrigin(box.topLeft())
            painter.fillRect(box, brush)
            painter.restore()
        else:
            painter.fillRect(box, QColor(settings.background))

    def _paint_image(self, painter: QPainter, image: QImage) -> None:
        scale = self._sight.view.scale * self.devicePixelRatioF()
        copy = self._mips.best(image, scale)
        # Above 100 % pixels stay crisp squares; a large image whose copy is not there yet is
        # shown coarsely for a moment rather than slowly.
        waiting = copy is image and scale < 0.5
        smooth = QPainter.RenderHint.SmoothPixmapTransform
        painter.setRenderHint(smooth, scale < 1.0 and not waiting)
        painter.drawImage(self._sight.view.rect((image.width(), image.height())), copy)

    def _ghosts(self, frame: int) -> list[tuple[Ghost, Source]]:
        skin, layer = self._session.settings.onion, self._session.selection.active_layer()
        if not skin.on or layer is None or not layer.visible:
            return []
        found = ghosts(self._session.controller.scene, self._blocks, layer.id, frame, skin)
        sources = [(it, self._session.frames.source(layer.id, it.exposure)) for it in found]
        return [(ghost, source) for ghost, source in sources if source is not None]

    def _paint_ghosts(self, painter: QPainter, shown: list[tuple[Ghost, Source]]) -> None:
        for ghost, source in shown:
            image = self._session.frames.drawing(source)
            if image is not None:
                painter.setOpacity(ghost.opacity)
                self._paint_image(painter, self._tinted.get(image, ghost.tint))
        painter.setOpacity(1.0)

    def _paint_steps(self, painter: QPainter, shown: list[tuple[Ghost, Source]]) -> None:
        """Numbers that tell before from after without any colour."""
        left = 12.0
        for ghost, _ in sorted(shown, key=lambda it: it[0].step):
            text = f"{ghost.step:+d} · {ghost.exposure.frame}"
            left += plate(painter, QPointF(left, 12), text, ghost.tint) + 6

    def _paint_wipe(self, painter: QPainter, box: QRectF, comparison: Comparison) -> None:
        other = self._session.frames.drawing(comparison.source)
        x = box.left() + box.width() * self._wipe
        if other is not None:
            painter.save()
            painter.setClipRect(QRectF(x, box.top(), box.right() - x, box.height()))
            self._paint_backing(painter, box)
            self._paint_image(painter, other)
            painter.restore()
        accent = self.palette().accent().color()
        painter.setPen(QPen(accent, 2))
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        painter.setBrush(accent)
        painter.drawEllipse(QPointF(x, box.center().y()), 7, 7)
        width = painter.fontMetrics().horizontalAdvance(comparison.here) + 14
        plate(
            painter, QPointF(x - width - 8, box.bottom() - 28), comparison.here, QColor("#303034")
        )
        plate(painter, QPointF(x + 8, box.bottom() - 28), comparison.there, QColor("#303034"))

    def _paint_badge(self, painter: QPainter, frame: int) -> None:
        texts = {
            DrawingState.STALE: self.tr("Out of date: the keys or settings changed"),
            DrawingState.QUEUED: self.tr("In the queue; showing the nearest drawing"),
            DrawingState.RUNNING: self.tr("Being drawn; showing the nearest drawing"),
            DrawingState.FAILED: self.tr("Could not be drawn; showing the nearest drawing"),
            DrawingState.MISSING: self.tr("Not drawn yet; showing the nearest drawing"),
        }
        text = texts.get(self._session.frames.badge(frame))
        if text:
            plate(painter, QPointF(12, self.height() - 34), text, QColor("#8a5a10"))

    # Pointer and keys

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._sight.fitted:
            self.fit()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self._sight.wheel(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() is Qt.MouseButton.LeftButton
        if event.button() is Qt.MouseButton.MiddleButton or (left and self._space):
            self._sight.grab(event.position())
            self._dragged = True
            self._show_cursor()
        elif left and self._tool is not None:
            self._tool.press(event.position(), event.modifiers(), self._sight.view)
            self._show_cursor()
        elif left and self._comparison is not None:
            self._wiping = True
            self._move_wipe(event.position())

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._tool is None or event.button() is not Qt.MouseButton.LeftButton:
            self.mousePressEvent(event)
        else:
            self._tool.double_click(event.position(), self._sight.view)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._sight.drag(event.position()):
            return
        if self._wiping:
            self._move_wipe(event.position())
        elif self._tool is not None:
            self._tool.move(event.position(), event.modifiers(), self._sight.view)
            self._show_cursor()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._tool is not None and event.button() is Qt.MouseButton.LeftButton:
            self._tool.release()
        self._sight.let_go()
        self._wiping = False
        self._show_cursor()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self._tool is not None:
            self._tool.leave()

    def _show_cursor(self) -> None:
        shape = self._tool.cursor if self._tool else Qt.CursorShape.ArrowCursor
        if self._sight.grabbed:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._space:
            shape = Qt.CursorShape.OpenHandCursor
        self.setCursor(shape)

    def _move_wipe(self, point: QPointF) -> None:
        box = self._sight.view.rect(self._session.controller.scene.size)
        self._wipe = min(max((point.x() - box.left()) / max(box.width(), 1.0), 0.0), 1.0)
        self.update()

    @override
    def event(self, event: QEvent) -> bool:
        # Space is ours while the canvas has the focus: held it pans, tapped it plays.
        if isinstance(event, QKeyEvent):
            wanted = self._tool is not None and self._tool.wants(event)
            space = event.key() == Qt.Key.Key_Space and not event.modifiers()
            if event.type() is QEvent.Type.ShortcutOverride and (wanted or space):
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and self._tool is not None and wanted:
                self._tool.key(event)
                return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._space, self._dragged = True, False
            self._space_timer.start()
            self._show_cursor()

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat() and self._space:
            self._end_space()
            if not self._dragged and self._space_timer.elapsed() < TAP_MS:
                self._session.playback.toggle()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._end_space()

    def _end_space(self) -> None:
        self._space = False
        self._show_cursor()
