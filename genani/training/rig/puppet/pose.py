"""Where a moment puts the 478 points and the nodes of every layer on the frame."""

from __future__ import annotations

import numpy as np

from genani.face.mesh import LIDS
from genani.training.rig.puppet.acting import Moment
from genani.training.rig.puppet.brush import EXTENT, LEFT, TOP, FloatArray
from genani.training.rig.puppet.head import LIP_ROWS, PIVOT, SKULL, Head
from genani.training.rig.puppet.maps import NODES, nodes
from genani.training.rig.puppet.sheets import BACK, BODY, FRONT, GROUND, SKIN, Sheets

_FINE = 1 << 12
"""Nodes are rounded to this share of a pixel, so that no machine's sums show."""

_MEETING = 0.2
"""How far up the eye the lids meet."""


def expressed(head: Head, moment: Moment) -> FloatArray:
    """(478, 2) the points on the painted sheets once the face does what the moment says."""
    moved = np.tensordot(moment.strengths, head.seen_moves, 1)
    points = head.points + np.round(moved * _FINE) / _FINE
    _part_lips(points)
    for side, lid in enumerate(LIDS):
        _lids(points, head, side, float(moment.shut[side]))
        _gaze(points, head, lid.outer, lid.inner, list(lid.iris), moment.gaze)
    return points


def _part_lips(points: FloatArray) -> None:
    """No lip goes through the other; the outer edges keep off the inner ones."""
    outer1, inner1, inner2, outer2 = (list(row) for row in LIP_ROWS)
    over = np.maximum(points[inner1, 1] - points[inner2, 1], 0) / 2
    points[inner1, 1] -= over
    points[inner2, 1] += over
    points[outer1, 1] = np.minimum(points[outer1, 1], points[inner1, 1])
    points[outer2, 1] = np.maximum(points[outer2, 1], points[inner2, 1])


def _lids(points: FloatArray, head: Head, side: int, shut: float) -> None:
    lid = LIDS[side]
    upper, lower = list(lid.upper), list(lid.lower)
    high, low = head.points[upper], head.points[lower]
    meet = low + _MEETING * (high - low)
    # Shut lids hang in an arc whatever the form of the eye was.
    if shut >= 0:
        points[upper] = high + shut * (meet - high)
        points[lower] = low + shut * (meet - low)
    else:
        points[upper] = high + shut * 0.5 * (low - high)
        points[lower] = low - shut * 0.15 * (low - high)
    points[[lid.outer, lid.inner]] = head.points[[lid.outer, lid.inner]]


def _gaze(
    points: FloatArray, head: Head, outer: int, inner: int, iris: list[int], gaze: FloatArray
) -> None:
    wide = abs(head.points[outer, 0] - head.points[inner, 0])
    points[iris] = head.points[iris] + gaze * wide * (0.16, 0.1)


def turned(moment: Moment, places: FloatArray, depth: FloatArray) -> FloatArray:
    """(..., 2) pixels of places (..., 2) on the head's sheets that stand out by `depth` (...,)."""
    yaw, pitch, roll = np.radians(moment.turn)
    x, y = places[..., 0], places[..., 1]
    right = x * np.cos(yaw) + depth * np.sin(yaw)
    out = depth * np.cos(yaw) - x * np.sin(yaw)
    down = (y - PIVOT) * np.cos(pitch) - out * np.sin(pitch)
    c, s = np.cos(roll), np.sin(roll)
    head_x = c * right - s * down + moment.shift[0]
    head_y = s * right + c * down + PIVOT + moment.shift[1]
    return filmed(moment, np.stack([head_x, head_y], -1))


def filmed(moment: Moment, places: FloatArray) -> FloatArray:
    """(..., 2) pixels of places (..., 2) in face units before the camera."""
    unit, roll, x, y = moment.camera
    c, s = np.cos(roll) * unit, np.sin(roll) * unit
    px, py = places[..., 0], places[..., 1] - 0.2
    return np.stack([c * px - s * py + x, s * px + c * py + y], -1)


def on_frame(head: Head, moment: Moment, places: FloatArray) -> FloatArray:
    """(n, 2) pixels of places (n, 2) on the face's skin, as its sheet has them."""
    placed = turned(moment, places, head.depth(places) - SKULL[2])
    return np.round(placed * _FINE) / _FINE


def grids(painted: Sheets, moment: Moment, points: FloatArray, size: int) -> dict[int, FloatArray]:
    """(NODES, NODES, 2) pixels of the nodes of each layer there is.

    Args:
        painted: the layers.
        moment: what is done.
        points: (478, 2) from `expressed`.
        size: pixels a side of the frame.
    """
    head, base = painted.head, nodes()
    found: dict[int, FloatArray] = {}
    for layer in painted.layers:
        if layer == GROUND:
            grid = _ground(moment, base, size)
        elif layer == BODY:
            grid = filmed(moment, base + moment.shift * 0.35)
        else:
            places = base
            if layer == SKIN:
                pulled = painted.pull @ (points - head.points)
                places = base + pulled.reshape(NODES, NODES, 2)
            elif layer in (FRONT, BACK):
                places = base + painted.hang[..., None] * moment.sway * (1.6, 1.0)
            grid = turned(moment, places, painted.depths[layer])
        found[layer] = np.round(grid * _FINE) / _FINE
    return found


def _ground(moment: Moment, base: FloatArray, size: int) -> FloatArray:
    unit, roll, x, y = moment.camera
    far = 1.5 * size / EXTENT * np.sqrt(unit * 1.7 / (0.5 * size))
    c, s = np.cos(0.6 * roll) * far, np.sin(0.6 * roll) * far
    px, py = base[..., 0] - LEFT - EXTENT / 2, base[..., 1] - TOP - EXTENT / 2
    middle = size / 2 + 0.35 * (np.array([x, y]) - size / 2)
    return np.stack([c * px - s * py + middle[0], s * px + c * py + middle[1]], -1)
