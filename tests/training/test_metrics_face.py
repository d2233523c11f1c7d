import numpy as np
import pytest

from genani.scene.face import Landmarks
from genani.training.metrics_face import (
    blendshape_error,
    face_region,
    landmark_error,
    same_emotion,
)


def face(shift: float = 0.0, eyes: float = 40.0) -> Landmarks:
    """Points on a circle of 30 pixels around (50, 40), the eyes' corners apart as told."""
    turn = np.linspace(0, 2 * np.pi, 478)
    points = np.stack([50 + 30 * np.cos(turn), 40 + 30 * np.sin(turn), 0 * turn], axis=1)
    points[33], points[263] = (50 - eyes / 2, 40, 0), (50 + eyes / 2, 40, 0)
    points[:, 0] += shift
    return Landmarks(tuple((x, y, z) for x, y, z in points.tolist()))


def test_the_error_is_told_in_shares_of_the_eyes_distance() -> None:
    assert landmark_error(face(shift=4), face()) == pytest.approx(10)
    assert landmark_error(face(), face()) == 0


def test_eyes_in_one_place_give_no_scale() -> None:
    assert landmark_error(face(), face(eyes=0)) is None


def test_the_region_is_the_inside_of_the_points() -> None:
    region = face_region(face(), (100, 80))
    assert region.shape == (80, 100)
    assert region[40, 50]
    assert not region[40, 5]
    assert region.sum() == pytest.approx(np.pi * 30**2, rel=0.08)


def test_blendshapes_are_compared_one_by_one() -> None:
    truth = {"jawOpen": 0.5, "mouthSmileLeft": 0.0}
    assert blendshape_error(truth, truth) == 0
    assert blendshape_error({"jawOpen": 0.3}, truth) == pytest.approx(10)


def test_the_emotion_is_kept_where_the_likeliest_is_the_same() -> None:
    def smile(strength: float) -> dict[str, float]:
        return {"mouthSmileLeft": strength, "mouthSmileRight": strength}

    gape = {"jawOpen": 0.9, "browOuterUpLeft": 0.6, "browOuterUpRight": 0.6, **smile(0.0)}
    assert same_emotion(smile(0.7), smile(0.9))
    assert not same_emotion(gape, smile(0.9))
