"""Eyes, brows and mouth of one frame: they open and shut, so they are drawn anew each time.

All are bands between two curves with as many points on every frame, so that each pixel of a band
is known on any other frame by how far along and how far across it lies.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import BROWS, LIDS
from genani.training.rig.puppet.acting import Moment
from genani.training.rig.puppet.brush import (
    Colour,
    FloatArray,
    Mask,
    blend,
    both,
    boxed,
    fill,
    mixed,
    normals,
    smooth,
    to,
)
from genani.training.rig.puppet.head import LIP_ROWS
from genani.training.rig.puppet.pose import on_frame
from genani.training.rig.puppet.sheets import IRIS, Sheets

WHITE, BALL, LASH, LOWER, CREASE, BROW, GLINT, GLINT_LOW = range(10, 26, 2)
"""Bands of the eyes; the figure's left one has the next number."""

INSIDE, TEETH, TEETH_LOW, TONGUE, LIP, LIP_LOW, EDGE, EDGE_LOW = range(30, 38)
"""Bands of the mouth."""

_COUNT = 17


@dataclass
class Canvas:
    """A frame being put together.

    Attributes:
        pixels: (size, size, 4) uint8, premultiplied.
        top: (size, size) uint8, which layer or band shows at each pixel.
        bands: both edges (n, 2) of each band drawn.
        skin: (size, size) where there is bare skin to draw on.
    """

    pixels: NDArray[np.uint8]
    top: NDArray[np.uint8]
    bands: dict[int, tuple[FloatArray, FloatArray]] = field(default_factory=dict)
    skin: Mask = field(default_factory=lambda: np.zeros((0, 0), np.uint8))

    def band(
        self,
        name: int,
        one: FloatArray,
        other: FloatArray,
        tone: Colour,
        clip: FloatArray | None = None,
        opacity: float = 1.0,
    ) -> None:
        """Fill between two curves (n, 2), inside a closed outline if one is given."""
        outline = np.concatenate([one, other[::-1]])
        size = len(self.top)
        box = boxed(outline, size, size)
        if box is None:
            return
        x, y, w, h = box
        mask = np.zeros((h, w), np.uint8)
        fill(mask, outline - to(x, y))
        self._lay(name, x, y, mask, tone, clip, opacity)
        self.bands[name] = (one, other)

    def _lay(
        self,
        name: int,
        x: int,
        y: int,
        mask: Mask,
        tone: Colour,
        clip: FloatArray | None,
        opacity: float,
    ) -> None:
        h, w = mask.shape
        part = slice(y, y + h), slice(x, x + w)
        mask = both(mask, self.skin[part])
        if clip is not None:
            inside = np.zeros((h, w), np.uint8)
            fill(inside, clip - to(x, y))
            mask = both(mask, inside)
        blend(self.pixels[part], mask, tone, opacity)
        if opacity > 0.5:
            self.top[part][mask > 127] = name

    def picture(
        self, name: int, pixels: NDArray[np.uint8], matrix: FloatArray, clip: FloatArray
    ) -> None:
        """Lay a small premultiplied picture, moved by a (2, 3) matrix, inside a closed outline."""
        size = len(self.top)
        box = boxed(clip, size, size)
        if box is None:
            return
        x, y, w, h = box
        moved = matrix.copy()
        moved[:, 2] -= (x, y)
        laid = cv2.warpAffine(pixels, moved, (w, h), flags=cv2.INTER_AREA)
        inside = np.zeros((h, w), np.uint8)
        fill(inside, clip - to(x, y))
        part = slice(y, y + h), slice(x, x + w)
        inside = both(inside, self.skin[part])
        laid = cv2.multiply(laid, cv2.merge([inside] * 4), scale=1 / 255)
        alpha = cv2.extractChannel(laid, 3)
        free = cv2.bitwise_not(alpha)
        kept = cv2.multiply(self.pixels[part], cv2.merge([free] * 4), scale=1 / 255)
        cv2.add(kept, laid, dst=self.pixels[part])
        self.top[part][alpha > 127] = name
        corner = IRIS - 1.0
        ends = np.array([[0, 0], [corner, 0], [0, corner], [corner, corner]])
        placed = ends @ matrix[:, :2].T + matrix[:, 2]
        self.bands[name] = (placed[:2], placed[2:])


def draw(canvas: Canvas, painted: Sheets, moment: Moment, points: FloatArray) -> None:
    """Draw eyes, brows and mouth.

    Args:
        canvas: the frame so far, its skin laid.
        painted: the person.
        moment: what is done.
        points: (478, 2) the face on the frame, pixels.
    """
    unit = float(moment.camera[0])
    _mouth(canvas, painted, moment, points, unit)
    for side in range(2):
        if painted.head.shows(side):
            _eye(canvas, painted, points, side, unit)
            _brow(canvas, painted, points, side, unit)


def _stroke(
    canvas: Canvas,
    name: int,
    path: FloatArray,
    half: FloatArray,
    tone: Colour,
    opacity: float = 1.0,
) -> None:
    off = normals(path) * half[:, None]
    canvas.band(name, path + off, path - off, tone, opacity=opacity)


def _eye(canvas: Canvas, painted: Sheets, points: FloatArray, side: int, unit: float) -> None:
    who, lid = painted.head.who, LIDS[side]
    look = who.eye
    upper = smooth(points[[lid.outer, *lid.upper, lid.inner]], _COUNT)
    lower = smooth(points[[lid.outer, *lid.lower, lid.inner]], _COUNT)
    pen = max(who.pen.weight if who.pen.kind != "none" else 0.02, 0.014) * unit
    share = np.linspace(0, 1, _COUNT)
    line = mixed(who.line, (20, 10, 14), 0.4)
    if look.kind in ("dot", "button"):
        grow = np.sin(np.pi * np.clip(share, 0.04, 0.96)) * 0.7 * pen
        away = normals(upper)
        dark = mixed(who.line, (14, 10, 16), 0.6)
        canvas.band(BALL + side, upper + away * grow[:, None], lower - away * grow[:, None], dark)
        gap = float(np.linalg.norm(upper[_COUNT // 2] - lower[_COUNT // 2]))
        if look.kind == "button" and gap > 2 * pen:
            _glint(canvas, side, upper, lower, look.lights)
        return
    outline = np.concatenate([upper, lower[::-1]])
    canvas.band(WHITE + side, upper, lower, look.white)
    if look.shade > 0.05:
        cover = upper + (lower - upper) * 0.22
        canvas.band(
            WHITE + side, upper, cover, mixed(look.white, who.dark_skin, 0.75), opacity=look.shade
        )
        canvas.bands[WHITE + side] = (upper, lower)
    _ball(canvas, painted, points, side, outline)
    taper = np.sin(np.pi * np.clip(0.12 + 0.8 * (1 - share) ** 0.8, 0, 1)) ** 0.6
    heavy = pen * 0.5 * look.lash
    if look.kind in ("oval", "ring"):
        bold = pen * (0.9 if look.kind == "ring" else 0.55) * np.ones(_COUNT)
        _stroke(canvas, LOWER + side, lower, bold, line)
        _stroke(canvas, LASH + side, upper, bold, line)
        return
    fine = pen * 0.4 * np.sin(np.pi * np.clip(share, 0.02, 0.9)) ** 0.5
    _stroke(canvas, LOWER + side, lower, fine, mixed(line, who.dark_skin, 0.4))
    if look.crease:
        rise = (
            normals(upper)
            * (0.055 * unit * np.sin(np.pi * np.clip(share, 0.05, 0.95)) ** 0.5)[:, None]
        )
        _stroke(
            canvas,
            CREASE + side,
            upper + rise * np.sign(-rise[_COUNT // 2, 1] + 1e-9),
            pen * 0.28 * np.sin(np.pi * share),
            mixed(line, who.dark_skin, 0.5),
        )
    path = upper.copy()
    if look.kind in ("anime", "drop"):
        path[0] += (upper[0] - upper[2]) * 0.35 + (0, -0.012 * unit)
    _stroke(canvas, LASH + side, path, heavy * taper, line)


def _glint(canvas: Canvas, side: int, upper: FloatArray, lower: FloatArray, lights: int) -> None:
    wide = np.linalg.norm(upper[0] - upper[-1])
    outline = np.concatenate([upper, lower[::-1]])
    at = (
        upper[6] + (lower[6] - upper[6]) * 0.3
        if side == 0
        else upper[10] + (lower[10] - upper[10]) * 0.3
    )
    u = np.linspace(0, np.pi, 9)
    for k, name in enumerate((GLINT, GLINT_LOW)[:lights]):
        r = wide * (0.17 if k == 0 else 0.08)
        spot = at if k == 0 else upper[8] + (lower[8] - upper[8]) * 0.72
        arc = np.stack([np.cos(u), np.sin(u)], 1) * r
        canvas.band(name + side, spot - arc, spot + arc * (-1, 1), (255, 255, 255), outline)


def _ball(
    canvas: Canvas, painted: Sheets, points: FloatArray, side: int, outline: FloatArray
) -> None:
    iris = list(LIDS[side].iris)
    middle = points[iris[0]]
    right, down = (points[iris[1]] - points[iris[3]]) / 2, (points[iris[4]] - points[iris[2]]) / 2
    if right[0] < 0:
        right = -right
    if down[1] < 0:
        down = -down
    half = (IRIS - 1) / 2
    matrix = np.stack([right / half, down / half, middle], 1)
    matrix[:, 2] -= matrix[:, :2] @ (half, half)
    canvas.picture(BALL + side, painted.iris, matrix, outline)


def _brow(canvas: Canvas, painted: Sheets, points: FloatArray, side: int, unit: float) -> None:
    who = painted.head.who
    if who.kind == "robot":
        return
    over, under = (smooth(points[list(row)], _COUNT) for row in BROWS[side])
    middle = (over + under) / 2
    share = np.linspace(0, 1, _COUNT)
    # From the outer end: thin, then full towards the nose.
    body = np.clip(share * 2.2 + 0.15, 0, 1) * np.clip((1 - share) * 9 + 0.35, 0, 1)
    _stroke(canvas, BROW + side, middle, body * who.brow_thick * 0.034 * unit, who.brow)


def _mouth(
    canvas: Canvas, painted: Sheets, moment: Moment, points: FloatArray, unit: float
) -> None:
    head = painted.head
    who = head.who
    rows = [np.array(row) for row in LIP_ROWS]
    if abs(who.yaw) > 58:
        # In profile only the near half shows; it ends on the outline of the face.
        near = slice(0, 6) if who.yaw > 0 else slice(5, 11)
        rows = [row[near] for row in rows]
    top, above, below, base = (smooth(points[row], 21) for row in rows)
    outline = np.concatenate([above, below[::-1]])
    gap = float(np.abs(below[:, 1] - above[:, 1]).max())
    pen = max(who.pen.weight if who.pen.kind != "none" else 0.024, 0.018) * unit
    if gap > 0.8:
        canvas.band(INSIDE, above, below, who.inside)
        _within(canvas, painted, moment, rows, outline, below, unit)
    if who.mouth == "lips":
        canvas.band(LIP, top, above, mixed(who.lip, who.line, 0.12))
        canvas.band(LIP_LOW, below, base, who.lip)
    share = np.linspace(0, 1, 21)
    taper = np.sin(np.pi * np.clip(share, 0.06, 0.94)) ** 0.35
    tone = mixed(who.line, who.inside, 0.25)
    if gap > 0.8:
        _stroke(canvas, EDGE_LOW, below, pen * 0.42 * taper, tone)
    _stroke(canvas, EDGE, above, pen * 0.55 * taper, tone)
    if who.mouth == "edge":
        part = base[5:16]
        _stroke(
            canvas,
            LIP_LOW,
            part,
            pen * 0.35 * np.sin(np.pi * np.linspace(0, 1, 11)),
            mixed(who.dark_skin, who.line, 0.3),
        )


def _within(
    canvas: Canvas,
    painted: Sheets,
    moment: Moment,
    rows: list[NDArray[np.int64]],
    outline: FloatArray,
    below: FloatArray,
    unit: float,
) -> None:
    """Teeth that belong to the skull, tongue and lower teeth that go with the jaw."""
    head = painted.head
    who = head.who
    rest = head.points[rows[1]]
    along = rest - rest.mean(0)
    arch = rest.mean(0) + along * (0.86, 0.3)
    seen = on_frame(head, moment, arch)
    curve = smooth(seen, 21)
    down = np.array([0.0, 0.0])
    tip = on_frame(head, moment, np.stack([rest.mean(0), rest.mean(0) + to(0, 0.1)]))
    down = (tip[1] - tip[0]) / 0.1
    ivory = (250, 248, 240)
    drop = below[10] - on_frame(head, moment, rest.mean(0)[None])[0]
    low = below - down * 0.01
    middle = (below[6] + below[14]) / 2
    tongue = mixed(who.inside, (235, 110, 120), 0.75)
    if np.linalg.norm(drop) > 0.06 * unit:
        u = np.linspace(0, np.pi, 13)
        wide = (below[15] - below[5]) * 0.48
        arc = middle + np.cos(u)[:, None] * wide - np.sin(u)[:, None] * down * 0.13
        flat = middle + np.cos(u)[:, None] * wide + down * 0.12
        canvas.band(TONGUE, arc, flat, tongue, outline)
    if who.teeth == "both":
        canvas.band(
            TEETH_LOW, low - down * 0.035, low + down * 0.05, mixed(ivory, who.inside, 0.2), outline
        )
    if who.teeth in ("band", "both", "fangs"):
        canvas.band(
            TEETH,
            curve - down * 0.2,
            curve + down * (0.075 if who.teeth != "fangs" else 0.03),
            ivory,
            outline,
        )
    if who.teeth == "fangs":
        for k in (5, 15):
            fang = np.array([curve[k - 1] - down * 0.02, curve[k] + down * 0.11])
            other = np.array([curve[k + 1] - down * 0.02, curve[k] + down * 0.11])
            canvas.band(TEETH, fang, other, ivory, outline)
        canvas.bands[TEETH] = (curve - down * 0.2, curve + down * 0.075)
