"""A drawn brow lifted off the skin, and laid on again where the face has it.

A warp that raises a brow stretches the line, and dents hair and outline above it. A brow that is
ink by itself is taken off instead, as is one drawn right over the hair, as many cartoons have it;
skin and hair, which show none of its motion, stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from genani.face.edges import Edge, Image, curve, distances, line_of, sampled_at
from genani.face.mesh import BROWS, FloatArray, canonical, part_of_points
from genani.face.strokes import (
    Mask,
    Stroke,
    centres,
    connected,
    cut_about,
    filled,
    grown,
    laid,
    stroke_of,
)
from genani.scene.face import FacePart

_LOOK, _REACH = 0.22, 0.35
"""How far from a brow its line is looked for, and how far ink hangs on it, in shares of it."""

_JOINED = 0.4
"""Share of a brow, from which other lines touch it, that is too much for it to be by itself."""

_LEAST = 12.0
"""Pixels of ink under which there is no brow."""


_ALIKE = 0.09
"""Difference of colour up to which a pixel is of the brow's ink."""

_DARKER = 0.03
"""Pixels beside a brow and darker than it by more are of another line, and stay."""

_FULL = 5
"""Pixels of ink among nine from which there is more than a thin rim."""

_STRAYS = 2.0
"""Pixels off its smooth course from which a place counts for little: a line crosses the brow."""

_TRACED, _WIDENED = 0.6, 0.2
"""Share of a brow over hair that has to be seen on its course, and that may be swallowed by ink
more than twice as wide: hair as dark as it cannot be told from it."""


@dataclass(frozen=True)
class Brow:
    """One brow apart from the skin.

    Attributes:
        edge: through its middle, from its outer to its inner end.
        stroke: its ink.
    """

    edge: Edge
    stroke: Stroke


def lifted(
    before: Image, erased: Image, plain: FloatArray, asked: FloatArray
) -> tuple[Image, list[Brow]]:
    """A drawing without the brows that move, and these; as it was if one cannot be lifted.

    Args:
        before: (H, W, 4) premultiplied.
        erased: the same, what else is taken off being off already.
        plain, asked: (478, 3) the face before and after.
    """
    moving = [edge for rows in BROWS if (edge := _edge(plain, asked, rows)).moves]
    # What tells one brow from what is about it is to tell the other, too.
    for way in (_by_itself, _over_others):
        done, brows = erased, []
        for edge in moving:
            length = float(np.linalg.norm(np.diff(edge.before, axis=0), axis=1).sum())
            cut = cut_about(edge.before, _REACH * length + 4, before.shape[:2])
            off = None if cut is None else way(before, done, cut, edge, length)
            if cut is None or off is None:
                break
            done = done.copy()
            done[cut] = off[1]
            brows.append(Brow(edge, off[0]))
        else:
            return done, brows
    return erased, []


def brows_laid(under: Image, brows: list[Brow]) -> Image:
    """A picture (H, W, 4) with brows on it, where their edges have gone."""
    done = under
    for brow in brows:
        cut = cut_about(brow.edge.after, brow.stroke.reach + 3, under.shape[:2])
        if cut is None:
            continue
        flat = centres(cut).reshape(-1, 2)
        away = distances(flat, brow.edge.after)
        part = laid(under[cut].reshape(-1, 4), brow.stroke, brow.edge, flat, away)
        done = done.copy()
        done[cut] = part.reshape(done[cut].shape)
    return done


def without_brows(plain: FloatArray, asked: FloatArray) -> FloatArray:
    """(478, 3) a face asked for whose brows, and the forehead with them, stay as they are."""
    return asked + _of_forehead()[:, None] * (plain - asked)


def _by_itself(
    before: Image,
    under: Image,
    cut: tuple[slice, slice],
    edge: Edge,
    length: float,
) -> tuple[Stroke, Image] | None:
    """A brow on bare skin, and what is left without it; None where other lines cross it.

    Args:
        before, under: (H, W, 4), the drawing, and what is left of it so far.
        cut: the part about the brow.
        edge: through the brow.
        length: of the brow.
    """
    line = line_of(before, edge, max(3.0, _LOOK * length))
    if line is None:
        return None
    places = centres(cut)
    outside = np.full(places.shape[:2], -1.0)
    stroke, foreign = stroke_of(before[cut], places, edge, line, outside, _REACH * length)
    ends = max(line.inside, line.outside) + 2
    if stroke.ink[..., 4].sum() < _LEAST or _crossed(edge, places[foreign], ends) > _JOINED:
        return None
    hole = grown(stroke.ink[..., 4] > 0.02, 1) & ~grown(foreign, 1)
    return stroke, filled(under[cut], hole, line.beside, plain=True)


def _over_others(
    before: Image,
    under: Image,
    cut: tuple[slice, slice],
    edge: Edge,
    length: float,
) -> tuple[Stroke, Image] | None:
    """The same of a brow over whatever there is, hair for one: told by its course and its ink."""
    course = _course(before, edge, max(3.0, _LOOK * length))
    if course is None:
        return None
    middle, half, colour = course
    places = centres(cut)
    off = np.linalg.norm(places[:, :, None] - middle, axis=3)
    width = half[off.argmin(2)]
    away = distances(places.reshape(-1, 2), middle).reshape(places.shape[:2])
    away[[0, -1]] = away[:, [0, -1]] = np.inf
    drawn = before[cut]
    alike = (away <= width + 1.5) & (np.abs(drawn - colour).max(2) < _ALIKE)
    core = _solid(alike)
    core = connected(core & _near(places, middle[len(middle) // 2], length / 4), core)
    if core.sum() < _LEAST:
        return None
    ground = filled(drawn, grown(core, 2) & (away <= width + 3), colour, plain=False)
    contrast = ground - colour
    share = ((ground - drawn) * contrast).sum(2) / np.maximum(np.square(contrast).sum(2), 1e-3)
    share = np.where(core, 1.0, np.clip(share, 0, 1))[..., None]
    # What is neither of the brow's colour nor between that and the ground is another line.
    mixed = np.abs(drawn - ground + share * contrast).max(2) < _ALIKE
    rim = grown(core, 1) & mixed & (away <= width + 2)
    # Ends of lines that cross stay out of the ink, though they are taken off with it.
    within = np.clip(width + 1.75 - away, 0, 1) * (core | rim)
    cover = share * within[..., None]
    darker = (drawn - colour)[..., :3].mean(2) < -_DARKER
    hole = connected(core, alike) | (grown(core, 1) & ~darker)
    ink = cover * np.where(core[..., None], drawn, colour)
    stroke = Stroke(
        np.concatenate([ink, cover], 2).astype(np.float32), places[0, 0] - 0.5, _REACH * length
    )
    return stroke, filled(under[cut], hole, colour, plain=False)


def _near(places: FloatArray, middle: FloatArray, reach: float) -> Mask:
    """(h, w) true where places (h, w, 2) lie within a reach of another."""
    return np.linalg.norm(places - middle, axis=2) < reach


def _solid(mask: Mask) -> Mask:
    """A mask without what is one pixel thin, such as the soft rim of another line."""
    padded = np.pad(mask, 1).astype(np.int64)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    full = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:] >= _FULL
    return mask & grown(full, 1)


def _course(
    before: Image, edge: Edge, reach: float
) -> tuple[FloatArray, FloatArray, NDArray[np.float32]] | None:
    """The middle (M, 2) of a brow's ink, half its thickness (M,), its colour (4,); None if unseen.

    Where other lines cross it, its course is what the rest of it foretells: a cubic fitted by
    reweighted least squares.
    """
    line = line_of(before, edge, reach)
    if line is None:
        return None
    way = np.gradient(edge.before, axis=0)
    normal = np.stack([-way[:, 1], way[:, 0]], 1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    offsets = np.arange(-reach, reach + 0.25, 0.5)
    across = edge.before[:, None] + offsets[None, :, None] * normal[:, None]
    colours = sampled_at(before, across.reshape(-1, 2)).reshape(*across.shape[:2], 4)
    apart = np.abs(colours - line.colour).max(2)
    nearest = (apart + _ALIKE * np.abs(offsets) / reach).argmin(1)
    sure = apart[np.arange(len(nearest)), nearest] < _ALIKE
    if sure.mean() < _TRACED:
        return None
    along, course = np.linspace(-1, 1, len(nearest)), np.zeros(len(nearest))
    for _ in range(12):
        doubt = 1 + np.square((offsets[nearest] - course) / _STRAYS)
        course = np.polyval(np.polyfit(along, offsets[nearest], 3, w=sure / doubt), along)
    alike = apart < _ALIKE
    at = np.clip(np.rint((course + reach) / 0.5).astype(int), 0, len(offsets) - 1)
    thick = np.array([_run(row, place) for row, place in zip(alike, at, strict=True)]) / 2
    seen = thick > 0
    if seen.mean() < _TRACED:
        return None
    usual = float(np.median(thick[seen]))
    if (thick > 2 * usual + 1).mean() > _WIDENED:
        return None
    wide = np.minimum(thick, 2 * usual)
    half = np.polyval(np.polyfit(along, wide, 3, w=(seen & (thick <= 2 * usual)) + 1e-3), along) / 2
    return edge.before + course[:, None] * normal, np.maximum(half, 0.5), line.colour


def _run(row: Mask, place: int) -> int:
    """How many true values hang together about a place of a row."""
    if not row[place]:
        return 0
    stops = np.flatnonzero(~row)
    low = stops[stops < place].max(initial=-1)
    high = stops[stops > place].min(initial=len(row))
    return int(high - low - 1)


def _edge(plain: FloatArray, asked: FloatArray, rows: tuple[tuple[int, ...], ...]) -> Edge:
    """Through the middle of a brow; what is outside of it is the skin between it and the eye."""
    middle = [points[np.array(rows), :2].mean(0) for points in (plain, asked)]
    before, after = (curve(points, range(len(points))) for points in middle)
    way = before[-1] - before[0]
    below = plain[152, :2] - plain[[33, 263], :2].mean(0)
    inward = -1.0 if way[0] * below[1] - way[1] * below[0] > 0 else 1.0
    return Edge(before, after, inward)


def _crossed(edge: Edge, others: FloatArray, reach: float) -> float:
    """Share of an edge that other ink, at places (N, 2), comes as near to as a reach."""
    if not len(others):
        return 0.0
    away = np.linalg.norm(edge.before[:, None] - others[None], axis=2).min(1)
    return float((away <= reach).mean())


@cache
def _of_forehead() -> FloatArray:
    """(478,) how much each point goes with the brows: what is above them wholly."""
    points = canonical().points
    above = points[:, 1] < points[list(BROWS[0][0]), 1].mean()
    return np.maximum(part_of_points()[FacePart.BROWS], above)
