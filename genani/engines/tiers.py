"""How to run within the memory there is: which tier, and painting in squares. Bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic

from genani.engines.painter import Painted, Painter, State, Tier
from genani.engines.region import Box, tiles

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from genani.engines.api import CancelToken
    from genani.engines.device import Device

FINISH_BYTES_PER_PIXEL = 160
"""Working memory of the finish for each pixel drawn: both keys, the result, a few masks."""

_USABLE = 0.8
"""Share of the free memory that a tier may count on."""

_HALF_SAVES = 0.6
"""Memory of a network in half precision against float32; warps and pictures stay float32."""


def padded_side(side: int, multiple: int, least: int) -> int:
    """The smallest padded side: a multiple of `multiple`, at least `side` and `least`."""
    return -(-max(side, least) // multiple) * multiple


def memory(tier: Tier, height: int, width: int, half: bool) -> int:
    """Peak bytes of drawing a picture of this size at a tier, weights left out."""
    whole = height * width
    at_once = min(whole, tier.tile**2) if tier.tile else whole
    share = _HALF_SAVES if half else 1.0
    return int(at_once * tier.bytes_per_pixel * share + whole * FINISH_BYTES_PER_PIXEL)


def fitting(tiers: Sequence[Tier], height: int, width: int, device: Device) -> tuple[Tier, ...]:
    """The tiers worth trying, best first: from the first that fits down; at least the last."""
    budget = device.free * _USABLE
    for index, tier in enumerate(tiers):
        if 0 < tier.most_side < max(height, width):
            continue
        if memory(tier, height, width, device.half) <= budget:
            return tuple(tiers[index:])
    return tuple(tiers[-1:])


class Easel(Generic[State]):
    """Two keys set up before a painter at one tier; pads, and paints whole or in squares.

    Args:
        first, last: (1, 4, H, W) premultiplied, any size.
    """

    def __init__(self, painter: Painter[State], first: Tensor, last: Tensor, tier: Tier) -> None:
        self._painter = painter
        self._first, self._last = first, last
        self._tier = tier
        self._whole: list[State] = []

    def paint(self, t: float, token: CancelToken) -> Painted:
        """What lies at `t`, of the size of the keys."""
        height, width = self._first.shape[2:]
        tile = self._tier.tile
        if not tile or (height <= tile and width <= tile):
            if not self._whole:
                self._whole.append(self._prepared(self._first, self._last, token))
            return self._painted(self._whole[0], t, height, width, token)
        return self._in_squares(t, token)

    def _prepared(self, first: Tensor, last: Tensor, token: CancelToken) -> State:
        from genani.engines.tensor import pad

        height, width = (
            padded_side(side, self._painter.multiple, self._painter.least)
            for side in first.shape[2:]
        )
        keys = pad(first, height, width), pad(last, height, width)
        return self._painter.prepare(*keys, self._tier.scale, token)

    def _painted(
        self, state: State, t: float, height: int, width: int, token: CancelToken
    ) -> Painted:
        made = self._painter.paint(state, t, token)
        motion = made.motion
        return Painted(
            made.rgba[:, :, :height, :width],
            None if motion is None else motion[:, :, :height, :width],
            made.warnings,
        )

    def _in_squares(self, t: float, token: CancelToken) -> Painted:
        """Squares weighed by a ramp where they overlap; each prepared anew for each `t`.

        Keeping what was prepared for all squares would take the memory that squares save.
        """
        import torch

        height, width = self._first.shape[2:]
        total = torch.zeros_like(self._first)
        motion = torch.zeros_like(self._first[:, :1])
        weight = torch.zeros_like(motion)
        warnings: dict[str, None] = {}
        for box in tiles(height, width, self._tier):
            token.check()
            rows, columns = box.cut
            state = self._prepared(
                self._first[:, :, rows, columns], self._last[:, :, rows, columns], token
            )
            made = self._painted(state, t, box.height, box.width, token)
            del state
            share = ramp(box, height, width, self._tier.tile // 4, total.device)
            total[:, :, rows, columns] += made.rgba * share
            # A painter that does not know the motion must not seem to say that there is none.
            known = made.motion if made.motion is not None else torch.full_like(share, torch.inf)
            motion[:, :, rows, columns] = torch.maximum(motion[:, :, rows, columns], known)
            weight[:, :, rows, columns] += share
            warnings |= dict.fromkeys(made.warnings)
        return Painted(total / weight, motion, tuple(warnings))


def ramp(box: Box, height: int, width: int, overlap: int, device: torch.device) -> Tensor:
    """(1, 1, h, w) weights that fall to near 0 at sides where a neighbour takes over."""
    down = _fade(box.height, overlap, box.top > 0, box.bottom < height)
    across = _fade(box.width, overlap, box.left > 0, box.right < width)
    return (down[:, None] * across[None, :])[None, None].to(device)


def _fade(side: int, overlap: int, before: bool, after: bool) -> Tensor:
    import torch

    weights = torch.ones(side)
    rise = torch.arange(1, overlap + 1) / (overlap + 1)
    if before:
        weights[:overlap] *= rise
    if after:
        weights[-overlap:] *= rise.flip(0)
    return weights
