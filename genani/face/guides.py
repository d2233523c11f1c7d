"""What a warp of a face follows: curves all along, and no more rows than the drawing has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genani.face.edges import aperture, curve, edges
from genani.face.mesh import BROWS, CONTOURS, LIDS, MOUTH, FloatArray, Lid, canonical, opening

SHUT = 0.05
"""Opening of a mouth, in shares of its width, up to which it is shut."""

_THIN = 0.06
"""Thickness of lips, in shares of their width, below which they are one line."""

_EYE_RING = 0.12
"""Distance from an eye, on the canonical face, within which skin goes with its lids."""

_CORNER_RING = 0.15
"""The same from a mouth's corners: red of lips that goes on a little past them must not be left
behind by their line."""

_OUTER = [*CONTOURS["outer lips"]]


def guides(
    plain: FloatArray, asked: FloatArray, slid: list[Lid]
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Points for a warp, (478 + N, 2) before and after, and which of them it should follow.

    Lips, lids and brows are followed all along their curves, for between far landmarks a spline
    dents their lines. Of lips that lie on one line one row is enough: rows that are nearly in
    one place and go nearly the same way crumple it. Eyes that lids slide over stay.

    Args:
        plain, asked: (478, 3) the face before and after.
        slid: the eyes that are drawn anew.
    """
    asked = asked.copy()
    left_out = _off_the_edges(MOUTH)
    width = float(np.linalg.norm(plain[_OUTER[0]] - plain[_OUTER[10]]))
    thick = np.linalg.norm(plain[_OUTER[1:10], :2] - plain[list(MOUTH.upper), :2], axis=1).mean()
    if thick < _THIN * width:
        left_out |= {*_OUTER} - {_OUTER[0], _OUTER[10]}
    left_out |= _about_corners()
    lips = edges(plain, asked, MOUTH)
    if max(opening(plain, MOUTH), opening(asked, MOUTH)) < SHUT:
        left_out |= {*MOUTH.lower}
        lips = lips[:1]
    for lid in slid:
        eye = [lid.outer, *lid.upper, lid.inner, *lid.lower, *lid.iris]
        asked[eye] = plain[eye]
        left_out |= _off_the_edges(lid)
    curves = [*lips, *(edge for lid in LIDS for edge in edges(plain, asked, lid))]
    pairs = [(edge.before, edge.after) for edge in curves]
    pairs += [(curve(plain, row), curve(asked, row)) for rows in BROWS for row in rows]
    # The landmarks on a curve come with it.
    before, after = (np.concatenate([pair[k][1::2] for pair in pairs]) for k in (0, 1))
    kept = np.setdiff1d(np.arange(len(plain) + len(before)), list(left_out))
    return np.concatenate([plain[:, :2], before]), np.concatenate([asked[:, :2], after]), kept


def _about_corners() -> set[int]:
    """Points of the skin next to a mouth's corners."""
    rest = canonical().points[:, :2]
    own = {*_OUTER, MOUTH.outer, *MOUTH.upper, MOUTH.inner, *MOUTH.lower}
    corners = rest[[_OUTER[0], _OUTER[10]]]
    away = np.linalg.norm(rest[:, None] - corners, axis=2).min(1)
    return set(np.flatnonzero(away < _CORNER_RING).tolist()) - own


def _off_the_edges(lid: Lid) -> set[int]:
    """Points about an opening that lie on none of its edges: the red of lips, skin of lids."""
    rest = canonical().points[:, :2]
    if lid is MOUTH:
        rows = rest[_OUTER[:11]], rest[[_OUTER[0], *_OUTER[:9:-1]]]
        near = aperture(rest, *rows) > 0
    else:
        rows = (rest[[lid.outer, *side, lid.inner]] for side in (lid.upper, lid.lower))
        near = aperture(rest, *rows) > -_EYE_RING
    own = {lid.outer, *lid.upper, lid.inner, *lid.lower, *lid.iris}
    own |= {*_OUTER} if lid is MOUTH else {i for rows in BROWS for row in rows for i in row}
    return set(np.flatnonzero(near).tolist()) - own
