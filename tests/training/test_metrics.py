import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genani.scene.errors import PictureError
from genani.scene.picture import Picture
from genani.training.metrics import (
    Image,
    flicker,
    moving_pixels,
    on_white,
    opencv,
    pooled_psnr,
    psnr,
    ssim,
    warped_flicker,
)

images = arrays(np.float32, (12, 13, 3), elements=st.floats(0, 1, width=32))


def flat(value: float, shape: tuple[int, int] = (12, 13)) -> Image:
    return np.full((*shape, 3), value, np.float32)


def test_transparency_is_white_paper() -> None:
    pixels = np.array([[[255, 0, 0, 0], [255, 0, 0, 255], [0, 0, 0, 51]]], np.uint8)
    shown = on_white(Picture(pixels))
    assert np.allclose(shown, [[[1, 1, 1], [1, 0, 0], [0.8, 0.8, 0.8]]], atol=1e-6)
    assert shown.dtype == np.float32


def test_depths_agree() -> None:
    eight = np.arange(64, dtype=np.uint8).reshape(4, 4, 4) * 4
    sixteen = eight.astype(np.uint16) * 257
    assert np.allclose(on_white(Picture(eight)), on_white(Picture(sixteen)), atol=1e-6)


def test_psnr_of_a_known_error() -> None:
    assert psnr(flat(0.6), flat(0.5)) == pytest.approx(20, abs=1e-4)


@given(images)
def test_psnr_of_equal_pictures_is_infinite(image: Image) -> None:
    assert math.isinf(psnr(image, image))


@given(images, images)
def test_psnr_does_not_care_for_the_order(one: Image, other: Image) -> None:
    assert psnr(one, other) == psnr(other, one)


def test_psnr_of_several_is_that_of_their_mean_error() -> None:
    assert pooled_psnr([20.0, 40.0]) == pytest.approx(-10 * math.log10((1e-2 + 1e-4) / 2))
    assert pooled_psnr([20.0, math.inf]) == pytest.approx(20 + 10 * math.log10(2))
    assert math.isinf(pooled_psnr([math.inf, math.inf]))


def test_pictures_of_two_sizes_are_refused() -> None:
    with pytest.raises(PictureError, match=r"13 x 12 and 13 x 14"):
        psnr(flat(0), flat(0, (14, 13)))


def slow_ssim(x: Image, y: Image) -> float:
    """The formula of Wang 2004, window by window."""
    offsets = np.arange(11) - 5
    line = np.exp(-(offsets**2) / (2 * 1.5**2))
    window = np.outer(line, line) / line.sum() ** 2
    a, b = (255 * (each.astype(np.float64) @ [0.299, 0.587, 0.114]) for each in (x, y))
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for row in range(a.shape[0] - 10):
        for column in range(a.shape[1] - 10):
            p, q = (each[row : row + 11, column : column + 11] for each in (a, b))
            mp, mq = (window * p).sum(), (window * q).sum()
            vp, vq = (window * (p - mp) ** 2).sum(), (window * (q - mq) ** 2).sum()
            cov = (window * (p - mp) * (q - mq)).sum()
            up = (2 * mp * mq + c1) * (2 * cov + c2)
            values.append(up / ((mp**2 + mq**2 + c1) * (vp + vq + c2)))
    return float(np.mean(values))


def test_ssim_follows_the_published_formula() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random((16, 19, 3)).astype(np.float32)
    result = np.clip(truth + rng.normal(0, 0.2, truth.shape), 0, 1).astype(np.float32)
    assert ssim(result, truth) == pytest.approx(slow_ssim(result, truth), abs=1e-6)


@given(images)
def test_ssim_of_equal_pictures_is_one(image: Image) -> None:
    assert ssim(image, image) == pytest.approx(1)


def test_ssim_needs_room_for_its_window() -> None:
    with pytest.raises(PictureError, match="11 pixels"):
        ssim(flat(0, (10, 30)), flat(0, (10, 30)))


def test_moving_pixels_are_where_keys_and_truth_are_not_alike() -> None:
    first, last, truth = (flat(0.5, (1, 4)) for _ in range(3))
    last[0, 1] = 0.9
    truth[0, 2, 1] = 0.4
    truth[0, 3, 1] = 0.52
    assert moving_pixels(first, last, truth).tolist() == [[False, True, True, False]]


def test_a_steady_error_does_not_flicker() -> None:
    truth = [flat(0.1 * i) for i in range(4)]
    off = [each + np.float32(0.2) for each in truth]
    assert flicker(off, truth) == pytest.approx(0, abs=1e-4)


def test_boiling_is_measured_in_levels() -> None:
    truth = [flat(0.5)] * 5
    boiling = [flat(0.5 + 0.02 * (i % 2)) for i in range(5)]
    assert flicker(boiling, truth) == pytest.approx(0.02 * 255, abs=1e-3)


def test_flicker_needs_two_frames_of_each() -> None:
    with pytest.raises(PictureError, match="two frames"):
        flicker([flat(0)], [flat(0)])


def test_opencv_leaves_no_paths_of_its_qt(monkeypatch: pytest.MonkeyPatch) -> None:
    cv2 = opencv()
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", "/somewhere/cv2/qt/plugins")
    monkeypatch.setenv("QT_QPA_FONTDIR", "/a/folder/of/mine")
    assert opencv() is cv2
    import os

    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
    assert os.environ["QT_QPA_FONTDIR"] == "/a/folder/of/mine"


def passing(count: int = 5, step: int = 2) -> list[Image]:
    """A soft pattern that travels to the right."""
    rows, columns = np.mgrid[:48, :64]
    return [
        np.repeat(
            (0.5 + 0.4 * np.sin((columns - step * n) / 5) * np.cos(rows / 6))[..., None], 3, 2
        ).astype(np.float32)
        for n in range(count)
    ]


def test_warped_flicker_follows_the_motion() -> None:
    truth = passing()
    assert warped_flicker(truth, truth) == 0
    steady = [frame * np.float32(0.9) for frame in truth]
    boiling = [frame + np.float32(0.05 * (n % 2)) for n, frame in enumerate(truth)]
    low, high = warped_flicker(steady, truth), warped_flicker(boiling, truth)
    assert low is not None
    assert high is not None
    assert low < 1 < 10 < high < 14


def test_warped_flicker_needs_something_to_follow() -> None:
    black, white = flat(0, (32, 32)), flat(1, (32, 32))
    assert warped_flicker([black, white], [black, white]) is None
    with pytest.raises(PictureError, match="two sequences"):
        warped_flicker([black], [black])
