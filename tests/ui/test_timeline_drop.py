"""Dropping things on the window."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget, QMenu, QWidget

from genani.ui.timeline.drops import BIN_MIME
from tests.ui.stage import Stage

COPY = Qt.DropAction.CopyAction
NO_BUTTONS, PLAIN = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def hover(widget: QWidget, data: QMimeData, at: QPoint) -> None:
    enter = QDragEnterEvent(at, COPY, data, NO_BUTTONS, PLAIN)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(widget, QDragMoveEvent(at, COPY, data, NO_BUTTONS, PLAIN))


def drop(stage: Stage, widget: QWidget, data: QMimeData, at: QPoint) -> None:
    hover(widget, data, at)
    QApplication.sendEvent(widget, QDropEvent(QPointF(at), COPY, data, NO_BUTTONS, PLAIN))
    stage.settle()


def test_two_pictures_on_the_welcome_page_become_two_keys(stage: Stage) -> None:
    data = files(stage.png("a.png", 10), stage.png("b.png", 200))
    welcome = stage.window.welcome
    assert welcome.isVisible()
    drop(stage, welcome, data, QPoint(200, 200))
    assert stage.frames == [1, 9]
    assert len(stage.layer.spans) == 1
    assert not welcome.isVisible()
    assert stage.window.canvas.isVisible()


def test_a_second_picture_dropped_on_the_first_becomes_the_next_key(stage: Stage) -> None:
    drop(stage, stage.window.welcome, files(stage.png("a.png", 10)), QPoint(200, 200))
    canvas = stage.window.canvas
    assert canvas.isVisible()
    for name, frames in (("b.png", [1, 9]), ("c.png", [1, 9, 17])):
        drop(stage, canvas, files(stage.png(name, 90)), QPoint(200, 200))
        assert stage.frames == frames
    assert len(stage.layer.spans) == 2
    stage.session.playback.seek(30)
    drop(stage, canvas, files(stage.png("d.png", 50)), QPoint(200, 200))
    assert stage.frames == [1, 9, 17, 30]


def test_a_picture_dropped_on_a_frame_lands_there(pair: Stage) -> None:
    drop(pair, pair.timeline.viewport(), files(pair.png("c.png", 90)), pair.point(17))
    assert pair.frames == [1, 9, 17]


def test_a_picture_dropped_below_the_layers_makes_a_new_layer(pair: Stage) -> None:
    drop(pair, pair.timeline.viewport(), files(pair.png("c.png", 90)), pair.point(5, row=1))
    layers = pair.session.controller.scene.layers
    frames = {layer.name: [cell.frame for cell in layer.cells] for layer in layers}
    assert frames == {"A": [1, 9], "B": [5]}
    pair.trigger("undo")
    assert len(pair.session.controller.scene.layers) == 1


def test_the_first_drawing_goes_to_the_layer_that_waits_for_it(stage: Stage) -> None:
    drop(stage, stage.timeline.viewport(), files(stage.png("a.png")), stage.point(3, row=1))
    assert [layer.name for layer in stage.session.controller.scene.layers] == ["A"]
    assert stage.frames == [3]


def test_the_drop_indicator_shows_where_and_goes_away(pair: Stage) -> None:
    view = pair.timeline.viewport()
    before = pair.picture()
    hover(view, files(pair.png("c.png")), pair.point(17))
    assert pair.picture() != before
    QApplication.sendEvent(view, QDragLeaveEvent())
    assert pair.picture() == before


def test_several_pictures_ask_whether_keys_or_a_sequence(stage: Stage) -> None:
    data = files(*(stage.png(f"f.{i:04d}.png", 20 * i) for i in range(1, 5)))
    view = stage.timeline.viewport()
    drop(stage, view, data, stage.point(1))
    menu = stage.find(QMenu, "import-menu")
    choices = {action.text(): action for action in menu.actions()}
    choices["As a sequence"].trigger()
    menu.close()
    stage.settle()
    assert stage.frames == [1, 2, 3, 4]
    stage.trigger("undo")
    drop(stage, view, data, stage.point(1))
    menu = stage.window.findChildren(QMenu, "import-menu")[-1]
    {action.text(): action for action in menu.actions()}["Keys every 8 frames"].trigger()
    menu.close()
    stage.settle()
    assert stage.frames == [1, 9, 17, 25]


def test_an_image_without_a_file_can_be_dropped(stage: Stage) -> None:
    image = QImage(16, 12, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.red)
    data = QMimeData()
    data.setImageData(image)
    drop(stage, stage.timeline.viewport(), data, stage.point(3))
    assert stage.frames == [3]


def test_pictures_wait_in_the_media_bin(pair: Stage) -> None:
    pair.window.media_bin.add_files([pair.png("c.png", 60), pair.png("d.png", 70)])
    pair.settle()
    shelf = pair.window.media_bin.findChild(QListWidget, "media-list")
    assert shelf is not None
    assert [shelf.item(row).text() for row in range(2)] == ["c.png", "d.png"]
    data = shelf.mimeData([shelf.item(1)])
    assert json.loads(bytes(data.data(BIN_MIME).data())) == [1]
    drop(pair, pair.timeline.viewport(), data, pair.point(13))
    assert pair.frames == [1, 9, 13]
    drawing = pair.layer.drawings[pair.layer.cells[-1].drawing or ""]
    assert pair.session.controller.picture(drawing.picture).pixels[0, 0, 0] == 70


def test_a_picture_that_cannot_be_read_is_named_and_nothing_changes(pair: Stage) -> None:
    broken = pair.folder / "broken.png"
    broken.write_bytes(b"this is no picture")
    drop(pair, pair.timeline.viewport(), files(broken), pair.point(17))
    assert pair.frames == [1, 9]
    assert "broken.png" in pair.window.messages.text


def test_a_picture_on_the_clipboard_is_pasted_with_its_key(pair: Stage) -> None:
    image = QImage(32, 24, QImage.Format.Format_RGBA8888)
    image.fill(QColor(0x33, 0x66, 0x99))
    QGuiApplication.clipboard().setImage(image)
    for widget, frame in ((pair.timeline, 15), (pair.window.canvas, 21)):
        pair.session.playback.seek(frame)
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        pair.settle()
    assert pair.frames == [1, 9, 15, 21]
    pasted = pair.layer.drawings[pair.layer.cells[2].drawing or ""]
    pixel = pair.session.controller.picture(pasted.picture).pixels[0, 0]
    assert tuple(pixel) == (0x33, 0x66, 0x99, 0xFF)
    QTest.keyClick(pair.timeline, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert pair.frames == [1, 9, 15]
