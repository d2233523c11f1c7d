"""Drawings to codes and back: a VQ-GAN (P. Esser, R. Rombach, B. Ommer, arXiv 2012.09841).

The network is diffusers' `VQModel`; here are its codes by number, its way of taking a drawing
with alpha, and vectors that nobody uses put back to work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import torch
from diffusers.models.autoencoders.vq_model import VQModel
from torch import Tensor, nn
from torch.nn import functional

CHANNELS = 4
"""Premultiplied RGBA."""

_LATELY = 0.1
"""Weight of the newest drawings in what is known of the use of vectors."""


class VqGanConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The layout of a `VqGan`.

    Attributes:
        side: of the square drawings it was taught with, in pixels.
        fold: pixels a side that are taken as channels of one place, before any layer.
        widths: channels of each level; every one but the last halves the sides.
        layers: residual blocks of each level.
        codes: vectors of the codebook.
        depth: numbers of each vector.
        apart: each patch is coded for itself, so that its code tells what is there and nothing
            else: an empty place has one code whatever is drawn beside it. Codes are then easy to
            foretell; without it they tell more, and only much data teaches to write them.
    """

    side: int = 64
    fold: int = 2
    widths: tuple[int, ...] = (32, 64, 96)
    layers: int = 1
    codes: int = 256
    depth: int = 16
    apart: bool = True

    @property
    def patch(self) -> int:
        """Pixels a side that one code stands for."""
        return self.fold * 2 ** (len(self.widths) - 1)

    @property
    def grid(self) -> int:
        """Codes a side of a drawing."""
        return self.side // self.patch


@dataclass(frozen=True)
class Coded:
    """What the network makes of drawings in teaching.

    Attributes:
        picture: (B, 4, H, W) the drawings again, about 0..1.
        latents: (B, depth, h, w) as they were before the codebook.
        codes: (B, h, w) int64.
        commitment: how far latents and vectors are from each other.
    """

    picture: Tensor
    latents: Tensor
    codes: Tensor
    commitment: Tensor


class VqGan(nn.Module):
    """Encoder, codebook and decoder.

    Args:
        config: the layout.
    """

    use: Tensor

    def __init__(self, config: VqGanConfig) -> None:
        super().__init__()
        self.config = config
        levels = len(config.widths)
        made: Any = VQModel(
            in_channels=CHANNELS * config.fold**2,
            out_channels=CHANNELS * config.fold**2,
            down_block_types=("DownEncoderBlock2D",) * levels,
            up_block_types=("UpDecoderBlock2D",) * levels,
            block_out_channels=config.widths,
            layers_per_block=config.layers,
            latent_channels=config.depth,
            num_vq_embeddings=config.codes,
            norm_num_groups=_groups(config.widths),
            vq_embed_dim=config.depth,
            mid_block_add_attention=not config.apart,
        )
        # As published; diffusers weighs the two terms the other way round unless told.
        made.quantize.legacy = False
        nn.init.normal_(made.quantize.embedding.weight, std=0.5)
        self.net = made
        self.register_buffer("use", torch.zeros(config.codes))

    @property
    def last_weight(self) -> Tensor:
        """Of the decoder's last layer."""
        return self.net.decoder.conv_out.weight

    @property
    def vectors(self) -> Tensor:
        """(codes, depth) the codebook."""
        return self.net.quantize.embedding.weight

    def latents(self, picture: Tensor) -> Tensor:
        """(B, depth, h, w) of drawings (B, 4, H, W), premultiplied, 0..1."""
        if not self.config.apart:
            return self._encoded(picture)
        patch = self.config.patch
        rows = picture.unflatten(2, (-1, patch)).unflatten(4, (-1, patch)).transpose(3, 4)
        apart = rows.permute(0, 2, 3, 1, 4, 5)
        grid = apart.shape[:3]
        return self._encoded(apart.flatten(0, 2))[:, :, 0, 0].unflatten(0, grid).permute(0, 3, 1, 2)

    def _encoded(self, picture: Tensor) -> Tensor:
        folded = functional.pixel_unshuffle(2 * picture - 1, self.config.fold)
        return self.net.encode(folded).latents

    def codes(self, picture: Tensor) -> Tensor:
        """(B, h, w) int64: the number of the nearest vector at every place."""
        return self._quantized(self.latents(picture))[2]

    def picture(self, codes: Tensor) -> Tensor:
        """(B, 4, H, W) the drawings that codes (B, h, w) stand for, about 0..1."""
        vectors = functional.embedding(codes, self.vectors).permute(0, 3, 1, 2)
        return self._decoded(vectors.contiguous())

    def forward(self, picture: Tensor, *, loose: bool = False) -> Coded:
        """Drawings through codes and back, with gradients straight through the codebook.

        Args:
            picture: (B, 4, H, W).
            loose: decode the latents themselves, as before a codebook is there.
        """
        latents = self.latents(picture)
        vectors, commitment, codes = self._quantized(latents)
        if loose:
            return Coded(self._decoded(latents), latents, codes, 0 * commitment)
        return Coded(self._decoded(vectors), latents, codes, commitment)

    @torch.no_grad()
    def watch(self, codes: Tensor) -> None:
        """Keep count of which vectors were used lately, in `use`: (codes,) shares."""
        counts = torch.bincount(codes.flatten(), minlength=self.config.codes)
        self.use.lerp_(counts / counts.sum(), _LATELY)

    @torch.no_grad()
    def revive(self, latents: Tensor, least: float) -> int:
        """Move vectors that nobody uses to where latents lie; random numbers are torch's.

        After the random restarts of W. Williams et al., "Hierarchical Quantized Autoencoders",
        arXiv 2002.08111.

        Args:
            latents: (B, depth, h, w) of drawings seen lately.
            least: a vector used less than this share of the average is dead.

        Returns:
            How many were dead.
        """
        dead = self.use < least / self.config.codes
        every = latents.detach().permute(0, 2, 3, 1).flatten(0, 2)
        chosen = torch.randint(len(every), (int(dead.sum()),)).to(every.device)
        self.vectors[dead] = every[chosen].to(self.vectors.dtype)
        # Anew at the average, so that each has time to prove itself.
        self.use[dead] = 1 / self.config.codes
        return len(chosen)

    def _quantized(self, latents: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        # Nearest vectors are found in full precision: half takes neighbours for each other.
        with torch.autocast(latents.device.type, enabled=False):
            vectors, commitment, found = self.net.quantize(latents.float())
        count, _, height, width = latents.shape
        return vectors, commitment, found[2].view(count, height, width)

    def _decoded(self, vectors: Tensor) -> Tensor:
        made = self.net.decode(vectors, force_not_quantize=True).sample
        return (functional.pixel_shuffle(made, self.config.fold) + 1) / 2


def _groups(widths: tuple[int, ...]) -> int:
    """Of channels that are normalised together, eight or more each.

    A patch coded for itself ends as one place, where a channel alone would always be 0.
    """
    return next(count for count in (8, 4, 2, 1) if all(w % (8 * count) == 0 for w in widths))


def perplexity(counts: Tensor) -> Tensor:
    """How many codes are used, those used seldom counting less: 1 to their number.

    Args:
        counts: (codes,) how often each was used.
    """
    share = counts / counts.sum().clamp_min(1)
    return torch.exp(-(share * share.clamp_min(1e-12).log()).sum())
