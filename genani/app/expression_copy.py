"""Copying an expression from a picture onto the planned face."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from genani.app.face_commands import FaceCommands
    from genani.app.session import Session


class ExpressionCopy(QObject):
    """Lets the face between two keys do what an actor, or another drawing, does."""

    def __init__(self, session: Session, faces: FaceCommands) -> None:
        super().__init__(faces)
        self._session = session
        self._faces = faces

    async def take(self, acting: Path, resting: Path | None = None) -> bool:
        """Have the planned face at the playhead wear the expression of a picture.

        Args:
            acting: a photo or drawing of a face.
            resting: the same face at rest; without it all that the face shows is taken.

        Returns:
            Whether it does now.

        Raises:
            GenAniError: a picture cannot be read, or faces cannot be found here.
        """
        here = self._faces.view.here()
        if here is None or not here.planned or here.landmarks is None:
            self._session.tell(
                self.tr("Go to a drawing between two keys that both have a face first.")
            )
            return False
        at = here.layer.id, self._session.playback.frame
        self._session.busy.emit(self.tr("reading {0}").format(acting.name))
        try:
            worn = await self._faces.finding.carried(
                here.landmarks, acting, resting, self._faces.locks
            )
        finally:
            self._session.busy.emit("")
        now = self._faces.view.here()
        if worn is None:
            self._session.tell(self.tr("No face was found in {0}.").format(acting.name))
            return False
        if now is None or at != (now.layer.id, self._session.playback.frame):
            self._session.tell(self.tr("The playhead has moved on; nothing was copied."))
            return False
        return self._faces.put(worn, self.tr("copy expression"))
