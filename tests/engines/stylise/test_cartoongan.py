"""CartoonGAN and ArtifyGAN: layouts, weights, the published light ones, and drawing with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from safetensors.torch import save_file

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.stylise import cartoongan_light as light
from genani.engines.stylise import norms, registry
from genani.engines.stylise.api import StyleSettings
from genani.engines.stylise.cartoongan import DATA, INDEX, CartoonGan, CartoonPainter
from genani.engines.stylise.cartoongan import LightCartoonGan as Light
from genani.engines.stylise.cartoongan_model import (
    ARTIFYGAN,
    ARTIFYGAN_LITERAL,
    CARTOONGAN,
    Generator,
    Judge,
    Layout,
    size_of,
)
from genani.engines.stylise.cartoongan_weights import FILE, KINDS, found, load, pack
from genani.scene.errors import Cancelled, ModelError
from genani.store.entry import read_entry
from tests.engines.stylise import light_rule
from tests.engines.stylise.test_canvas import picture

SLICE = Path(__file__).with_name("paprika_slice.safetensors")
"""First channels of the published Paprika weights (Apache-2.0, Meng Lee and Ching Ning Chen)."""

TINY = Layout(4, 2)
CPU = Device()


@pytest.fixture
def published(tmp_path: Path) -> tuple[Path, Path]:
    """A checkpoint of TensorFlow's with the slice of the published weights in it."""
    places = tmp_path / INDEX, tmp_path / DATA
    tensors = {name: each.astype(np.float32) for name, each in load_file(SLICE).items()}
    light_rule.written({name + light_rule.SUFFIX: each for name, each in tensors.items()}, *places)
    return places


def photo(height: int, width: int) -> NDArray[np.float64]:
    return np.random.default_rng(3).uniform(-1, 1, (height, width, 3))


@pytest.mark.parametrize("size", [(16, 24), (20, 16)])
def test_the_light_network_equals_its_graph_in_numpy(
    published: tuple[Path, Path], size: tuple[int, int]
) -> None:
    network = light.load(*published, light.LightGenerator(4, 1))
    given = photo(*size)
    with torch.no_grad():
        made = network(torch.from_numpy(given).float().permute(2, 0, 1)[None])[0].permute(1, 2, 0)
    wanted = light_rule.Light(load_file(SLICE)).draw(given)
    assert np.abs(wanted).max() > 0.1
    np.testing.assert_allclose(made.numpy(), wanted, atol=1e-4)


def test_another_checkpoint_is_refused(published: tuple[Path, Path]) -> None:
    with pytest.raises(ModelError, match="does not hold a light CartoonGAN"):
        light.load(*published)


@pytest.mark.parametrize("width", [4, 16])
def test_artifygan_is_lighter_than_cartoongan(width: int) -> None:
    def of(layout: Layout) -> tuple[int, int]:
        like = Layout(width, layout.blocks, layout.convolutions, layout.after)
        size = size_of(Generator(like), 32)
        return size.parameters, size.multiply_adds

    full, lighter, literal = of(CARTOONGAN), of(ARTIFYGAN), of(ARTIFYGAN_LITERAL)
    assert lighter[0] < full[0]
    assert lighter[1] < full[1]
    # Why the reading matters: with two convolutions a block it would be heavier.
    assert literal[0] > full[0]
    assert literal[1] > full[1]


def test_multiply_adds_are_counted() -> None:
    one = torch.nn.Conv2d(3, 5, 1, bias=False)
    assert (size_of(one, 8).parameters, size_of(one, 8).multiply_adds) == (15, 15 * 64)


@pytest.mark.parametrize("layout", [TINY, Layout(4, 2, 1, after=False, changes=True)])
def test_a_drawing_has_the_size_of_the_photo(layout: Layout) -> None:
    network = Generator(layout).eval()
    given = torch.rand(2, 3, 16, 24) * 2 - 1
    made = network(given)
    assert made.shape == given.shape
    assert made.abs().max() <= (2 if layout.changes else 1)
    if layout.changes:
        # Training starts from the photo, nearly.
        assert (made - given).abs().mean() < 0.2
    assert Judge(4)(given).shape == (2, 1, 4, 6)


def test_weights_come_back_as_a_model_of_the_store(tmp_path: Path) -> None:
    kind = KINDS["artifygan"]
    network = Generator(Layout(4, 2, 1, after=False)).eval()
    folder = tmp_path / kind.model
    folder.mkdir()
    pack(network, kind, folder)
    entry = read_entry(folder / "model.toml")
    assert entry.file(FILE).size == (folder / FILE).stat().st_size
    again = load(folder / FILE)
    assert again.layout == network.layout
    given = torch.rand(1, 3, 16, 16)
    torch.testing.assert_close(again(given), network(given), atol=0.01, rtol=0)


def test_damaged_and_other_files_are_told(tmp_path: Path) -> None:
    pack(Generator(TINY), KINDS["cartoongan"], tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    for raw in (b"", b"no weights", whole[:-9]):
        (tmp_path / FILE).write_bytes(raw)
        with pytest.raises(ModelError, match=r"generator\.safetensors"):
            load(tmp_path / FILE)
    save_file({"a": torch.zeros(1)}, tmp_path / FILE, {"format": "other"})
    with pytest.raises(ModelError, match="does not hold weights of GenAni's CartoonGAN"):
        load(tmp_path / FILE)
    header = {"format": "genani-cartoongan/1", "layout": '{"width": 9999999}'}
    save_file({"a": torch.zeros(1)}, tmp_path / FILE, header)
    with pytest.raises(ModelError, match="cannot be"):
        load(tmp_path / FILE)


def test_a_persons_own_model_is_found(tmp_path: Path) -> None:
    def store(model: str, file: str) -> Path:
        return Path("store", model, file)

    kind = KINDS["cartoongan"]
    pack(Generator(TINY), kind, tmp_path)
    assert found("", kind, store) == Path("store/genani-cartoongan", FILE)
    assert found("mine", kind, store) == Path("store/mine", FILE)
    assert found(str(tmp_path), kind, store) == tmp_path / FILE
    assert found(str(tmp_path / FILE), kind, store) == tmp_path / FILE
    with pytest.raises(ModelError, match="there is no model file"):
        found(str(tmp_path / "gone"), kind, store)


def stylist(tmp_path: Path, layout: Layout = TINY) -> CartoonGan:
    torch.manual_seed(0)
    pack(Generator(layout), KINDS["cartoongan"], tmp_path)

    def nowhere(model: str, file: str) -> Path:
        raise ModelError(f"{model} is not installed")

    return CartoonGan(registry.info("cartoongan"), CPU, nowhere)


@pytest.mark.parametrize("depth", [8, 16])
def test_own_model_draws_and_keeps_alpha(tmp_path: Path, depth: int) -> None:
    drawer = stylist(tmp_path)
    given = picture(45, 70, depth)
    told = StyleSettings("cartoongan", 1.0, {"model": str(tmp_path)})
    made = drawer.stylise(given, told, CancelToken())
    assert np.array_equal(made.pixels[..., 3], given.pixels[..., 3])
    assert made == drawer.stylise(given, told, CancelToken())
    assert made != given
    assert drawer.estimate((1920, 1080), 24, told).seconds > 0


def test_missing_weights_are_told_with_what_to_do(tmp_path: Path) -> None:
    drawer = stylist(tmp_path)
    assert drawer.estimate((640, 360)).seconds > 0
    with pytest.raises(ModelError, match=r"is not installed.*genani train cartoongan"):
        drawer.stylise(picture(20, 20), StyleSettings("cartoongan"), CancelToken())


def test_cancel_comes_between_stages() -> None:
    token = CancelToken()
    checks = 0

    class Counting(CancelToken):
        def check(self) -> None:
            nonlocal checks
            checks += 1
            if checks == 3:
                token.cancel()
            token.check()

    painter = CartoonPainter(Generator(TINY).eval(), CPU)
    with pytest.raises(Cancelled):
        painter.paint(torch.rand(1, 3, 16, 16), Counting())
    assert checks == 3


def test_squares_share_what_the_whole_picture_is_like() -> None:
    torch.manual_seed(0)
    painter = CartoonPainter(Generator(TINY).eval(), CPU)
    dark = torch.linspace(0, 0.2, 64).expand(1, 3, 32, 64)
    whole = torch.cat((dark, 1 - dark), 3)
    alone, token = painter.paint(dark, CancelToken()), CancelToken()
    told = painter.seeing(whole, token).paint(dark, token)
    wanted = painter.paint(whole, token)[..., :64]
    # At the cut the surroundings differ; in from it only what is measured over the whole counts.
    inner = np.s_[..., 4:28, 4:12]
    assert (told - wanted)[inner].abs().max() < 1e-5
    assert (alone - wanted)[inner].abs().max() > 0.01
    torch.testing.assert_close(painter.paint(dark, token), alone)


@pytest.mark.parametrize("together", [False, True])
def test_normalisation_goes_by_what_it_is_told(together: bool) -> None:
    norm = norms.Norm(3, together=together, added=0.001 if together else 0.0)
    large, small = torch.rand(1, 3, 8, 8) * 5, torch.rand(1, 3, 8, 8)
    plain = norm(large)
    with norms.remembering(norm) as moments:
        torch.testing.assert_close(norm(large), plain)
    assert len(moments) == 1
    with norms.told(norm, moments):
        torch.testing.assert_close(norm(large), plain)
        assert norm(small).mean() < -0.5
    assert norm(small).mean().abs() < 0.1


def test_the_light_stylist_tells_of_a_file_that_does_not_fit(
    published: tuple[Path, Path],
) -> None:
    drawer = Light(registry.info("paprika"), CPU, lambda _model, file: published[0].parent / file)
    with pytest.raises(ModelError, match="does not hold a light CartoonGAN"):
        drawer.stylise(picture(20, 20), StyleSettings("paprika"), CancelToken())


def test_the_light_stylist_draws(
    published: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(light, "WIDTH", 4)
    monkeypatch.setattr(light, "BLOCKS", 1)
    drawer = Light(registry.info("paprika"), CPU, lambda _model, file: published[0].parent / file)
    drawer.natural = 64
    given = picture(30, 40)
    made = drawer.stylise(given, StyleSettings("paprika"), CancelToken())
    assert made != given
    assert np.array_equal(made.pixels[..., 3], given.pixels[..., 3])
