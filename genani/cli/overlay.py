"""Faces drawn over a picture, to see where landmarks lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from genani.face.mesh import CONTOURS, IRIS_CENTRES, NOSE_LINES, PINS
from genani.scene.face import Landmarks
from genani.scene.picture import Picture

_LEAST_SIDE = 768
"""Smaller pictures are enlarged, so that lines do not cover what they lie on."""

_FINE = 3
"""Lines are drawn at so many times the size and averaged down."""

_COLOURS = {
    "brow": (240, 160, 48),
    "eye": (54, 179, 230),
    "iris": (140, 220, 255),
    "lips": (242, 87, 127),
    "oval": (92, 196, 106),
    "nose": (176, 140, 240),
}
_HALO = (0, 0, 0, 120)
_PAPER = (255, 255, 255, 255)

Place = tuple[float, float]


def overlaid(picture: Picture, faces: Sequence[Landmarks]) -> Picture:
    """The picture on white paper with the lines of its faces, each group in its own colour.

    Small pictures come back enlarged by a whole number; 8 bit, opaque.
    """
    pixels = picture.pixels if picture.depth == 8 else (picture.pixels >> 8).astype(np.uint8)
    paper = Image.new("RGBA", picture.size, _PAPER)
    paper.alpha_composite(Image.fromarray(pixels))
    grown = max(1, -(-_LEAST_SIDE // max(picture.size)))
    kind = Image.Resampling.BICUBIC
    paper = paper.resize((picture.width * grown, picture.height * grown), kind)
    for face in faces:
        _lay(paper, face, grown)
    return Picture(np.array(paper), picture.icc)


def _lay(paper: Image.Image, face: Landmarks, grown: int) -> None:
    """Draw one face's lines, marks and label, only as large a layer as they need."""
    points = np.asarray(face.points)[:, :2] * grown
    width = max(1.0, float(np.ptp(points, axis=0).max()) / 260)
    rim = int(12 * width) + 40
    low = np.maximum(np.floor(points.min(0)).astype(int) - rim, 0)
    high = np.minimum(np.ceil(points.max(0)).astype(int) + rim, paper.size)
    if (high <= low).any():
        return
    size = (high - low).tolist()
    layer = Image.new("RGBA", (size[0] * _FINE, size[1] * _FINE))
    pen = ImageDraw.Draw(layer)
    fine = (points - low) * _FINE
    chains = _chains(fine)
    for colour, thick in ((_HALO, 2.6), (None, 1.2)):
        for group, places in chains:
            ink = colour or (*_COLOURS[group], 255)
            pen.line(places, ink, round(thick * width * _FINE), joint="curve")
    radius = 1.5 * width * _FINE
    for index in (*PINS.values(), *IRIS_CENTRES):
        x, y = fine[index].tolist()
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), (255, 255, 255, 235))
    text = f"{face.source.value} {face.confidence:.0%}"
    left, top = fine.min(0).tolist()
    pen.text(
        (left, max(top - 26 * _FINE, 0)),
        text,
        (255, 255, 255, 255),
        ImageFont.load_default(16 * _FINE),
        stroke_width=2 * _FINE,
        stroke_fill=(0, 0, 0, 200),
    )
    paper.alpha_composite(layer.resize(size, Image.Resampling.BOX), tuple(low.tolist()))


def _chains(points: NDArray[np.float64]) -> list[tuple[str, list[Place]]]:
    """Lines with the group they belong to."""
    lines = [(name.rpartition(" ")[2], (*on, on[0])) for name, on in CONTOURS.items()]
    lines += [("nose", on) for on in NOSE_LINES]
    return [(group, [(x, y) for x, y in points[list(on)].tolist()]) for group, on in lines]
