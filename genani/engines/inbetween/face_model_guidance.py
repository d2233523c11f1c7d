"""Guidance for the network: how a face travels, where it is at `t`, and what it feels.

The dense maps are those of `genani.face.warp` (a similarity of the head that fades with the
distance, and a spline with the distance as kernel on top), made for a whole batch in torch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

from genani.engines.inbetween.face_model_picture import CHANNELS, pictures, signed_distances
from genani.face.mesh import CONTOURS, LIDS, MOUTH, POINTS, Lid, canonical, part_of_points
from genani.face.warp import FACE_END, HEAD_END, HEAD_WHOLE
from genani.scene.face import FacePart

UNKNOWN = -1
"""Stands for no emotion."""

TRUST_WHOLE, TRUST_END = 0.54, 0.9
"""Distances from the face, in shares of its size, up to which guidance may be the start, and from
which it may not."""

BORDER = 0.08
"""Distance from the face, in shares of its size, over which it ends."""

_STEP, _MOST_NODES = 5, 160
"""Pixels between nodes of a map, and their number along a side."""

_STRETCH, _SLACK, _ROUNDS = 1.8, 2e-3, 8
_APERTURE_CHANGE, _LEAST_APERTURE = 0.3, 0.08


@dataclass(frozen=True)
class Guidance:
    """What the network is told besides the keys; nothing of it has to be known.

    All but the flow are of half the keys' size, (h, w), rounded up.

    Attributes:
        flow: (B, 4, H, W) float32 pixels: from the drawing at `t` towards the first key, x and
            y, and towards the last.
        trust: (B, 1, h, w) float32, 0 to 1: where the flow may hold.
        inside: (B, 1, h, w) float32, 0 to 1: on the face itself.
        face: (B, `CHANNELS`, h, w) float32, 0 to 1: the parts of the face at `t`.
        parts: (B, 1, h, w) float32, 0 to 1: where eyes and mouth may be drawn anew.
        travel: (B,) float32, how far the face goes between the keys, in shares of its size.
        emotion: (B,) int64, in the order of `Emotion`; `UNKNOWN` for none.
        intensity: (B,) float32, 0 to 1.
        sure: (B,) float32, 0 to 1: how much favour the landmarks deserve.
        blank: nothing of it is known, so that less has to be computed.
    """

    flow: Tensor
    trust: Tensor
    inside: Tensor
    face: Tensor
    parts: Tensor
    travel: Tensor
    emotion: Tensor
    intensity: Tensor
    sure: Tensor
    blank: bool = False

    def feeling(self, emotion: Tensor, intensity: Tensor) -> Guidance:
        """The same with an emotion (B,) and its intensity (B,)."""
        return replace(self, emotion=emotion, intensity=intensity)

    def where(self, known: Tensor, felt: Tensor) -> Guidance:
        """Guidance with some of a batch's faces and emotions left out, as in training.

        Args:
            known: (B,) bool, whose landmarks are kept.
            felt: (B,) bool, whose emotions are.
        """
        share = known.view(-1, 1, 1, 1).to(self.flow.dtype)
        return Guidance(
            self.flow * share,
            self.trust * share,
            self.inside * share,
            self.face * share,
            self.parts * share,
            self.travel * known,
            torch.where(felt, self.emotion, UNKNOWN),
            self.intensity * felt,
            self.sure,
            self.blank,
        )

    def padded(self, height: int, width: int) -> Guidance:
        """Grown to a size at the bottom and right; there is nothing of the face there."""
        if self.flow.shape[2:] == (height, width):
            return self
        sides = -(-height // 2), -(-width // 2)
        return replace(
            self,
            flow=_padded(self.flow, height, width),
            trust=_padded(self.trust, *sides),
            inside=_padded(self.inside, *sides),
            face=_padded(self.face, *sides),
            parts=_padded(self.parts, *sides),
        )


def _padded(map_: Tensor, height: int, width: int) -> Tensor:
    return functional.pad(map_, (0, width - map_.shape[3], 0, height - map_.shape[2]))


def unguided(like: Tensor) -> Guidance:
    """Guidance that says nothing, for keys (B, C, H, W)."""
    batch, _, height, width = like.shape

    def nothing(channels: int) -> Tensor:
        return like.new_zeros(batch, channels, -(-height // 2), -(-width // 2))

    emotion = torch.full((batch,), UNKNOWN, device=like.device)
    one, none = nothing(1), like.new_zeros(batch)
    flow = like.new_zeros(batch, 4, height, width)
    face, sure = nothing(CHANNELS), none + 1
    return Guidance(flow, one, one, face, one, none, emotion, none, sure, blank=True)


@torch.no_grad()
def guide(points: Tensor, size: tuple[int, int]) -> Guidance:
    """How faces travel, from their landmarks; no emotion.

    Args:
        points: (B, 3, 478, 2) pixels, on the first key, at `t` and on the last. A face with a
            coordinate that is not a number says nothing.
        size: (width, height) of the canvas.
    """
    known = points.isfinite().flatten(1).all(1)
    points = points.nan_to_num(0, 0, 0).float()
    width, height = size
    columns, rows = (max(8, min(-(-side // _STEP), _MOST_NODES)) for side in size)
    places = _places(columns, rows, size, points.device)
    maps = _maps(points, places).view(len(points), rows, columns, -1).permute(0, 3, 1, 2)
    half = (-(-height // 2), -(-width // 2))
    flow = functional.interpolate(maps[:, :4], (height, width), mode="bilinear")
    trust, inside = functional.interpolate(maps[:, 4:], half, mode="bilinear").split(1, 1)
    face, parts = pictures(points[:, 1] / 2, (half[1], half[0]))
    emotion = torch.full((len(points),), UNKNOWN, device=points.device)
    travel = _travel(points)
    none = torch.zeros_like(travel)
    sure = torch.ones_like(travel)
    everything = Guidance(flow, trust, inside, face, parts, travel, emotion, none, sure)
    return everything.where(known, known)


def _travel(points: Tensor) -> Tensor:
    """(B,) how far most of a face goes between the keys, in shares of its size."""
    first, _, last = points.unbind(1)
    ways = torch.linalg.vector_norm(first - last, dim=2).median(1).values
    return 2 * ways / (_face_size(first) + _face_size(last))


def _places(columns: int, rows: int, size: tuple[int, int], device: torch.device) -> Tensor:
    """(N, 2) middles of the cells that a canvas is cut into."""
    x = (torch.arange(columns, device=device) + 0.5) * (size[0] / columns)
    y = (torch.arange(rows, device=device) + 0.5) * (size[1] / rows)
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), 2).view(-1, 2)


def _maps(points: Tensor, places: Tensor) -> Tensor:
    """(B, N, 6) displacements, trust, and what is on the face, at places (N, 2)."""
    at = points[:, 1]
    keys = points[:, ::2]
    size = _face_size(at)
    batch = len(points)
    here = places.expand(batch, -1, 2)
    away = (-signed_distances(here, at, CONTOURS["oval"])).clamp_min(0) / size[:, None]
    heads = [_Head(at, keys[:, key]) for key in (0, 1)]
    rests = torch.cat([keys[:, key] - heads[key](at) for key in (0, 1)], 2)
    scale = size.view(-1, 1, 1)
    knots = _knots()
    spline = _Spline(at[:, knots] / scale, rests[:, knots], _followed(points)[:, knots])
    near = _falling(away, 0.1, FACE_END)[..., None]
    moved = []
    for head in heads:
        travel = torch.linalg.vector_norm(head(at) - at, dim=2).amax(1) / size
        reach = torch.maximum(torch.full_like(travel, HEAD_END), HEAD_WHOLE + _STRETCH * travel)
        fade = _falling(away, HEAD_WHOLE, reach[:, None])
        moved.append((head(here) - here) * fade[..., None])
    trust = _falling(away, TRUST_WHOLE, TRUST_END)[..., None]
    inside = _falling(away, 0, BORDER)[..., None]
    flow = torch.cat(moved, 2)
    # A card would have to be waited for to know which are near; it is quick with all.
    which = slice(None) if away.is_cuda else (near > 0).any(0)[:, 0]
    flow[:, which] += spline(here[:, which] / scale) * near[:, which]
    return torch.cat((flow, trust, inside), 2)


@cache
def _knots() -> list[int]:
    """The points that maps go by: all lines of the face, and some of the skin between them.

    Those of one side are those of the other, or a mirrored face would be guided otherwise.
    """
    some = {i for outline in CONTOURS.values() for i in outline} | {*range(0, POINTS, 4)}
    return sorted(some | set(canonical().mirror[list(some)].tolist()))


class _Head:
    """The similarity that brings heads to others, whatever their faces do.

    Args:
        source, target: (B, 478, 2).
    """

    def __init__(self, source: Tensor, target: Tensor) -> None:
        own = torch.from_numpy(0.05 + part_of_points()[FacePart.HEAD]).to(source)
        weights = own.expand(len(source), POINTS)
        self._fit(source, target, weights)
        for _ in range(_ROUNDS):
            off = torch.linalg.vector_norm(self(source) - target, dim=2)
            scale = 1.5 * off.median(1, keepdim=True).values
            # Cauchy weights, as in `genani.face.pose`.
            self._fit(source, target, weights / (1 + (off / scale.clamp_min(1e-4)).square()))

    def __call__(self, places: Tensor) -> Tensor:
        """Places (B, N, 2), moved."""
        x, y = (places - self._before).unbind(2)
        a, b = self._turn
        return torch.stack((a * x - b * y, b * x + a * y), 2) + self._after

    def _fit(self, source: Tensor, target: Tensor, weights: Tensor) -> None:
        share = (weights / weights.sum(1, keepdim=True))[..., None]
        self._before = (share * source).sum(1, keepdim=True)
        self._after = (share * target).sum(1, keepdim=True)
        one, two = source - self._before, target - self._after
        spread = (share * one.square()).sum((1, 2)).clamp_min(1e-9)
        along = (share * one * two).sum((1, 2))
        across = (share[..., 0] * (one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0])).sum(1)
        self._turn = (along / spread)[:, None], (across / spread)[:, None]


class _Spline:
    """Values spread from knots with the distance as kernel, those not followed left out.

    Args:
        knots: (B, K, 2).
        values: (B, K, C).
        followed: (B, K) bool.
    """

    def __init__(self, knots: Tensor, values: Tensor, followed: Tensor) -> None:
        # Apple's cards know no doubles.
        exact = torch.float32 if knots.device.type == "mps" else torch.float64
        count = knots.shape[1]
        system = knots.new_ones(len(knots), count + 1, count + 1, dtype=exact)
        system[:, :count, :count] = -torch.cdist(knots.to(exact), knots.to(exact))
        system[:, :count, :count] -= _SLACK * torch.eye(count, dtype=exact, device=knots.device)
        system[:, count, count] = 0
        kept = functional.pad(followed, (0, 1), value=True)
        # The weight of a knot left out is 0: its row says so, and no other row asks it.
        system = system * (kept[:, :, None] & kept[:, None, :])
        system += torch.diag_embed((~kept).to(exact))
        right = functional.pad(values.to(exact) * followed[..., None], (0, 0, 0, 1))
        solved = torch.linalg.solve(system, right).to(knots.dtype)
        self._knots = knots
        self._weights, self._constant = solved[:, :count], solved[:, count:]

    def __call__(self, places: Tensor) -> Tensor:
        """(B, N, C) values at places (B, N, 2)."""
        return self._constant - torch.cdist(places, self._knots) @ self._weights


def _followed(points: Tensor) -> Tensor:
    """(B, 478) which points to go by: not the edges of what opens or shuts on the way."""
    followed = torch.ones(len(points), POINTS, dtype=torch.bool, device=points.device)
    for lid in (*LIDS, MOUTH):
        gaps = torch.stack([_opening(face, lid) for face in points.unbind(1)])
        limit = (_APERTURE_CHANGE * gaps.amax(0)).clamp_min(_LEAST_APERTURE)
        changes = gaps.amax(0) - gaps.amin(0) > limit
        edges = [*lid.upper, *lid.lower, *lid.iris]
        followed[:, edges] &= ~changes[:, None]
    return followed


def _opening(points: Tensor, lid: Lid) -> Tensor:
    """(B,) see `genani.face.mesh.opening`."""
    across = torch.linalg.vector_norm(points[:, lid.outer] - points[:, lid.inner], dim=1)
    gaps = torch.linalg.vector_norm(points[:, list(lid.upper)] - points[:, list(lid.lower)], dim=2)
    return gaps.sort(1).values[:, -3:].mean(1) / across.clamp_min(1e-6)


def _face_size(points: Tensor) -> Tensor:
    """(B,) see `genani.face.warp.face_size`."""
    oval = points[:, list(CONTOURS["oval"])]
    off = (oval - oval.mean(1, keepdim=True)).square().sum(2)
    return off.mean(1).sqrt().clamp_min(1e-3)


def _falling(distance: Tensor, whole: float, end: Tensor | float) -> Tensor:
    share = ((end - distance) / (end - whole)).clamp(0, 1)
    return share * share * (3 - 2 * share)
