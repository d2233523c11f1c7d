"""Makes `resources/face/ict_points.npz`: `python -m genani.training.sources.derive_ict_points
ICT.npz BUNDLE.task`.

Where each of MediaPipe's 478 points lies on the ICT face: three vertices and their shares. The
points that MediaPipe finds on a drawing of the face (`genani.face.derive_table`) are averaged
with those of the other side and bound to the nearest place of the skin or the eyeballs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani import resources
from genani.face.derive_table import bind, mirror
from genani.face.detect import FaceDetector
from genani.face.ict_model import IctFace

# Lips apart, so that points of the upper lip do not land on the lower one.
_POSE = {"jawOpen": 0.4}
_FIRST_IRIS = 468
_NEAR = 24
"""Triangles tried, those whose middles are nearest."""

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


def table(face: IctFace, detector: FaceDetector) -> dict[str, NDArray]:
    """The arrays of the resource: `vertices` (478, 3) and their `shares`, and the model's `count`.

    Raises:
        EngineError: no face was found on the drawing.
    """
    vertices = face.vertices(_POSE)
    binding = bind(face, detector)
    shares = np.clip(binding.shares, 0, 1)
    shares /= shares.sum(1, keepdims=True)
    places = np.einsum("nk,nkc->nc", shares, vertices[binding.vertices])
    places = (places + places[mirror()] * (-1, 1, 1)) / 2
    corners, found = np.zeros((len(places), 3), np.int64), np.zeros((len(places), 3))
    for index, place in enumerate(places):
        triangles = face.eyeballs if index >= _FIRST_IRIS else face.skin
        corners[index], found[index] = _nearest(place, vertices, triangles)
    return {
        "vertices": corners.astype(np.int32),
        "shares": found.astype(np.float32),
        "count": np.array(len(vertices)),
    }


def _nearest(place: F64, vertices: F64, triangles: I64) -> tuple[I64, F64]:
    """The triangle nearest to a place, and the shares of its corners at the nearest point."""
    middles = vertices[triangles].mean(1)
    near = triangles[np.square(middles - place).sum(1).argsort()[:_NEAR]]
    a, b, c = (vertices[near[:, k]] for k in range(3))
    u, v, w = b - a, c - a, place - a
    uu, uv, vv = (np.einsum("nc,nc->n", *pair) for pair in ((u, u), (u, v), (v, v)))
    uw, vw = np.einsum("nc,nc->n", u, w), np.einsum("nc,nc->n", v, w)
    area = np.maximum(uu * vv - uv * uv, 1e-12)
    second, third = (vv * uw - uv * vw) / area, (uu * vw - uv * uw) / area
    shares = np.clip(np.stack([1 - second - third, second, third], 1), 0, 1)
    shares /= shares.sum(1, keepdims=True)
    away = np.square(np.einsum("nk,nkc->nc", shares, vertices[near]) - place).sum(1)
    best = int(away.argmin())
    return near[best], shares[best]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Bind the 478 points to the ICT face.")
    parser.add_argument("model", type=Path, help="ict_expressions.npz")
    parser.add_argument("bundle", type=Path, help="face_landmarker.task")
    target = resources.folder("resources") / "face" / "ict_points.npz"
    parser.add_argument("--out", type=Path, default=target)
    wanted = parser.parse_args()
    with FaceDetector(wanted.bundle) as detector:
        arrays = table(IctFace(wanted.model), detector)
    np.savez_compressed(wanted.out, allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
