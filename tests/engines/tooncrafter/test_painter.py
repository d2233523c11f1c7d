"""What stands between the model and any picture: canvas, alpha, colours, and any time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.inbetween.tooncrafter.canvas import canvas_for
from genani.engines.inbetween.tooncrafter.cutout import cut_out
from genani.engines.inbetween.tooncrafter.frames import ROUNDED, Frames, matched
from genani.engines.inbetween.tooncrafter.painter import ToonCrafterPainter
from genani.engines.tensor import premultiplied
from tests.engines.drawings import disc
from tests.engines.tooncrafter.goldens import noise


@given(st.integers(1, 5000), st.integers(1, 5000), st.sampled_from([64, 320, 512, 768]))
@settings(max_examples=40, deadline=None)
def test_every_picture_lies_whole_on_its_canvas(height: int, width: int, side: int) -> None:
    canvas = canvas_for(height, width, side, 64)
    assert canvas.height % 64 == canvas.width % 64 == 0
    assert canvas.area <= max(side * side * 5 / 8 * 1.15, 64 * 64)
    assert 0 <= canvas.top <= canvas.top + canvas.tall <= canvas.height
    assert 0 <= canvas.left <= canvas.left + canvas.wide <= canvas.width
    # One direction fills the canvas, and the shape is kept to the pixel.
    assert canvas.tall == canvas.height or canvas.wide == canvas.width
    scale = min(canvas.height / height, canvas.width / width)
    assert abs(canvas.tall - height * scale) <= 0.5 or canvas.tall == 1
    assert abs(canvas.wide - width * scale) <= 0.5 or canvas.wide == 1


def test_the_trained_shape_is_kept() -> None:
    canvas = canvas_for(320, 512, 512, 64)
    assert (canvas.height, canvas.width) == (canvas.tall, canvas.wide) == (320, 512)
    portrait = canvas_for(1920, 1200, 512, 64)
    assert (portrait.height, portrait.width) == (512, 320)


@pytest.mark.parametrize("size", [(108, 192), (192, 108), (90, 90)])
def test_there_and_back(size: tuple[int, int]) -> None:
    y, x = torch.meshgrid(
        torch.linspace(0, 3, size[0]), torch.linspace(0, 3, size[1]), indexing="ij"
    )
    picture = (torch.stack((x.sin(), y.cos(), (x + y).sin()))[None] + 1) / 2
    canvas = canvas_for(*size, 512, 64)
    laid = canvas.laid(picture)
    assert laid.shape == (1, 3, canvas.height, canvas.width)
    assert (canvas.taken(laid, *size) - picture).abs().max() < 0.02
    # No bar is black: what is around the picture is its border.
    assert (laid[:, :, 0] - laid[:, :, canvas.top]).abs().max() < 1e-6


WHITE = torch.ones(1, 3, 1, 1)


def on_white(rgba: Tensor) -> Tensor:
    return rgba[:, :3] + 1 - rgba[:, 3:]


def test_alpha_of_a_drawing_is_found_again() -> None:
    rgba = premultiplied(disc((64, 48), (30, 22), 14).pixels)
    made = cut_out(on_white(rgba), WHITE, rgba[:, 3:] == 0)
    assert (made[:, 3:] - rgba[:, 3:]).abs().max() < 0.2
    assert (made[:, 3:] - rgba[:, 3:]).abs().mean() < 0.005
    assert (made[:, :3] <= made[:, 3:] + 1e-6).all()
    # But for the palest pixels of the edge, which are taken for paper.
    assert (on_white(made) - on_white(rgba)).abs().max() < 0.08


def test_white_inside_of_a_drawing_stays() -> None:
    rgba = premultiplied(disc((64, 64), (32, 32), 20).pixels)
    rgba[:, :3, 28:36, 28:36] = 1.0
    empty = premultiplied(disc((64, 64), (32, 32), 20).pixels)[:, 3:] == 0
    made = cut_out(on_white(rgba), WHITE, empty)
    assert (made[:, 3, 30:34, 30:34] == 1).all()
    assert made[0, 3, 0, 0] == 0


def test_colours_come_back_to_those_of_the_keys() -> None:
    true = noise(16, 3, 20, 30, seed=2).sigmoid()
    share = torch.linspace(0, 1, 16).view(-1, 1, 1, 1)
    drifted = true * (0.9 + 0.1 * share) + 0.06 * (1 - share)
    made = matched(drifted, true[:1], true[-1:])
    assert (made[0] - true[0]).abs().max() < 1e-4
    assert (made[-1] - true[-1]).abs().max() < 1e-4
    assert (made - true).abs().mean() < (drifted - true).abs().mean() / 3


def test_a_flat_colour_says_nothing_of_contrast() -> None:
    grey = torch.full((16, 3, 8, 8), 0.5)
    made = matched(grey, grey[:1] + 0.05, grey[:1])
    assert torch.allclose(made[0], torch.tensor(0.55))
    assert torch.allclose(made[-1], torch.tensor(0.5))


def painter(between: Any = None) -> tuple[ToonCrafterPainter, Frames]:
    """A painter whose frames are known: each is as bright as its place."""
    level = torch.linspace(0, 1, 16).view(-1, 1, 1, 1).expand(16, 4, 64, 64)
    nobody: Any = None
    return ToonCrafterPainter(nobody, between), Frames(level, canvas_for(64, 64, 80, 64), (64, 64))


def test_times_on_a_frame_are_that_frame() -> None:
    made, frames = painter()
    for place in range(16):
        painted = made.paint(frames, place / 15, CancelToken())
        assert float(painted.rgba.mean()) == pytest.approx(place / 15, abs=1e-5)
        assert painted.warnings == ()


def test_times_between_frames_are_drawn_between() -> None:
    def mixed(first: Tensor, last: Tensor, share: float, token: CancelToken) -> Tensor:
        token.check()
        return torch.lerp(first, last, share)

    made, frames = painter(mixed)
    levels = [float(made.paint(frames, t / 100, CancelToken()).rgba.mean()) for t in range(1, 100)]
    assert levels == pytest.approx([t / 100 for t in range(1, 100)], abs=1e-4)


def test_without_rife_the_nearest_frame_is_taken_and_told() -> None:
    made, frames = painter()
    painted = made.paint(frames, 0.5, CancelToken())
    assert painted.warnings == (ROUNDED.format(16),)
    levels = [float(made.paint(frames, t / 50, CancelToken()).rgba.mean()) for t in range(51)]
    assert all(a <= b + 1e-6 for a, b in pairwise(levels))
