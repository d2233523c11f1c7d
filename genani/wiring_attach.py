"""Attachments for the window: the room of faces, which app may not import."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from genani.app.attach_services import AttachServices, Place
from genani.scene.attached import AttachedFrame
from genani.scene.attachment import Pinned
from genani.scene.face import Landmarks
from genani.scene.picture import Picture, PictureId


def make_attach(after_cv2: Callable[[], None]) -> AttachServices:
    """See `AttachServices`; imports no torch.

    Args:
        after_cv2: called when cv2 may have been imported.
    """
    import numpy as np

    from genani.face import attach, attach_fit

    def drawn(frame: AttachedFrame, picture: Callable[[PictureId], Picture]) -> Picture:
        try:
            return attach.drawn(frame, picture)
        finally:
            after_cv2()

    def pinned(
        picture: Picture, face: Landmarks, canvas: tuple[int, int], yaw: float | None
    ) -> Pinned:
        return attach_fit.pinned(picture, face, canvas, yaw=yaw)

    def lies(drawing: Pinned, face: Landmarks, places: Sequence[Place]) -> Sequence[Place]:
        lying = attach.lies(drawing, face, np.asarray(places, np.float64))
        return [(x, y) for x, y in lying.tolist()]

    return AttachServices(drawn, attach.face_at, pinned, lies, attach_fit.MARKS)
