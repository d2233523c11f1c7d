"""Where the lids lie: the opening of an eye for an expression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genani.training.rig.curves import Points, Values
from genani.training.rig.expression import Expression
from genani.training.rig.identity import EyeShape
from genani.training.rig.view import View

SAMPLES = 41
"""Points on a lid's edge; the middle one is the lid's pin."""


@dataclass(frozen=True)
class Lids:
    """The edges of one eye's opening in eye coordinates.

    Attributes:
        along: -1 (inner corner) to 1 (outer corner).
        upper: y of the upper lid's edge under the eye's middle, head units.
        lower: y of the lower lid's edge.
        rest: y of the upper lid's edge with the eye at rest.
        open: 0 when shut, 1 when the lid is up.
    """

    along: Values
    upper: Values
    lower: Values
    rest: Values
    open: float


def lids(shape: EyeShape, mood: Expression, side: int) -> Lids:
    """The lids of the eye on one side (-1 is the viewer's left)."""
    t = np.linspace(-1, 1, SAMPLES)
    lean = t - shape.skew * (1 - t * t)
    top = (1 - np.abs(lean) ** shape.squareness).clip(0) ** shape.fullness
    bottom = (1 - np.abs(t) ** shape.squareness).clip(0) ** shape.fullness
    base = -shape.tilt * t
    wink = max(0.0, side * mood.wink)
    shut = 1 - (1 - mood.lid_close) * (1 - wink)
    lower = base + shape.lower * _lower_height(mood, wink, shut) * bottom
    full = base - shape.upper * (1 + 0.2 * mood.lid_wide - 0.22 * mood.squint) * top
    # Brows weigh on the lid: anger on its inner half, sorrow on its outer.
    angry = mood.brow_lower * (1 - 0.4 * mood.brow_inner_up)
    sorrow = mood.brow_inner_up - 0.7 * mood.brow_outer_up - 0.8 * mood.lid_wide - mood.smile
    weight = 0.42 * angry * (1 - t) / 2 + 0.3 * min(1.0, max(0.0, sorrow)) * (1 + t) / 2
    full = full + shape.upper * top * weight
    meet = lower - 0.02 * shape.upper * bottom
    upper = np.minimum(full * (1 - shut) + meet * shut, lower)
    return Lids(t, upper, lower, base - shape.upper * top, 1 - shut)


def _lower_height(mood: Expression, wink: float, shut: float) -> float:
    """Depth of the lower lid over its depth at rest; below 0 it arches up, as in laughter."""
    raised = min(1.0, 0.95 * mood.cheek + 0.45 * mood.squint + 0.9 * wink)
    return 1 - 0.85 * raised - 0.75 * raised * shut + 0.08 * mood.lid_wide


@dataclass(frozen=True)
class EyePlace:
    """From eye coordinates on one side of the face to the canvas."""

    view: View
    shape: EyeShape
    side: int

    def __call__(self, along: Values, y: Values) -> Points:
        """Canvas pixels of points `along` the eye, `y` head units under its middle."""
        # Animators narrow the far eye a little more than perspective does.
        far = max(0.0, self.side * self.view.turn)
        half = self.shape.half * (1 - 0.16 * far)
        x = self.side * (self.shape.centre[0] * (1 - 0.05 * far) + half * along)
        return self.view.place(np.column_stack([x, self.shape.centre[1] + y]))

    def between(self, along: Values, over: Values, under: Values) -> Points:
        """The closed outline between two edges."""
        return np.vstack([self(along, over), self(along, under)[::-1]])
