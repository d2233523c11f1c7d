"""What may be laid over the canvas, and what may take its mouse and keys."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from genani.ui.canvas.viewport import Viewport


class CanvasOverlay(Protocol):
    """Paints over the frame."""

    def replaces(self, painter: QPainter, view: Viewport) -> bool:
        """Paint something in place of the frame; False leaves the frame as it is."""
        ...

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint over the frame."""
        ...


class CanvasTool(Protocol):
    """Takes the left mouse button and some keys while it is chosen. Points are on the widget."""

    @property
    def cursor(self) -> Qt.CursorShape:
        """For the place the pointer was last seen at."""
        ...

    def press(self, at: QPointF, modifiers: Qt.KeyboardModifier, view: Viewport) -> None:
        """The button goes down."""
        ...

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier, view: Viewport) -> None:
        """The pointer moves, with or without the button."""
        ...

    def release(self) -> None:
        """The button goes up."""
        ...

    def leave(self) -> None:
        """The pointer has left the canvas."""
        ...

    def double_click(self, at: QPointF, view: Viewport) -> None:
        """The button went down twice."""
        ...

    def wants(self, event: QKeyEvent) -> bool:
        """True for keys that the tool takes before any shortcut does."""
        ...

    def key(self, event: QKeyEvent) -> None:
        """A key that it wanted."""
        ...
