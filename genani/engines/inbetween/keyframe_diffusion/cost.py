"""What a run of a video model takes: by its size and the number of tokens, before it is read."""

from __future__ import annotations

from dataclasses import dataclass

from genani.engines.inbetween.keyframe_diffusion.source import Found

GIB = 1 << 30

_DECODE_BYTES = 1500
"""Working memory of an autoencoder for each pixel of four frames, which it decodes at once."""

_TOKEN_BYTES = 24
"""Tensors of a token's width that a layer holds at once, in bytes each of two."""

_DECODE_OPERATIONS = 1.5e6
"""Of the autoencoder for each pixel of a frame."""


@dataclass(frozen=True)
class Size:
    """What is drawn.

    Attributes:
        area: pixels of a frame.
        frames: of the video.
        steps: of a run, parts and branches of guidance counted in.
    """

    area: int
    frames: int
    steps: int


@dataclass(frozen=True)
class Way:
    """How a model runs in the memory there is.

    Attributes:
        name: `full`, `staged` or `layer by layer`.
        memory: peak bytes on the device.
        slower: times the work of `full`.
    """

    name: str
    memory: int
    slower: float = 1.0


def ways(found: Found, size: Size, wide: int, card: bool) -> tuple[Way, ...]:
    """Ways to run, the quickest first.

    Args:
        wide: bytes of a number: 2 or 4.
        card: there is a graphics card, which need not hold all parts at once.
    """
    weights = [count * (4 if part == "vae" else wide) for part, count in found.parameters.items()]
    largest = max(weights, default=0)
    network = _tokens(found, size) * found.width * _TOKEN_BYTES * wide // 2
    work = max(network, size.area * _DECODE_BYTES)
    made = [Way("full", sum(weights) + work)]
    if card:
        made.append(Way("staged", largest + work, 1.3))
        made.append(Way("layer by layer", largest // max(found.layers, 1) + GIB // 4 + work, 4.0))
    return tuple(made)


def operations(found: Found, size: Size) -> float:
    """Operations of a whole run."""
    tokens = _tokens(found, size)
    once = 2 * found.network * tokens + 4 * found.layers * found.width * tokens**2
    return size.steps * once + size.frames * size.area * _DECODE_OPERATIONS


def _tokens(found: Found, size: Size) -> int:
    groups = (size.frames - 1) // found.family.every + 1
    return groups * size.area // found.family.multiple**2
