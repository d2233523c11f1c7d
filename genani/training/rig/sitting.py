"""One drawing in the making: who, with what expression, seen how, on which canvas."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from genani.training.rig.curves import Points, taper
from genani.training.rig.expression import Expression
from genani.training.rig.identity import Identity
from genani.training.rig.paint import EMPTY, Canvas, Colour, Mask
from genani.training.rig.pens import PENS
from genani.training.rig.view import View


def own_side(side: int) -> str:
    """The face's own name of a side: what is on the viewer's left (-1) is its right."""
    return "left" if side > 0 else "right"


@dataclass
class Sitting:
    """What every painter of a part gets to work with.

    Attributes:
        pins: named points on the canvas, filled by the painters as they go.
        face: coverage of the bare face, once it is painted.
    """

    who: Identity
    mood: Expression
    view: View
    canvas: Canvas
    pins: dict[str, tuple[float, float]] = field(default_factory=dict)
    face: Mask = EMPTY

    @property
    def unit(self) -> float:
        """Pixels a head unit."""
        return self.view.framing.unit

    def pin(self, name: str, at: Points) -> None:
        """Note where a named point of the face lies: (2,) canvas pixels."""
        self.pins[name] = (float(at[0]), float(at[1]))

    def ink(
        self,
        points: Points,
        tone: Colour,
        weight: ArrayLike = 1.0,
        *,
        ends: tuple[float, float] = (0.15, 0.15),
        peak: float = 0.5,
        name: str = "",
        opacity: float = 1.0,
        clip: Mask | None = None,
    ) -> None:
        """Draw a line on the canvas, in the character's pen.

        Args:
            weight: width over that of a main line; one number or one a point.
            ends: width at start and end over the greatest.
            peak: where the line is widest, 0 to 1.
            name: tells lines apart that a searching pen must draw differently.
        """
        if len(points) < 2 or opacity <= 0:
            return
        width = self.who.style.weight * self.unit * np.asarray(weight, float)
        PENS[self.who.style.pen].stroke(
            self.canvas, points, width * taper(len(points), *ends, peak), tone,
            name=f"{self.who.name} {name}", opacity=opacity, clip=clip,
        )  # fmt: skip

    def shade(self, mask: Mask, tone: Colour, opacity: float = 1.0) -> None:
        """Lay a shadow shape in the character's way of shading."""
        PENS["pencil" if self.who.style.shading == "hatch" else "ink"].shade(
            self.canvas, mask, tone, self.unit, opacity=opacity * self.who.style.shade
        )
