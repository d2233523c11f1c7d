"""What the animator says about a face: landmarks on a key, and the emotion of a span."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from genani.scene.errors import SceneError


class Emotion(StrEnum):
    """The seven emotions, in the order every panel shows them."""

    NEUTRAL = "neutral"
    HAPPY = "happy"
    SAD = "sad"
    ANGRY = "angry"
    SURPRISED = "surprised"
    FEAR = "fear"
    DISGUST = "disgust"


class FacePart(StrEnum):
    """Parts of a face that can be locked apart."""

    BROWS = "brows"
    EYES = "eyes"
    MOUTH = "mouth"
    JAW = "jaw"
    HEAD = "head"


class LandmarkSource(StrEnum):
    """Where landmarks came from; shown beside them."""

    AUTO = "auto"
    ANIME = "anime"
    TRACKED = "tracked"
    HAND = "hand"


@dataclass(frozen=True)
class Landmarks:
    """The points of one face on one drawing.

    Attributes:
        points: (x, y, z) in canvas pixels, 478 of them in MediaPipe's order; z towards the viewer
            is negative, in the same unit.
        source: who placed them.
        confidence: 0 to 1.

    Raises:
        SceneError: not 478 points, or a confidence out of range.
    """

    points: tuple[tuple[float, float, float], ...]
    source: LandmarkSource = LandmarkSource.AUTO
    confidence: float = 1.0

    def __post_init__(self) -> None:
        if len(self.points) != 478:
            raise SceneError(f"a face has 478 landmarks, not {len(self.points)}")
        if not 0 <= self.confidence <= 1:
            raise SceneError("a confidence lies between 0 and 1")


@dataclass(frozen=True)
class FaceGuidance:
    """How the face travels through a span.

    Attributes:
        emotion: the expression felt between the keys.
        intensity: 0 (plain in-betweens) to 1.
        peak: where in the span the expression is strongest, over 0 and under 1.
        locks: parts that the emotion must not move.

    Raises:
        SceneError: a value out of range.
    """

    emotion: Emotion = Emotion.NEUTRAL
    intensity: float = 0.0
    peak: float = 0.5
    locks: frozenset[FacePart] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.intensity <= 1:
            raise SceneError("the intensity of an emotion lies between 0 and 1")
        if not 0 < self.peak < 1:
            raise SceneError("the peak of an emotion lies between the two keys, over 0 and under 1")
