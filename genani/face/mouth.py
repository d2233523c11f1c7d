"""What shows between the lips and between the lids once they have moved.

A warp only stretches what is drawn: shut lips pulled apart show a smear of themselves, lids that
close press the iris together. Here the edges bring their own lines along (`genani.face.edges`),
lips that part open on a mouth with teeth and tongue, and lids slide over an eye that stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genani.face.edges import (
    Edge,
    Image,
    Line,
    aperture,
    carried,
    distances,
    edges,
    line_of,
    sampled_at,
)
from genani.face.mesh import LIDS, MOUTH, FloatArray, Lid, opening

SHUT, PARTED = 0.04, 0.16
"""Openings of a mouth, in shares of its width, that are shut, and that are surely open."""

_UNSEEN = 0.35
"""Share of their parting that lips get where the drawing shows none."""

_LOOK = 0.12
"""How far to both sides of an edge its line is looked for, in shares of the opening's width."""

_NARROWER = 0.015
"""Closing of lids, in shares of the eye's width, from which they slide over the eye."""

_NOISE = 1.2 / 255
"""Unevenness of plain places from which a picture counts as a photo."""


@dataclass(frozen=True)
class Palette:
    """Colours (4,) between the lips, and how soft their borders are, in pixels."""

    inside: NDArray[np.float32]
    teeth: NDArray[np.float32]
    tongue: NDArray[np.float32]
    softness: float


def lips_seen(before: Image, plain: FloatArray) -> bool:
    """True if a drawing has a mouth where the points say: one that may be opened."""
    upper, _ = edges(plain, plain, MOUTH)
    return opening(plain, MOUTH) >= PARTED or _line(before, upper) is not None


def lips_together(plain: FloatArray, asked: FloatArray) -> FloatArray:
    """(478, 3) points asked for, their lips hardly parted: there is no mouth to open."""
    kept = asked.copy()
    upper, lower = list(MOUTH.upper), list(MOUTH.lower)
    apart = (asked - plain)[lower] - (asked - plain)[upper]
    kept[upper] += (1 - _UNSEEN) / 2 * apart
    kept[lower] -= (1 - _UNSEEN) / 2 * apart
    return kept


def with_openings(before: Image, after: Image, plain: FloatArray, asked: FloatArray) -> Image:
    """A warped picture with its mouth and eyes put right.

    Args:
        before: the drawing.
        after: the drawing, warped; unchanged where no edge moves.
        plain, asked: (478, 3) its face before and after.
    """
    done = after.copy()
    _part_lips(before, done, plain, asked)
    for lid in LIDS:
        _slide_lids(before, done, plain, asked, lid)
    return done


def _part_lips(before: Image, done: Image, plain: FloatArray, asked: FloatArray) -> None:
    own = opening(plain, MOUTH)
    upper, lower = edges(plain, asked, MOUTH)
    share = 1 - float(_step(own, SHUT, PARTED))
    if share <= 0 or opening(asked, MOUTH) <= own:
        return
    line = _line(before, upper)
    if line is None:
        return
    pair = [edge.shifted(line.off * _inward(upper)) for edge in (upper, lower)]
    line = replace(line, inside=line.inside - line.off, outside=line.outside + line.off, off=0.0)
    field = _Field.around(pair, line, before.shape[:2])
    if field is None:
        return
    palette = palette_of(before, plain, line)
    painted = _inside(field, pair, palette)
    _lay(done, before, field, pair, (line, _turned(line)), painted, share)


def _slide_lids(before: Image, done: Image, plain: FloatArray, asked: FloatArray, lid: Lid) -> None:
    if opening(plain, lid) - opening(asked, lid) < _NARROWER:
        return
    pair = list(edges(plain, asked, lid))
    lines = [_line(before, edge) for edge in pair]
    if lines[0] is None:
        return
    upper = lines[0]
    lower = lines[1] or Line(0.5, 0.5, 0.0, upper.colour, upper.beside)
    field = _Field.around(pair, upper, before.shape[:2])
    if field is None:
        return
    centre = plain[lid.iris[0], :2]
    shift = asked[lid.iris[0], :2] - centre
    radius = float(np.linalg.norm(plain[lid.iris[1], :2] - centre))
    away = np.linalg.norm(field.places - centre - shift, axis=1)
    looks = 1 - _step(away / max(radius, 1e-6), 1.0, 2.0)
    painted = sampled_at(before, field.places - looks[:, None] * shift)
    _lay(done, before, field, pair, (upper, lower), painted, 1.0)


@dataclass(frozen=True)
class _Field:
    """The pixels about an opening: where they lie, and how far inside of its edges."""

    rows: slice
    columns: slice
    places: FloatArray
    depth: FloatArray
    away: tuple[FloatArray, FloatArray]

    @classmethod
    def around(cls, pair: list[Edge], line: Line, size: tuple[int, ...]) -> _Field | None:
        curves = np.concatenate([curve for edge in pair for curve in (edge.before, edge.after)])
        margin = 3 + line.outside + line.inside
        left, top = np.maximum(np.floor(curves.min(0) - margin), 0).astype(int).tolist()
        right, bottom = np.ceil(curves.max(0) + margin).astype(int).tolist()
        right, bottom = min(right, size[1]), min(bottom, size[0])
        if right - left < 2 or bottom - top < 2:
            return None
        y, x = np.mgrid[top:bottom, left:right] + 0.5
        places = np.stack([x.ravel(), y.ravel()], 1)
        depth = aperture(places, pair[0].after, pair[1].after)
        away = distances(places, pair[0].after), distances(places, pair[1].after)
        return cls(slice(top, bottom), slice(left, right), places, depth, away)


def _lay(
    done: Image,
    before: Image,
    field: _Field,
    pair: list[Edge],
    lines: tuple[Line, Line],
    painted: Image,
    share: float,
) -> None:
    """Lay the inside of an opening and the lines of its edges over the warped picture."""
    cut = done[field.rows, field.columns]
    under = cut.reshape(-1, 4)
    cover = np.clip(field.depth + 0.5, 0, 1)[:, None].astype(np.float32)
    mixed = under + cover * (painted - under)
    inside = field.depth > 0
    weights, colours = [], []
    for edge, line, away in zip(pair, lines, field.away, strict=True):
        reach = np.where(inside, line.inside + 0.5, line.outside + 1.5)
        shown = np.clip(reach - away, 0, 1)
        near = shown > 0
        colour = np.zeros_like(mixed)
        colour[near] = sampled_at(before, carried(edge, field.places[near]))
        weights.append(shown / (away + 0.25))
        colours.append((colour, shown))
    total = np.maximum(weights[0] + weights[1], 1e-9)
    shown = np.maximum(colours[0][1], colours[1][1])[:, None].astype(np.float32)
    carry = sum(
        (weight / total)[:, None].astype(np.float32) * colour
        for weight, (colour, _) in zip(weights, colours, strict=True)
    )
    mixed += shown * (carry - mixed)
    done[field.rows, field.columns] = (under + share * (mixed - under)).reshape(cut.shape)


def palette_of(before: Image, plain: FloatArray, line: Line) -> Palette:
    """Colours for the inside of a mouth in the manner of a drawing.

    Args:
        before: the drawing.
        plain: (478, 3) its face.
        line: that of its shut lips.
    """
    skin, ink = line.beside, line.colour
    tint = skin.copy()
    if np.ptp(skin[:3]) > 0.03 or np.ptp(ink[:3]) > 0.06:
        tint[:3] *= (0.62, 0.22, 0.24)
    else:
        tint[:3] *= 0.25
    inside = 0.55 * ink + 0.45 * tint
    tongue = inside + 0.45 * (skin * np.array([0.95, 0.55, 0.55, 1], np.float32) - inside)
    soft = _is_photo(before, plain)
    white = np.ones(4, np.float32)
    teeth = (0.78 * white if soft else white) * 0.85 + 0.15 * skin
    for colour in (inside, teeth, tongue):
        colour[3] = skin[3]
    width = float(np.linalg.norm(plain[MOUTH.outer, :2] - plain[MOUTH.inner, :2]))
    return Palette(
        inside.astype(np.float32),
        teeth.astype(np.float32),
        tongue.astype(np.float32),
        0.035 * width if soft else 0.7,
    )


def _inside(field: _Field, pair: list[Edge], palette: Palette) -> Image:
    """(N, 4) the inside of the mouth: dark, a tongue low in it, teeth along the upper lip."""
    upper, lower = (edge.after for edge in pair)
    middle = len(upper) // 2
    gap = float(np.linalg.norm(lower[middle] - upper[middle]))
    across = upper[-1] - upper[0]
    width = max(float(np.linalg.norm(across)), 1e-6)
    across /= width
    down = (lower[middle] - upper[middle]) / max(gap, 1e-6)
    # From -1 at one corner to 1 at the other.
    along = (field.places - upper[0]) @ across / width * 2 - 1
    soft = palette.softness
    colours = np.tile(palette.inside, (len(field.places), 1))
    wide = gap / width
    base = lower[middle] + 0.06 * gap * down
    local = field.places - base
    high = 0.42 * gap
    ring = np.hypot(local @ across / (0.30 * width), local @ down / max(high, 1e-6))
    tongue = np.clip(0.5 + (1 - ring) * high / soft, 0, 1) * _step(wide, 0.18, 0.3)
    colours += tongue[:, None].astype(np.float32) * (palette.tongue - colours)
    row = 0.3 * gap * _step(wide, 0.08, 0.2) * (1 - 0.45 * _step(wide, 0.45, 0.8))
    deep = row * np.clip(1.08 - along**4, 0, 1)
    teeth = np.clip(0.5 + (deep - field.away[0]) / soft, 0, 1) * _step(deep, 0.3, 1.5)
    colours += teeth[:, None].astype(np.float32) * (palette.teeth - colours)
    if soft > 1:
        # Light falls off towards the corners of a real mouth.
        shade = 1 - 0.45 * _step(np.abs(along), 0.35, 1.0)
        colours[:, :3] *= shade[:, None].astype(np.float32)
    return colours


def _is_photo(before: Image, plain: FloatArray) -> bool:
    """True if even the plain places of a face are uneven."""
    left, top = np.maximum(plain[:, :2].min(0), 0).astype(int)
    right, bottom = plain[:, :2].max(0).astype(int)
    grey = before[top:bottom, left:right, :3].mean(2)
    if min(grey.shape) < 4:
        return False
    bends = np.abs(2 * grey[:, 1:-1] - grey[:, 2:] - grey[:, :-2])
    return float(np.quantile(bends, 0.35)) > _NOISE / 4


def _line(before: Image, edge: Edge) -> Line | None:
    width = float(np.linalg.norm(edge.before[-1] - edge.before[0]))
    return line_of(before, edge, max(2.5, _LOOK * width))


def _inward(edge: Edge) -> FloatArray:
    """(2,) from the middle of an edge into the opening."""
    way = edge.before[-1] - edge.before[0]
    return edge.inward * np.array([-way[1], way[0]]) / max(float(np.linalg.norm(way)), 1e-9)


def _turned(line: Line) -> Line:
    """The same line as the other lip sees it."""
    return replace(line, inside=line.outside, outside=line.inside)


def _step(value: float | FloatArray, low: float, high: float) -> FloatArray:
    share = np.clip((value - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)
