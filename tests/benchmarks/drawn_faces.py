"""Faces drawn for measuring in styles that nothing was fitted to: ink, flat colours, paint.

Each is drawn along the canonical face with other proportions, so that its landmarks are known
exactly, and differs from the others in all that a style is: lines, flats, shading, colours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from genani.face.edges import curve
from genani.face.emotion import expressed
from genani.face.mesh import (
    BROWS,
    CONTOURS,
    JAW,
    LIDS,
    MOUTH,
    FloatArray,
    Lid,
    canonical,
    opening,
)
from genani.scene.face import Landmarks, LandmarkSource
from genani.scene.picture import Picture

SIDE, FINE = 640, 3
_SCALE = 230.0
_MIDDLE = (320.0, 270.0)
_OPEN = 0.02
"""Opening of a mouth from which its inside is drawn."""

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Style:
    """How a face is drawn.

    Attributes:
        skin, shade, line, lips, iris, hair: colours.
        pen: thickness of lines, pixels.
        eyes: how much taller than the canonical ones.
        wide: how much wider the head is.
        soft: radius of the brush in pixels; 0 for flat colours.
    """

    skin: Colour
    shade: Colour
    line: Colour
    lips: Colour
    iris: Colour
    hair: Colour
    pen: float
    eyes: float = 1.0
    wide: float = 1.0
    soft: float = 0.0


_WHITE, _BLACK = (255, 255, 255), (20, 20, 24)

STYLES = {
    "ink": Style(_WHITE, _WHITE, _BLACK, (235, 235, 235), (120, 120, 120), _WHITE, 2.6),
    "flat": Style(
        *((244, 207, 178), (222, 172, 142), (84, 44, 40), (206, 106, 100)),
        *((74, 120, 84), (96, 58, 36), 3.2, 1.25, 1.06),
    ),
    "paint": Style(
        *((214, 168, 138), (158, 106, 84), (70, 44, 40), (176, 88, 84)),
        *((88, 72, 52), (52, 38, 34), 2.4, 1.05, 0.96, 2.2),
    ),
}


def drawn(style: Style, doing: Mapping[str, float] | None = None) -> tuple[Picture, Landmarks]:
    """A head seen from the front, and where its face is; drawn doing expressions, if any."""
    points = _points(style)
    if doing:
        points = points + expressed(points, doing)
    image = Image.new("RGB", (SIDE * FINE, SIDE * FINE), (250, 249, 245))
    _head(image, points, style)
    if style.soft:
        _head(image, points, style, outline=False)
        image = image.filter(ImageFilter.GaussianBlur(4 * style.soft * FINE))
    pen = ImageDraw.Draw(image)
    for lid in LIDS:
        _eye(image, points, lid, style)
    for upper, lower in BROWS:
        _area(pen, np.concatenate([curve(points, upper), curve(points, lower)[::-1]]), style.line)
    _nose(pen, points, style)
    _mouth(pen, points, style)
    small = image.resize((SIDE, SIDE), Image.Resampling.BOX)
    if style.soft:
        small = _brushed(small, style)
    pixels = np.asarray(small.convert("RGBA")).copy()
    marks = tuple((x, y, z) for x, y, z in points.tolist())
    return Picture(pixels), Landmarks(marks, LandmarkSource.HAND, 1.0)


def _points(style: Style) -> FloatArray:
    points = canonical().points.copy()
    for lid in LIDS:
        eye = [lid.outer, *lid.upper, lid.inner, *lid.lower]
        middle = points[eye, 1].mean()
        points[eye, 1] = middle + style.eyes * (points[eye, 1] - middle)
        points[list(lid.iris), 1] += 0.02 * (style.eyes - 1)
    middle = (points[list(MOUTH.upper)] + points[list(MOUTH.lower)]) / 2
    points[list(MOUTH.upper)] = points[list(MOUTH.lower)] = middle
    points *= _SCALE
    points[:, 0] *= style.wide
    return points + np.array([*_MIDDLE, 0])


def _head(image: Image.Image, points: FloatArray, style: Style, *, outline: bool = True) -> None:
    pen = ImageDraw.Draw(image)
    oval = points[list(CONTOURS["oval"]), :2]
    top, chin = oval[:, 1].min(), oval[:, 1].max()
    left, right = oval[:, 0].min(), oval[:, 0].max()
    across, reach = right - left, 0.55 * (right - left)
    middle = (left + right) / 2
    if outline:
        hair = (middle - 1.12 * reach, top - 0.42 * across, middle + 1.12 * reach, chin - 30)
        pen.ellipse(_fine(hair), style.hair, style.line, round(style.pen * FINE))
        neck = (middle - 0.26 * across, chin - 60, middle + 0.26 * across, SIDE + 9)
        pen.rectangle(_fine(neck), style.shade, style.line, round(style.pen * FINE))
    skull = oval.copy()
    above = skull[:, 1] < top + 0.25 * (chin - top)
    skull[above, 1] -= 18
    _area(pen, skull, style.skin)
    if outline:
        _line(pen, np.concatenate([skull, skull[:1]]), style.line, style.pen)
        return
    for index in (50, 280):
        x, y = points[index, :2]
        pen.ellipse(_fine((x - 34, y - 26, x + 34, y + 26)), _mixed(style.skin, style.lips, 0.25))
    shade = np.concatenate([points[list(JAW[: len(JAW) // 2]), :2], points[[152, 425], :2]])
    _area(pen, shade, _mixed(style.skin, style.shade, 0.6))


def _eye(image: Image.Image, points: FloatArray, lid: Lid, style: Style) -> None:
    pen = ImageDraw.Draw(image)
    upper, lower = (curve(points, (lid.outer, *row, lid.inner)) for row in (lid.upper, lid.lower))
    ring = np.concatenate([upper, lower[::-1]])
    _area(pen, ring, _WHITE)
    centre = points[lid.iris[0], :2]
    radius = float(np.linalg.norm(points[list(lid.iris[1:]), :2] - centre, axis=1).mean())
    stamp = Image.new("L", (SIDE * FINE, SIDE * FINE), 0)
    ImageDraw.Draw(stamp).polygon([tuple(p) for p in ring * FINE], fill=255)
    for share, colour in ((1.0, style.line), (0.88, style.iris), (0.45, _BLACK)):
        disc = Image.new("L", stamp.size, 0)
        r = share * radius
        box = (centre[0] - r, centre[1] - r, centre[0] + r, centre[1] + r)
        ImageDraw.Draw(disc).ellipse(_fine(box), fill=255)
        both = np.minimum(np.asarray(disc), np.asarray(stamp))
        image.paste(colour, mask=Image.fromarray(both))
    x, y = centre - radius * np.array([0.3, 0.35])
    pen.ellipse(_fine((x - 3.5, y - 3.5, x + 3.5, y + 3.5)), _WHITE)
    _line(pen, upper, style.line, 1.8 * style.pen)
    _line(pen, lower, style.line, 0.7 * style.pen)


def _nose(pen: ImageDraw.ImageDraw, points: FloatArray, style: Style) -> None:
    for chain in ((48, 64, 98), (278, 294, 327), (97, 2, 326)):
        _line(pen, curve(points, chain), style.line, 0.7 * style.pen)
    if not style.soft:
        _line(pen, curve(points, (6, 197, 195, 5)), _mixed(style.skin, style.line, 0.3), style.pen)


def _mouth(pen: ImageDraw.ImageDraw, points: FloatArray, style: Style) -> None:
    outer = CONTOURS["outer lips"]
    ring = curve(points, (*outer, outer[0]))
    _area(pen, ring, style.lips)
    if not style.soft:
        _line(pen, ring, _mixed(style.skin, style.line, 0.5), 0.5 * style.pen)
    edges = [curve(points, (MOUTH.outer, *row, MOUTH.inner)) for row in (MOUTH.upper, MOUTH.lower)]
    if opening(points, MOUTH) > _OPEN:
        _area(pen, np.concatenate([edges[0], edges[1][::-1]]), _mixed(style.line, style.lips, 0.2))
        _line(pen, edges[1], style.line, 0.5 * style.pen)
    _line(pen, edges[0], style.line, style.pen)


def _brushed(image: Image.Image, style: Style) -> Image.Image:
    """Grain of a brush over everything."""
    grain = np.random.default_rng(5).normal(0, 9, (SIDE // 2, SIDE // 2))
    large = Image.fromarray(grain.astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(0.4 * style.soft)), np.float32)
    return Image.fromarray(np.clip(soft + np.asarray(large)[..., None], 0, 255).astype(np.uint8))


def _area(pen: ImageDraw.ImageDraw, ring: FloatArray, colour: Colour) -> None:
    pen.polygon([tuple(p) for p in ring * FINE], fill=colour)


def _line(pen: ImageDraw.ImageDraw, way: FloatArray, colour: Colour, thick: float) -> None:
    pen.line([tuple(p) for p in way * FINE], colour, max(1, round(thick * FINE)), joint="curve")


def _fine(box: Sequence[float]) -> tuple[float, ...]:
    return tuple(FINE * float(side) for side in box)


def _mixed(one: Colour, two: Colour, share: float) -> Colour:
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(one, two, strict=True))
    return red, green, blue
