"""How far a drawn in-between is from the true one: measures on pixels alone.

Every function takes pictures as `on_white` gives them: (H, W, 3) float32, 0 to 1, sRGB numbers
as stored (not linear light), transparency composited on white paper.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genani.scene.errors import PictureError
from genani.scene.picture import Picture

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

PSNR_CAP = 100.0
"""What an infinite PSNR counts as when it enters a mean, in dB."""

MOVING_TOLERANCE = 8 / 255
"""A pixel moves where the keys and the truth differ by more than this in some channel."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_SSIM_WINDOW = 11
_SSIM_SIGMA = 1.5


def opencv() -> Any:
    """The cv2 module, imported at first use and without the Qt plug-in paths it sets."""
    import cv2

    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        if "cv2" in os.environ.get(name, ""):
            del os.environ[name]
    return cv2


def on_white(picture: Picture) -> Image:
    """The picture on white paper, as (H, W, 3) float32, 0 to 1."""
    rgba = picture.pixels.astype(np.float32) / np.float32(picture.white)
    alpha = rgba[..., 3:]
    return np.asarray(rgba[..., :3] * alpha + (1 - alpha), np.float32)


def psnr(result: Image, truth: Image) -> float:
    """Peak signal-to-noise ratio over all pixels and channels, in dB; higher is better.

    Equal pictures give `math.inf`; means over frames count that as `PSNR_CAP`.

    Raises:
        PictureError: the pictures differ in size.
    """
    _same_size(result, truth)
    error = float(np.mean(np.square(result.astype(np.float64) - truth)))
    return math.inf if error == 0 else -10 * math.log10(error)


def pooled_psnr(values: Sequence[float]) -> float:
    """The PSNR of the mean squared error of several pictures of one size, from theirs, in dB."""
    error = math.fsum(10 ** (-value / 10) for value in values) / len(values)
    return math.inf if error == 0 else -10 * math.log10(error)


def ssim(result: Image, truth: Image) -> float:
    """Structural similarity of the luma, at most 1; higher is better.

    Gaussian window of 11 x 11 and sigma 1.5, K1 = .01, K2 = .03, mean over the places where the
    whole window fits. Z. Wang et al., "Image Quality Assessment: From Error Visibility to
    Structural Similarity", IEEE TIP 13(4), 2004.

    Raises:
        PictureError: the pictures differ in size, or a side is under 11 pixels.
    """
    _same_size(result, truth)
    if min(truth.shape[:2]) < _SSIM_WINDOW:
        raise PictureError(f"structural similarity needs {_SSIM_WINDOW} pixels on each side")
    x = (result @ _LUMA).astype(np.float64)
    y = (truth @ _LUMA).astype(np.float64)
    mean_x, mean_y = _windowed(x), _windowed(y)
    var_x = _windowed(x * x) - mean_x**2
    var_y = _windowed(y * y) - mean_y**2
    covariance = _windowed(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    likeness = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    likeness /= (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    return float(likeness.mean())


def _windowed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gaussian means at the places where the whole window fits."""
    window = (_SSIM_WINDOW, _SSIM_WINDOW)
    edge = _SSIM_WINDOW // 2
    return opencv().GaussianBlur(values, window, _SSIM_SIGMA)[edge:-edge, edge:-edge]


def moving_pixels(first: Image, last: Image, truth: Image) -> Mask:
    """Where something happens: (H, W) bool, true where keys and truth are not all alike.

    Raises:
        PictureError: the pictures differ in size.
    """
    _same_size(first, last)
    _same_size(first, truth)
    stack = np.stack([first, last, truth])
    return (np.ptp(stack, axis=0) > MOVING_TOLERANCE).any(axis=-1)


def flicker(results: Sequence[Image], truths: Sequence[Image]) -> float:
    """How wrongly a sequence changes from frame to frame, in levels of 255; lower is better.

    The mean over neighbouring frames of |change of the result - change of the truth|. Both
    sequences run from key to key, keys included. A steady error costs nothing; boiling does.

    Raises:
        PictureError: fewer than two frames, or sequences of different length or size.
    """
    if len(results) != len(truths) or len(truths) < 2:
        raise PictureError("flicker needs two sequences of one length, of at least two frames")
    total = 0.0
    for i in range(1, len(truths)):
        _same_size(results[i], truths[i])
        change = results[i] - results[i - 1]
        true_change = truths[i] - truths[i - 1]
        total += float(np.abs(change - true_change).mean())
    return 255 * total / (len(truths) - 1)


def warped_flicker(results: Sequence[Image], truths: Sequence[Image]) -> float | None:
    """How wrongly what moves changes along its way, in levels of 255; lower is better.

    Each frame is compared with the one before it, brought along the truth's motion; the mean of
    |what is left of the result - what is left of the truth|. It is taken where the truth itself
    can be followed, so that what appears or is covered does not count. The warping error of
    W.-S. Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, less the truth's
    own, with the flow of T. Kroeger et al., "Fast Optical Flow using Dense Inverse Search", 2016.

    Returns:
        None where nothing can be followed.

    Raises:
        PictureError: fewer than two frames, or sequences of different length or size.
    """
    _comparable(results, truths)
    total, count = 0.0, 0
    for i, way, true, followed in _ways(truths):
        off = np.abs(_left(results, i, way) - true)
        total += float(off[followed].sum(dtype=np.float64))
        count += 3 * int(followed.sum())
    return 255 * total / count if count else None


def warping_error(results: Sequence[Image], sources: Sequence[Image]) -> float | None:
    """How much restyled frames change along the motion of their source, in levels of 255.

    As `warped_flicker`, but what the source itself changes is not taken off: what a style makes
    of a change is no copy of it. Lower is better. The warping error of W.-S. Lai et al., ECCV
    2018, taken where the source can be followed.

    Args:
        results: restyled frames.
        sources: what they were made of, without any grain that was added to it.

    Returns:
        None where nothing can be followed.

    Raises:
        PictureError: as `warped_flicker`.
    """
    _comparable(results, sources)
    total, count = 0.0, 0
    for i, way, _, followed in _ways(sources):
        total += float(np.abs(_left(results, i, way))[followed].sum(dtype=np.float64))
        count += 3 * int(followed.sum())
    return 255 * total / count if count else None


_Way = tuple[Image, Image]


def _comparable(results: Sequence[Image], truths: Sequence[Image]) -> None:
    if len(results) != len(truths) or len(truths) < 2:
        raise PictureError("flicker needs two sequences of one length, of at least two frames")
    for result, truth in zip(results, truths, strict=True):
        _same_size(result, truth)


def _ways(truths: Sequence[Image]) -> Iterator[tuple[int, _Way, Image, Mask]]:
    """Each frame's number, where it comes from, what is left of it, and where that is little."""
    cv2 = opencv()
    follower = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    grey = [np.rint(255 * (truth @ _LUMA)).astype(np.uint8) for truth in truths]
    rows, columns = np.mgrid[: grey[0].shape[0], : grey[0].shape[1]].astype(np.float32)
    for i in range(1, len(truths)):
        flow = follower.calc(grey[i], grey[i - 1], None)
        way = (columns + flow[..., 0], rows + flow[..., 1])
        true = _left(truths, i, way)
        followed = (np.abs(true) <= MOVING_TOLERANCE).all(axis=-1)
        yield i, way, true, np.asarray(followed, np.bool_)


def _left(frames: Sequence[Image], at: int, way: _Way) -> Image:
    cv2 = opencv()
    before = cv2.remap(frames[at - 1], *way, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
    return frames[at] - before


def _same_size(one: Image, other: Image) -> None:
    if one.shape != other.shape:
        raise PictureError(
            f"only pictures of one size can be compared, not {one.shape[1]} x {one.shape[0]} "
            f"and {other.shape[1]} x {other.shape[0]}"
        )
