"""The timeline widget: paints what is visible and turns the pointer into edits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget
from typing_extensions import override

from genani.scene.document import Cell, Exposure, Layer, Scene
from genani.scene.edits import ChangeLayer
from genani.ui.timeline.drops import DropPlace, paint_drop, place_of, wanted
from genani.ui.timeline.geometry import RULER_HEIGHT, Geometry
from genani.ui.timeline.gestures import (
    Gesture,
    Move,
    MovePlan,
    RetimeEdge,
    RetimeStart,
    RubberBand,
    Scrub,
)
from genani.ui.timeline.paint import Chosen, Look, TimelinePainter
from genani.ui.timeline.rows import Rows
from genani.ui.timeline.tips import tip

if TYPE_CHECKING:
    from genani.app.session import Session

EDGE = 5.0
"""How near the end of a block a press takes hold of its edge, in pixels."""

_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class TimelineView(QAbstractScrollArea):
    """Layers as rows, frames as columns.

    Signals:
        menu_wanted: a context menu is asked for at (global position, layer id or "", frame).
        dropped: files or bin pictures were let go: (mime data, layer id or "", frame).
    """

    menu_wanted = Signal(QPoint, str, int)
    dropped = Signal(object, str, int)

    def __init__(self, session: Session, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.setAccessibleName(self.tr("Timeline"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.viewport().setMouseTracking(True)
        self.setMinimumHeight(RULER_HEIGHT + 80)
        self._session = session
        self._look = look
        self._rows = Rows(session.controller.scene, session.blocks)
        self._geometry = Geometry()
        self._gesture: Gesture | None = None
        self._pan: QPoint | None = None
        self._plan: MovePlan | None = None
        self._band = QRectF()
        self._drop: DropPlace | None = None
        self._drags = 0
        session.controller.scene_changed.connect(self._follow_scene)
        session.playback.frame_changed.connect(self._follow_playhead)
        session.selection.changed.connect(self.viewport().update)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self._scrolled)
        self._follow_scene()

    @property
    def geometry_now(self) -> Geometry:
        """Where things are at present; for tests and for drops."""
        return self._geometry

    def refresh(self) -> None:
        """Paint again: a state or a thumbnail changed."""
        self.viewport().update()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Show frames wider or narrower, keeping what is under `x` (or the playhead) in place."""
        anchor = self._geometry.x(self._session.playback.frame) if x is None else x
        self._geometry = self._geometry.zoomed(factor, anchor)
        self._set_bars()
        self.viewport().update()

    def layer_at(self, point: QPointF) -> Layer | None:
        """The layer under a point."""
        row = self._geometry.row_at(point.y())
        return self._rows.layers[row] if 0 <= row < len(self._rows) else None

    def exposure_at(self, point: QPointF) -> Exposure | None:
        """The block under a point."""
        row = self._geometry.row_at(point.y())
        if point.x() < self._geometry.header or not 0 <= row < len(self._rows):
            return None
        return self._rows.at(row, self._geometry.frame_at(point.x()))

    # Following the document

    def _follow_scene(self) -> None:
        self._rows.update(self._session.controller.scene)
        self._set_bars()
        self.viewport().update()

    def _follow_playhead(self, frame: int) -> None:
        g, width = self._geometry, self.viewport().width()
        x = g.x(frame)
        if not g.header <= x <= width - g.frame_width and not self._gesture:
            # Turn the page rather than creep, so that the picture stands still between pages.
            left = (frame - 1) * g.frame_width - (width - g.header) * 0.15
            self.horizontalScrollBar().setValue(round(left))
        self.viewport().update()

    def _set_bars(self) -> None:
        g, view = self._geometry, self.viewport()
        scene: Scene = self._session.controller.scene
        frames = (scene.end + 48) * g.frame_width
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        wide, high = view.width() - g.header, view.height() - RULER_HEIGHT
        for bar, total, page in (
            (across, frames, wide),
            (down, len(self._rows) * g.row_height, high),
        ):
            bar.setRange(0, max(0, round(total - page)))
            bar.setPageStep(max(1, page))
            bar.setSingleStep(round(max(g.frame_width, 8)))
        across.setValue(round(g.left))

    def _scrolled(self) -> None:
        left, top = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        self._geometry = replace(self._geometry, left=float(left), top=top)
        self.viewport().update()

    # Painting

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self.viewport())
        scene = self._session.controller.scene
        chosen = self._chosen()
        view = TimelinePainter(
            painter, self.viewport().rect(), self._geometry, self.palette(), self._look
        )
        view.rows(self._rows, chosen)
        view.ruler(scene)
        view.playhead(self._session.playback.frame)
        view.headers(self._rows, chosen)
        self._paint_gesture(painter)
        if self._drop is not None:
            paint_drop(painter, self._geometry, self._drop, self.palette())
        painter.end()

    def _chosen(self) -> Chosen:
        selection = self._session.selection
        return Chosen(selection.layer, selection.cells, selection.span, selection.t)

    def _paint_gesture(self, painter: QPainter) -> None:
        accent = self.palette().accent().color()
        if self._plan is not None:
            row = self._rows.row_of(self._plan.layer.id)
            painter.setPen(QPen(accent, 2, Qt.PenStyle.DashLine))
            for cell in self._plan.cells:
                frame = max(1, cell.frame + self._plan.by)
                painter.drawRect(self._geometry.block(row, frame, 1))
        if not self._band.isEmpty():
            painter.setPen(QPen(accent, 1))
            painter.setBrush(QColor(accent.red(), accent.green(), accent.blue(), 40))
            painter.drawRect(self._band)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_bars()

    # The pointer

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if event.button() is Qt.MouseButton.MiddleButton:
            self._pan = event.globalPosition().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() is Qt.MouseButton.LeftButton:
            if point.x() < self._geometry.header:
                self._press_header(point)
            else:
                self._gesture = self._gesture_for(point, event.modifiers())
                self._gesture.move(point, self._geometry.frame_at(point.x()), event.modifiers())

    def _press_header(self, point: QPointF) -> None:
        layer = self.layer_at(point)
        if layer is None or point.y() < RULER_HEIGHT:
            return
        if point.x() < 32:
            text = self.tr("Hide layer") if layer.visible else self.tr("Show layer")
            self._session.controller.do(ChangeLayer(layer.id, visible=not layer.visible), text)
        elif point.x() < 60:
            text = self.tr("Unlock layer") if layer.locked else self.tr("Lock layer")
            self._session.controller.do(ChangeLayer(layer.id, locked=not layer.locked), text)
        else:
            self._session.selection.set_layer(layer.id)

    def _gesture_for(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> Gesture:
        if point.y() < RULER_HEIGHT:
            return Scrub(self._session.playback.seek)
        layer, exposure = self.layer_at(point), self.exposure_at(point)
        if layer is None or exposure is None:
            if not modifiers & _SHIFT:
                self._session.selection.clear()
            return RubberBand(point, self._choose_box, self._show_band)
        edge = self._edge_gesture(point, layer, exposure)
        if edge is not None:
            return edge
        if exposure.cell is None:
            if exposure.span is not None:
                self._session.selection.select_span(layer.id, exposure.span.id, exposure.t)
            return Scrub(self._session.playback.seek)
        return self._cell_gesture(point, layer, exposure.cell, modifiers)

    def _cell_gesture(
        self, point: QPointF, layer: Layer, cell: Cell, modifiers: Qt.KeyboardModifier
    ) -> Gesture:
        selection = self._session.selection
        if modifiers & _SHIFT:
            selection.toggle_cell(cell.id)
        elif cell.id not in selection.cells:
            selection.select_cells({cell.id})
        chosen = tuple(it for it in layer.cells if it.id in selection.cells) or (cell,)
        frame = self._geometry.frame_at(point.x())

        def click() -> None:
            if not modifiers & (_SHIFT | _CTRL):
                selection.select_cells({cell.id})
                self._session.playback.seek(cell.frame)

        return Move(
            MovePlan(layer, chosen),
            frame,
            point,
            self._show_plan,
            self._session.controller.do,
            click,
        )

    def _edge_gesture(self, point: QPointF, layer: Layer, exposure: Exposure) -> Gesture | None:
        cell, g = exposure.cell, self._geometry
        if cell is None or layer.locked or g.frame_width < 6:
            return None
        self._drags += 1
        merge, undo = f"retime {self._drags}", self._session.controller.undo_stack.undo
        left, right = g.x(exposure.frame), g.x(exposure.frame + exposure.frames)
        if right - point.x() <= EDGE:
            return RetimeEdge(layer, exposure, self._session.controller.do, merge, undo)
        if point.x() - left <= EDGE:
            place = layer.cells.index(cell)
            low = layer.cells[place - 1].frame + 1 if place else 1
            later = layer.cells[place + 1 :]
            high = later[0].frame - 1 if later else cell.frame + 10_000
            return RetimeStart(layer, cell, low, high, self._session.controller.do, merge, undo)
        return None

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._pan is not None:
            now = event.globalPosition().toPoint()
            across, down = self.horizontalScrollBar(), self.verticalScrollBar()
            across.setValue(across.value() - (now - self._pan).x())
            down.setValue(down.value() - (now - self._pan).y())
            self._pan = now
        elif self._gesture is not None:
            self._gesture.move(point, self._geometry.frame_at(point.x()), event.modifiers())
        else:
            self._show_cursor(point)

    def _show_cursor(self, point: QPointF) -> None:
        exposure, g = self.exposure_at(point), self._geometry
        shape = Qt.CursorShape.ArrowCursor
        if exposure is not None and exposure.cell is not None and g.frame_width >= 6:
            ends = g.x(exposure.frame), g.x(exposure.frame + exposure.frames)
            if min(point.x() - ends[0], ends[1] - point.x()) <= EDGE:
                shape = Qt.CursorShape.SplitHCursor
        self.viewport().setCursor(shape)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan is not None and event.button() is Qt.MouseButton.MiddleButton:
            self._pan = None
            self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        if self._gesture is not None and event.button() is Qt.MouseButton.LeftButton:
            gesture, self._gesture = self._gesture, None
            gesture.release(event.modifiers())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            gesture.cancel()
        else:
            super().keyPressEvent(event)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if event.modifiers() & _CTRL:
            self.zoom(1.0015 ** delta.y(), event.position().x())
        elif event.modifiers() & _SHIFT or abs(delta.x()) > abs(delta.y()):
            across = self.horizontalScrollBar()
            across.setValue(across.value() - (delta.x() or delta.y()))
        else:
            super().wheelEvent(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        point = QPointF(event.pos())
        layer, exposure = self.layer_at(point), self.exposure_at(point)
        selection = self._session.selection
        if layer is not None and exposure is not None:
            if exposure.cell is not None and exposure.cell.id not in selection.cells:
                selection.select_cells({exposure.cell.id})
            elif exposure.cell is None and exposure.span is not None:
                selection.select_span(layer.id, exposure.span.id, exposure.t)
        frame = self._geometry.frame_at(point.x())
        self.menu_wanted.emit(event.globalPos(), layer.id if layer else "", frame)

    @override
    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            point = QPointF(event.pos())
            text = tip(self.layer_at(point), self.exposure_at(point), self._look)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)

    # What gestures show and choose

    def _show_plan(self, plan: MovePlan | None) -> None:
        self._plan = plan
        self.viewport().update()

    def _show_band(self, box: QRectF) -> None:
        self._band = box
        self.viewport().update()

    def _choose_box(self, box: QRectF) -> None:
        g = self._geometry
        first, last = g.frame_at(box.left()), g.frame_at(box.right())
        found: set[str] = set()
        for row in range(
            max(0, g.row_at(box.top())), min(len(self._rows), g.row_at(box.bottom()) + 1)
        ):
            for exposure in self._rows.between(row, first, last):
                if exposure.cell is not None and first <= exposure.frame <= last:
                    found.add(exposure.cell.id)
        self._session.selection.select_cells(found)

    # Drag and drop

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if wanted(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if wanted(event.mimeData()):
            self._drop = place_of(event.position(), self._geometry, self._rows)
            event.acceptProposedAction()
            self.viewport().update()

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        del event
        self._drop = None
        self.viewport().update()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._drop = None
        self.viewport().update()
        if wanted(event.mimeData()):
            place = place_of(event.position(), self._geometry, self._rows)
            event.acceptProposedAction()
            self.dropped.emit(event.mimeData(), place.layer, place.frame)
