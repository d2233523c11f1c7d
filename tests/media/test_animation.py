from __future__ import annotations

import io
import struct
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genani.media import animation, apng, image, webp
from genani.media.clip import Exposed
from genani.media.options import ExportOptions
from genani.scene.errors import FileError, PictureError
from genani.scene.picture import Picture
from genani.scene.time import Rate
from tests.media.pictures import animations, by_ffmpeg, cel, icc, noise, on_twos, visible

WRITERS = {"png": apng.write, "webp": webp.write}
RATES = [Rate(24), Rate(24000, 1001), Rate(12), Rate(25), Rate(30)]


def durations(path: Path) -> list[Fraction]:
    """Seconds of each stored frame, by Pillow."""
    found = []
    with Image.open(path) as other:
        for index in range(getattr(other, "n_frames", 1)):
            other.seek(index)
            other.load()
            found.append((Fraction(other.info["duration"]) / 1000).limit_denominator(65535))
    return found


@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=40, deadline=None)
@given(animations(), st.sampled_from(RATES))
def test_round_trip_is_exact(
    tmp_path_factory: pytest.TempPathFactory, kind: str, drawings: list[Exposed], rate: Rate
) -> None:
    path = tmp_path_factory.mktemp("anim") / f"a.{kind}"
    WRITERS[kind](drawings, rate, path, ExportOptions())
    frames = [drawing.picture for drawing in drawings for _ in range(drawing.frames)]
    assert list(animation.read(path, rate).pictures()) == frames
    if len(drawings) > 1:
        total = sum(durations(path))
        true = rate.seconds(len(frames))
        assert total == true if kind == "png" else abs(total - true) <= Fraction(1, 2000)


@pytest.mark.parametrize("kind", WRITERS)
def test_hidden_colours_and_noise_survive(kind: str, tmp_path: Path) -> None:
    drawings = [Exposed(noise(13, 9, seed=seed)) for seed in range(4)]
    WRITERS[kind](drawings, Rate(24), tmp_path / "a", ExportOptions())
    assert list(animation.read(tmp_path / "a").drawings) == drawings


@pytest.mark.parametrize("kind", WRITERS)
def test_another_program_shows_the_same(kind: str, tmp_path: Path) -> None:
    drawings = [Exposed(cel(at)) for at in (0, 7, 3)] + [Exposed(Picture.blank(40, 30))]
    path = tmp_path / f"a.{kind}"
    WRITERS[kind](drawings, Rate(24), path, ExportOptions())
    for frame, drawing in zip(by_ffmpeg(path, 40, 30), drawings, strict=True):
        assert np.array_equal(visible(Picture(frame)), visible(drawing.picture))


@pytest.mark.parametrize("kind", WRITERS)
def test_exposures_profile_and_loops(kind: str, tmp_path: Path) -> None:
    drawings = [Exposed(Picture(d.picture.pixels, icc()), d.frames) for d in on_twos()]
    WRITERS[kind](drawings, Rate(24), tmp_path / "a", ExportOptions(loops=3))
    clip = animation.read(tmp_path / "a")
    assert list(clip.drawings) == drawings
    assert clip.rate == Rate(24)
    assert clip.drawings[0].picture.icc == icc()
    with Image.open(tmp_path / "a") as other:
        assert other.info["loop"] == 3


@pytest.mark.parametrize("kind", WRITERS)
def test_very_long_holds(kind: str, tmp_path: Path) -> None:
    drawings = [Exposed(cel(0), 500_000), Exposed(cel(1)), Exposed(cel(2), 70_000)]
    WRITERS[kind](drawings, Rate(24), tmp_path / "a", ExportOptions())
    assert [d.frames for d in animation.read(tmp_path / "a").drawings] == [500_000, 1, 70_000]


def test_rates_that_do_not_fit_an_apng_still_end_on_time(tmp_path: Path) -> None:
    rate = Rate(120_000, 1001)
    apng.write([Exposed(cel(at), 3) for at in range(9)], rate, tmp_path / "a.png", ExportOptions())
    assert abs(sum(durations(tmp_path / "a.png")) - rate.seconds(27)) <= Fraction(1, 2000)


def test_16_bit_apng_is_deep_for_others(tmp_path: Path) -> None:
    drawings = [Exposed(noise(6, 5, 16, seed=1)), Exposed(noise(6, 5, seed=2))]
    apng.write(drawings, Rate(24), tmp_path / "a.png", ExportOptions())
    assert image.read(tmp_path / "a.png") == drawings[0].picture
    assert len(animation.read(tmp_path / "a.png").drawings) == 2


def test_lossy_webp_keeps_alpha_and_is_near(tmp_path: Path) -> None:
    drawings = on_twos(4)
    webp.write(drawings, Rate(24), tmp_path / "a", ExportOptions(lossless=False, quality=90))
    for read, wrote in zip(animation.read(tmp_path / "a").drawings, drawings, strict=True):
        assert np.array_equal(read.picture.pixels[..., 3], wrote.picture.pixels[..., 3])
        error = np.abs(visible(read.picture).astype(int) - visible(wrote.picture))
        assert error.mean() < 4


def test_webp_over_its_largest_size(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="at most 16383 pixels"):
        webp.write([Exposed(Picture.blank(16_384, 1))], Rate(), tmp_path / "a", ExportOptions())


@pytest.mark.parametrize("kind", WRITERS)
def test_sizes_that_differ_leave_nothing(kind: str, tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="one size"):
        WRITERS[kind](
            [Exposed(cel(0)), Exposed(cel(0, 41))], Rate(), tmp_path / "a", ExportOptions()
        )
    assert not list(tmp_path.iterdir())


def by_pillow(form: str, frames: list[Image.Image], **options: object) -> bytes:
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], **options)
    return out.getvalue()


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize("disposal", [0, 1, 2])
def test_files_of_others(form: str, disposal: int) -> None:
    frames = [Image.fromarray(cel(at).pixels) for at in (0, 5, 10)]
    options = {"disposal": disposal} if form != "WEBP" else {"lossless": True}
    data = by_pillow(form, frames, duration=[100, 200, 300], **options)
    clip = animation.read_bytes(data, "a", Rate(10))
    assert [drawing.frames for drawing in clip.drawings] == [1, 2, 3]
    if form != "GIF":
        for drawing, at in zip(clip.drawings, (0, 5, 10), strict=True):
            assert np.array_equal(visible(drawing.picture), visible(cel(at)))


def test_the_still_of_an_apng_is_not_part_of_it() -> None:
    frames = [Image.fromarray(cel(at).pixels) for at in (20, 0, 5)]
    data = by_pillow("PNG", frames, default_image=True, duration=100)
    clip = animation.read_bytes(data, "a")
    assert [drawing.picture for drawing in clip.drawings] == [cel(0), cel(5)]


def test_frames_without_a_time_last_a_tenth() -> None:
    data = by_pillow("GIF", [Image.fromarray(opaque_grey(v)) for v in (0, 99)], duration=0)
    clip = animation.read_bytes(data, "a", Rate(20))
    assert [drawing.frames for drawing in clip.drawings] == [2, 2]


def opaque_grey(value: int) -> np.ndarray:
    return np.full((4, 4), value, np.uint8)


def test_a_still_is_one_drawing() -> None:
    data = image.encode_png(cel(0))
    assert not animation.is_animated(data, "a")
    assert list(animation.read_bytes(data, "a").drawings) == [Exposed(cel(0))]


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_truncated_animations_are_refused(kind: str, tmp_path: Path) -> None:
    from genani.media import gif

    write = gif.write if kind == "gif" else WRITERS[kind]
    path = tmp_path / f"a.{kind}"
    write([Exposed(noise(20, 20, seed=seed)) for seed in range(5)], Rate(), path, ExportOptions())
    whole = path.read_bytes()
    for share in (0.2, 0.5, 0.8, 0.99):
        with pytest.raises(FileError, match="cut"):
            animation.read_bytes(whole[: int(len(whole) * share)], "cut")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_gives_a_clip_or_one_clear_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(["gif", "png", "webp"]))
    path = tmp_path_factory.getbasetemp() / f"damage.{kind}"
    if not path.exists():
        from genani.media import gif

        write = gif.write if kind == "gif" else WRITERS[kind]
        write(on_twos(4), Rate(), path, ExportOptions())
    broken = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    clip = None
    with suppress(FileError):
        clip = animation.read_bytes(bytes(broken), "broken")
    assert clip is None or clip.frames > 0


def test_a_gif_bomb_is_refused() -> None:
    data = bytearray(by_pillow("GIF", [Image.fromarray(opaque_grey(v)) for v in (0, 99)]))
    at = data.rindex(b",")
    data[at + 1 : at + 9] = struct.pack("<HHHH", 0, 0, 65_000, 65_000)
    with pytest.raises(FileError, match="bomb"):
        animation.read_bytes(bytes(data), "bomb")
