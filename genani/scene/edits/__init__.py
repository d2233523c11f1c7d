"""Reversible edits: each turns a scene into another and returns the edit that undoes it.

Edits are values: they can be compared, written to the journal and replayed. They hold ids,
never pixels, so that undo is instant and small.
"""

from __future__ import annotations

from genani.scene.document import Scene
from genani.scene.edits.base import (
    Edit,
    LayerEdit,
    Restore,
)
from genani.scene.edits.cell_edits import (
    AddBlank,
    AddDrawing,
    CopyCells,
    DeleteCells,
    DeleteFrames,
    InsertFrames,
    MoveCells,
    ReplaceDrawing,
    SetExposure,
    SetKind,
    SetLandmarks,
)
from genani.scene.edits.scene_edits import (
    AddLayer,
    Attach,
    ChangeLayer,
    ChangeScene,
    MoveLayer,
    RemoveLayer,
    SetRange,
)
from genani.scene.edits.span_edits import (
    AddSpan,
    ChangeSpan,
    KeepTake,
    MakeBreakdown,
    RejectTake,
    RemoveSpan,
)
from genani.scene.record import from_json, to_json


class Batch(Edit, frozen=True, tag=True):
    """Several edits that are one step for the animator: all of them, or none."""

    edits: tuple[AnyEdit, ...]

    def after(self, scene: Scene) -> Scene:
        """The scene after every edit in turn."""
        for edit in self.edits:
            scene = edit.after(scene)
        return scene


AnyEdit = (
    AddBlank
    | AddDrawing
    | AddLayer
    | AddSpan
    | Attach
    | Batch
    | ChangeLayer
    | ChangeScene
    | ChangeSpan
    | CopyCells
    | DeleteCells
    | DeleteFrames
    | InsertFrames
    | KeepTake
    | MakeBreakdown
    | MoveCells
    | MoveLayer
    | RejectTake
    | RemoveLayer
    | RemoveSpan
    | ReplaceDrawing
    | Restore
    | SetExposure
    | SetKind
    | SetLandmarks
    | SetRange
)


def edit_to_json(edit: Edit) -> bytes:
    """An edit as one line of JSON, for the journal."""
    return to_json(edit)


def edit_from_json(text: bytes) -> Edit:
    """The edit written by `edit_to_json`.

    Raises:
        SceneError: not a valid edit.
    """
    return from_json(text, AnyEdit)  # pyright: ignore[reportArgumentType]


__all__ = [
    "AddBlank",
    "AddDrawing",
    "AddLayer",
    "AddSpan",
    "AnyEdit",
    "Attach",
    "Batch",
    "ChangeLayer",
    "ChangeScene",
    "ChangeSpan",
    "CopyCells",
    "DeleteCells",
    "DeleteFrames",
    "Edit",
    "InsertFrames",
    "KeepTake",
    "LayerEdit",
    "MakeBreakdown",
    "MoveCells",
    "MoveLayer",
    "RejectTake",
    "RemoveLayer",
    "RemoveSpan",
    "ReplaceDrawing",
    "Restore",
    "SetExposure",
    "SetKind",
    "SetLandmarks",
    "SetRange",
    "edit_from_json",
    "edit_to_json",
]
