"""What animators really drop on a program: broken, false, huge and oddly named files."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genani.media.files import shown
from genani.media.image import encode_png, read, read_bytes
from genani.media.load import load
from genani.scene.errors import FileError
from genani.scene.picture import Picture
from tests.media.pictures import icc, noise, png_file, tiff


def samples() -> dict[str, bytes]:
    picture = Image.fromarray(noise(16, 12).pixels)
    files = {"PNG": encode_png(noise(16, 12)), "PNG16": encode_png(noise(16, 12, 16))}
    files["TIFF16"] = tiff(noise(16, 12, 16).pixels, t338=2)
    for form in ("JPEG", "WEBP", "TIFF", "BMP", "GIF"):
        out = io.BytesIO()
        (picture.convert("RGB") if form == "JPEG" else picture).save(out, form)
        files[form] = out.getvalue()
    return files


SAMPLES = samples()


def check_one_line(error: FileError, name: str) -> None:
    text = str(error)
    assert name in text
    assert text.isprintable()
    assert "Error" not in text
    assert len(text) - len(name) < 250


@pytest.mark.parametrize("form", SAMPLES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_files_are_refused(form: str, share: float, tmp_path: Path) -> None:
    path = tmp_path / "cut.dat"
    path.write_bytes(SAMPLES[form][: int(len(SAMPLES[form]) * share)])
    with pytest.raises(FileError) as caught:
        read(path)
    check_one_line(caught.value, "cut.dat")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_damage_gives_a_picture_or_one_clear_line(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(sorted(SAMPLES)))
    broken = bytearray(SAMPLES[form])
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture = read_bytes(bytes(broken), "broken.tga")
    except FileError as error:
        check_one_line(error, "broken.tga")
    else:
        assert isinstance(picture, Picture)


def test_every_cut_of_a_png_is_noticed() -> None:
    whole = SAMPLES["PNG"]
    for length in range(len(whole)):
        with pytest.raises(FileError):
            read_bytes(whole[:length])


@pytest.mark.parametrize("name", ["text.png", "text.tga", "text.mp4", "text.gif", "text.xyz"])
def test_text_is_not_a_picture(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("dear diary, today I drew nothing at all\n" * 20)
    with pytest.raises(FileError) as caught:
        load(path)
    check_one_line(caught.value, name)


@pytest.mark.parametrize("side", [60_000, 20_000, 14_500])
def test_giant_headers_are_refused_before_decoding(side: int) -> None:
    data = png_file(side, side, 8, 6, b"\0")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FileError, match="million") as caught:
            read_bytes(data, "bomb.png")
    check_one_line(caught.value, "bomb.png")


@pytest.mark.parametrize("size", [(40_000, 2), (2, 40_000)])
def test_giant_sides_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(FileError, match=r"32768 on a side"):
        read_bytes(png_file(*size, 8, 6, b"\0"), "long.png")


def test_giant_gif_and_webp_headers() -> None:
    gif = bytearray(SAMPLES["GIF"])
    gif[6:10] = b"\xff\xff\xff\xff"
    webp = bytearray(SAMPLES["WEBP"])
    at = webp.index(b"VP8X") + 12 if b"VP8X" in webp else webp.index(b"VP8L") + 9
    webp[at : at + 4] = b"\xff\x3f\xff\x3f"
    for data in (gif, webp):
        with pytest.raises(FileError) as caught:
            read_bytes(bytes(data), "bomb")
        check_one_line(caught.value, "bomb")


def test_empty_file_folder_missing_and_device(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    for name, why in (
        ("empty.png", "empty"),
        ("folder.png", "folder"),
        ("missing.png", "does not exist"),
        ("empty.png/inside.png", "not a folder"),
        ("x" * 300, "too long"),
    ):
        with pytest.raises(FileError, match=why) as caught:
            read(tmp_path / name)
        check_one_line(caught.value, name)
    with pytest.raises(FileError, match="not a plain file"):
        read(Path(os.devnull))


@pytest.mark.parametrize("name", ["a\udcff.png", "\ud800.png", "nul\0.png", "line\nbreak.png"])
def test_impossible_and_odd_names_are_printable(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        read(tmp_path / name)
    check_one_line(caught.value, shown(name))


def test_an_undecodable_name_that_exists_is_read(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    path.write_bytes(encode_png(noise()))
    assert read(path) == noise()
    path.write_bytes(b"nothing")
    with pytest.raises(FileError) as caught:
        read(path)
    check_one_line(caught.value, r"caf\udce9.png")


def test_no_permission_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.png"
    path.write_bytes(encode_png(noise()))

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(FileError, match="permission is denied") as caught:
        read(path)
    check_one_line(caught.value, "locked.png")


def test_broken_profiles_do_no_harm() -> None:
    broken = bytearray(icc())
    broken[140:300] = bytes(160)
    picture = Picture(noise().pixels, bytes(broken))
    assert np.array_equal(read_bytes(encode_png(picture)).pixels, picture.pixels)
