"""The way to attachments: what the window is given by `__main__`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from genani.scene.attached import AttachedFrame, FaceMoment
from genani.scene.attachment import Pinned
from genani.scene.face import Landmarks
from genani.scene.picture import Picture, PictureId

Place = tuple[float, float]
"""x and y, in pixels."""


@dataclass(frozen=True)
class AttachServices:
    """Drawings that go along with a face.

    Attributes:
        drawn: what lies on a frame of an attachment, of the canvas's size, its pictures looked up
            by id; raises a `PictureError` where one is missing. Thread-safe; takes its time.
        face: the face on a frame. Thread-safe; quick.
        pinned: a picture held to a face, on a canvas of a size: seen from so many degrees beside
            the front, or, with None, as the face is.
        lies: where places of a pinned picture lie on the canvas while the face is so; quick.
        marks: names of what a pin may hold to, and their landmarks.
    """

    drawn: Callable[[AttachedFrame, Callable[[PictureId], Picture]], Picture]
    face: Callable[[FaceMoment], Landmarks]
    pinned: Callable[[Picture, Landmarks, tuple[int, int], float | None], Pinned]
    lies: Callable[[Pinned, Landmarks, Sequence[Place]], Sequence[Place]]
    marks: Mapping[str, int]
