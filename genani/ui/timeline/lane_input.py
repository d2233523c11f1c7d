"""Keys, menus and tips of the lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from genani.app.acting_lanes import Lane
from genani.scene.acting import Blink, Gaze, MouthCue, Viseme
from genani.ui.faces.portraits import draw_mouth
from genani.ui.timeline.lane_paint import lane_name, unseen
from genani.ui.timeline.lanes import LANES, LaneSpot
from genani.ui.timeline.rows import Rows
from genani.ui.words import mouth_name, mouth_sounds

if TYPE_CHECKING:
    from genani.app.session import Session

_LETTERS = {Qt.Key[f"Key_{shape.value}"]: shape for shape in Viseme}
_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_ALT, _NONE = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Timeline", text)


def wants(session: Session, event: QKeyEvent) -> bool:
    """True for a key that is meant for the lane typed into, and not for the window."""
    active = session.acting.active
    if active is None:
        return False
    key = Qt.Key(event.key())
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if modifiers == _ALT:
        return key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and session.acting.mark is not None
    if modifiers != _NONE:
        return False
    if active[1] is Lane.MOUTH and (key in _LETTERS or key == Qt.Key.Key_0):
        return True
    if active[1] is not Lane.MOUTH and key == Qt.Key.Key_Insert:
        return True
    return key in (*_DELETE, Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down)


def press_key(session: Session, event: QKeyEvent) -> bool:
    """Do what a key means on the lane typed into; False where it means nothing there."""
    if not wants(session, event):
        return False
    acting, key = session.acting, Qt.Key(event.key())
    assert acting.active is not None
    layer, lane = acting.active
    if key in _LETTERS and lane is Lane.MOUTH:
        acting.set_mouth(_LETTERS[key])
    elif key == Qt.Key.Key_0:
        acting.set_mouth(None)
    elif key == Qt.Key.Key_Insert:
        (acting.blink if lane is Lane.BLINK else acting.look)()
    elif key in _DELETE:
        acting.delete()
    elif key == Qt.Key.Key_Escape:
        acting.leave()
    elif event.modifiers() & _ALT:
        acting.nudge(_STEPS[key])
    else:
        place = LANES.index(lane) + _STEPS[key]
        acting.choose(layer, LANES[min(max(place, 0), len(LANES) - 1)])
    return True


def insert(session: Session, spot: LaneSpot, parent: QWidget, place: QPoint) -> None:
    """Put something on an empty frame of a lane: a double-click was made there."""
    session.playback.seek(spot.frame)
    if spot.lane is Lane.MOUTH:
        lane_menu(parent, session, spot, place)
    elif spot.block is None:
        (session.acting.blink if spot.lane is Lane.BLINK else session.acting.look)(spot.frame)


def lane_menu(parent: QWidget, session: Session, spot: LaneSpot, place: QPoint) -> QMenu:
    """The menu of a lane at a place of the screen; it closes and goes by itself."""
    acting = session.acting
    menu = QMenu(parent)
    menu.setObjectName("lane-menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    acting.choose(spot.layer.id, spot.lane, spot.block.first if spot.block else None)
    if spot.frame:
        session.playback.seek(spot.frame)
        if spot.lane is Lane.MOUTH:
            _add_shapes(menu, session, spot)
        else:
            name = "blink" if spot.lane is Lane.BLINK else "look"
            menu.addAction(session.actions.action(name))
        gone = menu.addAction(_tr("Delete"), acting.delete)
        gone.setEnabled(spot.block is not None)
        menu.addSeparator()
    if spot.lane is Lane.MOUTH:
        for name in ("import-mouths", "hold-mouths", "mouth-names"):
            menu.addAction(session.actions.action(name))
    for name in ("draw-hold", "face-panel"):
        menu.addAction(session.actions.action(name))
    menu.popup(place)
    return menu


def _add_shapes(menu: QMenu, session: Session, spot: LaneSpot) -> None:
    names = session.settings.mouth_names
    now = spot.layer.acting.mouth_at(spot.frame)
    for shape in Viseme:
        text = f"{mouth_name(shape, names)}\t{mouth_sounds(shape)}"
        action = QAction(mouth_icon(shape, menu), text, menu)
        action.setObjectName(f"mouth-{shape.value}")
        action.triggered.connect(
            lambda _checked=False, shape=shape: session.acting.set_mouth(shape, spot.frame)
        )
        action.setEnabled(shape is not now)
        menu.addAction(action)
    plain = menu.addAction(
        _tr("As drawn") + "\t0", lambda: session.acting.set_mouth(None, spot.frame)
    )
    plain.setObjectName("mouth-none")
    plain.setEnabled(now is not None)


def mouth_icon(shape: Viseme, widget: QWidget, size: QSize | None = None) -> QIcon:
    """A mouth shape as an icon in a widget's own colour of text."""
    size = size or QSize(24, 16)
    ratio = widget.devicePixelRatioF()
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    draw_mouth(
        painter, QRectF(0, 0, size.width(), size.height()), shape, widget.palette().text().color()
    )
    painter.end()
    return QIcon(picture)


def lane_tip(session: Session, spot: LaneSpot, rows: Rows) -> str:
    """What a tool tip on a lane says."""
    if not spot.frame:
        hints = {
            Lane.MOUTH: _tr("Mouth shapes: choose the lane and type A to H or X at the playhead"),
            Lane.BLINK: _tr("Blinks: double-click puts one there"),
            Lane.LOOK: _tr("Looks: double-click puts one there"),
        }
        return hints[spot.lane]
    if spot.block is None:
        return lane_name(spot.lane)
    block, entry = spot.block, spot.block.entry
    frames = _tr("frames {0}–{1}").format(block.first, block.stop - 1)
    lines: list[str] = []
    if isinstance(entry, MouthCue) and entry.shape:
        name = mouth_name(entry.shape, session.settings.mouth_names)
        lines.append(_tr("Mouth {0}, {1}").format(name, frames))
        lines.append(mouth_sounds(entry.shape))
    elif isinstance(entry, Blink):
        lines.append(_tr("Blink, {0}").format(frames))
    elif isinstance(entry, Gaze):
        lines.append(_tr("Look, {0}").format(frames))
    if unseen(rows, rows.row_of(spot.layer.id), block):
        lines.append(
            _tr(
                "It shows nowhere: no in-between begins on these frames, and keys stay as they "
                "are drawn."
            )
        )
    return "\n".join(lines)
