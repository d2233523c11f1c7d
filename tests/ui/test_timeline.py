"""The timeline under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from genani.app.messages import Message
from genani.ui.timeline.geometry import RULER_HEIGHT
from tests.ui.stage import LEFT, PLAIN, Stage, wheel

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def selected(stage: Stage) -> list[int]:
    return [cell.frame for cell in stage.layer.cells if cell.id in stage.session.selection.cells]


def test_pressing_and_dragging_on_the_ruler_scrubs(pair: Stage) -> None:
    ruler = RULER_HEIGHT // 2
    at = QPoint(pair.point(5).x(), ruler)
    pair.click(pair.timeline.viewport(), at)
    assert pair.session.playback.frame == 5
    pair.drag(at, QPoint(pair.point(8).x(), ruler))
    assert pair.session.playback.frame == 8
    # Left of frame 1 there is nothing: frame 1 shows.
    pair.drag(at, QPoint(0, ruler))
    assert pair.session.playback.frame == 1


def test_a_click_selects_a_key_and_shows_it(pair: Stage) -> None:
    pair.click(pair.timeline.viewport(), pair.point(9))
    assert selected(pair) == [9]
    assert pair.session.playback.frame == 9


def test_a_click_on_an_in_between_selects_it_in_its_span(pair: Stage) -> None:
    pair.click(pair.timeline.viewport(), pair.point(5))
    selection = pair.session.selection
    assert (selection.span, selection.t) == (pair.span.id, pair.span.chart.ticks[1])


def test_a_click_on_the_strip_selects_the_span(pair: Stage) -> None:
    pair.click(pair.timeline.viewport(), pair.point(1.4, down=0.86))
    selection = pair.session.selection
    assert (selection.span, selection.t, selection.cells) == (pair.span.id, None, frozenset())


def test_shift_adds_to_the_selection_and_empty_space_clears_it(pair: Stage) -> None:
    view = pair.timeline.viewport()
    pair.click(view, pair.point(1))
    QTest.mouseClick(view, LEFT, SHIFT, pair.point(9))
    assert selected(pair) == [1, 9]
    pair.click(view, pair.point(20))
    assert selected(pair) == []


def test_a_drag_moves_a_key(pair: Stage) -> None:
    pair.drag(pair.point(9), pair.point(13))
    assert pair.frames == [1, 13]
    pair.trigger("undo")
    assert pair.frames == [1, 9]


def test_a_drag_never_goes_below_frame_1(pair: Stage) -> None:
    pair.drag(pair.point(1), QPoint(0, pair.point(1).y()))
    assert pair.frames == [1, 9]


def test_ctrl_drag_copies(pair: Stage) -> None:
    pair.drag(pair.point(9), pair.point(15), CTRL)
    assert pair.frames == [1, 9, 15]
    drawings = [cell.drawing for cell in pair.layer.cells]
    assert drawings[1] == drawings[2]


def test_alt_drag_pushes_what_follows(pair: Stage) -> None:
    pair.bring(pair.png("c.png", 90), frame=13)
    assert pair.frames == [1, 9, 13]
    pair.drag(pair.point(9), pair.point(12), ALT)
    assert pair.frames == [1, 12, 16]


def test_the_right_edge_holds_a_drawing_longer(stage: Stage) -> None:
    stage.bring(stage.png("a.png", 10))
    stage.bring(stage.png("b.png", 20), frame=3)
    g = stage.geometry
    edge = QPoint(round(g.x(3)) - 2, stage.point(2).y())
    stage.drag(edge, QPoint(round(g.x(6)) - 2, edge.y()))
    assert stage.frames[1] == 6
    stage.trigger("undo")
    assert stage.frames[1] == 3


def test_the_left_edge_starts_a_drawing_sooner(pair: Stage) -> None:
    g = pair.geometry
    edge = QPoint(round(g.x(9)) + 2, pair.point(9).y())
    pair.drag(edge, QPoint(round(g.x(6)) + 2, edge.y()))
    assert pair.frames == [1, 6]
    pair.trigger("undo")
    assert pair.frames == [1, 9]


def test_esc_cancels_a_drag(pair: Stage) -> None:
    for start in (pair.point(9), QPoint(round(pair.geometry.x(9)) + 2, pair.point(9).y())):
        pair.timeline.setFocus()
        pair.drag(start, pair.point(12), release=False)
        pair.key(Qt.Key.Key_Escape)
        QTest.mouseRelease(pair.timeline.viewport(), LEFT, PLAIN, pair.point(12))
        assert pair.frames == [1, 9]


def test_a_rubber_band_selects_what_it_touches(pair: Stage) -> None:
    below = pair.point(12, row=1)
    pair.drag(below, pair.point(8.8, row=0, down=0.2))
    assert selected(pair) == [9]


def test_ctrl_wheel_zooms_and_keeps_the_frame_under_the_pointer(pair: Stage) -> None:
    at = pair.point(9)
    wheel(pair.timeline.viewport(), at, 3, CTRL)
    assert pair.geometry.frame_width > 30
    assert pair.geometry.frame_at(at.x()) == 9
    wheel(pair.timeline.viewport(), at, -30, CTRL)
    assert pair.geometry.frame_width < 3


def test_the_middle_button_pans(pair: Stage) -> None:
    wheel(pair.timeline.viewport(), pair.point(1), 6, CTRL)
    before = pair.geometry.left
    at = QPoint(800, 60)
    pair.drag(at, QPoint(600, 60), button=Qt.MouseButton.MiddleButton)
    assert pair.geometry.left == before + 200


def test_the_context_menu_offers_what_can_be_done_there(pair: Stage) -> None:
    QApplication.sendEvent(pair.timeline.viewport(), context(pair, pair.point(5)))
    menu = pair.find(QMenu, "timeline-menu")
    names = [action.objectName() for action in menu.actions()]
    assert "generate" in names
    assert "delete" in names
    assert pair.session.playback.frame == 5
    assert pair.session.selection.span == pair.span.id
    menu.close()


def test_the_names_of_layers_have_a_menu_of_their_own(pair: Stage) -> None:
    pair.session.playback.seek(5)
    QApplication.sendEvent(pair.timeline.viewport(), context(pair, QPoint(90, pair.point(1).y())))
    menu = pair.find(QMenu, "timeline-menu")
    assert "delete-layer" in [action.objectName() for action in menu.actions()]
    assert pair.session.playback.frame == 5
    menu.close()


def context(stage: Stage, at: QPoint):  # noqa: ANN201
    from PySide6.QtGui import QContextMenuEvent

    everywhere = stage.timeline.viewport().mapToGlobal(at)
    return QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, everywhere)


def test_eye_and_padlock(pair: Stage) -> None:
    said: list[Message] = []
    pair.session.message.connect(said.append)
    y = pair.point(1).y()
    pair.click(pair.timeline.viewport(), QPoint(18, y))
    assert not pair.layer.visible
    pair.click(pair.timeline.viewport(), QPoint(45, y))
    assert pair.layer.locked
    pair.drag(pair.point(9), pair.point(12))
    assert pair.frames == [1, 9]
    assert "locked" in said[-1].text


def test_a_double_click_renames_a_layer(pair: Stage) -> None:
    at = QPoint(100, pair.point(1).y())
    QTest.mouseDClick(pair.timeline.viewport(), LEFT, PLAIN, at)
    field = pair.find(QLineEdit, "layer-name")
    QTest.keyClicks(field, "Mika")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert pair.layer.name == "Mika"
    QTest.mouseDClick(pair.timeline.viewport(), LEFT, PLAIN, at)
    field = pair.timeline.viewport().findChildren(QLineEdit, "layer-name")[-1]
    QTest.keyClicks(field, "Tobi")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert pair.layer.name == "Mika"


def test_keys_of_the_timeline(pair: Stage) -> None:
    pair.timeline.setFocus()
    pair.session.playback.seek(1)
    for key, frame in (
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Period, 3),
        (Qt.Key.Key_G, 5),
        (Qt.Key.Key_F, 3),
        (Qt.Key.Key_End, 10),
        (Qt.Key.Key_Home, 1),
    ):
        pair.key(key)
        assert pair.session.playback.frame == frame
    pair.key(Qt.Key.Key_M)
    assert [marker.frame for marker in pair.session.controller.scene.markers] == [1]
