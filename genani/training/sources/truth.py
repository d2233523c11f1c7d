"""Is what a sample says of its motion true? A key pulled along the flow must give the drawing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genani.training.sample import Sample
from genani.training.sources.sampling import centres, looked_up, premultiplied

_PERFECT = 99.0


def warped_decibels(sample: Sample) -> tuple[float, float]:
    """How well each key, pulled along the stored flow, gives the drawing between where it is seen.

    Peak signal-to-noise ratio over premultiplied RGBA, in decibels, of the first and of the last
    key; NaN where nothing is seen, 99 where all is alike.
    """
    first, last = (
        _decibels(sample, key, sample.flow[k], sample.seen[k])
        for k, key in enumerate((sample.first, sample.last))
    )
    return first, last


def _decibels(
    sample: Sample, key: NDArray[np.uint8], flow: NDArray[np.float32], seen: NDArray[np.bool_]
) -> float:
    if not seen.any():
        return float("nan")
    x, y = centres(len(flow))
    moved = np.where(seen[..., None], flow, 0)
    pulled = looked_up(premultiplied(key), x + moved[..., 0], y + moved[..., 1])
    wrong = pulled.astype(np.float64) - premultiplied(sample.between)
    squares = float(np.square(wrong[seen]).mean())
    return min(10 * float(np.log10(255 * 255 / squares)), _PERFECT) if squares else _PERFECT
