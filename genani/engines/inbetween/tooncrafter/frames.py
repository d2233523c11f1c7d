"""What a video model drew of a span: brought to the keys' colours and alpha, and asked at any time.

Nothing here knows how the frames were drawn: every engine that draws a whole video uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.inbetween.tooncrafter.canvas import Canvas
from genani.engines.inbetween.tooncrafter.cutout import cut_out
from genani.engines.painter import Painted
from genani.engines.tensor import matte_for, over

ROUNDED = "drawn at the nearest of {} frames, as RIFE 4.6 is not installed"

_MOST_GAIN = 0.25
_MOST_SHIFT = 0.15
_EMPTY = 1 / 255
_NEAR = 1e-3
"""A time this near to a frame, in frames, is that frame's."""

Between = Callable[[Tensor, Tensor, float, CancelToken], Tensor]
"""Two (1, 4, h, w) frames and where between them, 0..1, to a frame."""


@dataclass(frozen=True)
class Laid:
    """Both keys as a video model sees them.

    Attributes:
        canvas: where they lie on the model's canvas.
        size: (height, width) of the keys.
        matte: (1, 3, 1, 1), the plain colour behind them.
        starts, ends: (1, 3, h, w) in 0..1, over the matte.
        empty: (1, 1, h, w) bool, transparent in both.
    """

    canvas: Canvas
    size: tuple[int, int]
    matte: Tensor
    starts: Tensor
    ends: Tensor
    empty: Tensor


@dataclass(frozen=True)
class Frames:
    """What was drawn of a span.

    Attributes:
        rgba: (T, 4, h, w) premultiplied, on the model's canvas, the keys' places first and last.
        canvas: where the picture lies on it.
        size: (height, width) of the picture.
    """

    rgba: Tensor
    canvas: Canvas
    size: tuple[int, int]


def laid(first: Tensor, last: Tensor, canvas: Canvas) -> Laid:
    """Keys (1, 4, H, W), premultiplied, laid over a plain colour onto the model's canvas."""
    height, width = first.shape[2:]
    matte = matte_for(first, last)
    starts, ends = (canvas.laid(over(key, matte)).clamp(0, 1) for key in (first, last))
    alphas = [canvas.laid(key[:, 3:]) for key in (first, last)]
    empty = torch.maximum(*alphas) < _EMPTY
    return Laid(canvas, (height, width), matte, starts, ends, empty)


def framed(video: Tensor, keys: Laid, match: bool) -> Frames:
    """The frames of a video with the keys' colours and alpha.

    Args:
        video: (T, 3, h, w), about 0..1, as drawn over the matte; float32, on the keys' device.
        match: bring colours back to those of the keys.
    """
    drawn = (matched(video, keys.starts, keys.ends) if match else video).clamp(0, 1)
    if keys.empty.any():
        rgba = cut_out(drawn, keys.matte, keys.empty)
    else:
        rgba = torch.cat((drawn, torch.ones_like(drawn[:, :1])), 1)
    return Frames(rgba, keys.canvas, keys.size)


def taken(frames: Frames, t: float, between: Between | None, token: CancelToken) -> Painted:
    """What lies at `t` of the video, at the keys' size.

    Args:
        between: draws between two frames; without it the nearest is taken, with a warning.
    """
    token.check()
    place = t * (len(frames.rgba) - 1)
    before = min(int(place), len(frames.rgba) - 2)
    share = place - before
    pair = frames.rgba[before][None], frames.rgba[before + 1][None]
    warnings: tuple[str, ...] = ()
    if share < _NEAR or share > 1 - _NEAR:
        frame = pair[round(share)]
    elif between:
        frame = between(*pair, share, token)
    else:
        frame, warnings = pair[round(share)], (ROUNDED.format(len(frames.rgba)),)
    return Painted(frames.canvas.taken(frame, *frames.size), warnings=warnings)


def matched(frames: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Frames whose ends have the colours of the keys, what lies between brought along.

    A gain and a shift for each channel at either end, by least squares; between, a share of both.

    Args:
        frames: (T, 3, h, w).
        start, end: (1, 3, h, w), the keys as the model saw them.
    """
    first, last = _line(frames[0], start[0]), _line(frames[-1], end[0])
    share = torch.linspace(0, 1, len(frames), device=frames.device).view(-1, 1, 1, 1)
    gain, shift = (torch.lerp(a, b, share) for a, b in zip(first, last, strict=True))
    return frames * gain + shift


def _line(made: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Gain and shift, (1, 3, 1, 1) each, that take `made` (3, h, w) to `wanted`, bounded."""
    x, y = made.flatten(1), wanted.flatten(1)
    middle = x.mean(1, keepdim=True), y.mean(1, keepdim=True)
    spread = (x - middle[0]).square().mean(1, keepdim=True)
    slope = ((x - middle[0]) * (y - middle[1])).mean(1, keepdim=True) / spread.clamp_min(1e-4)
    # One flat colour says nothing of a gain.
    gain = torch.where(spread > 1e-3, slope, 1.0).clamp(1 - _MOST_GAIN, 1 + _MOST_GAIN)
    shift = (middle[1] - gain * middle[0]).clamp(-_MOST_SHIFT, _MOST_SHIFT)
    return gain.view(1, 3, 1, 1), shift.view(1, 3, 1, 1)
