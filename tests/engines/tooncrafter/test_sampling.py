"""What may be left out of a run, and what that changes."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.sampling import Questions, Shortcuts
from tests.engines.tooncrafter.goldens import off
from tests.engines.tooncrafter.models import ruled_part
from tests.engines.tooncrafter.published import ruled

FRAMES = 2
COUNT = 4


def said(batched: bool = True, **shortcuts: Any) -> list[torch.Tensor]:
    """Guided velocities of four steps, of samples that change a little."""
    contexts = [2 * ruled((1, 77 + 16 * FRAMES, 32), place) for place in (5, 6)]
    guidance, short = Guidance(3.0), Shortcuts(**shortcuts)
    asked = Questions(ruled_part("unet"), contexts, guidance, 10, COUNT, batched, short)
    start, drift = (ruled((1, 8, FRAMES, 4, 4), place) for place in (1, 2))
    return [
        asked.velocity(2 * start + 0.1 * place * drift, step, place)
        for place, step in enumerate((999, 749, 499, 249))
    ]


@pytest.mark.parametrize(
    ("share", "steps"), [(1.0, 50), (0.5, 25), (0.51, 26), (0.02, 1), (0.0, 0)]
)
def test_guided_steps(share: float, steps: int) -> None:
    assert Shortcuts(guided=share).guided_steps(50) == steps


def test_steps_that_ask_the_whole_network() -> None:
    short = Shortcuts(guided=0.5, whole_every=3)
    # The fifth too, as from there on one branch is asked alone.
    assert [place for place in range(8) if short.whole(place, 8)] == [0, 3, 4, 6]


def test_late_steps_without_guidance_are_the_plain_answer() -> None:
    whole, half, none = (said(guided=share) for share in (1.0, 0.5, 0.0))
    for place in range(COUNT):
        wanted, other = (whole, none) if place < 2 else (none, whole)
        assert off(half[place], wanted[place]) < 1e-6
        assert off(half[place], other[place]) > 1e-3


@pytest.mark.parametrize("guided", [1.0, 0.5])
def test_coarse_features_are_kept_for_each_branch(guided: float) -> None:
    together, in_turns = (said(batched, guided=guided, whole_every=2) for batched in (True, False))
    whole = said(guided=guided)
    for place in range(COUNT):
        assert off(together[place], in_turns[place]) < 1e-4
        near = off(together[place], whole[place])
        assert near < 1e-6 if place % 2 == 0 else 1e-6 < near < 0.9
