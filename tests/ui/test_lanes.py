"""The acting lanes under mouse and keyboard, and what they look like."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
)

from genani.app.acting_lanes import Lane
from genani.app.settings import MouthNames
from genani.media.lipsync import Spoken
from genani.scene.acting import Acting, Blink, Gaze, MouthCue, Viseme
from genani.scene.document import Layer
from genani.scene.edits import AddLayer, ChangeLayer
from genani.ui.dialogs.voice import VoiceDialog
from genani.ui.timeline import lane_paint
from genani.ui.timeline.geometry import Geometry
from genani.ui.timeline.lanes import LANES_HEIGHT, Block, blocks_between, lane_box
from tests.ui.stage import LEFT, PLAIN, Stage

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def spoken(pair: Stage) -> Stage:
    """Keys on 1 and 9, mouths D from 3, A from 6, given back at 8; a blink on 4."""
    mouths = (MouthCue(3, Viseme.D), MouthCue(6, Viseme.A), MouthCue(8, None))
    acting = Acting(mouths, (Blink(4, 3),))
    pair.session.controller.do(ChangeLayer(pair.layer.id, acting=acting), "speak")
    return pair


def at(stage: Stage, lane: Lane, frame: float, share: float = 0.5) -> QPoint:
    """A point on a lane, a share of the way through a frame."""
    g = stage.geometry
    y = lane_box(g, 0, lane).center().y()
    return QPointF(g.x(frame) + share * g.frame_width, y).toPoint()


def frames(stage: Stage, lane: Lane = Lane.MOUTH) -> list[int]:
    acting = stage.layer.acting
    marks = {Lane.MOUTH: acting.mouths, Lane.BLINK: acting.blinks, Lane.LOOK: acting.gazes}
    return [mark.frame for mark in marks[lane]]


def menu(stage: Stage) -> QMenu:
    found = QApplication.activePopupWidget()
    assert isinstance(found, QMenu)
    return found


# Where they are


def test_rows_below_open_lanes_move_down() -> None:
    g = Geometry(lanes=(LANES_HEIGHT, 0))
    high = g.row_height
    assert g.y(1) - g.y(0) == high + LANES_HEIGHT
    assert g.y(3) - g.y(2) == high
    for row in range(5):
        assert g.row_at(g.y(row)) == row
        assert g.row_at(g.y(row + 1) - 1) == row
    assert g.row_at(g.y(0) - 1) == -1
    assert g.down_at(g.y(0) + high - 1) is None
    assert g.down_at(g.y(0) + high) == 0
    assert g.down_at(g.y(1)) is None


def test_lanes_open_by_the_arrow_and_fold_again(pair: Stage) -> None:
    g, view = pair.geometry, pair.timeline.viewport()
    arrow = QPoint(g.header - 12, g.y(0) + 30)
    pair.click(view, arrow)
    assert pair.geometry.lanes == (LANES_HEIGHT,)
    pair.click(view, arrow)
    assert pair.geometry.lanes == (0,)


def test_lanes_with_something_on_them_are_open(spoken: Stage) -> None:
    assert spoken.geometry.lanes == (LANES_HEIGHT,)


# Mouths


def test_letters_set_the_mouth_at_the_playhead(pair: Stage) -> None:
    pair.trigger("lanes")
    for frame, key in ((2, Qt.Key.Key_B), (4, Qt.Key.Key_X), (6, Qt.Key.Key_F), (8, Qt.Key.Key_0)):
        pair.session.playback.seek(frame)
        pair.key(key)
    shapes = [(cue.frame, cue.shape) for cue in pair.layer.acting.mouths]
    assert shapes == [(2, Viseme.B), (4, Viseme.X), (6, Viseme.F), (8, None)]
    # B, X and F did nothing else: no breakdown, no rejected take, no other frame.
    assert pair.session.playback.frame == 8
    assert pair.frames == [1, 9]


def test_letters_are_the_windows_again_after_esc(spoken: Stage) -> None:
    spoken.trigger("lanes")
    spoken.trigger("lanes")
    assert spoken.session.acting.active == (spoken.layer.id, Lane.MOUTH)
    spoken.key(Qt.Key.Key_Escape)
    assert spoken.session.acting.active is None
    before = spoken.layer.acting
    spoken.session.playback.seek(9)
    spoken.key(Qt.Key.Key_F)
    assert spoken.layer.acting == before
    assert spoken.session.playback.frame < 9


def test_a_press_on_a_block_leaves_the_lane(spoken: Stage) -> None:
    spoken.click(spoken.timeline.viewport(), at(spoken, Lane.MOUTH, 3))
    assert spoken.session.acting.active is not None
    spoken.click(spoken.timeline.viewport(), spoken.point(9))
    assert spoken.session.acting.active is None


def test_a_click_chooses_a_mouth_and_delete_takes_it_away(spoken: Stage) -> None:
    spoken.click(spoken.timeline.viewport(), at(spoken, Lane.MOUTH, 7))
    assert spoken.session.acting.chosen() == MouthCue(6, Viseme.A)
    assert spoken.session.playback.frame == 7
    spoken.key(Qt.Key.Key_Delete)
    assert frames(spoken) == [3, 8]
    assert spoken.frames == [1, 9]


def test_edges_retime_mouths_and_undo_takes_a_drag_back_at_once(spoken: Stage) -> None:
    start = at(spoken, Lane.MOUTH, 6, 0.08)
    spoken.drag(start, at(spoken, Lane.MOUTH, 5, 0.08))
    assert frames(spoken) == [3, 5, 8]
    end = at(spoken, Lane.MOUTH, 7, 0.95)
    spoken.drag(end, at(spoken, Lane.MOUTH, 9, 0.95))
    assert frames(spoken) == [3, 5, 10]
    spoken.trigger("undo")
    spoken.trigger("undo")
    assert frames(spoken) == [3, 6, 8]


def test_the_middle_moves_a_mouth_between_its_neighbours(spoken: Stage) -> None:
    spoken.drag(at(spoken, Lane.MOUTH, 7, 0.2), at(spoken, Lane.MOUTH, 9, 0.2))
    assert frames(spoken) == [3, 8, 10]
    spoken.drag(at(spoken, Lane.MOUTH, 9, 0.2), at(spoken, Lane.MOUTH, 1, 0.2))
    assert frames(spoken) == [3, 4, 6]


def test_esc_takes_a_drag_on_a_lane_back(spoken: Stage) -> None:
    before = spoken.layer.acting
    start = at(spoken, Lane.MOUTH, 7, 0.2)
    spoken.drag(start, at(spoken, Lane.MOUTH, 9, 0.2), release=False)
    assert spoken.layer.acting != before
    spoken.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(spoken.timeline.viewport(), LEFT, PLAIN, start)
    assert spoken.layer.acting == before


def test_a_drag_on_a_locked_layer_changes_nothing(spoken: Stage) -> None:
    spoken.session.controller.do(ChangeLayer(spoken.layer.id, locked=True), "lock")
    before = spoken.layer.acting
    spoken.drag(at(spoken, Lane.MOUTH, 7, 0.2), at(spoken, Lane.MOUTH, 9, 0.2))
    assert spoken.layer.acting == before


def test_the_menu_of_a_mouth_sets_another_shape(spoken: Stage) -> None:
    view = spoken.timeline.viewport()
    # What the context menu event brings about.
    from PySide6.QtGui import QContextMenuEvent

    point = at(spoken, Lane.MOUTH, 7)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, view.mapToGlobal(point))
    QApplication.sendEvent(view, event)
    shown = menu(spoken)
    names = {action.objectName(): action for action in shown.actions()}
    assert not names["mouth-A"].isEnabled()
    names["mouth-H"].trigger()
    shown.close()
    assert spoken.layer.acting.mouth_at(6) is Viseme.A
    assert spoken.layer.acting.mouth_at(7) is Viseme.H
    assert spoken.layer.acting.mouth_at(8) is None


def test_names_of_mouths_can_be_words(spoken: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def noting(*given):  # noqa: ANN002, ANN202
        look = lane_paint.LaneLook(*given)
        seen[:] = [look.name(shape) for shape in (Viseme.A, Viseme.X)]
        return look

    monkeypatch.setattr("genani.ui.timeline.view.LaneLook", noting)
    spoken.timeline.refresh()
    spoken.picture()
    assert seen == ["A", "X"]
    spoken.trigger("mouth-names")
    assert spoken.session.settings.mouth_names is MouthNames.PRESTON_BLAIR
    spoken.picture()
    assert seen == ["MBP", "rest"]


# Blinks and looks


def test_a_double_click_puts_a_blink_and_a_look(pair: Stage) -> None:
    pair.trigger("lanes")
    view = pair.timeline.viewport()
    QTest.mouseDClick(view, LEFT, PLAIN, at(pair, Lane.BLINK, 4))
    QTest.mouseDClick(view, LEFT, PLAIN, at(pair, Lane.LOOK, 6))
    assert pair.layer.acting.blinks == (Blink(4),)
    assert pair.layer.acting.gazes == (Gaze(6, 12, 0.7),)


def test_a_blink_is_dragged_and_stretched(spoken: Stage) -> None:
    spoken.drag(at(spoken, Lane.BLINK, 5), at(spoken, Lane.BLINK, 8))
    assert spoken.layer.acting.blinks == (Blink(7, 3),)
    spoken.drag(at(spoken, Lane.BLINK, 9, 0.95), at(spoken, Lane.BLINK, 12, 0.95))
    assert spoken.layer.acting.blinks == (Blink(7, 6),)
    spoken.drag(at(spoken, Lane.BLINK, 7, 0.05), at(spoken, Lane.BLINK, 10, 0.05))
    assert spoken.layer.acting.blinks == (Blink(10, 3),)


def test_the_keyboard_reaches_every_lane(spoken: Stage) -> None:
    acting = spoken.session.acting
    acting.choose(spoken.layer.id, Lane.MOUTH)
    spoken.session.playback.seek(12)
    spoken.key(Qt.Key.Key_Down)
    spoken.key(Qt.Key.Key_Insert)
    assert frames(spoken, Lane.BLINK) == [4, 12]
    spoken.key(Qt.Key.Key_Right, ALT)
    spoken.key(Qt.Key.Key_Right, ALT)
    assert frames(spoken, Lane.BLINK) == [4, 14]
    spoken.key(Qt.Key.Key_Backspace)
    assert frames(spoken, Lane.BLINK) == [4]
    spoken.key(Qt.Key.Key_Down)
    assert acting.active == (spoken.layer.id, Lane.LOOK)


# What they look like


def colours(stage: Stage, box: QRectF) -> set[str]:
    image = stage.picture()
    return {
        image.pixelColor(x, y).name()
        for x in range(round(box.left()), round(box.right()))
        for y in range(round(box.top()), round(box.bottom()))
    }


def test_a_mark_that_shows_nowhere_has_a_warning(spoken: Stage) -> None:
    g = spoken.geometry
    spoken.session.playback.seek(20)

    def warned(first: int, stop: int) -> bool:
        box = lane_box(g, 0, Lane.MOUTH)
        place = QRectF(g.x(first), box.top(), (stop - first) * g.frame_width, box.height())
        return QColor("#f2b04a").name() in colours(spoken, place)

    # In-betweens begin on 3, 5 and 7.
    assert not warned(3, 6)
    assert not warned(6, 8)
    spoken.session.acting.set_mouth(Viseme.C, 10)
    spoken.session.acting.leave()
    assert warned(10, 11)


def test_tips_say_what_a_mark_is(spoken: Stage) -> None:
    from genani.ui.timeline.lane_input import lane_tip
    from genani.ui.timeline.lanes import lane_spot

    rows = spoken.timeline._rows

    def tip(lane: Lane, frame: int) -> str:
        spot = lane_spot(QPointF(at(spoken, lane, frame)), spoken.geometry, rows)
        assert spot is not None
        return lane_tip(spoken.session, spot, rows)

    assert tip(Lane.MOUTH, 4) == "Mouth D, frames 3–5\nwide open: AA"
    assert tip(Lane.BLINK, 5) == "Blink, frames 4–6"
    assert tip(Lane.MOUTH, 1) == "Mouth"


def test_only_the_marks_in_view_are_looked_at(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = [Viseme.A, Viseme.D]
    mouths = tuple(MouthCue(1 + 2 * i, shapes[i % 2]) for i in range(10_000))
    blinks = tuple(Blink(1 + 2 * i, 2) for i in range(10_000))
    layer = Layer("l", "L", acting=Acting(mouths, blinks))
    stage.session.controller.do(AddLayer(layer, 0), "add")
    asked: list[Block] = []

    def counted(*given):  # noqa: ANN002, ANN202
        for block in blocks_between(*given):
            asked.append(block)
            yield block

    monkeypatch.setattr(lane_paint, "blocks_between", counted)
    stage.timeline.refresh()
    stage.picture()
    g, view = stage.geometry, stage.timeline.viewport()
    assert 0 < len(asked) <= 2 * ((view.width() - g.header) / g.frame_width / 2 + 2)


def test_mouths_are_drawn_as_shapes(qapp: QApplication) -> None:
    from PySide6.QtGui import QPainter

    from genani.ui.faces.portraits import draw_mouth

    seen = set()
    for shape in Viseme:
        picture = QPixmap(36, 24)
        picture.fill(QColor("#ffffff"))
        painter = QPainter(picture)
        draw_mouth(painter, QRectF(0, 0, 36, 24), shape, QColor("#000000"))
        painter.end()
        seen.add(bytes(picture.toImage().constBits()))
    assert len(seen) == len(Viseme)


# From files


def answer(stage: Stage, path: Path) -> None:
    """Choose `Import mouth shapes…` and type a path into the chooser."""
    stage.session.actions.action("import-mouths").trigger()
    stage.until(lambda: stage.window.findChild(QFileDialog, "open-files"), "the chooser")
    field = stage.find(QFileDialog, "open-files").findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    stage.enter(field, str(path))


def test_a_lip_sync_file_is_put_on_the_lane(pair: Stage) -> None:
    path = pair.folder / "voice.tsv"
    path.write_text("0.00\tD\n0.25\tA\n0.50\tX\n")
    answer(pair, path)
    pair.settle()
    shapes = [(cue.frame, cue.shape) for cue in pair.layer.acting.mouths]
    assert shapes == [(1, Viseme.D), (7, Viseme.A), (13, None)]
    assert pair.geometry.lanes == (LANES_HEIGHT,)


def test_what_is_said_in_a_recording_is_asked_first(
    pair: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, bool]] = []

    def listen(_path: Path, **asked: Any) -> tuple[Spoken, ...]:
        said.append((asked["script"], asked["english"]))
        return (Spoken(Fraction(0), Viseme.D), Spoken(Fraction(1, 2), None))

    monkeypatch.setattr("genani.media.lipsync_voice.heard", listen)
    path = pair.folder / "voice.wav"
    path.write_bytes(b"RIFF")
    for button in ("Cancel", "voice-listen"):
        answer(pair, path)
        pair.until(lambda: pair.window.findChild(VoiceDialog, "voice"), "the question")
        dialog = pair.find(VoiceDialog, "voice")
        QTest.keyClicks(pair.find(QPlainTextEdit, "voice-script"), "Hi there")
        box = dialog.findChild(QDialogButtonBox)
        assert box is not None
        cancel = box.button(QDialogButtonBox.StandardButton.Cancel)
        pair.click(cancel if button == "Cancel" else pair.find(QPushButton, button))
        pair.settle()
        if button == "Cancel":
            assert said == []
            assert pair.layer.acting == Acting()
        pair.until(lambda: pair.window.findChild(VoiceDialog, "voice") is None, "its end")
    assert said == [("Hi there", True)]
    assert pair.layer.acting.mouth_at(1) is Viseme.D


def test_a_lip_sync_file_that_is_dropped_speaks_from_there(pair: Stage) -> None:
    path = pair.folder / "voice.tsv"
    path.write_text("0.00\tD\n0.25\tX\n")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    pair.window.documents.drop(data, pair.layer.id, 5)
    pair.settle()
    assert pair.layer.acting.mouths == (MouthCue(5, Viseme.D), MouthCue(11, None))
    assert pair.frames == [1, 9]


def test_lanes_that_are_typed_into_come_into_sight(pair: Stage) -> None:
    for _ in range(6):
        pair.trigger("add-layer")
    bottom = pair.session.controller.scene.layers[0].id
    bar = pair.timeline.verticalScrollBar()
    bar.setValue(0)
    pair.session.acting.show(bottom, True)
    pair.session.acting.choose(bottom, Lane.LOOK)
    row = len(pair.session.controller.scene.layers) - 1
    g = pair.geometry
    assert bar.value() > 0
    assert g.y(row) + g.row_height + LANES_HEIGHT <= pair.timeline.viewport().height()
