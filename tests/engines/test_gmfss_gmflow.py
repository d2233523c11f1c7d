"""GMFlow's parts against plain reference arithmetic."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from genani.engines.inbetween.gmfss.gmflow import attention
from genani.engines.inbetween.gmfss.gmflow.attention import (
    attend,
    from_windows,
    to_windows,
    window_attention,
)
from genani.engines.inbetween.gmfss.gmflow.matching import (
    FlowPropagation,
    match_globally,
    match_locally,
)


def _random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def _softmax_attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(mask, -1e9)
    return scores.softmax(-1) @ value


def _swin(query: Tensor, key: Tensor, value: Tensor, splits: int, shifted: bool) -> Tensor:
    """Swin's own recipe (arXiv 2103.14030, section 3.2): roll, cut, mask what wrapped round."""
    height, width = query.shape[1:3]
    down, across = height // splits, width // splits
    shift = (down // 2, across // 2) if shifted else (0, 0)
    rolled = [x.roll((-shift[0], -shift[1]), (1, 2)) for x in (query, key, value)]
    y = torch.arange(height).roll(-shift[0])
    x = torch.arange(width).roll(-shift[1])
    # Rolled pixels belong together if they were on the same side of the wrap.
    side = 2 * (y < shift[0]).int()[:, None] + (x < shift[1]).int()[None, :]
    out = torch.empty_like(value)
    for top in range(0, height, down):
        for left in range(0, width, across):
            rows, columns = slice(top, top + down), slice(left, left + across)
            q, k, v = (r[:, rows, columns].flatten(1, 2) for r in rolled)
            group = side[rows, columns].flatten()
            made = _softmax_attention(q, k, v, group[:, None] != group[None, :])
            out[:, rows, columns] = made.unflatten(1, (down, across))
    return out.roll(shift, (1, 2))


@pytest.mark.parametrize("shifted", [False, True])
@pytest.mark.parametrize(("splits", "size"), [(2, (8, 12)), (4, (8, 20)), (8, (40, 16))])
def test_windows_attend_as_swins_do(splits: int, size: tuple[int, int], shifted: bool) -> None:
    query, key, value = (_random(2, *size, 6, seed=i) for i in range(3))
    torch.testing.assert_close(
        window_attention(query, key, value, splits, shifted),
        _swin(query, key, value, splits, shifted),
    )


@pytest.mark.parametrize("room", [1, 300, 5_000])
def test_attention_does_not_depend_on_the_room_for_scores(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    query, key, value = _random(3, 17, 8), _random(3, 23, 8, seed=1), _random(3, 23, 2, seed=2)
    monkeypatch.setattr(attention, "SCORES_BYTES", room)
    torch.testing.assert_close(
        attend(query, key, value), _softmax_attention(query, key, value, None)
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_windows_go_back_where_they_were(batch: int, down: int, across: int, side: int) -> None:
    height, width = down * side, across * (side + 1)
    features = _random(batch, height, width, 5)
    windows = to_windows(features, down, across)
    assert windows.shape == (batch * down * across, side * (side + 1), 5)
    assert torch.equal(from_windows(windows, down, across, height, width), features)


def _moved(down: int, right: int) -> tuple[Tensor, Tensor]:
    """Features no two pixels share, and the same moved."""
    first = 40 * torch.eye(8 * 10).view(1, 80, 8, 10)
    return first, first.roll((down, right), (2, 3))


def test_matching_finds_a_move_anywhere() -> None:
    first, last = _moved(3, 4)
    flow = match_globally(first, last)
    inside = flow[0, :, :5, :6]
    torch.testing.assert_close(inside, torch.tensor([4.0, 3.0]).view(2, 1, 1).expand_as(inside))


@pytest.mark.parametrize(("down", "right"), [(0, 0), (2, -1), (-2, 2)])
def test_matching_nearby_finds_a_small_move(down: int, right: int) -> None:
    first, last = _moved(down, right)
    inside = match_locally(first, last, 2)[0, :, 2:-2, 2:-2]
    wanted = torch.tensor([float(right), float(down)]).view(2, 1, 1)
    torch.testing.assert_close(inside, wanted.expand_as(inside))


def test_matching_nearby_never_leaves_the_image() -> None:
    flow = match_locally(torch.zeros(1, 4, 6, 6), torch.zeros(1, 4, 6, 6), 4)
    place = flow[0] + torch.stack(torch.meshgrid(*[torch.arange(6)] * 2, indexing="xy"))
    assert place.min() >= 0
    assert place.max() <= 5


def test_flow_that_is_the_same_everywhere_stays_so() -> None:
    spread = FlowPropagation(6).eval()
    features = _random(1, 6, 5, 7)
    flow = torch.tensor([3.0, -2.0]).view(1, 2, 1, 1).expand(1, 2, 5, 7).contiguous()
    with torch.no_grad():
        torch.testing.assert_close(spread(features, flow), flow)
        inside = spread.nearby(features, flow)[..., 1:-1, 1:-1]
    torch.testing.assert_close(inside, flow[..., 1:-1, 1:-1])
