"""How the model can run in the memory there is, and what work a run is: known without weights.

Activations were counted on the meta device at the size of training (`tests.benchmarks.tooncrafter`
does it again), in half precision, attention without its scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.sampling import Shortcuts

GIB = 1 << 30
TRAINED_AREA = 512 * 320

PARAMETERS = {
    "text": 340_400_000,
    "image": 630_800_000,
    "projector": 48_800_000,
    "unet": 1_438_900_000,
    "vae": 99_900_000,
}
"""Of each part."""

_ASKED = (0.79, 1.59)
"""GiB of activations of the network asked for one branch of guidance, and for two at once."""

SKETCH_PARAMETERS = 364_200_000
"""Of the sketch encoder, which only some runs have."""

_SKETCH_ASKED, _SKETCH_STEP = 0.13, 2.81
"""GiB that it hands the network for one branch, and 10^12 operations of one question to it."""

_WHOLE_DECODE, _SLICED_DECODE = 3.75, 1.45
_REFERENCES = 0.25
"""GiB of the keys' features and latents, which are kept all along."""

_LOST = 1.25
"""What allocators lose between tensors, over the tensors."""

_WORKSPACE = 0.4 * GIB
"""Of kernels, whatever the size."""

_STEP, _DECODE, _BEFORE = 12.54, 37.9, 3.0
"""10^12 operations of one question to the network, one decoding, and all before the first step."""

_OUTER = {1: 0.104, 2: 0.230, 3: 0.363}
"""Share of a question whose coarse features are kept, by the units that are asked."""


@dataclass(frozen=True)
class Plan:
    """A way to run.

    Attributes:
        name: told to the animator.
        memory: peak bytes.
        batched: all branches of guidance at once.
        sliced: the autoencoder decodes in slices.
        staged: only the part that works is on the card.
    """

    name: str
    memory: int
    batched: bool
    sliced: bool
    staged: bool = False


PLANS = ("full", "sliced", "in turns", "staged")
"""Names, the quickest first. `sliced` decodes in slices, `in turns` also asks for the branches of
guidance one after the other, `staged` also keeps only the working part on the card."""


def plans(area: int, wide: int, size: float, card: bool, sketch: float = 0.0) -> tuple[Plan, ...]:
    """Ways to run, the quickest first, with their memory by a model of the stages.

    Args:
        area: pixels of the canvas.
        wide: bytes of a number: 2 or 4.
        size: of the model over the published one.
        card: there is a graphics card, which need not hold all parts at once.
        sketch: size of the sketch encoder over the published one; 0 without one.
    """
    share = area / TRAINED_AREA * wide / 2 * size * GIB
    kept = _REFERENCES * share
    weights = {part: count * wide * size for part, count in PARAMETERS.items()}
    # It never leaves the card.
    encoder = SKETCH_PARAMETERS * wide * sketch
    lines = _SKETCH_ASKED * area / TRAINED_AREA * wide / 2 * sketch * GIB

    def peak(branches: int, decode: float, staged: bool = False) -> int:
        asked = (_ASKED[branches - 1] * share + branches * lines) * _LOST
        decoded = decode * share * _LOST
        if staged:
            # The autoencoder gives way only after the network has come.
            stages = [weights["unet"] + weights["vae"] + asked, weights["vae"] + decoded]
            stages.append(weights["image"] + weights["vae"])
            busy = max(stages)
        else:
            busy = sum(weights.values()) + max(asked, decoded)
        return int(busy + encoder + kept + _WORKSPACE * size)

    found = [
        Plan("full", peak(2, _WHOLE_DECODE), batched=True, sliced=False),
        Plan("sliced", peak(2, _SLICED_DECODE), batched=True, sliced=True),
        Plan("in turns", peak(1, _SLICED_DECODE), batched=False, sliced=True),
    ]
    if card:
        least = peak(1, _SLICED_DECODE, staged=True)
        found.append(Plan("staged", least, batched=False, sliced=True, staged=True))
    return tuple(found)


@dataclass(frozen=True)
class Work:
    """10^12 operations of a run, by its parts.

    Attributes:
        before: encoders.
        steps: each step.
        decode: all decodings.
    """

    before: float
    steps: Sequence[float]
    decode: float


def work(
    steps: int,
    guidance: Guidance,
    shortcuts: Shortcuts,
    repair: bool,
    area: int,
    size: float,
    sketch: float = 0.0,
) -> Work:
    """What a run takes.

    Args:
        steps: how many.
        repair: the middle is decoded again.
        area: pixels of the canvas.
        size: of the model over the published one.
        sketch: as in `plans`.
    """
    scale = area / TRAINED_AREA * size
    lines = area / TRAINED_AREA * _SKETCH_STEP * sketch
    asked = []
    for place in range(steps):
        branches = guidance.branches if place < shortcuts.guided_steps(steps) else 1
        whole = shortcuts.whole_every == 1 or shortcuts.whole(place, steps)
        step = _STEP * (1.0 if whole else _OUTER[shortcuts.units]) * scale
        asked.append(branches * (step + lines))
    return Work(_BEFORE * scale, asked, (2 if repair else 1) * _DECODE * scale)
