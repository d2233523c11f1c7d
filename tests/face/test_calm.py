from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from genani.face.calm import calmed, doing
from genani.face.emotion import expressed, weights
from genani.face.fit import fit
from genani.face.mesh import (
    CONTOURS,
    LIDS,
    MOUTH,
    PINS,
    FloatArray,
    array_of,
    canonical,
    mirrored,
    opening,
)
from genani.face.planned import expressed_at, planned
from genani.scene.face import Emotion, FaceGuidance, FacePart, Landmarks, LandmarkSource

APART = 100.0
"""Pixels between the outer corners of the eyes."""
NEUTRAL = FaceGuidance(Emotion.NEUTRAL, 1.0)
FELT = [Emotion.HAPPY, Emotion.SAD, Emotion.ANGRY, Emotion.SURPRISED]


def rest(tall_eyes: float = 1.0) -> FloatArray:
    """A face with shut lips."""
    points = canonical().points.copy()
    for lid in LIDS:
        points[[*lid.upper, *lid.lower], 1] *= tall_eyes
    middle = (points[list(MOUTH.upper)] + points[list(MOUTH.lower)]) / 2
    points[list(MOUTH.upper)] = points[list(MOUTH.lower)] = middle
    return APART * points + (300, 250, 0)


def feeling(emotion: Emotion, points: FloatArray) -> FloatArray:
    return points + expressed(points, weights(emotion))


def landmarks(points: FloatArray) -> Landmarks:
    return Landmarks(tuple((x, y, z) for x, y, z in points.tolist()), LandmarkSource.HAND)


def away(one: FloatArray, two: FloatArray) -> float:
    told = [i for name, line in CONTOURS.items() if name != "oval" for i in line]
    return float(np.linalg.norm((one - two)[told, :2], axis=1).mean())


@pytest.mark.parametrize("tall_eyes", [0.8, 1.0, 1.3])
def test_a_face_at_rest_hardly_moves(tall_eyes: float) -> None:
    points = rest(tall_eyes)
    assert np.abs(calmed(points, 1.0) - points).max() < 0.02 * APART


@pytest.mark.parametrize("emotion", FELT)
def test_an_emotion_is_taken_off_step_by_step(emotion: Emotion) -> None:
    plain = rest()
    key = feeling(emotion, plain)
    steps = [away(calmed(key, amount), plain) for amount in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert all(b < a + 0.05 * steps[0] for a, b in pairwise(steps))
    assert steps[-1] < 0.75 * steps[0]


def test_no_amount_is_no_change() -> None:
    key = feeling(Emotion.SAD, rest())
    assert calmed(key, 0.0) is key


def test_what_is_read_is_what_was_done() -> None:
    told = doing(feeling(Emotion.HAPPY, rest()))
    assert min(told["mouthSmileLeft"], told["mouthSmileRight"]) > 0.6
    assert told.get("browDownLeft", 0.0) < 0.2
    told = doing(feeling(Emotion.ANGRY, rest()))
    assert min(told["browDownLeft"], told["browDownRight"]) > 0.6
    assert told.get("mouthSmileLeft", 0.0) < 0.2


def test_parted_lips_meet_and_shut_ones_stay_shut() -> None:
    agape = feeling(Emotion.SURPRISED, rest())
    assert opening(agape, MOUTH) > 0.3
    assert opening(calmed(agape, 1.0), MOUTH) < 0.02
    assert 0.05 < opening(calmed(agape, 0.5), MOUTH) < opening(agape, MOUTH)
    frown = feeling(Emotion.SAD, rest())
    assert opening(calmed(frown, 1.0), MOUTH) < 0.02


def test_a_locked_part_keeps_its_feeling() -> None:
    key = feeling(Emotion.ANGRY, rest())
    lips = [*CONTOURS["outer lips"], *CONTOURS["inner lips"]]
    brows = [*CONTOURS["left brow"], *CONTOURS["right brow"]]
    done = calmed(key, 1.0, {FacePart.BROWS})
    np.testing.assert_array_equal(done[brows], key[brows])
    done = calmed(feeling(Emotion.SURPRISED, rest()), 1.0, {FacePart.MOUTH})
    np.testing.assert_array_equal(done[lips], feeling(Emotion.SURPRISED, rest())[lips])


def test_a_mirrored_face_calms_alike() -> None:
    key = feeling(Emotion.HAPPY, rest())
    turned = calmed(mirrored(key, 640), 1.0)
    np.testing.assert_allclose(mirrored(turned, 640), calmed(key, 1.0), atol=0.02 * APART)


def test_points_of_a_detector_lag_so_more_is_taken_off() -> None:
    key = feeling(Emotion.SAD, rest())
    by_hand, found = (np.abs(calmed(key, 1.0, found=way) - key).sum() for way in (False, True))
    assert found > 1.05 * by_hand


def test_pins_by_hand_are_enough_to_take_a_frown_off() -> None:
    key = feeling(Emotion.SAD, rest())
    pinned = fit({name: (key[i, 0], key[i, 1]) for name, i in PINS.items()})
    done = array_of(planned(pinned, pinned, NEUTRAL, Fraction(1, 2)))
    corners = [CONTOURS["outer lips"][0], CONTOURS["outer lips"][10]]

    def hang(points: FloatArray) -> float:
        lips = points[[MOUTH.upper[4], MOUTH.lower[4]], 1]
        return float(points[corners, 1].mean() - lips.mean())

    assert hang(done) < 0.6 * hang(array_of(pinned))


def test_neutral_meets_the_keys_and_asks_nothing_at_no_intensity() -> None:
    key = landmarks(feeling(Emotion.ANGRY, rest()))
    for t in (Fraction(0), Fraction(1)):
        assert planned(key, key, NEUTRAL, t) is key
        assert expressed_at(key, NEUTRAL, t) is None
    assert expressed_at(key, FaceGuidance(), Fraction(1, 2)) is None
    near, apex = (expressed_at(key, NEUTRAL, Fraction(n, 8)) for n in (1, 4))
    assert near is not None
    assert apex is not None
    assert away(near, array_of(key)) < 0.3 * away(apex, array_of(key))
