from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.mesh import FloatArray, canonical, mirrored
from genani.face.warp import (
    Warp,
    backward,
    distance_from_face,
    face_size,
    held_still,
    least_area,
    unfolded,
)
from genani.face.warp_torch import displacement, sampled

SIZE = (320, 240)
MIDDLE = (160.0, 110.0)


def face(
    *shapes: str, turn: float = 0.0, shift: tuple[float, float] = (0, 0), size: float = 60
) -> FloatArray:
    """(478, 2) the canonical face with expressions, on a canvas of SIZE."""
    rest = canonical()
    points = rest.points + sum((rest.shapes[name] for name in shapes), np.zeros((478, 3)))
    cos, sin = np.cos(turn), np.sin(turn)
    return size * points[:, :2] @ np.array([[cos, -sin], [sin, cos]]).T + MIDDLE + shift


def spacing(warp: Warp) -> tuple[float, float]:
    left, top, right, bottom = warp.box
    height, width = warp.nodes.shape[:2]
    return (right - left) / (width - 1), (bottom - top) / (height - 1)


def area(warp: Warp) -> float:
    return float(least_area(warp.nodes.astype(np.float64), spacing(warp)).min())


def test_nothing_moves_where_landmarks_are_equal() -> None:
    warp = backward(face("jawOpen"), face("jawOpen"))
    assert warp.still
    picture = torch.rand(1, 4, SIZE[1], SIZE[0])
    assert sampled(picture, warp) is picture


@given(
    st.floats(-0.3, 0.3),
    st.tuples(st.floats(-25, 25), st.floats(-25, 25)),
    st.sets(st.sampled_from(["mouthSmileLeft", "browInnerUpRight", "mouthFrownRight", "jawLeft"])),
)
@settings(max_examples=6, deadline=None)
def test_landmarks_come_from_where_they_were(
    turn: float, shift: tuple[float, float], shapes: set[str]
) -> None:
    before, after = face(), face(*sorted(shapes), turn=turn, shift=shift)
    warp = backward(before, after)
    off = np.linalg.norm(after + warp.at(after) - before, axis=1)
    assert off.mean() < 0.3
    assert np.quantile(off, 0.95) < 1.2
    assert area(warp) > 0


@pytest.mark.parametrize("shapes", [("eyeBlinkLeft", "eyeBlinkRight"), ("mouthPucker", "jawOpen")])
@pytest.mark.parametrize("shift", [(0, 0), (70, 10), (400, 0)])
def test_nothing_folds_when_lids_close_or_heads_run(
    shapes: tuple[str, ...], shift: tuple[float, float]
) -> None:
    still, moved = face(), face(*shapes, turn=0.5, shift=shift)
    assert area(backward(still, moved)) > 0
    assert area(backward(moved, still)) > 0


@given(st.integers(0, 100), st.floats(2, 60))
@settings(max_examples=15, deadline=None)
def test_any_field_is_unfolded(seed: int, strength: float) -> None:
    field = np.random.default_rng(seed).normal(0, strength, (14, 17, 2))
    assert least_area(unfolded(field, (5.0, 4.0)), (5.0, 4.0)).min() > 0


def test_a_field_without_folds_is_left_as_it_is() -> None:
    field = np.random.default_rng(1).normal(0, 0.5, (9, 9, 2))
    assert unfolded(field, (5.0, 5.0)) is field


def test_a_fold_is_told_from_none() -> None:
    x = np.zeros((4, 5, 2))
    assert least_area(x, (1, 1)).min() == 1
    x[1, 2, 0] = 1.5
    assert least_area(x, (1, 1)).min() == pytest.approx(-0.5)
    np.testing.assert_allclose(least_area(x, (3, 3)).min(), 0.5)


def test_distance_is_none_inside_the_face_and_that_to_its_sides_outside() -> None:
    points = face()
    inside = points[[1, 9, 4]]
    np.testing.assert_array_equal(distance_from_face(inside, points), 0)
    chin, top = points[152], points[10]
    far = np.array([chin, top]) + np.array([(0, 30), (0, -17)])
    np.testing.assert_allclose(distance_from_face(far, points), [30, 17], atol=0.5)


def test_an_expression_alone_leaves_the_hair() -> None:
    before, after = face(), face("jawOpen", "browInnerUpLeft")
    warp = backward(before, after, head_moves=False)
    hair = np.array([after[10] - (0, 0.5 * face_size(after))])
    assert (warp.at(hair) == 0).all()
    assert np.abs(warp.at(after[[152]])).max() > 10


def test_places_held_still_do_not_move_and_others_do() -> None:
    before, after = face(), face("jawOpen", "browInnerUpLeft")
    warp = backward(before, after, head_moves=False)
    held = held_still(warp, after[[61, 291, 13, 14]], after)
    assert (held.at(after[[61, 291, 13, 14]]) == 0).all()
    moves = [abs(each.at(after[[336]])[0, 1]) for each in (held, warp)]
    assert 0.5 * moves[1] < moves[0] <= moves[1]
    assert area(held) > 0
    assert held_still(warp, np.zeros((0, 2)), after) is warp


def test_the_head_goes_whole_and_the_background_stays() -> None:
    before, after = face(), face(shift=(9, 4))
    warp = backward(before, after)
    unit = face_size(after)
    hair = np.array([after[10] - (0, 0.4 * unit)])
    np.testing.assert_allclose(warp.at(hair), [[-9, -4]], atol=1e-4)
    dense = warp.dense(SIZE)
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    away = np.min([np.hypot(x - u, y - v) for u, v in after], axis=0)
    assert (dense[away > 1.25 * unit] == 0).all()
    assert (away > 1.25 * unit).mean() > 0.2


def test_an_expression_ends_near_the_face() -> None:
    before, after = face(), face("jawOpen", "mouthSmileLeft")
    warp = backward(before, after)
    hair = np.array([after[10] - (0, 0.5 * face_size(after))])
    assert np.abs(warp.at(hair)).max() < 1.2
    assert np.abs(warp.at(after[[152]])).max() > 10


def test_points_left_out_do_not_pull() -> None:
    before, after = face(), face("browInnerUpLeft", "browOuterUpLeft")
    brow = np.linalg.norm(after - before, axis=1) > 1
    warp = backward(before, after, knots=np.flatnonzero(~brow))
    assert np.abs(warp.at(after)).max() < 1.5
    assert np.abs(backward(before, after).at(after)).max() > 3


def test_dense_maps_are_those_of_brute_force() -> None:
    warp = backward(face(), face("jawOpen", turn=0.2, shift=(12, -30)))
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    each = warp.at(np.stack([x.ravel(), y.ravel()], 1)).reshape(SIZE[1], SIZE[0], 2)
    np.testing.assert_allclose(warp.dense(SIZE), each, atol=1e-3)
    made = displacement(warp, SIZE)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(made, each, atol=1e-3)


def test_the_coarse_grid_is_near_the_fine_one() -> None:
    before, after = face(), face("mouthSmileLeft", "browInnerUpLeft", turn=0.1)
    coarse, fine = (backward(before, after, nodes=nodes).dense(SIZE) for nodes in (128, 512))
    assert np.abs(coarse - fine).max() < 1.0
    assert np.abs(coarse - fine).mean() < 0.02


def test_a_picture_is_read_where_the_map_says() -> None:
    warp = backward(face(), face("jawOpen", shift=(10, 3)))
    y, x = torch.meshgrid(torch.arange(SIZE[1]) + 0.5, torch.arange(SIZE[0]) + 0.5, indexing="ij")
    slope = torch.stack((x, y))[None]
    read = sampled(slope, warp)[0]
    wanted = slope[0] + torch.from_numpy(warp.dense(SIZE)).permute(2, 0, 1)
    inner = (slice(None), slice(20, -20), slice(20, -20))
    torch.testing.assert_close(read[inner], wanted[inner], atol=0.05, rtol=0)


def test_sharp_edges_get_no_fringes_and_far_pixels_no_filter() -> None:
    picture = (torch.rand(1, 4, SIZE[1], SIZE[0]) > 0.5).float()
    warp = backward(face(size=40), face("jawOpen", size=40, shift=(5.3, 2)))
    read = sampled(picture, warp)
    assert read.min() >= 0
    assert read.max() <= 1
    left, top, _, _ = warp.box
    assert left > 0
    assert top >= 0
    assert torch.equal(read[..., :left], picture[..., :left])


def test_a_face_off_the_canvas_moves_nothing() -> None:
    picture = torch.rand(1, 4, SIZE[1], SIZE[0])
    warp = backward(face(shift=(4000, 0)), face("jawOpen", shift=(4000, 0)))
    assert torch.equal(sampled(picture, warp), picture)
    assert not warp.dense(SIZE).any()


def test_a_mirrored_face_gives_the_mirrored_map() -> None:
    before, after = face(), face("mouthSmileLeft", "jawOpen", turn=0.2, shift=(11, 5))
    turned = backward(mirrored(before, SIZE[0]), mirrored(after, SIZE[0])).dense(SIZE)
    off = np.abs(turned[:, ::-1] * (-1, 1) - backward(before, after).dense(SIZE))
    # Where lips part, folds are smoothed on grids that are not mirrored to the pixel.
    assert np.quantile(off, 0.99) < 0.3
    assert off.mean() < 0.01
