"""What does not move comes from the keys, to the last bit."""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from genani.engines.painter import Painted

_NEAR = 8 / 255
"""A painted pixel this near to a key that never changes there is the key, redrawn."""

_REDRAWN = 40 / 255
"""The same where the painter says that nothing moves: some networks soften what stands still."""

_STILL_MOTION = 0.5
"""Pixels of travel between the keys below which a thing stands still."""


def still(painted: Painted, first: Tensor, same: Tensor) -> Tensor:
    """(1, 1, H, W) bool: places equal in both keys that nothing passes over.

    Something passes over a place where the painted colour is not that of the keys. Redrawing
    by a network changes colours too, but less, and without motion.

    Args:
        painted: premultiplied, of the size of the keys.
        first: the first key, (1, 4, H, W) premultiplied.
        same: (1, 1, H, W) bool, equal in both keys.
    """
    off = functools.reduce(torch.maximum, (painted.rgba - first).abs().split(1, 1))
    calm = off <= _NEAR
    if painted.motion is not None:
        calm |= (off <= _REDRAWN) & (painted.motion < _STILL_MOTION)
    return same & calm
