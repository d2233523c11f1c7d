"""Decoding in little memory, to the same pictures: layer by layer, each in slices.

What mixes frames (convolutions over time) does not mix places, and what mixes places does not
mix frames: the one goes row by row, the other frame by frame. Only norms over the whole clip
need more, and they need no more than a mean and a spread, which are gathered slice by slice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.tooncrafter.fusion import EndsOnly, LookBack
from genani.engines.inbetween.tooncrafter.vae_layers import Stage, VideoUnit, mixed

if TYPE_CHECKING:
    from genani.engines.inbetween.tooncrafter.vae import Decoder

_ROWS = 16
"""A slice of a clip is one over this of its rows."""


def decoded(decoder: Decoder, latents: Tensor, references: Sequence[Tensor] | None) -> Tensor:
    """What `decoder` makes of one clip, with about a third of the memory.

    Args:
        latents: (T, 4, h, w).
        references: features of its two keys, (1, C, 2, h, w) each.

    Returns:
        (T, 3, 8h, 8w).
    """
    made = decoder.conv_in(latents)
    for part in decoder.middle:
        made = _framewise(part.spatial if isinstance(part, VideoUnit) else part, made)
        if isinstance(part, VideoUnit):
            _move(part, made)
    stages = list(enumerate(cast(Iterable[Stage], decoder.up)))
    grow: nn.Module | None = None
    for place, stage in reversed(stages):
        for unit in cast(Iterable[VideoUnit], stage.units):
            # The picture grows within the slices: grown as a whole it is the largest tensor.
            made = _framewise(nn.Sequential(grow, unit.spatial) if grow else unit.spatial, made)
            _move(unit, made)
            grow = None
        if references:
            _looked_back(decoder.fusion[place], made, references[place])
        grow = stage.resize
    return _ended(decoder, made, references)


def _ended(decoder: Decoder, made: Tensor, references: Sequence[Tensor] | None) -> Tensor:
    def finish(frames: Tensor) -> Tensor:
        return functional.silu(decoder.norm_out(frames))

    pictures = _framewise(lambda frames: decoder.conv_out(finish(frames)), made)
    if references:
        ends = finish(made[:: len(made) - 1])
        ends = decoder.conv_out(decoder.fusion[-1](ends, references[-1], 2))
        pictures[0], pictures[-1] = ends[0], ends[1]
    assert decoder.time_conv is not None
    return decoder.time_conv(pictures.transpose(0, 1)[None])[0].transpose(0, 1)


def _framewise(by: Callable[[Tensor], Tensor], features: Tensor) -> Tensor:
    """`by` applied to each of (T, C, h, w), in their place where the shape stays."""
    first = by(features[:1])
    kept = first.shape[1:] == features.shape[1:]
    made = features if kept else first.new_empty(len(features), *first.shape[1:])
    made[:1] = first
    for place in range(1, len(features)):
        made[place : place + 1] = by(features[place : place + 1])
    return made


def _move(unit: VideoUnit, still: Tensor) -> None:
    """What a unit does over time, blended with (T, C, h, w) in its place."""
    temporal = unit.temporal
    height = still.shape[2]
    step = -(-height // _ROWS)
    rows = [slice(top, min(top + step, height)) for top in range(0, height, step)]
    first = _Gathered(temporal.norm1)
    for frame in still:
        first.add(frame[:, None])
    second = _Gathered(temporal.norm2)
    half = torch.empty_like(still)
    for part in rows:
        made = temporal.conv1(functional.silu(first.normed(_clip(still, part))[None]))[0]
        half[:, :, part] = made.transpose(0, 1)
        second.add(made)
    for part in rows:
        before = _clip(still, part)
        made = temporal.conv2(functional.silu(second.normed(_clip(half, part))[None]))[0]
        still[:, :, part] = mixed(before, before + made, unit.mix).transpose(0, 1)


def _clip(features: Tensor, rows: slice) -> Tensor:
    """Some rows of (T, C, h, w) as (C, T, rows, w)."""
    return features[:, :, rows].transpose(0, 1)


def _looked_back(fusion: nn.Module, made: Tensor, keys: Tensor) -> None:
    if isinstance(fusion, EndsOnly):
        ends = fusion(made[:: len(made) - 1], keys, 2)
        made[0], made[-1] = ends[0], ends[1]
    else:
        assert isinstance(fusion, LookBack)
        for place in range(len(made)):
            made[place : place + 1] = fusion(made[place : place + 1], keys, 1)


class _Gathered:
    """A norm over groups of channels of a whole clip that is only seen in slices."""

    def __init__(self, norm: nn.GroupNorm) -> None:
        self._norm = norm
        self._parts: list[Tensor] = []
        self._counts: list[int] = []
        self._line: tuple[Tensor, Tensor] | None = None

    def add(self, part: Tensor) -> None:
        """Take in (C, ...) of the clip."""
        groups = part.float().reshape(self._norm.num_groups, -1)
        self._parts.append(torch.stack(torch.var_mean(groups, 1, correction=0)))
        self._counts.append(groups.shape[1])

    def normed(self, part: Tensor) -> Tensor:
        """(C, ...) of the clip, normed as the whole, once all of it was taken in."""
        if self._line is None:
            self._line = self._gain_and_shift()
        gain, shift = (item.view(-1, *(1,) * (part.ndim - 1)) for item in self._line)
        return torch.addcmul(shift, part.float(), gain).to(part.dtype)

    def _gain_and_shift(self) -> tuple[Tensor, Tensor]:
        norm = self._norm
        spreads, means = torch.stack(self._parts).unbind(1)
        share = means.new_tensor(self._counts)[:, None] / sum(self._counts)
        mean = (share * means).sum(0)
        spread = (share * (spreads + (means - mean).square())).sum(0)
        each = norm.num_channels // norm.num_groups
        gain = (spread + norm.eps).rsqrt().repeat_interleave(each) * norm.weight.float()
        return gain, norm.bias.float() - mean.repeat_interleave(each) * gain
