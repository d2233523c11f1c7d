"""ToonCrafter's autoencoder: pictures to latents, and latents back with an eye on the two keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from diffusers.models.modeling_utils import ModelMixin
from diffusers.utils.accelerate_utils import apply_forward_hook
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.tooncrafter.fusion import EndsOnly, LookBack
from genani.engines.inbetween.tooncrafter.layers import GROUPS, Upsample, folded, unfolded
from genani.engines.inbetween.tooncrafter.vae_layers import (
    EPS,
    FrameAttention,
    Frames,
    FrameUnit,
    Halve,
    Stage,
    VideoUnit,
    over_time,
)
from genani.engines.inbetween.tooncrafter.vae_slices import decoded

References = tuple[Tensor, ...]
"""Five features of both keys, (B, C, 2, h, w) each: of every size from full to an eighth as the
encoder leaves it, then those of its first convolution."""


@dataclass(frozen=True)
class Encoded:
    """What the encoder makes of pictures.

    Attributes:
        posterior: (N, 4, H/8, W/8) means and spreads, not yet scaled.
        features: (N, C, h, w) each, as in `References`.
    """

    posterior: DiagonalGaussianDistribution
    features: tuple[Tensor, ...]

    def references(self) -> References:
        """The features of pairs of pictures (first, last, first, last, ...) for the decoder."""
        return tuple(unfolded(feature, 2) for feature in self.features)


class Encoder(nn.Module):
    """Pictures to moments, by the way handing out what the decoder looks back at."""

    def __init__(self, widths: tuple[int, ...], layers: int, latent: int) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(3, widths[0], 3, padding=1)
        stages = []
        for place, (before, width) in enumerate(pairwise((widths[0], *widths))):
            units = [FrameUnit(before if index == 0 else width, width) for index in range(layers)]
            stages.append(Stage(units, Halve(width) if place < len(widths) - 1 else None))
        self.down = nn.ModuleList(stages)
        last = widths[-1]
        self.middle = nn.Sequential(
            FrameUnit(last, last), FrameAttention(last), FrameUnit(last, last)
        )
        self.norm_out = nn.GroupNorm(GROUPS, last, eps=EPS)
        self.conv_out = nn.Conv2d(last, 2 * latent, 3, padding=1)

    def forward(self, images: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """(N, 3, H, W) to moments (N, 8, H/8, W/8) and the features."""
        start = self.conv_in(images)
        made, features = start, []
        for stage in cast(Iterable[Stage], self.down):
            for unit in stage.units:
                made = unit(made)
            features.append(made)
            made = made if stage.resize is None else stage.resize(made)
        made = functional.silu(self.norm_out(self.middle(made)))
        return self.conv_out(made), (*features, start)


class Decoder(nn.Module):
    """Latents to pictures; with `video`, units over time too and the look back at the keys."""

    def __init__(self, widths: tuple[int, ...], layers: int, latent: int, video: bool) -> None:
        super().__init__()
        unit = VideoUnit if video else FrameUnit
        last = widths[-1]
        self.conv_in = nn.Conv2d(latent, last, 3, padding=1)
        self.middle = nn.ModuleList((unit(last, last), FrameAttention(last), unit(last, last)))
        stages = []
        for place, (width, before) in enumerate(pairwise((*widths, last))):
            units = [unit(before if index == 0 else width, width) for index in range(layers)]
            stages.append(Stage(units, Upsample(width) if place else None))
        self.up = nn.ModuleList(stages)
        self.norm_out = nn.GroupNorm(GROUPS, widths[0], eps=EPS)
        self.conv_out = nn.Conv2d(widths[0], 3, 3, padding=1)
        self.time_conv = nn.Conv3d(3, 3, (3, 1, 1), padding=(1, 0, 0)) if video else None
        # Looking at all places is dear: only the two coarsest sizes do.
        fusion = [
            EndsOnly(width) if place < len(widths) - 2 else LookBack(width)
            for place, width in enumerate(widths)
        ]
        self.fusion = nn.ModuleList([*fusion, EndsOnly(widths[0])] if video else [])

    def forward(self, latents: Tensor, frames: int, references: References | None) -> Tensor:
        """(B*T, 4, h, w) to (B*T, 3, 8h, 8w)."""
        stage, made = self._coarse(latents, frames, references)
        for unit in stage.units:
            made = _passed(unit, made, frames)
        if references:
            made = self.fusion[0](made, references[0], frames)
        made = functional.silu(self.norm_out(made))
        if references:
            made = self.fusion[-1](made, references[-1], frames)
        made = self.conv_out(made)
        return made if self.time_conv is None else folded(self.time_conv(unfolded(made, frames)))

    def inner(
        self, latents: Tensor, frames: int, references: References | None, wanted: Frames
    ) -> Tensor:
        """What `forward` gives at some inner frames, (B*N, 3, 8h, 8w), with less work.

        Up to the last norm over time every frame has a say; after it, a frame's neighbours only.

        Args:
            wanted: neither the clip's ends, which the keys are added to, nor those next to them.
        """
        assert self.time_conv is not None
        first, end = wanted
        near = first - 1, end + 1
        stage, made = self._coarse(latents, frames, references)
        *before, last = stage.units
        for unit in before:
            made = _passed(unit, made, frames)
        made = last(made, frames, near)
        made = self.conv_out(functional.silu(self.norm_out(made)))
        made = unfolded(made, near[1] - near[0])
        return folded(over_time(self.time_conv, made, (1, 1 + end - first)))

    def _coarse(
        self, latents: Tensor, frames: int, references: References | None
    ) -> tuple[Stage, Tensor]:
        """All but the largest size, which is handed out with what goes into it."""
        made = self.conv_in(latents)
        for part in self.middle:
            made = _passed(part, made, frames)
        largest, *coarse = cast(Iterable[Stage], self.up)
        for place, stage in reversed(list(enumerate(coarse, 1))):
            for unit in stage.units:
                made = _passed(unit, made, frames)
            if references:
                made = self.fusion[place](made, references[place], frames)
            made = made if stage.resize is None else stage.resize(made)
        return largest, made


def _passed(unit: nn.Module, features: Tensor, frames: int) -> Tensor:
    return unit(features, frames) if isinstance(unit, VideoUnit) else unit(features)


class ToonCrafterVAE(ModelMixin, ConfigMixin):
    """Pictures in -1..1 to latents an eighth of their size, and back.

    The defaults are the published model's, less a convolution it has and never uses. With `video`
    off it is the plain autoencoder of DynamiCrafter and Stable Diffusion 1 and 2.

    Args:
        block_out_channels: width of each size, from the pictures' own down.
        layers_per_block: units of a size in the encoder.
        decoder_layers: units of a size in the decoder.
        latent_channels: of a latent.
        scaling_factor: latents are multiplied with it outside of this class.
        video: the decoder mixes frames and looks back at the keys.
    """

    _no_split_modules = ["VideoUnit", "FrameUnit"]  # noqa: RUF012 - diffusers' own form

    @register_to_config
    def __init__(
        self,
        block_out_channels: tuple[int, ...] = (128, 256, 512, 512),
        layers_per_block: int = 2,
        decoder_layers: int = 3,
        latent_channels: int = 4,
        scaling_factor: float = 0.18215,
        video: bool = True,
    ) -> None:
        super().__init__()
        widths = tuple(block_out_channels)
        latent = latent_channels
        self.scaling = scaling_factor
        self.video = video
        self.encoder = Encoder(widths, layers_per_block, latent)
        self.quant = nn.Conv2d(2 * latent, 2 * latent, 1)
        self.decoder = Decoder(widths, decoder_layers, latent, video)
        self.post_quant = None if video else nn.Conv2d(latent, latent, 1)

    @apply_forward_hook
    def encode(self, images: Tensor) -> Encoded:
        """Pictures (N, 3, H, W), -1..1, both sides multiples of 8, each on its own."""
        moments, features = self.encoder(images)
        return Encoded(DiagonalGaussianDistribution(self.quant(moments)), features)

    @apply_forward_hook
    def decode(
        self,
        latents: Tensor,
        references: References | None = None,
        wanted: Frames | None = None,
        sliced: bool = False,
    ) -> Tensor:
        """Latents (B, 4, T, h, w), no longer scaled, as pictures (B, 3, T, 8h, 8w), about -1..1.

        Args:
            references: features of the two keys; without them the ends keep less of the drawings.
                A plain autoencoder has no use for them.
            wanted: the frames that are handed out, the ends and those next to them not among
                them; all where None.
            sliced: layer by layer, in a third of the memory; the same but for rounding.
        """
        frames = latents.shape[2]
        if sliced and self.video and frames > 1:
            made = torch.stack(
                [self._in_slices(latents, references, at) for at in range(len(latents))]
            )
            return made if wanted is None else made[:, :, slice(*wanted)]
        given = folded(latents)
        if self.post_quant is not None:
            given = self.post_quant(given)
        seen = references if self.video else None
        if wanted is None:
            return unfolded(self.decoder(given, frames, seen), frames)
        if not self.video:
            return unfolded(self.decoder(given, frames, seen), frames)[:, :, slice(*wanted)]
        return unfolded(self.decoder.inner(given, frames, seen, wanted), wanted[1] - wanted[0])

    def _in_slices(self, latents: Tensor, references: References | None, at: int) -> Tensor:
        """One clip of several, (3, T, 8h, 8w)."""
        seen = None if references is None else [item[at : at + 1] for item in references]
        return decoded(self.decoder, latents[at].transpose(0, 1), seen).transpose(0, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Pictures of one clip (T, 3, H, W) to latents and back, by their means."""
        latents = self.encode(images).posterior.mode()
        return folded(self.decode(unfolded(latents, len(latents))))
