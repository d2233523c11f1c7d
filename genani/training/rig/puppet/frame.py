"""One frame of a puppet: its layers, moved and laid over each other."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genani.training.rig.puppet.acting import Moment
from genani.training.rig.puppet.brush import EXTENT, LEFT, TOP, FloatArray, lay_over
from genani.training.rig.puppet.features import Canvas, draw
from genani.training.rig.puppet.maps import Raster
from genani.training.rig.puppet.pose import expressed, grids, on_frame
from genani.training.rig.puppet.sheets import BODY, GROUND, LAYERS, SKIN, Sheets

_FINE = 1 << 18
"""Places are rounded to this share of a face unit, so that no machine's sums show."""

SOLID = 127
"""Coverage over which a layer counts as what shows."""


@dataclass(frozen=True)
class Frame:
    """A drawn frame and how it came about.

    Attributes:
        rgba: (size, size, 4) uint8, straight.
        points: (478, 2) landmarks, pixels.
        top: (size, size) uint8, which layer or band shows; 0 is none.
        grids: nodes of each layer on the frame.
        back: (count * count, 2) of each layer, the sheet's places at the coarse raster.
        bands: both edges of each band.
    """

    rgba: NDArray[np.uint8]
    points: FloatArray
    top: NDArray[np.uint8]
    grids: dict[int, FloatArray]
    back: dict[int, FloatArray]
    bands: dict[int, tuple[FloatArray, FloatArray]]


def frame(painted: Sheets, moment: Moment, raster: Raster) -> Frame:
    """Draw a moment on a square frame.

    Args:
        painted: the person.
        moment: what is done.
        raster: of the frame's size.
    """
    size = raster.size
    shaped = expressed(painted.head, moment)
    points = on_frame(painted.head, moment, shaped)
    placed = grids(painted, moment, shaped, size)
    order = [layer for layer in LAYERS if layer in placed]
    bent = [layer for layer in order if layer not in (GROUND, BODY)]
    found = raster.inverse(np.stack([placed[layer] for layer in bent]))
    back = dict(zip(bent, found, strict=True))
    back |= {layer: raster.straight(placed[layer]) for layer in order if layer not in bent}
    back = {layer: np.round(places * _FINE) / _FINE for layer, places in back.items()}
    canvas = Canvas(np.zeros((size, size, 4), np.uint8), np.zeros((size, size), np.uint8))
    for layer in order:
        laid = _warped(painted.layers[layer], back[layer], raster)
        lay_over(canvas.pixels, laid)
        alpha = np.asarray(cv2.extractChannel(laid, 3), np.uint8)
        canvas.top[alpha > SOLID] = layer
        if layer == SKIN:
            canvas.skin = alpha
            draw(canvas, painted, moment, points)
    rgba = canvas.pixels if GROUND in placed else straight(canvas.pixels)
    if GROUND in placed:
        rgba[..., 3] = 255
    return Frame(rgba, points, canvas.top, placed, back, canvas.bands)


def _warped(pixels: NDArray[np.uint8], back: FloatArray, raster: Raster) -> NDArray[np.uint8]:
    unit = len(pixels) / EXTENT
    places = raster.full((back - (LEFT, TOP)) * unit - 0.5)
    across, down = cv2.split(places)
    return np.asarray(cv2.remap(pixels, across, down, cv2.INTER_LINEAR), np.uint8)


def straight(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Premultiplied pixels to straight ones."""
    alpha = cv2.extractChannel(pixels, 3)
    colours = cv2.divide(pixels, cv2.merge([alpha] * 4), scale=255)
    return np.asarray(cv2.merge([*cv2.split(colours)[:3], alpha]), np.uint8)
