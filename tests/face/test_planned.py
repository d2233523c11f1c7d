from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from genani.face.acting import acted
from genani.face.mesh import LIDS, array_of, canonical, opening
from genani.face.planned import expressed_at, feel, planned
from genani.face.trajectory import path_of
from genani.scene.acting import Pose, Viseme
from genani.scene.face import Emotion, FaceGuidance, Landmarks

HALF = Fraction(1, 2)


def face(shift: float = 0.0) -> Landmarks:
    points = 100 * canonical().points + (200 + shift, 150, 0)
    return Landmarks(tuple((x, y, z) for x, y, z in points.tolist()))


@pytest.mark.parametrize(
    "guidance",
    [None, FaceGuidance(), FaceGuidance(Emotion.SAD, 0.0), FaceGuidance(Emotion.FEAR, 1)],
)
def test_keys_are_planned_as_they_are(guidance: FaceGuidance | None) -> None:
    first, last = face(), face(40)
    assert planned(first, last, guidance, Fraction(0)) == first
    assert planned(first, last, guidance, Fraction(1)) == last


def test_without_guidance_the_plan_is_the_path() -> None:
    first, last = face(), face(40)
    for guidance in (None, FaceGuidance(), FaceGuidance(Emotion.HAPPY, 0.0)):
        assert planned(first, last, guidance, HALF) == path_of(first, last, guidance)(HALF)
        assert expressed_at(first, guidance, HALF) is None


def test_emotion_and_acting_are_put_on_the_path() -> None:
    pose = Pose(Viseme.D, lids=(1.0, 0.0))
    guidance = FaceGuidance(Emotion.HAPPY, 0.7, poses=((HALF, pose),))
    at = path_of(face(), face(40), guidance)(HALF)
    both = array_of(planned(face(), face(40), guidance, HALF))
    np.testing.assert_allclose(both, acted(feel(at, guidance, 0.5), pose))
    assert opening(both, LIDS[0]) < 0.3 * opening(both, LIDS[1])


def test_a_pose_acts_at_its_own_time_only() -> None:
    guidance = FaceGuidance(poses=((HALF, Pose(Viseme.D)),))
    assert expressed_at(face(), guidance, HALF) is not None
    assert expressed_at(face(), guidance, Fraction(1, 4)) is None
