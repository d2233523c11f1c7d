"""What the lanes ask of a face, done to its points: mouth shapes, blinks, looks.

A mouth shape is absolute: what the drawing's mouth is doing is taken off first, then the shape
is put on in the drawing's own size. Lids close along the eyeball; irises stay within the eye.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from genani.face.eye import Eye
from genani.face.level import Level
from genani.face.mesh import CONTOURS, LIDS, MOUTH, FloatArray, canonical, part_of_points
from genani.face.viseme import CLOSED, ROUND, both_sides, shaped
from genani.scene.acting import Pose, Viseme
from genani.scene.face import FacePart

_SPOKEN = (
    *("jawOpen", "mouthPucker", "mouthFunnel", "mouthStretch", "mouthUpperUp", "mouthLowerDown"),
    *("mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight"),
)
"""Expressions that a mouth shape takes off a drawing's mouth; the last four are its mood."""

_MOODS = 4

_MOOD_KEPT = 0.5
"""Share of a smile or frown that stays in a mouth that speaks, unless the shape is round."""

_DOUBT = 0.003
"""Weight, in squared shares of the face, that keeps a mouth's own form from being read as what
it does."""

_SMALL_MOUTH, _BIG_MOUTH = 0.25, 2.2
"""A drawing's mouth against the canonical one."""

_JAW_DROPS = 0.6
"""Share of a speaking jaw's way that a drawn chin goes: all of it makes a pointed face."""

_UPPER_SHARE = 0.3
"""Of what still parts the lips, the share that the upper one gives way."""

_NEAR, _REACH = 0.05, 0.35
"""How widely skin follows the lip next to it, and where it does not any more."""

_MEETING = 0.15
"""How far up the eye the lids meet."""

_EYEBALL = 0.62
"""Radius of the ball that a lid moves on, in shares of the corners' distance."""

_LOWERED = 0.35
"""Share of the eye that the upper lid covers when it follows a look all the way down."""

_BLINKS = ("eyeBlinkRight", "eyeBlinkLeft")


def acted(points: FloatArray, pose: Pose | None) -> FloatArray:
    """(478, 3) float64, the face once it does what the lanes ask.

    Args:
        points: (478, 3) float64, the face on the canvas, in pixels, before it acts.
        pose: mouth shape, lids and look; what it leaves alone keeps its very numbers.
    """
    if pose is None or pose == Pose():
        return points
    done = points.copy()
    if pose.mouth is not None:
        done = _spoken(done, pose.mouth)
    gaze = pose.gaze or (0.0, 0.0)
    if pose.gaze is not None:
        done = _looking(done, gaze)
    follows = _LOWERED * max(gaze[1], 0.0)
    for side, shut in enumerate(pose.lids):
        closed = 1 - (1 - shut) * (1 - follows)
        if closed > 0:
            done = _closed(done, side, closed)
    return done


def _spoken(points: FloatArray, viseme: Viseme) -> FloatArray:
    """The face with this mouth shape, whatever its mouth did before."""
    level = Level.of(points)
    face = level.down(points)
    size, doing = _read(face)
    undone = doing.copy()
    if viseme not in ROUND:
        undone[-_MOODS:] *= 1 - _MOOD_KEPT
    moved = size * (shaped(viseme) - np.tensordot(undone, _spoken_shapes(), 1))
    moved *= 1 - (1 - _JAW_DROPS) * part_of_points()[FacePart.JAW][:, None]
    moved += lips_met(face + moved, size * _gaps(viseme))
    return points + level.up(moved)


def _read(face: FloatArray) -> tuple[float, FloatArray]:
    """How large a drawing's mouth is, and how strong each of `_SPOKEN` is in it, 0 to 1.

    Non-negative least squares by coordinate descent on the outlines of the lips, with place
    and size free.

    Args:
        face: (478, 3) in the canonical frame.
    """
    lips = _lips()
    rest = canonical().points[lips, :2]
    seen = face[lips, :2] - face[lips, :2].mean(0)
    shapes = _spoken_shapes()[:, lips, :2]
    shapes = (shapes - shapes.mean(1, keepdims=True)).reshape(len(_SPOKEN), -1)
    rest, seen = (rest - rest.mean(0)).ravel(), seen.ravel()
    doing = np.zeros(len(_SPOKEN))
    size = 1.0
    for _ in range(60):
        form = rest + doing @ shapes
        size = float(np.clip(form @ seen / (form @ form), _SMALL_MOUTH, _BIG_MOUTH))
        left = seen / size - form
        for k, shape in enumerate(shapes):
            step = (shape @ left - _DOUBT * doing[k]) / (shape @ shape + _DOUBT)
            new = float(np.clip(doing[k] + step, 0, 1))
            left = left - (new - doing[k]) * shape
            doing[k] = new
    return size, doing


def lips_met(face: FloatArray, gaps: FloatArray) -> FloatArray:
    """(478, 3) what is left to do so that the lips stand apart by `gaps` (9, 3).

    Args:
        face: (478, 3) in the canonical frame.
        gaps: from each point of the upper lip's edge to its twin on the lower one.
    """
    upper, lower = list(MOUTH.upper), list(MOUTH.lower)
    off = face[lower] - face[upper] - gaps
    near = _nearness()
    moved = near @ np.concatenate([_UPPER_SHARE * off, (_UPPER_SHARE - 1) * off])
    moved[upper], moved[lower] = _UPPER_SHARE * off, (_UPPER_SHARE - 1) * off
    return moved


@cache
def _gaps(viseme: Viseme) -> FloatArray:
    """(9, 3) from each point of the upper lip's edge to its twin on the lower one."""
    if viseme in CLOSED:
        return np.zeros((len(MOUTH.upper), 3))
    moved = shaped(viseme)
    gaps = moved[list(MOUTH.lower)] - moved[list(MOUTH.upper)]
    gaps[:, 1] = np.maximum(gaps[:, 1], 0)
    return gaps


@cache
def _nearness() -> FloatArray:
    """(478, 18) how much each point follows each edge point of the upper and the lower lip.

    Measured with the mouth wide open, so that no lip follows the other one.
    """
    face = canonical().points + both_sides("jawOpen")
    edges = face[[*MOUTH.upper, *MOUTH.lower], :2]
    away = np.linalg.norm(face[:, None, :2] - edges[None], axis=2)
    nearest = away.min(1, keepdims=True)
    shares = np.exp(-(np.square(away) - np.square(nearest)) / (2 * _NEAR**2))
    shares /= shares.sum(1, keepdims=True)
    fade = np.clip(1 - nearest / _REACH, 0, 1)
    return shares * fade * fade * (3 - 2 * fade)


@cache
def _lips() -> list[int]:
    return [*CONTOURS["outer lips"], *CONTOURS["inner lips"]]


@cache
def _spoken_shapes() -> FloatArray:
    """(10, 478, 3)"""
    return np.stack([both_sides(name) for name in _SPOKEN])


def _closed(points: FloatArray, side: int, closed: float) -> FloatArray:
    """The face with one eye's lids closed by a share; the skin about it follows the upper lid."""
    lid = LIDS[side]
    upper, lower = list(lid.upper), list(lid.lower)
    eye = Eye.of(points, side)
    lids = np.stack([points[upper], points[lower]])
    along, heights = eye.along(lids), eye.heights(lids)
    radius = max(_EYEBALL * eye.width, float(np.abs(heights).max()), 1e-9)
    angles = np.arcsin(heights / radius)
    angle = (1 - closed) * angles + closed * (angles[1] + _MEETING * (angles[0] - angles[1]))
    place = (1 - closed) * along + closed * along.mean(0)
    depth = (1 - closed) * lids[..., 2] + closed * lids[..., 2].mean(0)
    done = points + _skin_about(points, side, eye.heights(lids)[0] - radius * np.sin(angle[0]))
    done[upper], done[lower] = eye.placed(place, radius * np.sin(angle), depth)
    return done


def with_lids(points: FloatArray, like: FloatArray, side: int) -> FloatArray:
    """(478, 3) a face with the lids and corners of one eye where another face has them.

    Skin about the eye follows the upper lid; the iris stays.

    Args:
        points, like: (478, 3), the same head in the same place.
        side: of `LIDS`.
    """
    lid = LIDS[side]
    eye, upper = Eye.of(points, side), list(lid.upper)
    done = points + _skin_about(points, side, eye.heights(points[upper]) - eye.heights(like[upper]))
    ring = [lid.outer, lid.inner, *upper, *lid.lower]
    done[ring] = like[ring]
    return done


def _skin_about(points: FloatArray, side: int, fallen: FloatArray) -> FloatArray:
    """(478, 3) how far a blink moves all but the eyes, its upper lid having come so far."""
    lid = LIDS[side]
    level = Level.of(points)
    shape = canonical().shapes[_BLINKS[side]]
    share = fallen.mean() / (level.pose.scale * shape[list(lid.upper), 1].mean())
    moved = share * level.up(shape)
    moved[_eyes()] = 0
    return moved


@cache
def _eyes() -> list[int]:
    return [i for lid in LIDS for i in (lid.outer, lid.inner, *lid.upper, *lid.lower, *lid.iris)]


def _looking(points: FloatArray, gaze: tuple[float, float]) -> FloatArray:
    """The face with both irises moved alike; what sets one apart from the other stays."""
    eyes = [Eye.of(points, side) for side in range(len(LIDS))]
    now = np.mean([eye.look(points) for eye in eyes], axis=0)
    done = points.copy()
    for eye in eyes:
        iris = list(LIDS[eye.side].iris)
        wanted = eye.look(points) + gaze - now
        done[iris, :2] += eye.turned_to(points, wanted)
    return done
