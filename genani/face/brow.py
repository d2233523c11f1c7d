"""A drawn brow lifted off the skin, and laid on again where the face has it.

A warp that raises a brow stretches the line, and dents hair and outline above it. Where a brow is
ink by itself it is taken off instead, and skin, which shows none of its motion, stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from genani.face.edges import Edge, Image, curve, distances, line_of
from genani.face.mesh import BROWS, FloatArray, canonical, part_of_points
from genani.face.strokes import Stroke, centres, cut_about, filled, grown, laid, stroke_of
from genani.scene.face import FacePart

_LOOK, _REACH = 0.22, 0.35
"""How far from a brow its line is looked for, and how far ink hangs on it, in shares of it."""

_JOINED = 0.4
"""Share of a brow, from which other lines touch it, that is too much for it to be by itself."""

_LEAST = 12.0
"""Pixels of ink under which there is no brow."""


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
    done, brows = erased, []
    for rows in BROWS:
        edge = _edge(plain, asked, rows)
        if not edge.moves:
            continue
        length = float(np.linalg.norm(np.diff(edge.before, axis=0), axis=1).sum())
        line = line_of(before, edge, max(3.0, _LOOK * length))
        cut = cut_about(edge.before, _REACH * length + 4, before.shape[:2])
        if line is None or cut is None:
            return erased, []
        places = centres(cut)
        outside = np.full(places.shape[:2], -1.0)
        stroke, foreign = stroke_of(before[cut], places, edge, line, outside, _REACH * length)
        ends = max(line.inside, line.outside) + 2
        if stroke.ink[..., 4].sum() < _LEAST or _crossed(edge, places[foreign], ends) > _JOINED:
            return erased, []
        hole = grown(stroke.ink[..., 4] > 0.02, 1) & ~grown(foreign, 1)
        done = done.copy()
        done[cut] = filled(done[cut], hole, line.beside, plain=True)
        brows.append(Brow(edge, stroke))
    return done, brows


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
