"""Where the lips lie: the opening of the mouth for an expression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genani.training.rig.curves import Points, Values, bump, smoothstep
from genani.training.rig.expression import Expression
from genani.training.rig.identity import MouthShape
from genani.training.rig.view import View

SAMPLES = 49
"""Points on a lip's edge; the middle one is the lip's pin."""


@dataclass(frozen=True)
class Lips:
    """The inner edges of the lips, head units.

    Attributes:
        t: -1 (the corner on the viewer's left) to 1.
        x: across the face.
        upper: y of the upper lip's edge.
        lower: y of the lower lip's edge.
        gap: height of the opening in its middle.
    """

    t: Values
    x: Values
    upper: Values
    lower: Values
    gap: float


def lips(shape: MouthShape, mood: Expression) -> Lips:
    """The lips for an expression."""
    m, t = mood, np.linspace(-1, 1, SAMPLES)
    pull = 1 + 0.3 * m.smile + 0.32 * m.stretch - 0.5 * m.pucker - 0.06 * m.frown
    half = shape.half * pull * (1 - 0.18 * m.jaw * (1 - m.smile) * (1 - m.stretch))
    bare = m.part * (0.55 * m.clench + 0.2 * m.upper_lip)
    gap = shape.open * min(1.1, 0.22 * m.part + 0.78 * m.jaw + bare)
    apart = float(smoothstep(0, 0.16, gap))
    dome, bowl = _profiles(m, t, apart)
    base = shape.half * _rest_line(shape, m, t)
    rise = gap * (0.45 - 0.33 * m.smile + 0.15 * m.upper_lip * (1 - m.smile))
    bow = 0.012 * shape.half * bump(t, 0, 0.2) * (1 - apart)
    return Lips(
        t,
        half * t,
        shape.y + base - rise * dome - bow,
        shape.y + base + (gap - rise) * bowl,
        gap,
    )


def _rest_line(shape: MouthShape, m: Expression, t: Values) -> Values:
    """The closed mouth's line, in half widths under the mouth's y."""
    # Full lips hide part of a frown.
    frown = m.frown * (0.7 if shape.lips else 1.0)
    pout = m.pout * (0.7 if shape.lips else 1.0)
    corner = -0.36 * m.smile + 0.36 * frown - 0.10 * m.upper_lip
    middle = 0.16 * m.smile - 0.20 * frown - 0.16 * pout - 0.10 * m.upper_lip
    return middle + (corner - middle) * np.abs(t) ** (2 + 0.5 * m.smile) - 0.26 * m.smirk * t


def _profiles(m: Expression, t: Values, apart: float) -> tuple[Values, Values]:
    """Shapes of the upper and lower edge of an open mouth, 1 in the middle and 0 at the corners.

    A ring for a round mouth, a bow for a smile, a box for bared teeth.
    """
    box = max(m.clench, 0.8 * m.stretch)
    ring = 0.46 * (1 - 0.6 * m.smile) * (1 - 0.3 * box) + 0.10 * m.pucker
    blunt = 1 - apart * ring
    dome = (1 - np.abs(t) ** (2 + 1.6 * box * (1 - m.smile))).clip(0) ** blunt
    bowl = (1 - np.abs(t) ** (2 + 0.5 * m.smile + 1.2 * box)).clip(0)
    return dome, bowl ** (blunt * (1 - 0.22 * m.smile))


@dataclass(frozen=True)
class MouthPlace:
    """From the mouth's head units to the canvas; lips stand a little off the face."""

    view: View

    def __call__(self, x: Values, y: Values) -> Points:
        """Canvas pixels of points on the mouth."""
        return self.view.place(np.column_stack([x, y]), 0.035 * (1 - (x / 0.5) ** 2))

    def between(self, x: Values, over: Values, under: Values) -> Points:
        """The closed outline between two edges."""
        return np.vstack([self(x, over), self(x, under)[::-1]])
