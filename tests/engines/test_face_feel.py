"""Feelings put on a finished drawing, with no engine before it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch

from genani.engines.inbetween.face_feel import felt
from genani.face.emotion import weights
from genani.scene.face import Emotion, FaceGuidance
from tests.benchmarks.drawn_faces import STYLES, drawn

CPU = torch.device("cpu")
NEUTRAL = FaceGuidance(Emotion.NEUTRAL, 1.0)
HALF = Fraction(1, 2)


def test_neutral_calms_a_key_at_the_apex_and_leaves_both_ends() -> None:
    plain, _ = drawn(STYLES["flat"])
    key, face = drawn(STYLES["flat"], weights(Emotion.SAD))
    for t in (0, 1):
        assert felt(key, face, NEUTRAL, Fraction(t), CPU) is key
    assert felt(key, face, FaceGuidance(Emotion.NEUTRAL, 0.0), HALF, CPU) is key
    done = felt(key, face, NEUTRAL, HALF, CPU)
    rest = plain.pixels.astype(int)
    before, after = (np.abs(each.pixels - rest).sum() for each in (key, done))
    assert after < 0.75 * before


def test_neutral_leaves_a_drawing_at_rest_nearly_as_it_is() -> None:
    plain, face = drawn(STYLES["ink"])
    done = felt(plain, face, NEUTRAL, HALF, CPU)
    sad = felt(plain, face, FaceGuidance(Emotion.SAD, 1.0), HALF, CPU)
    off, other = (np.abs(each.pixels.astype(int) - plain.pixels).sum() for each in (done, sad))
    assert off < 0.15 * other
