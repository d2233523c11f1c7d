"""The attachment tool, with the mouse and keys of a person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QToolButton

from genani.scene.attachment import Order, Pinned, Rigidity
from genani.scene.edits import SetLandmarks
from genani.ui.faces.attach_tool import AttachTool, Frame
from genani.ui.timeline.worn import worn_text
from tests.app.faces import face
from tests.ui.stage import LEFT, PLAIN, Stage, move_mouse
from tests.ui.test_timeline_drop import hover


class Desk:
    """Short ways to pull at what is attached."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.session = stage.session
        self.canvas = stage.window.canvas
        self.tool: AttachTool = stage.window.faces.attach_tool
        self.commands = stage.window.faces.attachments
        self.bar = stage.window.faces.attach_bar

    @property
    def drawing(self) -> Pinned:
        here = self.commands.here()
        assert here is not None
        return here.drawing

    @property
    def frame(self) -> Frame:
        frame = self.tool.frame(self.canvas.viewport_now)
        assert frame is not None
        return frame

    def wide(self) -> float:
        way = self.frame.corners[1] - self.frame.corners[0]
        return (way.x() ** 2 + way.y() ** 2) ** 0.5

    def drag(self, start: QPointF, end: QPointF, let_go: bool = True) -> None:
        move_mouse(self.canvas, start.toPoint(), end.toPoint(), release=let_go)


@pytest.fixture
def desk(pair: Stage, tmp_path: Path) -> Desk:
    session = pair.session
    session.playback.seek(1)
    for cell in pair.layer.cells:
        assert cell.drawing is not None
        edit = SetLandmarks(pair.layer.id, cell.drawing, face(6, 4, 26, 22))
        assert session.controller.do(edit, "face")
    pixels = np.zeros((8, 20, 4), np.uint8)
    pixels[1:7, 1:19] = (255, 0, 0, 255)
    path = tmp_path / "glasses.png"
    Image.fromarray(pixels).save(path)
    session.selection.set_layer(pair.layer.id)
    desk = Desk(pair)
    session.start(desk.commands.attach(path))
    pair.until(desk.commands.here, "the attachment")
    pair.settle()
    return desk


def test_what_is_attached_can_be_placed_at_once(desk: Desk) -> None:
    assert desk.tool.on
    assert desk.bar.isVisible()
    assert desk.canvas.hasFocus()
    assert not desk.stage.window.faces.bar.isVisible()
    desk.session.actions.action("face-pins").trigger()
    assert not desk.tool.on
    assert desk.stage.window.faces.bar.isVisible()
    desk.session.actions.action("attach-place").trigger()
    assert desk.tool.on
    assert not desk.stage.window.faces.bar.isVisible()


def test_it_is_dragged_where_the_pointer_goes(desk: Desk) -> None:
    middle = desk.frame.middle
    count = desk.session.controller.undo_stack.count()
    desk.drag(middle, middle + QPointF(40, 25), let_go=False)
    # The scene waits until it is let go; the marks do not.
    assert desk.session.controller.undo_stack.count() == count
    there = desk.frame.middle
    assert (there - middle).x() == pytest.approx(40, abs=2)
    assert not desk.canvas.grab().isNull()
    QTest.mouseRelease(desk.canvas, LEFT, PLAIN, (middle + QPointF(40, 25)).toPoint())
    assert desk.session.controller.undo_stack.count() == count + 1
    assert (desk.frame.middle - middle).y() == pytest.approx(25, abs=2)
    desk.session.controller.undo_stack.undo()
    assert desk.frame.middle == middle


def test_corners_scale_and_the_handle_turns(desk: Desk) -> None:
    wide, middle = desk.wide(), desk.frame.middle
    corner = desk.frame.corners[2]
    desk.drag(corner, middle + (corner - middle) * 1.5)
    assert desk.wide() == pytest.approx(1.5 * wide, rel=0.03)
    assert (desk.frame.middle - middle).manhattanLength() < 1
    handle = desk.frame.turn - desk.frame.middle
    # A quarter to the right.
    desk.drag(desk.frame.turn, desk.frame.middle + QPointF(-handle.y(), handle.x()))
    edge = desk.frame.corners[1] - desk.frame.corners[0]
    assert abs(edge.x()) < 0.05 * abs(edge.y())
    assert edge.y() > 0
    assert desk.wide() == pytest.approx(1.5 * wide, rel=0.05)


def test_arrows_nudge_and_escape_leaves(desk: Desk) -> None:
    before, count = desk.drawing, desk.session.controller.undo_stack.count()
    for _ in range(3):
        QTest.keyClick(desk.canvas, Qt.Key.Key_Right)
    QTest.keyClick(desk.canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert desk.session.controller.undo_stack.count() == count + 1
    scale = desk.canvas.viewport_now.scale
    desk.session.controller.undo_stack.undo()
    start = desk.frame.middle
    desk.session.controller.undo_stack.redo()
    assert (desk.frame.middle - start).x() == pytest.approx(3 * scale, rel=0.1)
    assert (desk.frame.middle - start).y() == pytest.approx(10 * scale, rel=0.1)
    assert desk.session.playback.frame == 1
    assert desk.drawing != before
    QTest.keyClick(desk.canvas, Qt.Key.Key_Escape)
    assert not desk.tool.on
    assert not desk.bar.isVisible()


def test_a_drag_is_given_up_with_escape(desk: Desk) -> None:
    middle, before = desk.frame.middle, desk.drawing
    desk.drag(middle, middle + QPointF(30, 0), let_go=False)
    QTest.keyClick(desk.canvas, Qt.Key.Key_Escape)
    assert desk.tool.on
    assert desk.tool.held is None
    QTest.mouseRelease(desk.canvas, LEFT, PLAIN, QPoint(0, 0))
    assert desk.drawing == before


def test_the_bar_says_how_it_is_worn(desk: Desk) -> None:
    order = desk.stage.find(QComboBox, "attach-order")
    order.setCurrentIndex(order.findData(Order.BEHIND))
    order.activated.emit(order.currentIndex())
    rigidity = desk.stage.find(QComboBox, "attach-rigidity")
    rigidity.setCurrentIndex(rigidity.findData(Rigidity.SIMILARITY))
    rigidity.activated.emit(rigidity.currentIndex())
    desk.stage.find(QCheckBox, "attach-turns").click()
    here = desk.commands.here()
    assert here is not None
    assert here.chosen.order is Order.BEHIND
    assert here.drawing.rigidity is Rigidity.SIMILARITY
    assert not here.drawing.turns
    for _ in range(3):
        desk.session.controller.undo_stack.undo()
    assert order.currentData() == Order.FRONT
    desk.stage.find(QToolButton, "bar-attach-off").click()
    assert len(desk.session.controller.scene.layers) == 1
    assert not desk.tool.on


def test_where_no_face_is_it_says_so(desk: Desk) -> None:
    drawing = desk.stage.layer.cells[0].drawing
    assert drawing is not None
    desk.session.controller.do(SetLandmarks(desk.stage.layer.id, drawing, None), "bare")
    assert desk.bar.hint == "No face is marked here, so nothing is shown"
    assert desk.tool.frame(desk.canvas.viewport_now) is None
    QTest.mouseClick(desk.canvas, LEFT, PLAIN, QPoint(300, 200))
    assert desk.tool.held is None
    assert not desk.canvas.grab().isNull()


def test_a_picture_dropped_with_alt_goes_to_the_face(desk: Desk) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(desk.stage.png("hat.png", 20)))])
    action, alt = Qt.DropAction.CopyAction, Qt.KeyboardModifier.AltModifier
    place, button = QPointF(200, 200), Qt.MouseButton.NoButton
    hover(desk.canvas, data, place.toPoint())
    QApplication.sendEvent(desk.canvas, QDropEvent(place, action, data, button, alt))
    desk.stage.until(lambda: len(desk.session.controller.scene.layers) == 3, "the hat")
    face_layer, _, hat = desk.session.controller.scene.layers
    assert hat.attachment is not None
    # The face of the layer that glasses follow is meant, though they are chosen.
    assert hat.attachment.follows == face_layer.id


def test_the_timeline_says_whose_face_is_followed(desk: Desk) -> None:
    scene = desk.session.controller.scene
    assert worn_text(scene.layers[-1], scene) == f"follows the face of {scene.layers[0].name}"
    gone = replace(scene, layers=scene.layers[1:])
    assert "is gone" in worn_text(gone.layers[-1], gone)
    assert not desk.stage.timeline.grab().isNull()


def test_a_press_on_its_ribbon_means_the_frame_and_the_attachment(desk: Desk) -> None:
    desk.session.selection.set_layer(desk.stage.layer.id)
    desk.stage.click(desk.stage.timeline.viewport(), desk.stage.point(3, row=0))
    assert desk.session.playback.frame == 3
    assert desk.commands.here() is not None
    desk.stage.drag(desk.stage.point(3, row=0), desk.stage.point(6, row=0))
    assert desk.session.playback.frame == 6


def test_the_inspector_says_why_an_attachment_has_no_span(desk: Desk) -> None:
    hint = desk.stage.find(QLabel, "inspector-hint")
    name = desk.session.controller.scene.layers[-1].name
    assert hint.isVisible()
    assert hint.text().startswith(f"{name} goes along with the face of A")
