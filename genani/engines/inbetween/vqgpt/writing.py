"""Drawing after drawing, code after code: how a `VqGpt` is asked for what lies between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import DynamicCache

from genani.engines.api import CancelToken
from genani.engines.inbetween.vqgpt.transformer import VqGpt


@dataclass(frozen=True)
class Chance:
    """How a code is chosen.

    Attributes:
        temperature: 0 takes the likeliest, 1 as likely as they are said to be.
        top_k: of so many likeliest only; 0 of all.
        seed: of the dice.
    """

    temperature: float = 0.0
    top_k: int = 0
    seed: int = 0


@torch.inference_mode()
def written(
    model: VqGpt,
    first: Tensor,
    last: Tensor,
    times: Sequence[float],
    chance: Chance,
    token: CancelToken,
    *,
    cached: bool = True,
) -> Iterator[Tensor]:
    """The codes of the drawings at `times`, one drawing after another.

    Args:
        model: in evaluation mode.
        first, last: (B, places) int64, the keys' codes.
        times: rising, between 0 and 1.
        chance: how codes are chosen; every drawing throws the same dice, so that chance does
            not flicker.
        token: looked at before every code.
        cached: keep what was read; False reads all again for every code, for the same codes.

    Yields:
        (B, places) int64.

    Raises:
        Cancelled: the token was cancelled.
    """
    device = first.device
    at = torch.tensor(list(times), dtype=torch.float32, device=device).expand(len(first), -1)
    hints = model.hints(first, last, at)
    keys = model.keys(first, last)
    done: list[Tensor] = []
    reader = _Reader(model, cached)
    reader.read(keys)
    for frame in range(len(times)):
        if frame >= model.config.most:
            # Of more drawings than it was taught it reads the last ones only.
            reader = _Reader(model, cached)
            reader.read(torch.cat((keys, *done[1 - model.config.most or len(done) :]), 1))
        made = _one(model, reader, at[:, frame], hints[:, frame], chance, token)
        done.append(model.frame(made, at[:, frame], hints[:, frame]))
        yield made


def _one(
    model: VqGpt, reader: _Reader, t: Tensor, hint: Tensor, chance: Chance, token: CancelToken
) -> Tensor:
    """(B, places) the codes of one drawing."""
    places = model.config.places
    dice = torch.Generator().manual_seed(chance.seed)
    state = reader.read(model.begun(t, hint[:, 0]))
    made: list[Tensor] = []
    for place in range(places):
        token.check()
        code = _chosen(model.said(state), chance, dice)
        made.append(code)
        ahead = hint[:, place + 1] if place + 1 < places else torch.zeros_like(hint[:, 0])
        state = reader.read(model.word(code, t, ahead))
    return torch.stack(made, 1)


def _chosen(logits: Tensor, chance: Chance, dice: torch.Generator) -> Tensor:
    """(B,) int64 of logits (B, codes)."""
    device = logits.device
    if chance.temperature <= 0:
        return logits.argmax(1)
    logits = logits.float().cpu() / chance.temperature
    if 0 < chance.top_k < logits.shape[1]:
        least = logits.topk(chance.top_k).values[:, -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    thrown = torch.rand(len(logits), 1, generator=dice)
    steps = logits.softmax(1).cumsum(1)
    # Scaled to the very last step, as sums round.
    found = torch.searchsorted(steps, thrown * steps[:, -1:])
    return found[:, 0].clamp_max(logits.shape[1] - 1).to(device)


class _Reader:
    """The transformer's state after what it has read so far."""

    def __init__(self, model: VqGpt, cached: bool) -> None:
        self._model = model
        self._cache = DynamicCache(config=model.gpt.config) if cached else None
        self._read: list[Tensor] = []
        self._length = 0

    def read(self, inputs: Tensor) -> Tensor:
        """(B, width) the state at the last of more inputs (B, L, width)."""
        before, self._length = self._length, self._length + inputs.shape[1]
        if self._cache is not None:
            return self._model.state(inputs, before, cache=self._cache)[:, -1]
        self._read.append(inputs)
        return self._model.state(torch.cat(self._read, 1), 0)[:, -1]
