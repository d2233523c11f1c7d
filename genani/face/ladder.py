"""The ladder of looking for a face: the whole picture, likely boxes, the neighbouring key.

Each rung is tried where those before found nothing. The first takes what MediaPipe is sure of.
The others know about where a face should be, lay the picture on MediaPipe's tracker there (see
`upright`) and look three times: as it is, in a mirror, and from where these two have it. On a real
face all looks agree, on anything else the landmarks fall where they like. Of 63 heads drawn by
the rig in three styles the first rung finds 40, the second 20 more (2 of them amiss), and a box
drawn by a person brings all 63 (1 amiss); the cascade adds none that these boxes miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genani.face import upright
from genani.face.detect import FaceDetector, FoundFace, RgbArray, on_white
from genani.face.detect_process import RawBox
from genani.face.mesh import FloatArray, array_of, canonical
from genani.face.pose import Similarity, fitted
from genani.scene.face import Landmarks, LandmarkSource
from genani.scene.picture import Picture

SURE, LEAST = 0.5, 0.1
"""Confidence of what the first rung finds at least, and of anything that is told at all."""

_LIKELY = 0.15
"""Score of a box of MediaPipe's from which it is worth a look, where nobody pointed at it."""

_MOST_BOXES = 4

_LARGER, _OF_BOXES = 1.5, 2
"""On drawings a box may hold only the eyes: the face is then so much larger, and the first boxes
are tried as such too."""

_DRAWN_SHARE = 0.8
"""How much of a box of the cascade for drawn faces the face takes."""

_INK = 24
"""Difference from the paper, of 255, from which a pixel is drawn on."""

_DRAWING_SHARE, _DRAWING_SCORE = 0.95, 0.3
"""A drawing may be all face: how much of it that takes then, and how likely it is."""

_SHARES = (1.0, 0.75, 0.55)
"""How much of a box that a person drew the face may take; hair takes the rest."""

_AGREEMENT, _TRUST = 0.06, 0.12
"""How far apart two looks may be, in shares of the face's size, plus what a full score adds."""

_RETURN, _TRUST_RETURN = 0.03, 0.1
"""The same for a third look, from where the first two have it: a face is found there again."""

_DRIFT = 0.35
_GROWTH = (0.65, 1.5)
"""How far the landmarks may leave the place where the face should be, and in what scale."""

_BENT = 0.1
"""How far a mesh may be from every turned and scaled copy of the canonical face, on average, in
shares of its size; faces that pull faces stay under .065."""

_INSIDE = 0.5
"""Share of the landmarks that must lie in the picture."""

_SMALLEST = 10.0
"""Faces smaller than so many pixels are specks."""

_APART = 0.25
"""Faces that share more of their smaller area than this are one."""


@dataclass(frozen=True)
class _Guess:
    """Where a face may be.

    Attributes:
        pose: from the square of `upright` to the picture.
        score: 0 to 1, how likely it is.
        source: what landmarks found there are called.
    """

    pose: Similarity
    score: float
    source: LandmarkSource = LandmarkSource.AUTO


def find(
    detector: FaceDetector,
    picture: Picture,
    box: tuple[int, int, int, int] | None = None,
    near: Landmarks | None = None,
) -> list[FoundFace]:
    """Look for faces, rung after rung. About 20 ms where the first finds one, at worst 2 s.

    Args:
        detector: looks; tells how many faces are wanted at most.
        picture: any size and depth; transparency is seen as white paper.
        box: left, top, right and bottom, in pixels, where a person says that there is a face.
        near: the face on a neighbouring drawing.

    Returns:
        The best first: nearest to `near` where there is one, else the largest. With a box at
        most one.

    Raises:
        ModelError: the detector was closed or has failed.
    """
    pixels = on_white(picture)
    if box is not None:
        return _in_box(detector, pixels, box, near)
    faces = [face for face in detector.detect(picture) if _sane(face, picture.size)]
    if not faces:
        faces = _guessed(detector, pixels, _likely(detector, pixels, near))
    if not faces and near is not None:
        pose = upright.pose_of(array_of(near))
        faces = _guessed(detector, pixels, [_Guess(pose, 1.0, LandmarkSource.TRACKED)])
    if near is not None:
        middle = array_of(near)[:, :2].mean(0)
        faces.sort(key=lambda face: float(np.linalg.norm(_middle(face) - middle)))
    return faces


def find_pair(
    detector: FaceDetector, first: Picture, last: Picture
) -> tuple[Landmarks | None, Landmarks | None]:
    """The best face on each of two keys, either helping to find the other; None where none is.

    Args and Raises as for `find`.
    """
    one = find(detector, first)
    two = find(detector, last, near=one[0].landmarks if one else None)
    if two and not one:
        one = find(detector, first, near=two[0].landmarks)
    return (one[0].landmarks if one else None, two[0].landmarks if two else None)


def _in_box(
    detector: FaceDetector,
    pixels: RgbArray,
    box: tuple[int, int, int, int],
    near: Landmarks | None,
) -> list[FoundFace]:
    """The face that a person pointed at: of all looks the one most sure of itself."""
    left, top, right, bottom = (float(side) for side in box)
    guesses = [_Guess(upright.pose_of_box((left, top, right, bottom), s), 1.0) for s in _SHARES]
    part, corner = _around(pixels, box)
    for guess in _boxes(detector, part, LEAST) if part.size else ():
        pose = replace(guess.pose, after=guess.pose.after + corner)
        if _within(pose.after, (left, top, right, bottom)):
            guesses.append(replace(guess, pose=pose))
    if near is not None:
        pose = upright.pose_of(array_of(near))
        guesses.append(_Guess(pose, 1.0, LandmarkSource.TRACKED))
    seen = [
        face
        for face, _ in _ranked(detector, pixels, guesses)
        if _within(_middle(face), (left, top, right, bottom))
    ]
    return seen[:1]


def _likely(detector: FaceDetector, pixels: RgbArray, near: Landmarks | None) -> Iterator[_Guess]:
    """Places all over a picture: boxes, of the size of a face that is near, and the drawing."""
    for guess in _boxes(detector, pixels, _LIKELY):
        if near is not None:
            growth = guess.pose.scale / upright.pose_of(array_of(near)).scale
            if not 0.4 < growth < 2.5:
                continue
        yield guess
    sides = _inked(pixels)
    if sides is not None:
        yield _Guess(upright.pose_of_box(sides, _DRAWING_SHARE), _DRAWING_SCORE)


def _inked(pixels: RgbArray) -> tuple[float, float, float, float] | None:
    """What is drawn on, as left, top, right and bottom; None on an empty sheet.

    The paper is taken to have the colour of the picture's corner.
    """
    drawn = (np.abs(pixels.astype(np.int16) - pixels[0, 0]) > _INK).any(2)
    if not drawn.any():
        return None
    columns, rows = (np.flatnonzero(drawn.any(axis)) for axis in (0, 1))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _boxes(detector: FaceDetector, pixels: RgbArray, least: float) -> list[_Guess]:
    boxes = detector.boxes(pixels)
    found = [box for box in boxes.found if box.score >= least][:_MOST_BOXES]
    return [
        *(_drawn(box) for box in boxes.drawn[:_MOST_BOXES]),
        *(_Guess(upright.pose_of_marks(np.array(box.marks)), box.score) for box in found),
        *(_Guess(upright.pose_of_box(b.sides, _LARGER), b.score) for b in found[:_OF_BOXES]),
    ]


def _drawn(box: RawBox) -> _Guess:
    pose = upright.pose_of_box(box.sides, _DRAWN_SHARE)
    return _Guess(pose, box.score, LandmarkSource.ANIME)


def _guessed(
    detector: FaceDetector, pixels: RgbArray, guesses: Iterable[_Guess]
) -> list[FoundFace]:
    """The faces that are where they were guessed, the likeliest first, none of them twice."""
    faces: list[FoundFace] = []
    for face, guess in _ranked(detector, pixels, guesses):
        # Where one face is doubtful, a second one is an eye or a button of it.
        if faces and guess.score < SURE:
            continue
        if all(_overlap(face, other) < _APART for other in faces):
            faces.append(face)
    return faces[: detector.faces]


def _ranked(
    detector: FaceDetector, pixels: RgbArray, guesses: Iterable[_Guess]
) -> list[tuple[FoundFace, _Guess]]:
    """What is seen where it was guessed, the likeliest first."""
    seen = [(face, guess) for guess in guesses if (face := _looked(detector, pixels, guess))]
    return sorted(
        seen, key=lambda each: each[0].landmarks.confidence + each[1].score / 2, reverse=True
    )


def _looked(detector: FaceDetector, pixels: RgbArray, guess: _Guess) -> FoundFace | None:
    """What two looks agree on, their mean; None if they do not agree or it is no face."""
    plain = detector.follow(pixels, guess.pose)
    if plain is None or not _stayed(array_of(plain.landmarks), guess.pose):
        return None
    mirrored = detector.follow(pixels, guess.pose, mirror=True)
    if mirrored is None:
        return None
    points = (array_of(plain.landmarks) + array_of(mirrored.landmarks)) / 2
    off, limit = 2 * _apart(plain, points), _AGREEMENT + _TRUST * guess.score
    if off > limit or not _stayed(points, guess.pose):
        return None
    again = detector.follow(pixels, upright.pose_of(points))
    if again is None or _apart(again, points) > _RETURN + _TRUST_RETURN * guess.score:
        return None
    confidence = LEAST + (SURE - LEAST) * (1 - off / limit)
    landmarks = Landmarks(tuple((x, y, z) for x, y, z in points.tolist()), guess.source, confidence)
    shapes = {
        name: (value + mirrored.blendshapes[_other_side(name)]) / 2
        for name, value in plain.blendshapes.items()
    }
    face = FoundFace(landmarks, shapes, plain.matrix)
    return face if _sane(face, (pixels.shape[1], pixels.shape[0])) else None


def _apart(face: FoundFace, points: FloatArray) -> float:
    """How far a face's landmarks are from others on average, in shares of the face's size."""
    away = np.linalg.norm((array_of(face.landmarks) - points)[:, :2], axis=1)
    return float(away.mean()) / _size(points)


def _stayed(points: FloatArray, guessed: Similarity) -> bool:
    """True if landmarks are about where, and about as large as, the face was guessed to be."""
    rest = upright.seed().points[:, :2].mean(0, keepdims=True)
    found = upright.pose_of(points)
    drift = float(np.linalg.norm(found(rest) - guessed(rest))) / _size(points)
    return drift < _DRIFT and _GROWTH[0] < found.scale / guessed.scale < _GROWTH[1]


def _sane(face: FoundFace, size: tuple[int, int]) -> bool:
    """False for meshes that no face has: specks, mostly off the picture, bent out of shape."""
    points = array_of(face.landmarks)
    if not np.isfinite(points).all() or _size(points) < _SMALLEST:
        return False
    inside = ((points[:, :2] >= 0) & (points[:, :2] <= size)).all(1).mean()
    rest = canonical().points
    bent = np.linalg.norm(fitted(rest, points, np.ones(len(rest)))(rest) - points, axis=1).mean()
    return bool(inside >= _INSIDE and bent / _size(points) <= _BENT)


def _around(
    pixels: RgbArray, box: tuple[int, int, int, int]
) -> tuple[RgbArray, NDArray[np.float64]]:
    """The part of a picture in and around a box, twice as large, and where its corner lies."""
    left, top, right, bottom = box
    rim = max(right - left, bottom - top) // 2
    left, top = max(left - rim, 0), max(top - rim, 0)
    part = pixels[top : max(bottom + rim, 0), left : max(right + rim, 0)]
    return np.ascontiguousarray(part), np.array([left, top], np.float64)


def _other_side(name: str) -> str:
    for one, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(one):
            return name.removesuffix(one) + other
    return name


def _middle(face: FoundFace) -> FloatArray:
    return array_of(face.landmarks)[:, :2].mean(0)


def _size(points: FloatArray) -> float:
    return max(float(np.sqrt(np.ptp(points[:, :2], axis=0).prod())), 1e-6)


def _within(place: FloatArray, sides: tuple[float, float, float, float]) -> bool:
    return bool((place >= sides[:2]).all() and (place <= sides[2:]).all())


def _overlap(one: FoundFace, two: FoundFace) -> float:
    """The area two faces share, in shares of the smaller one's."""
    corners = [(p.min(0), p.max(0)) for p in (array_of(f.landmarks)[:, :2] for f in (one, two))]
    low, high = np.maximum(corners[0][0], corners[1][0]), np.minimum(corners[0][1], corners[1][1])
    least = min(float((c[1] - c[0]).prod()) for c in corners)
    return float(np.maximum(high - low, 0).prod()) / max(least, 1e-6)
