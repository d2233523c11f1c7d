"""ICT-FaceKit's light face model as a cast of many heads, with hair and a toon's proportions.

R. Li et al., "Learning Formation of Physically-Based Face Attributes", CVPR 2020; MIT licence.
Lengths are centimetres: x to the face's left, y up, z towards the viewer, the nose near (0, 0, 12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genani import resources
from genani.scene.errors import FileError

F32 = NDArray[np.floating[Any]]
"""float32 everywhere; numpy's own types widen what is multiplied by a number."""

I64 = NDArray[np.int64]

_SHELL_ROWS, _SHELL_COLUMNS = 14, 28
"""Grid of the hair that hangs behind the head."""


class Stuff(IntEnum):
    """What a triangle is made of."""

    SKIN = 0
    EYE = 1
    INSIDE = 2
    TONGUE = 3
    TEETH = 4
    HAIR = 5


_STUFF = {
    "M_Face": Stuff.SKIN,
    "M_BackHead": Stuff.SKIN,
    "M_ScleraLeft": Stuff.EYE,
    "M_ScleraRight": Stuff.EYE,
    "M_GumsTongue": Stuff.TONGUE,
    "M_Teeth": Stuff.TEETH,
}
_JAW = "jawOpen"
_CELLS = {Stuff.INSIDE: 0.5, Stuff.TONGUE: 0.5, Stuff.TEETH: 0.25, Stuff.SKIN: 0.8}
"""Corners of these within a cell so wide become one; of the skin, only at the back of the head."""


@dataclass(frozen=True)
class Proportions:
    """How one head differs from the mean one.

    Attributes:
        identity: how strong each scanned variation is.
        width, height: factors.
        eyes: growth of the eyes; 0 none.
        jaw, neck: factors of their widths.
        skull, shoulders: growth of their widths.
        nose: share by which it is drawn in.
        hair: centimetres that hair stands off the skull; 0 for a bald head.
        hairline: height of the hair's edge on the forehead.
        sideburn: height of its edge before the ears.
        length: how far down hair hangs behind the head; over 5 there is none.
    """

    identity: tuple[float, ...]
    width: float
    height: float
    eyes: float
    jaw: float
    neck: float
    skull: float
    shoulders: float
    nose: float
    hair: float
    hairline: float
    sideburn: float
    length: float


class IctMesh:
    """The model's triangles and how vertices move.

    Attributes:
        neutral: (N, 3) the mean face at rest; where paint is laid on.
        triangles: (T, 3), counter-clockwise seen from outside.
        stuff: (T,) `Stuff` of each.
        eye: (N, 3) where a vertex of an eyeball lies from the eyeball's middle; 0 elsewhere.
        shapes: names of the expressions, as the model spells them.

    Args:
        path: `ict_expressions.npz`.

    Raises:
        FileError: the file is missing or is something else.
    """

    def __init__(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as data:
                arrays = {name: data[name] for name in data.files}
            neutral, faces = arrays["neutral"], arrays["faces"].astype(np.int64)
            materials, self.shapes = arrays["materials"], arrays["names"].tolist()
            deltas, people = arrays["deltas"], arrays["identity_deltas"]
            jaw = deltas[self.shapes.index(_JAW)]
        except FileNotFoundError as error:
            raise FileError(
                f"the ICT face model is missing: there is no file '{path}'; name your "
                "ict_expressions.npz or leave the source 'ict' out"
            ) from error
        except (OSError, KeyError, ValueError) as error:
            raise FileError(f"'{path}' is not the ICT face model: {error}") from error
        points, shares = _points(arrays, len(neutral), path)
        triangles, self.stuff = _lighter(neutral, faces, materials, jaw)
        used, places = np.unique(np.concatenate([triangles, points]), return_inverse=True)
        places = places.reshape(-1, 3)
        self.triangles, self._points = places[: len(triangles)], places[len(triangles) :]
        self._shares = shares
        self.neutral = neutral[used].astype(np.float32)
        self._deltas = deltas[:, used].astype(np.float32)
        self._people = people[:, used].astype(np.float32)
        self.eye = self._eyes()
        self._add_shell()

    def head(self, proportions: Proportions) -> Head:
        """A head of these proportions."""
        return Head(self, proportions)

    def shape(self, name: str) -> F32:
        """(N, 3) how an expression moves the vertices at full strength."""
        return self._deltas[self.shapes.index(name)]

    def people(self, identity: tuple[float, ...]) -> F32:
        """(N, 3) the mean face changed to a person's."""
        rest = self.neutral.copy()
        for strength, delta in zip(identity, self._people, strict=False):
            rest += np.float32(strength) * delta
        return rest

    def landmarks(self, placed: F32) -> F32:
        """(478, 2) MediaPipe's points, from the vertices' places on the canvas, (N, 2 or more)."""
        corners = placed[self._points][..., :2]
        shares = self._shares[..., None]
        return (
            corners[:, 0] * shares[:, 0]
            + corners[:, 1] * shares[:, 1]
            + corners[:, 2] * shares[:, 2]
        )

    def points_at_rest(self) -> F32:
        """(478, 2) x and y of MediaPipe's points on the mean face."""
        return self.landmarks(self.neutral)

    def _eyes(self) -> F32:
        eye = np.zeros_like(self.neutral)
        ball = np.unique(self.triangles[self.stuff == Stuff.EYE])
        for side in (ball[self.neutral[ball, 0] < 0], ball[self.neutral[ball, 0] >= 0]):
            places = self.neutral[side]
            eye[side] = places - (places.max(0) + places.min(0)) * np.float32(0.5)
        return eye

    def _add_shell(self) -> None:
        """A sheet behind the head, moved by no expression; `Head` gives it its form."""
        count, rows, columns = len(self.neutral), _SHELL_ROWS, _SHELL_COLUMNS
        self.shell = slice(count, count + rows * columns)
        grid = np.arange(rows * columns).reshape(rows, columns) + count
        a, b, c, d = (
            each.reshape(-1)
            for each in (grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:])
        )
        sheet = np.concatenate([np.stack([a, c, b], 1), np.stack([b, c, d], 1)])
        self.triangles = np.concatenate([self.triangles, sheet])
        self.stuff = np.concatenate([self.stuff, np.full(len(sheet), Stuff.HAIR, np.int64)])
        more = ((0, rows * columns), (0, 0))
        self.neutral, self.eye = np.pad(self.neutral, more), np.pad(self.eye, more)
        self._deltas, self._people = (
            np.pad(each, ((0, 0), *more)) for each in (self._deltas, self._people)
        )


class Head:
    """One head of the cast.

    Attributes:
        mesh: the model.
        triangles, stuff: those of the mesh that this head has: no hair behind a bald one.
        rest_normals: (N, 3) unit normals of the face at rest.
    """

    def __init__(self, mesh: IctMesh, proportions: Proportions) -> None:
        self.mesh, self._proportions = mesh, proportions
        has = np.ones(len(mesh.triangles), np.bool_)
        has[mesh.stuff == Stuff.HAIR] = proportions.hair > 0 and proportions.length < 5
        self.triangles, self.stuff = mesh.triangles[has], mesh.stuff[has]
        self._rest = mesh.people(proportions.identity)
        stands = _smooth(hair_depth(mesh.neutral, proportions) / np.float32(1.2))
        skin = np.zeros(len(self._rest), np.bool_)
        skin[mesh.triangles[mesh.stuff == Stuff.SKIN]] = True
        thick = np.where(skin, stands, np.float32(0)) * np.float32(proportions.hair)
        self._rest += thick[:, None] * normals(self._rest, mesh.triangles)
        self._rest[mesh.shell] = _shell(proportions)
        self.rest_normals = normals(self._rest, self.triangles)
        # The shoulders do not turn with the head.
        follows = _smooth((mesh.neutral[:, 1] + np.float32(13)) / np.float32(5))
        follows[mesh.shell] = _smooth((self._rest[mesh.shell, 1] + np.float32(22)) / np.float32(16))
        self._follows = follows[:, None]

    def posed(self, weights: Mapping[str, float], rotation: F32) -> F32:
        """(N, 3) vertices.

        Args:
            weights: names of expressions and how strong they are.
            rotation: (3, 3), of the head about its neck.
        """
        vertices = self._rest.copy()
        for name, strength in weights.items():
            if strength:
                vertices += np.float32(strength) * self.mesh.shape(name)
        self._exaggerate(vertices)
        neck = np.array([0, -8, -1], np.float32)
        away = vertices - neck
        turned = neck + np.stack(
            [away[:, 0] * row[0] + away[:, 1] * row[1] + away[:, 2] * row[2] for row in rotation], 1
        )
        return vertices + self._follows * (turned - vertices)

    def _exaggerate(self, vertices: F32) -> None:
        """Bend space itself, so that what lies within the face stays within it."""
        wants = self._proportions
        x, y, z = (vertices[:, axis] for axis in range(3))
        chin = _smooth((1 - y) / np.float32(8)) - _smooth((-8 - y) / np.float32(3))
        neck = _smooth((-8 - y) / np.float32(3)) - _smooth((-13 - y) / np.float32(3))
        shoulders = _smooth((-12 - y) / np.float32(6))
        skull = _smooth((y - 4) / np.float32(8))
        x *= (
            np.float32(1)
            + np.float32(wants.jaw - 1) * chin
            + np.float32(wants.neck - 1) * neck
            + np.float32(wants.skull) * skull
            + np.float32(wants.shoulders) * shoulders
        )
        for side in (-3.1, 3.1):
            dx, dy = x - np.float32(side * wants.jaw**0.25), y - np.float32(3.5)
            dz = z - np.float32(9.5)
            far = 1 + (dx * dx + dy * dy) / np.float32(5) + dz * dz / np.float32(30)
            share = np.float32(wants.eyes) / (far * far)
            x += dx * share
            y += dy * share * np.float32(1.3)
        dy, dz = y - np.float32(0.5), z - np.float32(12)
        far = 1 + x * x / np.float32(3) + dy * dy / np.float32(3) + dz * dz / np.float32(6)
        z -= np.float32(wants.nose) * 2 / (far * far)
        x *= np.float32(wants.width)
        y *= np.float32(wants.height)


def hair_depth(neutral: F32, proportions: Proportions) -> F32:
    """How far above the hair's edge places of the mean head lie, cm; negative where skin is bare.

    Args:
        neutral: (P, 3).
        proportions: of the head.
    """
    if not proportions.hair:
        return np.full(len(neutral), -9, np.float32)
    x, y, z = (neutral[:, axis] for axis in range(3))
    sideways = _smooth((np.float32(7) - z) / np.float32(5.5))
    back = _smooth((np.float32(-1) - z) / np.float32(2.5))
    front, side = np.float32(proportions.hairline), np.float32(proportions.sideburn)
    edge = front + (side - front) * sideways
    edge += (np.float32(-6) - edge) * back
    ear = (np.abs(x) > 7.4) & (z > -2.6) & (z < 2.2) & (y < 5.9)
    return np.where(ear, np.minimum(y - edge, -1), y - edge)


def normals(vertices: F32, triangles: I64) -> F32:
    """(N, 3) unit normals, weighed by the areas around them."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    u, v = b - a, c - a
    total = np.zeros(vertices.shape, np.float32)
    corners = triangles.T.reshape(-1)
    for axis in range(3):
        one, two = (axis + 1) % 3, (axis + 2) % 3
        area = u[:, one] * v[:, two] - u[:, two] * v[:, one]
        total[:, axis] = np.bincount(corners, np.tile(area, 3), len(vertices))
    squares = total * total
    length = np.sqrt(squares[:, 0] + squares[:, 1] + squares[:, 2])
    return total / np.maximum(length, np.float32(1e-9))[:, None]


def _points(arrays: Mapping[str, NDArray], count: int, path: Path) -> tuple[I64, F32]:
    """Where the 478 points lie; a model of another mesh brings its own."""
    if "points_vertices" in arrays:
        return arrays["points_vertices"].astype(np.int64), arrays["points_shares"]
    with np.load(resources.folder("resources") / "face" / "ict_points.npz") as table:
        if int(table["count"]) != count:
            raise FileError(
                f"'{path}' is not the ICT face model: it has {count} vertices where "
                f"{int(table['count'])} are expected"
            )
        return table["vertices"].astype(np.int64), table["shares"]


def _lighter(neutral: NDArray, faces: I64, materials: NDArray, jaw: NDArray) -> tuple[I64, I64]:
    """The triangles that can be seen and their stuff; fewer where a picture shows little."""
    kept = np.isin(materials, list(_STUFF))
    faces, materials = faces[kept], materials[kept]
    stuff = np.array([_STUFF[str(name)] for name in materials], np.int64)
    middle = neutral[faces].sum(1) / 3
    inner = (np.abs(middle[:, 0]) < 4.2) & (middle[:, 2] > 1.5)
    inner &= (middle[:, 1] < 0.5) & (middle[:, 1] > -7.5) & (materials == "M_BackHead")
    stuff[inner] = Stuff.INSIDE
    fixed = np.zeros(len(neutral), np.bool_)
    fixed[faces[(materials == "M_Face") | (stuff == Stuff.EYE)]] = True
    merged = np.arange(len(neutral))
    for kind, cell in _CELLS.items():
        own = np.unique(faces[stuff == kind])
        own = own[~fixed[own]]
        # What moves with the jaw and what does not are never one: teeth that bite touch.
        cells = np.concatenate([neutral[own] / cell, jaw[own].astype(np.float32)], 1)
        cells = np.floor(cells).astype(np.int64)
        _, first, of = np.unique(cells, axis=0, return_index=True, return_inverse=True)
        merged[own] = own[first][of.reshape(-1)]
        fixed[own] = True
    faces = merged[faces]
    whole = (
        (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 0] != faces[:, 2])
    )
    return faces[whole], stuff[whole]


def _shell(proportions: Proportions) -> F32:
    """(rows * columns, 3) the hair behind the head, from the crown down."""
    down = np.linspace(0, 1, _SHELL_ROWS, dtype=np.float32)[:, None]
    turn = np.linspace(-1, 1, _SHELL_COLUMNS, dtype=np.float32)[None]
    top, low = np.float32(13), np.float32(proportions.length)
    # A parabola's sine: from shoulder to shoulder around the back.
    around = turn * (2 - np.abs(turn))
    back = 1 - turn * turn
    wide = np.float32(6.5) + np.float32(4.2 + proportions.hair) * _smooth(down * 3)
    x = wide * around
    z = -1 - (np.float32(5.5) + np.float32(2.5) * _smooth(down * 3)) * back
    waves = np.float32(0.8) * (np.abs((turn * 7) % 2 - 1) - np.float32(0.5)) * down
    y = top + (low - top) * down + waves
    return np.stack(np.broadcast_arrays(x, y, z), 2).reshape(-1, 3).astype(np.float32)


def _smooth(share: F32) -> F32:
    """0 below 0, 1 above 1, between them an S."""
    share = np.clip(share, np.float32(0), np.float32(1))
    return share * share * (3 - 2 * share)
