"""Backgrounds out of nothing: flat, gradients, stripes, dots, blocks and brushed clouds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genani.training.sources.dice import Dice
from genani.training.sources.sampling import F32, U8, centres, looked_up


def ground(dice: Dice, size: int) -> U8:
    """(size, size, 4) an opaque picture, thrown from dice."""
    kind = dice.one_of(("flat", "gradient", "stripes", "dots", "blocks", "clouds", "clouds"))
    first, second = _colour(dice), _colour(dice)
    share = {
        "flat": lambda: np.zeros((size, size), np.float32),
        "gradient": lambda: _gradient(dice, size),
        "stripes": lambda: _stripes(dice, size),
        "dots": lambda: _dots(dice, size),
        "blocks": lambda: np.zeros((size, size), np.float32),
        "clouds": lambda: clouds(dice, size),
    }[kind]()
    colour = first + share[..., None] * (second - first)
    picture = np.full((size, size, 4), 255, np.uint8)
    picture[..., :3] = np.floor(colour + np.float32(0.5))
    if kind == "blocks":
        _add_blocks(dice, picture)
    return picture


def clouds(dice: Dice, size: int) -> F32:
    """(size, size) 0 to 1, soft patches of several sizes."""
    total, weight, sum_of = np.zeros((size, size), np.int32), 8, 0
    x, y = centres(size)
    for cells in (dice.whole(2, 4), dice.whole(5, 9), dice.whole(12, 24)):
        coarse = np.random.Generator(np.random.PCG64(dice.seed())).integers(
            0, 256, (cells, cells, 1)
        )
        step = np.float32(cells / size)
        total += weight * looked_up(coarse.astype(np.uint8), x * step, y * step)[..., 0]
        sum_of += weight
        weight //= 2
    return total.astype(np.float32) / np.float32(255 * sum_of)


def _colour(dice: Dice) -> F32:
    return np.array([dice.whole(0, 255) for _ in range(3)], np.float32)


def _along(dice: Dice, size: int) -> F32:
    """(size, size) how far each pixel lies along some way, -1 to 1 on the canvas and beyond."""
    x, y = centres(size)
    across, down = np.float32(dice.between(-1, 1)), np.float32(dice.between(-1, 1))
    half = np.float32(size / 2)
    return ((x - half) * across + (y - half) * down) / half


def _gradient(dice: Dice, size: int) -> F32:
    return np.clip((_along(dice, size) + 1) / 2, 0, 1)


def _stripes(dice: Dice, size: int) -> F32:
    way = _along(dice, size) * np.float32(dice.between(2, 9))
    soft = np.float32(dice.between(4, 20))
    return np.clip(
        (np.abs((way - np.floor(way)) * 2 - 1) - np.float32(0.5)) * soft + np.float32(0.5), 0, 1
    )


def _dots(dice: Dice, size: int) -> F32:
    x, y = centres(size)
    step = np.float32(size / dice.between(5, 16))
    u, v = x / step, y / step
    u, v = u - np.floor(u) - np.float32(0.5), v - np.floor(v) - np.float32(0.5)
    radius = np.float32(dice.between(0.15, 0.42))
    return np.clip((radius * radius - u * u - v * v) * step * 2, 0, 1)


def _add_blocks(dice: Dice, picture: NDArray[np.uint8]) -> None:
    """Furniture and windows: boxes of one colour, some with an outline."""
    size = len(picture)
    for _ in range(dice.whole(3, 12)):
        x, y = dice.whole(-size // 4, size), dice.whole(-size // 4, size)
        wide, tall = dice.whole(size // 16, size // 2), dice.whole(size // 16, size // 2)
        rows, columns = slice(max(y, 0), max(y + tall, 0)), slice(max(x, 0), max(x + wide, 0))
        if dice.chance(0.4):
            edge = (
                slice(max(y - 2, 0), max(y + tall + 2, 0)),
                slice(max(x - 2, 0), max(x + wide + 2, 0)),
            )
            picture[edge] = (24, 22, 26, 255)
        picture[rows, columns, :3] = [dice.whole(0, 255) for _ in range(3)]
