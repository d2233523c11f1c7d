"""Faces for tests of the window of seeds: a square as light as the seed says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from genani.app.styling.seeds import FaceModel, FaceWish, SeedServices
from genani.engines.api import CancelToken
from genani.scene.errors import EngineError
from genani.scene.picture import Picture

OWN = FaceModel("own", "Our own", layers=10, features=3, ages=True, limits="It draws small.")
OTHER = FaceModel("mine", "My own", layers=6)
BROKEN = 13
"""A seed that cannot be drawn."""


def seed_services(models: Sequence[FaceModel] = (OWN, OTHER)) -> SeedServices:
    """Models that draw grey squares with a clear corner."""
    return SeedServices(lambda: models, _draw)


def light(wish: FaceWish) -> int:
    """How light the square of a wish is, 0 to 255."""
    value = 10 * wish.seed + 3 * wish.direction * wish.amount + 50 * wish.age
    if wish.other is not None:
        value += wish.level + wish.other
    return int(value) % 256


def _draw(
    wishes: Sequence[FaceWish], model: str, side: int, token: CancelToken
) -> Iterator[Picture]:
    for number, wish in enumerate(wishes):
        token.step(number / len(wishes), "a face")
        if wish.seed == BROKEN:
            raise EngineError(f"{model} cannot draw {BROKEN}")
        size = side or 16
        pixels = np.full((size, size, 4), light(wish), np.uint8)
        pixels[..., 3] = 255
        pixels[0, 0] = 0
        yield Picture(pixels)
