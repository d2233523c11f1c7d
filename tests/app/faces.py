"""Faces for a session under test: placing and planning are real, finding is scripted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from genani.__main__ import make_faces
from genani.app.services import Box, FaceServices
from genani.scene.errors import ModelError
from genani.scene.face import Emotion, FacePart, Landmarks, LandmarkSource
from genani.scene.picture import Picture


@dataclass
class ScriptedFinder:
    """Finds on every picture what it was told to.

    Attributes:
        found: what a look at a picture gives.
        mood: what a reading of a picture gives.
        installed: the model is there.
        go: looking waits for it.
        asked: the boxes it was asked to look in, one a look.
        near: the neighbouring faces it was told of, one a look.
        threads: names of the threads it was called on.
        actors: the pictures it was asked to copy from, and the locked parts.
        worn: what a face is after that.
        closed: how often it was closed.
    """

    found: Callable[[Picture], Sequence[Landmarks]] = lambda _picture: ()
    installed: bool = True
    go: threading.Event = field(default_factory=threading.Event)
    mood: tuple[Emotion, float] | None = None
    asked: list[Box | None] = field(default_factory=list)
    near: list[Landmarks | None] = field(default_factory=list)
    threads: list[str] = field(default_factory=list)
    actors: list[tuple[Picture, Picture | None, frozenset[FacePart]]] = field(default_factory=list)
    worn: Callable[[Landmarks], Landmarks | None] = lambda _face: None
    closed: int = 0

    def __post_init__(self) -> None:
        self.go.set()

    def find(
        self, picture: Picture, box: Box | None, near: Landmarks | None
    ) -> Sequence[Landmarks]:
        self.threads.append(threading.current_thread().name)
        self.asked.append(box)
        self.near.append(near)
        self.go.wait(20)
        if not self.installed:
            raise ModelError("the face model is not installed")
        return self.found(picture)

    def read(self, _picture: Picture, _resting: Picture | None) -> tuple[Emotion, float] | None:
        self.threads.append(threading.current_thread().name)
        return self.mood

    def carried(
        self,
        landmarks: Landmarks,
        acting: Picture,
        resting: Picture | None,
        locks: frozenset[FacePart],
    ) -> Landmarks | None:
        self.threads.append(threading.current_thread().name)
        self.actors.append((acting, resting, locks))
        self.go.wait(20)
        return self.worn(landmarks)

    def close(self) -> None:
        self.closed += 1
        self.go.set()


def face(left: float = 4, top: float = 4, right: float = 28, bottom: float = 22) -> Landmarks:
    """A face in a box, as if it had been found there."""
    placed = make_faces().placed((left, top, right, bottom))
    return replace(placed, source=LandmarkSource.AUTO, confidence=0.8)


def face_services(finder: ScriptedFinder | None = None) -> FaceServices:
    """The real ones, but for finding."""
    finder = finder or ScriptedFinder()
    return replace(
        make_faces(),
        installed=lambda: finder.installed,
        find=finder.find,
        read=finder.read,
        carried=finder.carried,
        close=finder.close,
    )
