"""A tiny head of the ICT model's layout, and clips, small enough to be made by each test run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import canonical
from genani.media.image import encode_png
from genani.scene.picture import Picture

_ROWS, _COLUMNS = 24, 32
_SHAPES = (
    *("browDown_L", "browDown_R", "browInnerUp_L", "browInnerUp_R", "browOuterUp_L"),
    *("browOuterUp_R", "cheekPuff_L", "cheekPuff_R", "cheekRaiser_L", "cheekRaiser_R"),
    *("cheekSquint_L", "cheekSquint_R", "eyeBlink_L", "eyeBlink_R", "eyeLookDown_L"),
    *("eyeLookDown_R", "eyeLookIn_L", "eyeLookIn_R", "eyeLookOut_L", "eyeLookOut_R"),
    *("eyeLookUp_L", "eyeLookUp_R", "eyeSquint_L", "eyeSquint_R", "eyeWide_L", "eyeWide_R"),
    *("jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose", "mouthDimple_L"),
    *("mouthDimple_R", "mouthFrown_L", "mouthFrown_R", "mouthFunnel", "mouthLeft"),
    *("mouthLowerDown_L", "mouthLowerDown_R", "mouthPress_L", "mouthPress_R", "mouthPucker"),
    *("mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"),
    *("mouthSmile_L", "mouthSmile_R", "mouthStretch_L", "mouthStretch_R", "mouthUpperUp_L"),
    *("mouthUpperUp_R", "noseSneer_L", "noseSneer_R"),
)
_EYES = ((-3.1, 3.5, 8.0), (3.1, 3.5, 8.0))


def _ball(
    middle: tuple[float, float, float], radii: tuple[float, float, float], rows: int, columns: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices and triangles of an ellipsoid, counter-clockwise seen from outside."""
    height, around = np.meshgrid(
        np.linspace(0, np.pi, rows), np.linspace(0, 2 * np.pi, columns), indexing="ij"
    )
    places = np.stack(
        [np.sin(height) * np.sin(around), np.cos(height), np.sin(height) * np.cos(around)], 2
    )
    grid = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (
        each.reshape(-1) for each in (grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:])
    )
    triangles = np.concatenate([np.stack([a, c, b], 1), np.stack([b, c, d], 1)])
    return places.reshape(-1, 3) * radii + middle, triangles


def _head() -> tuple[NDArray[np.float64], NDArray[np.int64], list[str]]:
    balls = [
        ("M_Face", (0, 2, 2), (8.5, 11, 10)),
        ("M_BackHead", (0, -13, -1), (9, 6, 4)),
        *(
            ("M_Sclera" + side, eye, (1.4, 1.4, 3.2))
            for side, eye in zip(("Right", "Left"), _EYES, strict=True)
        ),
        ("M_Teeth", (0, -3, 8), (2, 1, 1)),
        ("M_GumsTongue", (0, -4, 7), (2, 1, 1)),
    ]
    vertices, triangles, materials = [], [], []
    count = 0
    for material, middle, radii in balls:
        rows, columns = (_ROWS, _COLUMNS) if material == "M_Face" else (10, 12)
        places, corners = _ball(middle, radii, rows, columns)
        vertices.append(places)
        triangles.append(corners + count)
        materials += [material] * len(corners)
        count += len(places)
    return np.concatenate(vertices), np.concatenate(triangles), materials


def write_head(path: Path) -> Path:
    """An `ict_expressions.npz` of some 1 200 vertices that binds its 478 points itself."""
    neutral, faces, materials = _head()
    rng = np.random.default_rng(1)
    deltas = np.zeros((len(_SHAPES), *neutral.shape))
    front = neutral[:, 2] > 5
    for at, name in enumerate(_SHAPES):
        push = rng.uniform(-1, 1, 3)
        middle = rng.uniform((-4, -5, 10), (4, 6, 10))
        near = np.exp(-np.square((neutral - middle) / 3).sum(1)) * front
        deltas[at] = near[:, None] * push * (0 if name.startswith("eye") else 1)
    own = np.where(np.array(materials) == "M_Face")[0]
    places = canonical().points * (8.9, -8.9, -8.9) + (0, 3.5, 8.7)
    middles = neutral[faces[own]].mean(1)
    nearest = np.array([np.square(middles - place).sum(1).argmin() for place in places])
    np.savez(
        path,
        neutral=neutral.astype(np.float32),
        faces=faces.astype(np.int32),
        materials=np.array(materials),
        names=np.array(_SHAPES),
        deltas=deltas.astype(np.float16),
        identity_deltas=(rng.uniform(-0.1, 0.1, (10, 1, 3)) * np.ones_like(neutral)).astype(
            np.float16
        ),
        points_vertices=faces[own][nearest].astype(np.int32),
        points_shares=np.full((478, 3), 1 / 3, np.float32),
    )
    return path


def disc(size: int, x: float, y: float, colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    """(size, size, 4) a disc with two eyes on nothing."""
    rows, columns = np.mgrid[:size, :size] + 0.5
    picture = np.zeros((size, size, 4), np.uint8)
    picture[np.hypot(columns - x, rows - y) < size / 4] = (*colour, 255)
    for side in (-1, 1):
        eye = np.hypot(columns - x - side * size / 10, rows - y + size / 14) < size / 24
        picture[eye] = (20, 20, 20, 255)
    return picture


def write_clips(folder: Path) -> Path:
    """Two clips of eight drawings, one on twos, as folders of numbered pictures; and a still."""
    for name, hold in (("ones", 1), ("twos", 2)):
        (folder / name).mkdir(parents=True)
        for frame in range(8 * hold):
            at = 28 + (frame // hold)
            pixels = disc(64, at, 30 + at / 10, (240, 200, 60))
            data = encode_png(Picture(pixels))
            (folder / name / f"{name}.{frame + 1:04d}.png").write_bytes(data)
    (folder / "still.png").write_bytes(encode_png(Picture(disc(96, 48, 48, (90, 180, 230)))))
    return folder
