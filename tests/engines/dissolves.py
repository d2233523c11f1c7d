"""Two keys with a face, mixed half and half: what an in-between is at its worst."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genani.scene.face import Landmarks
from genani.scene.picture import Picture

Key = tuple[Picture, Landmarks]


def dissolve(one: Key, two: Key) -> Picture:
    """Both keys, each half there."""
    mixed = (one[0].pixels.astype(np.uint16) + two[0].pixels) // 2
    return Picture(mixed.astype(np.uint8))


def off(one: Picture, two: Picture, where: NDArray[np.bool_]) -> float:
    """Mean difference of two pictures at some places, of 255."""
    return float(np.abs(one.pixels[where].astype(int) - two.pixels[where]).mean())


def photographed(*keys: Key) -> list[Key]:
    """The keys with the grain of a photo, the same on all."""
    height, width = keys[0][0].pixels.shape[:2]
    grain = np.random.default_rng(0).normal(0, 9, (height, width, 1))

    def grainy(picture: Picture) -> Picture:
        pixels = picture.pixels.copy()
        pixels[..., :3] = np.clip(pixels[..., :3] + grain, 0, 255)
        return Picture(pixels)

    return [(grainy(picture), face) for picture, face in keys]
