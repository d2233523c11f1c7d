"""A pinned picture painted onto the canvas along its map, premultiplied, without fringes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genani.face.attach_map import Hold
from genani.face.mesh import FloatArray
from genani.scene.picture import Picture

_CELL = 8
"""Canvas pixels from one node to the next, between which the map is a straight line."""

_NODES = 24
"""Places along each side of the picture by which its part of the canvas is found."""

_ROUNDS = 12
_SMALLER = 0.8
"""Scale below which the picture is averaged down first: a filter of fixed reach misses lines."""

_MARGIN = 5
"""Transparent pixels around the picture, so that its border is as soft as any other edge."""


@dataclass(frozen=True)
class _Part:
    """A part of the canvas: whole pixels."""

    left: int
    top: int
    right: int
    bottom: int


def painted(picture: Picture, hold: Hold, size: tuple[int, int]) -> Picture:
    """The picture where it lies, all else transparent.

    Where it is not scaled and lies on whole pixels, its own pixels come through bit for bit.

    Args:
        picture: of any size.
        hold: the map.
        size: (width, height) of the canvas.

    Returns:
        A picture of that size, of the same depth and profile.
    """
    blank = np.zeros((size[1], size[0], 4), picture.pixels.dtype)
    inked = _inked(picture)
    if inked is None or not hold.shows:
        return Picture(blank, picture.icc)
    x, y = (
        np.linspace(low - 1, high + 1, _NODES)
        for low, high in ((inked.left, inked.right), (inked.top, inked.bottom))
    )
    places = np.stack(np.meshgrid(x, y), 2).reshape(-1, 2)
    lying = hold(places)
    part = _around(lying, size)
    if part is None:
        return Picture(blank, picture.icc)
    slope = hold.slope(places).mean(0)
    scale = np.minimum(np.linalg.norm(slope, axis=0), 1.0)
    came_from = _came_from(hold, part, places, lying)
    blank[part.top : part.bottom, part.left : part.right] = _straight(
        _read(_premultiplied(picture, inked), came_from - (inked.left, inked.top), scale),
        picture.white,
    )
    return Picture(blank, picture.icc)


def _inked(picture: Picture) -> _Part | None:
    """The part of a picture that is not transparent; None if there is none."""
    there = picture.pixels[..., 3] > 0
    rows, columns = np.flatnonzero(there.any(1)), np.flatnonzero(there.any(0))
    if not len(rows):
        return None
    return _Part(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _around(lying: FloatArray, size: tuple[int, int]) -> _Part | None:
    """The part of the canvas that places lie in, and a little more; None if it is off it."""
    left, top = np.floor(lying.min(0)).astype(int).tolist()
    right, bottom = np.ceil(lying.max(0)).astype(int).tolist()
    part = _Part(
        max(left - 3, 0), max(top - 3, 0), min(right + 3, size[0]), min(bottom + 3, size[1])
    )
    return part if part.left < part.right and part.top < part.bottom else None


def _came_from(hold: Hold, part: _Part, places: FloatArray, lying: FloatArray) -> FloatArray:
    """(h, w, 2) which place of the picture lies on the middle of each pixel of a part.

    The map is undone at nodes by Newton's method, from the affine map nearest to it.
    """
    columns, rows = (
        np.linspace(low + 0.5, high - 0.5, max(-(-(high - low) // _CELL), 1) + 1)
        for low, high in ((part.left, part.right), (part.top, part.bottom))
    )
    nodes = np.stack(np.meshgrid(columns, rows), 2).reshape(-1, 2)
    back, *_ = np.linalg.lstsq(_with_one(lying), places, rcond=None)
    found = _with_one(nodes) @ back
    least, most = places.min(0), places.max(0)
    room = (most - least) / 2 + _MARGIN
    for _ in range(_ROUNDS):
        off = hold(found) - nodes
        if np.abs(off).max() < 1e-6:
            break
        step = np.linalg.solve(_safe(hold.slope(found)), off[..., None])[..., 0]
        found = np.clip(found - step, least - room, most + room)
    grid = found.reshape(len(rows), len(columns), 2)
    x = np.arange(part.left, part.right, dtype=np.float64) + 0.5
    y = np.arange(part.top, part.bottom, dtype=np.float64) + 0.5
    return _along(_along(grid, rows, y).swapaxes(0, 1), columns, x).swapaxes(0, 1)


def _with_one(places: FloatArray) -> FloatArray:
    return np.concatenate([places, np.ones((len(places), 1))], 1)


def _safe(slopes: FloatArray) -> FloatArray:
    """Slopes that can be solved by: where one is pressed flat, no step is taken."""
    flat = np.abs(np.linalg.det(slopes)) < 1e-4
    return np.where(flat[:, None, None], 1e6 * np.eye(2), slopes)


def _along(grid: FloatArray, nodes: FloatArray, at: FloatArray) -> FloatArray:
    """Rows of a grid, between its nodes."""
    if len(nodes) == 1 or nodes[-1] == nodes[0]:
        return np.repeat(grid[:1], len(at), axis=0)
    place = (at - nodes[0]) / (nodes[-1] - nodes[0]) * (len(nodes) - 1)
    low = np.clip(place.astype(np.int64), 0, len(nodes) - 2)
    share = (place - low)[:, None, None]
    return grid[low] * (1 - share) + grid[low + 1] * share


def _premultiplied(picture: Picture, part: _Part) -> NDArray[np.float32]:
    """(h, w, 4) a part of a picture, 0 to 1."""
    pixels = picture.pixels[part.top : part.bottom, part.left : part.right].astype(np.float32)
    pixels /= np.float32(picture.white)
    pixels[..., :3] *= pixels[..., 3:]
    return pixels


def _read(
    pixels: NDArray[np.float32], places: FloatArray, scale: FloatArray
) -> NDArray[np.float32]:
    """Premultiplied pixels at places (h, w, 2), in pixels from their top left corner.

    Lanczos, so that lines stay sharp, kept within the values around each place, so that flat
    colours get no fringes; averaged down before where the picture is worn smaller.

    Args:
        scale: (2,) canvas pixels a pixel of the picture across and down, at most 1.
    """
    import cv2

    height, width = pixels.shape[:2]
    shrunk = [
        max(round(side * share), 1) if share < _SMALLER else side
        for side, share in zip((width, height), scale.tolist(), strict=True)
    ]
    if shrunk != [width, height]:
        # A clear rim, so that what is averaged at the border is what lies there.
        pixels = np.asarray(cv2.resize(pixels, shrunk, interpolation=cv2.INTER_AREA), np.float32)
    rim = cv2.copyMakeBorder(
        pixels, _MARGIN, _MARGIN, _MARGIN, _MARGIN, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)
    )
    x = (places[..., 0] * (shrunk[0] / width) + (_MARGIN - 0.5)).astype(np.float32)
    y = (places[..., 1] * (shrunk[1] / height) + (_MARGIN - 0.5)).astype(np.float32)
    square = np.ones((3, 3), np.uint8)
    low, high = (
        cv2.remap(each, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT)
        for each in (cv2.erode(rim, square), cv2.dilate(rim, square))
    )
    sharp = cv2.remap(rim, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_CONSTANT)
    return np.clip(np.asarray(sharp, np.float32), low, high)


def _straight(pixels: NDArray[np.float32], white: int) -> NDArray[np.unsignedinteger]:
    """Premultiplied floats as straight pixels; what is transparent has no colour."""
    alpha = np.rint(np.clip(pixels[..., 3:], 0, 1) * white)
    colour = np.zeros_like(pixels[..., :3])
    np.divide(pixels[..., :3], pixels[..., 3:], out=colour, where=alpha > 0)
    flat = np.concatenate([np.rint(np.clip(colour, 0, 1) * white), alpha], 2)
    return flat.astype(np.uint16 if white > 255 else np.uint8)
