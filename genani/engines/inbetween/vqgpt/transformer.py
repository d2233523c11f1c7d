"""The codes of the drawings between, one after another, told by those of both keys.

A GPT-2 (A. Radford et al., "Language Models are Unsupervised Multitask Learners", 2019) from
transformers reads [first key, last key, each drawing between], every one a mark and its codes by
rows. Every drawing is told its time, so any number of them at any times can be asked for. Beside
what it has read, each place is told by a small convolutional network what both keys have around
it: motion is a matter of neighbourhood, which attention alone takes very long to learn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import msgspec
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import GPT2Config, GPT2Model

_WAVES = 4
"""Octaves of the waves that tell a time."""


class VqGptConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The layout of a `VqGpt`.

    Attributes:
        codes: of the codebook.
        grid: codes a side of a drawing.
        width: of the transformer.
        layers, heads: of it.
        look: width of the network that looks at both keys.
        shared, timed: its residual blocks before and after it is told a time.
        most: drawings between two keys that it was taught at most; of more, it sees the last
            so many.
    """

    codes: int = 256
    grid: int = 8
    width: int = 192
    layers: int = 4
    heads: int = 6
    look: int = 128
    shared: int = 3
    timed: int = 2
    most: int = 5

    @property
    def places(self) -> int:
        """Codes of a drawing."""
        return self.grid**2


@dataclass(frozen=True)
class Said:
    """What the network says of every code, as logits (B, N, places, codes).

    Attributes:
        written: by the transformer, told all codes before.
        seen: by the look at both keys alone.
    """

    written: Tensor
    seen: Tensor


class VqGpt(nn.Module):
    """Writes codes.

    Args:
        config: the layout.
    """

    def __init__(self, config: VqGptConfig) -> None:
        super().__init__()
        self.config = config
        made = GPT2Config(
            vocab_size=config.codes,
            # A place within a drawing; which drawing it is, its time tells.
            n_positions=config.places + 1,
            n_embd=config.width,
            n_layer=config.layers,
            n_head=config.heads,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            use_cache=False,
            bos_token_id=None,
            eos_token_id=None,
        )
        self.gpt: Any = GPT2Model(made)
        self.marks = nn.Embedding(3, config.width)
        self.clock = nn.Linear(2 * _WAVES + 1, config.width)
        self.look = _Look(config)
        nn.init.normal_(self.marks.weight, std=0.02)

    @torch.no_grad()
    def acquaint(self, vectors: Tensor) -> None:
        """Begin with codes that lie near each other where their vectors (codes, depth) do."""
        generator = torch.Generator().manual_seed(0)
        calm = (vectors - vectors.mean(0)) / vectors.std(0).clamp_min(1e-6)
        for table in (self.gpt.wte.weight, self.look.codes.weight):
            spread = torch.randn(calm.shape[1], table.shape[1], generator=generator)
            made = calm.cpu() @ spread / math.sqrt(calm.shape[1])
            table.copy_(made * (0.02 if table is self.gpt.wte.weight else 1.0))

    def keys(self, first: Tensor, last: Tensor) -> Tensor:
        """(B, 2 * (places + 1), width) the keys (B, places) as the transformer reads them."""
        ends = torch.tensor([0.0, 1.0], device=first.device).expand(len(first), 2)
        made = [
            self._read(codes, ends[:, at], self.marks.weight[at])
            for at, codes in enumerate((first, last))
        ]
        return torch.cat(made, 1)

    def hints(self, first: Tensor, last: Tensor, times: Tensor) -> Tensor:
        """(B, N, places, width) what the keys (B, places) let expect at times (B, N)."""
        return self.look(first, last, _waves(times))

    def frame(self, codes: Tensor, times: Tensor, hint: Tensor) -> Tensor:
        """(B, places + 1, width) a drawing between, its codes (B, places) at times (B,)."""
        made = self._read(codes, times, self.marks.weight[2])
        return made + functional.pad(hint, (0, 0, 0, 1))

    def begun(self, times: Tensor, hint: Tensor) -> Tensor:
        """(B, 1, width) the mark that a drawing begins with; `hint` is (B, width), of place 0."""
        told = self.marks.weight[2] + self.clock(_waves(times)) + hint
        return told[:, None]

    def word(self, code: Tensor, times: Tensor, hint: Tensor) -> Tensor:
        """(B, 1, width) one code (B,); `hint` is (B, width), of the place after it."""
        told = self.gpt.wte(code) + self.clock(_waves(times)) + hint
        return told[:, None]

    def forward(
        self, first: Tensor, last: Tensor, between: Tensor, times: Tensor, known: Tensor
    ) -> Said:
        """Every code of every drawing between, each told those before it.

        Args:
            first, last: (B, places) int64, the keys' codes.
            between: (B, N, places) int64, as they are read; the truth, or the truth spoilt.
            times: (B, N), rising.
            known: (B, N) bool, False for drawings that later ones may not read.
        """
        count = between.shape[1]
        hints = self.hints(first, last, times)
        read = [self.keys(first, last)]
        read += [self.frame(between[:, at], times[:, at], hints[:, at]) for at in range(count)]
        inputs = torch.cat(read, 1)
        mask = _mask(known, self.config.places + 1) if not bool(known.all()) else None
        state = self.state(inputs, 0, mask)[:, 2 * (self.config.places + 1) :]
        state = state.unflatten(1, (count, -1))[:, :, :-1]
        return Said(self.said(state), self.said(self.look.spoken(hints)))

    def said(self, state: Tensor) -> Tensor:
        """(..., codes) logits of states (..., width), by the table that codes are read with."""
        return functional.linear(state, self.gpt.wte.weight)

    def state(
        self, inputs: Tensor, before: int, mask: Tensor | None = None, cache: Any = None
    ) -> Tensor:
        """The transformer's last state (B, L, width).

        Args:
            inputs: (B, L, width), as the methods above make them.
            before: how many places stand before them, in the cache.
            mask: (B, 1, L, L) bool, where each may look; None for all before.
            cache: a `transformers.DynamicCache`, added to; None reads all anew.
        """
        batch, length = inputs.shape[:2]
        place = torch.arange(before, before + length, device=inputs.device)
        if mask is None:
            # Given whole, as places that begin anew would be taken for texts of their own.
            mask = torch.ones(batch, before + length, dtype=torch.long, device=inputs.device)
        return self.gpt(
            inputs_embeds=inputs,
            position_ids=(place % (self.config.places + 1))[None],
            attention_mask=mask,
            past_key_values=cache,
            use_cache=cache is not None,
        ).last_hidden_state

    def _read(self, codes: Tensor, times: Tensor, mark: Tensor) -> Tensor:
        words = self.gpt.wte(codes)
        marks = mark.expand(len(codes), 1, -1)
        return torch.cat((marks, words), 1) + self.clock(_waves(times))[:, None]


class _Look(nn.Module):
    """What both keys have around each place, told a time."""

    def __init__(self, config: VqGptConfig) -> None:
        super().__init__()
        wide = config.look
        self.codes = nn.Embedding(config.codes, wide)
        self.where = nn.Parameter(torch.zeros(1, wide, config.grid, config.grid))
        self.begin = nn.Conv2d(2 * wide, wide, 1)
        self.shared = nn.ModuleList(_Block(wide) for _ in range(config.shared))
        self.clock = nn.Linear(2 * _WAVES + 1, 2 * wide)
        self.timed = nn.ModuleList(_Block(wide) for _ in range(config.timed))
        self.end = nn.Conv2d(wide, config.width, 1)
        self.norm = nn.LayerNorm(config.width)
        self._grid = config.grid

    def forward(self, first: Tensor, last: Tensor, waves: Tensor) -> Tensor:
        """(B, N, places, width)."""
        maps = [
            self.codes(codes).transpose(1, 2).unflatten(2, (self._grid, self._grid))
            for codes in (first, last)
        ]
        state = self.begin(torch.cat(maps, 1)) + self.where
        for block in self.shared:
            state = block(state)
        batch, count = waves.shape[:2]
        gain, shift = self.clock(waves).flatten(0, 1)[:, :, None, None].chunk(2, 1)
        state = state.repeat_interleave(count, 0) * (1 + gain) + shift
        for block in self.timed:
            state = block(state)
        return self.end(state).flatten(2).transpose(1, 2).unflatten(0, (batch, count))

    def spoken(self, hints: Tensor) -> Tensor:
        """Hints as they are taken for codes."""
        return self.norm(hints)


class _Block(nn.Module):
    """A residual block."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, wide)
        self.one = nn.Conv2d(wide, wide, 3, padding=1)
        self.two = nn.Conv2d(wide, wide, 3, padding=1)

    def forward(self, state: Tensor) -> Tensor:
        made = functional.silu(self.one(functional.silu(self.norm(state))))
        return state + self.two(made)


def _waves(times: Tensor) -> Tensor:
    """(..., 2 * _WAVES + 1) a time as a network sees it."""
    octaves = math.pi * 2.0 ** torch.arange(_WAVES, device=times.device)
    turns = times[..., None] * octaves
    return torch.cat((times[..., None], turns.sin(), turns.cos()), -1)


def _mask(known: Tensor, length: int) -> Tensor:
    """(B, 1, L, L) bool: all before, but drawings not known only for themselves."""
    batch, count = known.shape
    total = (count + 2) * length
    frame = torch.arange(total, device=known.device) // length
    before = torch.ones(total, total, dtype=torch.bool, device=known.device).tril()
    shown = functional.pad(known, (2, 0), value=True)[:, frame]
    return (before & (shown[:, None, :] | (frame[:, None] == frame[None])))[:, None].view(
        batch, 1, total, total
    )
