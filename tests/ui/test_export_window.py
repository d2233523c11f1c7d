"""The export window: its rows, the preview of names, and the files it writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSpinBox,
)

from genani.face.fit import fit
from genani.scene.attachment import Attachment, Piece, Pin, Pinned
from genani.scene.document import Layer
from genani.scene.edits import AddLayer, SetLandmarks
from genani.ui.dialogs.export_window import ExportWindow
from tests.ui.stage import Stage


@pytest.fixture
def export(pair: Stage) -> Stage:
    pair.draw()
    pair.trigger("export")
    return pair


def window(stage: Stage) -> ExportWindow:
    return stage.find(ExportWindow, "export")


def choose(stage: Stage, name: str) -> None:
    box = stage.find(QComboBox, "export-format")
    box.setCurrentIndex(next(i for i in range(box.count()) if name in box.itemText(i)))


def place(stage: Stage, path: Path) -> None:
    field = stage.find(QLineEdit, "export-place")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, str(path))


def go(stage: Stage) -> None:
    stage.click(stage.find(QPushButton, "export-go"))


def test_names_are_shown_before_they_are_written(export: Stage) -> None:
    place(export, export.folder / "out" / "shot")
    names = export.find(QLabel, "export-names")
    assert names.text() == "shot.0001.png, …, shot.0010.png"
    name = export.find(QLineEdit, "export-name")
    name.setFocus()
    QTest.keyClicks(name, "A")
    export.enter(export.find(QSpinBox, "export-padding"), "2")
    export.enter(export.find(QSpinBox, "export-start"), "100")
    assert names.text() == "A.100.png, …, A.109.png"


def test_each_format_shows_its_own_rows(export: Stage) -> None:
    rows = {
        "PNG sequence": {"export-name", "export-drawings-only"},
        "GIF": {"export-colours", "export-dither", "export-loops", "export-ping-pong"},
        "WebP": {"export-loops", "export-ping-pong"},
        "MP4": {"export-ping-pong"},
    }
    every = set().union(*rows.values())
    for name, expected in rows.items():
        choose(export, name)
        kinds = (QLineEdit, QCheckBox, QComboBox, QSpinBox)
        widgets = [w for kind in kinds for w in window(export).findChildren(kind)]
        shown = {w.objectName() for w in widgets if w.isVisible()} & every
        assert shown == expected, name


def test_a_png_sequence_is_written_and_told(export: Stage) -> None:
    out = export.folder / "out"
    place(export, out)
    go(export)
    export.settle()
    files = sorted(path.name for path in out.iterdir())
    assert files == [f"out.{frame:04d}.png" for frame in range(1, 11)]
    with Image.open(out / "out.0001.png") as opened:
        first = opened.convert("RGBA")
    assert first.size == (32, 24)
    assert first.getpixel((5, 5)) == (10, 10, 10, 255)
    assert "10" in export.window.messages.text
    told = export.find(QLabel, "export-done")
    assert told.isVisible()
    assert str(out) in told.text()
    place(export, export.folder / "other")
    assert not told.isVisible()


def test_a_gif_lasts_as_long_as_the_scene(export: Stage) -> None:
    choose(export, "GIF")
    place(export, export.folder / "shot.gif")
    export.until(lambda: "about" in export.find(QLabel, "export-size").text(), "the size")
    go(export)
    export.settle()
    total = 0
    with Image.open(export.folder / "shot.gif") as gif:
        for frame in range(getattr(gif, "n_frames", 1)):
            gif.seek(frame)
            total += gif.info["duration"]
        assert gif.info["loop"] == 0
    assert total == 420


def test_old_files_are_replaced_only_when_asked(export: Stage) -> None:
    target = export.folder / "shot.gif"
    target.write_bytes(b"old")
    choose(export, "GIF")
    place(export, target)
    for answer, kept in ((1, True), (0, False)):
        go(export)
        export.until(lambda: window(export).findChild(QMessageBox, "question"), "the question")
        box = window(export).findChild(QMessageBox, "question")
        assert box is not None
        assert "shot.gif" in box.informativeText()
        button = box.findChild(QPushButton, f"answer-{answer}")
        assert button is not None
        export.click(button)
        export.settle()
        assert (target.read_bytes() == b"old") is kept


def test_a_place_that_cannot_be_written_is_told_in_the_window(export: Stage) -> None:
    (export.folder / "file").write_text("here")
    place(export, export.folder / "file" / "out")
    go(export)
    export.settle()
    assert "out" in export.window.messages.text
    assert export.find(QPushButton, "export-go").isEnabled()


def test_repeating_the_last_export(export: Stage) -> None:
    place(export, export.folder / "out")
    go(export)
    export.settle()
    window(export).close()
    for path in (export.folder / "out").iterdir():
        path.unlink()
    export.trigger("export-again")
    assert len(list((export.folder / "out").iterdir())) == 10


def test_the_window_stays_open_beside_the_work(export: Stage) -> None:
    assert not window(export).isModal()
    export.window.activateWindow()
    export.until(export.window.isActiveWindow)
    export.timeline.setFocus()
    export.session.playback.seek(1)
    export.key(Qt.Key.Key_Period)
    assert export.session.playback.frame == 2


def test_frames_that_are_not_drawn_yet_are_told_before(pair: Stage) -> None:
    pair.trigger("export")
    label = pair.find(QLabel, "export-missing")
    assert label.isVisible()
    assert "6" in label.text()
    pair.enter(pair.find(QSpinBox, "export-last"), "2")
    assert not label.isVisible()


def test_frames_on_which_an_attachment_has_no_face_are_told_before(export: Stage) -> None:
    label = export.find(QLabel, "export-unworn")
    assert not label.isVisible()
    window(export).close()
    layer = export.layer
    first = layer.cells[0].drawing or ""
    seen = fit({"right eye outer": (8, 9), "left eye outer": (22, 9), "chin": (15, 20)})
    pins = (Pin(2, 2, 33), Pin(9, 2, 263))
    hat = Attachment(layer.id, (Piece(Pinned(layer.drawings[first].picture, seen, pins)),))
    do = export.session.controller.do
    do(SetLandmarks(layer.id, first, seen), "face")
    do(AddLayer(Layer("h", "Hat", attachment=hat), 1), "hat")
    export.trigger("export")
    label = export.find(QLabel, "export-unworn")
    assert label.isVisible()
    assert f"Hat is not shown on frame 3: no face is marked there on {layer.name}" in label.text()
    export.enter(export.find(QSpinBox, "export-last"), "2")
    assert not label.isVisible()


def test_a_name_that_ends_like_a_format_chooses_it(export: Stage) -> None:
    box = export.find(QComboBox, "export-format")
    for name, text in (("shot.gif", "GIF"), ("shot.mp4", "MP4"), ("shot.webp", "WebP")):
        place(export, export.folder / name)
        assert text in box.currentText()
        assert export.find(QLineEdit, "export-place").text() == str(export.folder / name)
    choose(export, "PNG sequence")
    place(export, export.folder / "shot.png")
    assert "sequence" in box.currentText()
