"""Animate this drawing: from the timeline's menu to frames on it, and back by one undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QSpinBox,
)

from genani.app.animating.outcome import Keeping
from genani.app.model_choices import Brought
from genani.scene.document import CellKind
from genani.ui.animating.loop_view import LoopView
from genani.ui.animating.window import AnimateWindow
from genani.ui.model_box import ModelBox
from genani.ui.training.window import TrainingWindow
from tests.app.animated import ScriptedAnimator, animate_services
from tests.ui.stage import Stage


@pytest.fixture
def animator() -> ScriptedAnimator:
    return ScriptedAnimator()


@pytest.fixture
def key(stage: Stage, animator: ScriptedAnimator) -> Stage:
    """Two keys on frames 1 and 5 without a span, and the dialog open for the first one."""
    stage.session.animating.services = animate_services(animator)
    stage.session.change_settings(open_spans=False)
    stage.bring(stage.png("a.png", 10))
    stage.bring(stage.png("b.png", 90), frame=5)
    stage.session.playback.seek(1)
    choose_from_menu(stage)
    stage.enter(stage.find(QSpinBox, "animate-frames"), "4")
    return stage


def choose_from_menu(stage: Stage) -> None:
    """Right-click on the first drawing, and choose the entry as a person would."""
    view = stage.timeline.viewport()
    place = stage.point(1)
    QTest.mouseClick(view, Qt.MouseButton.RightButton, pos=place)
    stage.timeline.menu_wanted.emit(view.mapToGlobal(place), stage.layer.id, 1)
    stage.session.commands.refresh()
    menus = stage.window.findChildren(QMenu, "timeline-menu")
    menu = menus[-1]
    entry = next(each for each in menu.actions() if each.objectName() == "animate")
    assert entry.isEnabled()
    at = menu.actionGeometry(entry).center()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=QPoint(at))
    for each in menus:
        each.close()
    stage.settle()


def pick(stage: Stage, data: object) -> None:
    """Choose a line of the networks, as a click does."""
    box = stage.find(ModelBox, "animate-model")
    row = box.findData(data)
    box.setCurrentIndex(row)
    box.activated.emit(row)


def draw(stage: Stage) -> None:
    stage.click(stage.find(QPushButton, "animate-go"))
    stage.until(lambda: stage.session.animating.ready, "the loop to be drawn")


def keep(stage: Stage) -> None:
    button = stage.find(QPushButton, "animate-keep")
    assert button.isEnabled()
    stage.click(button)
    stage.settle()


def test_frames_go_behind_the_drawing_in_one_step(key: Stage, animator: ScriptedAnimator) -> None:
    before = key.session.controller.scene
    draw(key)
    assert key.find(LoopView, "animate-preview").count == 4
    keep(key)
    # On twos: the loop takes frames 1 to 8, so what stood on 5 makes room.
    assert key.frames == [1, 3, 5, 7, 9]
    assert [cell.kind for cell in key.layer.cells[1:4]] == [CellKind.INBETWEEN] * 3
    shown = [key.layer.drawings[cell.drawing or ""].picture for cell in key.layer.cells[:4]]
    assert len(set(shown)) == 4
    key.trigger("undo")
    assert key.session.controller.scene == before
    assert animator.asked[0].action == "walk"
    assert animator.asked[0].frames == 4


def test_a_drawing_held_longer_than_the_loop_comes_back(key: Stage) -> None:
    key.enter(key.find(QSpinBox, "animate-exposure"), "1")
    key.enter(key.find(QSpinBox, "animate-frames"), "3")
    draw(key)
    keep(key)
    assert key.frames == [1, 2, 3, 4, 5]
    assert key.layer.cells[3].drawing == key.layer.cells[0].drawing


def test_frames_go_on_a_layer_of_their_own(key: Stage) -> None:
    draw(key)
    place = key.find(QComboBox, "animate-place")
    place.setCurrentIndex(place.findData(Keeping.LAYER))
    keep(key)
    layers = key.session.controller.scene.layers
    assert [cell.frame for cell in layers[0].cells] == [1, 5]
    assert [cell.frame for cell in layers[1].cells] == [1, 3, 5, 7]
    assert key.session.selection.layer == layers[1].id
    key.trigger("undo")
    assert len(key.session.controller.scene.layers) == 1


def test_a_drawing_does_not_stand_still_behind_its_own_loop(key: Stage) -> None:
    draw(key)
    place = key.find(QComboBox, "animate-place")
    place.setCurrentIndex(place.findData(Keeping.INSTEAD))
    keep(key)
    assert [layer.visible for layer in key.session.controller.scene.layers] == [False, True]
    note = key.find(QLabel, "animate-note")
    assert "undo takes it back" in note.text()
    key.trigger("undo")
    assert [layer.visible for layer in key.session.controller.scene.layers] == [True]
    assert not note.text()


def test_stopping_changes_nothing(key: Stage, animator: ScriptedAnimator) -> None:
    before = key.session.controller.scene
    animator.hold.clear()
    key.click(key.find(QPushButton, "animate-go"))
    key.until(lambda: animator.asked, "the drawing to begin")
    key.until(key.find(QProgressBar, "animate-progress").isVisible, "the bar")
    key.click(key.find(QPushButton, "animate-stop"))
    key.until(lambda: not key.session.animating.busy, "the worker to stop")
    assert "Stopped" in key.find(QLabel, "animate-note").text()
    assert not key.find(QPushButton, "animate-keep").isEnabled()
    assert key.session.controller.scene is before


def test_a_missing_network_is_told_before_anything_is_drawn(
    key: Stage, animator: ScriptedAnimator
) -> None:
    animator.missing = "The network that animates drawings is not there: train it"
    key.find(AnimateWindow, "animate").open_here()
    key.settle()
    assert key.find(QLabel, "animate-note").text() == animator.missing
    assert not key.find(QPushButton, "animate-go").isEnabled()
    assert not key.find(QLabel, "animate-cost").text()
    pick(key, "mine")
    key.settle()
    assert key.find(QPushButton, "animate-go").isEnabled()
    assert not key.find(QPushButton, "model-train").isVisible()
    assert not key.find(QLabel, "animate-note").text()


def test_the_way_to_a_network_of_ones_own_is_in_the_window(
    key: Stage, animator: ScriptedAnimator
) -> None:
    animator.missing = "It is not here yet."
    key.find(AnimateWindow, "animate").open_here()
    key.settle()
    key.click(key.find(QPushButton, "model-train"))
    key.settle()
    assert key.find(TrainingWindow, "training").isVisible()
    assert key.session.training.project is not None
    assert key.session.training.project.choices.task == "sprite"


def test_a_network_of_ones_own_is_named_by_its_folder(
    key: Stage, animator: ScriptedAnimator, tmp_path: Path
) -> None:
    folder = tmp_path / "run" / "result"
    folder.mkdir(parents=True)
    pick(key, Brought.FOLDER)
    key.until(lambda: key.window.findChild(QFileDialog, "open-folder"), "the chooser")
    chooser = key.find(QFileDialog, "open-folder")
    field = chooser.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setText(str(folder))
    chooser.accept()
    key.settle()
    box = key.find(ModelBox, "animate-model")
    assert box.name == str(folder)
    assert box.currentText() == str(Path("run", "result"))
    draw(key)
    assert animator.asked[0].model == str(folder)


def test_what_is_meant_is_seen_before_anything_is_drawn(key: Stage) -> None:
    view = key.find(LoopView, "animate-preview")
    key.settle()
    assert view.count == 0
    middle = view.grab().toImage().pixelColor(view.rect().center())
    assert (middle.red(), middle.green(), middle.blue()) == (10, 10, 10)


def test_how_long_it_takes_is_told_before_the_click(key: Stage) -> None:
    told = key.find(QLabel, "animate-cost")
    key.until(lambda: told.text() == "4 drawing(s) on CPU: about 40 s", "the estimate")
    key.enter(key.find(QSpinBox, "animate-frames"), "2")
    key.until(lambda: told.text() == "2 drawing(s) on CPU: about 20 s", "another estimate")


def test_the_loop_is_not_kept_in_another_scene(key: Stage) -> None:
    draw(key)
    key.session.new()
    key.settle()
    assert not key.session.animating.ready
    assert not key.find(QPushButton, "animate-keep").isEnabled()


def test_the_dialog_leaves_the_window_usable(key: Stage) -> None:
    dialog = key.find(AnimateWindow, "animate")
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert QApplication.activeModalWidget() is None
