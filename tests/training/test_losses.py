"""Losses: nothing for the truth, more for what is farther from it, and where it matters most."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from genani.training import losses, losses_motion
from genani.training.losses import EYES, MOUTH


def drawing(seed: int, size: int = 40) -> Tensor:
    """(2, 4, size, size) premultiplied RGBA of soft blots."""
    torch.manual_seed(seed)
    blots = torch.nn.functional.interpolate(torch.rand(2, 4, 5, 5), size, mode="bilinear")
    return torch.cat((blots[:, :3] * blots[:, 3:], blots[:, 3:]), 1)


PLAIN = torch.ones(2, 1, 40, 40)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_the_truth_costs_nothing_and_less_is_better(seed: int) -> None:
    truth, other = drawing(seed), drawing(seed + 1)
    near = torch.lerp(truth, other, 0.3)
    for loss in (losses.laplacian, losses.edges):
        none, some, much = (float(loss(each, truth, PLAIN)) for each in (truth, near, other))
        assert none == 0
        assert 0 < some < much
    none, much = (float(losses.alpha(each, truth)) for each in (truth, other))
    assert none == 0 < much


def test_errors_in_eyes_and_mouth_count_more() -> None:
    truth = drawing(1)
    parts = torch.zeros(2, 40, 40, dtype=torch.long)
    parts[:, 10:16, 10:16] = EYES
    parts[:, 25:30, 25:30] = MOUTH
    weight = losses.weights(parts, 4.0, 2.0)
    assert weight.mean((1, 2, 3)).tolist() == pytest.approx([1, 1])
    in_eye, beside = truth.clone(), truth.clone()
    in_eye[:, :, 11:15, 11:15] += 0.2
    beside[:, :, 31:35, 3:7] += 0.2
    for loss in (losses.laplacian, losses.edges):
        inside, outside = (float(loss(each, truth, weight)) for each in (in_eye, beside))
        # Coarse levels of a pyramid see the eye and what is around it as one.
        assert inside > 1.5 * outside


def test_edges_are_told_from_flat_shifts_of_tone() -> None:
    truth = drawing(2)
    paler = torch.lerp(truth, torch.ones(()), 0.05)
    striped = truth.clone()
    striped[..., ::2] *= 0.9
    flat, sharp = (float(losses.edges(each, truth, PLAIN)) for each in (paler, striped))
    assert sharp > 5 * flat


def test_the_perceptual_loss_is_the_distance_that_is_reported(squeezenet_file: Path) -> None:
    from genani.training.metrics_features import SqueezeDistance, mean_distance

    perception = losses.Perception(squeezenet_file)
    made, truth = drawing(3), drawing(4)
    loss = float(perception(made[:1], truth[:1], PLAIN[:1]))
    measure = SqueezeDistance(squeezenet_file)
    seen = [
        measure.features(losses.on_white(each)[0].permute(1, 2, 0).numpy())
        for each in (made[:1], truth[:1])
    ]
    assert loss == pytest.approx(mean_distance(measure.maps(*seen)), rel=1e-4)
    made.requires_grad_()
    perception(made, truth, PLAIN).backward()
    assert made.grad is not None
    assert float(made.grad.abs().sum()) > 0
    assert not any(weight.requires_grad for weight in perception.parameters())


def flows() -> tuple[Tensor, Tensor]:
    """Flow of two pixels and of none, and where they are known."""
    truth = torch.zeros(2, 2, 2, 40, 40)
    truth[:, 0, 0] = 2.0
    seen = torch.ones(2, 2, 40, 40, dtype=torch.bool)
    return truth, seen


def test_flow_is_measured_where_it_is_known() -> None:
    truth, seen = flows()
    right = truth.flatten(1, 2)
    wrong = right + 3
    good, bad = (float(losses_motion.flow([each], truth, seen, PLAIN)) for each in (right, wrong))
    assert good < 0.04
    assert bad > 2
    nowhere = torch.zeros_like(seen)
    unknown = float(losses_motion.flow([wrong], truth * float("nan"), nowhere, PLAIN))
    assert unknown == 0
    # The last estimate counts most.
    late = float(losses_motion.flow([right, wrong], truth, seen, PLAIN))
    early = float(losses_motion.flow([wrong, right], truth, seen, PLAIN))
    assert late > early


def test_visibility_asks_only_where_one_key_shows_the_place() -> None:
    seen = torch.zeros(2, 2, 40, 40, dtype=torch.bool)
    half = torch.full((2, 1, 40, 40), 0.5)
    unasked = float(losses_motion.visibility(half, seen, PLAIN))
    assert unasked == 0
    seen[:, 0, :20] = True
    first, last = torch.full_like(half, 0.99), torch.full_like(half, 0.01)
    costs = [float(losses_motion.visibility(each, seen, PLAIN)) for each in (first, half, last)]
    assert costs == sorted(costs)
    assert costs[0] < 0.02
    turned = float(losses_motion.visibility(last, seen.flip(1), PLAIN))
    assert turned < 0.02


def test_half_of_each_key_costs_where_they_differ() -> None:
    one, two = drawing(5), drawing(6)
    half, whole = torch.full((2, 1, 40, 40), 0.5), torch.ones(2, 1, 40, 40)
    ghost = float(losses_motion.indecision(half, one, two))
    decided = float(losses_motion.indecision(whole, one, two))
    alike = float(losses_motion.indecision(half, one, one))
    assert decided == alike == 0
    assert ghost > 0.05


def test_drawings_in_order_cost_nothing_and_a_step_back_does() -> None:
    first, last = drawing(7), drawing(8)
    at = [torch.lerp(first, last, t) for t in (0.2, 0.5, 0.8)]
    right = float(losses_motion.order(at, first, last, at[1]))
    astray = [at[1], at[0], at[2]]
    wrong = float(losses_motion.order(astray, first, last, at[1]))
    # In a blink between two open eyes there is nothing to keep to.
    blink = float(losses_motion.order(astray, first, last, drawing(9) + 2))
    assert right == pytest.approx(0, abs=1e-6)
    assert wrong > 0.005
    assert blink == 0
