from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genani.scene.errors import FileError, ModelError
from genani.training.sources.dice import Dice
from genani.training.sources.ict import IctSource
from genani.training.sources.ict_mesh import IctMesh, Proportions, Stuff, normals
from genani.training.sources.ict_motion import performance
from genani.training.sources.ict_raster import FAR, front_facing, rasterise
from genani.training.sources.truth import warped_decibels

PLAIN = Proportions(
    identity=(0.0,) * 10,
    **{"width": 1, "height": 1, "eyes": 0, "jaw": 1, "neck": 1, "skull": 0},
    **{"shoulders": 0, "nose": 0, "hair": 0, "hairline": 9, "sideburn": 2, "length": 9},
)


@pytest.fixture(scope="module")
def source(head_file: Path) -> IctSource:
    return IctSource(head_file)


def _square(z: float, low: float, high: float) -> np.ndarray:
    return np.array([[low, low, z], [low, high, z], [high, low, z], [high, high, z]], np.float32)


SQUARES = np.array([[0, 1, 2], [1, 3, 2], [4, 5, 6], [5, 7, 6]])


def test_what_is_nearer_is_in_front_whatever_the_order() -> None:
    points = np.concatenate([_square(5, 1, 15), _square(2, 4, 10)])
    for triangles in (SQUARES, SQUARES[::-1]):
        raster = rasterise(points, triangles, 16)
        assert raster.depth[7, 7] == 2
        assert raster.depth[2, 2] == 5
        assert raster.depth[0, 0] == FAR
        assert raster.triangle[0, 0] == -1


def test_neighbouring_triangles_leave_no_gap_and_spread_their_corners_values() -> None:
    points = _square(0, 1.3, 14.6)
    raster = rasterise(points, SQUARES[:2], 16)
    rows, columns = np.divmod(raster.at, 16)
    assert (raster.triangle[2:14, 2:14] >= 0).all()
    found = raster.spread(points, SQUARES[:2])
    assert np.abs(found[:, 0] - columns - 0.5).max() < 1e-3
    assert np.abs(found[:, 1] - rows - 0.5).max() < 1e-3


def test_triangles_off_the_canvas_and_without_area_draw_nothing() -> None:
    points = np.array([[40, 40, 0], [50, 40, 0], [40, 50, 0], [3, 3, 0], [5, 5, 0]], np.float32)
    raster = rasterise(points, np.array([[0, 1, 2], [3, 4, 3]]), 16)
    assert len(raster.at) == 0


def test_the_head_is_closed_and_faces_outwards(head_file: Path) -> None:
    mesh = IctMesh(head_file)
    head = mesh.head(PLAIN)
    vertices = head.posed({}, np.eye(3, dtype=np.float32))
    skin = np.unique(head.triangles[head.stuff == Stuff.EYE])
    outwards = normals(vertices, head.triangles)[skin] * mesh.eye[skin]
    assert (outwards.sum(1) > -1e-3).all()
    placed = np.stack([vertices[:, 0], -vertices[:, 1], -vertices[:, 2]], 1)
    assert 0.35 < front_facing(placed, head.triangles).mean() < 0.65


def test_bald_heads_have_no_hair_behind_them(head_file: Path) -> None:
    mesh = IctMesh(head_file)
    assert (mesh.head(PLAIN).stuff != Stuff.HAIR).all()


def test_a_sample_has_the_promised_shapes_and_a_face_in_it(source: IctSource) -> None:
    sample = source.sample(1, 4, 64)
    assert sample.first.shape == sample.last.shape == sample.between.shape == (64, 64, 4)
    assert sample.first.dtype == sample.parts.dtype == np.uint8
    assert sample.points.shape == (3, 478, 2)
    assert sample.points.dtype == sample.flow.dtype == np.float32
    assert np.isfinite(sample.points).all()
    assert sample.flow.shape == (2, 64, 64, 2)
    assert sample.seen.shape == (2, 64, 64)
    assert {1, 3} <= set(np.unique(sample.parts).tolist()) <= set(range(9))
    assert sample.source == "ict"


def test_keys_pulled_along_the_flow_give_the_drawing(source: IctSource) -> None:
    samples = [source.sample(2, index, 128) for index in range(10)]
    told = np.array([warped_decibels(sample) for sample in samples])
    still = [replace(sample, flow=np.zeros_like(sample.flow)) for sample in samples]
    unmoved = np.array([warped_decibels(sample) for sample in still])
    assert np.median(told) > 31
    assert np.median(told - unmoved) > 8


def test_landmarks_ride_on_the_flow(source: IctSource) -> None:
    for index in range(4):
        sample = source.sample(3, index, 96)
        columns, rows = np.floor(sample.points[1]).astype(int).T
        inside = (columns >= 0) & (columns < 96) & (rows >= 0) & (rows < 96)
        columns, rows = columns[inside], rows[inside]
        for key in (0, 1):
            seen = sample.seen[key, rows, columns]
            moved = (sample.points[2 * key] - sample.points[1])[inside][seen]
            apart = np.linalg.norm(moved - sample.flow[key, rows, columns][seen], axis=1)
            assert np.median(apart) < 1


def test_what_turns_out_of_sight_is_not_seen(source: IctSource) -> None:
    shares = [source.sample(4, index, 64).seen.mean((1, 2)) for index in range(8)]
    assert 0.2 < np.mean(shares) < 0.97


def test_an_emotion_is_felt_between_the_keys_only() -> None:
    felt = [each for n in range(40) if (each := performance(Dice(n), 0.5)).intensity > 0.5]
    assert felt
    for act in felt:
        straight = {
            name: (act.first.weights.get(name, 0) + act.last.weights.get(name, 0)) / 2
            for name in act.between.weights
        }
        apart = [abs(value - straight[name]) for name, value in act.between.weights.items()]
        assert max(apart) > 0.15


def test_same_numbers_same_bytes(source: IctSource, head_file: Path) -> None:
    one, two = source.sample(5, 6, 64), IctSource(head_file).sample(5, 6, 64)
    for name in ("first", "last", "between", "points", "flow", "seen", "parts"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
    assert source.sample(5, 7, 64).between.tobytes() != one.between.tobytes()


def test_a_source_is_sent_to_workers_without_its_model(source: IctSource) -> None:
    source.sample(1, 1, 32)
    assert len(pickle.dumps(source)) < 1000


def test_a_missing_or_foreign_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"missing: there is no file '.*nowhere.npz'"):
        IctSource(tmp_path / "nowhere.npz").sample(0, 0, 32)
    (tmp_path / "odd.npz").write_bytes(b"no model")
    with pytest.raises(FileError, match=r"odd.npz' is not the ICT face model"):
        IctSource(tmp_path / "odd.npz").sample(0, 0, 32)


def test_a_model_of_another_mesh_is_refused(tmp_path: Path, head_file: Path) -> None:
    with np.load(head_file) as data:
        arrays = {name: data[name] for name in data.files if not name.startswith("points_")}
    np.savez(tmp_path / "other.npz", allow_pickle=False, **arrays)
    with pytest.raises(FileError, match="it has 1368 vertices where 26719 are expected"):
        IctSource(tmp_path / "other.npz").sample(0, 0, 32)


def test_without_a_path_the_store_is_asked_and_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="genani models import ict-facekit"):
        IctSource().sample(0, 0, 32)
