"""Moving digits: two handwritten digits that bounce about a square, to see that a model learns.

After Moving MNIST (N. Srivastava, E. Mansimov, R. Salakhutdinov, "Unsupervised Learning of Video
Representations using LSTMs", arXiv 1502.04681), made here from the digits that scikit-learn
carries (E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI, CC BY 4.0).
Ink is white and its alpha is how dark it was; the ground is empty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genani.scene.errors import ModelError
from genani.training.sources.dice import Dice
from genani.training.sources.strips import U8, Strip, even_times, thrown_times

CANVAS = 64
"""Pixels a side for which speeds and sizes are meant; others are scaled."""

_SIDE = 24
_SPEED = (1.5, 4.0)
"""Pixels from frame to frame."""

_HELD = 5
"""Every fifth writing of a digit is held back."""

_SALT = {"train": 0xD1, "test": 0xD2}


@dataclass(frozen=True)
class DigitSource:
    """Strips of bouncing digits; see `genani.training.sources.strips.StripSource`.

    Attributes:
        split: "test" has writings that "train" never shows, and films of its own.
        count: digits on the canvas.
        name: of the source.
    """

    split: Literal["train", "test"] = "train"
    count: int = 2
    name: str = "digits"

    def strip(self, seed: int, index: int, size: int, between: int) -> Strip:
        """Strip `index` of the stream `seed`, at even times in "test"; see `StripSource.strip`.

        Raises:
            ModelError: scikit-learn, which carries the digits, is not installed.
        """
        dice = Dice(seed, index, _SALT[self.split])
        learnt = self.split == "train"
        times = thrown_times(dice, between) if learnt else even_times(between)
        ink = np.zeros((between + 2, size, size), np.float32)
        for _ in range(self.count):
            sprite = self._writing(dice, max(4, round(_SIDE * size / CANVAS)))
            way = _way(dice, size, len(sprite), times * (between + 1))
            for frame, (x, y) in zip(ink, way, strict=True):
                _drop(frame, sprite, x, y)
        alpha = np.floor(ink * 255 + 0.5).astype(np.uint8)
        white = np.where(alpha > 0, np.uint8(255), np.uint8(0))
        return Strip(np.stack((white, white, white, alpha), 3), times, self.name)

    def _writing(self, dice: Dice, side: int) -> NDArray[np.float32]:
        every = _writings(side)
        place = dice.whole(0, len(every) - 1)
        held = self.split == "test"
        # To the next writing of this split.
        while (place % _HELD == 0) != held:
            place = (place + 1) % len(every)
        return every[place]


@lru_cache(2)
def _writings(side: int) -> NDArray[np.float32]:
    """(N, side, side) all digits, 0 to 1."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ModelError(
            "the moving digits come with scikit-learn: run `pip install genani[digits]`"
        ) from error
    found: Any = load_digits()
    small: U8 = np.asarray(found.images * 15.9375, np.uint8)
    made = [Image.fromarray(each).resize((side, side), Image.Resampling.BICUBIC) for each in small]
    return np.stack([np.asarray(each, np.float32) for each in made]) / np.float32(255)


def _way(
    dice: Dice, size: int, side: int, moments: NDArray[np.floating]
) -> list[tuple[float, float]]:
    """Upper left corners, at moments in frames, of a digit that bounces off the edges."""
    room = float(size - side)
    speed = dice.between(*_SPEED) * size / CANVAS
    turn = dice.between(0, 2 * math.pi)
    step = speed * math.cos(turn), speed * math.sin(turn)
    start = dice.between(0, room), dice.between(0, room)
    return [
        (_bounced(start[0] + step[0] * at, room), _bounced(start[1] + step[1] * at, room))
        for at in moments.tolist()
    ]


def _bounced(place: float, room: float) -> float:
    within = place % (2 * room)
    return min(within, 2 * room - within)


def _drop(frame: NDArray[np.float32], sprite: NDArray[np.float32], x: float, y: float) -> None:
    """Lay a digit onto a frame between pixels; where digits cross, the darker ink shows."""
    left, top = math.floor(x), math.floor(y)
    right, low = np.float32(x - left), np.float32(y - top)
    wide = np.pad(sprite, 1)
    across = wide[:, 1:] * (1 - right) + wide[:, :-1] * right
    moved = across[1:] * (1 - low) + across[:-1] * low
    part = frame[top : top + len(moved), left : left + len(moved)]
    np.maximum(part, moved[: part.shape[0], : part.shape[1]], out=part)
