"""Settings and window memory: kept, checked, never in the way."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from genani.app import settings
from genani.app.action_table import ACTIONS, KEYS, Scope
from genani.app.actions import ActionRegistry
from genani.app.messages import Level, Message
from genani.app.places import config_folder, data_folder
from genani.app.recents import MOST, WindowMemory
from genani.app.session import Session
from genani.app.settings import OnionSkin, Settings, Theme
from genani.media.options import ExportOptions, Format
from genani.scene.errors import SceneError


def test_settings_survive(tmp_path: Path) -> None:
    chosen = Settings(
        theme=Theme.LIGHT,
        onion=OnionSkin(on=True, before=3),
        export=ExportOptions(format=Format.GIF, matte=(1, 2, 3)),
    )
    settings.save(chosen, tmp_path / "a" / "settings.json")
    assert settings.load(tmp_path / "a" / "settings.json") == chosen


@pytest.mark.parametrize("text", ["", "{", '{"theme": "pink"}', '{"frame_memory": "much"}'])
def test_damaged_settings_are_the_defaults(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    assert settings.load(path) == Settings()


def test_settings_of_an_older_program_keep_what_they_have(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"theme": "light"}')
    assert settings.load(path) == Settings(theme=Theme.LIGHT)


def test_changed_settings_are_told_and_kept(session: Session, until: Callable[..., None]) -> None:
    told: list[Settings] = []
    session.settings_changed.connect(told.append)
    session.change_settings(theme=Theme.LIGHT)
    session.change_settings(theme=Theme.LIGHT)
    assert told == [Settings(theme=Theme.LIGHT)]
    assert session.settings.theme is Theme.LIGHT
    until(lambda: settings.load(settings.settings_file()) == told[0], "the file")


def test_settings_that_cannot_be_kept_are_told(
    session: Session, until: Callable[..., None]
) -> None:
    told: list[Message] = []
    session.message.connect(told.append)
    config_folder().parent.mkdir(parents=True, exist_ok=True)
    config_folder().write_text("a file where the folder should be")
    session.change_settings(theme=Theme.LIGHT)
    until(lambda: bool(told), "the message")
    assert [m.level for m in told] == [Level.ERROR]


def test_places_are_those_of_the_test(tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.getbasetemp()
    assert base in config_folder().parents
    assert base in data_folder().parents


def test_recent_files(qapp: QApplication, tmp_path: Path) -> None:
    memory = WindowMemory(tmp_path / "config")
    paths = [tmp_path / f"{number}.genani" for number in range(MOST + 3)]
    for path in paths:
        path.touch()
        memory.opened(path)
    memory.opened(paths[4])
    wanted = [paths[4], *(p for p in reversed(paths) if p != paths[4])][:MOST]
    assert memory.recents() == wanted
    paths[4].unlink()
    again = WindowMemory(tmp_path / "config")
    assert again.recents() == wanted[1:]
    again.clear_recents()
    assert again.recents() == []
    again.opened(paths[5])
    assert again.recents() == [paths[5]]


def test_window_state(qapp: QApplication, tmp_path: Path) -> None:
    memory = WindowMemory(tmp_path)
    assert memory.bytes("state").isEmpty()
    memory.keep("state", QByteArray(b"\x00\x01"))
    assert memory.bytes("state") == QByteArray(b"\x00\x01")


def test_every_action_has_words_and_no_two_share_a_key(qapp: QApplication) -> None:
    registry = ActionRegistry()
    assert set(KEYS) <= set(registry.ids())
    seen: dict[str, str] = {}
    for name in registry.ids():
        action = registry.action(name)
        assert action.text()
        assert action.statusTip()
        assert not action.statusTip().endswith(".")
        for keys in action.shortcuts():
            text = keys.toString()
            assert seen.setdefault(text, name) == name, f"{text}: {seen[text]} and {name}"
    assert registry.action("quit").shortcut() == QKeySequence("Ctrl+Q")
    redo = {keys.toString() for keys in registry.action("redo").shortcuts()}
    assert {"Ctrl+Shift+Z"} <= redo


def test_single_letters_act_only_on_canvas_and_timeline() -> None:
    for spec in ACTIONS:
        single = [k for k in spec.keys if isinstance(k, str) and "+" not in k.rstrip("+")]
        single = [k for k in single if not k.startswith("F") or not k[1:].isdigit()]
        assert not single or spec.scope is Scope.CANVAS, spec.id


def test_messages_of_errors() -> None:
    assert Message.of(SceneError("frame 0 does not exist")).text == "frame 0 does not exist"
    message = Message.of(KeyError("x"))
    assert message.text == "Something unexpected happened: 'x'"
    assert "KeyError" in message.details
