"""The attachment tool: carries a pinned drawing about on the face, turns and scales it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPolygonF

from genani.app.attach_commands import AttachCommands, AttachedHere
from genani.scene.attachment import Pinned
from genani.scene.errors import GenAniError
from genani.ui.canvas.view import CanvasView
from genani.ui.canvas.viewport import Viewport

if TYPE_CHECKING:
    from genani.app.session import Session

GRAB = 12.0
"""Points of the screen from which a handle is caught."""

HANDLE = 26.0
"""Points of the screen from the upper edge to the handle that turns."""

NUDGE, FAR_NUDGE = 1.0, 10.0
"""Canvas pixels that an arrow key moves it, without and with Shift."""

_LEAST = 0.02
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Grip(Enum):
    """What of the drawing is held."""

    WHOLE = "whole"
    CORNER = "corner"
    TURN = "turn"


@dataclass(frozen=True)
class Frame:
    """Where the drawing lies on the screen.

    Attributes:
        corners: from the upper left one, clockwise.
        turn: the handle that turns it.
        middle: of the drawing.
    """

    corners: tuple[QPointF, ...]
    turn: QPointF
    middle: QPointF


@dataclass(frozen=True)
class Held:
    """What the button is held down for.

    Attributes:
        grip: what is held.
        start, at: where it began and where the pointer is, on the canvas.
        drawing: as it was.
    """

    grip: Grip
    start: QPointF
    at: QPointF
    drawing: Pinned


class AttachTool(QObject):
    """Takes the mouse and some keys on the canvas while its action is checked.

    Inside, the drawing is moved; at a corner it is scaled, at the handle above it turned. Nothing
    changes the scene before the button is let go.

    Signals:
        changed: what the tool is doing, or could do now.
    """

    changed = Signal()

    def __init__(self, session: Session, canvas: CanvasView, commands: AttachCommands) -> None:
        super().__init__(canvas)
        self._session = session
        self._canvas = canvas
        self._commands = commands
        self._services = session.services.faces.attach
        self._action = session.actions.action("attach-place")
        self._pins = session.actions.action("face-pins")
        self._held: Held | None = None
        self._under: Grip | None = None
        self._nudges = count(1)
        self._nudge = ""
        self._action.toggled.connect(self._toggled)
        self._pins.toggled.connect(self._make_way)
        commands.attached.connect(self._begin)
        commands.changed.connect(self._follow)
        session.playback.playing_changed.connect(self._give_up)
        session.playback.frame_changed.connect(self._give_up)

    @property
    def on(self) -> bool:
        """True while the tool is chosen."""
        return self._action.isChecked()

    @property
    def held(self) -> Held | None:
        """What the button is held down for."""
        return self._held

    def drawing(self) -> Pinned | None:
        """The drawing as it is dragged, or as it is; None where there is no face to wear it."""
        here = self._commands.here()
        if here is None or here.face is None:
            return None
        return self._carried(self._held, here) if self._held else here.drawing

    def size(self, drawing: Pinned) -> tuple[int, int] | None:
        """Width and height of its picture; None where that is missing."""
        try:
            return self._commands.picture(drawing.picture).size
        except GenAniError:
            return None

    def frame(self, view: Viewport) -> Frame | None:
        """Where the drawing lies on the screen."""
        here, drawing = self._commands.here(), self.drawing()
        size = self.size(drawing) if drawing else None
        if here is None or here.face is None or drawing is None or size is None:
            return None
        width, height = size
        places = [(0, 0), (width, 0), (width, height), (0, height), (width / 2, height / 2)]
        lying = self._services.lies(drawing, here.face, places)
        *corners, middle = (view.to_screen(QPointF(*place)) for place in lying)
        top = (corners[0] + corners[1]) / 2
        up = top - middle
        far = max(math.hypot(up.x(), up.y()), 1.0)
        return Frame(tuple(corners), top + up * (HANDLE / far), middle)

    # The mouse.

    @property
    def cursor(self) -> Qt.CursorShape:
        """For the place the pointer was last seen at."""
        grip = self._held.grip if self._held else self._under
        shapes = {
            Grip.WHOLE: Qt.CursorShape.SizeAllCursor,
            Grip.CORNER: Qt.CursorShape.SizeFDiagCursor,
            Grip.TURN: Qt.CursorShape.PointingHandCursor,
        }
        return shapes[grip] if grip else Qt.CursorShape.ArrowCursor

    def press(self, at: QPointF, modifiers: Qt.KeyboardModifier, view: Viewport) -> None:
        """Take hold of the drawing, a corner, or the handle that turns."""
        here = self._commands.here()
        grip = self._grip(at, view)
        if here is None or here.face is None or grip is None or self._session.playback.playing:
            return
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            grip = Grip.TURN
        place = view.to_canvas(at)
        self._held = Held(grip, place, place, here.drawing)
        self.changed.emit()

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier, view: Viewport) -> None:
        """Go on with the drag, or show what is under the pointer."""
        del modifiers
        if self._held is None:
            self._under = self._grip(at, view)
            return
        self._held = replace(self._held, at=view.to_canvas(at))
        self._canvas.update()

    def release(self) -> None:
        """Make what was dragged one step of the history."""
        held, self._held = self._held, None
        here = self._commands.here()
        if held is not None and here is not None and held.at != held.start:
            self._commands.carry(*self._way(held, here))
        self._canvas.update()
        self.changed.emit()

    def leave(self) -> None:
        """Nothing is under the pointer any more."""
        self._under = None

    def double_click(self, at: QPointF, view: Viewport) -> None:
        """Mean the next piece of the attachment."""
        del at, view
        here = self._commands.here()
        if here is not None:
            self._commands.choose((here.piece + 1) % len(here.attachment.pieces))

    # Keys.

    def wants(self, event: QKeyEvent) -> bool:
        """True for keys that mean the drawing, not the timeline."""
        key = Qt.Key(event.key())
        allowed = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        if key == Qt.Key.Key_Escape:
            return self._held is not None or not self._session.actions.action("cancel").isEnabled()
        return key in _ARROWS and not event.modifiers() & ~allowed and self.drawing() is not None

    def key(self, event: QKeyEvent) -> None:
        """Nudge the drawing, or leave."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self._give_up() if self._held is not None else self._action.setChecked(False)
            return
        here = self._commands.here()
        if here is None or here.face is None or key not in _ARROWS:
            return
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        x, y = (step * (FAR_NUDGE if far else NUDGE) for step in _ARROWS[key])
        self._nudge = self._nudge or f"nudge attachment {next(self._nudges)}"
        held = Held(Grip.WHOLE, QPointF(), QPointF(x, y), here.drawing)
        self._commands.carry(*self._way(held, here), merge=self._nudge)

    # What it does.

    def _grip(self, at: QPointF, view: Viewport) -> Grip | None:
        frame = self.frame(view)
        if frame is None:
            return None
        if _apart(frame.turn, at) <= GRAB:
            return Grip.TURN
        if min(_apart(corner, at) for corner in frame.corners) <= GRAB:
            return Grip.CORNER
        inside = QPolygonF(list(frame.corners)).containsPoint(at, Qt.FillRule.WindingFill)
        return Grip.WHOLE if inside else None

    def _way(
        self, held: Held, here: AttachedHere
    ) -> tuple[tuple[float, float], tuple[float, float], float, float]:
        """What a drag does: about which place of the picture, how far, scale and angle."""
        size = self.size(held.drawing)
        if here.face is None or size is None:
            return (0.0, 0.0), (0.0, 0.0), 1.0, 0.0
        x, y = about = size[0] / 2, size[1] / 2
        step = max(size) / 8
        places = [about, (x + step, y), (x, y + step)]
        middle, right, down = self._services.lies(held.drawing, here.face, places)
        if held.grip is Grip.WHOLE:
            # Canvas pixels back to those of the picture, by the slope in its middle.
            a, c = ((right[k] - middle[k]) / step for k in (0, 1))
            b, d = ((down[k] - middle[k]) / step for k in (0, 1))
            area = a * d - b * c
            if abs(area) < 1e-6:
                return about, (0.0, 0.0), 1.0, 0.0
            way = held.at - held.start
            by = (d * way.x() - b * way.y()) / area, (a * way.y() - c * way.x()) / area
            return about, by, 1.0, 0.0
        before, after = (complex(p.x(), p.y()) - complex(*middle) for p in (held.start, held.at))
        if abs(before) < 1e-6 or abs(after) < 1e-6:
            return about, (0.0, 0.0), 1.0, 0.0
        if held.grip is Grip.CORNER:
            return about, (0.0, 0.0), max(abs(after / before), _LEAST), 0.0
        turned = after / before
        return about, (0.0, 0.0), 1.0, math.atan2(turned.imag, turned.real)

    def _carried(self, held: Held, here: AttachedHere) -> Pinned:
        return held.drawing.carried(*self._way(held, here))

    # When.

    @Slot(bool)
    def _toggled(self, on: bool) -> None:
        self._give_up()
        if on:
            self._pins.setChecked(False)
            self._canvas.use(self)
            self._canvas.setFocus()
        elif not self._pins.isChecked():
            self._canvas.use(None)
        self.changed.emit()

    @Slot(bool)
    def _make_way(self, pins: bool) -> None:
        if pins:
            self._action.setChecked(False)

    @Slot()
    def _begin(self) -> None:
        self._action.setChecked(True)

    @Slot()
    def _follow(self) -> None:
        here = self._commands.here()
        if here is None and self.on:
            self._action.setChecked(False)
        if self._held is not None and (here is None or here.drawing != self._held.drawing):
            # Undone meanwhile: what is dragged is not there any more.
            self._give_up()
        self._canvas.update()
        self.changed.emit()

    @Slot()
    def _give_up(self) -> None:
        self._held, self._nudge = None, ""
        self._canvas.update()


def _apart(one: QPointF, two: QPointF) -> float:
    way = one - two
    return math.hypot(way.x(), way.y())
