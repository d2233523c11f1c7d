"""The pin tool: places a face on a drawing by hand, and pulls it into shape by its pins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPolygonF

from genani.app.face_here import FaceHere
from genani.scene.face import Landmarks
from genani.ui.canvas.view import CanvasView
from genani.ui.canvas.viewport import Viewport
from genani.ui.faces.overlay import FaceOverlay
from genani.ui.faces.pin_shapes import Drag, Places, Reach, dragged, shifted, turned
from genani.ui.faces.pin_words import pin_name

if TYPE_CHECKING:
    from genani.app.session import Session

GRAB = 11.0
"""Points of the screen from which a pin is caught."""

SLACK = 3.0
"""Points that the pointer may slip while a pin is only clicked."""

NUDGE, FAR_NUDGE = 1.0, 10.0
"""Canvas pixels that an arrow key moves a pin, without and with Shift."""

_LEAST_BOX = 12.0
_CLICKED_BOX = 0.4
"""Height of the face that a click places, in shares of the canvas."""

_ARROWS = {
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
}
_RESETS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class PinTool(QObject):
    """Takes the mouse and some keys on the canvas while its action is checked.

    Where a drawing has no face, dragging draws a box that a face is placed in. Where it has one,
    a pin is dragged alone, with Shift its whole part; inside the face all of it is, and with
    Ctrl it is turned and scaled. Nothing changes the scene before the button is let go.

    Attributes:
        selected: the pin that keys move, or None.
        hovered: the pin under the pointer, or None.

    Signals:
        changed: what the tool is doing, or could do now.
    """

    changed = Signal()

    def __init__(self, session: Session, canvas: CanvasView, overlay: FaceOverlay) -> None:
        super().__init__(canvas)
        self._session = session
        self._faces = session.faces
        self._services = session.services.faces
        self._canvas = canvas
        self._overlay = overlay
        self._action = session.actions.action("face-pins")
        self._drag: Drag | None = None
        self._nudge = ""
        self._inside = False
        self._frame = 0
        self.selected: str | None = None
        self.hovered: str | None = None
        self._action.toggled.connect(self._toggled)
        session.playback.playing_changed.connect(self._give_up)
        for signal in (
            session.controller.scene_changed,
            session.playback.frame_changed,
            session.selection.changed,
            session.faces.changed,
        ):
            signal.connect(self._follow)

    @property
    def on(self) -> bool:
        """True while the tool is chosen."""
        return self._action.isChecked()

    @property
    def drag(self) -> Drag | None:
        """What the button is held down for."""
        return self._drag

    def here(self) -> FaceHere | None:
        """The face at the playhead."""
        return self._faces.view.here()

    @Slot(bool)
    def _toggled(self, on: bool) -> None:
        self._give_up()
        self.selected = self.hovered = None
        self._overlay.force(on)
        self._faces.preview.trace(on)
        self._canvas.use(self if on else None)
        if on:
            self._canvas.setFocus()
        self.changed.emit()

    @Slot()
    def _follow(self) -> None:
        if not self.on:
            return
        if self._session.playback.frame != self._frame:
            self._frame = self._session.playback.frame
            self._nudge = ""
            self._give_up()
        here = self.here()
        face = here.landmarks if here else None
        if self._drag is not None and face != self._drag.face:
            # Undone, or found meanwhile: what is dragged is not there any more.
            self._give_up()
        if face is None:
            self.selected = self.hovered = None
        self._canvas.update()
        self.changed.emit()

    @Slot()
    def _give_up(self) -> None:
        if self._drag is not None:
            self._drag = None
            self._show(None)

    # The mouse.

    @property
    def cursor(self) -> Qt.CursorShape:
        """For the place the pointer was last seen at."""
        here = self.here()
        if self._drag is not None and self._drag.reach is not Reach.BOX:
            return Qt.CursorShape.SizeAllCursor
        if here is None or (here.landmarks is None and here.planned):
            return Qt.CursorShape.ForbiddenCursor
        if here.landmarks is None:
            return Qt.CursorShape.CrossCursor
        if self.hovered:
            locked = self._services.parts[self.hovered] in self._faces.locks
            return Qt.CursorShape.ForbiddenCursor if locked else Qt.CursorShape.PointingHandCursor
        return Qt.CursorShape.SizeAllCursor if self._inside else Qt.CursorShape.ArrowCursor

    def press(self, at: QPointF, modifiers: Qt.KeyboardModifier, view: Viewport) -> None:
        """Begin a drag: of a pin, a part, the face, or a box for one."""
        here = self.here()
        if here is None or self._session.playback.playing:
            return
        place = view.to_canvas(at)
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        ctrl = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if here.landmarks is None:
            if not here.planned:
                self._drag = Drag(Reach.BOX, place, place, look=not shift)
            return
        pin = self._pin_at(at, view)
        if pin is not None:
            self._select(pin)
            if self._services.parts[pin] not in self._faces.locks:
                pins = self._group(pin) if shift else (pin,)
                self._drag = Drag(Reach.PINS, place, place, here.landmarks, pins)
        elif ctrl or self._is_inside(at, view):
            reach = Reach.TURN if ctrl else Reach.WHOLE
            self._drag = Drag(reach, place, place, here.landmarks)
        else:
            self._select(None)
        self.changed.emit()

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier, view: Viewport) -> None:
        """Go on with the drag, or show what is under the pointer."""
        del modifiers
        if self._drag is None:
            hovered = self._pin_at(at, view)
            self._inside = self._is_inside(at, view)
            if hovered != self.hovered:
                self.hovered = hovered
                self._canvas.update()
            return
        place = view.to_canvas(at)
        way = (place - self._drag.start) * view.scale
        off = self._drag.off or max(abs(way.x()), abs(way.y())) > SLACK
        self._drag = replace(self._drag, at=place, off=off)
        if off:
            self._show(self._moved(self._drag))

    def release(self) -> None:
        """Make what was dragged one step of the history."""
        drag, self._drag = self._drag, None
        if drag is None:
            return
        if drag.reach is Reach.BOX:
            self._place(drag)
        else:
            face = self._moved(drag) if drag.off else None
            if face is not None:
                self._faces.put(face, self._text(drag))
            self._show(None)
        self.changed.emit()

    def leave(self) -> None:
        """Nothing is under the pointer any more."""
        self.hovered, self._inside = None, False
        self._canvas.update()

    def double_click(self, at: QPointF, view: Viewport) -> None:
        """Let a pin go back to where the others have it."""
        pin = self._pin_at(at, view)
        if pin is not None and self._services.parts[pin] not in self._faces.locks:
            self._select(pin)
            self._faces.reset_pin(pin)

    # Keys.

    def wants(self, event: QKeyEvent) -> bool:
        """True for keys that mean the pins, not the timeline."""
        key = Qt.Key(event.key())
        plain = not event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        if key == Qt.Key.Key_Escape:
            busy = self._session.actions.action("cancel").isEnabled()
            return self._drag is not None or not busy
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self._has_face()
        if key in _RESETS:
            return plain
        return plain and key in _ARROWS and self.selected is not None

    def key(self, event: QKeyEvent) -> None:
        """Move or choose a pin, take one back, or leave."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self._escape()
        elif key == Qt.Key.Key_Tab:
            self._step(1)
        elif key == Qt.Key.Key_Backtab:
            self._step(-1)
        elif key in _RESETS:
            self._reset()
        elif key in _ARROWS:
            far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._nudged(_ARROWS[key] * (FAR_NUDGE if far else NUDGE))

    def _escape(self) -> None:
        if self._drag is not None:
            self._give_up()
        elif self.selected is not None:
            self._select(None)
        else:
            self._action.trigger()

    def _step(self, by: int) -> None:
        pins = [pin for pin in self._services.pins if self.is_free(pin)]
        if pins:
            place = pins.index(self.selected) + by if self.selected in pins else min(by, 0)
            self._select(pins[place % len(pins)])

    def _reset(self) -> None:
        if self.selected is None:
            self._faces.clear()
        elif self.is_free(self.selected):
            self._faces.reset_pin(self.selected)

    def _nudged(self, by: QPointF) -> None:
        here = self.here()
        if self.selected is None or here is None or here.landmarks is None:
            return
        if self._drag is None and self.is_free(self.selected):
            self._nudge = self._nudge or self._faces.new_drag()
            drag = Drag(Reach.PINS, QPointF(), by, here.landmarks, (self.selected,), off=True)
            face = self._moved(drag)
            if face is not None:
                self._faces.put(face, self._text(drag), self._nudge)

    # What it does.

    def _moved(self, drag: Drag) -> Landmarks | None:
        """The face as the drag would have it."""
        face = drag.face
        if face is None:
            return None
        if drag.reach is Reach.WHOLE:
            return shifted(face, drag.by)
        if drag.reach is Reach.TURN:
            return turned(face, drag.start, drag.at)
        pins = self._faces.pins(face)
        places: Places = dragged(
            pins, drag.pins, drag.by, self._services.twins, self._faces.symmetric
        )
        free = {pin: place for pin, place in places.items() if self.is_free(pin)}
        return self._services.bent(face, free, self._faces.locks)

    def _show(self, face: Landmarks | None) -> None:
        self._overlay.working = face
        self._faces.preview.try_out(face)
        self._canvas.update()

    def _place(self, drag: Drag) -> None:
        box = drag.box
        if min(box.width(), box.height()) * self._canvas.viewport_now.scale < _LEAST_BOX:
            tall = _CLICKED_BOX * self._session.controller.scene.height
            box = QRectF(0, 0, 0.8 * tall, tall)
            box.moveCenter(drag.start)
        frame = box.left(), box.top(), box.right(), box.bottom()
        self._faces.place_in(frame, drag.look)
        self._canvas.update()

    def _text(self, drag: Drag) -> str:
        if drag.reach is Reach.WHOLE:
            return self.tr("move face")
        if drag.reach is Reach.TURN:
            return self.tr("turn face")
        if len(drag.pins) > 1:
            return self.tr("move part of the face")
        return self.tr("move {0}").format(" ".join(map(pin_name, drag.pins)).lower())

    def _select(self, pin: str | None) -> None:
        if pin != self.selected:
            self._nudge = ""
        self.selected = pin
        self._canvas.update()
        self.changed.emit()

    def _group(self, pin: str) -> tuple[str, ...]:
        return next(pins for pins in self._services.groups.values() if pin in pins)

    def is_free(self, pin: str) -> bool:
        """True for a pin whose part is not locked."""
        return self._services.parts[pin] not in self._faces.locks

    def _has_face(self) -> bool:
        here = self.here()
        return here is not None and here.landmarks is not None

    def face(self) -> Landmarks | None:
        """The face that the pins are on, as it is dragged."""
        here = self.here()
        return self._overlay.working or (here.landmarks if here else None)

    def _pin_at(self, at: QPointF, view: Viewport) -> str | None:
        face = self.face()
        if face is None:
            return None
        away: dict[str, float] = {}
        for pin, (x, y) in self._faces.pins(face).items():
            way = view.to_screen(QPointF(x, y)) - at
            away[pin] = (way.x() ** 2 + way.y() ** 2) ** 0.5
        nearest = min(away, key=away.__getitem__)
        return nearest if away[nearest] <= GRAB else None

    def _is_inside(self, at: QPointF, view: Viewport) -> bool:
        face = self.face()
        if face is None:
            return False
        outline = [face.points[i] for i in self._services.outline]
        polygon = QPolygonF([QPointF(x, y) for x, y, _ in outline])
        return polygon.containsPoint(view.to_canvas(at), Qt.FillRule.WindingFill)
