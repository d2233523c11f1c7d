"""The whole network: bands, sizes, stopping, reading weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from genani.engines.inbetween.gmfss import network as network_module
from genani.engines.inbetween.gmfss.bands import bands
from genani.engines.inbetween.gmfss.engine import FILES, fill, random_network
from genani.engines.inbetween.gmfss.fusion import ShuffleTail
from genani.engines.inbetween.gmfss.network import Between, Gmfss
from genani.engines.inbetween.gmfss.sampling import backwarp, occluded, resize_flow
from genani.scene.errors import Cancelled, ModelError
from tests.engines.gmfss_rule import picture


def _go_on() -> None:
    """Nobody has cancelled."""


def _between(network: Gmfss, first: Tensor, last: Tensor, t: float = 0.5) -> Between:
    alpha = torch.ones_like(first[:1, :1])
    with torch.inference_mode():
        keys = network.prepare((first, alpha), (last, alpha), 1.0, _go_on)
        return network.paint(*keys, t, _go_on)


@given(st.integers(1, 300), st.integers(1, 50), st.integers(1, 4000), st.integers(0, 16))
def test_bands_keep_every_row_once(units: int, width: int, most: int, halo: int) -> None:
    height, halo = 4 * units, 4 * halo
    cut = bands(height, width, most, halo, 4)
    kept = [row for band in cut for row in range(*band.inner)]
    assert kept == list(range(height))
    for band in cut:
        top, bottom = band.outer
        assert top == max(0, band.inner[0] - halo) or len(cut) == 1
        assert bottom == min(height, band.inner[1] + halo) or len(cut) == 1
        assert top % 4 == bottom % 4 == 0
        assert range(top, bottom)[band.kept] == range(*band.inner)


def test_bands_paint_what_the_whole_paints(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_network()
    first, last = picture(640, 320), picture(640, 320, 9)
    whole = _between(network, first, last)
    monkeypatch.setattr(network_module, "BAND_PIXELS", 160 * 200)
    monkeypatch.setattr(ShuffleTail, "BAND_PIXELS", 160 * 20)
    cut = _between(network, first, last)
    assert len(bands(320, 160, network_module.BAND_PIXELS, network_module.HALO, 4)) > 2
    torch.testing.assert_close(cut.images, whole.images, atol=1e-5, rtol=0)
    torch.testing.assert_close(cut.alphas, whole.alphas)
    torch.testing.assert_close(cut.motion, whole.motion)


@pytest.mark.parametrize(
    ("side", "scale", "wanted"), [(64, 1, 160), (160, 1, 160), (192, 1, 192), (960, 0.5, 480)]
)
def test_flow_is_never_found_on_small_pictures(side: int, scale: float, wanted: int) -> None:
    assert network_module._flow_side(side, scale) == wanted


def test_flow_of_large_pictures_is_found_at_half_size(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_network()
    seen: list[torch.Size] = []
    network.flow.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape[2:]))
    monkeypatch.setattr(network_module, "FLOW_PIXELS", 300 * 300)
    _between(network, picture(640, 704), picture(640, 704, 3))
    assert seen == [(160, 192), (256, 288)]


class Matcher(nn.Module):
    """Flow that agrees with itself only at some widths of picture; its length tells the width."""

    def __init__(self, sure: set[int]) -> None:
        super().__init__()
        self.sure = sure

    def forward(self, first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        del last
        width = first.shape[3]
        flow = torch.full_like(first[:, :2], width / 100)
        return flow, -flow if width in self.sure else 4 + flow


@pytest.mark.parametrize(
    ("side", "sure", "wanted"),
    [
        (480, {480, 384}, 480),
        (480, {480}, 480),
        (480, {384}, 384),
        (480, set(), 480),
        (192, {192}, 192),
        (192, {288}, 288),
    ],
)
def test_the_flow_that_agrees_with_itself_is_taken(side: int, sure: set[int], wanted: int) -> None:
    network = random_network()
    network.flow = Matcher(sure)  # pyright: ignore[reportAttributeAccessIssue]
    half = picture(side, side)
    there, _ = network._flows(half, half, 1.0)
    assert there[0, 0, 5, 5] * wanted / side == pytest.approx(wanted / 100, abs=1e-4)


def test_each_look_is_painted_by_itself() -> None:
    network = random_network()
    first, last = picture(320, 320), picture(320, 320, 7)
    alone = _between(network, first, last)
    both = _between(network, torch.cat((first, first * 0.5)), torch.cat((last, last * 0.5)))
    torch.testing.assert_close(both.images[:1], alone.images)
    assert (both.images[1:] - alone.images).abs().max() > 1e-3


@pytest.mark.parametrize("after", [0, 1, 40])
def test_stops_before_the_next_layer_and_can_start_again(after: int) -> None:
    network = random_network()
    first, last = picture(320, 320), picture(320, 320, 7)
    alpha = torch.ones_like(first[:, :1])
    looked = 0

    def check() -> None:
        nonlocal looked
        looked += 1
        if looked > after:
            raise Cancelled

    with torch.inference_mode():
        with pytest.raises(Cancelled):
            network.prepare((first, alpha), (last, alpha), 1.0, check)
        assert looked == after + 1
        keys = network.prepare((first, alpha), (last, alpha), 1.0, _go_on)
        looked = 0
        with pytest.raises(Cancelled):
            network.paint(*keys, 0.5, check)
        assert looked == after + 1


def test_half_precision_paints_nearly_the_same() -> None:
    first, last = picture(320, 320), picture(320, 320, 7)
    full, half = random_network(), random_network()
    half.halve()
    wanted, made = _between(full, first, last), _between(half, first, last)
    assert made.images.dtype == torch.float32
    torch.testing.assert_close(made.images, wanted.images, atol=5e-3, rtol=0)


def test_looking_up_along_a_flow_moves_the_picture_the_other_way() -> None:
    image = picture(6, 9)
    flow = torch.zeros(1, 2, 6, 9)
    flow[:, 0] = 2
    moved = backwarp(image, flow)
    torch.testing.assert_close(moved[..., :-2], image[..., 2:], atol=1e-5, rtol=0)
    assert moved[..., -1].abs().max() == 0


def test_flows_that_agree_are_not_occluded() -> None:
    there = torch.full((1, 2, 8, 8), 2.0)
    assert occluded(there, -there)[..., :6, :6].sum() == 0
    assert occluded(there, there).sum() == 64


def test_resized_flow_counts_in_the_new_pixels() -> None:
    flow = torch.ones(1, 2, 4, 4)
    small = resize_flow(flow, (2, 1))
    assert small[0, 0].unique().tolist() == [0.25]
    assert small[0, 1].unique().tolist() == [0.5]


def _published(folder: Path, network: Gmfss) -> None:
    for part, name in FILES.items():
        torch.save(network.get_submodule(part).state_dict(), folder / name)


def test_reads_the_weights_it_finds(tmp_path: Path) -> None:
    source = random_network(seed=1)
    _published(tmp_path, source)
    made = fill(random_network(seed=2), lambda name: tmp_path / name).state_dict()
    for name, weight in source.state_dict().items():
        assert torch.equal(made[name], weight)


@pytest.mark.parametrize("fault", ["missing", "garbage", "lacks", "surplus", "shape"])
def test_refuses_weights_that_do_not_fit(tmp_path: Path, fault: str) -> None:
    _published(tmp_path, random_network())
    file = tmp_path / FILES["metric"]
    weights = torch.load(file, weights_only=True)
    if fault == "missing":
        file.unlink()
    elif fault == "garbage":
        file.write_bytes(b"not a pickle")
    else:
        if fault == "lacks":
            weights.popitem()
        elif fault == "surplus":
            weights["more"] = torch.zeros(1)
        else:
            weights["metric_in.bias"] = torch.zeros(3)
        torch.save(weights, file)
    with pytest.raises(ModelError, match=r"metric_union\.pkl does not hold weights"):
        fill(random_network(), lambda name: tmp_path / name)
