"""The document behind the window: one scene, its undo stack, and its pictures."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack
from typing_extensions import override

from genani.app.pictures import PictureShelf
from genani.scene.document import Scene
from genani.scene.edits import Edit
from genani.scene.errors import SceneError

if TYPE_CHECKING:
    from genani.scene.picture import Picture, PictureId

UNDO_STEPS = 1000
"""Scenes share what they have in common, so a thousand steps are a few megabytes."""


@dataclass(frozen=True)
class SceneChange:
    """What the scene was and what it is."""

    before: Scene
    after: Scene

    @property
    def layers(self) -> frozenset[str]:
        """Ids of the layers that were added, removed or changed."""
        was = {layer.id: layer for layer in self.before.layers}
        now = {layer.id: layer for layer in self.after.layers}
        return frozenset(i for i in was.keys() | now.keys() if was.get(i) is not now.get(i))


class DocumentController(QObject):
    """Applies edits to the scene, and takes them back.

    Signals:
        scene_changed: a `SceneChange`, after every edit, undo, redo and load.
        refused: an edit could not be made; the text says why.
        edit_applied: an `Edit` was made (for the journal).
        edits_undone: so many edits, counted from the last, were taken back.
        edits_redone: so many edits were made again.
    """

    scene_changed = Signal(object)
    refused = Signal(str)
    edit_applied = Signal(object)
    edits_undone = Signal(int)
    edits_redone = Signal(int)

    def __init__(
        self, scene: Scene, pictures: PictureShelf | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.pictures = pictures or PictureShelf()
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_STEPS)
        self._scene = scene
        self._step: str | None = None

    @property
    def scene(self) -> Scene:
        """The scene as it is now."""
        return self._scene

    def picture(self, picture_id: PictureId) -> Picture:
        """The pixels of a picture of this document.

        Raises:
            PictureError: it is missing.
        """
        return self.pictures.get(picture_id)

    def do(self, edit: Edit, text: str, merge: str = "") -> bool:
        """Make an edit; False, and `refused`, where the scene cannot take it.

        Args:
            edit: what to change.
            text: what the history and the undo menu call it, such as `move drawings`.
            merge: edits that follow one another with the same non-empty text here become one
                step, as in a drag.
        """
        try:
            after, _ = edit.apply(self._scene)
        except SceneError as error:
            self.refused.emit(str(error))
            return False
        if after == self._scene:
            return True
        if self._step:
            # Begun only now, so that a step without edits leaves nothing to undo.
            self.undo_stack.beginMacro(self._step)
            self._step = ""
        self.undo_stack.push(_EditCommand(self, edit, after, text, merge))
        return True

    def extend(self, edit: Edit, text: str) -> bool:
        """Make an edit part of the last step, so that one undo takes both back.

        Where that cannot be, since the step was saved or holds several edits, it becomes a step
        of its own.

        Args:
            edit: what to change.
            text: what a step of its own is called.
        """
        last = self.undo_stack.command(self.undo_stack.index() - 1)
        open_to = last.open_to_more() if isinstance(last, _EditCommand) else ""
        return self.do(edit, text, open_to)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Make all edits inside one step of the history; an empty step leaves no trace."""
        outermost = self._step is None
        if outermost:
            self._step = text
        try:
            yield
        finally:
            if outermost:
                if self._step == "":
                    self.undo_stack.endMacro()
                self._step = None

    def load(self, scene: Scene) -> None:
        """Show another scene; the history starts anew and is clean."""
        before, self._scene = self._scene, scene
        self.undo_stack.clear()
        self.undo_stack.setClean()
        self.scene_changed.emit(SceneChange(before, scene))

    def become(self, scene: Scene) -> None:
        """Show the scene that a command made or restored; for commands only."""
        before, self._scene = self._scene, scene
        self.scene_changed.emit(SceneChange(before, scene))


class _EditCommand(QUndoCommand):
    """One step of the history: the scenes around it, and how many edits it stands for."""

    def __init__(
        self, controller: DocumentController, edit: Edit, after: Scene, text: str, merge: str
    ) -> None:
        super().__init__(text)
        # A strong reference would be a cycle through Qt, which Python's collector frees in an
        # order that crashes.
        self._controller = weakref.proxy(controller)
        self._before = controller.scene
        self._after = after
        self._merge = merge
        self._edit = edit
        self._edits = 1
        self._fresh = True

    def open_to_more(self) -> str:
        """The text that edits are made with to become part of this step."""
        self._merge = self._merge or f"more of {id(self)}"
        return self._merge

    @override
    def redo(self) -> None:
        self._controller.become(self._after)
        if self._fresh:
            self._fresh = False
            self._controller.edit_applied.emit(self._edit)
        else:
            self._controller.edits_redone.emit(self._edits)

    @override
    def undo(self) -> None:
        self._controller.become(self._before)
        self._controller.edits_undone.emit(self._edits)

    @override
    def id(self) -> int:
        # Qt merges commands of one id; which drag they belong to is asked in mergeWith.
        return 1 if self._merge else -1

    @override
    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _EditCommand) or other._merge != self._merge:
            return False
        self._after = other._after
        self._edits += other._edits
        return True
