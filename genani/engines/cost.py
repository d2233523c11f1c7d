"""What a request will take, told before the click: from the size alone, in milliseconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from genani.engines import region, tiers
from genani.engines.api import Cost
from genani.engines.device import Device
from genani.engines.painter import Tier
from genani.scene.request import SpanRequest

_REFERENCE_THREADS = 2
_MOST_THREADS = 8
"""More threads than this hardly help at the sizes of drawings."""

_FINISH_PACE = 0.25
"""Seconds that the finish takes for a million pixels of an in-between, on the reference."""

_THUMB = 300
"""Rows and columns on which the changed part is looked for, at most about."""


@dataclass(frozen=True)
class Pace:
    """How fast a painter is, measured on a CPU with two threads at 720p.

    Attributes:
        load: seconds to read the weights, once.
        prepare: seconds for a million pixels of a span, once for all its in-betweens.
        paint: seconds for a million pixels of each in-between.
        weights: bytes of the weights in float32.
        faster: how many times faster a graphics card is, roughly.
    """

    load: float
    prepare: float
    paint: float
    weights: int = 0
    faster: float = 20.0


def estimate(
    request: SpanRequest,
    device: Device,
    choices: Sequence[Tier],
    pace: Pace,
    multiple: int,
    least: int,
    loaded: bool,
) -> Cost:
    """The expected cost of a request, on this device, at the tier that fits now.

    Args:
        choices: the painter's tiers, best first.
        multiple, least: the painter's padding.
        loaded: the weights are in memory already.
    """
    width, height = request.size
    box = _changed(request)
    if box is None:
        return Cost(0.0, request.first.bytes, device.name, note="the keys are equal: nothing moves")
    box = box.grown(region.MARGIN, height, width, multiple)
    tier = tiers.fitting(choices, box.height, box.width, device)[0]
    squares = list(region.tiles(box.height, box.width, tier)) if tier.tile else [box]
    padded = sum(
        tiers.padded_side(square.height, multiple, least)
        * tiers.padded_side(square.width, multiple, least)
        for square in squares
    )
    count = len(request.times)
    painted = padded / 1e6 * tier.scale**2
    prepared = pace.prepare * painted * (1 if len(squares) == 1 else count)
    network = (prepared + pace.paint * painted * count) / speed(device, pace)
    finished = _FINISH_PACE * box.height * box.width / 1e6 * count / speed(device, pace)
    return Cost(
        seconds=network + finished + (0 if loaded else pace.load),
        memory=tiers.memory(tier, box.height, box.width, device.half) + pace.weights,
        device=device.name,
        tier=tier.name,
    )


def _changed(request: SpanRequest) -> region.Box | None:
    """The changed part, seen from afar: good enough for an estimate, and quick at any size."""
    height, width = request.first.pixels.shape[:2]
    whole = region.Box(0, 0, height, width)
    first, last = request.first.pixels, request.last.pixels
    if first.dtype != last.dtype:
        return whole
    step = max(1, min(height, width) // _THUMB)
    differs = (first[::step, ::step] != last[::step, ::step]).any(2)
    box = region.bounding_box(differs)
    if box is None:
        return None if np.array_equal(first, last) else whole
    top, left, bottom, right = (side * step for side in (box.top, box.left, box.bottom, box.right))
    return region.Box(top, left, min(bottom, height), min(right, width))


def speed(device: Device, pace: Pace) -> float:
    """How many times faster than the reference this device is."""
    if device.name != "cpu":
        return pace.faster
    return math.sqrt(min(torch.get_num_threads(), _MOST_THREADS) / _REFERENCE_THREADS) ** 1.6
