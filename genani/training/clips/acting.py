"""What a face does in a clip: mouth shapes, blinks, and the emotion it may show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby

import numpy as np

from genani.face import reading
from genani.face.mesh import LIDS, FloatArray, canonical, opening
from genani.face.reading import Suggestion
from genani.face.viseme import WEIGHTS
from genani.scene.acting import Viseme
from genani.scene.face import Emotion
from genani.training.clips.records import BlinkFound, Feeling

LONGEST_BLINK = 14
"""Frames; eyes that are shut for longer are closed eyes."""

_SHUT, _OPEN = 0.6, 0.35
"""How far a lid must be shut to count as such, and how far open around a blink."""

_SHORTEST_MOUTH = 2
"""Frames: a shape that is seen for one is noise."""

_CALM = 0.6
"""Frames that are neutral by so much show the face at rest."""

_STRONGEST = 3
"""Of the frames the strongest one in so many tell the clip's emotion."""

_TALKS = 0.08
"""A mouth that differs less from its rest, as a vector of blendshapes, is at rest."""


def lids(faces: Sequence[FloatArray | None]) -> list[tuple[float, float] | None]:
    """How far the right and left eye are shut on each frame, 0 to 1; None where there is no face.

    Measured against the same eye when it is open, so that narrow eyes are not taken for shut ones.

    Args:
        faces: (478, 3) points on each frame.
    """
    gaps = [
        None if points is None else np.array([opening(points, lid) for lid in LIDS])
        for points in faces
    ]
    known = [gap for gap in gaps if gap is not None]
    if not known:
        return [None] * len(faces)
    rest = np.array([opening(canonical().points, lid) for lid in LIDS])
    widest = np.maximum(np.percentile(np.stack(known), 75, axis=0), rest / 2)
    shut = [None if gap is None else np.clip(1 - gap / widest, 0, 1) for gap in gaps]
    return [None if s is None else (round(float(s[0]), 3), round(float(s[1]), 3)) for s in shut]


def blinks(shut: Sequence[tuple[float, float] | None]) -> list[BlinkFound]:
    """The blinks in a clip, from how far the lids are shut on each frame.

    A blink starts and ends with open eyes; where they are shut as the clip begins or ends, it
    starts or ends there.
    """
    levels = [0.0 if each is None else min(each) for each in shut]
    found: list[BlinkFound] = []
    frame = 0
    while frame < len(levels):
        if levels[frame] < _SHUT:
            frame += 1
            continue
        first = last = frame
        while first > 0 and levels[first - 1] > _OPEN:
            first -= 1
        while last + 1 < len(levels) and levels[last + 1] > _OPEN:
            last += 1
        if last - first < LONGEST_BLINK:
            found.append(BlinkFound(first + 1, last - first + 1))
        frame = last + 1
    return found


def visemes(shapes: Sequence[Mapping[str, float] | None]) -> list[str]:
    """The letter of the mouth shape on each frame; empty where there is no face.

    The nearest shape of the mouth chart, by the blendshapes it consists of.

    Args:
        shapes: MediaPipe's blendshapes on each frame.
    """
    names, chart, letters = _chart()
    told: list[str] = []
    for shape in shapes:
        if not shape:
            told.append("")
            continue
        own = np.array([_both(shape, name) for name in names])
        if float(np.linalg.norm(own)) < _TALKS:
            told.append(Viseme.X.value)
            continue
        told.append(letters[int(np.linalg.norm(chart - own, axis=1).argmin())])
    return _steadied(told)


@cache
def _chart() -> tuple[list[str], FloatArray, list[str]]:
    names = sorted({name for shape in WEIGHTS.values() for name in shape})
    rows = [[weights.get(name, 0.0) for name in names] for weights in WEIGHTS.values()]
    return names, np.array(rows), [viseme.value for viseme in WEIGHTS]


def _both(shape: Mapping[str, float], name: str) -> float:
    if name in shape:
        return shape[name]
    return (shape.get(f"{name}Left", 0.0) + shape.get(f"{name}Right", 0.0)) / 2


def _steadied(letters: Sequence[str]) -> list[str]:
    """Shapes that last too short give way to the one before."""
    steady: list[str] = []
    for letter, run in groupby(letters):
        length = len(list(run))
        short = length < _SHORTEST_MOUTH and letter and steady and steady[-1]
        steady.extend([steady[-1] if short else letter] * length)
    return steady


def strongest(shapes: Sequence[Mapping[str, float] | None]) -> int | None:
    """The frame on which a face is farthest from rest; None where there is none."""
    strengths = [_strength(reading.read(shape)) if shape else -1.0 for shape in shapes]
    best = int(np.argmax(strengths)) if strengths else 0
    return best if strengths and strengths[best] >= 0 else None


def feeling(
    shapes: Sequence[Mapping[str, float] | None], net: Sequence[Suggestion] = ()
) -> Feeling:
    """The emotion that a clip may show, with its confidence; no label where there is no face.

    Told by the frames on which the face is farthest from rest, against the clip's own calm frames
    where it has some.

    Args:
        shapes: MediaPipe's blendshapes on each frame.
        net: what the expression net says of the strongest frame, where it was asked.
    """
    known = [shape for shape in shapes if shape]
    if not known:
        return Feeling(by="suggested")
    plain = [reading.read(shape) for shape in known]
    calm = [shape for shape, told in zip(known, plain, strict=True) if _strength(told) < 1 - _CALM]
    if calm and len(calm) < len(known):
        resting = {name: float(np.mean([s.get(name, 0.0) for s in calm])) for name in calm[0]}
        plain = [reading.read(shape, resting) for shape in known]
    plain.sort(key=_strength, reverse=True)
    count = max(1, len(plain) // _STRONGEST)
    told = [{each.emotion: each.confidence for each in one} for one in plain[:count]]
    means = {emotion: float(np.mean([one[emotion] for one in told])) for emotion in Emotion}
    order = [Suggestion(e, share) for e, share in means.items()]
    if net:
        order = list(reading.combined(order, net))
    scores = {each.emotion.value: round(each.confidence, 4) for each in order}
    best = max(scores, key=lambda name: scores[name])
    intensity = round(max(0.0, 1 - means[Emotion.NEUTRAL]), 4)
    return Feeling(best, scores[best], intensity, scores, "suggested")


def _strength(told: Sequence[Suggestion]) -> float:
    return 1 - next(each.confidence for each in told if each.emotion is Emotion.NEUTRAL)
