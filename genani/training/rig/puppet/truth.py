"""What is known of every pixel of a frame: its part, and where it lies on another frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

_FINE = np.float32(256)
"""Flow is rounded to this share of a pixel, so that no machine's sums show."""

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


def flows(
    frame: Frame, keys: Sequence[Frame], raster: Raster
) -> list[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    """Where each pixel of a frame lies on keys, and whether it shows there.

    Args:
        frame, keys: of one person, one size.
        raster: of that size.

    Returns:
        For each key (size, size, 2) float32, the place on the key minus the place on the frame,
        pixels; and (size, size) bool.
    """
    names = [int(name) for name in np.flatnonzero(np.bincount(frame.top.ravel()))]
    layers = [name for name in sorted({*names, s.SKIN}) if name in frame.back]
    masks = {layer: frame.top == layer for layer in layers}
    if s.SKIN in masks:
        masks[s.SKIN] = masks[s.SKIN] | (frame.top > s.HAT)
    bands = [_Band.of(frame, name) for name in names if name in frame.bands]
    done = []
    for key in keys:
        moved = np.zeros((raster.size, raster.size, 2), np.float32)
        known = (frame.top > 0) & (frame.top <= s.HAT)
        back = np.stack([frame.back[layer] for layer in layers])
        there = forward(np.stack([key.grids[layer] for layer in layers]), back)
        for layer, places in zip(layers, there, strict=True):
            cv2.copyTo(raster.full(places - raster.places), masks[layer].view(np.uint8), moved)
        for band in bands:
            if band.name in key.bands:
                moved[band.y, band.x] = band.on(key) - band.at
                known[band.y, band.x] = True
        moved = np.round(moved * _FINE) / _FINE
        done.append((moved, known & _shows(frame, key, moved)))
    return done


@dataclass(frozen=True)
class _Band:
    """The pixels of one band: how far along and across they lie, and what is left over."""

    name: int
    x: NDArray[np.int64]
    y: NDArray[np.int64]
    s: FloatArray
    v: FloatArray
    off: FloatArray

    @property
    def at(self) -> NDArray[np.int64]:
        return np.stack([self.x, self.y], 1)

    @classmethod
    def of(cls, frame: Frame, name: int) -> _Band:
        one, other = frame.bands[name]
        left, top, wide, high = cv2.boundingRect((frame.top == name).view(np.uint8))
        y, x = np.nonzero(frame.top[top : top + high, left : left + wide] == name)
        x, y = x + left, y + top
        pixels = np.stack([x, y], 1).astype(np.float64)
        middle = (one + other) / 2
        axis = middle[-1] - middle[0]
        axis = axis / max(float(np.hypot(*axis)), 1e-9)
        count = np.arange(len(middle), dtype=float)
        run = np.maximum.accumulate((middle - middle[0]) @ axis) + count * 1e-6
        pace = np.maximum(np.gradient(run), 1e-3)
        s = np.interp((pixels - middle[0]) @ axis, run, count)
        v, off = _across(one, other, s, pixels)
        for _ in range(2):
            s = np.clip(s + (off @ axis) / np.interp(s, count, pace), 0, len(run) - 1)
            v, off = _across(one, other, s, pixels)
        return cls(name, x, y, s, v, off)

    def on(self, key: Frame) -> FloatArray:
        """(n, 2) where the pixels lie on a key."""
        one, other = key.bands[self.name]
        start = _at(one, self.s)
        return start + self.v[:, None] * (_at(other, self.s) - start) + self.off


def _across(
    one: FloatArray, other: FloatArray, s: FloatArray, pixels: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """How far from one edge to the other pixels lie, and what is left over."""
    start = _at(one, s)
    way, to = _at(other, s) - start, pixels - start
    v = np.clip((to * way).sum(1) / np.maximum(np.square(way).sum(1), 1e-6), -0.5, 1.5)
    return v, to - v[:, None] * way


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
    across, down = cv2.split(cv2.dilate(moved, square) - cv2.erode(moved, square))
    apart = cv2.max(across, down) > _TORN
    return ((here | there) & apart) | (there & ~_edges(top, width + 2))


def _edges(top: NDArray[np.uint8], width: int) -> NDArray[np.bool_]:
    """Where something else shows within so many pixels."""
    square = np.ones((width, width), np.uint8)
    return cv2.dilate(top, square) != cv2.erode(top, square)
