"""Everything of faces that lies on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genani.app.attach_commands import AttachCommands
from genani.ui.canvas.view import CanvasView
from genani.ui.faces.attach_bar import AttachBar
from genani.ui.faces.attach_marks import AttachMarks
from genani.ui.faces.attach_tool import AttachTool
from genani.ui.faces.overlay import FaceOverlay
from genani.ui.faces.pin_bar import PinBar
from genani.ui.faces.pin_marks import PinMarks
from genani.ui.faces.pins import PinTool

if TYPE_CHECKING:
    from genani.app.session import Session


class FacesOnCanvas:
    """Landmarks over the frame, and the tool to place them.

    Attributes:
        overlay: lines and points.
        tool: takes the mouse while it is chosen.
        bar: its buttons, to be put below the canvas.
        attachments: what can be done with drawings that go along with a face.
        attach_tool: takes the mouse while an attachment is placed.
        attach_bar: its buttons, to be put in the same place.
    """

    def __init__(self, session: Session, canvas: CanvasView) -> None:
        self.overlay = FaceOverlay(session, canvas)
        self.tool = PinTool(session, canvas, self.overlay)
        self._marks = PinMarks(session, canvas, self.tool)
        self.bar = PinBar(session, self.tool)
        self.attachments = AttachCommands(session, canvas)
        self.attach_tool = AttachTool(session, canvas, self.attachments)
        self._attach_marks = AttachMarks(session, canvas, self.attach_tool, self.attachments)
        self.attach_bar = AttachBar(session, self.attach_tool, self.attachments)
