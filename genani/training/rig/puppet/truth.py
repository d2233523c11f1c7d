"""What is known of every pixel of a frame: its part, and where it lies on another frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from genani.training.rig.puppet import features as f
from genani.training.rig.puppet import sheets as s
from genani.training.rig.puppet.brush import FloatArray
from genani.training.rig.puppet.frame import Frame
from genani.training.rig.puppet.maps import Raster, forward

PARTS = {"none": 0, "skin": 1, "brows": 2, "eyes": 3, "mouth": 4, "nose": 5, "hair": 6, "body": 7}
"""Numbers of `Sample.parts`; 8 is all else."""

_TORN = 0.6
"""Pixels by which neighbours go apart where a pixel of both can show nowhere else."""


def _numbers() -> NDArray[np.uint8]:
    table = np.zeros(64, np.uint8)
    table[[s.BACK, s.FRONT]] = PARTS["hair"]
    table[s.BODY], table[s.SKIN] = PARTS["body"], PARTS["skin"]
    table[[s.GLASSES, s.HAT]] = 8
    for first in (f.WHITE, f.BALL, f.LASH, f.LOWER, f.CREASE, f.GLINT, f.GLINT_LOW):
        table[[first, first + 1]] = PARTS["eyes"]
    table[[f.BROW, f.BROW + 1]] = PARTS["brows"]
    table[f.INSIDE : f.EDGE_LOW + 1] = PARTS["mouth"]
    return table


_PART = _numbers()
_NOSE = (8, 195, 45, 48, 64, 98, 97, 2, 326, 327, 294, 278, 275)


def parts(frame: Frame) -> NDArray[np.uint8]:
    """(size, size) the part that each pixel belongs to, as `Sample.parts` numbers them."""
    found = _PART[frame.top]
    nose = np.zeros_like(found)
    hull = cv2.convexHull(frame.points[list(_NOSE)].astype(np.float32))
    cv2.fillPoly(nose, [hull.astype(np.int32)], 1)
    found[(nose > 0) & (found == PARTS["skin"])] = PARTS["nose"]
    return found


def flow(frame: Frame, key: Frame, raster: Raster) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where each pixel of a frame lies on a key, and whether it shows there.

    Args:
        frame, key: of one person, one size.
        raster: of that size.

    Returns:
        (size, size, 2) float32, the place on the key minus the place on the frame, pixels; and
        (size, size) bool.
    """
    moved = np.zeros((raster.size, raster.size, 2), np.float32)
    known = np.zeros(frame.top.shape, bool)
    names = [int(name) for name in np.unique(frame.top)]
    shown = {layer for layer in names if layer in frame.back}
    if any(name > s.HAT for name in names):
        shown.add(s.SKIN)
    layers = sorted(shown)
    if layers:
        back = np.stack([frame.back[layer] for layer in layers])
        there, _, _ = forward(np.stack([key.grids[layer] for layer in layers]), back)
        for layer, places in zip(layers, there, strict=True):
            wide = raster.full(places - raster.places)
            mask = frame.top == layer
            if layer == s.SKIN:
                mask |= frame.top > s.HAT
            moved[mask] = wide[mask]
            known |= frame.top == layer
    for name in names:
        if name in frame.bands and name in key.bands:
            at = np.argwhere(frame.top == name)[:, ::-1]
            moved[at[:, 1], at[:, 0]] = _along(at, frame.bands[name], key.bands[name]) - at
            known[at[:, 1], at[:, 0]] = True
    return moved, known & _shows(frame, key, moved)


def _along(
    pixels: NDArray[np.int64],
    here: tuple[FloatArray, FloatArray],
    there: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """(n, 2) where pixels of a band lie on the same band elsewhere."""
    one, other = here
    middle = (one + other) / 2
    axis = middle[-1] - middle[0]
    axis = axis / max(float(np.hypot(*axis)), 1e-9)
    run = np.maximum.accumulate((middle - middle[0]) @ axis)
    run = run + np.arange(len(run)) * 1e-6
    s = np.interp((pixels - middle[0]) @ axis, run, np.arange(len(run), dtype=float))
    for _ in range(2):
        start, way = _at(one, s), _at(other, s) - _at(one, s)
        v = ((pixels - start) * way).sum(1) / np.maximum(np.square(way).sum(1), 1e-6)
        v = np.clip(v, -0.5, 1.5)
        off = pixels - start - v[:, None] * way
        pace = np.maximum(np.gradient(run), 1e-3)
        s = np.clip(s + (off @ axis) / np.interp(s, np.arange(len(run)), pace), 0, len(run) - 1)
    start, way = _at(one, s), _at(other, s) - _at(one, s)
    v = np.clip(
        ((pixels - start) * way).sum(1) / np.maximum(np.square(way).sum(1), 1e-6), -0.5, 1.5
    )
    off = pixels - start - v[:, None] * way
    first, across = _at(there[0], s), _at(there[1], s) - _at(there[0], s)
    return first + v[:, None] * across + off


def _at(curve: FloatArray, s: FloatArray) -> FloatArray:
    low = np.clip(s.astype(int), 0, len(curve) - 2)
    return curve[low] + (s - low)[:, None] * (curve[low + 1] - curve[low])


def _shows(frame: Frame, key: Frame, moved: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether what shows at each pixel also shows where the flow leads on the key."""
    size = len(frame.top)
    y, x = np.mgrid[:size, :size].astype(np.float32)
    to_x, to_y = x + moved[..., 0], y + moved[..., 1]
    inside = (to_x >= 0) & (to_y >= 0) & (to_x <= size - 1) & (to_y <= size - 1)
    at_x = np.clip(np.rint(to_x), 0, size - 1).astype(np.int32)
    at_y = np.clip(np.rint(to_y), 0, size - 1).astype(np.int32)
    same = key.top[at_y, at_x] == frame.top
    # Sheets have soft rims some pixels wide; bands are drawn sharp.
    rims = _torn(frame.top, key.top, at_y, at_x, moved, 3)
    rims |= _torn(_plain(frame.top), _plain(key.top), at_y, at_x, moved, 5)
    return inside & same & ~rims


def _plain(top: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The sheets alone: bands of eyes, brows and mouth belong to the skin."""
    return np.where(top > s.HAT, s.SKIN, top).astype(np.uint8)


def _torn(
    top: NDArray[np.uint8],
    key: NDArray[np.uint8],
    at_y: NDArray[np.int32],
    at_x: NDArray[np.int32],
    moved: NDArray[np.float32],
    width: int,
) -> NDArray[np.bool_]:
    """Where a pixel is mixed with something that goes another way than it does itself."""
    here, there = _edges(top, width), _edges(key, width)[at_y, at_x]
    square = np.ones((width, width), np.uint8)
    apart = (cv2.dilate(moved, square) - cv2.erode(moved, square)).max(-1) > _TORN
    return ((here | there) & apart) | (there & ~_edges(top, width + 2))


def _edges(top: NDArray[np.uint8], width: int) -> NDArray[np.bool_]:
    """Where something else shows within so many pixels."""
    square = np.ones((width, width), np.uint8)
    return cv2.dilate(top, square) != cv2.erode(top, square)
