"""A span's emotion in words and guidance."""

from __future__ import annotations

from itertools import pairwise

import pytest

from genani.engines import registry
from genani.engines.inbetween.tooncrafter.prompts import feeling, felt
from genani.scene.face import Emotion, FaceGuidance
from genani.scene.request import SpanSettings

PLAIN = ("an anime scene", 7.5)


@pytest.mark.parametrize("emotion", [each for each in Emotion if each is not Emotion.NEUTRAL])
def test_words_and_guidance_grow_with_the_intensity(emotion: Emotion) -> None:
    made = [felt(*PLAIN, FaceGuidance(emotion, level)) for level in (0.1, 0.5, 1.0)]
    assert len({words for words, _ in made}) == 3
    assert all(words.startswith("an anime scene, ") for words, _ in made)
    assert all(a[1] < b[1] for a, b in pairwise(made))
    assert made[2][1] == 10.0


def test_nothing_felt_changes_nothing() -> None:
    for face in (None, FaceGuidance(), FaceGuidance(Emotion.HAPPY, 0.0)):
        assert felt(*PLAIN, face) == PLAIN
        assert feeling(face) == ""


def test_bounds() -> None:
    strong = FaceGuidance(Emotion.FEAR, 1.0)
    assert felt("", 1.0, strong)[1] == 1.0
    assert felt("", 14.0, strong)[1] == 15.0
    assert not felt("", 7.5, strong)[0].startswith(",")


def test_only_the_feeling_of_a_face_is_kept() -> None:
    face = FaceGuidance(Emotion.SAD, 0.6, peak=0.3, leads={})
    settled = registry.resolve(SpanSettings("tooncrafter", face=face))
    assert settled.face == FaceGuidance(Emotion.SAD, 0.6)
    for nothing in (None, FaceGuidance(), FaceGuidance(Emotion.SAD, 0.0)):
        assert registry.resolve(SpanSettings("tooncrafter", face=nothing)).face is None
