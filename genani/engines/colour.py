"""Takes out a drift of brightness or tint that a network adds and the keys do not have."""

from __future__ import annotations

import torch
from torch import Tensor

_ENOUGH = 400
"""Pixels that a drift is measured on, at least."""

_SAMPLE = 40_000
_MOST_GAIN = 0.1
_MOST_SHIFT = 0.05
_WORTH = 0.25 / 255
"""A correction smaller than this is left out."""


def matched(rgba: Tensor, first: Tensor, still: Tensor) -> Tensor:
    """Painted colours brought back to those of the keys: a gain and a shift for each channel.

    The drift is measured where both keys agree and nothing moves, as there the truth is known,
    by least squares on the half of the pixels that agree best; then it is taken out everywhere.
    Where the keys share too little, nothing is changed: the mean of a picture may well differ
    from that of both its keys.

    Args:
        rgba: painted, (1, 4, H, W) premultiplied.
        first: a key, the same shape.
        still: (1, 1, H, W) bool, places where `rgba` should equal `first`.
    """
    made, wanted, at_rest = _sampled(rgba, first, still)
    keep = at_rest[0] & (wanted[3] > 0.5) & (made[3] > 0.5)
    made, wanted = made[:, keep], wanted[:, keep]
    if made.shape[1] < _ENOUGH or (made - wanted).abs().amax() < _WORTH:
        return rgba
    gains, shifts = [], []
    for channel in range(3):
        gain, shift = _line(made[channel] / made[3], wanted[channel] / wanted[3])
        gains.append(gain)
        shifts.append(shift)
    gain = torch.tensor(gains, device=rgba.device).view(1, 3, 1, 1)
    shift = torch.tensor(shifts, device=rgba.device).view(1, 3, 1, 1)
    if max(shift.abs().max(), (gain + shift - 1).abs().max()) < _WORTH:
        return rgba
    return torch.cat((rgba[:, :3] * gain + shift * rgba[:, 3:], rgba[:, 3:]), 1)


def _sampled(*pictures: Tensor) -> list[Tensor]:
    """(C, N) of each (1, C, H, W): some `_SAMPLE` pixels, evenly spread."""
    height, width = pictures[0].shape[2:]
    # An odd step, so that it falls in with no texture of the art.
    step = int((height * width / _SAMPLE) ** 0.5) | 1
    return [picture[0, :, ::step, ::step].flatten(1) for picture in pictures]


def _line(made: Tensor, wanted: Tensor) -> tuple[float, float]:
    """Gain and shift that take `made` to `wanted`, both (N,), outliers left out, bounded."""
    off = (wanted - made).double()
    core = (off - off.median()).abs()
    keep = core <= core.median().clamp_min(1e-6) * 2.5
    x, y = made[keep].double(), off[keep]
    spread = x.var(correction=0)
    # A gain cannot be told from one flat colour: then the shift says all there is.
    slope = ((x - x.mean()) * (y - y.mean())).mean() / spread if spread > 1e-3 else x.new_zeros(())
    slope = slope.clamp(-_MOST_GAIN, _MOST_GAIN)
    shift = (y.mean() - slope * x.mean()).clamp(-_MOST_SHIFT, _MOST_SHIFT)
    return 1 + float(slope), float(shift)
