"""The window as a whole: messages, welcome page, questions, menus, themes, layout."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QDockWidget,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QToolBar,
    QToolButton,
    QUndoView,
)
from shiboken6 import isValid

import genani.ui
from genani.app.messages import Level, Message
from genani.app.states import SpanStatus
from genani.ui.message_bar import MessageBar
from tests.render.fakes import ScriptedEngine
from tests.ui.stage import Stage


def answer(stage: Stage, text: str) -> None:
    """Press a button of the question that is open."""
    stage.until(lambda: questions(stage), "a question")
    box = questions(stage)[-1]
    button = next(b for b in box.buttons() if b.text() == text)
    stage.click(button)
    stage.until(lambda: not isValid(box) or not box.isVisible())


def answer_chooser(dialog: QFileDialog, path: Path) -> None:
    """Type a path into a file chooser."""
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, str(path))
    QTest.keyClick(field, Qt.Key.Key_Return)


def questions(stage: Stage) -> list[QMessageBox]:
    return [b for b in stage.window.findChildren(QMessageBox, "question") if b.isVisible()]


# Messages


def test_errors_stay_until_they_are_closed_and_can_be_copied(stage: Stage) -> None:
    bar = stage.window.messages
    stage.session.message.emit(Message(Level.ERROR, "it broke", "the details"))
    assert bar.isVisible()
    assert bar.text == "it broke"
    stage.click(stage.find(QPushButton, "message-copy"))
    assert QGuiApplication.clipboard().text() == "it broke\n\nthe details"
    stage.click(stage.find(QToolButton, "message-close"))
    assert not bar.isVisible()


def test_information_goes_away_by_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    bar = stage.find(MessageBar, "message-bar")
    bar._timer.setInterval(1)
    stage.session.tell("done")
    assert bar.isVisible()
    stage.until(lambda: not bar.isVisible())


def test_a_failed_drawing_is_told_with_its_details(pair: Stage, engine: ScriptedEngine) -> None:
    engine.error = RuntimeError("it broke")
    pair.session.renders.generate([(pair.layer.id, pair.span.id)])
    pair.until(lambda: pair.window.messages.isVisible(), "the message")
    assert "1–9" in pair.window.messages.text
    pair.click(pair.find(QPushButton, "message-copy"))
    assert "Traceback" in QGuiApplication.clipboard().text()


# Welcome page


def test_the_welcome_page_lets_pictures_be_chosen(stage: Stage) -> None:
    stage.png("a.png", 10)
    stage.click(stage.find(QPushButton, "welcome-choose"))
    stage.until(lambda: stage.window.findChild(QFileDialog, "open-files"), "the chooser")
    answer_chooser(stage.find(QFileDialog, "open-files"), stage.folder / "a.png")
    stage.until(lambda: stage.frames == [1], "the picture")


def test_a_sample_opens_with_its_keys_in_place(stage: Stage) -> None:
    stage.click(stage.find(QToolButton, "sample-three_keys"))
    stage.settle()
    assert stage.frames == [1, 17, 33]
    assert len(stage.layer.spans) == 2
    assert stage.window.canvas.isVisible()


# Questions


def test_unsaved_changes_are_asked_about(pair: Stage) -> None:
    pair.session.actions.action("new").trigger()
    answer(pair, "Stay")
    pair.settle()
    assert pair.frames == [1, 9]
    pair.session.actions.action("new").trigger()
    answer(pair, "Discard")
    pair.settle()
    assert pair.frames == []
    assert pair.window.welcome.isVisible()


def test_saving_when_asked_needs_a_place(pair: Stage) -> None:
    target = pair.folder / "shot.genani"
    pair.session.actions.action("new").trigger()
    answer(pair, "Save")
    pair.until(lambda: pair.window.findChild(QFileDialog, "save-file"), "the chooser")
    answer_chooser(pair.find(QFileDialog, "save-file"), target)
    pair.settle()
    assert target.is_file()
    assert pair.frames == []
    assert pair.session.memory.recents() == [target]


def test_quitting_while_drawing_asks(pair: Stage, engine: ScriptedEngine) -> None:
    engine.gate = threading.Semaphore(0)
    pair.trigger("generate")
    pair.until(lambda: pair.status is SpanStatus.RUNNING)
    pair.window.close()
    answer(pair, "Stay")
    pair.settle()
    assert pair.window.isVisible()
    pair.window.close()
    answer(pair, "Cancel and quit")
    answer(pair, "Discard")
    engine.gate.release()
    pair.until(lambda: not pair.window.isVisible(), "the end")


def test_finish_waits_for_the_drawing(pair: Stage, engine: ScriptedEngine) -> None:
    engine.gate = threading.Semaphore(0)
    pair.trigger("generate")
    pair.until(lambda: pair.status is SpanStatus.RUNNING)
    pair.window.close()
    answer(pair, "Finish")
    for _ in range(6):
        engine.gate.release()
    answer(pair, "Discard")
    pair.until(lambda: not pair.window.isVisible(), "the end")
    assert pair.status is SpanStatus.DONE


def test_no_nested_event_loops() -> None:
    for path in Path(genani.ui.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("exec", "exec_", "processEvents"), f"{path}:{node.lineno}"


# Menus, theme, layout


def test_every_action_does_something_and_has_its_place(stage: Stage) -> None:
    placed = {
        action.objectName()
        for menu in stage.window.menuBar().findChildren(QMenu)
        for action in menu.actions()
    }
    for name in stage.session.actions.ids():
        action = stage.session.actions.action(name)
        assert action.receivers("2triggered(bool)") or action.receivers("2toggled(bool)"), name
        assert name in placed, f"{name} is in no menu"
        assert action.toolTip(), name


def test_no_two_actions_share_a_key(stage: Stage) -> None:
    seen: dict[str, str] = {}
    for name in stage.session.actions.ids():
        for keys in stage.session.actions.action(name).shortcuts():
            assert keys.toString() not in seen, f"{name} and {seen.get(keys.toString())}"
            seen[keys.toString()] = name


def test_docks_toolbars_and_buttons_have_names(stage: Stage) -> None:
    for kind in (QDockWidget, QToolBar):
        for widget in stage.window.findChildren(kind):
            assert widget.objectName(), widget.windowTitle()
    for button in stage.window.findChildren(QAbstractButton):
        # Parts of Qt's own widgets look after themselves.
        if button.objectName().startswith("qt_") or not button.isVisible():
            continue
        known = button.text() or button.toolTip() or button.accessibleName()
        assert known, f"{button} {button.objectName()} says nothing"


def test_themes(stage: Stage) -> None:
    for name, light in (("light", True), ("dark", False)):
        stage.trigger(f"theme-{name}")
        colour = stage.window.grab().toImage().pixelColor(stage.window.width() - 30, 300)
        assert (colour.lightness() > 128) is light


def test_the_layout_is_kept_and_can_be_reset(stage: Stage) -> None:
    dock = stage.find(QDockWidget, "dock-queue")
    stage.find(QDockWidget, "dock-timeline").hide()
    dock.setFloating(True)
    stage.trigger("reset-layout")
    assert stage.find(QDockWidget, "dock-timeline").isVisible()
    assert not dock.isFloating()


def test_the_history_lists_every_step(pair: Stage) -> None:
    history = pair.find(QUndoView, "history-list")
    model = history.model()
    assert model.rowCount() == pair.session.controller.undo_stack.count() + 1
    history.setCurrentIndex(model.index(0, 0))
    assert pair.frames == []


def test_the_title_names_the_document_and_its_state(pair: Stage) -> None:
    assert pair.window.windowTitle().startswith("Untitled")
    assert pair.window.isWindowModified()
    pair._loop.run_until_complete(pair.session.save(pair.folder / "shot.genani"))
    assert pair.window.windowTitle().startswith("shot")
    assert not pair.window.isWindowModified()


def test_a_message_may_offer_what_helps(stage: Stage) -> None:
    stage.bring(stage.png("a.png"))
    stage.trigger("face-find")
    stage.until(lambda: "by hand" in stage.window.messages.text, "the message")
    offer = stage.find(QPushButton, "message-offer")
    assert offer.text() == "Face pins"
    pins = stage.session.actions.action("face-pins")
    assert not pins.isChecked()
    stage.click(offer)
    assert pins.isChecked()
    assert not stage.window.messages.isVisible()
    stage.session.tell("nothing to press")
    assert not offer.isVisible()
