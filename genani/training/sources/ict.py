"""Samples from ICT-FaceKit's head model: scanned heads and expressions, drawn as toons or plainly.

R. Li et al., "Learning Formation of Physically-Based Face Attributes", CVPR 2020; MIT licence.
Flow and visibility are those of the surface itself: each pixel of the drawing between is followed
to where its place on the skin lies in either key, and shows there if nothing is in front of it.
Lines are ink laid over the picture: what they cover does not show, and a line is seen where the
key has a line too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani.store import models
from genani.training.sample import Sample
from genani.training.sources.dice import Dice
from genani.training.sources.grounds import ground
from genani.training.sources.ict_look import KINDS, LEVELS, PARTS, Look, look
from genani.training.sources.ict_mesh import (
    F32,
    Head,
    IctMesh,
    Proportions,
    Stuff,
    normals,
)
from genani.training.sources.ict_motion import Pose, performance
from genani.training.sources.ict_raster import Raster, front_facing, rasterise
from genani.training.sources.sampling import (
    U8,
    centres,
    halved,
    looked_up,
    nearest,
    over,
    straight,
)

MODEL, FILE = "ict-facekit", "ict_expressions.npz"
"""The model store's names of the head model."""

_SALT, _PORTRAIT = 0x1C7, 0x1C8
_FINE = 2
"""Pixels drawn to one of the picture, across and down."""

_STEP = 0.9
"""A step in depth over this many centimetres has a line."""

_BEHIND = 0.35
"""Centimetres by which a place may lie behind what a key shows there and still be that."""


_ALIKE = 28
"""Difference in the share of line or of head, of 255, at which a pixel still counts as the same."""


@dataclass(frozen=True)
class _Drawn:
    """One drawing of the head.

    Attributes:
        picture: (S, S, 4) premultiplied.
        raster: of the fine picture.
        triangles: (T, 3), those that the raster counts.
        placed: (N, 3) vertices on the fine picture.
        ink: (S, S) uint8, how much of a pixel is line.
        cover: (S, S) uint8, how much of a pixel is head.
        region: (2S, 2S) uint8.
        scale: fine pixels a centimetre.
    """

    picture: U8
    raster: Raster
    triangles: NDArray[np.int64]
    placed: F32
    ink: U8
    cover: U8
    region: U8
    scale: float


class IctSource:
    """Samples of ICT heads; see `genani.training.sample.Source`.

    Args:
        path: `ict_expressions.npz`; None takes the model store's.

    Raises:
        FileError, ModelError: at the first sample, when the file is missing or something else.
    """

    name = "ict"

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    @cached_property
    def _mesh(self) -> IctMesh:
        return IctMesh(self._path or models.path(MODEL, FILE))

    def __getstate__(self) -> dict[str, Path | None]:
        # Worker processes read the model themselves rather than having 14 MB sent.
        return {"_path": self._path}

    def sample(self, seed: int, index: int, size: int) -> Sample:
        """Sample `index` of the stream `seed`, `size` x `size` px."""
        dice = Dice(seed, index, _SALT)
        wants = _proportions(dice)
        head, style = self._mesh.head(wants), look(dice, self._mesh.points_at_rest())
        t = dice.between(0.1, 0.9)
        acts = performance(dice, t)
        view = _View(
            size,
            dice.between(24, 34),
            dice.between(-1.5, 1.5),
            dice.between(-1, 2.5),
            dice.between(50, 200),
        )
        scenery = _Scenery(dice, size)
        poses = (acts.first, acts.between, acts.last)
        drawn = [_draw(head, wants, style, pose, view) for pose in poses]
        pictures = [
            straight(scenery.behind(each.picture, scenery.move(pose)))
            for each, pose in zip(drawn, poses, strict=True)
        ]
        points = np.stack([self._mesh.landmarks(each.placed) for each in drawn])
        flow, seen = _truth(drawn, [scenery.move(pose) for pose in poses], scenery.shown)
        return Sample(
            first=pictures[0],
            last=pictures[2],
            between=pictures[1],
            t=t,
            points=points.astype(np.float32) / np.float32(_FINE),
            flow=flow,
            seen=seen,
            parts=_parts(drawn[1]),
            emotion=str(acts.emotion),
            intensity=acts.intensity,
            source=self.name,
        )

    def portrait(self, seed: int, index: int, size: int, *, drawn: bool = False) -> U8:
        """(S, S, 4) premultiplied, over nothing: a head as near to a photo as the model comes.

        Args:
            seed, index: of the head.
            size: S, in pixels.
            drawn: the same kind of head with ink lines and two or three tones instead.
        """
        dice = Dice(seed, index, _PORTRAIT)
        kinds = ("ink", "cel") if drawn else ("plain",)
        wants = _proportions(dice, natural=True)
        head = self._mesh.head(wants)
        style = look(dice, self._mesh.points_at_rest(), natural=True, kinds=kinds)
        pose = performance(dice, dice.between(0.1, 0.9)).between
        view = _View(size, dice.between(22, 32), dice.between(-2, 2), dice.between(-1, 2), 100.0)
        return _draw(head, wants, style, pose, view).picture


@dataclass(frozen=True)
class _View:
    """Where a head stands on the canvas.

    Attributes:
        size: the canvas's side, px.
        tall: centimetres from its top to its bottom.
        x, y: the middle of the canvas on the face, cm.
        away: distance of the eye, cm.
    """

    size: int
    tall: float
    x: float
    y: float
    away: float

    def place(self, vertices: F32, pose: Pose) -> tuple[F32, float]:
        """(N, 3) vertices on the fine picture, and its pixels a centimetre."""
        side = self.size * _FINE
        scale = side / self.tall * pose.zoom
        near = np.float32(self.away) / (np.float32(self.away) - vertices[:, 2]) * np.float32(scale)
        middle = [np.float32(side * (0.5 + shift)) for shift in pose.shift]
        x = middle[0] + (vertices[:, 0] - np.float32(self.x)) * near
        y = middle[1] - (vertices[:, 1] - np.float32(self.y)) * near
        return np.stack([x, y, vertices[:, 2] * np.float32(-scale)], 1), scale


class _Scenery:
    """What stands behind the head, and how the camera moves over it."""

    def __init__(self, dice: Dice, size: int) -> None:
        self.shown = dice.chance(0.6)
        self._follow = dice.between(0, 1) if dice.chance(0.5) else 0.0
        self._size = size
        self._picture = ground(dice, size + size // 2)

    def move(self, pose: Pose) -> F32:
        """(2,) px that the background is shifted by."""
        share = np.float32(self._follow * self._size)
        return np.array(pose.shift, np.float32) * share

    def behind(self, front: U8, move: F32) -> U8:
        """(S, S, 4) the head's picture over the background."""
        if not self.shown:
            return front
        x, y = centres(self._size)
        margin = np.float32(self._size // 4)
        return over(front, looked_up(self._picture, x - move[0] + margin, y - move[1] + margin))


def _proportions(dice: Dice, *, natural: bool = False) -> Proportions:
    toon = dice.between(0, 1) if not natural and dice.chance(0.75) else 0.0
    bald = dice.chance(0.1)
    return Proportions(
        identity=tuple(dice.around(0.8) for _ in range(10)),
        width=1 + dice.around(0.05),
        height=1 + dice.around(0.05) - 0.08 * toon * dice.between(0, 1),
        eyes=toon * dice.between(0.1, 0.55),
        jaw=1 - toon * dice.between(-0.08, 0.28),
        neck=1 - toon * dice.between(0, 0.4),
        skull=toon * dice.between(-0.05, 0.2),
        shoulders=dice.between(-0.1, 0.35),
        nose=toon * dice.between(-0.3, 0.9),
        hair=0.0
        if bald
        else dice.between(0.3, 1.2)
        if dice.chance(0.7)
        else dice.between(1.2, 2.8),
        hairline=dice.between(7.0, 9.6),
        sideburn=dice.between(0.0, 4.5),
        length=dice.between(-16, -4) if dice.chance(0.45) else 9.0,
    )


def _draw(head: Head, wants: Proportions, style: Look, pose: Pose, view: _View) -> _Drawn:
    vertices = head.posed(pose.weights, pose.rotation())
    placed, scale = view.place(vertices, pose)
    shown = front_facing(placed, head.triangles) | (head.stuff == Stuff.HAIR)
    triangles, stuff = head.triangles[shown], head.stuff[shown]
    side = view.size * _FINE
    raster = rasterise(placed, triangles, side)
    lit = head.rest_normals if style.painted_light else normals(vertices, head.triangles)
    light = lit[:, 0] * style.light[0] + lit[:, 1] * style.light[1] + lit[:, 2] * style.light[2]
    values = raster.spread(np.concatenate([head.mesh.neutral, light[:, None]], 1), triangles)
    kinds = stuff[raster.triangle.reshape(-1)[raster.at]]
    regions = style.regions(kinds, values[:, :3], wants)
    balls = kinds == Stuff.EYE
    regions[balls] = style.eyeballs(raster.only(balls).spread(head.mesh.eye, triangles))
    level = np.clip((values[:, 3] * np.float32(0.5) + np.float32(0.5)) * LEVELS, 0, LEVELS - 1)
    fine = np.zeros((side * side, 4), np.uint8)
    fine[raster.at, :3] = style.colours[regions, level.astype(np.int64)]
    fine[raster.at, 3] = 255
    region = np.full(side * side, 255, np.uint8)
    region[raster.at] = regions
    region = region.reshape(side, side)
    fine = fine.reshape(side, side, 4)
    ink = _lines(raster, region, style, scale)
    fine[ink > 0] = (*style.ink.tolist(), 255)
    picture = halved(fine)
    return _Drawn(
        picture,
        raster,
        triangles,
        placed,
        halved(ink[..., None])[..., 0],
        picture[..., 3],
        region,
        scale,
    )


def _lines(raster: Raster, region: U8, style: Look, scale: float) -> U8:
    """(2S, 2S) 255 where a line runs: between regions that meet, and at steps in depth."""
    import cv2

    wide = style.line * len(region) / 256
    if wide < 1:
        return np.zeros_like(region)
    kinds = np.full(region.shape, 9, np.uint8)
    covered = raster.triangle >= 0
    kinds[covered] = style.inked(region[covered])
    step = np.float32(_STEP * scale)
    edge = np.zeros_like(region)
    for one, two in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        far = np.abs(raster.depth[one] - raster.depth[two]) > step
        edge[one] |= (far | (kinds[one] != kinds[two])).astype(np.uint8)
    side = max(int(wide + 0.5), 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.dilate(edge, kernel) * np.uint8(255)


def _truth(
    drawn: Sequence[_Drawn], moves: Sequence[F32], scenery: bool
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Flow (2, S, S, 2) and what is seen (2, S, S) from the middle drawing to the outer two.

    Args:
        drawn: first, between, last.
        moves: of the background in each.
        scenery: whether there is one; where nothing is drawn nothing is seen.
    """
    between = drawn[1]
    ways = [_followed(between, drawn[key], moves[key], moves[1]) for key in (0, 2)]
    flow = np.stack([way for way, _ in ways]).astype(np.float32)
    seen = np.stack([shows for _, shows in ways])
    return flow, seen if scenery else seen & (between.cover > 250)


def _followed(between: _Drawn, key: _Drawn, move: F32, own: F32) -> tuple[F32, NDArray[np.bool_]]:
    """Flow (S, S, 2) from the drawing between to a key, and where it shows there, (S, S)."""
    size = len(between.ink)
    x, y = centres(size)
    flow = np.empty((size, size, 2), np.float32)
    flow[:] = move - own
    depth = np.full((size, size), np.float32(1e30))
    corner = _corners(between.raster)
    places = corner.spread(key.placed, between.triangles)
    here = corner.spread(between.placed, between.triangles)
    row, column = (
        corner.at // len(between.region) // _FINE,
        corner.at % len(between.region) // _FINE,
    )
    flow[row, column] = (places[:, :2] - here[:, :2]) / _FINE
    depth[row, column] = places[:, 2]
    to_x, to_y = x + flow[..., 0], y + flow[..., 1]
    there, inside = nearest(_backmost(key.raster.depth), to_x, to_y)
    slack = np.float32(_BEHIND * key.scale)
    seen = inside & np.where(depth < 1e29, depth < there + slack, there > 1e29)
    ink, _ = nearest(key.ink[..., None], to_x, to_y)
    cover, _ = nearest(key.cover[..., None], to_x, to_y)
    alike = np.abs(ink[..., 0].astype(np.int16) - between.ink) < _ALIKE
    alike &= np.abs(cover[..., 0].astype(np.int16) - between.cover) < _ALIKE
    kind, _ = nearest(_kinds(key), to_x, to_y)
    return flow, seen & alike & (kind == _kinds(between))


def _kinds(drawn: _Drawn) -> U8:
    """(S, S) what stuff each pixel shows: a lid lies close to the eye, but hides it."""
    return KINDS[np.minimum(drawn.region[::_FINE, ::_FINE], len(KINDS) - 1)]


def _corners(raster: Raster) -> Raster:
    """The raster at one of the fine pixels of each pixel."""
    side = len(raster.triangle)
    return raster.only((raster.at // side % _FINE == 0) & (raster.at % side % _FINE == 0))


def _backmost(depth: F32) -> F32:
    """(2S, 2S) to (S, S): the farthest of every four, so that an edge hides nothing beside it."""
    rows = np.maximum(depth[::2], depth[1::2])
    return np.maximum(rows[:, ::2], rows[:, 1::2])


def _parts(between: _Drawn) -> U8:
    region = between.region[::_FINE, ::_FINE]
    parts = np.zeros(region.shape, np.uint8)
    covered = region < len(PARTS)
    parts[covered] = PARTS[region[covered]]
    return parts
