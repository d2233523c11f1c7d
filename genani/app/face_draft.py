"""Working out what a changed face would look like: its path, and a coarse frame; on any thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from genani.app.face_here import path_meeting
from genani.app.images import SHOWN, to_image
from genani.app.services import Box, FaceServices
from genani.app.sources import Source
from genani.scene.face import FaceGuidance, Landmarks
from genani.scene.picture import Picture

AREA = 1 << 20
"""Pixels of a draft at most: it has to be there while the pointer moves."""

SIDE, FINE_SIDE = 320, 800
"""Pixels of the longer side of what moves: while the pointer moves, and once it rests."""

_ROOM = 3.0
"""What moves with a face, in sizes of the face."""

Path = tuple[Landmarks, ...]
"""The face on a key, on in-betweens, and on the next key."""


@dataclass(frozen=True)
class Leg:
    """One span of a path: the faces on its keys, and what is asked at each time between."""

    ends: tuple[Landmarks, Landmarks]
    stops: tuple[tuple[Fraction, FaceGuidance], ...]


@dataclass(frozen=True)
class Base:
    """The frame that a draft is made from.

    Attributes:
        layers: what is shown, the first at the back, with its opacity.
        active: which of them bears the face.
        face: as it is on that one.
        size: of the canvas.
    """

    layers: tuple[tuple[Source, float], ...]
    active: int
    face: Landmarks
    size: tuple[int, int]


@dataclass(frozen=True)
class Wish:
    """What is to be worked out.

    Attributes:
        legs: of the path.
        met: a time, what is asked then, and the face that the path is to meet there.
        base: what to draft from, or None for no draft.
        face: as it would be on the draft.
        fine: draft it as finely as may be.
    """

    legs: tuple[Leg, ...] = ()
    met: tuple[Fraction, FaceGuidance, Landmarks] | None = None
    base: Base | None = None
    face: Landmarks | None = None
    fine: bool = False


class Drafting:
    """Works wishes out; remembers the layers of the last draft. For one thread.

    Args:
        faces: where faces are.
        pixels: of what a layer shows; None where they are lost.
    """

    def __init__(self, faces: FaceServices, pixels: Callable[[Source], Picture | None]) -> None:
        self._faces = faces
        self._pixels = pixels
        self._base: Base | None = None
        self._layers: list[QImage] = []
        self._small: dict[bool, NDArray[np.uint8]] = {}

    def work(self, wish: Wish) -> tuple[tuple[Path, ...], QImage | None]:
        """The paths, and the draft if one is wanted.

        Raises:
            GenAniError: a picture is missing.
        """
        draft = self._draft(wish.base, wish.face, wish.fine) if wish.base and wish.face else None
        return tuple(self._path(leg, wish.met) for leg in wish.legs), draft

    def _path(self, leg: Leg, met: tuple[Fraction, FaceGuidance, Landmarks] | None) -> Path:
        planned, stops = self._faces.planned, leg.stops
        if met:
            t, asked, face = met
            breakdowns = path_meeting(planned, leg.ends, asked, t, face)
            stops = tuple((at, replace(each, breakdowns=breakdowns)) for at, each in stops)
        between = (planned(*leg.ends, each, at) for at, each in stops)
        return leg.ends[0], *between, leg.ends[1]

    def _draft(self, base: Base, face: Landmarks, fine: bool) -> QImage | None:
        if base != self._base:
            self._prepare(base)
        if fine not in self._small:
            return None
        small = self._small[fine]
        moved = self._faces.draft(small, base.face, face, small.shape[1] / base.size[0])
        layers = list(self._layers)
        if moved is not None:
            under = layers[base.active]
            layers[base.active] = _patched(under, *moved, under.width() / small.shape[1])
        return _composed(layers, [opacity for _, opacity in base.layers])

    def _prepare(self, base: Base) -> None:
        self._base, self._layers, self._small = base, [], {}
        pictures = [self._pixels(source) for source, _ in base.layers]
        there = [picture for picture in pictures if picture is not None]
        if len(there) < len(pictures):
            return
        width, height = base.size
        scale = min(1.0, (AREA / (width * height)) ** 0.5)
        self._layers = [_scaled(to_image(each), base.size, scale) for each in there]
        x, y = zip(*(point[:2] for point in base.face.points), strict=True)
        face = max(max(x) - min(x), max(y) - min(y), 1.0)
        active = self._layers[base.active]
        size = (active.width(), active.height())
        for fine, side in ((False, SIDE), (True, FINE_SIDE)):
            small = _scaled(active, size, min(1.0, side / (_ROOM * face * scale)))
            lines = np.frombuffer(small.constBits(), np.uint8)
            self._small[fine] = lines.reshape(small.height(), small.width(), 4).copy()


def _scaled(image: QImage, size: tuple[int, int], scale: float) -> QImage:
    """A canvas of that size with the image at its top left, scaled down."""
    canvas = QImage(max(round(size[0] * scale), 1), max(round(size[1] * scale), 1), SHOWN)
    canvas.fill(Qt.GlobalColor.transparent)
    width, height = round(image.width() * scale), round(image.height() * scale)
    smooth = Qt.TransformationMode.SmoothTransformation
    fit = Qt.AspectRatioMode.IgnoreAspectRatio
    painter = QPainter(canvas)
    painter.drawImage(0, 0, image.scaled(max(width, 1), max(height, 1), fit, smooth))
    painter.end()
    return canvas


def _patched(under: QImage, box: Box, pixels: NDArray[np.uint8], scale: float) -> QImage:
    """An image with other pixels in a box, which is given at a smaller scale."""
    height, width = pixels.shape[:2]
    patch = QImage(np.ascontiguousarray(pixels).data, width, height, 4 * width, SHOWN)
    left, top, right, bottom = (side * scale for side in box)
    made = under.copy()
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.drawImage(QRectF(left, top, right - left, bottom - top), patch)
    painter.end()
    return made


def _composed(layers: Sequence[QImage], opacities: Sequence[float]) -> QImage:
    if len(layers) == 1 and opacities[0] == 1:
        return layers[0]
    canvas = QImage(layers[0].size(), SHOWN)
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    for layer, opacity in zip(layers, opacities, strict=True):
        painter.setOpacity(opacity)
        painter.drawImage(0, 0, layer)
    painter.end()
    return canvas
