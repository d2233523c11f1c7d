"""Parts of the project's own network: conditioned flow blocks, a judge of starts, synthesis."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.rife.pyramid import Flow, resized, warp
from genani.engines.inbetween.rife.v46 import Block46
from genani.scene.face import Emotion

Layer = TypeVar("Layer", bound=nn.Module)

_SLOPE = 0.2
_BIAS = 2.0
"""Logit of the judge's full trust; it may take much away and add an eighth."""

EMOTIONS = len(Emotion)


def quiet(layer: Layer) -> Layer:
    """The layer with weights of zero: what it adds is nothing until it is trained."""
    for weight in layer.parameters():
        nn.init.zeros_(weight)
    return layer


def conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A 3 x 3 convolution and its activation."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.LeakyReLU(_SLOPE, True))


def shrunk(picture: Tensor, factor: float) -> Tensor:
    """Means of squares: thin lines do not fall through, as they do where pixels are picked."""
    return functional.avg_pool2d(picture, round(factor)) if factor > 1 else picture


class Feeling(nn.Module):
    """Emotion, intensity and time to a scale and a shift of features (FiLM).

    E. Perez et al., "FiLM: Visual Reasoning with a General Conditioning Layer", AAAI 2018.

    Args:
        widths: channels of each place that asks.
    """

    def __init__(self, widths: tuple[int, ...], hidden: int = 64) -> None:
        super().__init__()
        self.mixed = nn.Sequential(
            nn.Linear(2 * EMOTIONS + 2, hidden),
            nn.LeakyReLU(_SLOPE, True),
            nn.Linear(hidden, hidden),
        )
        self.heads = nn.ModuleList(quiet(nn.Linear(hidden, 2 * width)) for width in widths)

    def forward(self, emotion: Tensor, intensity: Tensor, time: Tensor) -> list[Tensor]:
        """(B, 2 C, 1, 1) for each width C.

        Args:
            emotion: (B,) int64; below 0 for none.
            intensity, time: (B,) float32, 0 to 1.
        """
        which = functional.one_hot(emotion.clamp_min(0), EMOTIONS).to(intensity.dtype)
        which = which * (emotion >= 0)[:, None]
        told = torch.cat(
            (which, which * intensity[:, None], time[:, None], (4 * time * (1 - time))[:, None]), 1
        )
        mixed = functional.leaky_relu(self.mixed(told.to(self._dtype)), _SLOPE)
        return [head(mixed)[:, :, None, None] for head in self.heads]

    @property
    def _dtype(self) -> torch.dtype:
        return next(self.parameters()).dtype


def modulated(features: Tensor, feeling: Tensor) -> Tensor:
    """Features (B, C, h, w) scaled and shifted by (B, 2 C, 1, 1)."""
    scale, shift = feeling.chunk(2, 1)
    return torch.addcmul(shift + features, features, scale)


class GuidedBlock(Block46):
    """A block of RIFE 4.6 that is told more; at first it makes nothing of it.

    Args:
        inputs, width: as for `Block46`.
        more: channels of what it is told besides.
    """

    def __init__(self, inputs: int, width: int, more: int) -> None:
        super().__init__(inputs, width)
        self.more = quiet(nn.Conv2d(more, width // 2, 3, 2, 1, bias=False))

    def told(
        self, seen: Tensor, flow: Tensor | None, scale: float, more: Tensor, feeling: Tensor
    ) -> Flow:
        """The correction, as of `FlowBlock.forward`.

        Args:
            seen, flow, scale: as there.
            more: (B, C, h, w) at the size of this block already, lengths in its pixels.
            feeling: (B, 2 C, 1, 1).
        """
        small = resized(seen, 1 / scale)
        if flow is not None:
            small = torch.cat((small, resized(flow, 1 / scale) / scale), 1)
        dtype = self.more.weight.dtype
        first, _ = self.conv0.get_submodule("0").children()
        features = first(small.to(dtype)) + self.more(more.to(dtype))
        features = functional.leaky_relu(features, _SLOPE)
        features = modulated(self.conv0.get_submodule("1")(features), feeling)
        made = resized(self.lastconv(self.convblock(features)).float()[:, :5], scale)
        return Flow(made[:, :4] * scale, made[:, 4:])


class Judge(nn.Module):
    """How far to start from guidance, place by place: whose keys agree, the plain or the guided.

    Args:
        more: channels of what is told of the face.
    """

    SHRINK = 4

    def __init__(self, more: int, width: int = 24) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            conv(more + 3, width, 2), conv(width, width), quiet(nn.Conv2d(width, 1, 3, 1, 1))
        )

    def forward(
        self,
        keys: tuple[Tensor, Tensor],
        plain: Tensor,
        guided: Tensor,
        more: Tensor,
        trust: Tensor,
    ) -> Tensor:
        """(B, 1, H, W) what remains of the trust.

        Args:
            keys: (B, 3, H, W) each.
            plain, guided: (B, 4, H, W) flows.
            more: (B, C, H, W).
            trust: (B, 1, H, W).
        """
        small = [shrunk(key, self.SHRINK) for key in keys]
        apart = [_apart(small, shrunk(flow, self.SHRINK) / self.SHRINK) for flow in (plain, guided)]
        seen = torch.cat((*apart, shrunk(trust, self.SHRINK), shrunk(more, self.SHRINK)), 1)
        said = self.layers(seen.to(next(self.parameters()).dtype)).float()
        said = resized(said, 2 * self.SHRINK)
        most = torch.sigmoid(said.new_tensor(_BIAS))
        return trust * torch.sigmoid(said + _BIAS) / most


def _apart(keys: list[Tensor], flow: Tensor) -> Tensor:
    one, two = warp(keys[0], flow[:, :2]), warp(keys[1], flow[:, 2:])
    return (one - two).abs().mean(1, keepdim=True)


class Context(nn.Module):
    """What a key looks like, at a half, a quarter and an eighth of its size.

    Args:
        widths: channels at the three sizes.
    """

    def __init__(self, widths: tuple[int, int, int]) -> None:
        super().__init__()
        before = (4, *widths[:2])
        self.levels = nn.ModuleList(conv(i, o, 2) for i, o in zip(before, widths, strict=True))

    def forward(self, key: Tensor) -> list[Tensor]:
        """Features (B, C, H / 2, W / 2) and on of a key (B, 4, H, W) premultiplied."""
        features, levels = key.to(next(self.parameters()).dtype), []
        for level in self.levels:
            features = level(features)
            levels.append(features)
        return levels


class Synthesis(nn.Module):
    """What neither key shows, and which key to believe at every pixel.

    Args:
        seen: channels of what it is shown.
        context: of each key's features.
        widths: its own, at a half, a quarter and an eighth of the size.
    """

    def __init__(self, seen: int, context: tuple[int, ...], widths: tuple[int, int, int]) -> None:
        super().__init__()
        before = (seen, *widths[:2])
        self.down = nn.ModuleList(conv(i, o, 2) for i, o in zip(before, widths, strict=True))
        self.meet = nn.ModuleList(
            conv(width + 2 * more, width) for width, more in zip(widths, context, strict=True)
        )
        self.deep = conv(widths[2], widths[2])
        self.rise = nn.ModuleList(
            conv(deep, width) for deep, width in ((widths[2], widths[1]), (widths[1], widths[0]))
        )
        self.join = nn.ModuleList(conv(width, width) for width in (widths[1], widths[0]))
        self.last = quiet(nn.Conv2d(widths[0], 20, 3, 1, 1))

    def forward(
        self, seen: Tensor, context: list[Tensor], feelings: list[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Colour to add (B, 4, H, W), -1 to 1, and logits (B, 1, H, W) for the mask.

        Args:
            seen: (B, C, H, W); sides are multiples of 8.
            context: of both keys at `t`, side by side, at the three sizes.
            feelings: (B, 2 C, 1, 1) for each of them.
        """
        features, kept = seen.to(self.last.weight.dtype), []
        for down, meet, told, feeling in zip(self.down, self.meet, context, feelings, strict=True):
            features = modulated(meet(torch.cat((down(features), told), 1)), feeling)
            kept.append(features)
        features = self.deep(features)
        for rise, join, level in zip(self.rise, self.join, (kept[1], kept[0]), strict=True):
            features = join(level + resized(rise(features), 2))
        made = functional.pixel_shuffle(self.last(features).float(), 2)
        return torch.tanh(made[:, :4]), made[:, 4:]
