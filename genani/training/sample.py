"""One example of in-betweening with its truth: what every source makes and the loader batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Sample:
    """Two keys, the drawing between them, and the truth. H, W any; float32 arrays unless said."""

    first: NDArray[np.uint8]  # (H, W, 4) straight RGBA
    last: NDArray[np.uint8]  # (H, W, 4)
    between: NDArray[np.uint8]  # (H, W, 4)
    t: float  # 0..1
    # (3, 478, 2) canvas px, of first, between, last; NaN rows where the source has no landmarks
    points: NDArray[np.float32]
    # (2, H, W, 2) px: for a pixel of `between`, where it lies in first / last, minus itself
    flow: NDArray[np.float32]
    # (2, H, W) whether that pixel shows in first / last (False also where flow is unknown)
    seen: NDArray[np.bool_]
    # (H, W) part of `between` at each pixel: 0 none/background, 1 skin, 2 brows, 3 eyes,
    # 4 mouth, 5 nose, 6 hair, 7 body, 8 other
    parts: NDArray[np.uint8]
    emotion: str  # one of the seven, "" where unknown
    intensity: float  # 0..1
    source: str  # "rig", "ict", "emoji", "still"


class Source(Protocol):
    """Where samples come from: a pure function of (seed, index, size), alike on any machine."""

    @property
    def name(self) -> str:
        """Of the source."""
        ...

    def sample(self, seed: int, index: int, size: int) -> Sample:
        """Sample `index` of the stream `seed`, `size` x `size` px."""
        ...
