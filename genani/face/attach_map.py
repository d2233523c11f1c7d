"""The map from a pinned picture to the canvas: the head's turn, and what the pins do beyond it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genani.face.attach_pose import solid, tilt, turned_as
from genani.face.mesh import FloatArray
from genani.face.pose import Similarity
from genani.face.warp import face_size
from genani.scene.attachment import Pinned, Rigidity

_ROUND = 0.25
"""How softly depth and bends spread about a pin, in shares of `face_size`."""

_STIFF = 0.01
"""How much pins that lie close together are trusted to turn or stretch the whole drawing: the
square of their distance from one another, in shares of `face_size`, at which by half."""

_LEAST = 0.15
"""Share of its area that no part of a turned drawing is pressed below by its relief."""

_LOOKED = 13
"""Places along each side of the pins' part of the picture that are looked at for folds."""

_HALVINGS = 7

_ON_EDGE = 0.08
"""Share of its area below which a turned drawing is seen from its edge: it does not show."""

_ROBUST_FROM = 4
"""With fewer pins nobody can tell which one is off."""


class Hold:
    """Where the places of a pinned picture lie while a face is where it is.

    Args:
        pinned: the picture and its pins.
        now: (478, 2 or 3) the face on the canvas.

    Attributes:
        shows: False where it is seen from its edge or from behind.
    """

    def __init__(self, pinned: Pinned, now: FloatArray) -> None:
        then = solid(pinned.face)
        held = [pin.landmark for pin in pinned.pins]
        places = np.array([(pin.x, pin.y) for pin in pinned.pins])
        self._soft = _ROUND * face_size(then)
        self._carry = _carry(pinned, then, now, places, self._soft)
        self.shows = self._carry.shows
        carried = self._carry(places)
        self._slant = np.eye(2)
        self._middle, self._goes = carried.mean(0), now[held, :2].mean(0)
        self._bend: Spread | None = None
        # A front that stays to the viewer does not shrink with pins that turn away.
        if pinned.turns or pinned.rigidity is not Rigidity.SIMILARITY:
            self._give(carried, now[held, :2], pinned.rigidity, face_size(now))
        self._bends = 1.0
        if pinned.rigidity is Rigidity.MESH:
            self._bend = Spread(places, now[held, :2] - self._slanted(carried), self._soft)
            self._weaken(_around(places, self._soft))

    def __call__(self, places: FloatArray) -> FloatArray:
        """(N, 2) on the canvas, of places (N, 2) of the picture; both in pixels."""
        slanted = self._slanted(self._carry(places))
        return slanted if self._bend is None else slanted + self._bends * self._bend(places)

    def slope(self, places: FloatArray) -> FloatArray:
        """(N, 2, 2) canvas pixels (x, y) a pixel of the picture to the right, and down."""
        step = 0.25
        sides = [
            (self(places + way) - self(places - way)) / (2 * step)
            for way in (np.array([step, 0.0]), np.array([0.0, step]))
        ]
        return np.stack(sides, 2)

    def _give(
        self, carried: FloatArray, wanted: FloatArray, rigidity: Rigidity, size: float
    ) -> None:
        """Find the slant that brings the pins nearest to their landmarks, in least squares.

        Iteratively reweighted, as in `pose.fitted_robustly`, so that one pin that goes astray
        does not tilt all of it.
        """
        weights = np.full(len(carried), 1 / len(carried))
        stiff = _STIFF * size**2
        affine = rigidity is not Rigidity.SIMILARITY
        for _ in range(8 if len(carried) >= _ROBUST_FROM else 1):
            share = weights / weights.sum()
            self._middle, self._goes = share @ carried, share @ wanted
            one, two = carried - self._middle, wanted - self._goes
            self._slant = _slant(one, two, share, stiff, affine)
            off = np.linalg.norm(self._slanted(carried) - wanted, axis=1)
            scale = 1.5 * float(np.median(off))
            if scale <= 1e-9:
                return
            weights = 1 / (1 + np.square(off / scale))

    def _weaken(self, places: FloatArray) -> None:
        """Bend no farther than the drawing goes without folding over."""
        if self._unfolded(places):
            return
        least, most = 0.0, 1.0
        for _ in range(_HALVINGS):
            self._bends = (least + most) / 2
            if self._unfolded(places):
                least = self._bends
            else:
                most = self._bends
        self._bends = least

    def _unfolded(self, places: FloatArray) -> bool:
        areas = np.linalg.det(self.slope(places))
        return bool(areas.min() > _LEAST * max(float(np.median(areas)), 0.0))

    def _slanted(self, carried: FloatArray) -> FloatArray:
        return (carried - self._middle) @ self._slant.T + self._goes


class Spread:
    """Values known at a few places, spread softly over the plane; far off they level out.

    R. L. Hardy, "Multiquadric equations of topography and other irregular surfaces", 1971, with
    weights that sum to nothing.

    Args:
        knots: (N, 2).
        values: (N, C), met at the knots.
        soft: over 0, in the unit of the knots: how round it is about each.
    """

    def __init__(self, knots: FloatArray, values: FloatArray, soft: float) -> None:
        self._knots, self._soft = knots, soft
        count = len(knots)
        system = np.ones((count + 1, count + 1))
        system[:count, :count] = self._kernel(knots)
        system[count, count] = 0
        right = np.concatenate([values, np.zeros((1, values.shape[1]))])
        self._weights = np.linalg.lstsq(system, right, rcond=1e-12)[0]

    def __call__(self, places: FloatArray) -> FloatArray:
        """(M, C) at places (M, 2)."""
        return self._kernel(places) @ self._weights[:-1] + self._weights[-1]

    def slope(self, places: FloatArray) -> FloatArray:
        """(M, 2) of the first value, a pixel to the right and down."""
        off = places[:, None] - self._knots[None]
        return np.einsum(
            "mn,mnk->mk", self._weights[:-1, 0] / (self._kernel(places) * self._soft**2), off
        )

    def _kernel(self, places: FloatArray) -> FloatArray:
        """In units of `soft`."""
        square = np.square(places[:, None] - self._knots[None]).sum(2)
        return np.sqrt(1 + square / self._soft**2)


class _Turned:
    """A drawing with relief, turned in space with the head and seen from the front."""

    flat = False

    def __init__(self, motion: Similarity, depth: Spread, places: FloatArray, level: float) -> None:
        self._motion, self._depth, self._level = motion, depth, level
        across = motion.rotation[:2, :2]
        area = float(np.linalg.det(across))
        self.shows = area > _ON_EDGE
        # How much less area a slope has is linear in the slope: no more relief than fits.
        more = depth.slope(places) @ _adjugate(across) @ motion.rotation[:2, 2]
        least = float(more.min(initial=0.0))
        self._relief = min(1.0, (1 - _LEAST) * max(area, 0.0) / -least) if least < 0 else 1.0

    def __call__(self, places: FloatArray) -> FloatArray:
        deep = self._level + self._relief * (self._depth(places) - self._level)
        return self._motion(np.concatenate([places, deep], 1))[:, :2]


class _Flat:
    """A drawing that is moved, turned and scaled in the plane."""

    shows = True

    def __init__(self, motion: Similarity) -> None:
        self._motion = motion

    def __call__(self, places: FloatArray) -> FloatArray:
        return self._motion(places)


def _carry(
    pinned: Pinned, then: FloatArray, now: FloatArray, places: FloatArray, soft: float
) -> _Turned | _Flat:
    """How the head alone carries the picture."""
    motion = turned_as(then, now[:, :2])
    depths = then[[pin.landmark for pin in pinned.pins], 2:]
    level = float(depths.mean())
    if not pinned.turns:
        middle = np.append(places.mean(0), level)
        angle = tilt(now) - tilt(then)
        cos, sin = np.cos(angle), np.sin(angle)
        rotation = np.array([[cos, -sin], [sin, cos]])
        goes = motion(middle[None])[0, :2]
        return _Flat(Similarity(rotation, motion.scale, middle[:2], goes))
    return _Turned(motion, Spread(places, depths, soft), _around(places, soft), level)


def _around(places: FloatArray, soft: float) -> FloatArray:
    """(N, 2) places between pins and around them, where relief and bend are steepest."""
    low, high = places.min(0) - soft, places.max(0) + soft
    across, down = (np.linspace(low[k], high[k], _LOOKED) for k in (0, 1))
    return np.stack(np.meshgrid(across, down), 2).reshape(-1, 2)


def _slant(
    one: FloatArray, two: FloatArray, share: FloatArray, stiff: float, affine: bool
) -> FloatArray:
    """(2, 2) the slant that brings offsets nearest to others, near none at all.

    Args:
        one, two: (N, 2), about their means.
        share: (N,) of each, 1 in all.
        stiff: in squared pixels, how much it takes to slant.
        affine: False turns and scales only.
    """
    spread = float(share @ np.square(one).sum(1)) / 2
    along = float(share @ (one * two).sum(1)) / 2
    across = float(share @ (one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])) / 2
    cos, sin = (along + stiff) / (spread + stiff), across / (spread + stiff)
    turned = np.array([[cos, -sin], [sin, cos]])
    if not affine:
        return turned
    outer = (one * share[:, None]).T @ one + stiff * np.eye(2)
    return ((two * share[:, None]).T @ one + stiff * turned) @ np.linalg.inv(outer)


def _adjugate(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    (a, b), (c, d) = matrix
    return np.array([[d, -b], [-c, a]])
