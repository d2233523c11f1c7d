"""Going over from nothing to all with no corner on the way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def smoothstep(value: float | NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """0 up to `low`, 1 from `high`, smooth between: of the shape of `value`."""
    share = np.clip((value - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)
