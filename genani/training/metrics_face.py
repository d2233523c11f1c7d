"""Measures on faces, from MediaPipe's landmarks and blendshapes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from genani.face.reading import read
from genani.scene.face import Landmarks
from genani.training.metrics import Mask, opencv

_RIGHT_EYE_CORNER, _LEFT_EYE_CORNER = 33, 263


def landmark_error(result: Landmarks, truth: Landmarks) -> float | None:
    """Mean distance of the 478 points on the canvas, in percent of the eyes' distance.

    That distance is between the outer corners of the truth's eyes, the "inter-ocular" scale of
    C. Sagonas et al., "300 Faces in-the-Wild Challenge", ICCVW 2013. None where it is nothing.
    """
    drawn, true = _flat(result), _flat(truth)
    eyes = float(np.linalg.norm(true[_RIGHT_EYE_CORNER] - true[_LEFT_EYE_CORNER]))
    return 100 * float(np.linalg.norm(drawn - true, axis=1).mean()) / eyes if eyes else None


def blendshape_error(result: Mapping[str, float], truth: Mapping[str, float]) -> float:
    """Mean difference of MediaPipe's 52 blendshapes, in percent of their range."""
    apart = [abs(result.get(name, 0.0) - value) for name, value in truth.items()]
    return 100 * sum(apart) / len(apart)


def same_emotion(result: Mapping[str, float], truth: Mapping[str, float]) -> bool:
    """True if the likeliest emotion that both sets of blendshapes show is the same."""
    return read(result)[0].emotion is read(truth)[0].emotion


def face_region(landmarks: Landmarks, size: tuple[int, int]) -> Mask:
    """The inside of the face: (H, W) bool, the convex hull of its points.

    Args:
        landmarks: the face.
        size: (width, height) of the picture.
    """
    cv2 = opencv()
    hull = cv2.convexHull(np.rint(_flat(landmarks)).astype(np.int32))
    mask = np.zeros((size[1], size[0]), np.uint8)
    return cv2.fillConvexPoly(mask, hull, 1).astype(bool)


def _flat(landmarks: Landmarks) -> NDArray[np.float64]:
    return np.asarray(landmarks.points, np.float64)[:, :2]
