"""Landmarks as JSON, for other programs and for hands: what `genani landmarks --json` writes.

    {"format": "genani-landmarks", "version": 1,
     "contours": {"right brow": [46, 53, ...], ...},
     "pictures": [{"file": "a.png", "width": 640, "height": 640, "faces": [
        {"source": "auto", "confidence": 0.92,
         "points": [{"id": 0, "name": "upper lip", "normalised": [x, y, z], "pixels": [x, y, z]},
                    ...],
         "blendshapes": {"jawOpen": 0.58, ...},
         "matrix": [[...], [...], [...], [...]]}]}]}

Points have MediaPipe's ids, 0 to 477, in order. `normalised` is as MediaPipe gives it: x and z in
shares of the picture's width, y of its height. `matrix` may be null and `blendshapes` empty,
where a face was placed by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import CONTOURS, PINS, POINTS
from genani.scene.errors import FileError, SceneError
from genani.scene.face import Landmarks, LandmarkSource

FORMAT, VERSION = "genani-landmarks", 1

_SLACK = 0.01
"""Pixels by which the two coordinates of a point may differ; more, and one was edited alone."""

_NUMBERS = re.compile(rb"\[\n([^\[\]{}\"]+)\n *\]")

_NAMES = {index: name for name, index in PINS.items()}

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class MarkedFace:
    """A face in a landmark file.

    Attributes:
        landmarks: in pixels of its picture.
        blendshapes: MediaPipe's 52 by name, 0 to 1; empty where nobody looked.
        matrix: (4, 4) float32, the head's matrix, see `detect.FoundFace`; None likewise.
    """

    landmarks: Landmarks
    blendshapes: Mapping[str, float] = field(default_factory=dict)
    matrix: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class MarkedPicture:
    """A picture in a landmark file.

    Attributes:
        file: its path.
        size: width and height, in pixels.
        faces: the best first.
    """

    file: str
    size: tuple[int, int]
    faces: tuple[MarkedFace, ...]


class _Point(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    id: int
    normalised: Triple
    pixels: Triple
    name: str = ""


class _Face(msgspec.Struct, forbid_unknown_fields=True):
    source: LandmarkSource
    confidence: float
    points: list[_Point]
    blendshapes: dict[str, float] = {}
    matrix: list[list[float]] | None = None


class _Picture(msgspec.Struct, forbid_unknown_fields=True):
    file: str
    width: int
    height: int
    faces: list[_Face]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    version: int
    contours: dict[str, list[int]]
    pictures: list[_Picture]


def encode(pictures: Sequence[MarkedPicture]) -> bytes:
    """The file of some pictures, UTF-8; a path that is no Unicode is written escaped."""
    contours = {name: list(points) for name, points in CONTOURS.items()}
    whole = _File(FORMAT, VERSION, contours, [_written(picture) for picture in pictures])
    text = msgspec.json.format(msgspec.json.encode(whole), indent=1)
    # Three numbers on three lines are hard to read; a raw line break is never inside a string.
    flat = _NUMBERS.sub(lambda found: b"[" + b" ".join(found[1].split()) + b"]", text)
    return flat + b"\n"


def decode(data: bytes, name: str) -> tuple[MarkedPicture, ...]:
    """The pictures of a file.

    Args:
        data: the file.
        name: what errors call it.

    Raises:
        FileError: it is no landmark file, of a later version, or says something impossible.
    """
    try:
        head = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FileError(f"'{name}' is no landmark file: it is not JSON ({error})") from None
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise FileError(f'\'{name}\' is no landmark file: its "format" is not "{FORMAT}"')
    if head.get("version") != VERSION:
        raise FileError(
            f"'{name}' has version {head.get('version')!r} of landmark files; "
            f"this GenAni reads version {VERSION}"
        )
    try:
        whole = msgspec.convert(head, _File)
    except msgspec.ValidationError as error:
        raise FileError(f"'{name}' is no proper landmark file: {error}") from None
    return tuple(_read(picture, name) for picture in whole.pictures)


def of_file(
    pictures: Sequence[MarkedPicture], path: Path, size: tuple[int, int], name: str
) -> MarkedPicture:
    """The one that is about a picture: by its whole path, else by its name alone.

    Args:
        pictures: of the landmark file.
        path: of the picture.
        size: its width and height.
        name: what errors call the landmark file.

    Raises:
        FileError: none or several are about it, or the one is about a picture of another size.
    """
    by_path = [each for each in pictures if Path(each.file).absolute() == path.absolute()]
    found = by_path or [each for each in pictures if Path(each.file).name == path.name]
    if not found:
        held = ", ".join(f"'{each.file}'" for each in pictures) or "nothing"
        raise FileError(f"'{name}' says nothing about '{path}', only about {held}")
    if len(found) > 1:
        raise FileError(f"'{name}' says {len(found)} things about '{path}'; leave one")
    if found[0].size != size:
        raise FileError(
            "'{}' is about a '{}' of {} x {}, but that picture is {} x {}".format(
                name, found[0].file, *found[0].size, *size
            )
        )
    return found[0]


def _written(picture: MarkedPicture) -> _Picture:
    width, height = picture.size
    return _Picture(
        picture.file.encode(errors="backslashreplace").decode(),
        width,
        height,
        [_face(face, width, height) for face in picture.faces],
    )


def _face(face: MarkedFace, width: int, height: int) -> _Face:
    points = [
        _Point(index, (x / width, y / height, z / width), (x, y, z), _NAMES.get(index, ""))
        for index, (x, y, z) in enumerate(face.landmarks.points)
    ]
    return _Face(
        face.landmarks.source,
        face.landmarks.confidence,
        points,
        dict(face.blendshapes),
        None if face.matrix is None else face.matrix.tolist(),
    )


def _read(picture: _Picture, name: str) -> MarkedPicture:
    about = f"'{name}', '{picture.file}'"
    if picture.width < 1 or picture.height < 1:
        raise FileError(f"{about}: a picture of {picture.width} x {picture.height} cannot be")
    faces = tuple(_read_face(face, picture, about) for face in picture.faces)
    return MarkedPicture(picture.file, (picture.width, picture.height), faces)


def _read_face(face: _Face, picture: _Picture, about: str) -> MarkedFace:
    if [point.id for point in face.points] != list(range(POINTS)):
        raise FileError(f"{about}: a face has points 0 to {POINTS - 1}, each once and in order")
    for point in face.points:
        sides = (picture.width, picture.height, picture.width)
        meant = [share * side for share, side in zip(point.normalised, sides, strict=True)]
        if any(abs(a - b) > _SLACK for a, b in zip(meant, point.pixels, strict=True)):
            raise FileError(
                f'{about}: point {point.id} is at two places, by "normalised" at '
                f'{meant[0]:.1f}, {meant[1]:.1f} and by "pixels" at '
                f"{point.pixels[0]:.1f}, {point.pixels[1]:.1f}"
            )
    wrong = [shape for shape, value in face.blendshapes.items() if not 0 <= value <= 1]
    if wrong:
        raise FileError(f"{about}: the blendshape '{wrong[0]}' is not between 0 and 1")
    matrix = None if face.matrix is None else _matrix(face.matrix, about)
    points = tuple(point.pixels for point in face.points)
    try:
        landmarks = Landmarks(points, face.source, face.confidence)
    except SceneError as error:
        raise FileError(f"{about}: {error}") from None
    return MarkedFace(landmarks, face.blendshapes, matrix)


def _matrix(rows: list[list[float]], about: str) -> NDArray[np.float32]:
    if [len(row) for row in rows] != [4] * 4:
        raise FileError(f"{about}: a matrix has four rows of four numbers")
    return np.array(rows, np.float32)
