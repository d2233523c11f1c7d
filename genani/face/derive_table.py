"""Makes `resources/face/expressions.npz`: `python -m genani.face.derive_table ICT.npz BUNDLE.task`.

MediaPipe finds its 478 points on a drawing of the ICT face; each point is bound to the place on
the surface that the drawing shows there, and then follows that place through every expression.
So the displacements are those of the skin, without the detector's noise. Left and right are
averaged. MediaPipe is installed as a package; its list of triangles is Apache-2.0.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani import resources
from genani.face.detect import FaceDetector
from genani.face.ict_model import IctFace, on_screen, seen_surface
from genani.face.rasteriser import barycentric
from genani.scene.errors import EngineError
from genani.scene.picture import Picture

# Lips apart, so that points of the upper lip do not land on the lower one.
_BINDING_POSE = {"jawOpen": 0.4}
_FIRST_LEFT, _FIRST_IRIS = 248, 468
_MIDDLE_LINE = (
    *(0, 1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 94),
    *(151, 152, 164, 168, 175, 195, 197, 199, 200),
)
_IRIS_TWINS = (473, 476, 475, 474, 477, 468, 471, 470, 469, 472)
_CORNERS = (33, 263)
_RESTING = ("PupilDilate_L", "PupilDilate_R")


@dataclass(frozen=True)
class Binding:
    """Where on the model's surface the 478 points lie: three vertices each, and their shares."""

    vertices: NDArray[np.int64]
    shares: NDArray[np.float64]

    def points(self, vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        """(478, 3) places of the points on screen."""
        return np.einsum("nk,nkc->nc", self.shares, on_screen(vertices)[self.vertices])


def bind(face: IctFace, detector: FaceDetector) -> Binding:
    """Bind MediaPipe's points to the model.

    Raises:
        EngineError: no face was found on the drawing.
    """
    vertices = face.vertices(_BINDING_POSE)
    drawn = face.draw(vertices)
    opaque = np.full((*drawn.shape[:2], 1), 255, np.uint8)
    found = detector.detect(Picture(np.concatenate([drawn, opaque], 2)))
    if not found:
        raise EngineError("no face was found on the drawing of the ICT model")
    points = np.asarray(found[0].landmarks.points)[:, :2]
    parts = [
        _bound(points[:_FIRST_IRIS], vertices, face.skin),
        _bound(points[_FIRST_IRIS:], vertices, face.eyeballs),
    ]
    return Binding(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.shares for part in parts]),
    )


def mirror() -> NDArray[np.int64]:
    """(478,) index of each point's twin on the other side; of itself on the middle line.

    MediaPipe numbers the points of the right side and the middle first, then those of the left
    in the same order as their twins; the irises come last.
    """
    right = np.setdiff1d(np.arange(_FIRST_LEFT), _MIDDLE_LINE)
    left = np.arange(_FIRST_LEFT, _FIRST_IRIS)
    twins = np.arange(_FIRST_IRIS + len(_IRIS_TWINS))
    twins[right], twins[left] = left, right
    twins[_FIRST_IRIS:] = _IRIS_TWINS
    return twins


def table(face: IctFace, detector: FaceDetector) -> dict[str, NDArray]:
    """The arrays of the resource; see `genani.face.mesh` for their meaning."""
    binding = bind(face, detector)
    neutral = binding.points(face.vertices({}))
    right, left = neutral[list(_CORNERS)]
    unit = np.linalg.norm(left - right)
    middle = (left + right) / 2
    twins = mirror()
    flip = np.array((-1, 1, 1))
    points = (neutral - middle) / unit
    points = (points + points[twins] * flip) / 2
    names = [name for name in face.shapes if name not in _RESTING]
    moved = {name: (binding.points(face.vertices({name: 1.0})) - neutral) / unit for name in names}
    shapes = [(moved[name] + moved[_twin(name)][twins] * flip) / 2 for name in names]
    return {
        "points": points.astype(np.float32),
        "mirror": twins.astype(np.int16),
        "triangles": _triangles().astype(np.int16),
        "names": np.array([_arkit(name) for name in names]),
        "shapes": np.stack(shapes).astype(np.float16),
    }


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Derive the table of facial expressions.")
    parser.add_argument("model", type=Path, help="ict_expressions.npz")
    parser.add_argument("bundle", type=Path, help="face_landmarker.task")
    target = resources.folder("resources") / "face" / "expressions.npz"
    parser.add_argument("--out", type=Path, default=target)
    wanted = parser.parse_args()
    with FaceDetector(wanted.bundle) as detector:
        arrays = table(IctFace(wanted.model), detector)
    np.savez_compressed(wanted.out, allow_pickle=False, **arrays)


def _bound(
    points: NDArray[np.float64], vertices: NDArray[np.float64], triangles: NDArray[np.int64]
) -> Binding:
    """The seen places of a surface nearest to points on screen."""
    raster = seen_surface(vertices, triangles)
    rows, columns = np.nonzero(raster.covered)
    place = np.stack([columns + 0.5, rows + 0.5], 1)
    nearest = np.array([np.square(place - point).sum(1).argmin() for point in points])
    at = rows[nearest], columns[nearest]
    corners = triangles[raster.triangle[at]]
    # Sub-pixel, except for points that lie beside the surface.
    inside = np.abs(points - place[nearest]).max(1, keepdims=True) <= 0.5
    exact = barycentric(on_screen(vertices)[corners], points)
    return Binding(corners, np.where(inside, exact, raster.corners[at]))


def _triangles() -> NDArray[np.int64]:
    """(852, 3) triangles; MediaPipe lists each as three connections in a row."""
    from mediapipe.tasks.python.vision.face_landmarker import FaceLandmarksConnections

    edges = FaceLandmarksConnections.FACE_LANDMARKS_TESSELATION
    return np.array([edge.start for edge in edges]).reshape(-1, 3)


def _twin(name: str) -> str:
    side = {"_L": "_R", "_R": "_L"}.get(name[-2:])
    if side:
        return name[:-2] + side
    return {"jawLeft": "jawRight", "jawRight": "jawLeft"}.get(
        name, {"mouthLeft": "mouthRight", "mouthRight": "mouthLeft"}.get(name, name)
    )


def _arkit(name: str) -> str:
    return {"_L": name[:-2] + "Left", "_R": name[:-2] + "Right"}.get(name[-2:], name)


if __name__ == "__main__":
    main()
