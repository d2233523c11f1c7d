"""The start of the program, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from genani import __version__

WINDOW = """
import asyncio, sys
import genani.__main__ as program
program.AFTER_PAINT = 60
from genani.ui.main_window import MainWindow
from PySide6.QtWidgets import QApplication

async def watch(window):
    session = window._session
    print("shown", [m for m in ("torch", "cv2", "mediapipe") if m in sys.modules])
    app = QApplication.instance()
    print("name", app.applicationName(), app.desktopFileName(), app.organizationName() == "")
    for _ in range(200):
        layers = session.controller.scene.layers
        if not sys.argv[1:] or any(layer.cells for layer in layers) or told:
            break
        await asyncio.sleep(0.02)
    print("frames", [cell.frame for layer in layers for cell in layer.cells])
    print("told", told)
    {then}
    session.controller.undo_stack.setClean()
    window.close()

told = []
show = MainWindow.show
def shown(window):
    window._session.message.connect(lambda message: told.append(message.text))
    show(window)
    asyncio.ensure_future(watch(window))
MainWindow.show = shown
print("code", program.run(sys.argv[1:]))
"""


def start(*files: Path, then: str = "pass") -> dict[str, str]:
    """Open the window with these files, close it again, and give what it said."""
    code = WINDOW.replace("{then}", then)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, files)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    assert said.get("code") == "0", done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return said


def test_the_window_is_shown_before_anything_heavy_is_loaded() -> None:
    said = start()
    assert said["shown"] == "[]"
    assert said["name"] == "GenAni org.genani.GenAni True"
    assert said["frames"] == "[]"


def test_pictures_given_become_keys(png: Callable[..., Path]) -> None:
    said = start(png("a.png", 10), png("b.png", 200))
    assert said["frames"] == "[1, 9]"
    assert said["told"] == "[]"


def test_a_file_that_is_not_there_is_told_in_the_window(tmp_path: Path) -> None:
    said = start(tmp_path / "no such.genani")
    assert "no such.genani" in said["told"]


def test_a_mistake_of_ours_is_told_and_logged(tmp_path: Path) -> None:
    then = "asyncio.get_running_loop().call_soon(lambda: 1 // 0); await asyncio.sleep(0.1); "
    said = start(then=f"{then} print('late', told)")
    assert "division" in said["late"]
    log = Path(os.environ["GENANI_DATA"]) / "genani.log"
    assert "ZeroDivisionError" in log.read_text("utf-8")


@pytest.mark.parametrize(("word", "said"), [("--version", __version__), ("--help", "inbetween")])
def test_words_without_a_window(word: str, said: str) -> None:
    code = (
        "import sys, contextlib\nfrom genani.__main__ import main\n"
        "with contextlib.suppress(SystemExit): main(sys.argv[1:])\n"
        "print('PySide6' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, word], capture_output=True, text=True, timeout=60, check=True
    )
    assert said in done.stdout
    assert done.stdout.splitlines()[-1] == "False"


def test_what_cv2_sets_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    from genani.__main__ import _forget_cv2

    monkeypatch.setenv("QT_QPA_FONTDIR", "/x/site-packages/cv2/qt/fonts")
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", "/home/me/plugins")
    _forget_cv2()
    assert "QT_QPA_FONTDIR" not in os.environ
    assert os.environ["QT_QPA_PLATFORM_PLUGIN_PATH"] == "/home/me/plugins"
