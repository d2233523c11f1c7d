"""Lines of a drawing taken off the skin, and laid on again where their edge has gone.

A line is unmixed from what it was drawn on: each pixel is so much ink over so much ground, which
is known from beside the line. What it leaves is filled from around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genani.face.edges import Edge, Image, Line, carried, distances, sampled_at
from genani.face.mesh import FloatArray

Mask = NDArray[np.bool_]

_INK, _HALF = 0.6, 0.3
"""Shares of ink from which a pixel is surely of a line, and from which it may be."""

_LIKE_SKIN = 0.15
"""Difference of colour up to which a pixel counts as skin."""

_ROUNDS = 12


@dataclass(frozen=True)
class Stroke:
    """A line apart from its ground.

    Attributes:
        ink: (h, w, 5) float32: premultiplied RGBA, and how much of the pixel it covers; nothing
            on the border.
        corner: (2,) where its upper left corner lies on the drawing.
        reach: how far from its edge it goes at most, in pixels.
    """

    ink: NDArray[np.float32]
    corner: FloatArray
    reach: float


def stroke_of(
    cut: Image, places: FloatArray, edge: Edge, line: Line, depth: FloatArray, reach: float
) -> tuple[Stroke, Mask]:
    """The line along an edge, with all that hangs on it, such as lashes; and other lines near it.

    Lines that go on beyond the reach are others, such as the head's own or hair; they stay.

    Args:
        cut: (h, w, 4) a part of the drawing.
        places: (h, w, 2) where its pixels lie.
        edge: whose `before` it lies on.
        line: its colours and its thickness.
        depth: (h, w) how far inside of the opening pixels lie; the line ends at its thickness.
        reach: how far from the edge to look, in pixels.
    """
    size = cut.shape[:2]
    away = distances(places.reshape(-1, 2), edge.before).reshape(size)
    contrast = (line.beside - line.colour)[:3]
    share = ((line.beside[:3] - cut[..., :3]) @ contrast) / max(float(contrast @ contrast), 1e-6)
    # Inside the opening the ground is another: there thickness decides.
    inside = np.clip(line.inside + 0.5 - depth, 0, 1)
    share = np.where(depth > 0, np.where(share > _HALF, inside, 0), np.clip(share, 0, 1))
    within = away <= reach
    within[[0, -1]] = within[:, [0, -1]] = False
    band = away <= max(line.outside, line.inside) + 1
    loose = (share > _INK) & ~band & (depth <= 0)
    others = connected(loose & ~within, loose)
    solid = (share > _INK) & within & ~others
    kept = grown(connected(solid & band, solid), 1) & ~others
    cover = np.where(kept & within, share, 0)[..., None].astype(np.float32)
    ink = np.where(depth[..., None] > 0, cover * cut, cut - (1 - cover) * line.beside)
    ink = np.clip(ink, 0, cover) * (cover > 0)
    return Stroke(np.concatenate([ink, cover], 2), places[0, 0] - 0.5, reach), others


def laid(under: Image, stroke: Stroke, edge: Edge, places: FloatArray, away: FloatArray) -> Image:
    """(N, 4) colours at places with the line over them, gone where the edge goes.

    Args:
        under: (N, 4).
        stroke: the line.
        edge: what carries it.
        places: (N, 2).
        away: (N,) their distances from the edge after.
    """
    near = away <= stroke.reach + 1
    if not near.any():
        return under
    ink = sampled_at(stroke.ink, carried(edge, places[near]) - stroke.corner)
    done = under.copy()
    done[near] = done[near] * (1 - ink[:, 4:]) + ink[:, :4]
    return done


def filled(before: Image, hole: Mask, ground: NDArray[np.float32], plain: bool) -> Image:
    """A picture with a hole filled smoothly from around it.

    Args:
        before: (H, W, 4).
        hole: (H, W), what to fill.
        ground: (4,) the colour of the skin.
        plain: only what looks like that skin is spread; lines beside the hole are not.
    """
    known = ~hole
    if plain:
        known &= np.abs(before - ground).max(2) < _LIKE_SKIN
    if not known.any():
        return np.where(hole[..., None], ground, before)
    return np.where(hole[..., None], _spread(before, known), before).astype(np.float32)


def grown(mask: Mask, steps: int) -> Mask:
    """A mask with so many pixels more all around."""
    for _ in range(steps):
        padded = np.pad(mask, 1)
        rows = padded[:-2] | padded[1:-1] | padded[2:]
        mask = rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
    return mask


def _spread(image: Image, known: Mask) -> Image:
    """Pull-push: S. J. Gortler et al., "The Lumigraph", 1996; smoothed at each level."""
    if known.all() or min(known.shape) < 2:
        rest = image[known].mean(0) if known.any() else image.mean((0, 1))
        return np.where(known[..., None], image, rest.astype(np.float32))
    height, width = known.shape
    rim = (0, height % 2), (0, width % 2)
    share = np.pad(known.astype(np.float32), rim)[..., None]
    total = np.pad(image, (*rim, (0, 0))) * share
    pooled, weight = _halved(np.asarray(total, np.float32)), _halved(share)
    mean = np.asarray(pooled / np.maximum(weight, 1e-6), np.float32)
    small = _spread(mean, weight[..., 0] > 0)
    wide = small.repeat(2, 0).repeat(2, 1)[:height, :width]
    done = np.where(known[..., None], image, wide)
    for _ in range(_ROUNDS):
        padded = np.pad(done, ((1, 1), (1, 1), (0, 0)), mode="edge")
        around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
        done = np.where(known[..., None], image, around / 4)
    return done


def _halved(image: NDArray[np.float32]) -> NDArray[np.float32]:
    return image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]


def cut_about(
    curves: FloatArray, reach: float, size: tuple[int, ...]
) -> tuple[slice, slice] | None:
    """Rows and columns of an (H, W) picture about curves (N, 2); None if there are none."""
    low = np.clip(np.floor(curves.min(0) - reach), 0, size[1::-1]).astype(int)
    high = np.clip(np.ceil(curves.max(0) + reach), 0, size[1::-1]).astype(int)
    if (high - low).min() < 3:
        return None
    return slice(low[1], high[1]), slice(low[0], high[0])


def centres(cut: tuple[slice, slice]) -> FloatArray:
    """(h, w, 2) centres of the pixels of a part of a picture."""
    y, x = np.mgrid[cut] + 0.5
    return np.stack([x, y], 2)


def connected(seeds: Mask, among: Mask) -> Mask:
    """All of a mask that hangs together with the seeds."""
    found = seeds & among
    while True:
        wider = grown(found, 1) & among
        if (wider == found).all():
            return found
        found = wider
