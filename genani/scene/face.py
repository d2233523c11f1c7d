"""What the animator says about a face: landmarks on a key, and the emotion of a span."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from genani.scene.acting import Pose
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


MAX_LEAD = 0.45
"""Farther ahead a part would stand still at one end, or run backwards."""


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
class LandmarkBreakdown:
    """A face that the animator placed between the keys; the path meets it exactly.

    Attributes:
        t: over 0 and under 1.
        landmarks: the face there.

    Raises:
        SceneError: not between the keys.
    """

    t: Fraction
    landmarks: Landmarks

    def __post_init__(self) -> None:
        if not 0 < self.t < 1:
            raise SceneError("a breakdown of a face lies between the two keys")


@dataclass(frozen=True)
class FaceGuidance:
    """How the face travels through a span.

    Attributes:
        emotion: the expression felt between the keys.
        intensity: 0 (plain in-betweens) to 1.
        peak: where in the span the expression is strongest, over 0 and under 1.
        locks: parts that the emotion must not move.
        leads: parts that go before (+) or after (-) the others, -0.45 to 0.45: how much farther
            on its way the part is at the middle of the span.
        breakdowns: faces to pass on the way, in order of `t`.
        poses: what the layer's lanes ask at a `t`, in order; filled in when a request is made.

    Raises:
        SceneError: a value out of range.
    """

    emotion: Emotion = Emotion.NEUTRAL
    intensity: float = 0.0
    peak: float = 0.5
    locks: frozenset[FacePart] = frozenset()
    leads: Mapping[FacePart, float] = field(default_factory=dict)
    breakdowns: tuple[LandmarkBreakdown, ...] = ()
    poses: tuple[tuple[Fraction, Pose], ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.intensity <= 1:
            raise SceneError("the intensity of an emotion lies between 0 and 1")
        if not 0 < self.peak < 1:
            raise SceneError("the peak of an emotion lies between the two keys, over 0 and under 1")
        if any(abs(lead) > MAX_LEAD for lead in self.leads.values()):
            raise SceneError(f"a part leads or follows by at most {MAX_LEAD} of the span")
        if any(a.t >= b.t for a, b in pairwise(self.breakdowns)):
            raise SceneError("breakdowns of a face must follow one another")

    def pose(self, t: Fraction) -> Pose | None:
        """What the lanes ask of the face at `t`."""
        return next((pose for at, pose in self.poses if at == t), None)
