"""What a span's emotion adds to the words and to the guidance."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from genani.scene.face import Emotion, FaceGuidance

_WORDS: Mapping[Emotion, tuple[str, str, str]] = MappingProxyType(
    {
        Emotion.HAPPY: ("a faint smile", "smiling happily", "laughing with joy, wide open smile"),
        Emotion.SAD: ("a little sad", "sad face, lowered eyes", "crying, tears, mouth turned down"),
        Emotion.ANGRY: (
            "slightly annoyed",
            "angry face, frowning",
            "furious, shouting, clenched teeth",
        ),
        Emotion.SURPRISED: (
            "slightly surprised",
            "surprised face, raised eyebrows",
            "shocked, eyes wide open, open mouth",
        ),
        Emotion.FEAR: ("uneasy", "scared face, tense", "terrified, trembling, eyes wide open"),
        Emotion.DISGUST: (
            "slightly displeased",
            "disgusted face, wrinkled nose",
            "utterly disgusted, grimacing, turning away",
        ),
    }
)
"""For a weak, a middling and a strong feeling; in English, as the model was trained on it."""

_MOST_GUIDANCE = 15.0
_PUSH = 2.5
"""Guidance added at full intensity: words of feeling are followed too little otherwise."""


def feeling(face: FaceGuidance | None) -> str:
    """What the span's emotion is called in a prompt; empty where nothing is felt."""
    if face is None or face.emotion not in _WORDS or face.intensity <= 0:
        return ""
    return _WORDS[face.emotion][min(int(face.intensity * 3), 2)]


def felt(prompt: str, guidance: float, face: FaceGuidance | None) -> tuple[str, float]:
    """Words and guidance with the span's emotion in them.

    Guidance of 1, which leaves it out, stays.
    """
    words = feeling(face)
    if face is None or not words:
        return prompt, guidance
    if guidance > 1:
        guidance = min(guidance + _PUSH * face.intensity, max(_MOST_GUIDANCE, guidance))
    return ", ".join(filter(None, (prompt, words))), guidance
