from __future__ import annotations

import numpy as np
import pytest

from genani.face.mesh import CONTOURS, LIDS, MOUTH, canonical, opening
from genani.face.viseme import CLOSED, ROUND, WEIGHTS, shaped
from genani.scene.acting import Viseme

LIPS = [*CONTOURS["outer lips"], *CONTOURS["inner lips"]]


def width(shape: Viseme) -> float:
    points = canonical().points + shaped(shape)
    return float(np.ptp(points[LIPS, 0]))


def test_every_shape_has_its_weights() -> None:
    assert set(WEIGHTS) == set(Viseme)
    assert not shaped(Viseme.X).any()
    for shape in Viseme:
        assert all(0 < share <= 1 for share in WEIGHTS[shape].values())
        assert shaped(shape).shape == (478, 3)


def test_shapes_open_in_the_order_of_the_chart() -> None:
    gaps = {shape: opening(canonical().points + shaped(shape), MOUTH) for shape in Viseme}
    order = [Viseme.X, Viseme.B, Viseme.C, Viseme.H, Viseme.D]
    assert [gaps[shape] for shape in order] == sorted(gaps[shape] for shape in order)
    assert max(gaps[shape] for shape in CLOSED) < 0.06


def test_round_shapes_are_narrow() -> None:
    narrow = max(width(shape) for shape in ROUND)
    assert narrow < min(width(shape) for shape in (Viseme.X, Viseme.B, Viseme.C, Viseme.H))
    assert width(Viseme.F) < width(Viseme.E)
    assert width(Viseme.B) > width(Viseme.X)


@pytest.mark.parametrize("shape", Viseme)
def test_shapes_are_the_same_on_both_sides_and_leave_the_eyes(shape: Viseme) -> None:
    moved = shaped(shape)
    twins = moved[canonical().mirror] * (-1, 1, 1)
    np.testing.assert_allclose(moved, twins, atol=2e-3)
    eyes = [i for lid in LIDS for i in (*lid.upper, *lid.lower, *lid.iris)]
    assert np.abs(moved[eyes]).max() < 0.01


def test_a_shape_cannot_be_written_over() -> None:
    with pytest.raises(ValueError, match="read-only"):
        shaped(Viseme.D)[0] = 1
