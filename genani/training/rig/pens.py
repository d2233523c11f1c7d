"""Lines and shadow: a clean ink pen and a searching pencil."""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genani.training.rig.curves import Points, Values, lengths, normals, resample
from genani.training.rig.paint import Canvas, Colour, Mask


class InkPen:
    """Draws one clean line that swells and thins."""

    def stroke(
        self,
        canvas: Canvas,
        points: Points,
        widths: ArrayLike,
        tone: Colour,
        *,
        name: str = "",
        opacity: float = 1.0,
        clip: Mask | None = None,
    ) -> None:
        """Draw a line; `widths` in pixels, one number or one a point. `name` is not used."""
        del name
        path, wide = _even(points, widths, 2.5)
        canvas.lay(canvas.line(path, wide), tone, opacity, clip)

    def edge(self, canvas: Canvas, mask: Mask) -> Mask:
        """An outline given as a shape, with the pen's own surface."""
        del canvas
        return mask

    def shade(
        self, canvas: Canvas, mask: Mask, tone: Colour, unit: float, *, opacity: float = 1.0
    ) -> None:
        """Lay a flat shadow shape."""
        del unit
        canvas.lay(mask, tone, opacity)


class PencilPen:
    """Draws a line in several searching passes with the grain of paper in it."""

    passes = 2

    def stroke(
        self,
        canvas: Canvas,
        points: Points,
        widths: ArrayLike,
        tone: Colour,
        *,
        name: str = "",
        opacity: float = 1.0,
        clip: Mask | None = None,
    ) -> None:
        """Draw a line; its wander depends on `name` alone, so that it rides along in motion."""
        path, wide = _even(points, widths, 2.5)
        reach = lengths(path)[-1]
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        along = np.linspace(0, 1, len(path))
        side = normals(path)
        for number in range(self.passes):
            wander = np.zeros(len(path))
            for waves in (1, 2, 3):
                size = rng.normal(0, 0.5)
                phase = waves * along * max(1, reach / 90) + 2 * rng.random()
                wander += size * np.sin(np.pi * phase)
            drift = canvas.width / 640 * (0.55 if number else 0.25)
            swell = 0.8 + 0.3 * np.sin(np.pi * (2.3 * along + rng.random() * 2))
            moved = path + side * (wander * drift)[:, None]
            mask = grained(canvas, canvas.line(moved, wide * swell * (0.8 if number else 0.95)))
            canvas.lay(mask, tone, opacity * (0.55 if number else 0.85), clip)

    def edge(self, canvas: Canvas, mask: Mask) -> Mask:
        """An outline given as a shape, with the pen's own surface."""
        return grained(canvas, mask)

    def shade(
        self, canvas: Canvas, mask: Mask, tone: Colour, unit: float, *, opacity: float = 1.0
    ) -> None:
        """Fill a shadow shape with slanted strokes over a light tone."""
        if not mask.values.size:
            return
        canvas.lay(mask, tone, 0.22 * opacity)
        canvas.lay(grained(canvas, mask.inside(_hatching(canvas, unit))), tone, 0.75 * opacity)


Pen = InkPen | PencilPen

PENS: dict[str, Pen] = {"ink": InkPen(), "pencil": PencilPen()}


def _even(points: Points, widths: ArrayLike, step: float) -> tuple[Points, Values]:
    reach = lengths(points)[-1]
    count = int(np.clip(reach / step, 6, 90))
    wide = np.broadcast_to(np.asarray(widths, float), len(points))
    both = resample(np.column_stack([points[:, :2], wide]), count)
    return both[:, :2], both[:, 2]


@lru_cache(maxsize=4)
def _paper(width: int, height: int) -> NDArray[np.float32]:
    """Tooth of the paper: (height, width) coverage of a pencil mark, about 0.4 to 1."""
    import cv2

    rng = np.random.default_rng(7)
    noise = rng.random((height, width), dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 1.0) + 0.6 * cv2.GaussianBlur(noise, (0, 0), 2.2)
    noise = (noise - noise.mean()) / noise.std()
    return np.clip(0.86 + 0.2 * noise, 0.25, 1).astype(np.float32)


def grained(canvas: Canvas, mask: Mask) -> Mask:
    """A mask with the grain of the paper in it."""
    if not mask.values.size:
        return mask
    h, w = mask.values.shape
    paper = _paper(canvas.width * canvas.detail, canvas.height * canvas.detail)
    return mask.scaled(paper[mask.y : mask.y + h, mask.x : mask.x + w])


@lru_cache(maxsize=4)
def _hatch_field(width: int, height: int, step: float, detail: int) -> NDArray[np.uint8]:
    """Slanted pencil strokes over the whole canvas, (height, width) coverage."""
    canvas = Canvas(width, height, detail)
    rng = np.random.default_rng(11)
    field = np.zeros((height * detail, width * detail), np.uint8)
    for offset in np.arange(-height, width + height, step):
        start = offset + rng.normal(0, step * 0.12)
        t = np.linspace(0, 1, 12)[:, None]
        a = np.array([start, height + 10.0])
        b = np.array([start + height * 0.62 + rng.normal(0, step * 0.2), -10.0])
        bend = np.sin(np.pi * t) * rng.normal(0, step * 0.2)
        mask = canvas.line(a + (b - a) * t + bend, step * 0.34 * (0.8 + 0.4 * rng.random()))
        if mask.values.size:
            h, w = mask.values.shape
            view = field[mask.y : mask.y + h, mask.x : mask.x + w]
            np.maximum(view, mask.values, out=view)
    return field


def _hatching(canvas: Canvas, unit: float) -> Mask:
    field = _hatch_field(canvas.width, canvas.height, round(unit * 0.026, 2), canvas.detail)
    return Mask(0, 0, field)
