"""Dense maps from the motion of landmarks: the head moves, what is around it stays.

The head's own motion, a similarity, carries hair and outline along and fades to nothing with the
distance from the face. What each landmark does beyond it is spread by a spline whose kernel is
the distance itself (R. L. Harder and R. N. Desmarais' surface splines, 1972, with the kernel
that overshoots least) and ends near the face. Maps are computed on a coarse grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import CONTOURS, FloatArray, part_of_points
from genani.face.pose import Similarity, fitted_robustly
from genani.scene.face import FacePart

NODES = 128
"""Nodes of the grid along the longer side of what moves."""

HEAD_WHOLE, HEAD_END = 0.45, 1.15
"""Distances from the face up to which all, and from which nothing, follows the head. Where the
head travels far, the end lies farther out, or what it leaves behind would fold."""

FACE_END = 0.45
"""Distance from the face at which its expression moves nothing any more. All three are in shares
of `face_size`."""

HELD_WHOLE, HELD_END = 0.1, 0.3
"""Distances from places held still up to which nothing moves, and from which all does again."""

LEAST_AREA = 0.08
"""No part of a picture is pressed to less than this share of its area."""

_STRETCH = 1.8
"""Room for the fade in shares of the travel; the steepest part of the fade needs 1.5."""

_SLACK = 2e-3
"""How freely the spline misses landmarks that pull against each other."""

_RESTING = Similarity(np.eye(2), 1.0, np.zeros(2), np.zeros(2))
_ROUNDS = 60


@dataclass(frozen=True)
class Warp:
    """A backward map: where in the picture before each place of the picture after comes from.

    Attributes:
        box: (left, top, right, bottom) in whole pixels, on or off the canvas; outside it nothing
            moves.
        nodes: (h, w, 2) float32, displacement (x, y) in pixels at evenly spaced nodes, the
            first on the box's top left corner and the last on its bottom right one.
    """

    box: tuple[int, int, int, int]
    nodes: NDArray[np.float32]

    @property
    def still(self) -> bool:
        """True if nothing moves at all."""
        return not self.nodes.any()

    def dense(self, size: tuple[int, int]) -> NDArray[np.float32]:
        """(H, W, 2) float32, displacement (x, y) at the centre of each pixel.

        Args:
            size: (width, height) of the canvas.
        """
        width, height = size
        left, top, right, bottom = self.box
        field = np.zeros((height, width, 2), np.float32)
        x = np.arange(max(left, 0), min(right, width))
        y = np.arange(max(top, 0), min(bottom, height))
        if not len(x) or not len(y):
            return field
        rows = _along(self.nodes, (y + 0.5 - top) / (bottom - top))
        columns = _along(rows.swapaxes(0, 1), (x + 0.5 - left) / (right - left))
        field[y[0] : y[-1] + 1, x[0] : x[-1] + 1] = columns.swapaxes(0, 1)
        return field

    def at(self, places: FloatArray) -> FloatArray:
        """(N, 2) displacement at places (N, 2) on the canvas, one by one."""
        left, top, right, bottom = self.box
        height, width = self.nodes.shape[:2]
        x = (places[:, 0] - left) / (right - left) * (width - 1)
        y = (places[:, 1] - top) / (bottom - top) * (height - 1)
        inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
        column = np.clip(x.astype(np.int64), 0, width - 2)
        row = np.clip(y.astype(np.int64), 0, height - 2)
        u, v = (x - column)[:, None], (y - row)[:, None]
        upper = self.nodes[row, column] * (1 - u) + self.nodes[row, column + 1] * u
        lower = self.nodes[row + 1, column] * (1 - u) + self.nodes[row + 1, column + 1] * u
        return np.where(inside[:, None], upper * (1 - v) + lower * v, 0.0)


def backward(
    before: FloatArray,
    after: FloatArray,
    knots: NDArray[np.int64] | None = None,
    nodes: int = NODES,
    *,
    head_moves: bool = True,
) -> Warp:
    """The map that takes a picture whose face is at `before` to one whose face is at `after`.

    The forward map, from each place of the picture before to where it goes, is the backward map
    of the way back.

    Args:
        before, after: (478, 2 or 3) points on the canvas.
        knots: which points the map must follow; all by default.
        nodes: of the grid, along its longer side.
        head_moves: False where only the expression differs: hair and outline stay then.
    """
    start, end = before[:, :2], after[:, :2]
    head = head_motion(end, start) if head_moves else _RESTING
    size = face_size(end)
    travel = float(np.linalg.norm(head(end) - end, axis=1).max())
    reach = max(HEAD_END * size, HEAD_WHOLE * size + _STRETCH * travel)
    box = _box(end, reach)
    places, shape = _grid(box, nodes)
    if np.array_equal(start, end):
        return Warp(box, np.zeros((*shape, 2), np.float32))
    away = distance_from_face(places, end)
    field = (head(places) - places) * _fade(away, HEAD_WHOLE * size, reach)[:, None]
    followed = np.arange(len(start)) if knots is None else knots
    near = away < FACE_END * size
    spline = _Spline(end[followed] / size, (start - head(end))[followed])
    fade = _fade(away[near], 0.1 * size, FACE_END * size)[:, None]
    field[near] += spline(places[near] / size) * fade
    spacing = ((box[2] - box[0]) / (shape[1] - 1), (box[3] - box[1]) / (shape[0] - 1))
    return Warp(box, unfolded(field.reshape(*shape, 2), spacing).astype(np.float32))


def held_still(warp: Warp, places: FloatArray, points: FloatArray) -> Warp:
    """The map with nothing moving at and right around some places.

    Args:
        warp: the map.
        places: (N, 2) on the canvas; none leaves the map as it is.
        points: (478, 2 or 3), the face, for its size.
    """
    if not len(places) or warp.still:
        return warp
    shape = warp.nodes.shape
    size = face_size(points)
    nodes, _ = _grid(warp.box, max(shape[:2]))
    away = np.sqrt(_square_distances(nodes, places).min(1)).reshape(shape[:2])
    free = (1 - _fade(away, HELD_WHOLE * size, HELD_END * size))[..., None]
    field = warp.nodes.astype(np.float64) * free
    left, top, right, bottom = warp.box
    spacing = ((right - left) / (shape[1] - 1), (bottom - top) / (shape[0] - 1))
    # Smoothing would leak into what is held; damping does not.
    for _ in range(_ROUNDS):
        folded = _pressed(field, spacing)
        if not folded.any():
            break
        field = field * (1 - 0.3 * _around(folded))
    return Warp(warp.box, _weakened(field, spacing).astype(np.float32))


def head_motion(before: FloatArray, after: FloatArray) -> Similarity:
    """How the head moves in the plane, whatever the mouth, the eyes and the brows do.

    Args:
        before, after: (478, 2) or (478, 3).
    """
    return fitted_robustly(before, after, head_weights())


def face_size(points: FloatArray) -> float:
    """Half the face's extent in pixels: the unit of distances from it."""
    oval = points[list(CONTOURS["oval"]), :2]
    return max(float(np.sqrt(np.square(oval - oval.mean(0)).sum(1).mean())), 1e-3)


def distance_from_face(places: FloatArray, points: FloatArray) -> FloatArray:
    """(N,) pixels from places (N, 2) to the convex hull of a face; 0 all over it.

    Just outside a corner it is a little too short: the most of the distances from the sides.
    """
    hull = _hull(points[:, :2])
    sides = np.roll(hull, -1, axis=0) - hull
    outward = np.stack([sides[:, 1], -sides[:, 0]], 1)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    beyond = places @ outward.T - (hull * outward).sum(1)
    return np.maximum(beyond.max(1), 0.0)


def unfolded(field: FloatArray, spacing: tuple[float, float]) -> FloatArray:
    """A field without folds: smoothed where it would turn the picture over, until it does not.

    Args:
        field: (h, w, 2), displacement (x, y) at nodes; nothing moves on its border.
        spacing: pixels between nodes (x, y).
    """
    for _ in range(_ROUNDS):
        folded = _pressed(field, spacing)
        if not folded.any():
            return field
        field = field + np.minimum(2 * _around(folded), 1) * (_blurred(field) - field)
    return _weakened(field, spacing)


def least_area(field: FloatArray, spacing: tuple[float, float]) -> FloatArray:
    """(h - 1, w - 1) the least area, in shares of its own, that each cell of a field is pressed to.

    Below 0 it is folded over. Between nodes displacement is bilinear, so a cell's corners tell.
    """
    unit = field / spacing
    x = 1 + np.diff(unit[..., 0], axis=1), np.diff(unit[..., 0], axis=0)
    y = np.diff(unit[..., 1], axis=1), 1 + np.diff(unit[..., 1], axis=0)
    corners = [
        x[0][i : i + h] * y[1][:, j : j + w] - x[1][:, j : j + w] * y[0][i : i + h]
        for h, w in [(field.shape[0] - 1, field.shape[1] - 1)]
        for i in (0, 1)
        for j in (0, 1)
    ]
    return np.minimum.reduce(corners)


class _Spline:
    """Values spread from knots, (N, 2), with the distance as kernel; constant far away."""

    def __init__(self, knots: FloatArray, values: FloatArray) -> None:
        count = len(knots)
        system = np.ones((count + 1, count + 1))
        system[:count, :count] = -np.sqrt(_square_distances(knots, knots))
        system[:count, :count] -= _SLACK * np.eye(count)
        system[count, count] = 0
        right = np.concatenate([values, np.zeros((1, 2))])
        solved = np.linalg.solve(system, right)
        self._knots = knots
        self._weights, self._constant = solved[:count].astype(np.float32), solved[count]

    def __call__(self, places: FloatArray) -> FloatArray:
        distances = _square_distances(places, self._knots)
        return self._constant - np.sqrt(distances, out=distances) @ self._weights


def _square_distances(one: FloatArray, two: FloatArray) -> NDArray[np.float32]:
    """(N, M), about the middle of the second points, so that single precision is enough."""
    middle = two.mean(0)
    near, knots = (one - middle).astype(np.float32), (two - middle).astype(np.float32)
    square = np.subtract.outer(near[:, 0], knots[:, 0])
    square *= square
    other = np.subtract.outer(near[:, 1], knots[:, 1])
    other *= other
    square += other
    return square


def _hull(points: FloatArray) -> FloatArray:
    """(M, 2) corners of the convex hull, in the order in which y runs down to the right of x.

    A. M. Andrew's monotone chain, 1979.
    """
    ordered = np.unique(points, axis=0)
    chains: list[FloatArray] = []
    for way in (ordered, ordered[::-1]):
        chain: list[FloatArray] = []
        for point in way:
            while len(chain) > 1 and _left_turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        chains += chain[:-1]
    return np.array(chains)


def _left_turn(one: FloatArray, two: FloatArray, three: FloatArray) -> float:
    a, b = two - one, three - one
    return float(a[0] * b[1] - a[1] * b[0])


def head_weights() -> FloatArray:
    """(478,) how much each point tells about the head: not lids, lips, brows or jaw."""
    return 0.05 + part_of_points()[FacePart.HEAD]


def _box(end: FloatArray, reach: float) -> tuple[int, int, int, int]:
    reach += 1
    left, top = np.floor(end.min(0) - reach).astype(int).tolist()
    right, bottom = np.ceil(end.max(0) + reach).astype(int).tolist()
    return left, top, right, bottom


def _grid(box: tuple[int, int, int, int], nodes: int) -> tuple[FloatArray, tuple[int, int]]:
    """The nodes in a box, (h * w, 2) row by row, and (h, w)."""
    left, top, right, bottom = box
    longer = max(right - left, bottom - top)
    width, height = (max(8, round(nodes * side / longer)) for side in (right - left, bottom - top))
    x, y = np.meshgrid(np.linspace(left, right, width), np.linspace(top, bottom, height))
    return np.stack([x.ravel(), y.ravel()], 1), (height, width)


def _fade(distance: FloatArray, whole: float, end: float) -> FloatArray:
    share = np.clip((end - distance) / (end - whole), 0, 1)
    return share * share * (3 - 2 * share)


def _pressed(field: FloatArray, spacing: tuple[float, float]) -> NDArray[np.bool_]:
    """(h, w) true at nodes of cells that are pressed too far."""
    cells = least_area(field, spacing) < LEAST_AREA
    nodes = np.zeros(field.shape[:2], bool)
    for rows in (slice(None, -1), slice(1, None)):
        for columns in (slice(None, -1), slice(1, None)):
            nodes[rows, columns] |= cells
    return nodes


def _around(nodes: NDArray[np.bool_]) -> FloatArray:
    """(h, w, 1) 1 about nodes that are true, softly falling to 0."""
    return _blurred(_blurred(np.minimum(4 * _blurred(nodes[..., None].astype(np.float64)), 1)))


def _weakened(field: FloatArray, spacing: tuple[float, float]) -> FloatArray:
    """A field that folds, all of it made less until it does not; the last resort."""
    while _pressed(field, spacing).any():
        field = field * 0.8
    return field


def _blurred(field: FloatArray) -> FloatArray:
    """Binomially smoothed over 3 x 3 nodes; beyond the border nothing moves."""
    padded = np.pad(field, ((1, 1), (1, 1), (0, 0)))
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    return (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16


def _along(values: NDArray[np.float32], share: FloatArray) -> NDArray[np.float32]:
    """Linear interpolation along the first axis at shares of its length."""
    place = share * (len(values) - 1)
    low = np.clip(place.astype(np.int64), 0, len(values) - 2)
    part = (place - low).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(values[low] * (1 - part) + values[low + 1] * part, np.float32)
