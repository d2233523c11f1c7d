"""Pictures on their way to a stylist and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.engines.device import Device
from genani.engines.stylise.canvas import Canvas, continued
from genani.engines.tensor import premultiplied
from genani.scene.picture import Picture

CPU = Device()


def picture(height: int, width: int, depth: int = 8, seed: int = 0, icc: bytes = b"") -> Picture:
    """Noise, of which a disc is to be seen."""
    white = (1 << depth) - 1
    rng = np.random.default_rng(seed)
    kind = np.uint16 if depth == 16 else np.uint8
    pixels = rng.integers(0, white + 1, (height, width, 4)).astype(kind)
    rows, columns = np.mgrid[:height, :width]
    away = np.hypot(rows - height / 2, columns - width / 2)
    pixels[..., 3] = np.clip(min(height, width) / 2 - away, 0, 1) * white
    return Picture(pixels, icc)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 90),
    st.integers(1, 90),
    st.sampled_from([8, 16]),
    st.floats(0, 1),
    st.integers(0, 99),
)
def test_size_depth_alpha_and_tag_stay(
    height: int, width: int, depth: int, strength: float, seed: int
) -> None:
    given = picture(height, width, depth, seed, b"a profile")
    canvas = Canvas(given, CPU)
    made = canvas.finished(1 - canvas.rgb, strength)
    assert made.size == given.size
    assert made.depth == depth
    assert made.icc == b"a profile"
    assert np.array_equal(made.pixels[..., 3], given.pixels[..., 3])


@pytest.mark.parametrize("depth", [8, 16])
def test_a_stylist_that_changes_nothing_changes_nothing(depth: int) -> None:
    given = picture(70, 50, depth)
    canvas = Canvas(given, CPU)
    made = canvas.finished(canvas.rgb)
    seen = given.pixels[..., 3] == given.white
    assert np.array_equal(made.pixels[seen], given.pixels[seen])
    assert not made.pixels[given.pixels[..., 3] == 0].any()


def test_strength_is_the_share_of_the_style() -> None:
    given = Picture(np.full((4, 4, 4), 255, np.uint8) * np.array([0, 1, 1, 1], np.uint8))
    canvas = Canvas(given, CPU)
    assert canvas.finished(1 - canvas.rgb, 0) is given
    made = canvas.finished(1 - canvas.rgb, 0.2)
    assert (made.pixels == (51, 204, 204, 255)).all()


def test_nothing_to_be_seen_is_no_canvas() -> None:
    empty = Picture.blank(9, 5)
    canvas = Canvas(empty, CPU)
    assert canvas.box is None
    assert canvas.finished(canvas.rgb) is empty


def test_only_what_is_seen_is_drawn_from_a_steady_corner() -> None:
    boxes = []
    for shift in (0, 1, 5):
        pixels = np.zeros((400, 600, 4), np.uint8)
        pixels[200 + shift : 230 + shift, 300 + shift : 330 + shift] = 255
        boxes.append(Canvas(Picture(pixels), CPU).box)
    assert all(box is not None and box.height < 200 and box.width < 200 for box in boxes)
    assert {(box.top % 32, box.left % 32) for box in boxes if box} == {(0, 0)}


def test_colours_go_on_under_what_is_transparent() -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, 20:30] = (255, 0, 0, 255)
    pixels[:, 50:60] = (0, 0, 255, 255)
    # What nobody can see must not shine through.
    pixels[:, :20, :3] = 200
    seen = continued(premultiplied(pixels))[0]
    torch.testing.assert_close(seen[:, :, 25], torch.tensor([1.0, 0, 0])[:, None].expand(3, 64))
    assert seen[0, :, :20].min() > 0.7
    assert seen[2, :, 61:].min() > 0.7
    assert seen.amax() <= 1.0001


def test_a_soft_edge_shows_its_own_colour() -> None:
    pixels = np.full((32, 32, 4), (10, 200, 30, 0), np.uint8)
    pixels[8:24, 8:24, 3] = 255
    pixels[7, 8:24, 3] = 60
    seen = continued(premultiplied(pixels))[0]
    wanted = torch.tensor([10, 200, 30])[:, None] / 255
    torch.testing.assert_close(seen[:, 7, 8:24], wanted.expand(3, 16), atol=0.01, rtol=0)
