from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.detect import FoundFace
from genani.face.emotion import expressed, weights
from genani.face.mesh import CONTOURS, MOUTH, FloatArray, canonical, mirrored, opening
from genani.face.transfer import LEAST, carried, from_blendshapes, from_points, transferred
from genani.scene.face import Emotion, FacePart, Landmarks, LandmarkSource

EMOTIONS = [emotion for emotion in Emotion if emotion is not Emotion.NEUTRAL]


def actor(strengths: dict[str, float], turn: float = 0.0, size: float = 150.0) -> FloatArray:
    """The canonical face as it acts, its head turned in the plane."""
    points = canonical().points.copy()
    for name, share in strengths.items():
        points += share * canonical().shapes[name]
    cos, sin = np.cos(turn), np.sin(turn)
    return size * points @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]]) + (400, 300, 0)


def drawing() -> FloatArray:
    """Another face: long, with a small mouth and large eyes."""
    points = canonical().points * (90, 110, 90)
    lips = [*CONTOURS["outer lips"], *CONTOURS["inner lips"]]
    middle = points[lips].mean(0)
    points[lips] = middle + 0.6 * (points[lips] - middle)
    return points + np.array([250, 260, 0])


def test_blendshapes_are_carried_over_by_their_difference() -> None:
    resting = {"jawOpen": 0.1, "mouthSmileLeft": 0.5, "mouthSmileRight": 0.5, "browInnerUp": 0.0}
    acting = {"jawOpen": 0.7, "mouthSmileLeft": 0.1, "mouthSmileRight": 0.51, "browInnerUp": 0.4,
              "_neutral": 0.3, "tongueOut": 0.2}  # fmt: skip
    found = from_blendshapes(acting, resting)
    assert found == pytest.approx(
        {"jawOpen": 0.6, "mouthSmileLeft": -0.4, "browInnerUpLeft": 0.4, "browInnerUpRight": 0.4}
    )
    assert set(found) <= set(canonical().shapes)
    assert from_blendshapes(acting)["mouthSmileRight"] == pytest.approx(0.51)


@pytest.mark.parametrize(("turn", "size"), [(0.0, 150.0), (0.5, 60.0)])
@pytest.mark.parametrize("emotion", EMOTIONS)
def test_points_tell_the_expression_whatever_the_heads_turn_and_size(
    emotion: Emotion, turn: float, size: float
) -> None:
    wanted = {name: min(share, 1.0) for name, share in weights(emotion, 0.8).items()}
    found = from_points(actor(wanted, turn, size), actor({}))
    # Expressions overlap, so it is what they do together that has to be right.
    told, meant = (
        sum((share * canonical().shapes[name] for name, share in each.items()), np.zeros((478, 3)))
        for each in (found, wanted)
    )
    off = float(np.linalg.norm((told - meant)[:, :2]) / np.linalg.norm(meant[:, :2]))
    assert off < 0.4


def test_a_face_at_rest_carries_nothing_over() -> None:
    emotion = Emotion.HAPPY
    acting = actor({name: min(share, 1.0) for name, share in weights(emotion).items()})
    assert from_points(acting, acting) == {}
    blendshapes = {"jawOpen": 0.4, "mouthSmileLeft": 0.9}
    assert from_blendshapes(blendshapes, blendshapes) == {}
    np.testing.assert_array_equal(transferred(drawing(), {}), drawing())


def test_strengths_stay_in_range_and_faint_ones_are_left_out() -> None:
    found = from_points(actor({"jawOpen": 3.0}), actor({}))
    assert all(LEAST <= abs(share) <= 1 for share in found.values())


def test_a_smile_of_an_actor_becomes_the_drawings_own() -> None:
    smile = {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}
    plain = drawing()
    smiling = transferred(plain, from_points(actor(smile), actor({})))
    corners = smiling[[61, 291]] - plain[[61, 291]]
    assert (corners[:, 1] < -2).all()
    assert corners[0, 0] < -1
    assert corners[1, 0] > 1
    assert opening(transferred(plain, {"jawOpen": 0.8}), MOUTH) > opening(plain, MOUTH)


@given(st.floats(0.1, 1.5))
@settings(deadline=None, max_examples=15)
def test_a_share_of_an_expression_is_a_share_of_its_way(share: float) -> None:
    smile = {"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6}
    plain = drawing()
    whole = transferred(plain, smile) - plain
    np.testing.assert_allclose(transferred(plain, smile, share) - plain, share * whole, atol=1e-6)


def test_locked_parts_stay() -> None:
    plain = drawing()
    strengths = weights(Emotion.SURPRISED)
    moved = transferred(plain, strengths, locks=frozenset({FacePart.MOUTH}))
    lips = [*CONTOURS["outer lips"], *CONTOURS["inner lips"]]
    np.testing.assert_array_equal(moved[lips], plain[lips])
    np.testing.assert_allclose(
        transferred(plain, strengths), plain + expressed(plain, strengths), atol=1e-9
    )


def test_a_mirrored_actor_does_the_same_mirrored() -> None:
    wink = {"eyeBlinkLeft": 0.9, "mouthSmileLeft": 0.7}
    acting, resting = actor(wink), actor({})
    straight = from_points(acting, resting)
    turned = from_points(mirrored(acting, 800), mirrored(resting, 800))
    swapped = {
        name.replace("Left", "#").replace("Right", "Left").replace("#", "Right"): share
        for name, share in turned.items()
    }
    for name in straight.keys() | swapped.keys():
        assert straight.get(name, 0.0) == pytest.approx(swapped.get(name, 0.0), abs=0.08)


def test_a_found_faces_expression_is_worn_by_a_drawing() -> None:
    plain = Landmarks(tuple((x, y, z) for x, y, z in drawing().tolist()))
    smile = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}
    acting = FoundFace(plain, smile, np.eye(4, dtype=np.float32))
    resting = FoundFace(plain, dict.fromkeys(smile, 0.0), np.eye(4, dtype=np.float32))
    for at_rest in (None, resting):
        worn = carried(plain, acting, at_rest)
        np.testing.assert_allclose(worn.points, transferred(drawing(), smile))
        assert worn.source is LandmarkSource.HAND
    assert carried(plain, acting, acting).points == plain.points
    assert carried(plain, acting, None, {FacePart.MOUTH}).points[61] == plain.points[61]
