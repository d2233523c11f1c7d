"""The UNet's parts: residual units with a convolution along time, and transformers over space or
time.

Latents travel frame-folded, (B*T, C, h, w); what mixes frames unfolds them for itself. Attention
is torch's own (`scaled_dot_product_attention`), which picks the best kernel of the device.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from diffusers.models.attention import FeedForward
from torch import Tensor, nn
from torch.nn import functional

GROUPS = 32
"""Groups of every normalisation over channels."""

_TRANSFORMER_EPS = 1e-6


@dataclass(frozen=True)
class Context:
    """What the pictures are to be like, as tokens.

    Attributes:
        text: (B, 77, D), the same for all frames.
        image: (B*T, N, D), each frame's own.
    """

    text: Tensor
    image: Tensor


class Attention(nn.Module):
    """Multi-head attention, queries without bias; optionally with keys and values for an image.

    Args:
        width: of the queries' side.
        head: width of a head.
        context: width of keys' and values' side; `width` where left out.
        image: adds a second pair of keys and values, attended to on their own and summed.
    """

    def __init__(
        self, width: int, head: int, context: int | None = None, image: bool = False
    ) -> None:
        super().__init__()
        self.head = head
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context or width, width, bias=False)
        self.to_v = nn.Linear(context or width, width, bias=False)
        self.to_out = nn.Sequential(nn.Linear(width, width))
        if image:
            self.to_k_ip = nn.Linear(context or width, width, bias=False)
            self.to_v_ip = nn.Linear(context or width, width, bias=False)

    def forward(self, tokens: Tensor, context: Context | None = None) -> Tensor:
        """(N, L, width) to the same; to itself where there is no context."""
        query = self.to_q(tokens)
        if context is None:
            return self.to_out(self._attend(query, self.to_k(tokens), self.to_v(tokens)))
        # The text is the same for all frames: its keys serve the queries of all of them at once.
        text = self._attend(
            query.reshape(len(context.text), -1, query.shape[2]),
            self.to_k(context.text),
            self.to_v(context.text),
        ).view_as(query)
        image = self._attend(query, self.to_k_ip(context.image), self.to_v_ip(context.image))
        return self.to_out(text + image)

    def _attend(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        made = functional.scaled_dot_product_attention(
            self._heads(query), self._heads(key), self._heads(value)
        )
        return made.transpose(1, 2).flatten(2)

    def _heads(self, tokens: Tensor) -> Tensor:
        return tokens.unflatten(2, (-1, self.head)).transpose(1, 2)


class TransformerBlock(nn.Module):
    """Two attentions and a gated feed-forward, each after a LayerNorm and added to what came in.

    The second attention looks at the context where there is one, else at the tokens again.
    """

    def __init__(self, width: int, head: int, context: int | None = None) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn1 = Attention(width, head)
        self.norm2 = nn.LayerNorm(width)
        self.attn2 = Attention(width, head, context, image=context is not None)
        self.norm3 = nn.LayerNorm(width)
        self.ff = FeedForward(width, activation_fn="geglu")

    def forward(self, tokens: Tensor, context: Context | None = None) -> Tensor:
        """(N, L, width) to the same."""
        tokens = tokens + self.attn1(self.norm1(tokens))
        tokens = tokens + self.attn2(self.norm2(tokens), context)
        return tokens + self.ff(self.norm3(tokens))


class SpatialTransformer(nn.Module):
    """Every place of a frame looks at all places of that frame, then at text and image tokens."""

    def __init__(self, width: int, head: int, context: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width, eps=_TRANSFORMER_EPS)
        self.proj_in = nn.Linear(width, width)
        self.block = TransformerBlock(width, head, context)
        self.proj_out = nn.Linear(width, width)

    def forward(self, latents: Tensor, context: Context) -> Tensor:
        """(B*T, width, h, w) to the same."""
        tokens = self.norm(latents).flatten(2).transpose(1, 2)
        tokens = self.proj_out(self.block(self.proj_in(tokens), context))
        return latents + tokens.transpose(1, 2).unflatten(2, latents.shape[2:])


class TemporalTransformer(nn.Module):
    """Every place looks at itself in all frames, twice; no order of time but what it is given.

    Args:
        inner: width of the tokens; `width` where left out.
    """

    def __init__(self, width: int, head: int, inner: int | None = None) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width, eps=_TRANSFORMER_EPS)
        self.proj_in = nn.Linear(width, inner or width)
        self.block = TransformerBlock(inner or width, head)
        self.proj_out = nn.Linear(inner or width, width)

    def forward(self, latents: Tensor, frames: int) -> Tensor:
        """(B*T, width, h, w) to the same; the norm runs over time and space together."""
        video = unfolded(latents, frames)
        batch, _, _, height, width = video.shape
        tokens = self.norm(video).permute(0, 3, 4, 2, 1).flatten(0, 2)
        tokens = self.proj_out(self.block(self.proj_in(tokens)))
        made = tokens.unflatten(0, (batch, height, width)).permute(0, 3, 4, 1, 2).flatten(0, 1)
        return latents + made


class ResidualUnit(nn.Module):
    """Two convolutions over space with the step's embedding between, then four along time.

    Args:
        before, after: channels that come in and go out.
        embedding: width of the step's embedding.
    """

    def __init__(self, before: int, after: int, embedding: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, before)
        self.conv1 = nn.Conv2d(before, after, 3, padding=1)
        self.time_emb_proj = nn.Linear(embedding, after)
        self.norm2 = nn.GroupNorm(GROUPS, after)
        self.dropout = nn.Dropout(dropout)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1)
        self.shortcut = nn.Identity() if before == after else nn.Conv2d(before, after, 1)
        drops = (0.0, dropout, dropout, dropout)
        self.temporal = nn.Sequential(*(TemporalConvolution(after, drop) for drop in drops))

    def forward(self, latents: Tensor, embedding: Tensor, frames: int) -> Tensor:
        """(B*T, before, h, w) and (B*T, embedding) to (B*T, after, h, w)."""
        made = self.conv1(functional.silu(self.norm1(latents)))
        made = made + self.time_emb_proj(functional.silu(embedding))[:, :, None, None]
        made = self.conv2(self.dropout(functional.silu(self.norm2(made))))
        made = self.shortcut(latents) + made
        return made + folded(self.temporal(unfolded(made, frames)))


class TemporalConvolution(nn.Module):
    """A convolution over three frames, after a norm over time and space together."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width)
        self.dropout = nn.Dropout(dropout)
        self.conv = nn.Conv3d(width, width, (3, 1, 1), padding=(1, 0, 0))

    def forward(self, video: Tensor) -> Tensor:
        """(B, width, T, h, w) to the same."""
        return self.conv(self.dropout(functional.silu(self.norm(video))))


class Upsample(nn.Module):
    """Twice the size: the nearest pixel, then a convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, latents: Tensor) -> Tensor:
        """(N, width, h, w) to (N, width, 2h, 2w)."""
        return self.conv(functional.interpolate(latents, scale_factor=2.0, mode="nearest"))


def unfolded(latents: Tensor, frames: int) -> Tensor:
    """(B*T, C, h, w) as (B, C, T, h, w)."""
    return latents.unflatten(0, (-1, frames)).transpose(1, 2)


def folded(video: Tensor) -> Tensor:
    """(B, C, T, h, w) as (B*T, C, h, w)."""
    return video.transpose(1, 2).flatten(0, 1)


def shared(tokens: Tensor, text: int, each: int, frames: int) -> Context:
    """Text and image tokens (B, N, D) shared among frames.

    Where there are `each` image tokens for every frame, each frame gets its own; with any other
    number all frames see all of them, as in the published model.

    Args:
        text: how many of the tokens, from the first, are text.
    """
    image = tokens[:, text:]
    if image.shape[1] == each * frames:
        image = image.unflatten(1, (frames, each)).flatten(0, 1)
    else:
        image = torch.repeat_interleave(image, frames, dim=0)
    return Context(tokens[:, :text], image)
