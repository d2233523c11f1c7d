"""Lips that meet: what was seen between them goes, and a seam is drawn where they lie together.

A warp can press an open mouth flat, but not to nothing: teeth would stay as a pale line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genani.face.edges import TAIL, Edge, Image, aperture, distances, line_of, sampled_at
from genani.face.strokes import centres, cut_about, filled

_MEETING, _MET = 0.45, 0.12
"""Shares of its opening from which a mouth that closes loses its inside, and has none."""

_LOOK = 0.1
"""How far from the lips' edge its line is looked for, in shares of the mouth's width."""

_THICKEST = 0.05
"""Thickness of the line between lips at most, in shares of the width."""

_SEAM, _DARK = 0.018, 0.55
"""Thickness of a seam that no line shows, in shares of the width, and how dark it is against lips
that are not lined."""


@dataclass(frozen=True)
class Seam:
    """The line between two lips that meet.

    Attributes:
        way: (M, 2) where it runs.
        colour: (4,) premultiplied.
        half: half of its thickness, in pixels, and `soft` how wide its border is.
        share: how much of it is to be seen, 0 to 1.
    """

    way: NDArray[np.float64]
    colour: NDArray[np.float32]
    half: float
    soft: float
    share: float

    def laid(self, under: Image) -> Image:
        """A picture (H, W, 4) with the seam on it."""
        cut = cut_about(self.way, self.half + self.soft + 2, under.shape[:2])
        if cut is None:
            return under
        places = centres(cut)
        away = distances(places.reshape(-1, 2), self.way).reshape(places.shape[:2])
        cover = self.share * np.clip((self.half - away) / self.soft + 0.5, 0, 1)[..., None]
        done = under.copy()
        done[cut] += cover.astype(np.float32) * (self.colour - done[cut])
        return done


def closed(
    before: Image, under: Image, pair: tuple[Edge, Edge], opened: tuple[float, float], photo: bool
) -> tuple[Image, Seam] | None:
    """A picture to be warped without what is between its lips, and their seam; None if they stay
    apart.

    Args:
        before, under: (H, W, 4), the drawing, and what is left of it so far.
        pair: the upper and the lower lip's edge.
        opened: how far the mouth stands open before and after.
        photo: its borders are soft.
    """
    apart = opened[1] / max(opened[0], 1e-6)
    share = float(np.clip((_MEETING - apart) / (_MEETING - _MET), 0, 1))
    upper, lower = pair
    cut = cut_about(np.concatenate([upper.before, lower.before]), 6, before.shape[:2])
    if not share or cut is None:
        return None
    width = float(np.linalg.norm(upper.before[-1] - upper.before[0]))
    places = centres(cut)
    depth = aperture(places.reshape(-1, 2), upper.before, lower.before).reshape(places.shape[:2])
    line = None if photo else line_of(before, upper, max(2.5, _LOOK * width))
    skin = _lips(before, pair, width)
    done = under.copy()
    without = filled(done[cut], depth > -1, skin, plain=False)
    done[cut] += share * (without - done[cut])
    way = ((upper.after + lower.after) / 2)[TAIL:-TAIL]
    if line is not None:
        # Inside of an open mouth all is as dark as its line.
        half = min(max(line.outside, 0.5), max(_THICKEST * width / 2, 0.5))
        return done, Seam(way, line.colour, half, 1.0, share)
    colour = skin * np.array([_DARK, _DARK, _DARK, 1], np.float32)
    half = max(_SEAM * width / 2, 0.5)
    return done, Seam(way, colour, half, 2 * half if photo else 1.0, share)


def _lips(before: Image, pair: tuple[Edge, Edge], width: float) -> NDArray[np.float32]:
    """(4,) the colour next to both edges, outside of the opening."""
    places = []
    for edge in pair:
        way = np.gradient(edge.before, axis=0)
        normal = edge.inward * np.stack([-way[:, 1], way[:, 0]], 1)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        places.append(edge.before - 0.05 * width * normal)
    return np.median(sampled_at(before, np.concatenate(places)), axis=0).astype(np.float32)
