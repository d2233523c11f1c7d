"""StyleGAN2's networks and what is done with them, at 8 and 16 pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.stylise import registry
from genani.engines.stylise.api import StyleSettings, Stylist
from genani.engines.stylise.sequence import stylise_sequence
from genani.engines.stylise.stylegan import framing, sitter
from genani.engines.stylise.stylegan import stylist as stylist_module
from genani.engines.stylise.stylegan.directions import along, directions
from genani.engines.stylise.stylegan.edits import Edit, edited
from genani.engines.stylise.stylegan.encoder import Encoder
from genani.engines.stylise.stylegan.framing import Square
from genani.engines.stylise.stylegan.generator import Generator, GeneratorConfig, mixed, seeded
from genani.engines.stylise.stylegan.inversion import (
    compared,
    difference,
    guessed,
    inverted,
)
from genani.engines.stylise.stylegan.judge import Judge
from genani.engines.stylise.stylegan.layers import StyledConv, blurred, deviation
from genani.engines.stylise.stylegan.locating import opened
from genani.engines.stylise.stylegan.steady import Steady
from genani.engines.stylise.stylegan.stylist import StyleGan
from genani.engines.stylise.stylegan.weights import FILE, StyleModel, load, pack, save
from genani.face.standby import Standby
from genani.scene.errors import Cancelled, EngineError, ModelError
from genani.scene.picture import Picture

TINY = GeneratorConfig(size=16, channels=8, wide=8, latent=8, mapping=2)


def model_of(seed: int = 0, *, age: bool = True) -> StyleModel:
    """An untrained model of every part."""
    torch.manual_seed(seed)
    generator = Generator(TINY).eval().requires_grad_(False)
    generator.find_centre()
    encoder = Encoder(TINY).eval().requires_grad_(False)
    judge = Judge(TINY).eval().requires_grad_(False)
    return StyleModel(
        generator,
        encoder,
        judge,
        directions=directions(generator, 4),
        age=torch.ones(TINY.latent) if age else None,
    )


@pytest.fixture
def model() -> StyleModel:
    return model_of()


@pytest.mark.parametrize("size", [8, 16, 32])
def test_shapes(size: int) -> None:
    config = GeneratorConfig(size=size, channels=8, wide=4, latent=6, mapping=1)
    generator, judge, encoder = Generator(config), Judge(config), Encoder(config)
    w = seeded(generator, [1, 2, 3])
    picture = generator(w)
    assert picture.shape == (3, 4, size, size)
    assert judge(picture).shape == (3,)
    assert encoder(picture).shape == (3, config.styles, 6)
    assert [each.shape[2] for each in judge.trunk(picture)] == list(config.sides[::-1])
    assert len(generator.synthesis.modulations()) == config.styles - 1


def test_published_widths() -> None:
    widths = [GeneratorConfig(1024).width(side) for side in (4, 64, 128, 256, 512, 1024)]
    assert widths == [512, 512, 256, 128, 64, 32]
    assert GeneratorConfig(1024).styles == 18


@pytest.mark.parametrize("size", [4, 12, 2048])
def test_sizes_that_cannot_be(size: int) -> None:
    with pytest.raises(ValueError, match="size"):
        GeneratorConfig(size=size)


@pytest.mark.parametrize("double", [False, True])
def test_a_styled_convolution_is_one_kernel_a_picture(double: bool) -> None:
    torch.manual_seed(1)
    layer = StyledConv(3, 5, 4, 3, double=double)
    x, w = torch.randn(2, 3, 6, 6), torch.randn(2, 4)
    style = layer.style(w)
    kernels = (layer.weight / 27**0.5)[None] * style[:, None, :, None, None]
    kernels = kernels * torch.rsqrt(kernels.square().sum((2, 3, 4), keepdim=True) + 1e-8)
    if double:
        # As the paper's code has it: a group of transposed kernels a picture, then the blur.
        flat = kernels.transpose(1, 2).reshape(6, 5, 3, 3)
        wide = functional.conv_transpose2d(x.reshape(1, 6, 6, 6), flat, stride=2, groups=2)
        wanted = blurred(wide, 1, gain=4.0).view(2, 5, 12, 12)
    else:
        flat = kernels.reshape(10, 3, 3, 3)
        wanted = functional.conv2d(x.reshape(1, 6, 6, 6), flat, padding=1, groups=2)
        wanted = wanted.view(2, 5, 6, 6)
    assert torch.allclose(layer(x, w), wanted, atol=1e-5)


def test_doubling_keeps_a_plain_field_plain() -> None:
    plain = torch.zeros(1, 1, 9, 9)
    plain[:, :, ::2, ::2] = 1
    inside = blurred(plain, 1, gain=4.0)[:, :, 1:-1, 1:-1]
    assert torch.allclose(inside, torch.ones_like(inside))


def test_deviation_tells_equal_pictures_from_others() -> None:
    one = torch.randn(1, 3, 4, 4)
    assert float(deviation(one.expand(4, -1, -1, -1))[:, 3].max()) < 1e-3
    assert float(deviation(torch.randn(4, 3, 4, 4))[:, 3].min()) > 0.1
    assert deviation(torch.randn(5, 3, 4, 4)).shape == (5, 4, 4, 4)


def test_equal_seeds_are_equal_pictures(model: StyleModel) -> None:
    one, same, other = (model.generator(seeded(model.generator, [k])) for k in (7, 7, 8))
    assert torch.equal(one, same)
    assert not torch.allclose(one, other)
    both = model.generator(seeded(model.generator, [3, 7]))
    assert torch.allclose(both[1:], one, atol=1e-5)


def test_noise_is_fresh_in_training_only() -> None:
    generator = Generator(TINY)
    for layer in generator.synthesis.staying:
        torch.nn.init.ones_(layer.get_parameter("noise.strength"))
    w = seeded(generator, [1])
    assert not torch.equal(generator(w), generator(w))
    generator.eval()
    assert torch.equal(generator(w), generator(w))


def test_truncation_goes_to_the_centre(model: StyleModel) -> None:
    w = seeded(model.generator, [1])
    assert torch.equal(model.generator.truncated(w, 0.0)[0], model.generator.centre)
    assert torch.allclose(model.generator.truncated(w, 1.0), w)


@given(level=st.integers(0, TINY.styles))
def test_mixing_takes_layers_from_both(level: int) -> None:
    one, other = torch.zeros(1, TINY.styles, 2), torch.ones(1, TINY.styles, 2)
    assert mixed(one, other, level)[0, :, 0].tolist() == [0.0] * level + [1.0] * (
        TINY.styles - level
    )


def test_frozen_layers_take_no_gradient() -> None:
    judge = Judge(TINY)
    judge.freeze(4)
    frozen = [name for name, weight in judge.named_parameters() if not weight.requires_grad]
    starts = {name.rsplit(".", 1)[0] for name in frozen}
    block = "trunk.blocks.0"
    assert starts == {"trunk.enter", f"{block}.conv0", f"{block}.conv1", f"{block}.skip"}
    judge(torch.randn(2, 4, 16, 16)).sum().backward()
    assert all(
        (weight.grad is None) == (name in frozen) for name, weight in judge.named_parameters()
    )


def test_directions_are_apart_and_the_strongest_come_first(model: StyleModel) -> None:
    found = directions(model.generator, 4)
    unit = functional.normalize(found, dim=1)
    assert torch.allclose(unit @ unit.T, torch.eye(4), atol=1e-4)
    acting = torch.cat([weight for _, weight in model.generator.synthesis.modulations()])
    acting = functional.normalize(acting, dim=1)
    strength = torch.linalg.vector_norm(acting @ unit.T, dim=0)
    assert torch.equal(strength, strength.sort(descending=True).values)
    assert torch.equal(found, directions(model.generator, 4))


def test_a_direction_is_found_along_which_something_grows() -> None:
    rng = torch.Generator().manual_seed(3)
    styles = torch.randn(200, 6, generator=rng)
    told = styles @ torch.tensor([2.0, 0, 0, -1.0, 0, 0]) + 5
    way, sure = along(styles, told)
    assert sure > 0.99
    assert float(way @ functional.normalize(torch.tensor([2.0, 0, 0, -1.0, 0, 0]), dim=0)) > 0.95
    _, unsure = along(styles, torch.randn(200, generator=rng))
    assert unsure < 0.5


def test_edits(model: StyleModel) -> None:
    w = torch.randn(1, TINY.styles, TINY.latent)
    assert torch.allclose(edited(model, w, Edit()), w)
    moved = edited(model, w, Edit(direction=2, amount=-1.5))
    assert torch.allclose(moved - w, (-1.5 * model.directions[1]).expand_as(w), atol=1e-5)
    assert torch.allclose(edited(model, w, Edit(age=2.0)), w + 2.0, atol=1e-5)
    half = edited(model, w, Edit(mix=1.0, seed=5, level=3))
    assert torch.equal(half[:, :3], w[:, :3])
    assert torch.allclose(half[:, 3], seeded(model.generator, [5]), atol=1e-5)
    with pytest.raises(EngineError, match="4 directions, not 5"):
        edited(model, w, Edit(direction=5))
    with pytest.raises(EngineError, match="which way is older"):
        edited(model_of(age=False), w, Edit(age=1.0))


def test_inversion_lowers_the_loss_and_obeys(model: StyleModel) -> None:
    wanted = model.generator(seeded(model.generator, [11])).clamp(-1, 1)
    start = guessed(model, wanted)
    found = inverted(model, wanted, 25, CancelToken())
    looks = model.judge.trunk(wanted) if model.judge else []
    before, after = (float(difference(model, wanted, looks, w)) for w in (start, found))
    assert after < 0.8 * before
    assert torch.equal(inverted(model, wanted, 0, CancelToken()), start)
    token = CancelToken()
    seen: list[float] = []

    def stop(share: float, _text: str) -> None:
        seen.append(share)
        if len(seen) == 3:
            token.cancel()

    token = CancelToken(stop)
    with pytest.raises(Cancelled):
        inverted(model, wanted, 25, token)
    assert len(seen) == 3
    assert seen == sorted(seen)


def test_a_background_is_not_compared(model: StyleModel) -> None:
    cel = torch.rand(1, 4, 16, 16) * 2 - 1
    assert compared(model, cel) is cel
    photo = torch.cat([cel[:, :3], torch.ones(1, 1, 16, 16)], 1)
    seen = compared(model, photo)
    matte = (model.generator(guessed(model, photo))[:, 3] / 2 + 0.5).clamp(0, 1)
    assert torch.allclose(seen[:, 3] / 2 + 0.5, matte, atol=1e-6)
    assert bool(((seen[:, :3] / 2 + 0.5) <= matte[:, None] + 1e-6).all())


def test_a_model_without_encoder_begins_at_the_centre(model: StyleModel) -> None:
    alone = StyleModel(model.generator)
    guess = guessed(alone, torch.zeros(2, 4, 16, 16))
    assert torch.equal(guess[1, 3], model.generator.centre)


def test_files_hold_a_whole_model(model: StyleModel, tmp_path: Path) -> None:
    path = tmp_path / FILE
    save(model, path, half=False)
    again = load(path)
    assert again.config == TINY
    assert again.styled is None
    for name, network in model.networks().items():
        own = again.networks()[name].state_dict()
        assert all(torch.equal(each, own[key]) for key, each in network.state_dict().items())
    assert torch.equal(again.directions, model.directions)
    assert again.age is not None
    assert not any(weight.requires_grad for weight in again.generator.parameters())
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ModelError, match="damaged"):
        load(path)
    (tmp_path / "plain.bin").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="damaged"):
        load(tmp_path / "plain.bin")


def test_a_packed_model_is_found_by_its_folder(model: StyleModel, tmp_path: Path) -> None:
    pack(model, tmp_path, "mine", 'A "fine" one', "About.", "# Card\n")
    assert opened(str(tmp_path)).config == TINY
    assert (tmp_path / "CARD.md").read_text() == "# Card\n"
    with pytest.raises(ModelError, match="no style model at"):
        opened(str(tmp_path / "nowhere" / "x.safetensors"))


# -- the square of the face ---------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    left=st.integers(-20, 30), top=st.integers(-20, 30), side=st.integers(4, 40), size=st.just(16)
)
def test_what_is_cut_out_and_laid_back_stays_within(
    left: int, top: int, side: int, size: int
) -> None:
    square = Square(left, top, side)
    rgba = torch.rand(1, 4, 24, 20)
    rgba[:, :3] *= rgba[:, 3:]
    part = framing.cut_out(rgba, square, size)
    assert part.shape == (1, 4, size, size)
    assert float(part.min()) >= 0
    rgb = torch.rand(1, 3, 24, 20)
    laid = framing.laid_over(rgb, part, square)
    outside = torch.ones(24, 20, dtype=torch.bool)
    outside[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)] = False
    assert torch.equal(laid[:, :, outside], rgb[:, :, outside])


def test_the_middle_is_replaced_and_the_edge_fades() -> None:
    rgb = torch.zeros(1, 3, 40, 40)
    laid = framing.laid_over(rgb, torch.ones(1, 4, 16, 16), Square(0, 0, 40))
    assert float(laid[0, 0, 20, 20]) == pytest.approx(1)
    assert float(laid[0, 0, 0, 0]) < 0.05
    row = laid[0, 0, 20, :20]
    assert float(row.diff().min()) > -1e-5


def trembling(path: Sequence[float], by: float) -> list[Square]:
    """Squares of 200 pixels along a path, as landmarks that tremble give them."""
    rng = np.random.default_rng(5)
    noise = rng.normal(0, by, (len(path), 3))
    return [
        Square(round(x + dx), round(70 + dy), round(200 + 2 * grown))
        for x, (dx, dy, grown) in zip(path, noise.tolist(), strict=True)
    ]


def tremble(squares: Sequence[Square], path: Sequence[float]) -> float:
    """How many pixels a square's edges go beside the path from picture to picture."""
    edges = [
        (s.left - x, s.top, s.left + s.side - x, s.top + s.side)
        for s, x in zip(squares, path, strict=True)
    ]
    return float(np.abs(np.diff(np.array(edges), axis=0)).mean())


@pytest.mark.parametrize(("speed", "share"), [(0.0, 0.25), (2.0, 0.6), (6.0, 0.75)])
@pytest.mark.parametrize("by", [1.0, 2.0])
def test_a_trembling_square_is_held_steady_and_still_follows(
    speed: float, share: float, by: float
) -> None:
    path = [50 + speed * number for number in range(48)]
    found = trembling(path, by)
    steady = Steady()
    held = [steady(each) for each in found]
    assert held[0] == found[0]
    assert tremble(held, path) < share * tremble(found, path)
    assert max(abs(each.left - x) for each, x in zip(held, path, strict=True)) < 10


def test_another_face_begins_anew() -> None:
    steady = Steady()
    for each in trembling([50.0] * 6, 1.0):
        steady(each)
    for other in (Square(300, 60, 200), Square(300, 60, 90)):
        assert steady(other) == other


# -- the stylist --------------------------------------------------------------------------------


def stylist_of(model: StyleModel, folder: Path) -> StyleGan:
    save(model, folder / FILE)

    def locate(name: str, file: str) -> Path:
        if name != "genani-stylegan":
            raise ModelError(f"{name} is not installed")
        return folder / file

    return StyleGan(registry.info("stylegan"), Device(), locate)


def drawing(width: int = 30, height: int = 24, *, depth: int = 8) -> Picture:
    rng = np.random.default_rng(4)
    white = (1 << depth) - 1
    pixels = rng.integers(0, white + 1, (height, width, 4))
    pixels[:, :6] = 0
    pixels[:, -4:, 3] = white
    return Picture(pixels.astype(np.uint16 if depth == 16 else np.uint8), b"")


def asked(**options: bool | int | float | str) -> StyleSettings:
    return StyleSettings("stylegan", options={"part": "whole", "steps": 2, **options}, seed=9)


@pytest.mark.parametrize("depth", [8, 16])
def test_the_stylist_keeps_size_depth_and_alpha(
    model: StyleModel, tmp_path: Path, depth: int
) -> None:
    stylist = stylist_of(model, tmp_path)
    assert isinstance(stylist, Stylist)
    picture = drawing(depth=depth)
    made = stylist.stylise(picture, asked(), CancelToken())
    assert (made.size, made.depth) == (picture.size, depth)
    assert np.array_equal(made.pixels[..., 3], picture.pixels[..., 3])
    assert not made.pixels[made.pixels[..., 3] == 0].any()
    assert not np.array_equal(made.pixels, picture.pixels)
    assert made == stylist.stylise(picture, asked(), CancelToken())
    other = stylist.stylise(picture, asked(mix=1.0, level=0), CancelToken())
    assert other != made
    nothing = StyleSettings("stylegan", 0.0, {"part": "whole"})
    assert stylist.stylise(picture, nothing, CancelToken()) is picture
    assert stylist.stylise(Picture.blank(9, 9), asked(), CancelToken()) == Picture.blank(9, 9)


def test_the_styled_generator_draws(model: StyleModel, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = stylist_of(model, tmp_path / "a").stylise(drawing(), asked(), CancelToken())
    torch.manual_seed(99)
    styled = StyleModel(model.generator, model.encoder, model.judge, Generator(TINY))
    made = stylist_of(styled, tmp_path / "b").stylise(drawing(), asked(), CancelToken())
    assert made != plain


def test_without_a_face_model_the_stylist_says_so(model: StyleModel, tmp_path: Path) -> None:
    said: list[str] = []
    stylist = stylist_of(model, tmp_path)
    token = CancelToken(lambda _share, text: said.append(text))
    made = stylist.stylise(drawing(), asked(part="auto"), token)
    assert any("the whole picture is drawn anew" in text for text in said)
    assert made == stylist.stylise(drawing(), asked(), CancelToken())
    with pytest.raises(ModelError, match="not installed"):
        stylist.stylise(drawing(), asked(part="face"), CancelToken())


def test_in_a_row_the_face_keeps_its_square(
    model: StyleModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stylist = stylist_of(model, tmp_path)
    squares: list[Square] = []
    found = iter(trembling([50.0] * 8, 1.0) * 2)

    def laid(rgb: torch.Tensor, _drawn: torch.Tensor, square: Square) -> torch.Tensor:
        squares.append(square)
        return rgb

    # What is found in a picture this small is not looked at: only what becomes of its square.
    monkeypatch.setattr(Standby, "find", lambda _self, _picture: [None])
    monkeypatch.setattr(sitter, "around", lambda _face: next(found))
    monkeypatch.setattr(stylist_module, "laid_over", laid)
    pictures = [drawing(20 + number, 24) for number in range(8)]
    asking = asked(part="face", steps=0)
    for picture in pictures:
        stylist.stylise(picture, asking, CancelToken())
    assert len(set(squares)) > 4
    squares.clear()
    list(stylise_sequence(stylist, pictures, asking, CancelToken()))
    assert len(squares) == 8
    assert len(set(squares)) == 1


def test_bad_settings_and_cancel(model: StyleModel, tmp_path: Path) -> None:
    stylist = stylist_of(model, tmp_path)
    with pytest.raises(EngineError, match="direction"):
        stylist.stylise(drawing(), asked(direction=99), CancelToken())
    with pytest.raises(ModelError, match="no style model at"):
        stylist.stylise(drawing(), asked(model="no/such/place"), CancelToken())
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        stylist.stylise(drawing(), asked(), token)


def test_the_cost_is_told_without_weights(tmp_path: Path) -> None:
    def locate(name: str, file: str) -> Path:
        raise AssertionError(f"{name}/{file} was asked for")

    stylist = StyleGan(registry.info("jojogan"), Device(), locate)
    one, many = stylist.estimate((640, 480)), stylist.estimate((640, 480), 10)
    assert 0 < one.seconds < many.seconds
    assert many.device == "cpu"
