"""Short ways to act on the window as a person would, and to wait for what comes of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from genani.app.session import Session
from genani.app.states import SpanStatus
from genani.scene.document import Layer
from genani.scene.span import Span
from genani.ui.main_window import MainWindow
from genani.ui.timeline.geometry import Geometry
from genani.ui.timeline.view import TimelineView
from tests.conftest import PATIENCE

W = TypeVar("W", bound=QWidget)
LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


class Stage:
    """The window under test."""

    def __init__(
        self, window: MainWindow, session: Session, loop: asyncio.AbstractEventLoop, folder: Path
    ) -> None:
        self.window = window
        self.session = session
        self.folder = folder
        self._loop = loop

    # What there is

    @property
    def timeline(self) -> TimelineView:
        return self.window.timeline

    @property
    def geometry(self) -> Geometry:
        return self.timeline.geometry_now

    @property
    def layer(self) -> Layer:
        return self.session.controller.scene.layers[0]

    @property
    def span(self) -> Span:
        return self.layer.spans[0]

    @property
    def frames(self) -> list[int]:
        return [cell.frame for cell in self.layer.cells]

    @property
    def status(self) -> SpanStatus:
        return self.session.renders.span_state(self.layer.id, self.span.id).state

    def find(self, kind: type[W], name: str) -> W:
        found = QApplication.activeModalWidget()
        places = [self.window, *([found] if found else [])]
        for place in places:
            child = place.findChild(kind, name)
            if child is not None:
                return child
        raise AssertionError(f"there is no {name}")

    def png(self, name: str, value: int = 100, size: tuple[int, int] = (32, 24)) -> Path:
        pixels = np.full((size[1], size[0], 4), value, np.uint8)
        pixels[..., 3] = 255
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        return path

    # Waiting

    def until(self, condition: Callable[[], object], what: str = "the condition") -> None:
        """Let the event loop go on until something holds."""

        async def poll() -> None:
            deadline = time.monotonic() + PATIENCE
            while not condition():
                assert time.monotonic() < deadline, f"waited in vain for {what}"
                await asyncio.sleep(0.002)

        self._loop.run_until_complete(poll())

    def settle(self) -> None:
        """Let everything that was begun end, and what it changed be shown."""
        self.until(lambda: not self.session._tasks, "what was begun")
        self.session.commands.refresh()

    # Acting

    def bring(self, *paths: Path, frame: int = 1) -> None:
        """Import pictures as keys."""
        self._loop.run_until_complete(self.session.import_files(paths, frame=frame))
        self.settle()

    def trigger(self, action: str) -> None:
        """Choose an action in a menu."""
        self.session.commands.refresh()
        found = self.session.actions.action(action)
        assert found.isEnabled(), f"{action} cannot be used"
        found.trigger()
        self.settle()

    def draw(self) -> None:
        """Have the first span drawn."""
        self.trigger("generate")
        self.until(lambda: self.status is SpanStatus.DONE, "the span to be drawn")
        self.settle()

    def point(self, frame: float, row: int = 0, down: float = 0.4) -> QPoint:
        """The middle of a frame on the timeline; `down` is the share of the row's height."""
        g = self.geometry
        x = g.x(frame) + g.frame_width / 2
        return QPointF(x, g.y(row) + down * g.row_height).toPoint()

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        QTest.mouseClick(widget, LEFT, PLAIN, at or widget.rect().center())

    def drag(
        self,
        start: QPoint,
        stop: QPoint,
        modifiers: Qt.KeyboardModifier = PLAIN,
        button: Qt.MouseButton = LEFT,
        release: bool = True,
    ) -> None:
        """Drag on the timeline in a few steps."""
        move_mouse(self.timeline.viewport(), start, stop, modifiers, button, release)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        """Press a key with the timeline in focus."""
        self.session.commands.refresh()
        QTest.keyClick(self.timeline, key, modifiers)

    def enter(self, field: QSpinBox | QDoubleSpinBox | QLineEdit, text: str) -> None:
        """Type over what a field holds, and press Return."""
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def picture(self) -> QImage:
        """What the timeline looks like."""
        return self.timeline.viewport().grab().toImage()


def move_mouse(
    widget: QWidget,
    start: QPoint,
    stop: QPoint,
    modifiers: Qt.KeyboardModifier = PLAIN,
    button: Qt.MouseButton = LEFT,
    release: bool = True,
) -> None:
    """Press, move in a few steps with the button held, and let go."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    QTest.mousePress(widget, button, modifiers, start)
    for share in (0.1, 0.5, 0.9, 1.0):
        at = QPointF(start) + (QPointF(stop) - QPointF(start)) * share
        everywhere = QPointF(widget.mapToGlobal(at.toPoint()))
        event = QMouseEvent(
            QEvent.Type.MouseMove, at, everywhere, Qt.MouseButton.NoButton, button, modifiers
        )
        QApplication.sendEvent(widget, event)
    if release:
        QTest.mouseRelease(widget, button, modifiers, stop)


def wheel(
    widget: QWidget, at: QPoint, notches: int, modifiers: Qt.KeyboardModifier = PLAIN
) -> None:
    """Turn the wheel over a widget."""
    event = QWheelEvent(
        QPointF(at),
        QPointF(widget.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def near(colour: QColor, other: QColor, by: int = 24) -> bool:
    """Whether two colours are about the same."""
    one, two = colour.toRgb(), other.toRgb()
    pairs = ((one.red(), two.red()), (one.green(), two.green()), (one.blue(), two.blue()))
    return all(abs(seen - meant) <= by for seen, meant in pairs)
