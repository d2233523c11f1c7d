"""One face through all frames of a clip: found, followed from frame to frame, gaps bridged.

A frame is first looked at as any picture is. Where nothing is found on it, the face of the frame
before (then, going back, of the one after) is followed: its place is looked at plain and in a
mirror, and believed where both looks agree. What is still missing between two known frames is
interpolated and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from genani.face import ladder, upright
from genani.face.detect import FaceDetector, FoundFace, on_white
from genani.face.mesh import FloatArray, array_of
from genani.scene.face import LandmarkSource
from genani.scene.picture import Picture

LONGEST_GAP = 12
"""Frames, half a second: who is away for longer may have done anything meanwhile."""

_TRIES = 3
"""Frames on which the whole ladder is climbed, which takes seconds, until a face is found."""

_AGREEMENT = 0.1
"""Two looks at one place may be so far apart, in shares of the face's size, on average."""

_LEAP = 0.5
"""From a frame to the next a face moves less than this, in shares of its size."""

_FOLLOWED = 0.4
"""Confidence of a face that two looks see at the very same place."""


@dataclass(frozen=True)
class Tracked:
    """The face on a frame.

    Attributes:
        points: (478, 3) pixels.
        source: as in `genani.training.clips.records.SOURCES`.
        confidence: 0 to 1; 0 where it is interpolated.
        blendshapes: 52 by name, 0 to 1.
        matrix: (4, 4) the head's.
    """

    points: FloatArray
    source: str
    confidence: float
    blendshapes: dict[str, float]
    matrix: FloatArray


def follow(
    detector: FaceDetector, pictures: Sequence[Picture], tick: Callable[[], None]
) -> list[Tracked | None]:
    """The face on every frame; None where there is none and none can be told from the others.

    Args:
        detector: looks.
        pictures: the frames in order; neighbours may be the same drawing.
        tick: called before each frame; may raise to stop.

    Raises:
        ModelError: the detector has failed.
    """
    faces: list[Tracked | None] = []
    for number, picture in enumerate(pictures):
        tick()
        if number and picture.id == pictures[number - 1].id:
            faces.append(faces[-1])
        else:
            faces.append(_looked(detector, picture, faces[-1] if faces else None))
    if not any(faces):
        _climb(detector, pictures, faces)
    for forward in (False, True):
        _reach(detector, pictures, faces, forward, tick)
    return bridged(faces)


def _looked(detector: FaceDetector, picture: Picture, before: Tracked | None) -> Tracked | None:
    """The face that is plainly seen, the one of the frame before where that is known."""
    found = [_tracked(face) for face in detector.detect(picture)]
    if before is None:
        return found[0] if found else None
    near = [face for face in found if _moved(before, face) < _LEAP]
    if near:
        return min(near, key=lambda face: _moved(before, face))
    return _followed(detector, picture, before)


def _climb(
    detector: FaceDetector, pictures: Sequence[Picture], faces: list[Tracked | None]
) -> None:
    """Look harder at a few frames, until one shows a face."""
    for number in dict.fromkeys(round(at) for at in np.linspace(len(pictures) // 2, 0, _TRIES)):
        found = ladder.find(detector, pictures[number])
        if found:
            faces[number] = _tracked(found[0])
            return


def _reach(
    detector: FaceDetector,
    pictures: Sequence[Picture],
    faces: list[Tracked | None],
    forward: bool,
    tick: Callable[[], None],
) -> None:
    """Follow known faces into the frames beside them, one way."""
    order = range(1, len(faces)) if forward else range(len(faces) - 2, -1, -1)
    for number in order:
        neighbour = number - 1 if forward else number + 1
        known = faces[neighbour]
        if faces[number] is None and known is not None:
            tick()
            same = pictures[number].id == pictures[neighbour].id
            faces[number] = known if same else _followed(detector, pictures[number], known)


def _followed(detector: FaceDetector, picture: Picture, before: Tracked) -> Tracked | None:
    """The face where it was a frame ago, if two looks agree about it."""
    pixels, pose = on_white(picture), upright.pose_of(before.points)
    plain = detector.follow(pixels, pose)
    if plain is None:
        return None
    mirrored = detector.follow(pixels, pose, mirror=True)
    if mirrored is None:
        return None
    one, two = array_of(plain.landmarks), array_of(mirrored.landmarks)
    points = (one + two) / 2
    apart = float(np.linalg.norm((one - two)[:, :2], axis=1).mean()) / _size(points)
    face = Tracked(
        points,
        LandmarkSource.TRACKED.value,
        _FOLLOWED * max(1 - apart / _AGREEMENT, 0.0),
        plain.blendshapes,
        np.asarray(plain.matrix, np.float64),
    )
    growth = _size(points) / _size(before.points)
    if apart > _AGREEMENT or _moved(before, face) > _LEAP or not 0.7 < growth < 1.4:
        return None
    return face


def _tracked(face: FoundFace) -> Tracked:
    marks = face.landmarks
    return Tracked(
        array_of(marks),
        marks.source.value,
        marks.confidence,
        face.blendshapes,
        np.asarray(face.matrix, np.float64),
    )


def bridged(faces: Sequence[Tracked | None]) -> list[Tracked | None]:
    """The faces with short gaps between two known ones filled, each point on a straight line."""
    filled = list(faces)
    known = [number for number, face in enumerate(faces) if face is not None]
    for first, last in pairwise(known):
        one, two = faces[first], faces[last]
        if one is None or two is None or not 1 < last - first <= LONGEST_GAP + 1:
            continue
        for number in range(first + 1, last):
            filled[number] = _between(one, two, (number - first) / (last - first))
    return filled


def _between(one: Tracked, two: Tracked, t: float) -> Tracked:
    shapes = {
        name: (1 - t) * value + t * two.blendshapes.get(name, value)
        for name, value in one.blendshapes.items()
    }
    nearest = one if t < 0.5 else two
    points = (1 - t) * one.points + t * two.points
    return Tracked(points, "interpolated", 0.0, shapes, nearest.matrix)


def _moved(one: Tracked, two: Tracked) -> float:
    """How far a face went, in shares of its size."""
    away = np.linalg.norm((two.points - one.points)[:, :2].mean(0))
    return float(away) / _size(one.points)


def _size(points: FloatArray) -> float:
    return max(float(np.sqrt(np.ptp(points[:, :2], axis=0).prod())), 1e-6)
