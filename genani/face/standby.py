"""A face detector that is started when it is first needed and then stays ready."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from genani.face import ladder, reading, transfer
from genani.face.detect import FaceDetector, FoundFace
from genani.scene.errors import Cancelled, ModelError
from genani.scene.face import Emotion, FacePart, Landmarks
from genani.scene.picture import Picture

MOST_FACES = 4
"""More faces than this on one drawing are a crowd, which nobody in-betweens face by face."""


class Standby:
    """Finds faces with one detector that stays ready between pictures. Thread-safe.

    Args:
        model: where the Face Landmarker bundle lies; raises `ModelError` where it is missing.
    """

    def __init__(self, model: Callable[[], Path]) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._detector: FaceDetector | None = None
        self._closed = False

    def find(
        self,
        picture: Picture,
        box: tuple[int, int, int, int] | None = None,
        near: Landmarks | None = None,
    ) -> Sequence[Landmarks]:
        """The faces in a picture, the best first. Blocks for as long as it takes.

        Args:
            picture: to look at.
            box: left, top, right and bottom of the part to look in, in pixels.
            near: the face on a neighbouring drawing.

        Raises:
            ModelError: the model is missing, or the detector has failed; the next call starts
                another one.
            Cancelled: it was closed meanwhile.
        """
        return [face.landmarks for face in self._found(picture, box, near)]

    def read(
        self, picture: Picture, resting: Picture | None = None
    ) -> tuple[Emotion, float] | None:
        """The likeliest emotion of the best face in a picture and how likely it is, 0 to 1.

        None where there is no face. Blocks for as long as it takes.

        Args:
            picture: to look at.
            resting: the same face at rest, where there is such a drawing.

        Raises:
            ModelError: as for `find`.
            Cancelled: it was closed meanwhile.
        """
        faces = self._found(picture)
        if not faces:
            return None
        at_rest = self._found(resting) if resting is not None else []
        known = at_rest[0].blendshapes if at_rest else None
        best = reading.read(faces[0].blendshapes, known)[0]
        return best.emotion, best.confidence

    def carried(
        self,
        landmarks: Landmarks,
        acting: Picture,
        resting: Picture | None,
        locks: frozenset[FacePart] = frozenset(),
    ) -> Landmarks | None:
        """A face with the expression of the best face in a picture; None where there is none.

        Blocks for as long as it takes.

        Args:
            landmarks: the face that takes the expression on.
            acting: a photo of an actor, or a drawing.
            resting: the same one at rest, where there is such a picture.
            locks: parts that must not move.

        Raises:
            ModelError: as for `find`.
            Cancelled: it was closed meanwhile.
        """
        faces = self._found(acting)
        if not faces:
            return None
        at_rest = self._found(resting) if resting is not None else []
        return transfer.carried(landmarks, faces[0], at_rest[0] if at_rest else None, locks)

    def _found(
        self,
        picture: Picture,
        box: tuple[int, int, int, int] | None = None,
        near: Landmarks | None = None,
    ) -> list[FoundFace]:
        detector = self._started()
        try:
            return ladder.find(detector, picture, box, near)
        except ModelError:
            self._drop(detector)
            raise

    def close(self) -> None:
        """End the detector for good; what is being looked for is given up. May be called twice."""
        with self._lock:
            self._closed = True
            detector, self._detector = self._detector, None
        if detector is not None:
            detector.close()

    def _started(self) -> FaceDetector:
        with self._lock:
            if self._closed:
                raise Cancelled
            if self._detector is None:
                self._detector = FaceDetector(self._model(), faces=MOST_FACES)
            return self._detector

    def _drop(self, detector: FaceDetector) -> None:
        detector.close()
        with self._lock:
            if self._closed:
                raise Cancelled
            if self._detector is detector:
                self._detector = None
