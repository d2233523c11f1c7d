"""What a face is doing, told by its own proportions, and taken off it: neutral, as it is asked for.

No picture of the same face at rest is at hand. So each measure of a face (how its mouth's line
runs, how brows stand and slant, how far lids are open) is shared out between what faces do and
how they are made, by what is usual of either: a linear Gaussian model. What faces do goes
together as in the prototypes of emotions, such that a smile tells of cheeks that are up. How
drawings are made differs far more than photos do: with eyes as large as cartoons have, heights
of brows and lids tell next to nothing, but slants and bends still do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np

from genani.face.acting import lips_met
from genani.face.emotion import expressed, free_points, weights
from genani.face.level import Level
from genani.face.mesh import (
    BROWS,
    CONTOURS,
    LIDS,
    MOUTH,
    FloatArray,
    canonical,
    opening,
)
from genani.scene.face import Emotion, FacePart

_LEFT_ALONE = ("eyeLook", "jawLeft", "jawRight", "jawForward", "mouthClose", "cheekPuff")
_ASIDE = ("mouthLeft", "mouthRight")
"""Expressions that no emotion has."""

_FEELING, _ALONE = 1.0, 0.2
"""How strong emotions, and expressions by themselves, usually are (standard deviations)."""

_MADE: Mapping[str, tuple[float, float]] = {
    "brow height": (0.03, 0.2),
    "brow slant": (0.03, 0.045),
    "brow bend": (0.015, 0.03),
    "brow apart": (0.01, 0.02),
    "upper lid": (0.025, 0.3),
    "lower lid": (0.012, 0.2),
    "mouth bend": (0.012, 0.012),
    "mouth aslant": (0.02, 0.02),
    "mouth width": (0.06, 0.4),
}
"""How far faces are made unlike each other, in shares of the eyes' distance: on photos, and on
drawings that are as far from one as they get."""

_NOISE = 0.006
"""How far a measure is off, the same."""

_DRAWN = 0.35
"""Logarithm of the width of eyes, against the canonical ones, of a drawing far from any photo."""

_SURE = 0.15
"""Strength of an expression that is as likely none."""

_MANNER, _DOING = (0.9, 1.2), (1.4, 1.9)
"""Strength of all expressions together (root of their squares) up to which a face is made so rather
than doing something, and from which it does what it seems to; on photos, and on drawings that are
as far from one as they get. Measured: .1 to .9 and .1 to 1.3 at rest, 1.5 up and 1.8 up else."""

_STRONGEST, _STRONGEST_BROW = 1.1, 2.0
"""Drawn faces do more than the scanned actor; but only brows, which are lifted off the skin, can
be brought back from farther than he goes without tearing it."""

_LAG: Mapping[str, float] = {"brow": 0.8, "mouth": 0.85}
"""How far landmarks that a detector finds go when a part really goes all the way, by how names of
expressions begin: within what three photos that were given four emotions show (.27 to .99)."""

_SHUT, _PARTED = 0.06, 0.14
"""Openings of a mouth, in shares of its width, that stay, and that are closed all the way."""

_JAW_FROM, _JAW_ALL = 0.1, 0.3
"""Openings from which the jaw has dropped, too, and from which it is that which opened it all."""

_ROUNDS = 3


def calmed(
    points: FloatArray, amount: float, locks: Iterable[FacePart] = (), *, found: bool = False
) -> FloatArray:
    """(478, 3) a face with what it does taken off by a share; at rest it hardly moves.

    Args:
        points: (478, 3) on the canvas.
        amount: 0 (as it is) to 1 (at rest).
        locks: parts that must not move.
        found: a detector put the points there, and not a hand.
    """
    if not amount:
        return points
    locks = frozenset(locks)
    told = doing(points)
    if found:
        told = {name: strength / _lag(name) for name, strength in told.items()}
    moved = _undone(points, told, amount, locks)
    return points + moved + _lips_closed(points, moved, amount) * free_points(locks)[:, None]


def doing(points: FloatArray) -> dict[str, float]:
    """Names of the table's expressions and how strong each is in a face, over 0 to 2.

    Args:
        points: (478, 3) on the canvas.
    """
    rest, effects = _effects()
    drawn = min(abs(float(np.log(_eye_width(points) / _eye_width(canonical().points)))) / _DRAWN, 1)
    reader = _reader(round(drawn, 2))
    wide = opening(points, MOUTH)
    jaw = float(np.clip((wide - _JAW_FROM) / (_JAW_ALL - _JAW_FROM), 0, 1)) * wide
    jaw = min(jaw / _opening_of_jaw(), 1.0)
    most = [_STRONGEST_BROW if name.startswith("brow") else _STRONGEST for name in _names()]
    strengths = np.zeros(len(most))
    for _ in range(_ROUNDS):
        told = {**dict(zip(_names(), strengths.tolist(), strict=True)), "jawOpen": jaw}
        left = _measures(points + _undone(points, told, 1.0)) - rest
        strengths = np.clip(reader @ (left + strengths @ effects), 0, most)
    sure = strengths**3 / (strengths**3 + _SURE**3)
    told = {**dict(zip(_names(), (sure * strengths).tolist(), strict=True)), "jawOpen": jaw}
    much = float(np.linalg.norm(list(told.values())))
    least, all_of_it = (photo + drawn * (far - photo) for photo, far in (_MANNER, _DOING))
    share = float(np.clip((much - least) / (all_of_it - least), 0, 1))
    share *= share * (3 - 2 * share)
    return {name: share * strength for name, strength in told.items() if share * strength > 0}


def _lag(name: str) -> float:
    return next((share for start, share in _LAG.items() if name.startswith(start)), 1.0)


def _undone(
    points: FloatArray, told: Mapping[str, float], amount: float, locks: Iterable[FacePart] = ()
) -> FloatArray:
    """(478, 3) how far the points go as expressions are taken off by a share."""
    return expressed(points, {name: -amount * each for name, each in told.items()}, locks)


def _lips_closed(points: FloatArray, moved: FloatArray, amount: float) -> FloatArray:
    """(478, 3) what is left to do on the canvas: parted lips come together, shut ones stay."""
    share = np.clip((opening(points, MOUTH) - _SHUT) / (_PARTED - _SHUT), 0, 1)
    level = Level.of(points)
    before, after = level.down(points), level.down(points + moved)
    gaps = before[list(MOUTH.lower)] - before[list(MOUTH.upper)]
    return level.up(lips_met(after, (1 - amount * share) * gaps))


def _measures(points: FloatArray) -> FloatArray:
    """(26,) of a face, in shares of the eyes' distance.

    Heights along the mouth about their own mean (11) and the width of the mouth; heights along
    the brows (10); how far both upper and both lower lids stand off the corners of the eyes (4).
    Mouth and lids at the size that the canonical face's are as wide.
    """
    face, rest = Level.of(points).down(points), canonical().points
    mouth = _mouth_line(face)
    width = _mouth_width(face) / _mouth_width(rest)
    brows = [(face[list(upper), 1] + face[list(lower), 1]) / 2 for upper, lower in BROWS]
    wide = _eye_width(face) / _eye_width(rest)
    lids = [
        (face[list(side), 1].mean() - face[[lid.outer, lid.inner], 1].mean()) / wide
        for lid in LIDS
        for side in (lid.upper, lid.lower)
    ]
    return np.concatenate([(mouth - mouth.mean()) / width, [width], *brows, lids])


def _mouth_line(face: FloatArray) -> FloatArray:
    """(11,) heights along the edge of the lips that bends less: the other one bends to open."""
    ends = face[[MOUTH.outer, MOUTH.inner], 1]
    upper, lower = (face[list(edge), 1] for edge in (MOUTH.upper, MOUTH.lower))
    above, below = (float(edge.mean() - ends.mean()) for edge in (upper, lower))
    share = above / (above - below) if above * below < 0 else float(abs(below) < abs(above))
    return np.concatenate([ends[:1], upper + share * (lower - upper), ends[1:]])


def _mouth_width(points: FloatArray) -> float:
    return max(float(np.ptp(points[list(CONTOURS["outer lips"]), 0])), 1e-6)


def _eye_width(points: FloatArray) -> float:
    """Of both eyes, in shares of the distance of their outer corners."""
    widths = [np.linalg.norm(points[lid.inner, :2] - points[lid.outer, :2]) for lid in LIDS]
    across = np.linalg.norm(points[LIDS[1].outer, :2] - points[LIDS[0].outer, :2])
    return max(float(np.mean(widths)), 1e-6) / max(float(across), 1e-6)


@cache
def _names() -> tuple[str, ...]:
    """Expressions that emotions have; the jaw's is told by the lips alone."""
    names = [name for name in canonical().shapes if not name.startswith(_LEFT_ALONE)]
    return tuple(name for name in names if name not in (*_ASIDE, "jawOpen"))


@cache
def _effects() -> tuple[FloatArray, FloatArray]:
    """(26,) the measures of the canonical face, and (N, 26) how each expression changes them."""
    face = canonical()
    rest = _measures(face.points)
    return rest, np.stack([_measures(face.points + face.shapes[name]) - rest for name in _names()])


@cache
def _reader(drawn: float) -> FloatArray:
    """(N, 26) from what measures are off to the strengths that are to be expected."""
    names, effects = _names(), _effects()[1].T
    felt = [weights(emotion) for emotion in Emotion]
    emotions = np.array([[each.get(name, 0.0) for name in names] for each in felt])
    done = _ALONE**2 * np.eye(len(names)) + _FEELING**2 * emotions.T @ emotions
    made, noise = _made(drawn), _NOISE**2 * np.eye(len(effects))
    seen = effects @ done @ effects.T + made.T @ made + noise
    return done @ effects.T @ np.linalg.inv(seen)


def _made(drawn: float) -> FloatArray:
    """(9, 26) how faces are made unlike each other: one standard deviation of each way."""
    along = np.linspace(-1, 1, 11)
    bend = along**2 - np.square(along).mean()
    inward = np.linspace(-1, 1, 5)
    arch = np.square(inward).mean() - inward**2
    each = {
        "brow height": (12, np.ones(10)),
        "brow slant": (12, np.tile(inward, 2)),
        "brow bend": (12, np.tile(arch, 2)),
        "brow apart": (12, np.repeat([1.0, -1.0], 5)),
        "upper lid": (22, np.array([1.0, 0, 1, 0])),
        "lower lid": (22, np.array([0.0, 1, 0, 1])),
        "mouth bend": (0, bend),
        "mouth aslant": (0, along),
        "mouth width": (11, np.ones(1)),
    }
    ways = np.zeros((len(each), 26))
    for way, (name, (start, values)) in zip(ways, each.items(), strict=True):
        photo, drawing = _MADE[name]
        way[start : start + len(values)] = (photo + drawn * (drawing - photo)) * values
    return ways


@cache
def _opening_of_jaw() -> float:
    face = canonical()
    return opening(face.points + face.shapes["jawOpen"], MOUTH) - opening(face.points, MOUTH)
