"""Colour of pictures on their way in and out: profiles, depth, mattes, hidden colours, size."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from genani.scene.picture import Picture, Pixels, check_size

RGB = tuple[int, int, int]
Pixels8 = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

WHITE: RGB = (255, 255, 255)

_PERCEPTUAL = ImageCms.Intent.PERCEPTUAL


def profile_space(icc: bytes) -> str:
    """What a profile describes: `RGB`, `GRAY`, `CMYK`, `Lab`; empty if it is not a profile."""
    if len(icc) < 132 or icc[36:40] != b"acsp":
        return ""
    return icc[16:20].decode("latin-1").strip()


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@lru_cache(maxsize=16)
def _transform(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        source = (
            ImageCms.ImageCmsProfile(io.BytesIO(icc))
            if icc
            else ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        )
        return ImageCms.buildTransform(source, _srgb(), mode, "RGB", _PERCEPTUAL)
    except (ImageCms.PyCMSError, OSError):
        return None


def image_to_srgb(image: Image.Image, icc: bytes = b"") -> Image.Image:
    """An 8-bit Pillow image (RGB, CMYK, LAB, L) as sRGB `RGB`, through its profile if it has a
    usable one; without one, LAB is taken as CIE L*a*b* D50 and the rest by Pillow's formulas.
    """
    if icc or image.mode == "LAB":
        transform = _transform(icc, image.mode)
        if transform is not None:
            return ImageCms.applyTransform(image, transform) or image
    return image.convert("RGB")


def grey_curve(icc: bytes) -> NDArray[np.uint16] | None:
    """The 65536 sRGB values of a grey profile's numbers; None if it is not a usable grey profile.

    The profile's curve is sampled at 256 points (the colour library works in 8 bits) and joined
    by straight lines.
    """
    transform = _transform(icc, "L") if profile_space(icc) == "GRAY" else None
    if transform is None:
        return None
    ramp = Image.frombytes("L", (256, 1), bytes(range(256)))
    curve = np.asarray(ImageCms.applyTransform(ramp, transform))[0, :, 0]
    joined = np.interp(np.arange(65536), np.arange(256) * 257, curve.astype(np.float64) * 257)
    return np.round(joined).astype(np.uint16)


def to_8(pixels: Pixels) -> Pixels8:
    """Pixels at 8 bits a channel, rounded to nearest (65535 is 255, 0 is 0)."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def to_16(pixels: Pixels) -> NDArray[np.uint16]:
    """Pixels at 16 bits a channel (255 is 65535); exact, and undone exactly by `to_8`."""
    if pixels.dtype == np.uint16:
        return pixels.astype(np.uint16, copy=False)
    return pixels.astype(np.uint16) * np.uint16(257)


def to_srgb(picture: Picture) -> Pixels:
    """(height, width, 4) sRGB pixels, straight alpha: the picture's own, or 8-bit ones if its
    profile had to be converted.
    """
    if not picture.icc:
        return picture.pixels
    pixels = to_8(picture.pixels)
    rgb = image_to_srgb(Image.fromarray(np.ascontiguousarray(pixels[..., :3])), picture.icc)
    return np.dstack([np.asarray(rgb), pixels[..., 3]])


def over(pixels: Pixels, matte: RGB) -> Pixels:
    """Composite straight-alpha pixels on one 8-bit colour.

    Args:
        pixels: (height, width, 4), uint8 or uint16.
        matte: red, green, blue of 0 to 255, in the colour space of the pixels.

    Returns:
        (height, width, 3), of the same dtype.
    """
    wide, white = (np.uint64, 65535) if pixels.dtype == np.uint16 else (np.uint32, 255)
    alpha = pixels[..., 3:].astype(wide)
    behind = np.asarray(matte, wide) * (white // 255)
    mixed = pixels[..., :3].astype(wide) * alpha + behind * (white - alpha)
    return ((mixed + white // 2) // white).astype(pixels.dtype)


def flattened(picture: Picture, matte: RGB) -> Picture:
    """The picture on one colour, opaque; depth and profile stay."""
    if picture.opaque:
        return picture
    alpha = np.full(picture.pixels.shape[:2], picture.white, picture.pixels.dtype)
    return Picture(np.dstack([over(picture.pixels, matte), alpha]), picture.icc)


def bleed(pixels: Pixels) -> Pixels:
    """Give fully transparent pixels the colours of their nearest drawn neighbours.

    Codecs that keep straight alpha blur colour across the edge of a cel; what lies hidden beyond
    it must therefore look like the cel, or a dark fringe shows. Alpha and drawn pixels are kept.
    Method: push-pull (Gortler et al., The Lumigraph, 1996): halve premultiplied colour and weight
    until one pixel is left, then fill holes from the next smaller level.

    Args:
        pixels: (height, width, 4), uint8 or uint16; the result is alike.
    """
    alpha = pixels[..., 3]
    if alpha.all() or not alpha.any():
        return pixels
    weight = alpha[..., None].astype(np.float32) / np.iinfo(pixels.dtype).max
    filled = np.round(_push_pull(pixels[..., :3].astype(np.float32) * weight, weight))
    colour = np.where(alpha[..., None] > 0, pixels[..., :3], filled.astype(pixels.dtype))
    return np.dstack([colour, alpha])


def _push_pull(colour: Floats, weight: Floats) -> Floats:
    height, width = weight.shape[:2]
    if height == 1 and width == 1:
        return colour / np.maximum(weight, 1e-6)
    pad = ((0, height % 2), (0, width % 2), (0, 0))
    below = _push_pull(_halved(np.pad(colour, pad)), _halved(np.pad(weight, pad)))
    wide = below.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return np.where(weight > 0, colour / np.maximum(weight, 1e-6), wide)


def _halved(values: Floats) -> Floats:
    return values[0::2, 0::2] + values[1::2, 0::2] + values[0::2, 1::2] + values[1::2, 1::2]


def scaled(picture: Picture, scale: float) -> Picture:
    """The picture at another size, filtered with premultiplied alpha so that edges stay clean.

    Whole enlargements (2, 3, ...) repeat pixels, so hard-edged art stays hard; other enlargements
    are bicubic, reductions average areas.

    Args:
        picture: any depth; the result has the same depth and profile.
        scale: factor, over 0; each side is at least 1 pixel.

    Raises:
        PictureError: the result would be larger than a picture may be.
    """
    if scale == 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    check_size(*size)
    if scale == int(scale):
        whole = picture.pixels.repeat(int(scale), axis=0).repeat(int(scale), axis=1)
        return Picture(whole, picture.icc)
    import cv2

    values = picture.pixels.astype(np.float32) / picture.white
    values[..., :3] *= values[..., 3:]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    values = cv2.resize(values, size, interpolation=method).reshape(*size[::-1], 4)
    # Before clipping: where the bicubic overshoots, colour and alpha do so alike.
    values[..., :3] /= np.maximum(values[..., 3:], 1e-6)
    rounded = np.round(np.clip(values, 0, 1) * picture.white)
    return Picture(rounded.astype(picture.pixels.dtype), picture.icc)
