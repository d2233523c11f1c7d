"""Pictures are values: read-only, named by their pixels, checked for size."""

import numpy as np
import pytest

from genani.scene.composite import composite
from genani.scene.errors import PictureError, SceneError
from genani.scene.picture import Picture, check_size
from genani.scene.time import Rate, check_frame


def test_nobody_can_change_a_picture() -> None:
    mine = np.zeros((2, 3, 4), np.uint8)
    picture = Picture(mine)
    name = picture.id
    mine[:] = 9
    assert picture.pixels.max() == 0
    assert Picture(picture.pixels).id == name
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0, 0, 0] = 1


def test_id_tells_pixels_size_depth_and_profile() -> None:
    flat = np.zeros((2, 3, 4), np.uint8)
    turned = flat.reshape(3, 2, 4)
    pictures = [
        Picture(flat),
        Picture(turned),
        Picture(flat.astype(np.uint16)),
        Picture(flat, b"profile"),
        Picture(flat + np.uint8(1)),
    ]
    assert len({p.id for p in pictures}) == 5
    assert pictures[0] == Picture(flat.copy())
    assert pictures[3].colour.startswith("icc:")


@pytest.mark.parametrize("size", [(0, 5), (60_000, 60_000), (40_000, 10), (20_000, 20_000)])
def test_sizes_no_drawing_has_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError):
        check_size(*size)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 3)])
def test_only_rgba(shape: tuple[int, ...]) -> None:
    with pytest.raises(PictureError, match="RGBA"):
        Picture(np.zeros(shape, np.uint8))


def test_only_whole_numbers() -> None:
    with pytest.raises(PictureError, match="float32"):
        Picture(np.zeros((2, 2, 4), np.float32))  # pyright: ignore[reportArgumentType]


def test_a_lone_layer_passes_through_untouched() -> None:
    rng = np.random.default_rng(1)
    picture = Picture(rng.integers(0, 255, (5, 4, 4), np.uint8))
    assert composite([(picture, 1.0)], (4, 5)) is picture


def test_over() -> None:
    back = Picture(np.full((2, 2, 4), (255, 0, 0, 255), np.uint8))
    front = Picture(np.full((2, 2, 4), (0, 0, 255, 128), np.uint8))
    mixed = composite([(back, 1.0), (front, 1.0)], (3, 2))
    assert mixed.pixels[0, 0].tolist() == [127, 0, 128, 255]
    assert mixed.pixels[0, 2].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("said", "exact"),
    [("23.976", (24000, 1001)), (29.97, (30000, 1001)), (24, (24, 1)), (12.5, (25, 2))],
)
def test_spoken_rates_are_exact(said: float | str, exact: tuple[int, int]) -> None:
    rate = Rate.of(said)
    assert (rate.numerator, rate.denominator) == exact


@pytest.mark.parametrize("said", ["fast", 0, -1, 500, "1/0"])
def test_bad_rates(said: str) -> None:
    with pytest.raises(SceneError):
        Rate.of(said)


def test_seconds_and_frames() -> None:
    assert Rate(24).milliseconds(24) == 1000
    assert Rate.of("23.976").milliseconds(24) == 1001
    with pytest.raises(SceneError, match="start at 1"):
        check_frame(0)
