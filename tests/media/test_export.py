from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genani.media import sequence
from genani.media.clip import Clip, Exposed
from genani.media.export import cautions, export, format_of, would_replace
from genani.media.image import read
from genani.media.load import load
from genani.media.options import FORMATS, ExportOptions, Format
from genani.media.spool import spooled
from genani.scene.errors import Cancelled, FileError, PictureError
from genani.scene.picture import Picture
from genani.scene.time import Rate
from tests.media.pictures import cel, gif_delays, icc, noise, on_twos, opaque, visible

TARGETS = ["run", "a.gif", "a.png", "a.webp", "a.mp4", "a.webm", "a.mov", "a.json"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("target", TARGETS)
def test_every_format_from_a_generator(target: str, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    frames = (drawing.picture for drawing in on_twos(4) for _ in range(drawing.frames))
    written = export(frames, Rate(24), tmp_path / target, progress=lambda *step: steps.append(step))
    assert written
    assert all(path.stat().st_size for path in written)
    assert steps[0][0] == 0
    assert steps[-1][0] == steps[-1][1] > 0
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    if target.endswith("json"):
        return
    clip = load(tmp_path / target)
    assert isinstance(clip, Clip)
    assert (clip.frames, clip.rate) == (8, Rate(24))
    if target in ("run", "a.png", "a.webp"):
        assert list(clip.drawings) == on_twos(4)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("after", [0, 3, 9])
def test_cancel_leaves_nothing(target: str, after: int, tmp_path: Path) -> None:
    left = after

    def check() -> None:
        nonlocal left
        if not left:
            raise Cancelled
        left -= 1

    with pytest.raises(Cancelled):
        export(iter(on_twos(9)), Rate(24), tmp_path / "new" / target, check=check)
    assert names(tmp_path) == []


@pytest.mark.parametrize("target", TARGETS)
def test_an_old_file_outlives_a_failure(target: str, tmp_path: Path) -> None:
    export(on_twos(2), Rate(24), tmp_path / target)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(PictureError):
        export(broken_off(), Rate(24), tmp_path / target)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def broken_off() -> Iterator[Picture]:
    yield cel(9)
    yield cel(10)
    raise PictureError("the engine stopped")


LIMITED = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from genani.media.export import export
from genani.scene.errors import FileError
from genani.scene.picture import Picture
from genani.scene.time import Rate
random = np.random.default_rng(0)
frames = [Picture(random.integers(0, 256, (96, 96, 4), dtype=np.uint8)) for _ in range(6)]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
try:
    export(frames, Rate(24), Path(sys.argv[1]))
except FileError as error:
    print(error)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_a_disk_that_takes_no_more(target: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", LIMITED, str(tmp_path / target)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert run.stdout.startswith(f"cannot write '{tmp_path / target}': ")
    assert len(run.stdout.splitlines()) == 1
    assert names(tmp_path) == []


def test_formats_by_ending_and_folder(tmp_path: Path) -> None:
    plain = ExportOptions()
    for form, info in FORMATS.items():
        for suffix in info.suffixes:
            assert format_of(Path(f"a{suffix.upper()}"), plain) is form
    assert format_of(Path("folder"), plain) is Format.SEQUENCE
    assert format_of(Path("a.gif"), ExportOptions(format=Format.WEBP)) is Format.WEBP
    (tmp_path / "take.v2").mkdir()
    assert format_of(tmp_path / "take.v2", plain) is Format.SEQUENCE
    with pytest.raises(FileError, match=r"'\.avi' is not an ending.*\.gif"):
        format_of(Path("a.avi"), plain)
    assert set(FORMATS) == set(Format)


def test_nothing_to_write(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there are no frames"):
        export([], Rate(24), tmp_path / "a.gif")
    assert names(tmp_path) == []


def test_a_sequence_is_named_after_its_folder(tmp_path: Path) -> None:
    files = export(on_twos(2), Rate(24), tmp_path / "walk")
    assert [path.name for path in files] == [f"walk.{n:04d}.png" for n in range(1, 5)]
    options = ExportOptions(name="A", separator="_", start=10, padding=2, drawings_only=True)
    files = export(on_twos(2), Rate(24), tmp_path / "walk", options)
    assert [path.name for path in files] == ["A_10.png", "A_11.png", "A.json"]


def test_a_single_16_bit_drawing_is_a_plain_deep_png(tmp_path: Path) -> None:
    picture = noise(depth=16)
    export([picture], Rate(24), tmp_path / "a.png")
    assert read(tmp_path / "a.png") == picture
    assert b"acTL" not in (tmp_path / "a.png").read_bytes()


def test_ping_pong_trim_scale_and_flatten(tmp_path: Path) -> None:
    drawings = [Exposed(cel(at), 2) for at in (3, 6, 9)]
    options = ExportOptions(ping_pong=True, trim=True, scale=2, alpha=False, matte=(1, 2, 3))
    export(drawings, Rate(24), tmp_path / "a.png", options)
    clip = load(tmp_path / "a.png")
    assert isinstance(clip, Clip)
    assert [drawing.frames for drawing in clip.drawings] == [2, 2, 2, 2]
    assert clip.drawings[1] == clip.drawings[3]
    picture = clip.drawings[0].picture
    # Drawn are rows 4 to 23 and columns 3 to 18.
    assert picture.size == (32, 40)
    assert picture.opaque
    assert picture.pixels[0, 0].tolist() == [200, 30, 40, 255]
    assert picture.pixels[0, 31].tolist() == [1, 2, 3, 255]


def test_one_profile_is_kept_and_mixed_ones_become_srgb(tmp_path: Path) -> None:
    tagged = [Picture(opaque(at).pixels, icc()) for at in (0, 5)]
    export(tagged, Rate(24), tmp_path / "a.png")
    assert load_first(tmp_path / "a.png").icc == icc()
    export([tagged[0], opaque(9)], Rate(24), tmp_path / "b.png")
    mixed = load_first(tmp_path / "b.png")
    assert mixed.icc == b""
    assert np.abs(mixed.pixels.astype(int) - tagged[0].pixels).max() <= 1


def load_first(path: Path) -> Picture:
    clip = load(path)
    assert isinstance(clip, Clip)
    return clip.drawings[0].picture


def test_what_would_be_replaced(tmp_path: Path) -> None:
    assert would_replace(tmp_path / "run", 4) == []
    files = export(on_twos(2), Rate(24), tmp_path / "run")
    assert would_replace(tmp_path / "run", 4) == files
    assert would_replace(tmp_path / "run", 2) == files[:2]
    export(on_twos(2), Rate(24), tmp_path / "a.json")
    assert would_replace(tmp_path / "a.json", 4) == [tmp_path / "a.json", tmp_path / "a.png"]
    assert would_replace(tmp_path / "a.png", 4) == [tmp_path / "a.png"]


def test_cautions() -> None:
    soft, deep = on_twos(2), [Exposed(noise(5, 4, 16))]
    assert cautions(soft, Rate(24), Format.WEBP) == []
    assert any("Half-transparent" in text for text in cautions(soft, Rate(24), Format.GIF))
    assert any("too slowly" in text for text in cautions(soft, Rate(60), Format.GIF))
    assert any("no transparency" in text for text in cautions(soft, Rate(24), Format.MP4))
    assert any("6 x 4" in text for text in cautions(deep, Rate(24), Format.MP4))
    assert any("16 bits" in text for text in cautions(deep, Rate(24), Format.GIF))
    assert cautions(deep, Rate(24), Format.SEQUENCE) == []
    flat = ExportOptions(alpha=False)
    assert not any("transparen" in text for text in cautions(soft, Rate(24), Format.GIF, flat))


@pytest.mark.parametrize(
    ("name", "value"),
    [("colours", 1), ("quality", 0), ("scale", 0.0), ("threshold", 0), ("matte", (1, 2, 300))],
)
def test_options_out_of_range(name: str, value: object) -> None:
    with pytest.raises(FileError, match=name):
        dataclasses.replace(ExportOptions(), **{name: value})  # type: ignore[arg-type]


def test_gif_options_reach_the_file(tmp_path: Path) -> None:
    export(on_twos(), Rate(24), tmp_path / "a.gif", ExportOptions(ping_pong=True))
    assert len(gif_delays(tmp_path / "a.gif")) == 22


def test_the_spool_gives_back_every_bit() -> None:
    drawings = [Exposed(Picture(noise(depth=d, seed=d).pixels, icc()), d) for d in (8, 16)]
    with spooled(iter([*drawings, drawings[-1]])) as laid:
        assert len(laid) == 2
        assert laid[0] == drawings[0]
        assert laid[1] == Exposed(drawings[1].picture, 32)
        assert laid[-1:] == [laid[1]]
        assert list(laid) == list(laid)


def test_what_export_leaves_load_finds_on_twos(tmp_path: Path) -> None:
    files = export(on_twos(12), Rate(24), tmp_path / "a")
    first = sequence.find(files[7])
    assert first is not None
    assert len(first.files) == 24
    clip = load(files[7])
    assert isinstance(clip, Clip)
    again = export(clip.drawings, clip.rate, tmp_path / "b", ExportOptions(name="a"))
    assert [path.name for path in again] == [path.name for path in files]
    assert all(one.read_bytes() == two.read_bytes() for one, two in zip(files, again, strict=True))
    assert np.array_equal(visible(read(files[0])), visible(cel(0)))
