"""Parts of the project's own network: conditioned flow blocks, a judge of starts, synthesis."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.rife.pyramid import Flow, resized
from genani.engines.inbetween.rife.v46 import Block46
from genani.scene.face import Emotion

Layer = TypeVar("Layer", bound=nn.Module)

_SLOPE = 0.2
_STILL_FAVOUR, _MOVING_FAVOUR, _AROUND = 0.03, 0.2, -0.03
_SOFTNESS, _NONE, _WORST = 0.012, 0.1, 1.25
"""See the constants of `genani.engines.inbetween.face_painter`."""

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
    """Means of squares, `factor` (a power of 2) wide: thin lines do not fall through."""
    while factor > 1:
        # Exactly the mean of 2 x 2, and several times quicker on a CPU than pooling is.
        picture = functional.interpolate(picture, scale_factor=0.5, mode="bilinear")
        factor /= 2
    return picture


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
        self.more = quiet(nn.Conv2d(more, width // 2, 3, 1, 1, bias=False))

    def told(self, seen: Tensor, scale: float, more: Tensor, feeling: Tensor) -> Flow:
        """The correction, as of `FlowBlock.forward`.

        Args:
            seen: what RIFE's block sees, (B, C, h, w), shrunk `scale` times already.
            scale: as there.
            more: (B, D, h / 2, w / 2), lengths in pixels of what the block sees.
            feeling: (B, 2 C, 1, 1).
        """
        dtype = self.more.weight.dtype
        first, _ = self.conv0.get_submodule("0").children()
        features = first(seen.to(dtype)) + self.more(more.to(dtype))
        features = functional.leaky_relu(features, _SLOPE)
        features = modulated(self.conv0.get_submodule("1")(features), feeling)
        made = resized(self.lastconv(self.convblock(features)).float()[:, :5], scale)
        return Flow(made[:, :4] * scale, made[:, 4:])


class Judge(nn.Module):
    """Which of two flows to go on from, place by place: along the guide, or without it.

    At first it goes by how well the keys agree along either, as guided RIFE does, where a face
    that moves far is favoured (see `genani.engines.inbetween.face_painter.trust`).

    Args:
        more: channels of what is told of the face.
    """

    SHRINK = 8
    """How many times smaller than the picture the places that it judges are."""

    def __init__(self, more: int, width: int = 24) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            conv(more + 4, width), conv(width, width), quiet(nn.Conv2d(width, 1, 3, 1, 1))
        )

    def forward(
        self,
        apart: tuple[Tensor, Tensor],
        trust: Tensor,
        inside: Tensor,
        more: Tensor,
        travel: Tensor,
        sure: Tensor,
        time: Tensor,
    ) -> Tensor:
        """(B, 1, H, W) share of the guided flow, 0 to 1.

        Args:
            apart: (B, 1, H / 4, W / 4) how far the keys are from each other without the guide
                and along it, the mean of the colours.
            trust: (B, 1, H / 2, W / 2) most that there may be.
            inside: (B, 1, H / 2, W / 2) what is on the face.
            more: (B, C, H / 2, W / 2).
            travel, sure, time: (B,).
        """
        half = self.SHRINK // 2
        plain, guided = (_smooth(shrunk(each, half // 2)) for each in apart)
        on_face = shrunk(inside, half)
        means = [(each * on_face).sum((1, 2, 3)) for each in (plain, guided)]
        ratio = means[1] / means[0].clamp_min(1e-6)
        favour = sure * (_favour(travel, ratio, time) - _AROUND)
        favour = _AROUND + on_face * favour.view(-1, 1, 1, 1)
        seen = torch.cat((plain, guided, on_face, favour, shrunk(more, half)), 1)
        said = self.layers(seen.to(next(self.parameters()).dtype)).float()
        share = torch.sigmoid((plain - guided + favour) / _SOFTNESS + said)
        share = ((share - _NONE) / (1 - 2 * _NONE)).clamp(0, 1)
        beside = (ratio > _WORST).view(-1, 1, 1, 1)
        return resized(shrunk(trust, half) * torch.where(beside, 0.0, share), self.SHRINK)


def _favour(travel: Tensor, ratio: Tensor, time: Tensor) -> Tensor:
    """(B,) what the guided face is favoured by, as of `face_painter`."""
    still = 4 * time * (1 - time) * _STILL_FAVOUR
    moving = _rising(travel, 0.1, 0.35)
    on_the_move = _AROUND + (1 - _rising(ratio, 0.9, 0.98)) * (_MOVING_FAVOUR - _AROUND)
    return still + moving * (on_the_move - still)


def _rising(value: Tensor, low: float, high: float) -> Tensor:
    share = ((value - low) / (high - low)).clamp(0, 1)
    return share * share * (3 - 2 * share)


def _smooth(values: Tensor) -> Tensor:
    for _ in range(2):
        values = functional.avg_pool2d(functional.pad(values, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return values


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
        told: channels of what it is told besides.
        context: of each key's features.
        widths: its own, at a half, a quarter and an eighth of the size.
    """

    def __init__(self, told: int, context: tuple[int, ...], widths: tuple[int, int, int]) -> None:
        super().__init__()
        self.seen = nn.Conv2d(9, widths[0], 3, 2, 1)
        self.told = nn.Conv2d(told, widths[0], 3, 1, 1, bias=False)
        self.down = nn.ModuleList(nn.Conv2d(i, o, 3, 2, 1) for i, o in pairwise(widths))
        self.meet = nn.ModuleList(
            nn.Conv2d(2 * more, width, 1) for width, more in zip(widths, context, strict=True)
        )
        self.deep = conv(widths[2], widths[2])
        self.rise = nn.ModuleList(
            conv(deep, width) for deep, width in ((widths[2], widths[1]), (widths[1], widths[0]))
        )
        self.join = nn.ModuleList(conv(width, width) for width in (widths[1], widths[0]))
        self.last = quiet(nn.Conv2d(widths[0], 20, 3, 1, 1))

    def forward(
        self, seen: Tensor, told: Tensor, context: list[Tensor], feelings: list[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Colour to add (B, 4, H, W), -1 to 1, and logits (B, 1, H, W) for the mask.

        Args:
            seen: (B, 9, H, W) both keys at `t` and the share of the first; sides are multiples
                of 8.
            told: (B, C, H / 2, W / 2).
            context: of both keys at `t`, side by side, at the three sizes.
            feelings: (B, 2 C, 1, 1) for each of them.
        """
        dtype = self.last.weight.dtype
        features = self.seen(seen.to(dtype)) + self.told(told.to(dtype))
        kept: list[Tensor] = []
        for index, (meet, level) in enumerate(zip(self.meet, context, strict=True)):
            if index:
                features = self.down[index - 1](features)
            features = functional.leaky_relu(features + meet(level), _SLOPE)
            features = modulated(features, feelings[index])
            kept.append(features)
        features = self.deep(features)
        for rise, join, level in zip(self.rise, self.join, (kept[1], kept[0]), strict=True):
            features = join(level + resized(rise(features), 2))
        made = functional.pixel_shuffle(self.last(features).float(), 2)
        return made[:, :4].clamp(-1, 1), made[:, 4:]
