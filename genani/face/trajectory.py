"""Where the face is between the keys: the head's pose and the expression travel apart.

The head turns and grows as a body, in space where depth is known, so that it does not shrink on
the way round. What is left, the expression, is mixed in the head's own frame: lids swing about
the eyeball and the jaw about its hinge. Both ends are met exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import (
    JAW,
    LIDS,
    FloatArray,
    Lid,
    array_of,
    opening,
    part_of_points,
    with_points,
)
from genani.face.pose import Similarity
from genani.face.turning import has_depth, in_space, on_the_neck
from genani.face.warp import face_size, head_motion
from genani.scene.face import FaceGuidance, FacePart, LandmarkBreakdown, Landmarks

_EYEBALL = 0.62
"""Radius of the ball that a lid moves on, in shares of the corners' distance."""

_HINGE = (0.0, 0.15, 0.95)
"""The jaw's hinge, as seen from the middle between the eyes, in shares of `face_size`."""

_EYES = (33, 263)


@dataclass(frozen=True)
class Trajectory:
    """The path of a face from key to key; call it with a time.

    Attributes:
        first, last: the faces on the keys.
        leads: parts that go before or after the others, as in `FaceGuidance`; `HEAD` is the pose.
        breakdowns: faces to pass on the way, in order of time.
    """

    first: Landmarks
    last: Landmarks
    leads: Mapping[FacePart, float] = field(default_factory=dict)
    breakdowns: Sequence[LandmarkBreakdown] = ()

    def __call__(self, t: Fraction) -> Landmarks:
        """The face at `t`, 0 to 1; at the ends and at breakdowns the very landmarks given."""
        stops = {Fraction(0): self.first, Fraction(1): self.last}
        stops |= {each.t: each.landmarks for each in self.breakdowns}
        if t in stops:
            return stops[t]
        one, two = self._faces
        points = between(one, two, float(t), self.leads)
        if self.breakdowns:
            points = points + self._pull(one, two, float(t))
        return with_points(self.first if t < 0.5 else self.last, points)

    @cached_property
    def _faces(self) -> tuple[FloatArray, FloatArray]:
        return in_space(self.first, self.last)

    def _pull(self, one: FloatArray, two: FloatArray, t: float) -> FloatArray:
        """(478, 3) how far the breakdowns draw the face off its plain path."""
        nothing = np.zeros_like(one)
        knots = [(0.0, nothing)]
        for each in self.breakdowns:
            plain = between(one, two, float(each.t), self.leads)
            knots.append((float(each.t), array_of(each.landmarks) - plain))
        knots.append((1.0, nothing))
        for (start, before), (end, after) in pairwise(knots):
            if t <= end:
                share = (t - start) / (end - start)
                return before + share * share * (3 - 2 * share) * (after - before)
        return nothing


def path_of(
    first: Landmarks, last: Landmarks, guidance: FaceGuidance | None
) -> Callable[[Fraction], Landmarks]:
    """The path of a face as the animator wants it, without emotion and acting.

    Args:
        first, last: the faces on the keys.
        guidance: whose leads and breakdowns count.
    """
    if guidance is None:
        return Trajectory(first, last)
    return Trajectory(first, last, guidance.leads, guidance.breakdowns)


@dataclass(frozen=True)
class Ride:
    """The head's own way from a key to a time of the span: how it is seen there, and back.

    Attributes:
        steps: similarities of space, one after the other.
    """

    steps: tuple[Similarity, ...]

    def __call__(self, points: FloatArray) -> FloatArray:
        """Points (N, 3) that the head wears on the key, where they are then."""
        for step in self.steps:
            points = step(points)
        return points

    def back(self, points: FloatArray) -> FloatArray:
        """The opposite."""
        for step in reversed(self.steps):
            points = step.inverse(points)
        return points


def rides(first: FloatArray, last: FloatArray, t: float, lead: float = 0.0) -> tuple[Ride, Ride]:
    """How the heads of both keys come to `t`, expressions left alone.

    Args:
        first, last: (478, 3) points on the keys.
        t: 0 to 1.
        lead: of the head, as for `Trajectory`.
    """
    pose = _pose(first, last)
    way = _part(first, last, pose, paced(t, lead))
    return Ride((way,)), Ride((pose.inverse, way))


def between(
    first: FloatArray, last: FloatArray, t: float, leads: Mapping[FacePart, float] | None = None
) -> FloatArray:
    """(478, 3) points at `t`; backwards it gives the same path.

    Args:
        first, last: (478, 3) points on the keys.
        t: 0 to 1.
        leads: as for `Trajectory`.
    """
    paces = {part: paced(t, (leads or {}).get(part, 0.0)) for part in FacePart}
    weights = part_of_points()
    expressed = sum((paces[part] * weights[part] for part in FacePart), np.zeros(len(first)))
    pose = _pose(first, last)
    way = _part(first, last, pose, paces[FacePart.HEAD])
    # Both faces as the first head would wear them.
    one, two = first, pose.inverse(last)
    mixed = one + expressed[:, None] * (two - one)
    _swing_jaw(one, two, expressed, mixed)
    for lid in LIDS:
        _swing_lids(lid, one, two, expressed, mixed)
    return way(mixed)


def paced(t: float, lead: float) -> float:
    """How far a part has come at `t`: 0 to 1, steadily rising, `lead` more than a half at a half.

    Backwards in time a lead is a lag of the same course.
    """
    before, behind = t * (0.5 + lead), (1 - t) * (0.5 - lead)
    return before / (before + behind)


def envelope(t: float, peak: float) -> float:
    """Onset, apex, offset: 0 at the ends, 1 at `peak`, with no corner on the way."""
    share = t / peak if t < peak else (1 - t) / (1 - peak)
    return share * share * (3 - 2 * share)


def _pose(first: FloatArray, last: FloatArray) -> Similarity:
    """From the first head to the last, in space; turning in the plane only without depth."""
    if has_depth(first) and has_depth(last):
        return head_motion(first, last)
    flat = head_motion(first[:, :2], last[:, :2])
    rotation = np.eye(3)
    rotation[:2, :2] = flat.rotation
    return Similarity(
        rotation,
        flat.scale,
        np.append(flat.before, first[:, 2].mean()),
        np.append(flat.after, last[:, 2].mean()),
    )


def _part(first: FloatArray, last: FloatArray, pose: Similarity, t: float) -> Similarity:
    """The part `t` of the head's way."""
    if has_depth(first) and has_depth(last):
        return on_the_neck(first, last, pose, t)
    return pose.share(t)


def _swing_jaw(one: FloatArray, two: FloatArray, share: FloatArray, mixed: FloatArray) -> None:
    """Let the points of the jaw go round its hinge, in the plane from front to back."""
    jaw = list(JAW[4:-4])
    down, back, hinge = _frame(one)
    offsets = [points[jaw] - hinge for points in (one, two)]
    heights, depths = (np.stack([off @ axis for off in offsets]) for axis in (down, back))
    radius, angle = np.hypot(heights, depths), np.arctan2(heights, -depths)
    part = share[jaw]
    radius_at, angle_at = (each[0] + part * (each[1] - each[0]) for each in (radius, angle))
    straight = [each[0] + part * (each[1] - each[0]) for each in (heights, depths)]
    mixed[jaw] += np.outer(radius_at * np.sin(angle_at) - straight[0], down)
    mixed[jaw] += np.outer(-radius_at * np.cos(angle_at) - straight[1], back)


def _frame(points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Unit vectors down and to the back of the head, and the middle of the jaw's hinge."""
    right, left, chin = points[_EYES[0]], points[_EYES[1]], points[152]
    across = _unit(left - right)
    middle = (left + right) / 2
    # The chin hangs as low in space as it seems to, whatever depth says of a drawing.
    down = chin - middle
    down = _unit((down - (down @ across) * across) * (1, 1, 0))
    back = np.cross(across, down)
    size = face_size(points)
    return down, back, middle + size * (_HINGE[1] * down + _HINGE[2] * back)


def _swing_lids(
    lid: Lid, one: FloatArray, two: FloatArray, share: FloatArray, mixed: FloatArray
) -> None:
    """Let lids keep the angle on the eyeball that time gives them, between the mixed corners."""
    for side in (lid.upper, lid.lower):
        indices = list(side)
        heights = [_heights(points, lid, indices) for points in (one, two)]
        radius = [_radius(points, lid) for points in (one, two)]
        angles = [np.arcsin(np.clip(heights[k] / radius[k], -1, 1)) for k in (0, 1)]
        part = share[indices]
        angle = angles[0] + part * (angles[1] - angles[0])
        swung = (radius[0] + part * (radius[1] - radius[0])) * np.sin(angle)
        straight = heights[0] + part * (heights[1] - heights[0])
        mixed[indices, :2] += np.outer(swung - straight, _across(mixed, lid)[::-1] * (-1, 1))


def _radius(points: FloatArray, lid: Lid) -> float:
    """Of the ball in pixels, larger where a drawn eye is taller than wide."""
    width = float(np.linalg.norm(points[lid.inner, :2] - points[lid.outer, :2]))
    return max(width, 1e-9) * max(_EYEBALL, opening(points, lid))


def _heights(points: FloatArray, lid: Lid, indices: list[int]) -> NDArray[np.float64]:
    """How far points lie off the line between the corners, on the side of `_across` turned."""
    across = _across(points, lid)
    return (points[indices, :2] - points[lid.outer, :2]) @ (across[::-1] * (-1, 1))


def _across(points: FloatArray, lid: Lid) -> FloatArray:
    return _unit(points[lid.inner, :2] - points[lid.outer, :2])


def _unit(vector: FloatArray) -> FloatArray:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
