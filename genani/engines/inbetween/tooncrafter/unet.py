"""The denoising network of ToonCrafter: a UNet over sixteen latent frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.loaders.peft import PeftAdapterMixin
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from diffusers.models.modeling_utils import ModelMixin
from diffusers.utils.outputs import BaseOutput
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.tooncrafter.layers import (
    GROUPS,
    Context,
    ResidualUnit,
    SpatialTransformer,
    TemporalTransformer,
    Upsample,
    folded,
    shared,
    unfolded,
)

if TYPE_CHECKING:
    from genani.engines.inbetween.tooncrafter.control import Residuals, SketchControl

USUAL_FS = 24
"""Frame rate that is assumed where none is given."""


@dataclass
class ToonCrafterPrediction(BaseOutput):
    """What the network says.

    Attributes:
        sample: (B, 4, T, h, w) predicted velocity.
    """

    sample: Tensor


@dataclass(frozen=True)
class _Moment:
    """What all units of one call are told.

    Attributes:
        embedding: (B*T, E) of step and frame rate.
        context: text and image tokens.
        frames: T.
        control: added to what the way up looks at and after the middle; None adds nothing.
    """

    embedding: Tensor
    context: Context
    frames: int
    control: Residuals | None = None

    def steered(self, skips: list[Tensor]) -> list[Tensor]:
        """What the way up looks at, from the first, with what is added to it."""
        if self.control is None:
            return skips
        return [skip + more for skip, more in zip(skips, self.control.skips, strict=False)]


@dataclass
class Deep:
    """What the deeper part of the network said last, to be said again at the next steps.

    Coarse features change slowly between steps (Ma et al., DeepCache, 2024): a step that takes
    them as they were asks only the outermost units.

    Attributes:
        units: how many units on the way up, counted from the end, are asked at every step; at
            most those of the first level.
        said: features that go into those; None has the whole network asked, and fills it.
    """

    units: int = 1
    said: Tensor | None = None


class Unit(nn.Module):
    """A residual unit, followed at most levels by a transformer over space and one over time."""

    def __init__(
        self, before: int, after: int, embedding: int, dropout: float, head: int, context: int
    ) -> None:
        super().__init__()
        self.residual = ResidualUnit(before, after, embedding, dropout)
        self.spatial = SpatialTransformer(after, head, context) if context else None
        self.temporal = TemporalTransformer(after, head) if context else None

    def forward(
        self, latents: Tensor, embedding: Tensor, text: Tensor, image: Tensor, frames: int
    ) -> Tensor:
        """(B*T, before, h, w) to (B*T, after, h, w); tensors only, as checkpointing wants them."""
        latents = self.residual(latents, embedding, frames)
        if self.spatial is not None and self.temporal is not None:
            latents = self.spatial(latents, Context(text, image))
            latents = self.temporal(latents, frames)
        return latents


class Level(nn.Module):
    """The units of one width, and the change of size that follows them, if any."""

    def __init__(self, units: Sequence[Unit], resize: nn.Module | None) -> None:
        super().__init__()
        self.units = nn.ModuleList(units)
        self.resize = resize


class ToonCrafterUNet(ModelMixin, ConfigMixin, PeftAdapterMixin):  # pyright: ignore[reportIncompatibleVariableOverride]
    """Predicts the velocity of sixteen noisy latent frames.

    Every argument is kept in the config. The defaults are the published model's: 1,438,854,980
    parameters.

    Args:
        in_channels: 4 of the noisy latent and 4 of the condition.
        out_channels: of the prediction.
        block_out_channels: width of each level; the size halves between them.
        attention_levels: which levels have transformers.
        layers_per_block: units of a level on the way down; one more on the way up.
        attention_head_dim: width of a head, everywhere.
        cross_attention_dim: width of text and image tokens.
        first_attention_heads: of the transformer over time that comes before everything.
        text_tokens: how many tokens of the context are text.
        image_tokens_per_frame: how many image tokens each frame has of its own.
        dropout: in residual units, in training.
    """

    _supports_gradient_checkpointing = True
    _no_split_modules = ["Unit", "TemporalTransformer"]  # noqa: RUF012 - diffusers' own form
    _repeated_blocks = ["Unit"]  # noqa: RUF012

    @register_to_config
    def __init__(
        self,
        in_channels: int = 8,
        out_channels: int = 4,
        block_out_channels: tuple[int, ...] = (320, 640, 1280, 1280),
        attention_levels: tuple[bool, ...] = (True, True, True, False),
        layers_per_block: int = 2,
        attention_head_dim: int = 64,
        cross_attention_dim: int = 1024,
        first_attention_heads: int = 8,
        text_tokens: int = 77,
        image_tokens_per_frame: int = 16,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.gradient_checkpointing = False
        self.sketch: SketchControl | None = None
        self._gradient_checkpointing_func: Any = None
        self._text_tokens, self._each = text_tokens, image_tokens_per_frame
        self.multiple = 2 ** (len(block_out_channels) - 1)
        base, head = block_out_channels[0], attention_head_dim
        embedding = 4 * base
        self.time_proj = Timesteps(base, flip_sin_to_cos=True, downscale_freq_shift=0)
        self.time_embedding = TimestepEmbedding(base, embedding)
        self.fps_embedding = TimestepEmbedding(base, embedding)
        self.conv_in = nn.Conv2d(in_channels, base, 3, padding=1)
        self.first_temporal = TemporalTransformer(base, head, first_attention_heads * head)

        def unit(before: int, after: int, attends: bool) -> Unit:
            context = cross_attention_dim if attends else 0
            return Unit(before, after, embedding, dropout, head, context)

        levels = list(zip(block_out_channels, attention_levels, strict=True))
        skips, down, up = [base], [], []
        before = base
        for place, (width, attends) in enumerate(levels):
            widths = [before] + [width] * (layers_per_block - 1)
            units = [unit(narrow, width, attends) for narrow in widths]
            last = place == len(levels) - 1
            resize = None if last else nn.Conv2d(width, width, 3, stride=2, padding=1)
            down.append(Level(units, resize))
            skips += [width] * (layers_per_block + (not last))
            before = width
        self.down = nn.ModuleList(down)
        self.middle = nn.ModuleList((unit(before, before, True), unit(before, before, False)))
        for place, (width, attends) in reversed(list(enumerate(levels))):
            units = []
            for _ in range(layers_per_block + 1):
                units.append(unit(before + skips.pop(), width, attends))
                before = width
            up.append(Level(units, Upsample(width) if place else None))
        self.up = nn.ModuleList(up)
        self.norm_out = nn.GroupNorm(GROUPS, base)
        self.conv_out = nn.Conv2d(base, out_channels, 3, padding=1)

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor | int,
        encoder_hidden_states: Tensor,
        fs: Tensor | int | None = None,
        return_dict: bool = True,
        deep: Deep | None = None,
    ) -> ToonCrafterPrediction | tuple[Tensor]:
        """Predict the velocity.

        Args:
            sample: (B, 8, T, h, w): noisy latents, then condition latents; h and w are multiples
                of `multiple`.
            timestep: (B,) or one for all, 0 to 999.
            encoder_hidden_states: (B, N, D): text tokens, then image tokens; see `shared`.
            fs: (B,) or one for all, frames a second of the motion: the fewer, the more moves.
            deep: takes the coarse features from the last time, or keeps them for the next.

        Raises:
            ValueError: the sides of the latents do not fit.
        """
        frames, height, width = sample.shape[2:]
        if height % self.multiple or width % self.multiple:
            raise ValueError(
                f"latents of {width} x {height} do not fit: both sides must be multiples of "
                f"{self.multiple}"
            )
        fs = USUAL_FS if fs is None else fs
        embedding = self._embedded(timestep, self.time_embedding, sample)
        embedding = embedding + self._embedded(fs, self.fps_embedding, sample)
        context = shared(encoder_hidden_states, self._text_tokens, self._each, frames)
        control = None
        if self.sketch is not None:
            control = self.sketch(sample[:, :4], timestep, encoder_hidden_states)
        each = torch.repeat_interleave(embedding, frames, dim=0)
        moment = _Moment(each, context, frames, control)
        made = unfolded(self._denoised(folded(sample), moment, deep), frames)
        return ToonCrafterPrediction(made) if return_dict else (made,)

    def _embedded(self, number: Tensor | int, by: nn.Module, sample: Tensor) -> Tensor:
        numbers = torch.as_tensor(number, device=sample.device).reshape(-1).expand(len(sample))
        # In float32, as half precision cannot tell all steps apart.
        return by(self.time_proj(numbers).to(sample.dtype))

    def _denoised(self, latents: Tensor, moment: _Moment, deep: Deep | None) -> Tensor:
        skips = [self.first_temporal(self.conv_in(latents), moment.frames)]
        units = deep.units if deep else 1
        last = cast(Level, self.up[-1]).units
        if deep is None or deep.said is None:
            made = self._coarse(skips, moment, len(last) - units)
            if deep is not None:
                deep.said = made
        else:
            made = deep.said
            for unit in cast(Level, self.down[0]).units[: units - 1]:
                skips.append(self._passed(unit, skips[-1], moment))
            skips = moment.steered(skips)
        for unit in last[-units:]:
            made = self._passed(unit, torch.cat((made, skips.pop()), 1), moment)
        return self.conv_out(functional.silu(self.norm_out(made)))

    def _coarse(self, skips: list[Tensor], moment: _Moment, before: int) -> Tensor:
        """All the way down, and up to the last level, of which the first units are passed too.

        Args:
            skips: the first of what the way up looks at; left with those still to be looked at.
            before: how many of the last level's units.
        """
        for level in cast(Iterable[Level], self.down):
            for unit in level.units:
                skips.append(self._passed(unit, skips[-1], moment))
            if level.resize is not None:
                skips.append(level.resize(skips[-1]))
        latents = skips[-1]
        for unit in self.middle:
            latents = self._passed(unit, latents, moment)
        if moment.control is not None:
            latents = latents + moment.control.middle
            skips[:] = moment.steered(skips)
        *coarse, last = cast(Iterable[Level], self.up)
        for level in coarse:
            for unit in level.units:
                latents = self._passed(unit, torch.cat((latents, skips.pop()), 1), moment)
            assert level.resize is not None
            latents = level.resize(latents)
        for unit in last.units[:before]:
            latents = self._passed(unit, torch.cat((latents, skips.pop()), 1), moment)
        return latents

    def _passed(self, unit: nn.Module, latents: Tensor, moment: _Moment) -> Tensor:
        context = moment.context
        given = (latents, moment.embedding, context.text, context.image, moment.frames)
        if self.gradient_checkpointing and torch.is_grad_enabled():
            return self._gradient_checkpointing_func(unit, *given)
        return unit(*given)
