"""A detector whose nets are simple rules, so that what is built on them can be tested anywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genani.face import upright
from genani.face.detect import FaceDetector, RgbArray
from genani.face.detect_process import Answer, Kind, RawBox, RawFace
from genani.face.mesh import FloatArray
from genani.face.pose import fitted
from genani.scene.picture import Picture

EYES = (468, 473)


def sheet(*faces: tuple[float, float, float], size: tuple[int, int] = (400, 300)) -> Picture:
    """White paper with faces, each a dot for either eye.

    Args:
        faces: x and y midway between the eyes, and how far these are apart.
        size: width and height.
    """
    rows, columns = np.mgrid[: size[1], : size[0]] + 0.5
    pixels = np.full((size[1], size[0], 4), 255, np.uint8)
    for x, y, apart in faces:
        for side in (-0.5, 0.5):
            away = np.hypot(columns - x - side * apart, rows - y)
            pixels[away < 0.16 * apart, :3] = 0
    return Picture(pixels)


def face_points(x: float, y: float, apart: float) -> FloatArray:
    """(478, 3) the landmarks of the face of `sheet` there."""
    seed = upright.seed().points
    places = np.array([[x - apart / 2, y], [x + apart / 2, y]])
    pose = fitted(seed[list(EYES), :2], places, np.ones(2))
    return np.column_stack([pose(seed[:, :2]), pose.scale * seed[:, 2]])


def box(x: float, y: float, apart: float, score: float) -> RawBox:
    """A box of MediaPipe's around that face."""
    points = face_points(x, y, apart)
    (left, top), (right, bottom) = points[:, :2].min(0).tolist(), points[:, :2].max(0).tolist()
    marks = [*points[[468, 473, 1], :2].tolist(), points[[13, 14], :2].mean(0).tolist()]
    return RawBox((left, top, right, bottom), score, [tuple(mark) for mark in marks])


class Staged(FaceDetector):
    """Follows two dots as the eyes of a face; a single one is taken for a face's right eye.

    Args:
        sure: points of faces that it finds by itself.
        boxes: that it thinks likely.
        drawn: that the cascade thinks likely.
        faces: how many at most.
    """

    def __init__(
        self,
        sure: Sequence[FloatArray] = (),
        boxes: Sequence[RawBox] = (),
        drawn: Sequence[RawBox] = (),
        faces: int = 1,
    ) -> None:
        self._faces, self._confidence = faces, 0.5
        self._sure, self._boxes, self._drawn = sure, list(boxes), list(drawn)
        self.followed = 0

    def _asked(self, kind: Kind, pixels: RgbArray) -> Answer:
        height, width = pixels.shape[:2]
        if kind is Kind.FACES:
            sides = np.array([width, height, width])
            return Answer([_raw(points / sides) for points in self._sure])
        if kind is Kind.BOXES:
            return Answer(boxes=self._boxes, drawn=self._drawn)
        self.followed += 1
        return Answer(_seen(pixels))


def _seen(square: RgbArray) -> list[RawFace]:
    rows, columns = np.nonzero(square[..., 0] < 128)
    if not 0 < len(rows) < 0.1 * square[..., 0].size:
        return []
    seed = upright.seed().points
    left = columns <= (columns.min() + columns.max()) / 2
    eyes = np.array([[columns[side].mean(), rows[side].mean()] for side in (left, ~left)]) + 0.5
    if np.ptp(eyes[:, 0]) < 0.1 * upright.SIDE:
        eyes[1] = eyes[0] + (seed[473] - seed[468])[:2]
    pose = fitted(seed[list(EYES), :2], eyes, np.ones(2))
    points = np.column_stack([pose(seed[:, :2]), pose.scale * seed[:, 2]])
    return [_raw(points / upright.SIDE)]


def _raw(points: FloatArray) -> RawFace:
    shapes = {"jawOpen": 0.5, "eyeBlinkLeft": 0.2, "eyeBlinkRight": 0.6}
    head = np.eye(4)
    head[2, 3] = -40.0
    return RawFace([(x, y, z) for x, y, z in points.tolist()], shapes, head.tolist())
