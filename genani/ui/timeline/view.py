"""The timeline widget: paints what is visible and turns the pointer into edits."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
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
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QToolButton, QToolTip, QWidget
from typing_extensions import override

from genani.scene.document import Scene
from genani.ui.timeline.drops import place_of, wanted
from genani.ui.timeline.geometry import RULER_HEIGHT, Geometry
from genani.ui.timeline.gestures import Gesture
from genani.ui.timeline.lane_input import insert, lane_menu, lane_tip, press_key, wants
from genani.ui.timeline.lane_paint import LaneLook, LanePainter
from genani.ui.timeline.lanes import LANES_HEIGHT, lane_spot, press
from genani.ui.timeline.layer_names import PADLOCK_RIGHT, LayerNames
from genani.ui.timeline.overlay import Overlay
from genani.ui.timeline.paint import Chosen, Look, TimelinePainter
from genani.ui.timeline.presses import Presses, cells_in, choose, edge_at, spot_at
from genani.ui.timeline.rows import Rows
from genani.ui.timeline.tips import tip
from genani.ui.words import mouth_name

if TYPE_CHECKING:
    from genani.app.session import Session

_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class TimelineView(QAbstractScrollArea):
    """Layers as rows, frames as columns.

    Signals:
        menu_wanted: a context menu is asked for at (global position, layer id or "", frame); the
            frame is 0 on the name of a layer.
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
        self._still: QPixmap | None = None
        self._gesture: Gesture | None = None
        self._pan: QPoint | None = None
        self._drags = 0
        self._overlay = Overlay(self.viewport().update)
        self._names = LayerNames(session, self.viewport())
        self._add_layer = QToolButton(self)
        self._add_layer.setObjectName("timeline-add-layer")
        self._add_layer.setDefaultAction(session.actions.action("add-layer"))
        self._add_layer.setAutoRaise(True)
        self._presses = Presses(
            session, self._overlay.show_plan, self._overlay.show_band, self._choose_box
        )
        session.controller.scene_changed.connect(self._follow_scene)
        session.playback.frame_changed.connect(self._follow_playhead)
        session.acting.changed.connect(self._set_bars)
        session.acting.changed.connect(self._show_lanes)
        for signal in (
            session.acting.changed,
            session.settings_changed,
            session.selection.changed,
            session.renders.span_changed,
            session.frames.thumbnail_ready,
            session.frames.frames_changed,
        ):
            signal.connect(self.refresh)
        session.frames.frame_ready.connect(self._update)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self._scrolled)
        self._follow_scene()

    @property
    def geometry_now(self) -> Geometry:
        """Where things are at present; for tests and for drops."""
        return self._geometry

    def refresh(self) -> None:
        """Paint all again: a state or a thumbnail changed."""
        self._still = None
        self.viewport().update()

    def _update(self) -> None:
        self.viewport().update()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Show frames wider or narrower, keeping what is under `x` (or the playhead) in place."""
        anchor = self._geometry.x(self._session.playback.frame) if x is None else x
        self._geometry = self._geometry.zoomed(factor, anchor)
        self._set_bars()
        self.refresh()

    # Following the document

    def _follow_scene(self) -> None:
        self._rows.update(self._session.controller.scene)
        self._set_bars()
        self.refresh()

    def _follow_playhead(self, frame: int) -> None:
        g, width = self._geometry, self.viewport().width()
        x = g.x(frame)
        if not g.header <= x <= width - g.frame_width and not self._gesture:
            # Turn the page rather than creep, so that the picture stands still between pages.
            left = (frame - 1) * g.frame_width - (width - g.header) * 0.15
            self.horizontalScrollBar().setValue(round(left))
        self.viewport().update()

    def _set_bars(self) -> None:
        shown = self._session.acting.shown
        lanes = tuple(LANES_HEIGHT if shown(layer) else 0 for layer in self._rows.layers)
        self._geometry = replace(self._geometry, lanes=lanes)
        g, view = self._geometry, self.viewport()
        scene: Scene = self._session.controller.scene
        frames = (scene.end + 48) * g.frame_width
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        wide, high = view.width() - g.header, view.height() - RULER_HEIGHT
        for bar, total, page in (
            (across, frames, wide),
            (down, g.y(len(self._rows)) - g.y(0), high),
        ):
            bar.setRange(0, max(0, round(total - page)))
            bar.setPageStep(max(1, page))
            bar.setSingleStep(round(max(g.frame_width, 8)))
        across.setValue(round(g.left))

    def _show_lanes(self) -> None:
        """Bring the lanes that are typed into into sight, unless by a click on what is there."""
        active, g = self._session.acting.active, self._geometry
        ids = [layer.id for layer in self._rows.layers]
        if active and active[0] in ids and not QApplication.mouseButtons():
            top = g.y(ids.index(active[0]))
            over = top + g.row_height + LANES_HEIGHT - self.viewport().height()
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + max(0, min(over, top - RULER_HEIGHT)))

    def _scrolled(self) -> None:
        left, top = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        self._geometry = replace(self._geometry, left=float(left), top=top)
        self.refresh()

    # Painting

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self.viewport())
        still = self._still
        if still is None or still.deviceIndependentSize().toSize() != self.viewport().size():
            still = self._still = self._paint_still()
        painter.drawPixmap(0, 0, still)
        view = self._painter(painter)
        view.cached()
        view.playhead(self._session.playback.frame)
        self._overlay.paint(painter, self._geometry, self._rows, self.palette())
        painter.end()

    def _paint_still(self) -> QPixmap:
        """All that stays when only the playhead moves."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.viewport().size() * ratio)
        picture.setDevicePixelRatio(ratio)
        painter = QPainter(picture)
        painter.setFont(self.font())
        painter.fillRect(self.viewport().rect(), self.palette().base())
        chosen = self._chosen()
        view = self._painter(painter)
        view.rows(self._rows, chosen)
        view.ruler(self._session.controller.scene)
        view.headers(self._rows, chosen)
        self._paint_lanes(painter)
        painter.end()
        return picture

    def _paint_lanes(self, painter: QPainter) -> None:
        acting, names = self._session.acting, self._session.settings.mouth_names
        name = partial(mouth_name, names=names)
        look = LaneLook(acting.shown, acting.mark, acting.active, name)
        area = self.viewport().rect()
        LanePainter(painter, area, self._geometry, self.palette(), look).paint(self._rows)

    def _painter(self, painter: QPainter) -> TimelinePainter:
        area = self.viewport().rect()
        return TimelinePainter(painter, area, self._geometry, self.palette(), self._look)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.refresh()

    def _chosen(self) -> Chosen:
        selection = self._session.selection
        return Chosen(selection.layer, selection.cells, selection.span, selection.t)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        size = self._add_layer.sizeHint()
        gap = (RULER_HEIGHT - size.height()) // 2
        self._add_layer.move(self._geometry.header - size.width() - 4, max(gap, 0))
        self._set_bars()

    # The pointer

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if event.button() is Qt.MouseButton.MiddleButton:
            self._pan = event.globalPosition().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() is Qt.MouseButton.LeftButton:
            spot = spot_at(point, self._geometry, self._rows)
            lane = lane_spot(point, self._geometry, self._rows)
            if lane is None and point.y() > RULER_HEIGHT:
                self._session.acting.leave()
            if lane is not None and lane.frame:
                self._drags += 1
                self._gesture = press(self._session, lane, point, self._drags)
                self._gesture.move(point, lane.frame, event.modifiers())
            elif lane is not None:
                self._session.acting.choose(lane.layer.id, lane.lane)
            elif point.x() >= self._geometry.header:
                self._gesture = self._presses.gesture(
                    point, self._geometry, spot, event.modifiers()
                )
                self._gesture.move(point, self._geometry.frame_at(point.x()), event.modifiers())
            elif spot.layer is not None:
                self._names.press(point, spot.layer, self._geometry)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        spot = spot_at(point, self._geometry, self._rows)
        named = PADLOCK_RIGHT <= point.x() < self._names.lanes_left(self._geometry)
        lane = lane_spot(point, self._geometry, self._rows)
        if event.button() is Qt.MouseButton.LeftButton and lane is not None:
            if lane.frame:
                insert(self._session, lane, self, event.globalPosition().toPoint())
        elif event.button() is Qt.MouseButton.LeftButton and named and spot.layer is not None:
            row = self._geometry.row_at(point.y())
            self._names.rename(spot.layer, row, self._geometry)
        else:
            self.mousePressEvent(event)

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
        lane = lane_spot(point, self._geometry, self._rows)
        if lane is not None:
            edge = 0 if lane.layer.locked else lane.edge
        else:
            edge = edge_at(point, self._geometry, spot_at(point, self._geometry, self._rows))
        shape = Qt.CursorShape.SplitHCursor if edge else Qt.CursorShape.ArrowCursor
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
    def event(self, event: QEvent) -> bool:
        # Esc ends a drag before it cancels what is being drawn; letters go to the lane chosen.
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            dragging = event.key() == Qt.Key.Key_Escape and self._gesture is not None
            if dragging or wants(self._session, event):
                event.accept()
                return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            gesture.cancel()
        elif not press_key(self._session, event):
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
        lane = lane_spot(point, self._geometry, self._rows)
        if lane is not None:
            lane_menu(self, self._session, lane, event.globalPos())
            return
        spot = spot_at(point, self._geometry, self._rows)
        choose(self._session, spot)
        on_name = point.x() < self._geometry.header
        frame = 0 if on_name else self._geometry.frame_at(point.x())
        self.menu_wanted.emit(event.globalPos(), spot.layer.id if spot.layer else "", frame)

    @override
    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            point = QPointF(event.pos())
            QToolTip.showText(event.globalPos(), self._tip(point), self)
            return True
        return super().viewportEvent(event)

    def _tip(self, point: QPointF) -> str:
        lane = lane_spot(point, self._geometry, self._rows)
        if lane is not None:
            return lane_tip(self._session, lane, self._rows)
        spot = spot_at(point, self._geometry, self._rows)
        if spot.layer is not None and point.x() < self._geometry.header:
            return self._names.tip(point, spot.layer, self._geometry)
        return tip(spot, self._look)

    def _choose_box(self, box: QRectF) -> None:
        self._session.selection.select_cells(cells_in(box, self._geometry, self._rows))

    # Drag and drop

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if wanted(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if wanted(event.mimeData()):
            self._overlay.show_drop(place_of(event.position(), self._geometry, self._rows))
            event.acceptProposedAction()

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        del event
        self._overlay.show_drop(None)

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._overlay.show_drop(None)
        if wanted(event.mimeData()):
            place = place_of(event.position(), self._geometry, self._rows)
            event.acceptProposedAction()
            self.dropped.emit(event.mimeData(), place.layer, place.frame)
