"""Animate this drawing: the network, the stage, pixel art, and the animator around them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.inbetween.sprite.actions import ACTIONS, Action
from genani.engines.inbetween.sprite.animator import Animator, times
from genani.engines.inbetween.sprite.network import Moment, Plan, SpriteNet
from genani.engines.inbetween.sprite.pixel_art import grain_of, pixel_art
from genani.engines.inbetween.sprite.settings import AnimateSettings
from genani.engines.inbetween.sprite.stage import cut_out, stage
from genani.engines.inbetween.sprite.weights import FILE, MODEL, TINY, load, pack
from genani.scene.errors import Cancelled, EngineError, ModelError
from genani.scene.picture import Picture
from genani.store.models import path

CPU = torch.device("cpu")
RED, BLUE = (200, 30, 20, 255), (20, 40, 220, 255)


def figure(width: int = 40, height: int = 30, depth: int = 8, paper: bool = False) -> Picture:
    """A red body on blue legs, nothing around it, or white paper."""
    dtype, scale = (np.uint16, 257) if depth == 16 else (np.uint8, 1)
    pixels = np.zeros((height, width, 4), dtype)
    if paper:
        pixels[:] = 255 * scale
    pixels[5:15, 10:20] = np.array(RED, dtype) * dtype(scale)
    pixels[15:25, 12:18] = np.array(BLUE, dtype) * dtype(scale)
    return Picture(pixels, b"")


def moving(seed: int = 3) -> SpriteNet:
    """A tiny network that draws something else than the key."""
    torch.manual_seed(seed)
    model = SpriteNet(TINY)
    for weight in model.heads.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("model")
    pack(moving(), place, {"distance": 0.5}, "Nothing.", 64, 1)
    return place


@pytest.fixture
def animator() -> Animator:
    return Animator(Device(), path)


def drawn(animator: Animator, picture: Picture, folder: Path, **told: object) -> list[Picture]:
    settings = AnimateSettings(**{"frames": 4, "model": str(folder), **told})  # pyright: ignore[reportArgumentType]
    return list(animator.frames(picture, settings, CancelToken()))


def test_untrained_it_draws_the_key_nearly_as_it_is() -> None:
    model = SpriteNet(TINY).eval().requires_grad_(False)
    key = torch.linspace(0, 1, 32).expand(1, 4, 32, 32)
    moment = Moment(torch.tensor([1]), torch.tensor([0.3]), torch.tensor([0.1]))
    plan = model(key, key, moment)
    assert float((plan.carried(key, key) - key).abs().max()) < 0.02
    assert float(plan.gate.mean()) < 0.1


def test_time_is_a_circle() -> None:
    model, key = moving(), torch.rand(1, 4, 32, 32)

    def at(phase: float) -> torch.Tensor:
        moment = Moment(torch.tensor([1]), torch.tensor([phase]), torch.tensor([0.1]))
        return model.draw(key, key, moment)

    assert torch.allclose(at(0.0), at(1.0), atol=1e-5)
    assert not torch.allclose(at(0.0), at(0.5), atol=1e-3)


def test_actions_and_the_frame_before_matter() -> None:
    model, key = moving(), torch.rand(1, 4, 32, 32)
    phase, step = torch.tensor([0.4]), torch.tensor([0.1])
    each = [model.draw(key, key, Moment(torch.tensor([n]), phase, step)) for n in range(2)]
    assert not torch.allclose(each[0], each[1], atol=1e-4)
    other = model.draw(key, key.flip(3), Moment(torch.tensor([0]), phase, step))
    assert not torch.allclose(each[0], other, atol=1e-4)


def test_paint_is_premultiplied() -> None:
    key = torch.rand(2, 4, 32, 32)
    moment = Moment(torch.tensor([0, 6]), torch.rand(2), torch.rand(2))
    paint = moving()(key, key, moment).paint
    assert bool((paint[:, :3] <= paint[:, 3:]).all())


def test_weights_come_back_and_broken_files_are_told(tmp_path: Path) -> None:
    model = moving()
    pack(model, tmp_path, {"distance": 0.25}, "Two cats.", 64, 10)
    back = load(tmp_path / FILE)
    assert back.config == TINY
    pairs = zip(model.state_dict().values(), back.state_dict().values(), strict=True)
    assert all(torch.allclose(one, two, atol=2e-3) for one, two in pairs)
    assert "Two cats." in (tmp_path / "CARD.md").read_text()
    (tmp_path / FILE).write_bytes(b"no weights")
    with pytest.raises(ModelError, match="damaged"):
        load(tmp_path / FILE)


def test_a_plan_that_moves_nothing_gives_the_key_at_any_size() -> None:
    place = stage(figure(), Action.WALK, CPU)
    flat = torch.zeros(1, 2, 16, 16)
    one, none = torch.ones(1, 1, 16, 16), torch.zeros(1, 1, 16, 16)
    plan = Plan(flat, flat, one, none, torch.zeros(1, 4, 16, 16))
    made = place.drawn(plan, place.key, hard=False)
    assert made.shape == place.key.shape
    assert torch.allclose(made, place.key, atol=1e-5)


def test_a_plan_that_moves_everything_moves_it_in_shares_of_the_square() -> None:
    place = stage(figure(), Action.WALK, CPU)
    step = 4 / (place.side / 2)
    flow = torch.zeros(1, 2, 16, 16)
    flow[:, 0] = step
    one, none = torch.ones(1, 1, 16, 16), torch.zeros(1, 1, 16, 16)
    plan = Plan(flow, flow, one, none, torch.zeros(1, 4, 16, 16))
    made = place.drawn(plan, place.key, hard=False)
    assert torch.allclose(made[..., 4:24], place.key[..., 8:28], atol=1e-4)


def test_the_network_sees_the_drawing_with_room_to_jump() -> None:
    seen = stage(figure(), Action.JUMP, CPU).seen(64, nearest=False)[0, 3]
    rows = seen.amax(1).nonzero()[:, 0]
    above, below = int(rows[0]), 63 - int(rows[-1])
    assert 0.5 < len(rows) / 64 < 0.72
    assert above > below


def test_paper_is_taken_away_and_laid_back(animator: Animator, folder: Path) -> None:
    picture = figure(paper=True)
    bare, paper = cut_out(picture.pixels)
    assert paper is not None
    assert bare[0, 0, 3] == 0
    assert bare[10, 15, 3] == 255
    for frame in drawn(animator, picture, folder):
        assert frame.opaque
        assert tuple(frame.pixels[0, 0]) == (255, 255, 255, 255)


def test_a_scene_without_paper_fills_its_canvas(animator: Animator, folder: Path) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (24, 40, 4), np.uint8)
    pixels[..., 3] = 255
    assert all(frame.opaque for frame in drawn(animator, Picture(pixels), folder))


@pytest.mark.parametrize("size", [(7, 5), (40, 30), (130, 64), (33, 300)])
@pytest.mark.parametrize("depth", [8, 16])
def test_any_canvas_keeps_size_depth_and_key(
    animator: Animator, folder: Path, size: tuple[int, int], depth: int
) -> None:
    width, height = size
    pixels = np.zeros((height, width, 4), np.uint16 if depth == 16 else np.uint8)
    pixels[height // 3 : 2 * height // 3 + 1, width // 3 : 2 * width // 3 + 1] = 255
    if depth == 16:
        pixels *= 257
    picture = Picture(pixels, b"")
    frames = drawn(animator, picture, folder, frames=3)
    assert frames[0] is picture
    assert {(frame.size, frame.depth, frame.icc) for frame in frames} == {(size, depth, b"")}


def test_the_same_seed_gives_the_same_pixels_and_another_does_not(
    animator: Animator, folder: Path
) -> None:
    once = drawn(animator, figure(), folder, pixel_art="off")
    again = drawn(Animator(Device(), path), figure(), folder, pixel_art="off")
    other = drawn(animator, figure(), folder, pixel_art="off", seed=5)
    assert once == again
    assert once[1:] != other[1:]
    assert len(set(once)) == 4


def test_clear_stays_clear_far_from_the_figure(animator: Animator, folder: Path) -> None:
    pixels = np.zeros((200, 200, 4), np.uint8)
    pixels[90:110, 90:110] = RED
    frames = drawn(animator, Picture(pixels), folder, pixel_art="off")
    assert all(not frame.pixels[:60].any() for frame in frames)


def test_cancel_comes_between_frames(animator: Animator, folder: Path) -> None:
    token = CancelToken()
    settings = AnimateSettings(frames=8, model=str(folder))
    made = animator.frames(figure(), settings, token)
    next(made)
    next(made)
    token.cancel()
    with pytest.raises(Cancelled):
        next(made)


def test_progress_is_told(animator: Animator, folder: Path) -> None:
    told: list[tuple[float, str]] = []
    token = CancelToken(lambda share, text: told.append((share, text)))
    list(animator.frames(figure(), AnimateSettings(frames=3, model=str(folder)), token))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert told[1][1] == "frame 2 of 3"


def test_estimates_load_nothing_and_grow(animator: Animator) -> None:
    few = animator.estimate((64, 64), AnimateSettings(frames=4))
    many = animator.estimate((2048, 2048), AnimateSettings(frames=20, side=256))
    assert many.seconds > few.seconds > 0
    assert many.memory > few.memory
    assert few.device == "cpu"


def test_bad_input_is_told_in_words(
    animator: Animator, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(EngineError, match="empty"):
        drawn(animator, Picture.blank(20, 20), folder)
    for told in ({"frames": 1}, {"seed": -1}, {"side": 99}, {"pixel_art": "maybe"}):
        with pytest.raises(EngineError):
            AnimateSettings(**told)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ModelError, match="no sprite network"):
        drawn(animator, figure(), Path("nowhere"))

    def lost(name: str, file: str) -> Path:
        raise ModelError(f"there is no {name} {file}")

    with pytest.raises(ModelError, match=f"train sprite.*{MODEL}"):
        list(Animator(Device(), lost).frames(figure(), AnimateSettings(), CancelToken()))


@pytest.mark.parametrize("seed", [0, 1, 77])
def test_time_goes_round_once_and_never_back(seed: int) -> None:
    phases = times(12, seed)
    assert phases[0] == 0
    assert phases == sorted(phases)
    assert phases[-1] < 1


def test_pixel_art_uses_only_the_colours_of_the_drawing(animator: Animator, folder: Path) -> None:
    large = figure().pixels.repeat(4, 0).repeat(4, 1)
    picture = Picture(large)
    own = {tuple(colour) for colour in large.reshape(-1, 4)}
    frames = drawn(animator, picture, folder)
    for frame in frames:
        assert {tuple(colour) for colour in frame.pixels.reshape(-1, 4)} <= own
        # Nothing lies between the pixels that the drawing is made of.
        assert grain_of(frame.pixels) % 4 == 0
    assert len(set(frames)) > 1


def test_pixel_art_is_told_by_its_few_colours_and_its_size() -> None:
    small = figure().pixels
    assert pixel_art(small, "auto") is not None
    assert pixel_art(small, "off") is None
    rng = np.random.default_rng(1)
    painted = rng.integers(0, 256, (64, 64, 4), np.uint8)
    assert pixel_art(painted, "auto") is None
    assert pixel_art(painted, "on") is not None
    wide = np.zeros((8, 301, 4), np.uint8)
    wide[:, ::2] = RED
    assert pixel_art(wide, "auto") is None


@given(
    st.integers(1, 5),
    arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6), st.just(4))),
)
def test_what_was_enlarged_is_known_to_be(grain: int, pixels: np.ndarray) -> None:
    large = pixels.repeat(grain, 0).repeat(grain, 1)
    found = grain_of(large)
    assert found % grain == 0
    assert np.array_equal(large[::found, ::found].repeat(found, 0).repeat(found, 1), large)


def test_actions_keep_their_numbers() -> None:
    assert [str(action) for action in ACTIONS] == [
        "idle",
        "walk",
        "run",
        "jump",
        "attack",
        "blink",
        "talk",
    ]
