"""AnimeGAN: its layout, its weights' file, and what it is as a stylist."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.painter import Tier
from genani.engines.stylise import registry
from genani.engines.stylise.animegan import AnimeGANStylist
from genani.engines.stylise.animegan_model import TINY, AnimeGAN, AnimeGANConfig, Judge
from genani.engines.stylise.animegan_weights import FILE, MODEL, load, pack
from genani.engines.stylise.api import StyleSettings
from genani.scene.errors import Cancelled, ModelError
from genani.scene.picture import Picture
from genani.store.models import Catalogue, Status

STYLE = StyleSettings("animegan")


@pytest.fixture(scope="module")
def network() -> AnimeGAN:
    """Random weights large enough for a drawing that is no grey."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = AnimeGAN(TINY).eval()
        for weight in model.parameters():
            if weight.ndim == 4:
                weight.data *= 2
    return model


@pytest.fixture
def stylist(network: AnimeGAN, tmp_path: Path) -> AnimeGANStylist:
    pack(network, tmp_path)

    def locate(name: str, file: str) -> Path:
        if name != MODEL:
            raise ModelError(f"there is no model called {name}")
        return tmp_path / file

    return AnimeGANStylist(registry.info("animegan"), Device(), locate)


def picture(height: int = 37, width: int = 50, deep: bool = False) -> Picture:
    """Colours everywhere, and a hole, a soft edge and the rest opaque."""
    rng = np.random.default_rng(5)
    white = 65535 if deep else 255
    pixels = rng.integers(0, white, (height, width, 4)).astype(np.uint16 if deep else np.uint8)
    pixels[..., 3] = white
    pixels[:, :6, 3] = 0
    pixels[:, 6:9, 3] = white // 3
    return Picture(pixels, b"profile" if deep else b"")


def test_the_published_layout_has_its_published_size() -> None:
    with torch.device("meta"):
        count = sum(each.numel() for each in AnimeGAN().parameters())
    assert round(count / 1e6, 2) == 3.96


@pytest.mark.parametrize("config", [TINY, replace(TINY, norm="layer"), replace(TINY, changes=True)])
def test_a_drawing_has_the_size_of_its_photo(config: AnimeGANConfig) -> None:
    network, photo = AnimeGAN(config).eval(), torch.rand(2, 3, 24, 36)
    made = network(photo)
    assert made.shape == photo.shape
    if config.changes:
        # It begins near the photo.
        assert (made - photo).abs().mean() < 0.2
    else:
        assert 0 <= made.min() <= made.max() <= 1


def test_the_first_stages_can_be_kept() -> None:
    network = AnimeGAN(TINY)
    network.freeze(5)
    learns = [any(w.requires_grad for w in stage.parameters()) for stage in network.stages]
    assert learns == [False] * 5 + [True] * (len(learns) - 5)


def test_the_judge_looks_at_patches() -> None:
    assert Judge(2)(torch.rand(3, 3, 32, 40)).shape == (3, 1, 8, 10)


def test_weights_come_back_and_are_a_model_of_the_store(
    network: AnimeGAN, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / MODEL).mkdir()
    pack(network, tmp_path / MODEL)
    back = load(tmp_path / MODEL / FILE)
    assert back.config == network.config
    for name, weight in network.state_dict().items():
        assert torch.equal(back.state_dict()[name], weight.half().float())
    catalogue = Catalogue(shipped=tmp_path, store=tmp_path / "none", offline=True)
    assert catalogue.state(MODEL).status is Status.SHIPPED
    assert catalogue.info(MODEL).licence == "MIT"


def test_files_that_are_none_of_ours_are_told(tmp_path: Path, network: AnimeGAN) -> None:
    pack(network, tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[:-9])
    with pytest.raises(ModelError, match="damaged"):
        load(tmp_path / FILE)
    (tmp_path / FILE).write_bytes(whole.replace(rb"\"width\": 4", rb"\"width\":-4"))
    with pytest.raises(ModelError, match="cannot be"):
        load(tmp_path / FILE)
    (tmp_path / FILE).write_bytes(whole.replace(b"genani-animegan/1", b"genani-animegan/9"))
    with pytest.raises(ModelError, match="does not hold weights of GenAni's AnimeGAN"):
        load(tmp_path / FILE)


@pytest.mark.parametrize("deep", [False, True])
def test_size_depth_alpha_and_profile_stay(stylist: AnimeGANStylist, deep: bool) -> None:
    source = picture(deep=deep)
    made = stylist.stylise(source, STYLE, CancelToken())
    assert made.size == source.size
    assert made.depth == source.depth
    assert made.icc == source.icc
    assert np.array_equal(made.pixels[..., 3], source.pixels[..., 3])
    assert not made.pixels[:, :6].any()
    assert (made.pixels[:, 10:, :3] != source.pixels[:, 10:, :3]).mean() > 0.5
    assert made == stylist.stylise(source, STYLE, CancelToken())
    assert stylist.stylise(source, replace(STYLE, strength=0.0), CancelToken()) == source


def test_squares_of_a_picture_agree(
    stylist: AnimeGANStylist, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, columns = np.mgrid[:160, :160]
    pixels = np.full((160, 160, 4), 255, np.uint8)
    pixels[..., 0], pixels[..., 1] = rows, columns
    pixels[..., 2] = 127 + 90 * np.sin(rows / 9) * np.cos(columns / 7)
    tiers = (Tier("tiled", 10, tile=96),)
    monkeypatch.setattr(AnimeGANStylist, "tiers", lambda *_: tiers)
    parts = stylist.stylise(Picture(pixels), STYLE, CancelToken())
    # No seam where two squares meet: neighbours differ no more than they do elsewhere.
    step = np.abs(np.diff(parts.pixels[..., :3].astype(int), axis=1)).mean((0, 2))
    assert step[60:100].max() < 3 * np.median(step) + 3


def test_a_model_of_ones_own_is_taken(
    stylist: AnimeGANStylist, network: AnimeGAN, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(9)
        pack(AnimeGAN(replace(TINY, norm="layer")), own)
    source = picture()
    plain = stylist.stylise(source, STYLE, CancelToken())
    for place in (own, own / FILE):
        settings = replace(STYLE, options={"model": str(place)})
        assert stylist.stylise(source, settings, CancelToken()) != plain
    for wrong in ("nobodys", str(tmp_path / "gone" / "x")):
        settings = replace(STYLE, options={"model": wrong})
        with pytest.raises(ModelError, match="AnimeGAN cannot draw"):
            stylist.stylise(source, settings, CancelToken())


def test_cancel_and_estimate(stylist: AnimeGANStylist) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        stylist.stylise(picture(), STYLE, token)
    one, many = stylist.estimate((640, 480)), stylist.estimate((640, 480), 10)
    assert 0 < one.seconds < many.seconds
    assert 640 * 480 * 100 < one.memory < 640 * 480 * 1000
