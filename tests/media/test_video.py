from __future__ import annotations

import os
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genani.media import ffmpeg, video, video_out
from genani.media.clip import Exposed
from genani.media.options import ExportOptions, Format
from genani.scene.errors import FileError, PictureError
from genani.scene.picture import Picture
from genani.scene.time import Rate
from tests.media.pictures import GREEN, RED, cel, noise, on_twos, opaque

MOVING = "life=mold=10:ratio=0.4:seed=7"
"""A source of ffmpeg's in which every frame differs."""

SUFFIX = {Format.MP4: "mp4", Format.WEBM: "webm", Format.MOV: "mov"}


def made(path: Path, *arguments: str) -> Path:
    """A video made by ffmpeg itself."""
    subprocess.run([ffmpeg.program(), "-v", "error", *arguments, "-y", str(path)], check=True)
    return path


def written(folder: Path, form: Format, drawings: list[Exposed], fps: str = "24") -> Path:
    path = folder / f"a.{SUFFIX[form]}"
    video_out.write(drawings, Rate.of(fps), path, form, ExportOptions())
    return path


def off(picture: Picture, at: tuple[int, int], colour: tuple[int, ...]) -> int:
    """Largest difference from an 8-bit colour at (row, column)."""
    found = picture.pixels[at].astype(int) * 255 / picture.white
    return round(np.abs(found[: len(colour)] - colour).max())


@pytest.mark.parametrize("form", SUFFIX)
@pytest.mark.parametrize("fps", ["24", "24000/1001", "12"])
def test_frames_rate_and_colours_survive(form: Format, fps: str, tmp_path: Path) -> None:
    drawings = [Exposed(opaque(at), 2) for at in range(6)]
    path = written(tmp_path, form, drawings, fps)
    info = video.probe(path)
    assert (info.width, info.height, info.rate) == (40, 30, Rate.of(fps))
    assert info.matrix == ""  # the file says itself that it is BT.709
    frames = list(video.frames(path))
    assert len(frames) == 12
    for index, frame in enumerate(frames):
        assert off(frame, (9, 5 + index // 2), (*RED, 255)) <= 7
        assert off(frame, (28, 38), (255, 255, 255, 255)) <= 2


def test_tags_say_bt709_and_limited_range(tmp_path: Path) -> None:
    for form in SUFFIX:
        path = written(tmp_path, form, [Exposed(opaque(0))])
        with ffmpeg.running(["-v", "info", *ffmpeg.source(path)]) as run:
            run.finish()
            assert "(tv, bt709" in run.log


@pytest.mark.parametrize("form", [Format.WEBM, Format.MOV])
def test_alpha_survives_without_a_dark_fringe(form: Format, tmp_path: Path) -> None:
    path = written(tmp_path, form, on_twos(3))
    assert video.probe(path).alpha
    picture = video.read(path).drawings[0].picture
    assert picture.depth == (16 if form is Format.MOV else 8)
    assert off(picture, (9, 5), (*RED, 255)) <= 4
    assert off(picture, (20, 4), (*GREEN, 128)) <= 4
    alpha = picture.pixels[..., 3].astype(int) * 255 // picture.white
    assert alpha[:3].max() <= 1
    assert alpha[:, 20:].max() <= 1
    # Every pixel that shows is red, green or a mix of these two, not one with black.
    shown = picture.pixels[..., :3][alpha > 24].astype(int) * 255 // picture.white
    mixes = np.linspace(RED, GREEN, 33)
    distance = np.abs(shown[:, None] - mixes).max(2).min(1)
    assert distance.max() <= 24


def test_prores_opaque_is_fully_opaque_and_deep(tmp_path: Path) -> None:
    drawings = [Exposed(Picture(noise(16, 16, 16).pixels | np.uint16(0xF000)))]
    path = written(tmp_path, Format.MOV, [*drawings, Exposed(Picture.blank(16, 16, 16))])
    picture = video.read(path).drawings[0].picture
    assert int(picture.pixels[..., 3].max()) == 65535


def test_mp4_pads_odd_sizes_and_fills_with_the_matte(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    options = ExportOptions(matte=(0, 0, 255))
    video_out.write([Exposed(cel(0, 41, 31))], Rate(24), path, Format.MP4, options)
    frames = list(video.frames(path))
    assert frames[0].size == (42, 32)
    assert off(frames[0], (9, 5), (*RED, 255)) <= 6
    for at in ((0, 0), (31, 41), (15, 41)):
        assert off(frames[0], at, (0, 0, 255, 255)) <= 4


def test_webm_keeps_odd_sizes(tmp_path: Path) -> None:
    path = written(tmp_path, Format.WEBM, [Exposed(cel(0, 41, 31))])
    assert next(iter(video.frames(path))).size == (41, 31)


def test_holds_of_lossless_video_are_found(tmp_path: Path) -> None:
    source = f"{MOVING}:s=32x24:r=12,trim=duration=1"
    path = made(tmp_path / "a.mkv", "-f", "lavfi", "-i", source, "-c:v", "ffv1", "-r", "24")
    clip = video.read(path)
    assert clip.rate == Rate(24)
    assert clip.frames == 24
    assert {drawing.frames for drawing in clip.drawings} == {2}


def test_another_rate_drops_and_repeats(tmp_path: Path) -> None:
    source = f"{MOVING}:s=32x24:r=24,trim=duration=1"
    path = made(tmp_path / "a.mkv", "-f", "lavfi", "-i", source, "-c:v", "ffv1")
    assert video.read(path, Rate(12)).frames == 12
    assert video.read(path, Rate(48)).frames == 48
    assert len(video.read(path, Rate(48)).drawings) == 24


def test_variable_rate_becomes_constant(tmp_path: Path) -> None:
    # Frames at 0, 0.5 and 0.6 seconds, the last for 0.4: half, tenth and four tenths of a second.
    lines = ["ffconcat version 1.0"]
    for at, length in ((0, 0.5), (5, 0.1), (10, 0.4)):
        picture = made(
            tmp_path / f"{at}.png",
            "-f",
            "lavfi",
            "-i",
            f"color=0x{at:02}8080:s=16x16",
            "-frames:v",
            "1",
        )
        lines += [f"file {picture.name}", f"duration {length}"]
    (tmp_path / "list").write_text("\n".join([*lines, f"file {picture.name}"]))
    path = made(
        tmp_path / "a.mkv",
        "-f",
        "concat",
        "-i",
        str(tmp_path / "list"),
        "-fps_mode",
        "vfr",
        "-c:v",
        "ffv1",
        "-pix_fmt",
        "rgb24",
    )
    exposures = [drawing.frames for drawing in video.read(path, Rate(20)).drawings]
    assert exposures[:2] == [10, 2]
    assert 7 <= exposures[2] <= 10


def test_rotation_is_undone(tmp_path: Path) -> None:
    plain = made(tmp_path / "p.mp4", "-f", "lavfi", "-i", "color=red:s=32x16:d=0.2")
    turned = made(tmp_path / "t.mp4", "-display_rotation", "90", "-i", str(plain), "-c", "copy")
    assert next(iter(video.frames(turned))).size == (16, 32)


def test_untagged_video_takes_the_matrix_of_its_size() -> None:
    assert video._guess(1280, 720) == "bt709"
    assert video._guess(720, 576) == "smpte170m"


def test_lengths_and_layouts_are_parsed(tmp_path: Path) -> None:
    source = "testsrc2=s=32x24:r=25:d=2"
    for layout, bits, alpha in (
        ("yuv420p", 8, False),
        ("yuva444p10le", 10, True),
        ("gbrp16le", 16, False),
        ("rgb24", 8, False),
    ):
        codec = "ffv1" if layout != "rgb24" else "png"
        path = made(
            tmp_path / "a.mkv", "-f", "lavfi", "-i", source, "-c:v", codec, "-pix_fmt", layout
        )
        info = video.probe(path)
        assert (info.bits, info.alpha, info.codec) == (bits, alpha, codec)
        assert info.seconds == Fraction(2)
        assert next(iter(video.frames(path))).depth == (8 if bits == 8 else 16)


def test_the_iterator_is_lazy_and_ends_ffmpeg(tmp_path: Path) -> None:
    path = made(
        tmp_path / "a.mkv", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=24:d=10", "-c:v", "ffv1"
    )
    frames = video.frames(path)
    next(frames)
    running = children()
    assert running
    frames.close()  # type: ignore[attr-defined]
    assert not children() & running


def children() -> set[str]:
    tasks = Path(f"/proc/{os.getpid()}/task")
    return set().union(*((task / "children").read_text().split() for task in tasks.iterdir()))


def test_broken_videos_are_one_clear_line(tmp_path: Path) -> None:
    sound = made(tmp_path / "sound.mp4", "-f", "lavfi", "-i", "anullsrc", "-t", "0.2")
    (tmp_path / "text.mp4").write_text("no video at all\n" * 50)
    (tmp_path / "empty.mp4").touch()
    whole = written(tmp_path, Format.MP4, [Exposed(noise(64, 64, seed=s)) for s in range(20)])
    (tmp_path / "start.mp4").write_bytes(whole.read_bytes()[:200])
    (tmp_path / "half.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\n{sound}\n#EXT-X-ENDLIST\n")
    for name in ("text", "empty", "start", "half", "sound", "missing", "list"):
        path = tmp_path / f"{name}.mp4"
        with pytest.raises(FileError, match="cannot read") as caught:
            list(video.frames(path))
        assert path.name in str(caught.value)
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) - len(str(path)) < 200
    with pytest.raises(FileError, match="no moving picture"):
        video.read(sound)


def test_frames_before_the_damage_are_given(tmp_path: Path) -> None:
    source = "testsrc2=s=320x240:r=24:d=2"
    path = made(tmp_path / "a.mkv", "-f", "lavfi", "-i", source, "-c:v", "ffv1")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = []
    with pytest.raises(FileError, match="after frame"):
        found.extend(video.frames(path))
    with pytest.raises(FileError, match="cut short"):
        video.read(path)


def test_a_giant_video_is_refused_before_decoding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = made(tmp_path / "a.mkv", "-f", "lavfi", "-i", "color=s=64x64:d=0.1", "-c:v", "ffv1")
    monkeypatch.setattr("genani.scene.picture.MAX_SIDE", 32)
    with pytest.raises(FileError, match="64 x 64"):
        video.probe(path)


def test_names_that_look_like_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("-i.mp4", "http:x.mp4", "%03d.mp4", "a b'c\".mp4", "ü\n.mp4"):
        video_out.write(on_twos(2), Rate(24), Path(name), Format.MP4, ExportOptions())
        assert len(list(video.frames(Path(name)))) == 4


def test_sizes_that_differ_and_stops_leave_nothing(tmp_path: Path) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(PictureError, match="one size"):
        written(tmp_path, Format.MP4, [Exposed(cel(0)), Exposed(cel(0, 42))])
    with pytest.raises(KeyboardInterrupt):
        video_out.write(on_twos(), Rate(), tmp_path / "a.webm", Format.WEBM, ExportOptions(), stop)
    assert not list(tmp_path.iterdir())
    assert not children()


def test_what_the_encoder_refuses_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"cannot write .*a\.mp4'"):
        written(tmp_path, Format.MP4, [Exposed(Picture.blank(32_000, 2))])
    assert not list(tmp_path.iterdir())
