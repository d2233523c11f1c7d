"""Mouth and eyes put right around a warp.

A warp only stretches what is drawn: shut lips pulled apart show a smear of themselves, lids that
close press the iris together, a line stretches with its skin. So the lines of lips and lids are
taken off before the warp, and laid on again where their edges have gone; lips that part open on
the inside of a mouth, and lids slide over an eye that stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genani.face.brow import Brow, brows_laid, lifted, without_brows
from genani.face.easing import smoothstep
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
from genani.face.eyeball import Eyeball, eyeball_of
from genani.face.guides import SHUT, guides
from genani.face.mesh import LIDS, MOUTH, FloatArray, Lid, opening
from genani.face.mouth import Palette, is_photo, painted, palette_of
from genani.face.seam import Seam, closed
from genani.face.strokes import Stroke, centres, cut_about, filled, grown, laid, stroke_of

_WIDER = 0.03
"""Further opening, in shares of the width, from which an open mouth shows more inside."""

_UNSEEN = 0.35
"""Share of their parting that lips get where the drawing shows none."""

_LOOK, _LOOK_AT_LIPS = 0.12, 0.18
"""How far to both sides of an edge its line is looked for, in shares of the opening's width."""

_LASHES, _TAILS = 0.35, 0.2
"""How far lashes reach from a lid, and a mouth's line from its edge, in shares of the width."""

_NARROWER = 0.012
"""Closing or opening of drawn lids, in shares of the eye's width, from which they slide over the
eye, and way of an iris from which it is moved apart from its white."""

_CLOSING = 0.35
"""Share of its opening that an eye on a photo closes by, from which lids slide over it."""

_MET = 0.07
"""Thickness of the line where lids without one meet, in shares of the eye's width."""

_CHEEKS = [50, 280, 205, 425, 117, 346, 123, 352, 187, 411]


_SEAM = 1.5
"""Pixels by which the lines of both lids overlap at the corners of an eye."""


@dataclass(frozen=True)
class _Part:
    """One opening that is to be drawn anew.

    Attributes:
        pair: its upper and its lower edge.
        lines, strokes: theirs; a photo has no strokes.
        lid: which opening.
        palette: colours between the lips; none for eyes.
        kept: what shows between the lips already stays there.
        ball: what is between the lids of a drawing.
        still: the lids stay as they are; only what is between their lines is drawn.
    """

    pair: tuple[Edge, Edge]
    lines: tuple[Line, Line]
    strokes: tuple[Stroke, Stroke] | None
    lid: Lid
    palette: Palette | None = None
    kept: bool = False
    ball: Eyeball | None = None
    still: bool = False


class Retouch:
    """What a face needs besides being warped.

    Attributes:
        erased: (H, W, 4) float32 premultiplied, the picture to be warped.
        guides: points for the warp, (478 + N, 2) before and after, and which it follows.

    Args:
        before: (H, W, 4) float32 premultiplied, 0 to 1, the picture about the face.
        plain, asked: (478, 3) the face on it before and after.
    """

    def __init__(self, before: Image, plain: FloatArray, asked: FloatArray) -> None:
        self._before = before
        self._photo = is_photo(before, plain)
        self.erased = before
        mouth = _mouth_line(before, plain)
        if mouth is None and opening(plain, MOUTH) <= SHUT:
            asked = _lips_together(plain, asked)
        self._plain, self._asked = plain, asked
        self._skin = _skin(before, plain)
        self._brows: list[Brow] = []
        if not self._photo:
            self.erased, self._brows = lifted(before, before, plain, asked)
        self._parts: list[_Part] = []
        self._seam: Seam | None = None
        self._add_mouth(mouth)
        for lid in LIDS:
            self._add_eye(lid)
        slid = [part.lid for part in self._parts if part.lid is not MOUTH]
        warped = without_brows(plain, asked) if self._brows else asked
        self.guides = guides(plain, warped, slid)

    def finish(self, warped: Image) -> Image:
        """The warped picture with mouth and eyes laid in; the same object where nothing is.

        Args:
            warped: (H, W, 4), `erased` after the warp.
        """
        done = warped
        for part in self._parts:
            done = self._laid(done, part)
        if self._seam is not None:
            done = self._seam.laid(done)
        return brows_laid(done, self._brows)

    def _add_mouth(self, line: Line | None) -> None:
        upper, lower = edges(self._plain, self._asked, MOUTH)
        own, now = opening(self._plain, MOUTH), opening(self._asked, MOUTH)
        if own > SHUT:
            if now > own + _WIDER:
                self._parts.append(self._open_mouth(upper, lower))
            meets = closed(self._before, self.erased, (upper, lower), (own, now), self._photo)
            if meets is not None:
                self.erased, self._seam = meets
            return
        if line is None or not (upper.moves or lower.moves):
            return
        off = line.off * _inward(upper)
        pair = upper.shifted(off), lower.shifted(off)
        line = replace(
            line, inside=line.inside - line.off, outside=line.outside + line.off, off=0.0
        )
        lines = line, replace(line, inside=line.outside, outside=line.inside)
        palette = palette_of(self._plain, line.colour, line.beside, self._photo)
        part = _Part(pair, lines, None, MOUTH, palette)
        self._parts.append(part if self._photo else self._without_lines(part, _TAILS))

    def _open_mouth(self, upper: Edge, lower: Edge) -> _Part:
        """A mouth that opens wider: what is in it stays by the upper lip, and under it is dark."""
        ring = np.concatenate([upper.before, lower.before])
        inner = np.concatenate([ring.mean(0) + k / 8 * (ring - ring.mean(0)) for k in range(8)])
        colours = sampled_at(self._before, inner)
        grey = colours[:, :3].mean(1)
        darkest = np.median(colours[grey <= np.quantile(grey, 0.1)], axis=0).astype(np.float32)
        none = Line(0.0, 0.0, 0.0, darkest, self._skin)
        lines = [_line(self._before, edge) or none for edge in (upper, lower)]
        palette = palette_of(self._plain, darkest, self._skin, self._photo)
        return _Part((upper, lower), (lines[0], lines[1]), None, MOUTH, palette, kept=True)

    def _add_eye(self, lid: Lid) -> None:
        own, now = opening(self._plain, lid), opening(self._asked, lid)
        closes = own - now >= (_CLOSING * own if self._photo else _NARROWER)
        opens = now - own >= _NARROWER
        if not (closes or (not self._photo and (opens or self._looks(lid)))):
            return
        pair = edges(self._plain, self._asked, lid)
        above, below = (_line(self._before, edge) for edge in pair)
        if above is None and self._photo:
            return
        if above is None:
            # Such as a white disc on skin: its lids get a line only where they meet.
            ink = self._before[_pixel(self._plain[lid.iris[0]], self._before.shape)]
            above = Line(0.0, 0.0, 0.0, ink, self._skin)
        if below is None:
            below = replace(above, inside=0.0, outside=0.5 * above.outside, off=0.0)
        above, below = (
            replace(each, colour=above.colour, beside=self._skin) for each in (above, below)
        )
        ball = None if self._photo else self._ball(pair, (above, below), lid)
        if ball is None and not closes:
            return
        part = _Part(pair, (above, below), None, lid, ball=ball, still=not (closes or opens))
        if part.still:
            self._parts.append(part)
            return
        if self._photo or not above.outside:
            self._without_eye(part)
        else:
            part = self._without_lines(part, _LASHES)
        self._parts.append(part)

    def _looks(self, lid: Lid) -> bool:
        """True if an iris moves in its eye."""
        way = self._iris_moves(lid)
        width = np.linalg.norm(self._plain[lid.inner, :2] - self._plain[lid.outer, :2])
        return bool(np.linalg.norm(way) >= _NARROWER * width)

    def _iris_moves(self, lid: Lid) -> FloatArray:
        """(2,) pixels."""
        return self._asked[lid.iris[0], :2] - self._plain[lid.iris[0], :2]

    def _ball(self, pair: tuple[Edge, Edge], lines: tuple[Line, Line], lid: Lid) -> Eyeball | None:
        centre, rim = self._plain[lid.iris[0], :2], self._plain[list(lid.iris[1:]), :2]
        radius = float(np.linalg.norm(rim - centre, axis=1).mean())
        return eyeball_of(self._before, pair, lines, centre, radius)

    def _without_eye(self, part: _Part) -> None:
        """Take an eye with its lashes off a photo, where lines cannot be told from shadows."""
        upper, lower = part.pair
        reach = 3 + part.lines[0].outside
        curves = np.concatenate([upper.before, lower.before])
        cut = cut_about(curves, reach + 8, self._before.shape[:2])
        if cut is not None:
            places = centres(cut)
            depth = aperture(places.reshape(-1, 2), upper.before, lower.before)
            hole = depth.reshape(places.shape[:2]) > -reach
            self.erased = self.erased.copy()
            self.erased[cut] = filled(self.erased[cut], hole, self._skin, plain=False)

    def _without_lines(self, part: _Part, tails: float) -> _Part:
        """Take the lines of an opening off the picture, and an eye with them."""
        upper, lower = part.pair
        width = float(np.linalg.norm(upper.before[-1] - upper.before[0]))
        curves = np.concatenate([upper.before, lower.before])
        cut = cut_about(curves, tails * width + 4, self._before.shape[:2])
        if cut is None:
            return part
        places = centres(cut)
        size = places.shape[:2]
        flat = places.reshape(-1, 2)
        depth = aperture(flat, upper.before, lower.before).reshape(size)
        picture, erased = self._before[cut].copy(), self.erased[cut]
        strokes: list[Stroke] = []
        others = np.zeros(size, bool)
        for edge, line, other in zip(part.pair, part.lines, (lower, upper), strict=True):
            seen, bound = picture, np.full(size, -1.0)
            if part.lid is not MOUTH:
                # Each lid takes what lies nearest to it, and a little more: no gap must show.
                nearer = distances(flat, edge.before) <= distances(flat, other.before) + _SEAM
                seen = np.where(nearer.reshape(*size, 1), picture, line.beside)
                bound = depth
            stroke, beside = stroke_of(seen, places, edge, line, bound, tails * width)
            strokes.append(stroke)
            others |= beside
        hole = grown((strokes[0].ink[..., 4] > 0.02) | (strokes[1].ink[..., 4] > 0.02), 1)
        if part.lid is not MOUTH:
            hole |= grown(depth > 0, 2)
            if part.ball is not None:
                hole |= part.ball.white_beyond(picture, depth, self._skin, width)
        hole &= ~grown(others, 1)
        ground = part.lines[0].beside
        self.erased = self.erased.copy()
        self.erased[cut] = filled(erased, hole, ground, plain=not self._photo)
        return replace(part, strokes=(strokes[0], strokes[1]))

    def _laid(self, warped: Image, part: _Part) -> Image:
        """The warped picture with one opening and the lines of its edges over it."""
        upper, lower = part.pair
        tail = 3 + max(s.reach for s in part.strokes) if part.strokes else 12
        cut = cut_about(np.concatenate([upper.after, lower.after]), tail, warped.shape[:2])
        if cut is None:
            return warped
        places = centres(cut).reshape(-1, 2)
        depth = aperture(places, upper.after, lower.after)
        away = distances(places, upper.after), distances(places, lower.after)
        under = warped[cut].reshape(-1, 4)
        if part.still and part.ball is not None:
            cover = part.ball.uncovered(places)
        else:
            cover = np.clip(depth + 0.5, 0, 1)[:, None].astype(np.float32)
        inside = self._inside(part, places, away[0])
        mixed = np.asarray(under + cover * (inside - under), np.float32)
        if part.still:
            return _put(warped, cut, mixed)
        if part.strokes:
            mixed = laid(mixed, part.strokes[1], lower, places, away[1])
            if part.lid is not MOUTH or (depth > 0).any():
                mixed = laid(mixed, part.strokes[0], upper, places, away[0])
        elif part.lines[0].outside:
            mixed = _banded(mixed, self._before, part, places, depth, away)
        else:
            mixed = self._met(mixed, part, away[0])
        return _put(warped, cut, mixed)

    def _met(self, under: Image, part: _Part, away: FloatArray) -> Image:
        """(N, 4) colours with a line over them where lids without one have met."""
        if part.lid is MOUTH:
            return under
        gaps = [opening(points, part.lid) for points in (self._asked, self._plain)]
        upper = part.pair[0].after
        thick = _MET * float(np.linalg.norm(upper[-1] - upper[0]))
        near = 1 - smoothstep(gaps[0] / max(gaps[1], 1e-6), 0.1, 0.4)
        cover = (near * np.clip(thick / 2 + 0.5 - away, 0, 1))[:, None]
        return np.asarray(under + cover * (part.lines[0].colour - under), np.float32)

    def _inside(self, part: _Part, places: FloatArray, below: FloatArray) -> Image:
        """(N, 4) what shows through an opening: the mouth, or the eye with its iris moved."""
        if part.palette is not None:
            upper, lower = part.pair
            new = painted(places, below, upper.after, lower.after, part.palette, bare=part.kept)
            if not part.kept:
                return new
            source = carried(upper, places)
            seen = np.clip(aperture(source, upper.before, lower.before), 0, 1)[:, None]
            old = sampled_at(self._before, source)
            return np.asarray(new + seen * (old - new), np.float32)
        shift = self._iris_moves(part.lid)
        if part.ball is not None:
            return part.ball.painted(places, shift)
        centre, rim = (self._plain[i, :2] for i in part.lid.iris[:2])
        radius = max(float(np.linalg.norm(rim - centre)), 1e-6)
        away = np.linalg.norm(places - centre - shift, axis=1) / radius
        follows = 1 - smoothstep(away, 1.0, 2.0)
        return sampled_at(self._before, places - follows[:, None] * shift)


def _banded(
    under: Image,
    before: Image,
    part: _Part,
    places: FloatArray,
    depth: FloatArray,
    away: tuple[FloatArray, FloatArray],
) -> Image:
    """(N, 4) colours with the surroundings of both edges over them, carried as they are."""
    weights, colours, shares = [], [], []
    for edge, line, far in zip(part.pair, part.lines, away, strict=True):
        reach = np.where(depth > 0, line.inside + 0.5, line.outside + 1.5)
        shown = np.clip(reach - far, 0, 1).astype(np.float32)
        colour = np.zeros_like(under)
        colour[shown > 0] = sampled_at(before, carried(edge, places[shown > 0]))
        weights.append(shown / (far + 0.25).astype(np.float32))
        colours.append(colour)
        shares.append(shown)
    total = np.maximum(weights[0] + weights[1], 1e-9)
    both = (weights[0][:, None] * colours[0] + weights[1][:, None] * colours[1]) / total[:, None]
    return under + np.maximum(*shares)[:, None] * (both - under)


def _put(under: Image, cut: tuple[slice, slice], colours: Image) -> Image:
    """A picture with a part of it replaced by colours (N, 4)."""
    done = under.copy()
    done[cut] = colours.reshape(done[cut].shape)
    return done


def _skin(before: Image, plain: FloatArray) -> NDArray[np.float32]:
    """(4,) the colour of the cheeks."""
    return np.median(sampled_at(before, plain[_CHEEKS, :2]), axis=0).astype(np.float32)


def _lips_together(plain: FloatArray, asked: FloatArray) -> FloatArray:
    """(478, 3) points asked for, their lips hardly parted: there is no mouth to open."""
    kept = asked.copy()
    upper, lower = list(MOUTH.upper), list(MOUTH.lower)
    apart = (asked - plain)[lower] - (asked - plain)[upper]
    kept[upper] += (1 - _UNSEEN) / 2 * apart
    kept[lower] -= (1 - _UNSEEN) / 2 * apart
    return kept


def _mouth_line(before: Image, plain: FloatArray) -> Line | None:
    return _line(before, edges(plain, plain, MOUTH)[0], _LOOK_AT_LIPS)


def _line(before: Image, edge: Edge, share: float = _LOOK) -> Line | None:
    width = float(np.linalg.norm(edge.before[-1] - edge.before[0]))
    return line_of(before, edge, max(2.5, share * width))


def _pixel(point: FloatArray, size: tuple[int, ...]) -> tuple[int, int]:
    """Row and column of the pixel at a place."""
    x, y = np.floor(point[:2]).astype(int)
    return min(max(int(y), 0), size[0] - 1), min(max(int(x), 0), size[1] - 1)


def _inward(edge: Edge) -> FloatArray:
    """(2,) from the middle of an edge into the opening."""
    way = edge.before[-1] - edge.before[0]
    return edge.inward * np.array([-way[1], way[0]]) / max(float(np.linalg.norm(way)), 1e-9)
