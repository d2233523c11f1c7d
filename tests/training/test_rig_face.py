"""Expressions, lids, lips and brows of the drawn-face rig, without a canvas."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genani.scene.face import Emotion
from genani.training.rig.brows import brow_line
from genani.training.rig.cast import CAST, MIKA
from genani.training.rig.expression import Expression, felt
from genani.training.rig.head import Pose, Solid
from genani.training.rig.lids import lids
from genani.training.rig.lips import lips
from genani.training.rig.shots import Moment, blinking, travel

_SIGNED = {"brow_skew", "wink", "gaze_x", "gaze_y", "pupil", "smirk"}

expressions = st.builds(
    Expression,
    **{
        f.name: st.floats(-1 if f.name in _SIGNED else 0, 1, allow_nan=False)
        for f in fields(Expression)
    },
)
characters = st.sampled_from(list(CAST.values()))


def test_every_emotion_has_its_own_face_and_none_at_intensity_0() -> None:
    full = {emotion: felt(emotion) for emotion in Emotion}
    assert len(set(full.values())) == len(Emotion)
    for emotion in Emotion:
        assert felt(emotion, 0) == felt(Emotion.NEUTRAL)


def test_half_an_emotion_lies_half_way() -> None:
    half, full, calm = (
        felt(Emotion.SURPRISED, 0.5),
        felt(Emotion.SURPRISED),
        felt(Emotion.NEUTRAL),
    )
    assert half.jaw == pytest.approx((full.jaw + calm.jaw) / 2)


@given(characters, expressions, st.sampled_from([-1, 1]))
def test_lids_never_cross(who, mood: Expression, side: int) -> None:  # noqa: ANN001
    edge = lids(who.eye, mood, side)
    assert (edge.upper <= edge.lower + 1e-12).all()
    assert np.isfinite(edge.upper).all()


@given(characters, expressions)
def test_shut_lids_meet(who, mood: Expression) -> None:  # noqa: ANN001
    edge = lids(who.eye, mood.blinking(1.0), 1)
    assert (edge.lower - edge.upper).max() < 0.03 * who.eye.upper


def test_a_wink_shuts_one_eye() -> None:
    mood = Expression(wink=1.0)
    assert lids(MIKA.eye, mood, 1).open == 0
    assert lids(MIKA.eye, mood, -1).open == 1


@given(characters, expressions)
def test_lips_never_cross_and_meet_at_the_corners(who, mood: Expression) -> None:  # noqa: ANN001
    edge = lips(who.mouth, mood)
    assert (edge.lower - edge.upper).min() > -1e-9
    assert edge.upper[0] == pytest.approx(edge.lower[0])
    assert edge.upper[-1] == pytest.approx(edge.lower[-1])
    assert (np.diff(edge.x) > 0).all()


@pytest.mark.parametrize("who", CAST.values(), ids=list(CAST))
def test_each_muscle_pulls_its_own_way_and_ever_further(who) -> None:  # noqa: ANN001
    steps = np.linspace(0, 1, 6)
    corner = [lips(who.mouth, Expression(smile=v)).upper[0] for v in steps]
    width = [lips(who.mouth, Expression(smile=v)).x[-1] for v in steps]
    frown = [lips(who.mouth, Expression(frown=v)).upper[0] for v in steps]
    gap = [lips(who.mouth, Expression(jaw=v)).gap for v in steps]
    pucker = [lips(who.mouth, Expression(pucker=v)).x[-1] for v in steps]
    inner = [brow_line(who.brow, Expression(brow_inner_up=v), 1)[0, 1] for v in steps]
    outer = [brow_line(who.brow, Expression(brow_outer_up=v), 1)[-1, 1] for v in steps]
    knit = [brow_line(who.brow, Expression(brow_lower=v), 1)[0, 1] for v in steps]
    lid = [lids(who.eye, Expression(lid_close=v), 1).upper[20] for v in steps]
    wide = [lids(who.eye, Expression(lid_wide=v), 1).upper[20] for v in steps]
    cheek = [lids(who.eye, Expression(cheek=v), 1).lower[20] for v in steps]
    for name, curve, rises in (
        ("smile lifts the corner", corner, False),
        ("smile widens", width, True),
        ("frown lowers the corner", frown, True),
        ("jaw opens", gap, True),
        ("pucker narrows", pucker, False),
        ("inner brow goes up", inner, False),
        ("outer brow goes up", outer, False),
        ("lowered brow goes down", knit, True),
        ("lid closes", lid, True),
        ("lid opens wide", wide, False),
        ("cheek lifts the lower lid", cheek, False),
    ):
        steps_of = np.diff(curve)
        assert (steps_of > 0).all() if rises else (steps_of < 0).all(), name


def test_a_turned_solid_is_as_wide_as_its_shadow() -> None:
    # For an ellipse the half width seen from the side is known: sqrt(a2 cos2 + d2 sin2).
    solid = Solid(((-1.0, 0.0, 0.0, 0.0), (0.0, 0.8, 0.1, 0.5), (1.0, 0.0, 0.0, 0.0)), 2.0)
    yaw = 35.0
    _, right = solid.silhouette(yaw)
    turned = right @ Pose(yaw=yaw).matrix.T
    c, s = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    _, half, middle, deep = solid.rings[30]
    assert turned[30, 0] == pytest.approx(np.hypot(half * c, deep * s) + middle * s, abs=1e-6)


@given(
    st.floats(-80, 80, allow_nan=False),
    st.floats(-40, 40, allow_nan=False),
    st.floats(-40, 40, allow_nan=False),
)
def test_a_pose_only_turns(yaw: float, pitch: float, roll: float) -> None:
    matrix = Pose(yaw, pitch, roll).matrix
    assert np.allclose(matrix @ matrix.T, np.eye(3))
    assert np.linalg.det(matrix) == pytest.approx(1)


def test_a_shot_meets_its_keys_and_moves_eyes_before_mouth() -> None:
    first = Moment(felt(Emotion.NEUTRAL), Pose())
    last = Moment(felt(Emotion.SURPRISED), Pose(yaw=20))
    shot = travel(MIKA, first, last, 17)
    assert len(shot.moments) == 17
    assert shot.moments[0] == first
    assert shot.moments[-1].mood == last.mood
    assert shot.moments[-1].pose.yaw == pytest.approx(20)
    early = shot.moments[6].mood
    assert early.lid_wide / last.mood.lid_wide > 2 * early.jaw / last.mood.jaw
    assert min(m.pose.pitch for m in shot.moments) < -1


def test_a_blink_shuts_once_and_spares_the_keys() -> None:
    calm = Moment(Expression(), Pose())
    shot = blinking(travel(MIKA, calm, calm, 13), 6)
    shut = [m.mood.lid_close for m in shot.moments]
    assert shut[6] == 1
    assert shut[0] == shut[-1] == 0
    assert shut.count(1) == 1
    assert np.all(np.diff(shut[4:7]) > 0)
    assert np.all(np.diff(shut[6:10]) < 0)


def test_a_blink_near_the_end_keeps_the_key() -> None:
    calm = Moment(Expression(), Pose())
    shot = blinking(travel(MIKA, calm, calm, 5), 4)
    assert shot.moments[-1].mood == calm.mood
