"""The head under a drawing: 478 points in space, the solids beneath, the view it is painted in.

Depth is towards the viewer here, the canonical face's z turned around.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from genani.face.mesh import CONTOURS, LIDS, Lid, canonical
from genani.training.rig.puppet.brush import FloatArray
from genani.training.rig.puppet.person import HeadShape, Person

SKULL = np.array([0.0, -0.24, -0.74])
"""Middle of the skull: right, down, towards the viewer."""

AXES = np.array([0.9, 0.98, 0.95])
"""Half axes of the skull."""

_NARROWEST = 0.62
"""Share of its width that an eye keeps in profile."""

PIVOT = 0.75
"""How far down the neck bears the head, face units."""

BOTH = tuple(
    sorted({name.removesuffix("Left").removesuffix("Right") for name in canonical().shapes})
)
"""Expressions of the table, without their sides."""


def turned(points: FloatArray, yaw: float) -> FloatArray:
    """(..., 3) points (right, down, towards the viewer) once the head looks to the right.

    Args:
        points: (..., 3), face units.
        yaw: degrees, towards the picture's right.
    """
    angle = np.radians(yaw)
    c, s = np.cos(angle), np.sin(angle)
    x, w = points[..., 0], points[..., 2] - SKULL[2]
    return np.stack([c * x + s * w, points[..., 1], -s * x + c * w + SKULL[2]], -1)


@dataclass(frozen=True)
class Head:
    """A person's head as it is painted.

    Attributes:
        who: the person.
        rest: (478, 3) points looking ahead, face units: right, down, towards the viewer.
        moves: (K, 478, 3) how far each of the table's expressions moves them, at full strength.
        names: of these.
    """

    who: Person
    rest: FloatArray
    moves: FloatArray
    names: tuple[str, ...]

    @cached_property
    def points(self) -> FloatArray:
        """(478, 2) where the points lie on the painted sheets.

        Seen from the side, drawn eyes and brows are kept wider than they would be.
        """
        flat = turned(self.rest, self.who.yaw)[:, :2]
        narrow = float(np.cos(np.radians(self.who.yaw)))
        if narrow < _NARROWEST:
            parts = [[lid.outer, *lid.upper, lid.inner, *lid.lower, *lid.iris] for lid in LIDS]
            parts += [list(CONTOURS["right brow"]), list(CONTOURS["left brow"])]
            for part in parts:
                off = self.rest[part, 0] - self.rest[part, 0].mean()
                flat[part, 0] = flat[part, 0].mean() + off * _NARROWEST
        return flat

    @cached_property
    def seen_moves(self) -> FloatArray:
        """(K, 478, 2) the expressions as the painted view shows them."""
        angle = np.radians(self.who.yaw)
        flat = self.moves[..., :2].copy()
        flat[..., 0] = np.cos(angle) * self.moves[..., 0] + np.sin(angle) * self.moves[..., 2]
        return flat

    @property
    def middle(self) -> tuple[float, float]:
        """Where the middle of the head lies on the sheets, face units."""
        return 0.0, 0.2

    @cached_property
    def axes(self) -> FloatArray:
        """Half axes of the skull, larger with the person's."""
        return AXES * self.who.head.skull * np.array([self.who.head.cheek**0.5, 1, 1])

    def depth(self, places: FloatArray, extra: float = 0.0) -> FloatArray:
        """(...,) how far places (..., 2) on the painted head stand towards the viewer.

        A shallow dome over the whole head and a bump for the nose: its slope is bounded, so that
        no turn the shots make folds it.
        """
        x, y = places[..., 0], places[..., 1]
        r = (x / (1.0 + extra)) ** 2 + ((y - 0.15) / (1.5 + extra)) ** 2
        dome = 0.72 * (1 - np.minimum(r, 1.3)) + SKULL[2] + 0.2 + extra
        nose = self.points[4]
        near = np.square(x - nose[0]) + np.square(y - nose[1])
        return dome + 0.1 * np.exp(-near / (2 * 0.17**2))

    def shows(self, side: int) -> bool:
        """Whether an eye (0 is the figure's right one) is on the near side of the painted view."""
        return not (abs(self.who.yaw) > 58 and (self.who.yaw > 0) == (side == 1))


def head_of(who: Person) -> Head:
    """The head of a person, from the canonical face."""
    face = canonical()
    rest = face.points * (1, 1, -1)
    names = tuple(face.shapes)
    moves = np.stack([face.shapes[name] for name in names]) * (1, 1, -1)
    factor = np.ones((478, 2))
    rest = _formed(rest, who.head)
    _parts(rest, factor, who)
    moves[..., 0] *= factor[:, 0]
    moves[..., 1] *= factor[:, 1]
    fine = 1 << 20
    return Head(who, np.round(rest * fine) / fine, moves, names)


def _formed(points: FloatArray, form: HeadShape) -> FloatArray:
    """The face's outline: jaw, chin and cheeks."""
    x, y, w = points.T
    low = np.clip((y - 0.45) / 0.75, 0, 1.1)
    mid = np.exp(-np.square((y - 0.3) / 0.4))
    wide = 1 + (form.jaw - 1) * low**1.2 + (form.cheek - 1) * mid
    down = np.where(y > 0.35, 0.35 + (y - 0.35) * form.chin, y)
    return np.stack([x * wide, down, w], 1)


def _parts(rest: FloatArray, factor: FloatArray, who: Person) -> None:
    """Eyes, brows, nose and mouth in their own sizes, in place."""
    form = who.head
    for lid in LIDS:
        _eye(rest, factor, who, lid)
    # Tall eyes push the brows up.
    tall = max(np.ptp(rest[[159, 145], 1]) - 0.13, 0)
    for name in ("right brow", "left brow"):
        brow = list(CONTOURS[name])
        rest[brow, 1] += form.eye_y - form.brow_y - 0.36 * tall
        middle, side = rest[brow].mean(0), np.sign(rest[brow[0], 0])
        wide = min(1.1, 0.8 + 0.25 * form.eye_size)
        rest[brow, 0] = middle[0] + (rest[brow, 0] - middle[0]) * wide
        rest[brow, 0] += (form.eye_gap - 1) * 0.35 * side
        factor[brow, 1] *= 1.0 + 0.3 * max(form.eye_size - 1, 0)
    lips = [*CONTOURS["outer lips"], *CONTOURS["inner lips"]]
    near = _mouth_nearness(rest)
    middle = rest[[61, 291]].mean(0)
    rest[:, 0] += near * (form.mouth - 1) * rest[:, 0]
    rest[:, 1] += near * (form.mouth_y + (form.mouth - 1) * 0.3 * (rest[:, 1] - middle[1]))
    _shut_lips(rest, form.lips)
    factor[lips] *= 0.55 + 0.45 * form.mouth


_ROUNDS = {
    "dot": (2.0, 0.5, 2.0, 0.5),
    "button": (2.2, 0.5, 2.2, 0.5),
    "oval": (2.0, 0.5, 2.0, 0.5),
    "ring": (2.0, 0.5, 2.0, 0.5),
    "anime": (2.4, 0.6, 3.2, 0.6),
    "drop": (2.0, 0.9, 2.4, 0.5),
}
"""Forms of drawn eyes: two powers of the upper lid's curve, two of the lower one's."""


def _eye(rest: FloatArray, factor: FloatArray, who: Person, lid: Lid) -> None:
    form, look = who.head, who.eye
    eye = [lid.outer, *lid.upper, lid.inner, *lid.lower]
    side = float(np.sign(rest[lid.outer, 0]))
    middle = rest[eye].mean(0)
    target = middle + np.array([(form.eye_gap - 1) * 0.35 * side, form.eye_y, 0])
    # Large eyes grow outward rather than into the nose.
    target[0] += side * 0.045 * max(form.eye_size - 1, 0)
    across = rest[eye, 0] - middle[0]
    half = float(np.ptp(across)) / 2
    high = rest[eye, 1] - middle[1]
    gap = float(np.ptp(high))
    if look.kind in _ROUNDS:
        one, two, three, four = _ROUNDS[look.kind]
        u = np.clip(np.abs(across - (across.max() + across.min()) / 2) / half, 0, 1)
        up, low = -((1 - u**one) ** two), (1 - u**three) ** four
        upper = np.isin(np.arange(len(eye)), range(1, 8))
        shaped = half * form.eye_tall * np.where(upper, up, low)
        factor[eye, 1] *= 2 * half * form.eye_tall / gap * form.eye_size
        high = shaped * (1.0 if look.kind != "anime" else np.where(upper, 1.1, 0.9))
    else:
        high = high * form.eye_tall
        factor[eye, 1] *= form.eye_tall * form.eye_size
    across, high = across * form.eye_size, high * form.eye_size
    lift = form.tilt * (across * side) / 0.16
    rest[eye, 0], rest[eye, 1] = target[0] + across, target[1] + high - lift
    wide, tall = half * 2 * form.eye_size, float(np.ptp(high))
    radius = look.size * wide
    reach = max(radius, 0.43 * tall) if look.kind in ("anime", "drop") else radius
    if look.kind in ("dot", "button"):
        radius, reach = wide / 2, tall / 2
    centre = np.array([target[0], target[1] + 0.02 * tall])
    turn = np.arctan2(*(rest[list(lid.iris[1:]), 1::-1] - rest[lid.iris[0], 1::-1]).T)
    rest[lid.iris[0], :2] = centre
    ring = np.stack([np.cos(turn) * radius, np.sin(turn) * reach], 1)
    rest[list(lid.iris[1:]), :2] = centre + ring


def _mouth_nearness(points: FloatArray) -> FloatArray:
    lips = [*CONTOURS["outer lips"], *CONTOURS["inner lips"]]
    away = np.linalg.norm(points[:, None, :2] - points[None, lips, :2], axis=2).min(1)
    return np.clip(1 - away / 0.25, 0, 1)


_INNER = (
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
)
_OUTER = (
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
)
LIP_ROWS = (_OUTER[0], _INNER[0], _INNER[1], _OUTER[1])
"""Outer and inner edge of the upper lip, inner and outer one of the lower, corner to corner."""


def _shut_lips(rest: FloatArray, thick: float) -> None:
    """Close the mouth and give the lips their thickness."""
    upper, lower = list(_INNER[0]), list(_INNER[1])
    rest[upper] = rest[lower] = (rest[upper] + rest[lower]) / 2
    for inner, outer in zip(_INNER, _OUTER, strict=True):
        o, i = list(outer), list(inner)
        rest[o, 1] = rest[i, 1] + (rest[o, 1] - rest[i, 1]) * thick
