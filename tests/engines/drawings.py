"""Small drawings and painters that the tests of the engines share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genani.engines import finish
from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.inbetween.blend import BlendPainter
from genani.engines.painter import Painted, Painter, Tier
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest, SpanSettings

RED = (230, 30, 40)
BLUE = (20, 60, 200)
THIRDS = (Fraction(1, 3), Fraction(2, 3))
FULL = (Tier("full", 300.0),)


def coverage(size: tuple[int, int], centre: tuple[float, float], radius: float) -> NDArray:
    """(H, W) share of each pixel that a soft-edged disc covers, 0..1."""
    y, x = np.mgrid[: size[1], : size[0]]
    distance = np.hypot(x - centre[0], y - centre[1])
    return np.clip(radius - distance + 0.5, 0, 1)


def disc(
    size: tuple[int, int],
    centre: tuple[float, float],
    radius: float = 12,
    paper: tuple[int, int, int] | None = None,
    depth: int = 8,
    icc: bytes = b"",
) -> Picture:
    """A red disc on paper of one colour, or on nothing."""
    white = (1 << depth) - 1
    cover = coverage(size, centre, radius)[..., None]
    red = np.array(RED) / 255
    if paper is None:
        straight = np.concatenate((np.broadcast_to(red, (*cover.shape[:2], 3)), cover), 2)
        straight = straight * (cover > 0)
    else:
        colour = cover * red + (1 - cover) * np.array(paper) / 255
        straight = np.concatenate((colour, np.ones_like(cover)), 2)
    kind = np.uint16 if depth == 16 else np.uint8
    return Picture(np.rint(straight * white).astype(kind), icc)


def request(
    first: Picture, last: Picture, times: Iterable[Fraction] = THIRDS, **options: bool | str
) -> SpanRequest:
    """A request with options of its engine."""
    return SpanRequest(first, last, tuple(times), SpanSettings("blend", options))


def drawn(
    asked: SpanRequest,
    painter: Painter | None = None,
    tiers: Sequence[Tier] = FULL,
    wishes: finish.Finish | None = None,
    token: CancelToken | None = None,
) -> list[InBetween]:
    """All in-betweens, in the order in which they come."""
    return list(
        finish.draw(
            asked,
            token or CancelToken(),
            painter or BlendPainter(),
            Device(),
            tiers,
            wishes or finish.Finish(),
        )
    )


@dataclass(frozen=True)
class SlidingPainter:
    """Knows that all that differs slid right by `across` pixels; may colour what it paints.

    Attributes:
        across: pixels from the first key to the last.
        gain, shift: of the colours painted, as a careless network would have them.
        noise: largest random error of a colour.
        knows: tells the motion to the finish.
    """

    across: int
    gain: float = 1.0
    shift: float = 0.0
    noise: float = 0.0
    knows: bool = False
    multiple: int = 8
    least: int = 16

    def prepare(self, first: Tensor, last: Tensor, scale: float, token: CancelToken) -> Tensor:
        del scale
        token.check()
        assert first.shape == last.shape
        assert all(side % self.multiple == 0 and side >= self.least for side in first.shape[2:])
        return first

    def paint(self, state: Tensor, t: float, token: CancelToken) -> Painted:
        token.check()
        moved = torch.roll(state, round(t * self.across), 3)
        grain = torch.rand(moved.shape, generator=torch.Generator().manual_seed(1)) * 2 - 1
        colour = moved[:, :3] * self.gain + moved[:, 3:] * (self.shift + grain[:, :3] * self.noise)
        motion = torch.zeros_like(moved[:, :1]) if self.knows else None
        return Painted(torch.cat((colour, moved[:, 3:]), 1), motion)
