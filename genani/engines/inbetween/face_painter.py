"""RIFE, told where the face is: its coarse flow is the landmarks', and its blocks correct that.

Drawn with and without this, each place shows the one whose two keys agree better there, so
that what landmarks do not describe (neck, collar, hair before a background) is left to RIFE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genani.engines.api import CancelToken
from genani.engines.inbetween.rife.painter import FAR, Keys, Pulled, RifePainter, ghostly
from genani.engines.inbetween.rife.pyramid import Flow
from genani.engines.painter import Painted
from genani.engines.region import Box
from genani.face.mesh import FloatArray
from genani.face.warp import backward, distance_from_face, face_size
from genani.face.warp_torch import displacement

MISMATCH = "the landmarks of the keys do not match, so the head was drawn without guidance"

REACH = 0.9
"""Distance from the face, in shares of its size, from which nothing is guided any more."""

_FADE = 0.54
"""Distance at which guidance begins to fade."""

_SURROUNDINGS = 1.0
"""How much around the face the network sees, in shares of its size."""

_GRAIN = 0.06
"""Size of the places that are judged one by one, in shares of the face's size."""

_FAVOUR_STILL, _FAVOUR_MOVING = 0.03, 0.2
"""How much worse the keys may agree on the guided face, in shares of white: where the head is
still, and where it moves and plain RIFE also agrees on what is wrong (an eye left out)."""

_STILL, _MOVING = 0.1, 0.35
"""Travel of the landmarks, in shares of the face's size, that counts as either."""

_BETTER, _ALIKE = 0.9, 0.98
_BETTER_STILL, _ALIKE_STILL = 0.8, 0.92
"""How far the keys are apart on the guided face, in shares of the plain one: a head is favoured
where guidance brings them together, and not where RIFE alone does as well. Measured: .2 to .94 on
turns, tilts and nods that RIFE breaks, .97 to 1.1 where it does not; on heads that are nearly
still RIFE draws well up to .96."""

_FAVOUR_AROUND = -0.03
"""The same around the face, where the guide only guesses."""

_UNSURE, _SURE = 0.4, 0.75
"""Confidences of landmarks up to which the guided face is shown only where its keys agree better,
as around the face, and from which it has its favours. Measured: faces of photos and those marked
by hand lie above, drawings on which the detector wavers by some pixels at .32 to .38."""

_AMID, _BESIDE = 0.4, 0.75
"""Distance of `t` from the middle, in shares of the way to a key, up to which an unsure guide is
listened to, and from which it is not: there plain RIFE has little to do wrong."""

_LITTLE, _MUCH = 0.003, 0.01
"""How much nearer guidance brings the keys on the face, in shares of white, up to which it has no
favour beside a key, and from which it has all. Measured: up to .004 where RIFE draws as well or
better, .005 to .12 on turns that it breaks."""

_BORDER = 0.08
"""Distance from the face over which the favours go over into each other."""

_SOFTNESS = 0.012
"""Difference of agreement over which plain and guided are mixed."""

_NONE = 0.1
"""Shares this near to 0 or 1 are 0 or 1, so that no trace of the other drawing is left."""

_WORST = 1.25
"""The keys may differ this many times as much on the guided face as on the plain one; more, and
the landmarks lie beside the face."""


@dataclass(frozen=True)
class Guide:
    """Where the face is between the keys.

    Attributes:
        first, last: (478, 3) points on the keys.
        path: a time, 0 to 1, to the points at it.
        knots: points that the keys are aligned by.
        box: the part of the canvas that the painter is given; points are on the canvas.
        confidence: of the less sure face of the two, 0 to 1.
    """

    first: FloatArray
    last: FloatArray
    path: Callable[[float], FloatArray]
    knots: NDArray[np.int64]
    box: Box
    confidence: float = 1.0

    @property
    def sureness(self) -> float:
        """How much of the guided face's favours its landmarks deserve, 0 to 1."""
        return 1 - float(_falling(torch.tensor(self.confidence), _UNSURE, _SURE))

    @property
    def corner(self) -> FloatArray:
        """(3,) to take from a point for its place in the box."""
        return np.array([self.box.left, self.box.top, 0.0])

    @property
    def travel(self) -> float:
        """How far the face goes between the keys, in shares of its size."""
        ways = np.linalg.norm(self.first[:, :2] - self.last[:, :2], axis=1)
        return float(2 * np.median(ways) / (face_size(self.first) + face_size(self.last)))


class GuidedPainter:
    """Paints one span along a guide.

    Args:
        plain: paints what the guide leaves open.
        guide: of the span.
    """

    multiple = RifePainter.multiple
    least = RifePainter.least

    def __init__(self, plain: RifePainter, guide: Guide) -> None:
        self._plain = plain
        self._guide = guide

    def prepare(self, first: Tensor, last: Tensor, scale: float, token: CancelToken) -> Keys:
        """See `Painter.prepare`."""
        return self._plain.prepare(first, last, scale, token)

    @torch.inference_mode()
    def paint(self, state: Keys, t: float, token: CancelToken) -> Painted:
        """See `Painter.paint`."""
        height, width = state.first.shape[2:]
        if height < self._guide.box.height or width < self._guide.box.width:
            # A square of a picture too large to be painted whole: its place is not known.
            return self._plain.paint(state, t, token)
        token.check()
        flow = self._plain.network(state.seen_first, state.seen_last, t, token.check)
        token.check()
        plain = Pulled.along(flow, state)
        at = self._guide.path(t) - self._guide.corner
        guided = self._guided(state, flow, at, t, token)
        token.check()
        share = None if guided is None else trust(plain, guided, at, self._guide, t)
        if guided is None or share is None:
            doubts = () if guided is None else (MISMATCH,)
            doubts += (FAR,) if ghostly(state, plain) else ()
            return Painted(plain.mixed, plain.travel, doubts)
        fused = fusion(plain, guided, share)
        mixed = torch.lerp(plain.mixed, guided.mixed, share)
        return Painted(mixed, fused.travel, (FAR,) if ghostly(state, fused) else ())

    def _guided(
        self, state: Keys, flow: Flow, at: FloatArray, t: float, token: CancelToken
    ) -> Pulled | None:
        """The keys along the landmarks, as the network corrects them; None off the canvas."""
        size, seen = (pair.shape[:1:-1] for pair in (state.first, state.seen_first))
        ratio = np.array([seen[0] / size[0], seen[1] / size[1], 1.0])
        faces = [(points - self._guide.corner) * ratio for points in self._keys]
        box = _around([*faces, at * ratio], seen, self.multiple)
        if box is None:
            return None
        corner = (box.left, box.top, 0.0)
        start = torch.cat(
            [
                displacement(
                    backward(points - corner, at * ratio - corner, self._guide.knots),
                    (box.width, box.height),
                    flow.flow.device,
                )
                for points in faces
            ],
            1,
        )
        rows, columns = box.cut
        keys = state.seen_first[:, :, rows, columns], state.seen_last[:, :, rows, columns]
        made = self._plain.network.refined(*keys, t, start, token.check)
        whole = Flow(flow.flow.clone(), flow.mask.clone())
        whole.flow[:, :, rows, columns] = made.flow
        whole.mask[:, :, rows, columns] = made.mask
        return Pulled.along(whole, state)

    @property
    def _keys(self) -> tuple[FloatArray, FloatArray]:
        return self._guide.first, self._guide.last


def trust(plain: Pulled, guided: Pulled, at: FloatArray, guide: Guide, t: float) -> Tensor | None:
    """(1, 1, H, W) how much to show of the guided drawing, 0 to 1; None if it is no use.

    Args:
        plain, guided: both drawings.
        at: (478, 3) the face on them.
        guide: whose travel and confidence count.
        t: their time.
    """
    size = face_size(at)
    grain = max(1, round(_GRAIN * size))
    apart = [_coarse(_apart(each), grain) for each in (plain, guided)]
    height, width = apart[0].shape[2:]
    away = _away(at, grain, height, width).to(apart[0].device)
    inside = away == 0
    means = [float((each * inside).sum() / inside.sum().clamp_min(1)) for each in apart]
    if means[1] > _WORST * means[0]:
        return None
    amid = float(_falling(torch.tensor(abs(2 * t - 1)), _AMID, _BESIDE))
    mended = 1 - float(_falling(torch.tensor(means[0] - means[1]), _LITTLE, _MUCH))
    deserved = guide.sureness * max(amid, mended)
    on_face = _favour(guide.travel, means[1] / max(means[0], 1e-6), t)
    on_face = _FAVOUR_AROUND + deserved * (on_face - _FAVOUR_AROUND)
    favour = _FAVOUR_AROUND + _falling(away, 0, _BORDER) * (on_face - _FAVOUR_AROUND)
    share = torch.sigmoid((apart[0] - apart[1] + favour) / _SOFTNESS)
    share = ((share - _NONE) / (1 - 2 * _NONE)).clamp(0, 1) * _falling(away, _FADE, REACH)
    share = share * (guide.sureness + (1 - guide.sureness) * amid)
    return _fine(share, grain, plain.share.shape[2:])


def fusion(plain: Pulled, guided: Pulled, share: Tensor) -> Pulled:
    """Two drawings mixed: what each pulls of both keys, `share` of the guided one."""
    return Pulled(
        torch.lerp(plain.from_first, guided.from_first, share),
        torch.lerp(plain.from_last, guided.from_last, share),
        torch.lerp(plain.share, guided.share, share),
        torch.lerp(plain.travel, guided.travel, share),
    )


def _around(faces: list[FloatArray], size: tuple[int, ...], multiple: int) -> Box | None:
    """The part of a picture (width, height) about faces, its sides multiples; None if none."""
    reach = _SURROUNDINGS * max(face_size(points) for points in faces)
    places = np.concatenate(faces)[:, :2]
    low = np.floor((places.min(0) - reach) / multiple).astype(int)
    high = np.ceil((places.max(0) + reach) / multiple).astype(int)
    left, top = (multiple * np.maximum(low, 0)).tolist()
    right, bottom = np.minimum(multiple * high, size).tolist()
    box = Box(top, left, bottom, right)
    return box if box.height > 0 and box.width > 0 else None


def _favour(travel: float, apart: float, t: float) -> float:
    """What the guided face is favoured by.

    Args:
        travel: of the head, in shares of the face's size.
        apart: how far the keys are apart on the guided face, in shares of the plain one.
        t: when; next to a key, plain RIFE has little to do wrong.
    """
    moving = 1 - float(_falling(torch.tensor(travel), _STILL, _MOVING))
    ratio = torch.tensor(apart)
    still = float(_falling(ratio, _BETTER_STILL, _ALIKE_STILL)) * 4 * t * (1 - t)
    on_the_move = float(_falling(ratio, _BETTER, _ALIKE))
    gained = (1 - moving) * still * (_FAVOUR_STILL - _FAVOUR_AROUND)
    gained += moving * on_the_move * (_FAVOUR_MOVING - _FAVOUR_AROUND)
    return _FAVOUR_AROUND + gained


def _away(at: FloatArray, grain: int, height: int, width: int) -> Tensor:
    """(1, 1, h, w) distance of squares' middles from a face, in shares of its size."""
    y, x = np.mgrid[:height, :width].astype(np.float64) * grain + grain / 2
    away = distance_from_face(np.stack([x.ravel(), y.ravel()], 1), at) / face_size(at)
    return torch.from_numpy(away.astype(np.float32)).view(1, 1, height, width)


def _apart(pulled: Pulled) -> Tensor:
    """(1, 1, H, W) how far the keys are from each other, the mean of the colours."""
    return (pulled.from_first - pulled.from_last).abs().sum(1, keepdim=True) / 3


def _coarse(values: Tensor, grain: int) -> Tensor:
    """(1, 1, h, w) smoothed means of squares."""
    coarse = functional.avg_pool2d(values, grain, ceil_mode=True, count_include_pad=False)
    for _ in range(2):
        coarse = functional.avg_pool2d(functional.pad(coarse, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return coarse


def _fine(values: Tensor, grain: int, size: tuple[int, ...]) -> Tensor:
    """The opposite of `_coarse`: (1, 1, H, W), linear between the squares' middles."""
    rows, columns = (side * grain for side in values.shape[2:])
    grown = functional.interpolate(values, (rows, columns), mode="bilinear")
    return grown[:, :, : size[0], : size[1]]


def _falling(distance: Tensor, whole: float, end: float) -> Tensor:
    share = ((end - distance) / (end - whole)).clamp(0, 1)
    return share * share * (3 - 2 * share)
