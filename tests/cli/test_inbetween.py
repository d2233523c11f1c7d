"""`genani inbetween` and `genani render`, run as a person would run them."""

import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genani.cli import main
from genani.media import image, project
from genani.scene.document import Cell, Drawing, Layer, Scene
from genani.scene.picture import Picture
from genani.scene.request import SpanSettings
from genani.scene.span import Span
from genani.scene.timing import TimingChart


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("GENANI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GENANI_OFFLINE", "1")


def disc(x: int, size: tuple[int, int] = (64, 48), radius: float = 9.0) -> Picture:
    """A red disc with a soft edge over nothing."""
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    away = np.hypot(columns - x, rows - size[1] / 2)
    alpha = np.clip(radius + 0.5 - away, 0, 1)
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    pixels[..., 0] = np.where(alpha > 0, 220, 0)
    pixels[..., 3] = np.rint(alpha * 255)
    return Picture(pixels)


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "a.png", tmp_path / "b.png"
    for path, x in zip(paths, (20, 40), strict=True):
        image.write_png(disc(x), path)
    return paths


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """The one line that a refused command says."""
    assert main([str(word) for word in words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err
    return told.err


def test_a_sequence_holds_the_keys_bit_for_bit(
    keys: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "shot"
    words = ["--engine", "blend", "--count", "3", "--out", str(out), "--json"]
    code = main(["inbetween", *map(str, keys), *words])
    assert code == 0
    report = json.loads(capsys.readouterr().out)
    assert report["engine"] == "blend"
    assert report["times"] == ["1/4", "1/2", "3/4"]
    files = sorted(out.iterdir())
    assert [Path(name).name for name in report["files"]] == [path.name for path in files]
    assert [path.name for path in files] == [f"shot.{n:04d}.png" for n in range(1, 6)]
    pictures = [image.read(path) for path in files]
    assert pictures[0] == image.read(keys[0])
    assert pictures[4] == image.read(keys[1])
    for picture in pictures[1:4]:
        assert picture.size == (64, 48)
        assert not picture.pixels[:8].any()
        drawn = picture.pixels[picture.pixels[..., 3] > 8]
        assert (drawn[:, 0] >= 210).all()


def test_in_betweens_alone(keys: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "alone"
    assert (
        main(["inbetween", *map(str, keys), "--count", "2", "--without-keys", "--out", str(out)])
        == 0
    )
    assert len(list(out.iterdir())) == 2


def test_several_places_and_exact_time(keys: tuple[Path, Path], tmp_path: Path) -> None:
    gif, still = tmp_path / "x.gif", tmp_path / "x.png"
    words = ["--count", "10", "--exposure", "2", "--out", str(gif), "--out", str(still)]
    assert main(["inbetween", *map(str, keys), *words]) == 0
    with Image.open(gif) as opened:
        total = 0
        for frame in range(getattr(opened, "n_frames", 1)):
            opened.seek(frame)
            total += opened.info["duration"]
    assert total == 1000
    assert still.stat().st_size > 0


def test_times_reach_the_pictures(
    keys: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--times", ".5,3/4,.875", "--json", "--out", str(tmp_path / "t")]
    assert main(["inbetween", *map(str, keys), *words]) == 0
    assert json.loads(capsys.readouterr().out)["times"] == ["1/2", "3/4", "7/8"]


def test_an_exposure_for_every_frame(keys: tuple[Path, Path], tmp_path: Path) -> None:
    words = ["--count", "1", "--every-frame", "--out", str(tmp_path / "e")]
    assert main(["inbetween", *map(str, keys), *words]) == 0
    assert len(list((tmp_path / "e").iterdir())) == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--times", ".5,.25"], "rise"),
        (["--times", ".5", "--count", "3"], "leave out"),
        (["--chart", "halves", "--count", "2"], "even"),
        (["--count", "-1"], "0 to 1000"),
        (["--engine", "rife", "--set", "version=4.6"], "models fetch rife-4.6"),
        (["--set", "x"], "NAME=VALUE"),
        (["--set", "x=1"], "no setting 'x'"),
        (["--seed", "-1"], "seed"),
        (["--rate", "fast"], "fast"),
        (["--exposure", "0"], "1 to 1000"),
        (["--matte", "pink"], "--matte"),
    ],
)
def test_choices_that_make_no_sense(
    words: list[str],
    said: str,
    keys: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    assert said in refused(capsys, "inbetween", *keys, *words, "--out", out)
    assert not out.exists()


def _text(path: Path) -> None:
    path.write_text("this is no picture")


def _cut(path: Path) -> None:
    whole = image.encode_png(disc(20))
    path.write_bytes(whole[: len(whole) // 2])


def _giant(path: Path) -> None:
    whole = bytearray(image.encode_png(disc(20)))
    whole[16:24] = (60_000).to_bytes(4, "big") * 2
    path.write_bytes(bytes(whole))


def _other_size(path: Path) -> None:
    image.write_png(disc(20, (32, 32)), path)


def _folder(path: Path) -> None:
    path.mkdir()


def _nothing(path: Path) -> None:
    del path


@pytest.mark.parametrize("make", [_text, _cut, _giant, _other_size, _folder, _nothing])
def test_keys_that_cannot_be_used(
    make: object, keys: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, out = tmp_path / "bad.png", tmp_path / "out"
    assert callable(make)
    make(bad)
    told = refused(capsys, "inbetween", keys[0], bad, "--out", out)
    assert "bad.png" in told or "64 x 48" in told
    assert not out.exists()


def test_a_name_nobody_can_decode(
    keys: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = os.fsdecode(bytes(tmp_path) + b"/caf\xe9.png")
    assert "caf\\udce9.png" in refused(
        capsys, "inbetween", keys[0], strange, "--out", tmp_path / "o"
    )
    os.link(keys[1], os.fsencode(strange))
    assert (
        main(["inbetween", str(keys[0]), strange, "--count", "1", "--out", str(tmp_path / "o")])
        == 0
    )


def test_places_that_cannot_be_written(
    keys: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "xyz" in refused(capsys, "inbetween", *keys, "--out", tmp_path / "a.xyz")
    below = keys[0] / "deeper" / "x.gif"
    assert "x.gif" in refused(capsys, "inbetween", *keys, "--out", below)
    assert "'/proc/x.gif'" in refused(capsys, "inbetween", *keys, "--out", "/proc/x.gif")


def test_a_scene_is_drawn_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = [disc(20), disc(40)]
    drawings = {f"d{n}": Drawing(f"d{n}", p.id, n) for n, p in enumerate(pictures, start=1)}
    span = Span("s", "c1", "c2", TimingChart.of("even", 3), SpanSettings("blend"))
    cells = (Cell("c1", 1, "d1"), Cell("c2", 9, "d2"))
    scene = Scene(64, 48, layers=(Layer("L", "A", drawings, cells, (span,)),))
    saved = tmp_path / "scene.genani"
    project.save(scene, {p.id: p for p in pictures}.__getitem__, saved)
    out = tmp_path / "frames"
    assert main(["render", str(saved), "--out", str(out), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["drawn"] == 3
    assert report["frames"] == [1, 10]
    frames = [image.read(path) for path in sorted(out.iterdir())]
    assert len(frames) == 10
    assert frames[0] == frames[1] == pictures[0]
    assert frames[8] == pictures[1]
    assert frames[2] == frames[3] != frames[4]
    # Once more: everything is in the cache.
    assert main(["render", str(saved), "--span", "s", "--out", str(tmp_path / "s"), "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["drawn"] == 0
    assert again["frames"] == [1, 9]
    assert "has no span 'x'" in refused(capsys, "render", saved, "--span", "x", "--out", out)


def test_blend_is_where_the_chart_says(keys: tuple[Path, Path], tmp_path: Path) -> None:
    words = ["--engine", "blend", "--set", "palette_snap=off", "--times", "1/4", "--without-keys"]
    assert main(["inbetween", *map(str, keys), *words, "--out", str(tmp_path / "q")]) == 0
    (path,) = (tmp_path / "q").iterdir()
    faded = image.read(path).pixels[24, 40, 3]
    assert abs(int(faded) - float(Fraction(255, 4))) <= 1
