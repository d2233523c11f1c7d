"""Mouse, keys and eyes on a window of this program: real events of a real X server.

`tests.drive_window` acts from outside and has to know where things lie. Here the program looks
for itself where a widget is on the screen, and xdotool then goes there, presses and types: what
covers it, or does not listen, is noticed as a person would.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QListWidget,
    QMenu,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)

from genani.app.session import Session
from genani.ui.main_window import MainWindow

W = TypeVar("W", bound=QWidget)

PATIENCE = 600.0
"""Seconds for what engines do, on a machine that does other things too."""

_STEPS = 12
"""Of a drag."""

_TRIES = 4
"""At typing a text."""


class Hands:
    """One person at the window.

    Args:
        main: the window.
        session: behind it, to know when something is done; nothing is changed through it.
        out: for screenshots.
        name: begins the names of the screenshots.
    """

    def __init__(self, main: MainWindow, session: Session, out: Path, name: str) -> None:
        self.main, self.session = main, session
        self._out, self._name, self._count = out, name, 0

    # Waiting and looking

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something holds.

        Raises:
            TimeoutError: it never did.
        """
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"waited in vain for {what}")
            await asyncio.sleep(0.02)

    async def shot(self, name: str) -> Path:
        """A picture of the whole screen."""
        await asyncio.sleep(0.4)
        self._count += 1
        path = self._out / f"{self._name}-{self._count:02d}-{name}.png"
        await _run("import", "-window", "root", str(path))
        return path

    def find(self, kind: type[W], name: str, within: QWidget | None = None) -> W:
        """A widget by its name.

        Raises:
            LookupError: there is none.
        """
        found = (within or self.main).findChild(kind, name)
        if found is None:
            raise LookupError(f"there is no {name}")
        return found

    # The mouse

    async def click(self, widget: QWidget, at: QPoint | None = None, button: int = 1) -> None:
        """Press a button of the mouse on a widget, in its middle if not said where."""
        await self.until(lambda: widget.isVisible() and widget.isEnabled(), widget.objectName())
        place = widget.mapToGlobal(at or widget.rect().center())
        await _xdo("mousemove", *_xy(place), "sleep", "0.05", "click", str(button))
        await asyncio.sleep(0.25)

    async def drag(self, widget: QWidget, start: QPoint, stop: QPoint) -> None:
        """Press, go in small steps, let go."""
        words = ["mousemove", *_xy(widget.mapToGlobal(start)), "sleep", "0.05", "mousedown", "1"]
        for step in range(1, _STEPS + 1):
            between = start + (stop - start) * (step / _STEPS)
            words += ["mousemove", *_xy(widget.mapToGlobal(between)), "sleep", "0.02"]
        await _xdo(*words, "mouseup", "1")
        await asyncio.sleep(0.25)

    async def slide(self, slider: QSlider, value: int) -> None:
        """Drag a slider's handle to where a value is."""
        await self.until(lambda: slider.isVisible() and slider.isEnabled(), slider.objectName())
        grip = _grip(slider, slider.value())
        await self.drag(slider, grip, _grip(slider, value))

    async def choose(self, box: QComboBox, data: object) -> None:
        """Open a box and click the line that stands for something."""
        row = box.findData(data)
        if row < 0:
            raise LookupError(f"{box.objectName()} does not offer {data}")
        await self.click(box)
        view = box.view()
        await self.until(view.isVisible, f"the lines of {box.objectName()}")
        index = box.model().index(row, 0)
        view.scrollTo(index)
        await self.click(view.viewport(), view.visualRect(index).center())
        await self.until(lambda: not view.isVisible(), f"{box.objectName()} to close")

    async def pick(self, rows: QListWidget, row: int) -> None:
        """Click a line of a list."""
        rows.scrollToItem(rows.item(row))
        await self.click(rows.viewport(), rows.visualItemRect(rows.item(row)).center())

    async def menu(self, bar: int, action: str) -> None:
        """Choose an action in a menu of the menu bar."""
        top = self.main.menuBar()
        await self.click(top, top.actionGeometry(top.actions()[bar]).center())
        await self.popup(action)

    async def popup(self, action: str) -> None:
        """Choose an action in the menu that is open."""
        menu: list[QMenu] = []

        def opened() -> bool:
            found = QApplication.activePopupWidget()
            menu[:] = [found] if isinstance(found, QMenu) else []
            return bool(menu)

        await self.until(opened, "a menu")
        wanted = self.session.actions.action(action)
        if wanted not in menu[0].actions() or not wanted.isEnabled():
            raise LookupError(f"the menu does not offer {action}")
        await self.click(menu[0], menu[0].actionGeometry(wanted).center())

    def on_frame(self, frame: int, row: int = 0) -> QPoint:
        """The middle of a frame on the timeline."""
        g = self.main.timeline.geometry_now
        return QPoint(round(g.x(frame) + g.frame_width / 2), round(g.y(row) + 0.4 * g.row_height))

    async def frame(self, frame: int, row: int = 0, button: int = 1) -> None:
        """Click a frame on the timeline."""
        await self.click(self.main.timeline.viewport(), self.on_frame(frame, row), button)

    # Keys

    async def hold(self, key: str) -> None:
        """Press a key and keep it down."""
        await _xdo("keydown", key)

    async def let_go(self, key: str) -> None:
        """Let a key go that is held."""
        await _xdo("keyup", key)

    async def key(self, *keys: str) -> None:
        """Press keys, one after another."""
        for each in keys:
            await _xdo("key", each)
            await asyncio.sleep(0.2)

    async def write(self, text: str) -> None:
        """Type."""
        await _xdo("type", "--delay", "12", text)
        await asyncio.sleep(0.2)

    async def fill(self, field: QWidget, text: str) -> None:
        """Put a text into a field, in place of what is there."""
        await self.click(field)
        await self.key("ctrl+a")
        await self.write(text)
        await self.key("Return")

    async def files(self, *paths: Path) -> None:
        """Name files of one folder in the chooser that is opening."""
        dialog: list[QFileDialog] = []

        def opened() -> bool:
            dialog[:] = self.main.findChildren(QFileDialog)
            return bool(dialog) and dialog[0].isVisible()

        await self.until(opened, "the chooser of files")
        await asyncio.sleep(0.5)
        line = self.find(QLineEdit, "fileNameEdit", dialog[0])
        await self.click(line)
        # The folder first: of several files elsewhere Qt's chooser may take but one.
        for _ in range(_TRIES):
            await self._type(line, f"{paths[0].parent}/")
            await asyncio.sleep(1)
            # Where folders are called alike, what the completer offers may get in the way.
            if Path(dialog[0].directory().path()) == paths[0].parent:
                break
        await self._type(line, " ".join(f'"{path.name}"' for path in paths))
        await self.until(lambda: not self.main.findChildren(QFileDialog), "the chooser to close")

    async def _type(self, line: QLineEdit, text: str) -> None:
        """Type a text in place of what is there, and mean it."""
        for _ in range(_TRIES):
            await self.key("ctrl+a")
            await self.write(text)
            # On a busy machine keys get lost between two layouts of the keyboard.
            if line.text() == text:
                break
        if QApplication.activePopupWidget() is not None:
            # What the completer offers is not meant.
            await self.key("Escape")
        await self.key("Return")

    # Windows

    async def place(self, window: QWidget, x: int, y: int) -> None:
        """Put a window somewhere on the screen, as a window manager does."""
        await self.until(window.isVisible, window.objectName())
        await _xdo("windowmove", "--sync", str(int(window.winId())), str(x), str(y))
        await asyncio.sleep(0.3)

    async def close(self, window: QDialog) -> None:
        """Close a dialog by its key."""
        await _xdo("windowactivate", "--sync", str(int(window.winId())))
        await self.key("Escape")
        await self.until(lambda: not window.isVisible(), f"{window.objectName()} to close")


def _grip(slider: QSlider, value: int) -> QPoint:
    """Where the middle of a slider's handle is when it stands for a value."""
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    option.sliderPosition = value  # pyright: ignore[reportAttributeAccessIssue]
    style, control = slider.style(), QStyle.ComplexControl.CC_Slider
    part = QStyle.SubControl.SC_SliderHandle
    return style.subControlRect(control, option, part, slider).center()


def _xy(place: QPoint) -> tuple[str, str]:
    return str(place.x()), str(place.y())


async def _xdo(*words: str) -> None:
    await _run("xdotool", *words)


async def _run(*words: str) -> None:
    await asyncio.to_thread(subprocess.run, words, check=True, timeout=60)
