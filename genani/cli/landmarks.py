"""`genani landmarks`: where the faces are in pictures."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from genani.cli.faces import described, detector
from genani.cli.overlay import overlaid
from genani.cli.progress import bar
from genani.face import landmark_file
from genani.face.detect import FaceDetector, FoundFace
from genani.face.ladder import find
from genani.face.landmark_file import MarkedFace, MarkedPicture
from genani.media import atomic, image
from genani.media.files import shown, told
from genani.scene.errors import FileError

MOST_FACES = 4
"""More faces than this on one drawing are a crowd, which nobody in-betweens face by face."""

Box = tuple[int, int, int, int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument(
        "pictures",
        type=Path,
        nargs="+",
        metavar="PICTURE",
        help="drawings or photos, in the order of the shot: a face that is not found is followed "
        "from its neighbour",
    )
    parser.add_argument(
        "--overlay", type=Path, metavar="DIR", help="draw the faces over the pictures, as PNG here"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every landmark as JSON")
    parser.add_argument(
        "--faces", type=int, default=1, metavar="N", help="look for at most so many a picture (1)"
    )
    parser.add_argument(
        "--box",
        action="append",
        metavar="LEFT,TOP,RIGHT,BOTTOM",
        help="where the face is, in pixels: once for all pictures, or once for each",
    )


def run(options: argparse.Namespace) -> int:
    """Look, write and tell; returns the exit code."""
    if not 1 <= options.faces <= MOST_FACES:
        raise FileError(f"--faces takes 1 to {MOST_FACES}, not {options.faces}")
    boxes = _boxes(options.box or [], len(options.pictures))
    with detector(options.faces) as looks, bar("landmarks") as progress:
        found = _found(looks, options.pictures, boxes, progress)
    files: list[Path] = []
    if options.overlay:
        names = _names(options.pictures)
        for path, name, marked in zip(options.pictures, names, found, strict=True):
            faces = [face.landmarks for face in marked.faces]
            files.append(options.overlay / name)
            image.write_png(overlaid(image.read(path), faces), files[-1])
    if options.json:
        with atomic.file(options.json) as place, told(options.json, "write"):
            place.write_bytes(landmark_file.encode(found))
        files.append(options.json)
    for path, marked in zip(options.pictures, found, strict=True):
        print(f"{shown(path)}: {_told(marked)}")
    for file in files:
        print(shown(file))
    return 0


def _found(
    detector: FaceDetector,
    paths: list[Path],
    boxes: list[Box | None],
    progress: Callable[[float, str], None],
) -> list[MarkedPicture]:
    """The faces of all pictures; where one has none, its neighbours' are followed."""
    marked: list[MarkedPicture] = []
    for number, (path, box) in enumerate(zip(paths, boxes, strict=True)):
        progress(number / len(paths), f"{number + 1} of {len(paths)}")
        picture = image.read(path)
        before = marked[-1] if marked else None
        near = before.faces[0] if before and before.faces and not box else None
        near = near if before and before.size == picture.size else None
        faces = find(detector, picture, box, near.landmarks if near else None)
        marked.append(MarkedPicture(str(path), picture.size, tuple(map(_marked, faces))))
    for number in reversed(range(len(marked) - 1)):
        here, after = marked[number], marked[number + 1]
        if here.faces or not after.faces or here.size != after.size or boxes[number]:
            continue
        faces = find(detector, image.read(paths[number]), near=after.faces[0].landmarks)
        marked[number] = MarkedPicture(here.file, here.size, tuple(map(_marked, faces)))
    return marked


def _marked(face: FoundFace) -> MarkedFace:
    return MarkedFace(face.landmarks, face.blendshapes, face.matrix)


def _told(marked: MarkedPicture) -> str:
    if not marked.faces:
        return "no face found; point at it with --box, or place it by hand in the window"
    each = "; ".join(described(face.landmarks) for face in marked.faces)
    return f"{len(marked.faces)} face{'s' if len(marked.faces) > 1 else ''} ({each})"


def _names(paths: list[Path]) -> list[str]:
    """A name for each overlay, told apart by their folders where pictures have one name."""
    stems = [path.stem for path in paths]
    long = [f"{path.absolute().parent.name}_{path.stem}" for path in paths]
    names = [one if stems.count(one) == 1 else two for one, two in zip(stems, long, strict=True)]
    twice = [path for path, name in zip(paths, names, strict=True) if names.count(name) > 1]
    if twice:
        raise FileError(f"the overlay of '{shown(twice[0])}' would have the name of another one")
    return [f"{name}.landmarks.png" for name in names]


def _boxes(given: list[str], pictures: int) -> list[Box | None]:
    boxes = [_box(text) for text in given]
    if len(boxes) not in (0, 1, pictures):
        raise FileError(
            f"--box goes once for all pictures or once for each, not {len(boxes)} times"
        )
    return list(boxes) if len(boxes) == pictures else [boxes[0] if boxes else None] * pictures


def _box(text: str) -> Box:
    words = text.split(",")
    try:
        left, top, right, bottom = (int(word) for word in words)
    except ValueError:
        left = top = right = bottom = 0
    if not (0 <= left < right and 0 <= top < bottom):
        raise FileError(
            f"--box takes LEFT,TOP,RIGHT,BOTTOM in pixels, as in 120,80,360,320, not '{text}'"
        )
    return left, top, right, bottom
