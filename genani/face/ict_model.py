"""ICT-FaceKit's light face model, posed and drawn; only `derive_table` needs it.

R. Li et al., "Learning Formation of Physically-Based Face Attributes", CVPR 2020; MIT licence.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani.face.rasteriser import Raster, rasterise, shaded
from genani.scene.errors import FileError

SIDE = 640
"""Width and height of a drawing of the face, in pixels."""

_PIXELS = 12.0
_MIDDLE = (320.0, 260.0)
_SKIN = (0.85, 0.65, 0.55)
_COLOURS = {
    "M_BackHead": (0.80, 0.60, 0.50),
    "M_Teeth": (0.90, 0.90, 0.85),
    "M_GumsTongue": (0.70, 0.30, 0.30),
}
_EYEBALLS = ("M_ScleraLeft", "M_ScleraRight")
_IRIS, _PUPIL = 0.62, 0.28
"""Radii on the eyeball, in centimetres."""

# Transparent films, lashes, and what lies behind the white of the eye.
_LEFT_OUT = (
    "M_EyeOcclusion",
    "M_LacrimalFluid",
    "M_EyeBlend",
    "M_EyeLashes",
    "M_IrisLeft",
    "M_IrisRight",
)


class IctFace:
    """The face model.

    Attributes:
        shapes: names of the expressions, as the model spells them (`browDown_L`).
        skin, eyeballs: (T, 3) int64, triangles of the face's surface and of both eyes.

    Args:
        path: `ict_expressions.npz`.

    Raises:
        FileError: the file is missing or is something else.
    """

    def __init__(self, path: Path) -> None:
        try:
            with np.load(path) as data:
                self._neutral = data["neutral"].astype(np.float64)
                self._deltas = data["deltas"]
                self.shapes: list[str] = data["names"].tolist()
                triangles, materials = data["faces"].astype(np.int64), data["materials"]
        except (OSError, KeyError, ValueError) as error:
            raise FileError(f"'{path}' is not the ICT face model: {error}") from error
        self._triangles = triangles[~np.isin(materials, _LEFT_OUT)]
        self.skin = triangles[materials == "M_Face"]
        self.eyeballs = triangles[np.isin(materials, _EYEBALLS)]
        self._colours = np.tile(_SKIN, (len(self._neutral), 1))
        for material, colour in _COLOURS.items():
            self._colours[np.unique(triangles[materials == material])] = colour
        for eyeball in _EYEBALLS:
            self._colour_eye(np.unique(triangles[materials == eyeball]))

    def vertices(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """(N, 3) vertices in centimetres: x to the face's left, y up, z towards the viewer."""
        vertices = self._neutral.copy()
        for shape, weight in weights.items():
            vertices += weight * self._deltas[self.shapes.index(shape)].astype(np.float64)
        return vertices

    def draw(self, vertices: NDArray[np.float64]) -> NDArray[np.uint8]:
        """The head from the front on white, (SIDE, SIDE, 3) uint8."""
        points = on_screen(vertices)
        raster = rasterise(points, self._triangles, (SIDE, SIDE))
        return shaded(raster, points, self._triangles, self._colours)

    def _colour_eye(self, ball: NDArray[np.int64]) -> None:
        points = self._neutral[ball]
        offset = points - (points.max(0) + points.min(0)) / 2
        radius = np.where(offset[:, 2] > 0, np.hypot(offset[:, 0], offset[:, 1]), np.inf)
        self._colours[ball] = 1.0
        self._colours[ball[radius < _IRIS]] = (0.30, 0.20, 0.10)
        self._colours[ball[radius < _PUPIL]] = 0.0


def on_screen(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 3): x and y in pixels of a drawing, z away from the viewer in the same unit."""
    x, y, z = (vertices * _PIXELS).T
    return np.stack([_MIDDLE[0] + x, _MIDDLE[1] - y, -z], 1)


def seen_surface(vertices: NDArray[np.float64], triangles: NDArray[np.int64]) -> Raster:
    """What a drawing shows of these triangles when all others are left out."""
    return rasterise(on_screen(vertices), triangles, (SIDE, SIDE))
