from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image, ImageCms

from genani.media import image
from genani.media.image import encode_png, read, read_bytes, write_png
from genani.scene.errors import FileError
from genani.scene.picture import Picture
from tests.media.pictures import (
    chunk,
    icc,
    linear_profile,
    noise,
    png,
    png_file,
    small_pictures,
    tiff,
)


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


@settings(max_examples=40, deadline=None)
@given(small_pictures())
def test_png_round_trip_keeps_every_bit(picture: Picture) -> None:
    again = read_bytes(encode_png(picture))
    assert again == picture
    assert again.depth == picture.depth
    assert again.icc == picture.icc


def test_written_png_is_read_by_others_at_16_bits(tmp_path: Path) -> None:
    picture = Picture(noise(depth=16).pixels, icc())
    write_png(picture, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as other:
        other.load()
        assert other.info["icc_profile"] == icc()
        assert np.array_equal(np.asarray(other), picture.pixels >> 8)
    assert read(tmp_path / "a.png") == picture


@pytest.mark.parametrize(("colour_type", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
@pytest.mark.parametrize("bits", [8, 16])
def test_png_of_every_colour_type(colour_type: int, channels: int, bits: int) -> None:
    white = (1 << bits) - 1
    values = noise(6, 4, bits).pixels[..., :channels]
    pixels = read_bytes(png(values, colour_type, bits)).pixels
    colour = values[..., :3] if channels >= 3 else values[..., :1].repeat(3, axis=2)
    alpha = values[..., -1] if channels in (2, 4) else np.full(values.shape[:2], white)
    assert pixels.dtype == values.dtype
    assert np.array_equal(pixels[..., :3], colour)
    assert np.array_equal(pixels[..., 3], alpha)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_low_depth_grey_with_a_transparent_value(bits: int) -> None:
    row = bytes([0b00011011]) * bits
    data = png_file(8, 1, bits, 0, b"\0" + row, chunk(b"tRNS", b"\0\1"))
    values = np.unpackbits(np.frombuffer(row, np.uint8)).reshape(8, bits) @ (
        1 << np.arange(bits)[::-1]
    )
    pixels = read_bytes(data).pixels[0]
    assert np.array_equal(pixels[:, 0], values * 255 // ((1 << bits) - 1))
    assert np.array_equal(pixels[:, 3] == 0, values == 1)


@pytest.mark.parametrize(("colour_type", "channels"), [(0, 1), (2, 3)])
@pytest.mark.parametrize("bits", [8, 16])
def test_transparent_colour_of_a_png(colour_type: int, channels: int, bits: int) -> None:
    values = noise(6, 4, bits).pixels[..., :channels]
    clear = values[1, 2].astype(">u2").tobytes()
    pixels = read_bytes(png(values, colour_type, bits, chunk(b"tRNS", clear))).pixels
    assert np.array_equal(pixels[..., 3] == 0, (values == values[1, 2]).all(2))


def test_palette_png_with_partial_alpha() -> None:
    palette = chunk(b"PLTE", bytes([10, 20, 30, 40, 50, 60])) + chunk(b"tRNS", bytes([7]))
    data = png_file(2, 1, 8, 3, b"\0\0\1", palette)
    assert read_bytes(data).pixels.tolist() == [[[10, 20, 30, 7], [40, 50, 60, 255]]]


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(turn: int, form: str) -> None:
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[:4, :8] = 255  # white top left quarter
    exif = Image.Exif()
    exif[0x0112] = turn
    upright = read_bytes(saved(Image.fromarray(pixels), form, exif=exif)).pixels[..., 0]
    assert upright.shape == ((8, 16) if turn < 5 else (16, 8))
    rows, columns = np.nonzero(upright > 128)
    corner = rows.mean() < upright.shape[0] / 2, columns.mean() < upright.shape[1] / 2
    # Where EXIF says the stored top left corner belongs: (top, left).
    wanted = {1: (1, 1), 2: (1, 0), 3: (0, 0), 4: (0, 1), 5: (1, 1), 6: (1, 0), 7: (0, 0)}
    assert corner == wanted.get(turn, (0, 1))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("turn", [1, 2, 6])
def test_tiff_exact(channels: int, bits: int, turn: int) -> None:
    values = noise(6, 4, bits).pixels[..., :channels]
    tags = {"t274": turn} | ({"t338": 2} if channels == 4 else {})
    pixels = read_bytes(tiff(values, **tags)).pixels
    wanted = values[..., :3] if channels >= 3 else values.repeat(3, axis=2)
    if turn == 2:
        wanted = wanted[:, ::-1]
    if turn == 6:
        wanted = np.rot90(wanted, -1)
    assert pixels.dtype == values.dtype
    assert np.array_equal(pixels[..., :3], wanted)


@pytest.mark.parametrize("bits", [8, 16])
def test_tiff_white_is_zero(bits: int) -> None:
    values = noise(6, 4, bits).pixels[..., :1]
    pixels = read_bytes(tiff(values, t262=0)).pixels
    assert np.array_equal(pixels[..., :1], ((1 << bits) - 1) - values)


@pytest.mark.parametrize("bits", [8, 16])
def test_premultiplied_tiff_becomes_straight(bits: int) -> None:
    white = (1 << bits) - 1
    kind = np.uint16 if bits == 16 else np.uint8
    values = np.array([[[white // 2, 0, 0, white // 2], [0, 0, 0, 0]]], kind)
    pixels = read_bytes(tiff(values, t338=1)).pixels
    assert pixels[0, 0].tolist() == [white, 0, 0, white // 2]
    assert pixels[0, 1].tolist() == [0, 0, 0, 0]


def test_separate_16_bit_planes_are_refused_clearly() -> None:
    values = noise(6, 4, 16).pixels[..., :3]
    with pytest.raises(FileError, match="separate colour planes"):
        read_bytes(tiff(values, t284=2), "a.tif")


def test_8_bit_tiff_planes_are_read() -> None:
    values = noise(6, 4).pixels[..., :3]
    assert np.array_equal(read_bytes(tiff(values, t284=2)).pixels[..., :3], values)


@pytest.mark.parametrize("form", ["BMP", "TGA", "TIFF", "GIF"])
def test_lossless_formats(form: str, tmp_path: Path) -> None:
    values = np.zeros((4, 6, 3), np.uint8)
    values[1:3, 2:5] = (250, 100, 3)
    path = tmp_path / f"a.{form.lower()}"
    path.write_bytes(saved(Image.fromarray(values), form))
    pixels = read(path).pixels
    assert np.array_equal(pixels[..., :3], values)
    assert (pixels[..., 3] == 255).all()


def test_webp_with_alpha_and_profile() -> None:
    picture = noise(6, 4)
    data = saved(
        Image.fromarray(picture.pixels), "WEBP", lossless=True, exact=True, icc_profile=icc()
    )
    assert read_bytes(data) == Picture(picture.pixels, icc())


def test_tga_padding_is_not_alpha(tmp_path: Path) -> None:
    pixels = noise(6, 4).pixels.copy()
    pixels[..., 3] = 0
    data = bytearray(saved(Image.fromarray(pixels), "TGA"))
    path = tmp_path / "a.TGA"
    data[17] &= 0xF0  # no alpha bits
    path.write_bytes(bytes(data))
    assert read(path).opaque
    data[17] |= 8
    path.write_bytes(bytes(data))
    assert not read(path).pixels[..., 3].any()


def test_content_and_not_the_ending_tells_the_format(tmp_path: Path) -> None:
    path = tmp_path / "really a png.tga"
    path.write_bytes(encode_png(noise()))
    assert read(path) == noise()


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "LAB"])
def test_other_colour_spaces_become_srgb(mode: str) -> None:
    colour = Image.new("RGB", (8, 8), (200, 60, 40))
    if mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        other = ImageCms.profileToProfile(
            colour, ImageCms.createProfile("sRGB"), lab, outputMode="LAB"
        )
        assert other is not None
        data = saved(other, "TIFF")
    else:
        data = saved(colour.convert(mode), "TIFF")
    picture = read_bytes(data)
    assert picture.icc == b""
    assert np.abs(picture.pixels[3, 3].astype(int) - (200, 60, 40, 255)).max() <= 3


def test_a_grey_profile_is_applied() -> None:
    # A linear grey profile: 50 % light is far lighter than 50 % of sRGB's scale.
    linear = linear_profile("GRAY")
    values = np.full((2, 2), 128, np.uint8)
    picture = read_bytes(saved(Image.fromarray(values), "PNG", icc_profile=linear))
    assert picture.icc == b""
    assert abs(int(picture.pixels[0, 0, 0]) - 188) <= 1


def test_jpeg_profile_is_kept_and_a_broken_one_dropped() -> None:
    colour = Image.new("RGB", (8, 8), (200, 60, 40))
    assert read_bytes(saved(colour, "JPEG", icc_profile=icc())).icc == icc()
    assert read_bytes(saved(colour, "JPEG", icc_profile=b"no profile")).icc == b""


def test_a_32_bit_picture_is_refused_clearly() -> None:
    data = saved(Image.fromarray(np.zeros((2, 2), np.float32)), "TIFF")
    with pytest.raises(FileError, match="32 bits a channel"):
        read_bytes(data, "a.tif")


def test_endings_are_lower_case_and_dotted() -> None:
    assert all(ending.startswith(".") and ending.islower() for ending in image.EXTENSIONS)
