"""GMFSS as a painter: alpha, equal keys, the engine around it."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from genani.engines import finish
from genani.engines.api import CancelToken, Engine, EngineInfo
from genani.engines.device import Device
from genani.engines.inbetween.gmfss.alpha import TRACE, reach, second_matte, solve
from genani.engines.inbetween.gmfss.engine import TIERS, GmfssEngine, random_network
from genani.engines.inbetween.gmfss.painter import GmfssPainter
from genani.scene.errors import Cancelled, ModelError
from genani.scene.picture import Picture
from genani.scene.request import SpanRequest
from tests.engines.gmfss_rule import picture


def _cel(move: int, side: int = 320) -> Tensor:
    """A square of stripes on nothing, premultiplied, with one soft edge."""
    alpha = torch.zeros(1, 1, side, side)
    alpha[:, :, 100:180, 60 + move : 140 + move] = 1
    alpha[:, :, 100:180, 140 + move] = 0.5
    return torch.cat((picture(side, side, move) * alpha, alpha), 1)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10_000), st.sampled_from([(1.0, 1.0, 1.0), (0.5, 0.5, 0.5), (0.55, 0.75, 0.95)])
)
def test_two_mattes_tell_the_alpha(seed: int, matte: tuple[float, float, float]) -> None:
    rgba = torch.rand(1, 4, 5, 6, generator=torch.Generator().manual_seed(seed))
    rgba[:, :3] *= rgba[:, 3:]
    one = torch.tensor(matte).view(1, 3, 1, 1)
    mattes = torch.cat((one, second_matte(one)))
    seen = rgba[:, :3] + (1 - rgba[:, 3:]) * mattes
    anything = torch.zeros_like(rgba[:, 3:]), torch.ones_like(rgba[:, 3:])
    torch.testing.assert_close(solve(seen, mattes, *anything), rgba, atol=TRACE + 1e-5, rtol=0)
    known = rgba[:, 3:], rgba[:, 3:]
    torch.testing.assert_close(solve(seen, mattes, *known), rgba, atol=1e-5, rtol=0)


def test_traces_of_alpha_are_taken_for_none_or_all() -> None:
    alpha = torch.tensor([0.01, 0.5, 0.99]).view(1, 1, 1, 3)
    mattes = torch.tensor([1.0, 0.25]).view(2, 1, 1, 1).expand(2, 3, 1, 1)
    seen = 0.5 * alpha + (1 - alpha) * mattes
    made = solve(seen, mattes, torch.zeros_like(alpha), torch.ones_like(alpha))
    torch.testing.assert_close(made[0, 3, 0], torch.tensor([0.0, 0.5, 1.0]))


def test_alpha_stays_within_reach() -> None:
    candidates = torch.zeros(3, 1, 6, 8)
    candidates[0, :, :, 3:] = 1
    candidates[1:, :, :, 5:] = 1
    low, high = reach(candidates)
    assert low[0, 0, 0].tolist() == [0] * 12 + [1] * 4
    assert high[0, 0, 0].tolist() == [0] * 4 + [1] * 12


def test_cels_keep_their_empty_places_empty() -> None:
    painter, token = GmfssPainter(random_network()), CancelToken()
    first, last = _cel(0), _cel(16)
    painted = painter.paint(painter.prepare(first, last, 1.0, token), 0.5, token)
    rgba = painted.rgba
    assert rgba.shape == first.shape
    assert rgba.dtype == torch.float32
    assert (rgba[:, :3] <= rgba[:, 3:]).all()
    assert rgba.min() >= 0
    assert rgba.max() <= 1
    # Random flow is short; far from both squares nothing can land.
    assert rgba[:, :, 250:].abs().max() == 0
    assert rgba[:, 3, 110:170, 90:120].min() > 0


def test_opaque_keys_give_opaque_drawings() -> None:
    painter, token = GmfssPainter(random_network()), CancelToken()
    first, last = (
        torch.cat((picture(320, 384, move), torch.ones(1, 1, 320, 384)), 1) for move in (0, 8)
    )
    state = painter.prepare(first, last, 1.0, token)
    made = [painter.paint(state, 0.3, token) for _ in range(2)]
    assert (made[0].rgba[:, 3] == 1).all()
    assert torch.equal(made[0].rgba, made[1].rgba)
    motion = made[0].motion
    assert motion is not None
    assert motion.shape == (1, 1, 320, 384)


def test_equal_keys_come_back_as_they_are() -> None:
    painter, token = GmfssPainter(random_network()), CancelToken()
    key = _cel(0)
    painted = painter.paint(painter.prepare(key, key.clone(), 1.0, token), 0.25, token)
    assert torch.equal(painted.rgba, key)
    assert painted.motion is not None
    assert painted.motion.abs().max() == 0


def test_cancel_is_heard_in_both_steps() -> None:
    painter, token = GmfssPainter(random_network()), CancelToken()
    state = painter.prepare(_cel(0), _cel(5), 1.0, token)
    token.cancel()
    with pytest.raises(Cancelled):
        painter.paint(state, 0.5, token)
    with pytest.raises(Cancelled):
        painter.prepare(_cel(0), _cel(5), 1.0, token)


def _keys(height: int, width: int, depth: int) -> tuple[Picture, Picture]:
    white = (1 << depth) - 1
    kind = np.uint16 if depth == 16 else np.uint8
    pixels = np.zeros((height, width, 4), kind)
    first, last = pixels.copy(), pixels.copy()
    first[5:20, 3:18] = (white, white // 3, 0, white)
    last[8:23, 9:24] = (white, white // 3, 0, white)
    return Picture(first), Picture(last)


@pytest.mark.parametrize(("size", "depth"), [((33, 70), 8), ((65, 31), 16)])
def test_any_size_count_and_depth(size: tuple[int, int], depth: int) -> None:
    request = SpanRequest(*_keys(*size, depth), (Fraction(1, 7), Fraction(1, 2)))
    drawn = list(
        finish.draw(request, CancelToken(), GmfssPainter(random_network()), Device(), TIERS)
    )
    assert [between.t for between in drawn] == [Fraction(1, 2), Fraction(1, 7)]
    for between in drawn:
        assert between.picture.size == request.size
        assert between.picture.depth == depth


INFO = EngineInfo("gmfss", "GMFSS Fortuna", "Matches the keys as a whole.")


def _nothing_there(model: str, file: str) -> Path:
    raise ModelError(f"{model} {file} is not installed")


def test_the_engine_tells_its_cost_at_once_and_without_weights() -> None:
    engine = GmfssEngine(INFO, Device(), _nothing_there)
    assert isinstance(engine, Engine)
    request = SpanRequest(*_keys(720, 1280, 8), (Fraction(1, 2),))
    engine.estimate(request)
    began = time.perf_counter()
    cost = engine.estimate(request)
    assert time.perf_counter() - began < 0.05
    assert cost.seconds > 1
    assert cost.tier == "full"


def test_the_engine_names_a_model_that_is_not_there() -> None:
    engine = GmfssEngine(INFO, Device(), _nothing_there)
    request = SpanRequest(*_keys(40, 40, 8), (Fraction(1, 2),))
    with pytest.raises(ModelError, match=r"gmfss-fortuna flownet\.pkl is not installed"):
        next(iter(engine.draw(request, CancelToken())))
