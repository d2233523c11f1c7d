"""Where the parts of a face are on a canvas, as pictures: what the network is told of a face.

Outlines become signed distances, computed on a small grid about each part (whose values change
slowly) and read at every pixel, so that edges are sharp at any size and a batch costs little.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from genani.face.mesh import CONTOURS, IRIS_CENTRES, NOSE_LINES

CHANNELS = 6
"""Of a face's picture: lines, eyes, irises, inside of the mouth, lips, brows."""

_LINE = 2.0
"""Pixels from the middle of a line to where nothing is seen of it."""

_FAR = 1e4
"""Pixels; stands for a distance that is not looked at."""

_ROOM = 8.0
"""Pixels around a part that its grid covers besides what `_Part.reach` asks for."""


@dataclass(frozen=True)
class _Part:
    """One outline, closed or open.

    Attributes:
        outline: points in order.
        nodes: of its grid along each side.
        reach: how far around it is looked at, in shares of its greatest width.
        closed: whether the last point is joined to the first.
    """

    outline: Sequence[int]
    nodes: int = 32
    reach: float = 0.1
    closed: bool = True


_AROUND_EYE, _AROUND_MOUTH = 0.35, 0.25
"""How far around eyes and mouth something may be drawn anew, in shares of their width."""

_EYES = tuple(_Part(CONTOURS[name], reach=0.5) for name in ("right eye", "left eye"))
_INNER_LIPS = _Part(CONTOURS["inner lips"])
_OUTER_LIPS = _Part(CONTOURS["outer lips"], reach=0.35)
_BROWS = tuple(_Part(CONTOURS[name]) for name in ("right brow", "left brow"))
_OVAL = _Part(CONTOURS["oval"], nodes=64)
_NOSE = tuple(_Part(line, closed=False) for line in NOSE_LINES)


def pictures(points: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Faces as pictures, and where their eyes and mouths may be drawn anew.

    Args:
        points: (B, 478, 2) float32 pixels on the canvas.
        size: (width, height) of the canvas.

    Returns:
        (B, `CHANNELS`, H, W) float32, 0 to 1: lines of oval, nose, brows and lips; openings of
        the eyes; irises in them; the opening of the mouth; lips with it; brows.
        (B, 1, H, W) float32, 0 to 1: eyes and mouth with what lies about them.
    """
    eyes = [_distances(points, part, size) for part in _EYES]
    inner, outer = (_distances(points, part, size) for part in (_INNER_LIPS, _OUTER_LIPS))
    brows = [_distances(points, part, size) for part in _BROWS]
    lines = [_distances(points, part, size) for part in (_OVAL, *_NOSE)]
    nearest = functools.reduce(torch.minimum, (each.abs() for each in (*lines, *brows, outer)))
    opened = _covered(torch.maximum(*eyes))
    irises = torch.maximum(*(_iris(points, index, size) for index in IRIS_CENTRES))
    picture = torch.cat(
        (
            (1 - nearest / _LINE).clamp_min(0),
            opened,
            opened * irises,
            _covered(inner),
            _covered(outer),
            _covered(torch.maximum(*brows)),
        ),
        1,
    )
    near = [
        _near(field, _width(points, part), _AROUND_EYE)
        for field, part in zip(eyes, _EYES, strict=True)
    ]
    near.append(_near(outer, _width(points, _OUTER_LIPS), _AROUND_MOUTH))
    return picture, functools.reduce(torch.maximum, near)


def signed_distances(
    places: Tensor, points: Tensor, outline: Sequence[int], closed: bool = True
) -> Tensor:
    """(B, N) pixels from places (B, N, 2) to an outline; inside over 0, outside below.

    Args:
        points: (B, 478, 2).
        outline: points in order; of an open one everything is outside.
        closed: whether the last is joined to the first.
    """
    starts = points[:, list(outline)]
    ends = starts.roll(-1, 1)
    if not closed:
        starts, ends = starts[:, :-1], ends[:, :-1]
    along, rises = (ends - starts)[:, None].unbind(3)
    x, y = places[:, :, None].unbind(3)
    right, below = x - starts[:, None, :, 0], y - starts[:, None, :, 1]
    square = (along.square() + rises.square()).clamp_min(1e-9)
    share = torch.addcmul(right * along, below, rises).div_(square).clamp_(0, 1)
    away = torch.addcmul(right, share, along, value=-1).square_()
    away += torch.addcmul(below, share, rises, value=-1).square_()
    away = away.amin(2).sqrt_()
    if not closed:
        return -away
    # Even-odd rule: how many sides a ray to the right meets.
    slope = along / torch.where(rises.abs() < 1e-9, 1e-9, rises)
    met = (right < slope * below) & ((below >= 0) != (y >= ends[:, None, :, 1]))
    return torch.where(met.sum(2) % 2 == 1, away, -away)


def _distances(points: Tensor, part: _Part, size: tuple[int, int]) -> Tensor:
    """(B, 1, H, W) signed distances at every pixel; far off only their sign can be relied on."""
    width, height = size
    corners = points[:, list(part.outline)]
    room = (part.reach * _width(points, part) + _ROOM).view(-1, 1)
    low, high = corners.amin(1) - room, corners.amax(1) + room
    steps = torch.linspace(0, 1, part.nodes, device=points.device)
    share = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), 2).view(1, -1, 2)
    side = high - low
    places = low[:, None] + share * side[:, None]
    nodes = signed_distances(places, points, part.outline, part.closed)
    # Rows of nodes run along y: `meshgrid` of xy has it so.
    square = nodes.view(-1, 1, part.nodes, part.nodes)
    rows, columns = _cut(low, high, size)
    x = torch.arange(columns.start, columns.stop, device=points.device) + 0.5
    y = torch.arange(rows.start, rows.stop, device=points.device) + 0.5
    across, down = ((x - low[:, :1]) / side[:, :1], (y - low[:, 1:]) / side[:, 1:])
    shape = len(points), len(y), len(x)
    grid = torch.stack((across[:, None].expand(shape), down[:, :, None].expand(shape)), 3)
    field = points.new_full((len(points), 1, height, width), -_FAR)
    field[:, :, rows, columns] = functional.grid_sample(
        square, grid * 2 - 1, padding_mode="border", align_corners=True
    )
    return field


def _cut(low: Tensor, high: Tensor, size: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of the canvas that boxes (B, 2) lie in, all of it on a card.

    A card would have to be waited for before the boxes are known, and is quick with all.
    """
    if low.device.type != "cpu":
        return slice(0, size[1]), slice(0, size[0])
    left, top = low.amin(0).floor().long().tolist()
    right, bottom = high.amax(0).ceil().long().tolist()
    rows, columns = (
        slice(min(max(a, 0), side), min(max(b, 0), side))
        for a, b, side in ((top, bottom, size[1]), (left, right, size[0]))
    )
    return rows, columns


def _iris(points: Tensor, centre: int, size: tuple[int, int]) -> Tensor:
    """(B, 1, H, W) a disc; the four points after its centre lie on its rim."""
    width, height = size
    middle = points[:, centre]
    rim = points[:, centre + 1 : centre + 5]
    radius = torch.linalg.vector_norm(rim - middle[:, None], dim=2).mean(1).view(-1, 1, 1)
    x = torch.arange(width, device=points.device) + 0.5 - middle[:, :1]
    y = torch.arange(height, device=points.device) + 0.5 - middle[:, 1:]
    away = (x.square()[:, None] + y.square()[:, :, None]).sqrt()
    return _covered((radius - away)[:, None])


def _width(points: Tensor, part: _Part) -> Tensor:
    """(B,) the greater side of the box around an outline, in pixels."""
    corners = points[:, list(part.outline)]
    return (corners.amax(1) - corners.amin(1)).amax(1)


def _covered(distance: Tensor) -> Tensor:
    return (distance + 0.5).clamp(0, 1)


def _near(distance: Tensor, width: Tensor, reach: float) -> Tensor:
    """1 inside, softly falling to 0 at the reach."""
    share = (1 + distance / (reach * width.view(-1, 1, 1, 1)).clamp_min(1.0)).clamp(0, 1)
    return share * share * (3 - 2 * share)
