"""The inside of a mouth that opens: dark, with a tongue and teeth, in the picture's own manner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genani.face.easing import smoothstep
from genani.face.edges import Image
from genani.face.mesh import MOUTH, FloatArray

_PLAIN, _EVEN = 0.22, 0.1 / 255
"""Share of even pixels of a face under which a picture is a photo, and what is even. Measured:
photos .02 to .18, rendered emoji .24 to .33, flat drawings from .69."""

_COLOURED = 0.03
"""Difference between channels from which a drawing has colours."""


@dataclass(frozen=True)
class Palette:
    """Colours (4,) between the lips, and how soft their borders are, in pixels."""

    inside: NDArray[np.float32]
    teeth: NDArray[np.float32]
    tongue: NDArray[np.float32]
    softness: float


def palette_of(
    plain: FloatArray, ink: NDArray[np.float32], skin: NDArray[np.float32], photo: bool
) -> Palette:
    """Colours for the inside of a mouth in the manner of a drawing.

    Args:
        plain: (478, 3) its face.
        ink: (4,) of the line between its lips.
        skin: (4,) of what is about them.
        photo: borders are soft, and teeth no brighter than light falls on the face.
    """
    tint = skin.copy()
    coloured = np.ptp(skin[:3]) > _COLOURED or np.ptp(ink[:3]) > 2 * _COLOURED
    tint[:3] *= (0.62, 0.22, 0.24) if coloured else (0.25, 0.25, 0.25)
    inside = 0.55 * ink + 0.45 * tint
    rosy = (0.95, 0.55, 0.55, 1) if coloured else (0.6, 0.6, 0.6, 1)
    tongue = inside + 0.45 * (skin * np.array(rosy, np.float32) - inside)
    light = min(1.15 * float(skin[:3].max()), 0.8) if photo else 1.0
    teeth = 0.85 * light + 0.15 * skin
    for colour in (inside, tongue, teeth):
        colour[3] = skin[3]
    width = float(np.linalg.norm(plain[MOUTH.outer, :2] - plain[MOUTH.inner, :2]))
    return Palette(
        inside.astype(np.float32),
        teeth.astype(np.float32),
        tongue.astype(np.float32),
        0.035 * width if photo else 0.7,
    )


def painted(
    places: FloatArray,
    below: FloatArray,
    upper: FloatArray,
    lower: FloatArray,
    palette: Palette,
    *,
    bare: bool,
) -> Image:
    """(N, 4) the inside of the mouth: dark, a tongue low in it, teeth along the upper lip.

    Args:
        places: (N, 2).
        below: (N,) their distances from the upper edge.
        upper, lower: (M, 2) the edges of the lips.
        palette: the colours.
        bare: without teeth.
    """
    middle = len(upper) // 2
    gap = float(np.linalg.norm(lower[middle] - upper[middle]))
    across = upper[-1] - upper[0]
    width = max(float(np.linalg.norm(across)), 1e-6)
    across /= width
    down = (lower[middle] - upper[middle]) / max(gap, 1e-6)
    # From -1 at one corner to 1 at the other.
    along = (places - upper[0]) @ across / width * 2 - 1
    soft = palette.softness
    colours = np.tile(palette.inside, (len(places), 1))
    wide = gap / width
    base = lower[middle] + 0.06 * gap * down
    local = places - base
    high = 0.42 * gap
    ring = np.hypot(local @ across / (0.30 * width), local @ down / max(high, 1e-6))
    tongue = np.clip(0.5 + (1 - ring) * high / soft, 0, 1) * smoothstep(wide, 0.18, 0.3)
    colours += tongue[:, None].astype(np.float32) * (palette.tongue - colours)
    row = (
        (0.0 if bare else 0.3)
        * gap
        * smoothstep(wide, 0.08, 0.2)
        * (1 - 0.6 * smoothstep(wide, 0.35, 0.8))
    )
    deep = row * np.clip(1.08 - along**4, 0, 1)
    teeth = np.clip(0.5 + (deep - below) / soft, 0, 1) * smoothstep(deep, 0.3, 1.5)
    colours += teeth[:, None].astype(np.float32) * (palette.teeth - colours)
    if soft > 1:
        # Light falls off towards the corners of a real mouth.
        shade = 1 - 0.45 * smoothstep(np.abs(along), 0.35, 1.0)
        colours[:, :3] *= shade[:, None].astype(np.float32)
    return colours


def is_photo(before: Image, plain: FloatArray) -> bool:
    """True if hardly a place of a face is quite even."""
    left, top = np.maximum(plain[:, :2].min(0), 0).astype(int)
    right, bottom = np.maximum(plain[:, :2].max(0), 0).astype(int)
    grey = before[top:bottom, left:right, :3].mean(2)
    if min(grey.shape) < 4:
        return False
    bends = np.abs(2 * grey[:, 1:-1] - grey[:, 2:] - grey[:, :-2])
    return float((bends < _EVEN).mean()) < _PLAIN
