"""All that was drawn and all that is true, each as one crowd: what a distance of sets needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genani.media.image import write_png
from genani.scene.picture import Picture
from genani.training.metrics import Image
from genani.training.metrics_frechet import Moments, fid, frechet

if TYPE_CHECKING:
    from genani.training.metrics_features import Features

TRUTH = ""
"""Goes before every contestant's name."""

_FEWEST = 2


class Crowds:
    """Collects pictures by who drew them.

    Args:
        place: an empty folder for copies of them, which the Inception distance reads; None where
            it is not taken.
        weights: of Inception, with `place`.
    """

    def __init__(self, place: Path | None = None, weights: Path | None = None) -> None:
        self._place, self._weights = place, weights
        self._moments: dict[str, Moments] = {}
        self._names: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def add(self, who: str, image: Image, features: Features | None) -> None:
        """Take a picture in.

        Args:
            who: a contestant's label, or `TRUTH`.
            image: (H, W, 3) float32, 0 to 1.
            features: of SqueezeNet, where they were computed.
        """
        count = self._counts[who] = self._counts.get(who, 0) + 1
        if features is not None:
            from genani.training.metrics_features import pooled

            vector = pooled(features)
            self._moments.setdefault(who, Moments(len(vector))).add(vector)
        if self._place is not None:
            folder = self._folder(who)
            folder.mkdir(exist_ok=True)
            write_png(_picture(image), folder / f"{count:06d}.png")

    def distance(self, who: str) -> float | None:
        """The Fréchet distance to the truth over SqueezeNet's features; None if it has none."""
        drawn, true = self._moments.get(who), self._moments.get(TRUTH)
        if drawn is None or true is None or min(drawn.count, true.count) < _FEWEST:
            return None
        return frechet(drawn, true)

    def inception(self, who: str) -> float | None:
        """The Fréchet Inception Distance to the truth; None where it is not taken."""
        if (
            self._weights is None
            or min(self._counts.get(each, 0) for each in (who, TRUTH)) < _FEWEST
        ):
            return None
        return fid(self._folder(who), self._folder(TRUTH), self._weights)

    def _folder(self, who: str) -> Path:
        """A name of our own: labels hold what file names may not."""
        if self._place is None:
            raise ValueError("no copies are kept")
        number = self._names.setdefault(who, len(self._names))
        return self._place / f"{number:03d}"


def _picture(image: Image) -> Picture:
    pixels = np.full((*image.shape[:2], 4), 255, np.uint8)
    pixels[..., :3] = np.rint(255 * image)
    return Picture(pixels)
