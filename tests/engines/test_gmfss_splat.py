"""Softmax splatting against its formula, pixel by pixel."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from genani.engines.inbetween.gmfss import splat
from genani.engines.inbetween.gmfss.splat import Splat


def _by_formula(image: Tensor, flow: Tensor, metric: Tensor) -> Tensor:
    """Equation 8 of arXiv 2003.05534, with the kernel b(u) of equation 3, one pixel at a time."""
    _, channels, height, width = image.shape
    out = torch.zeros_like(image)
    for qy in range(height):
        for qx in range(width):
            total, colour = 0.0, [0.0] * channels
            for py in range(height):
                for px in range(width):
                    away_x = abs(px + float(flow[0, 0, py, px]) - qx)
                    away_y = abs(py + float(flow[0, 1, py, px]) - qy)
                    share = max(0.0, 1 - away_x) * max(0.0, 1 - away_y)
                    weight = share * math.exp(float(metric[0, 0, py, px]))
                    total += weight
                    for c in range(channels):
                        colour[c] += weight * float(image[0, c, py, px])
            for c in range(channels):
                out[0, c, qy, qx] = colour[c] / (total + splat.EPSILON)
    return out


def _case(seed: int, height: int, width: int, reach: float) -> tuple[Tensor, Tensor, Tensor]:
    rule = torch.Generator().manual_seed(seed)
    image = torch.rand(1, 3, height, width, generator=rule)
    flow = (torch.rand(1, 2, height, width, generator=rule) - 0.5) * 2 * reach
    metric = (torch.rand(1, 1, height, width, generator=rule) - 0.5) * 8
    return image, flow, metric


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 5), st.sampled_from([0.4, 2, 9]))
def test_follows_the_formula(seed: int, height: int, width: int, reach: float) -> None:
    image, flow, metric = _case(seed, height, width, reach)
    made = Splat(flow, metric)(image)
    # Where almost nothing lands, float32 rounding counts for more than the constant in the formula.
    torch.testing.assert_close(made, _by_formula(image, flow, metric), atol=2e-3, rtol=0)


def test_no_flow_gives_the_image_back() -> None:
    image, flow, metric = _case(1, 6, 7, 0)
    torch.testing.assert_close(Splat(flow, metric)(image), image, atol=1e-5, rtol=0)


def test_whole_pixels_move_and_leave_nothing_behind() -> None:
    image, flow, metric = _case(2, 4, 6, 0)
    flow[:, 0] = 2
    made = Splat(flow, metric)(image)
    assert (made[..., :2] == 0).all()
    torch.testing.assert_close(made[..., 2:], image[..., :4], atol=1e-5, rtol=0)


def test_the_greater_metric_covers_the_other() -> None:
    image = torch.tensor([[[[0.2, 0.9]]]])
    flow = torch.tensor([[[[1.0, 0.0]], [[0.0, 0.0]]]])
    metric = torch.tensor([[[[10.0, -10.0]]]])
    assert Splat(flow, metric)(image)[0, 0, 0, 1] == pytest.approx(0.2, abs=1e-5)


@pytest.mark.parametrize("metric", [-1000.0, 1000.0])
def test_metrics_far_beyond_the_exponent_do_not_overflow(metric: float) -> None:
    image, flow, _ = _case(3, 4, 4, 0)
    made = Splat(flow, torch.full((1, 1, 4, 4), metric))(image)
    assert torch.isfinite(made).all()


def test_a_band_is_a_part_of_the_whole() -> None:
    image, flow, metric = _case(4, 12, 5, 4)
    whole = Splat(flow, metric)(image)
    assert torch.equal(Splat(flow, metric, (3, 8))(image), whole[:, :, 3:8])


def test_keeps_half_precision_but_sums_in_full() -> None:
    image, flow, metric = _case(5, 8, 8, 3)
    made = Splat(flow, metric)(image.half())
    assert made.dtype == torch.float16
    torch.testing.assert_close(made.float(), Splat(flow, metric)(image), atol=2e-3, rtol=0)


def test_both_ways_of_adding_up_agree() -> None:
    rule = torch.Generator().manual_seed(6)
    target = torch.randint(0, 20, (300,), generator=rule)
    values = torch.rand(4, 300, generator=rule)
    one, other = torch.ones(4, 20), torch.ones(4, 20)
    splat._scatter_add(one, target, values)
    splat._sort_and_add(other, target, values)
    torch.testing.assert_close(one, other)
