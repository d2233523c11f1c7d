from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.emotion import EMFACS, UNITS, expressed, free_points, strength, weights
from genani.face.mesh import (
    BROWS,
    CONTOURS,
    JAW,
    LIDS,
    MOUTH,
    FloatArray,
    array_of,
    canonical,
    mirrored,
    opening,
    part_of_points,
)
from genani.face.planned import feel
from genani.scene.face import Emotion, FaceGuidance, FacePart, Landmarks

FELT = [emotion for emotion in Emotion if emotion is not Emotion.NEUTRAL]
emotions = st.sampled_from(FELT)
PARTS = {
    FacePart.BROWS: [*CONTOURS["left brow"], *CONTOURS["right brow"]],
    FacePart.EYES: [i for lid in LIDS for i in (*lid.upper, *lid.lower, *lid.iris)],
    FacePart.MOUTH: [*CONTOURS["outer lips"], *CONTOURS["inner lips"]],
    FacePart.JAW: list(JAW[4:-4]),
}


def face(size: float = 100.0, tall_eyes: float = 1.0) -> FloatArray:
    points = canonical().points.copy()
    for lid in LIDS:
        points[[*lid.upper, *lid.lower], 1] *= tall_eyes
    return size * points + (300, 250, 0)


def landmarks(points: FloatArray) -> Landmarks:
    return Landmarks(tuple((x, y, z) for x, y, z in points.tolist()))


def test_every_unit_is_in_the_table_and_strengths_stay_in_range() -> None:
    for emotion in Emotion:
        for name, amount in weights(emotion).items():
            assert name in canonical().shapes
            assert -1 < amount <= 2
            assert amount
        assert set(EMFACS[emotion]) <= set(UNITS)
    assert weights(Emotion.NEUTRAL) == {}


@given(emotions, st.floats(0.05, 0.95))
@settings(deadline=None)
def test_the_keys_are_plain_and_the_peak_is_the_strongest(emotion: Emotion, peak: float) -> None:
    plain = landmarks(face())
    guidance = FaceGuidance(emotion, 0.8, peak)
    for end in (0.0, 1.0):
        np.testing.assert_array_equal(feel(plain, guidance, end), array_of(plain))
    assert strength(guidance, peak) == pytest.approx(0.8)
    for t in (peak / 2, (1 + peak) / 2):
        assert 0 < strength(guidance, t) < 0.8


@given(emotions, st.floats(0, 1))
@settings(deadline=None)
def test_without_intensity_the_face_is_plain(emotion: Emotion, t: float) -> None:
    plain = landmarks(face())
    np.testing.assert_array_equal(feel(plain, FaceGuidance(emotion, 0.0), t), array_of(plain))


@pytest.mark.parametrize("emotion", FELT)
def test_more_intensity_moves_every_point_farther(emotion: Emotion) -> None:
    plain = landmarks(face())
    far = [
        np.linalg.norm(feel(plain, FaceGuidance(emotion, i), 0.5) - array_of(plain), axis=1)
        for i in (0.2, 0.5, 0.8, 1.0)
    ]
    moves = far[-1] > 1e-3
    assert moves.sum() > 100
    assert (np.diff(far, axis=0)[:, moves] > 0).all()


@given(emotions, st.sampled_from(sorted(PARTS)))
@settings(deadline=None)
def test_a_locked_part_stays_on_the_plain_path(emotion: Emotion, part: FacePart) -> None:
    plain = landmarks(face())
    locked = feel(plain, FaceGuidance(emotion, 1.0, locks=frozenset({part})), 0.5)
    np.testing.assert_array_equal(locked[PARTS[part]], array_of(plain)[PARTS[part]])


def test_a_lock_leaves_other_parts_their_emotion() -> None:
    plain = landmarks(face())
    free = feel(plain, FaceGuidance(Emotion.SURPRISED, 1.0), 0.5)
    locked = feel(
        plain, FaceGuidance(Emotion.SURPRISED, 1.0, locks=frozenset({FacePart.EYES})), 0.5
    )
    lips = PARTS[FacePart.MOUTH]
    np.testing.assert_allclose(locked[lips], free[lips])


def test_everything_locked_is_plain() -> None:
    assert not free_points(frozenset(FacePart)).any()
    assert free_points(frozenset()).all()


@given(emotions)
@settings(deadline=None)
def test_a_mirrored_face_feels_the_same(emotion: Emotion) -> None:
    points = face() + np.random.default_rng(3).normal(0, 1, (478, 3))
    moved = expressed(points, weights(emotion))
    turned = expressed(mirrored(points, 640), weights(emotion))
    twins = moved[canonical().mirror] * (-1, 1, 1)
    np.testing.assert_allclose(turned, twins, atol=0.25)


def test_emotions_look_like_themselves() -> None:
    plain = face()
    moved = {emotion: expressed(plain, weights(emotion)) for emotion in FELT}
    y = {emotion: each[:, 1] for emotion, each in moved.items()}
    assert y[Emotion.HAPPY][61] < -5
    assert y[Emotion.SAD][61] > 3
    assert y[Emotion.SAD][107] < y[Emotion.SAD][70]
    assert y[Emotion.ANGRY][107] > 3
    assert y[Emotion.SURPRISED][[107, 105, 70]].max() < -3
    assert opening(plain + moved[Emotion.SURPRISED], MOUTH) > opening(plain, MOUTH) + 0.05
    for emotion in (Emotion.SURPRISED, Emotion.FEAR):
        assert opening(plain + moved[emotion], LIDS[0]) > opening(plain, LIDS[0])
    assert opening(plain + moved[Emotion.ANGRY], LIDS[0]) < opening(plain, LIDS[0])
    assert y[Emotion.DISGUST][48] < -2


def test_brows_that_stand_high_come_down_farther_and_rise_no_farther() -> None:
    high = face()
    brows = sorted({i for rows in BROWS for row in rows for i in row})
    high[brows, 1] -= 0.6 * (high[33, 1] - high[105, 1])
    for emotion, further in ((Emotion.ANGRY, 1.3), (Emotion.SURPRISED, 0.0)):
        low, up = (expressed(points, weights(emotion))[brows, 1] for points in (face(), high))
        if further:
            assert up.mean() > further * low.mean() > 0
        else:
            np.testing.assert_allclose(up, low, rtol=0.15)


def test_lids_move_in_shares_of_the_drawings_own_eyes() -> None:
    blink = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
    shares = []
    for tall in (0.6, 1.0, 1.8):
        points = face(tall_eyes=tall)
        shut = points + expressed(points, blink)
        shares.append(opening(shut, LIDS[0]) / opening(points, LIDS[0]))
    assert max(shares) < 0.5
    assert np.ptp(shares) < 0.3


def test_the_drawings_size_and_turn_carry_over() -> None:
    small, large = (expressed(face(size), weights(Emotion.HAPPY)) for size in (50, 200))
    np.testing.assert_allclose(large, 4 * small, rtol=1e-3, atol=1e-3)
    flat = face() * (1, 1, 0)
    quarter = flat[:, [1, 0, 2]] * (-1, 1, 1)
    moved = expressed(flat, weights(Emotion.HAPPY))
    turned = expressed(quarter, weights(Emotion.HAPPY))
    np.testing.assert_allclose(turned[:, :2], moved[:, [1, 0]] * (-1, 1), atol=1e-3)


def test_parts_of_a_lock_fade_into_the_skin() -> None:
    free = free_points(frozenset({FacePart.MOUTH}))
    assert (free[PARTS[FacePart.MOUTH]] == 0).all()
    assert ((free > 0.1) & (free < 0.9)).sum() > 10
    assert free[part_of_points()[FacePart.BROWS] == 1].min() == 1
