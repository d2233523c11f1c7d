"""Samples made more various: cut out of larger ones, mirrored, played backwards, coloured anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import canonical
from genani.training.sample import Sample
from genani.training.sources.dice import Dice, exact

U8 = NDArray[np.uint8]

_LARGEST = 1.4
_CUT_SHARE = 0.3


def drawn_size(dice: Dice, size: int) -> int:
    """How large to have a sample made that is then cut to `size`: as large, or up to 1.4 times."""
    if not dice.chance(_CUT_SHARE):
        return size
    return int(size * dice.between(1.05, _LARGEST)) // 2 * 2


def augmented(dice: Dice, sample: Sample, size: int) -> Sample:
    """A sample cut to `size` px, and perhaps mirrored, reversed and coloured otherwise.

    Args:
        dice: chance.
        sample: H and W of `size` px or more.
        size: px.
    """
    height, width = sample.between.shape[:2]
    row, column = dice.whole(0, height - size), dice.whole(0, width - size)
    if (height, width) != (size, size):
        sample = cut(sample, row, column, size)
    if dice.chance(0.5):
        sample = mirrored(sample)
    if dice.chance(0.4):
        sample = backwards(sample)
    if dice.chance(0.6):
        sample = coloured(dice, sample)
    return sample


def cut(sample: Sample, row: int, column: int, size: int) -> Sample:
    """A square of the canvas; what flows out of it is not seen in that key."""
    part = np.s_[row : row + size, column : column + size]
    flow = sample.flow[(slice(None), *part)]
    line = np.arange(size, dtype=np.float32) + np.float32(0.5)
    to_x, to_y = flow[..., 0] + line, flow[..., 1] + line[:, None]
    inside = (to_x >= 0) & (to_x < size) & (to_y >= 0) & (to_y < size)
    return replace(
        sample,
        first=sample.first[part],
        last=sample.last[part],
        between=sample.between[part],
        points=sample.points - np.array([column, row], np.float32),
        flow=flow,
        seen=sample.seen[(slice(None), *part)] & inside,
        parts=sample.parts[part],
    )


def mirrored(sample: Sample) -> Sample:
    """Left and right exchanged, landmarks with them."""
    width = np.float32(sample.between.shape[1])
    points = sample.points[:, canonical().mirror].copy()
    points[..., 0] = width - points[..., 0]
    flow = sample.flow[:, :, ::-1].copy()
    flow[..., 0] *= -1
    return replace(
        sample,
        first=sample.first[:, ::-1],
        last=sample.last[:, ::-1],
        between=sample.between[:, ::-1],
        points=points,
        flow=flow,
        seen=sample.seen[:, :, ::-1],
        parts=sample.parts[:, ::-1],
    )


def backwards(sample: Sample) -> Sample:
    """The keys exchanged."""
    return replace(
        sample,
        first=sample.last,
        last=sample.first,
        t=1 - sample.t,
        points=sample.points[::-1],
        flow=sample.flow[::-1],
        seen=sample.seen[::-1],
    )


def coloured(dice: Dice, sample: Sample) -> Sample:
    """All three pictures through the same curves, and perhaps with their primaries exchanged."""
    curves = np.stack([_curve(dice) for _ in range(3)])
    order = np.array(
        dice.one_of(((0, 1, 2), (0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0), (0, 2, 1)))
    )
    grey = dice.chance(0.08)

    def through(picture: U8) -> U8:
        rgb = picture[..., order]
        if grey:
            total = picture[..., :3].astype(np.int64) @ np.array([77, 150, 29])
            rgb = np.repeat((total >> 8)[..., None], 3, 2)
        result = picture.copy()
        for channel in range(3):
            result[..., channel] = curves[0 if grey else channel][rgb[..., channel]]
        return result

    return replace(
        sample,
        first=through(sample.first),
        last=through(sample.last),
        between=through(sample.between),
    )


def _curve(dice: Dice) -> U8:
    """(256,) a gamma, a gain and a lift."""
    gamma, gain, lift = 2 ** dice.around(0.25), 1 + dice.around(0.1), dice.around(0.04)
    table = [exact((value / 255) ** gamma) * gain + lift for value in range(256)]
    return np.clip(np.floor(np.array(table) * 255 + 0.5), 0, 255).astype(np.uint8)
