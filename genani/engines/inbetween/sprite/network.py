"""The network that draws the next frame of an action from a key and the frame before.

An encoder sees the key and the frame before, one after the other; at its bottleneck places look
at each other. The decoder goes back up: at each size it says where each place of the new frame
comes from in the key and in the frame before, and has the skipped features of both brought there
before it looks on. The frame is drawn out of both pictures themselves, so detail of the drawing
survives whatever the network has forgotten of it; only where neither shows what is needed does it
paint. Actions are cycles: what it knows of time is where on the circle it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.sprite.actions import ACTIONS
from genani.engines.inbetween.sprite.layers import (
    Attention,
    Halving,
    Steered,
    doubled,
    places,
    warp,
)

MULTIPLE = 16
"""Sides of pictures are multiples of this."""

_HARMONICS = 4
_REACH = 0.2
"""Flows come out of the layers in this share of the half side, so that they begin small."""

_FLOWS, _MIX, _GATE, _PAINT = 4, 1, 1, 4
_HEADED = _FLOWS + 4 * (_MIX + _GATE + _PAINT)
_SHY = -4.0
"""Logit of painting before training: hardly any."""

_FAITHFUL = 2.0
"""Logit of the key's share before training: mostly the key."""


@dataclass(frozen=True)
class SpriteConfig:
    """The layout of a network.

    Attributes:
        widths: channels at full, half, quarter, eighth and sixteenth size; multiples of 4.
        told: size of the condition.
        heads: of the attention.
        side: of the pictures that it was taught with, pixels; it draws best at that size.
    """

    widths: tuple[int, int, int, int, int] = (12, 24, 48, 72, 96)
    told: int = 96
    heads: int = 4
    side: int = 128


@dataclass(frozen=True)
class Moment:
    """What the network is told of time and action.

    Attributes:
        action: (B,) int64, numbers of `ACTIONS`.
        phase: (B,) where on the cycle the new frame is, 0 to 1; the key is at 0.
        step: (B,) how far on the cycle it is from the frame before.
    """

    action: Tensor
    phase: Tensor
    step: Tensor


@dataclass(frozen=True)
class Plan:
    """How a frame is made of the key and the frame before, at any size.

    Attributes:
        from_key, from_before: (B, 2, H, W) flows as `layers.warp` takes them.
        mix: (B, 1, H, W) share of the key, 0 to 1.
        gate: (B, 1, H, W) share of what is painted, 0 to 1.
        paint: (B, 4, H, W) premultiplied RGBA, 0 to 1.
    """

    from_key: Tensor
    from_before: Tensor
    mix: Tensor
    gate: Tensor
    paint: Tensor

    def resized(self, height: int, width: int) -> Plan:
        """The same plan for pictures of another size."""
        parts = (self.from_key, self.from_before, self.mix, self.gate, self.paint)
        size = (height, width)
        return Plan(*(functional.interpolate(each, size, mode="bilinear") for each in parts))

    def carried(self, key: Tensor, before: Tensor) -> Tensor:
        """What both pictures (B, 4, H, W) give, without paint."""
        return torch.lerp(warp(before, self.from_before), warp(key, self.from_key), self.mix)

    def drawn(self, key: Tensor, before: Tensor) -> Tensor:
        """The frame (B, 4, H, W), premultiplied RGBA, of pictures of the plan's size."""
        return torch.lerp(self.carried(key, before), self.paint, self.gate)


class SpriteNet(nn.Module):
    """See the module."""

    def __init__(self, config: SpriteConfig | None = None) -> None:
        super().__init__()
        self.config = config or SpriteConfig()
        widths, told = self.config.widths, self.config.told
        self.named = nn.Embedding(len(ACTIONS), told)
        self.timed = nn.Linear(2 * _HARMONICS + 2, told)
        self.told = nn.Sequential(
            nn.Linear(2 * told, told),
            nn.LeakyReLU(0.1),
            nn.Linear(told, told),
            nn.LeakyReLU(0.1),
        )
        self.stem = nn.Conv2d(4 + 2, widths[0], 3, padding=1)
        self.downs = nn.ModuleList(Halving(*pair) for pair in pairwise(widths))
        self.meet = Steered(2 * widths[4], widths[4], told)
        self.attention = Attention(widths[4], self.config.heads)
        self.think = Steered(widths[4], widths[4], told)
        self.ups = nn.ModuleList()
        self.heads = nn.ModuleList()
        for level in (3, 2, 1):
            # Both skipped features come squeezed, as the key and the frame before are much alike.
            own, below = widths[level], widths[level + 1]
            self.ups.append(
                nn.ModuleDict(
                    {
                        "skip": nn.Conv2d(2 * own, own, 1),
                        "block": Steered(below + own + _FLOWS, own, told),
                    }
                )
            )
            count = _HEADED if level == 1 else _FLOWS
            self.heads.append(_quiet(nn.Conv2d(own, count, 3, padding=1)))
        self.set_start()

    def set_start(self) -> None:
        """Untrained, it draws the key as it is."""
        bias = cast("nn.Conv2d", self.heads[-1]).bias
        if bias is not None:
            with torch.no_grad():
                bias[_FLOWS : _FLOWS + 4] = _FAITHFUL
                bias[_FLOWS + 4 : _FLOWS + 8] = _SHY

    def forward(self, key: Tensor, before: Tensor, moment: Moment) -> Plan:
        """Plan one frame.

        Args:
            key, before: (B, 4, H, W) premultiplied RGBA, 0 to 1; sides are multiples of 16.
            moment: of the frame wanted.

        Returns:
            A plan of the same size.
        """
        told = self._told(moment)
        count = len(key)
        skips = self._seen(torch.cat((key, before)))
        deep = skips.pop()
        features = self.meet(torch.cat((deep[:count], deep[count:]), 1), told)
        features = self.think(self.attention(features), told)
        flow = torch.zeros_like(features[:, :1]).expand(-1, _FLOWS, -1, -1)
        headed = flow
        for up, head in zip(self.ups, self.heads, strict=True):
            part = cast("nn.ModuleDict", up)
            features, flow, skip = doubled(features), doubled(flow), skips.pop()
            brought = torch.cat(
                (warp(skip[:count], flow[:, :2]), warp(skip[count:], flow[:, 2:])), 1
            )
            features = part["block"](torch.cat((features, part["skip"](brought), flow), 1), told)
            headed = head(features)
            flow = flow + _REACH * headed[:, :_FLOWS]
        flow = doubled(flow.float())
        fine = functional.pixel_shuffle(headed[:, _FLOWS:].float(), 2)
        mix, gate, paint = fine.split((_MIX, _GATE, _PAINT), 1)
        paint = torch.sigmoid(paint)
        # Premultiplied: no colour is more than its alpha.
        paint = torch.cat((paint[:, :3] * paint[:, 3:], paint[:, 3:]), 1)
        return Plan(flow[:, :2], flow[:, 2:], torch.sigmoid(mix), torch.sigmoid(gate), paint)

    def draw(self, key: Tensor, before: Tensor, moment: Moment) -> Tensor:
        """One frame (B, 4, H, W), premultiplied RGBA."""
        return self(key, before, moment).drawn(key, before)

    def _told(self, moment: Moment) -> Tensor:
        turn = 2 * math.pi * moment.phase.float()[:, None]
        order = torch.arange(1, _HARMONICS + 1, device=turn.device)
        step = 2 * math.pi * moment.step.float()[:, None]
        timed = (torch.sin(turn * order), torch.cos(turn * order), torch.sin(step), torch.cos(step))
        timed = self.timed(torch.cat(timed, 1))
        named = self.named(moment.action)
        # The product as well: the same time means something else in each action.
        return self.told(torch.cat((named + timed, named * timed), 1))

    def _seen(self, pictures: Tensor) -> list[Tensor]:
        where = places(pictures).expand(len(pictures), -1, -1, -1)
        features = self.stem(torch.cat((pictures * 2 - 1, where), 1))
        seen = []
        for down in self.downs:
            features = down(functional.leaky_relu(features, 0.1))
            seen.append(features)
        return seen


def _quiet(layer: nn.Conv2d) -> nn.Conv2d:
    """Weights near zero: what it adds is hardly anything until it is trained."""
    nn.init.normal_(layer.weight, std=1e-3)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
