"""What a press on the timeline turns into: scrub, choose, move, copy, ripple, retime."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt

from genani.scene.document import Cell, Exposure, Layer, new_id
from genani.scene.edits import CopyCells, Edit, MoveCells, SetExposure

DRAG_START = 4.0
"""Pixels before a press becomes a drag."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Timeline", text)


class Gesture(Protocol):
    """Something that began with a press and ends with a release, or with Esc."""

    @abstractmethod
    def move(self, point: QPointF, frame: int, modifiers: Qt.KeyboardModifier) -> None:
        """The pointer is elsewhere."""

    @abstractmethod
    def release(self, modifiers: Qt.KeyboardModifier) -> None:
        """The button went up."""

    @abstractmethod
    def cancel(self) -> None:
        """Esc: all as it was."""


@dataclass
class Scrub(Gesture):
    """Drags the playhead."""

    seek: Callable[[int], None]

    def move(self, point: QPointF, frame: int, modifiers: Qt.KeyboardModifier) -> None:
        """Show the frame under the pointer."""
        del point, modifiers
        self.seek(frame)

    def release(self, modifiers: Qt.KeyboardModifier) -> None:
        """Stay there."""

    def cancel(self) -> None:
        """Stay there."""


@dataclass
class RubberBand(Gesture):
    """Draws a box and chooses the cells in it."""

    start: QPointF
    choose: Callable[[QRectF], None]
    show: Callable[[QRectF], None]
    box: QRectF = field(default_factory=QRectF)

    def move(self, point: QPointF, frame: int, modifiers: Qt.KeyboardModifier) -> None:
        """Grow the box."""
        del frame, modifiers
        self.box = QRectF(self.start, point).normalized()
        self.show(self.box)

    def release(self, modifiers: Qt.KeyboardModifier) -> None:
        """Choose what is inside."""
        del modifiers
        self.show(QRectF())
        if self.box.width() > DRAG_START or self.box.height() > DRAG_START:
            self.choose(self.box)

    def cancel(self) -> None:
        """Choose nothing new."""
        self.show(QRectF())


@dataclass(frozen=True)
class MovePlan:
    """Cells on their way: what to draw while dragging, and the edit when let go.

    Attributes:
        layer: the layer they are on.
        cells: which.
        by: frames to the right.
        copy, ripple: Ctrl and Alt.
    """

    layer: Layer
    cells: tuple[Cell, ...]
    by: int = 0
    copy: bool = False
    ripple: bool = False

    def edit(self) -> Edit | None:
        """The edit that does it, or None where nothing would change."""
        if self.by == 0:
            return None
        if self.copy:
            copies = tuple(
                replace(cell, id=new_id(), frame=max(1, cell.frame + self.by))
                for cell in self.cells
            )
            return CopyCells(self.layer.id, copies, overwrite=True)
        ids = tuple(cell.id for cell in self.cells)
        return MoveCells(self.layer.id, ids, self.by, self.ripple, overwrite=True)

    @property
    def text(self) -> str:
        """What the history calls it."""
        if self.copy:
            return _tr("Copy drawings")
        return _tr("Move drawings and what follows") if self.ripple else _tr("Move drawings")


@dataclass
class Move(Gesture):
    """Drags cells along; plain moves, Ctrl copies, Alt pushes all that follows."""

    plan: MovePlan
    grabbed: int
    start: QPointF
    show: Callable[[MovePlan | None], None]
    do: Callable[[Edit, str], object]
    click: Callable[[], None]
    moved: bool = False

    def move(self, point: QPointF, frame: int, modifiers: Qt.KeyboardModifier) -> None:
        """Show where the cells would land; no further left than frame 1."""
        if not self.moved and (point - self.start).manhattanLength() < DRAG_START:
            return
        self.moved = True
        leftmost = min(cell.frame for cell in self.plan.cells)
        self.plan = replace(
            self.plan,
            by=max(frame - self.grabbed, 1 - leftmost),
            copy=bool(modifiers & Qt.KeyboardModifier.ControlModifier),
            ripple=bool(modifiers & Qt.KeyboardModifier.AltModifier),
        )
        self.show(self.plan)

    def release(self, modifiers: Qt.KeyboardModifier) -> None:
        """Make the edit; a press without a drag only chooses."""
        del modifiers
        self.show(None)
        edit = self.plan.edit() if self.moved else None
        if edit is not None:
            self.do(edit, self.plan.text)
        elif not self.moved:
            self.click()

    def cancel(self) -> None:
        """Leave the cells where they are."""
        self.show(None)


@dataclass
class RetimeEdge(Gesture):
    """Drags the right end of an exposure; all that follows moves along."""

    layer: Layer
    exposure: Exposure
    do: Callable[[Edit, str, str], object]
    merge: str
    undo: Callable[[], None]
    changed: bool = False

    def move(self, point: QPointF, frame: int, modifiers: Qt.KeyboardModifier) -> None:
        """Hold the drawing until the frame under the pointer."""
        del point, modifiers
        if self.exposure.cell is None:
            return
        frames = max(1, frame - self.exposure.frame + 1)
        edit = SetExposure(self.layer.id, self.exposure.cell.id, frames)
        if self.do(edit, _tr("Change exposure"), self.merge):
            self.changed = True

    def release(self, modifiers: Qt.KeyboardModifier) -> None:
        """Keep it."""

    def cancel(self) -> None:
        """Take it back."""
        if self.changed:
            self.undo()


@dataclass
class RetimeStart(Gesture):
    """Drags the left end of an exposure: its drawing starts sooner or later, the rest stays."""

    layer: Layer
    cell: Cell
    low: int
    high: int
    do: Callable[[Edit, str, str], object]
    merge: str
    undo: Callable[[], None]
    now: int = 0
    changed: bool = False

    def move(self, point: QPointF, frame: int, modifiers: Qt.KeyboardModifier) -> None:
        """Start the drawing on the frame under the pointer, between its two neighbours."""
        del point, modifiers
        now = self.now or self.cell.frame
        target = min(max(frame, self.low), self.high)
        edit = MoveCells(self.layer.id, (self.cell.id,), target - now)
        if target != now and self.do(edit, _tr("Retime drawing"), self.merge):
            self.now, self.changed = target, True

    def release(self, modifiers: Qt.KeyboardModifier) -> None:
        """Keep it."""

    def cancel(self) -> None:
        """Take it back."""
        if self.changed:
            self.undo()
