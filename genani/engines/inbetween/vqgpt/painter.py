"""GANime's way as a painter: all drawings of a span written at once, brought to the canvas."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from genani.engines.api import CancelToken
from genani.engines.inbetween.tooncrafter.canvas import Canvas
from genani.engines.inbetween.vqgpt.autoencoder import VqGan
from genani.engines.inbetween.vqgpt.transformer import VqGpt
from genani.engines.inbetween.vqgpt.writing import Chance, written
from genani.engines.painter import Painted

_ALIKE = 0.06
"""A place of the drawing is that of a key where they differ by no more than about this."""

_AROUND = 3
"""Places are compared with their surroundings, so many pixels of the network's a side."""


@dataclass(frozen=True)
class Run:
    """How a span is drawn.

    Attributes:
        times: of all its drawings, rising; they are written in this order.
        chance: how codes are chosen.
        detail: bring the fine detail of the keys back to where a drawing is like one of them.
    """

    times: tuple[float, ...] = ()
    chance: Chance = field(default_factory=Chance)
    detail: bool = True


@dataclass
class Clock:
    """What writing took; 0 before anything was written.

    Attributes:
        code: seconds for one code.
    """

    code: float = 0.0


@dataclass(frozen=True)
class Drawn:
    """The drawings of a span on the network's square.

    Attributes:
        first, last: (1, 4, H, W) the keys.
        ends: (2, 4, side, side) the keys through codes and back.
        between: (1, 4, side, side) at each time.
        canvas: where the picture lies on the square.
    """

    first: Tensor
    last: Tensor
    ends: Tensor
    between: Mapping[float, Tensor]
    canvas: Canvas


class VqGptPainter:
    """Draws a span at the size of the networks' training.

    Args:
        coder, writer: in evaluation mode, where they are to run.
        run: how it draws.
        clock: told how long it took.
    """

    multiple = 1
    least = 1

    def __init__(
        self, coder: VqGan, writer: VqGpt, run: Run = Run(), clock: Clock | None = None
    ) -> None:
        self._coder, self._writer = coder, writer
        self._run, self.clock = run, clock or Clock()

    @property
    def places(self) -> int:
        """Codes of a drawing."""
        return self._writer.config.places

    def asked(self, run: Run) -> VqGptPainter:
        """The same networks for another span."""
        return VqGptPainter(self._coder, self._writer, run, self.clock)

    def prepare(self, first: Tensor, last: Tensor, scale: float, token: CancelToken) -> Drawn:
        """See `Painter.prepare`; here the whole span is written."""
        del scale
        height, width = first.shape[2:]
        canvas = _fitted(height, width, self._coder.config.side)
        keys = torch.cat([canvas.laid(key).clamp(0, 1) for key in (first, last)])
        token.check()
        codes = self._coder.codes(keys)
        between: dict[float, Tensor] = {}
        times = self._run.times
        began = time.perf_counter()
        starts, ends = codes.flatten(1).split(1)
        found = written(self._writer, starts, ends, times, self._run.chance, token)
        for t, made in zip(times, found, strict=True):
            between[t] = self._picture(made.view(1, *codes.shape[1:]))
            token.step(len(between) / len(times), f"drawing {len(between)} of {len(times)}")
        if times:
            self.clock.code = (time.perf_counter() - began) / (len(times) * self.places)
        return Drawn(first, last, self._picture(codes), between, canvas)

    def paint(self, state: Drawn, t: float, token: CancelToken) -> Painted:
        """See `Painter.paint`; `t` is one of the run's times."""
        token.check()
        size = state.first.shape[2:]
        drawn = state.between[t]
        large = state.canvas.taken(drawn, *size)
        if not self._run.detail:
            return Painted(large)
        shares = [
            _alike(drawn, end) * near
            for end, near in zip(state.ends.split(1), (1 - t, t), strict=True)
        ]
        # Where both are as good, the nearer counts more; together never more than they are like.
        most = torch.maximum(shares[0] / (1 - t), shares[1] / t)
        total = (shares[0] + shares[1]).clamp_min(1e-6)
        for key, end, share in zip(
            (state.first, state.last), state.ends.split(1), shares, strict=True
        ):
            lost = key - state.canvas.taken(end, *size)
            large = large + lost * state.canvas.taken(most * share / total, *size).clamp(0, 1)
        return Painted(large)

    def _picture(self, codes: Tensor) -> Tensor:
        return self._coder.picture(codes).float().clamp(0, 1)


def _fitted(height: int, width: int, side: int) -> Canvas:
    """Where a picture lies on the square, as large as it fits."""
    scale = side / max(height, width)
    tall, wide = max(1, round(height * scale)), max(1, round(width * scale))
    return Canvas(side, side, tall, wide, (side - tall) // 2, (side - wide) // 2)


def _alike(one: Tensor, other: Tensor) -> Tensor:
    """(1, 1, h, w) from 1 where pictures are the same to 0, surroundings counting."""
    off = (one - other).abs().amax(1, keepdim=True)
    off = functional.max_pool2d(off, _AROUND, 1, _AROUND // 2)
    return torch.exp(-((off / _ALIKE) ** 2))
