"""`genani stylise` and `genani compare-styles` from end to end, with a tiny AnimeGAN."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch

from genani.cli import main
from genani.engines.stylise.animegan_model import TINY, AnimeGAN
from genani.engines.stylise.animegan_weights import pack
from genani.media import image, project
from genani.media.clip import Clip
from genani.media.load import load
from genani.scene.document import Cell, Drawing, Layer, Scene
from genani.scene.picture import Picture
from genani.scene.request import SpanSettings
from genani.scene.span import Span
from genani.scene.time import Rate
from genani.scene.timing import TimingChart
from tests.training.conftest import squeezenet_file

__all__ = ["squeezenet_file"]


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `genani train animegan` leaves it."""
    place = tmp_path_factory.mktemp("result")
    torch.manual_seed(2)
    pack(AnimeGAN(TINY), place)
    return place


@pytest.fixture
def style(weights: Path) -> list[str]:
    return ["--style", "animegan", "--option", f"model={weights}"]


def drawing(at: int) -> Picture:
    pixels = np.zeros((24, 30, 4), np.uint8)
    pixels[4:20, 3 + at : 19 + at] = (200, 120, 60, 255)
    pixels[8:12, 7 + at : 11 + at] = (20, 40, 90, 255)
    pixels[4, 3 + at : 19 + at, 3] = 90
    return Picture(pixels)


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """Four numbered drawings, the second held."""
    folder = tmp_path / "walk"
    folder.mkdir()
    for number, at in enumerate((0, 3, 3, 6)):
        image.write_png(drawing(at), folder / f"walk.{number + 1:04d}.png")
    return folder


def test_one_picture_lands_beside_it(
    tmp_path: Path, style: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    image.write_png(drawing(0), tmp_path / "cat.png")
    assert main(["stylise", str(tmp_path / "cat.png"), *style]) == 0
    made = image.read(tmp_path / "cat_animegan.png")
    assert np.array_equal(made.pixels[..., 3], drawing(0).pixels[..., 3])
    assert made != drawing(0)
    assert "1 picture by animegan" in capsys.readouterr().out
    assert main(["stylise", str(tmp_path / "cat.png"), *style]) == 2
    assert "already there: say where to with --out" in capsys.readouterr().err


def test_no_strength_leaves_a_picture_as_it_is(tmp_path: Path, style: list[str]) -> None:
    image.write_png(drawing(0), tmp_path / "cat.png")
    words = ["stylise", str(tmp_path / "cat.png"), *style, "--strength", "0"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    assert image.read(tmp_path / "out" / "cat.png") == drawing(0)


@pytest.mark.parametrize("more", [[], ["--frame-by-frame"]])
def test_a_folder_is_a_sequence_and_holds_stay(
    frames: Path, style: list[str], more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = frames.parent / "out"
    gif = frames.parent / "walk.gif"
    words = ["stylise", str(frames), *style, *more, "--json"]
    assert main([*words, "--out", str(out), "--out", str(gif)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["pictures"], told["style"], len(told["files"])) == (3, "animegan", 5)
    assert told["sequence"] == (not more)
    made = [image.read(path) for path in sorted(out.iterdir())]
    assert len(made) == 4
    assert made[1] == made[2] != made[0]
    for number, at in enumerate((0, 3, 3, 6)):
        assert np.array_equal(made[number].pixels[..., 3], drawing(at).pixels[..., 3])
    played = load(gif)
    assert isinstance(played, Clip)
    assert played.frames == 4


def test_pictures_of_a_folder_each_for_itself(tmp_path: Path, style: list[str]) -> None:
    folder = tmp_path / "album"
    folder.mkdir()
    for name in ("cat.png", "dog.png"):
        image.write_png(drawing(len(name)), folder / name)
    (folder / "cat.bmp").write_bytes(_bitmap())
    words = ["stylise", str(folder), *style, "--separate"]
    assert main(words) == 0
    made = sorted(path.name for path in (tmp_path / "album_animegan").iterdir())
    assert made == ["cat.bmp.png", "cat.png.png", "dog.png"]


def test_an_album_needs_no_word_and_goes_by_natural_order(
    tmp_path: Path, style: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "album"
    folder.mkdir()
    for at, name in enumerate(("house.png", "Ann.png", "bob at 12.png")):
        image.write_png(drawing(at), folder / name)
    assert main(["stylise", str(folder), *style, "--json"]) == 0
    seen = capsys.readouterr()
    told = json.loads(seen.out)
    assert (told["pictures"], told["sequence"]) == (3, False)
    made = [Path(path).name for path in told["files"]]
    assert made == ["Ann.png", "bob at 12.png", "house.png"]
    assert "its pictures are not numbered: each is redrawn for itself" in seen.err
    out = str(tmp_path / "album.gif")
    assert main(["stylise", str(folder), *style, "--out", out]) == 2
    assert "go into one folder, as PNG files" in capsys.readouterr().err


def test_a_sequence_among_other_pictures_is_none(
    frames: Path, style: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    image.write_png(drawing(1), frames / "reference.png")
    assert main(["stylise", str(frames), *style]) == 0
    seen = capsys.readouterr()
    assert "5 pictures by animegan" in seen.out
    assert ", each for itself" in seen.out
    assert "walk.####.png" in seen.err
    assert "a folder of its own" in seen.err


def scene(folder: Path) -> Path:
    """A sheet of paper behind two keys with one in-between that nobody has drawn."""
    paper = Picture(np.full((24, 30, 4), 255, np.uint8))
    held = {p.id: p for p in (drawing(0), drawing(6), paper)}
    keys = {name: Drawing(name, drawing(at).id) for name, at in (("a", 0), ("b", 6))}
    span = Span("s", "k1", "k2", TimingChart.of("even", 1), SpanSettings("blend"))
    cells = Cell("k1", 1, "a"), Cell("k2", 5, "b")
    cat = Layer("L", "Cat", keys, cells, (span,), opacity=0.5, visible=False)
    back = Layer("B", "Paper", {"p": Drawing("p", paper.id)}, (Cell("c", 1, "p"),))
    path = folder / "shot.genani"
    project.save(Scene(30, 24, Rate(12), layers=(back, cat)), held.__getitem__, path)
    return path


def test_a_layer_of_a_scene_is_redrawn_and_the_scene_stays(
    tmp_path: Path, style: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = scene(tmp_path)
    before = path.read_bytes()
    words = ["stylise", str(path), "--layer", "Cat", *style]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pictures"] == 3
    made = [image.read(Path(file)) for file in told["files"]]
    assert {Path(file).parent for file in told["files"]} == {tmp_path / "shot_animegan"}
    assert len(made) >= 5
    assert np.array_equal(made[0].pixels[..., 3], drawing(0).pixels[..., 3])
    assert made[0] != drawing(0)
    assert np.array_equal(made[4].pixels[..., 3], drawing(6).pixels[..., 3])
    assert made[2].pixels[..., 3].any()
    assert made[2] not in (made[0], made[4])
    assert path.read_bytes() == before
    assert main([*words, "--strength", "0", "--out", str(tmp_path / "plain")]) == 0
    assert image.read(sorted((tmp_path / "plain").iterdir())[0]) == drawing(0)


def test_which_layer_has_to_be_said(
    tmp_path: Path, style: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(scene(tmp_path))
    assert main(["stylise", path, *style]) == 2
    assert "say with --layer which layer is meant; the scene has 'Paper', 'Cat'" in (
        capsys.readouterr().err
    )
    assert main(["stylise", path, "--layer", "Dog", *style]) == 2
    assert "no layer 'Dog'" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["shot.genani"]


def _bitmap() -> bytes:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), (90, 60, 30)).save(buffer, "BMP")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["gone.png"], "cannot read"),
        (["cat.png", "--strength", "1.5"], "strength lies between 0 and 1"),
        (["cat.png", "--option", "side=big"], "a whole number is needed"),
        (["cat.png", "--option", "brush=3"], "has no setting 'brush'"),
        (["cat.png", "--option", "model"], "--option takes NAME=VALUE"),
        (["cat.png", "--option", "model=nobodys"], "AnimeGAN cannot draw"),
        (["cat.png", "--separate"], "--separate takes a folder"),
        (["cat.png", "--layer", "A"], "--layer is of a scene"),
        (["cat.png", "--out", "cat.doc"], "cannot write"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_and_leaves_nothing(
    words: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    image.write_png(drawing(0), tmp_path / "cat.png")
    assert main(["stylise", *words, "--style", "animegan"]) == 2
    told = capsys.readouterr().err
    assert complaint in told
    assert told.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["cat.png"]


def test_an_interrupt_leaves_nothing(tmp_path: Path, weights: Path) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(60):
        pixels = rng.integers(0, 255, (480, 480, 4)).astype(np.uint8)
        image.write_png(Picture(pixels), folder / f"f.{number:04d}.png")
    out = tmp_path / "out" / "film"
    words = ["stylise", str(folder), "--style", "animegan", "--option", f"model={weights}"]
    # Whoever starts the tests behind a shell has them ignore it, and all that they start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "genani.cli", *words, "--out", str(out)],
            env={**os.environ, "GENANI_PROGRESS": "json"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert process.stdout is not None
    while "picture 2" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, error = process.communicate(timeout=60)
    assert time.monotonic() - began < 30
    assert process.returncode == 130
    assert "nothing half-written is left" in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long"]


class _Reader(HTMLParser):
    """What a page shows, and whether it asks for anything from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.pictures = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "href"):
                assert (value or "").startswith("data:")
        self.pictures += tag == "img"

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_styles_are_compared_on_a_page(
    tmp_path: Path, weights: Path, squeezenet_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("photos", "drawings"):
        (tmp_path / folder).mkdir()
        for number in range(3):
            image.write_png(drawing(2 * number), tmp_path / folder / f"{number}.png")
    page, figures = tmp_path / "x.html", tmp_path / "x.json"
    half = f"animegan:model={weights}:strength=0"
    words = ["compare-styles", str(tmp_path / "photos"), "--report", str(page)]
    words += ["--styles", f"animegan:model={weights},{half},paprika", "--json", str(figures)]
    words += ["--drawings", str(tmp_path / "drawings"), "--features", str(squeezenet_file)]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "paprika could not draw: CartoonGAN light (Paprika) is not installed" in out
    assert "not measured: FID" in out
    whole, none, missing = json.loads(figures.read_text())["styles"]
    assert none["content"] == pytest.approx(0, abs=1e-6)
    assert none["drawings"] == pytest.approx(0, abs=1e-6)
    assert whole["content"] > 0
    assert whole["drawings"] > 0
    assert whole["parameters"] == sum(each.numel() for each in AnimeGAN(TINY).parameters())
    assert whole["macs"] > 0
    assert whole["memory"] > whole["parameters"] * 4
    assert whole["seconds"] > 0
    assert missing["seconds"] is None
    reader = _Reader()
    reader.feed(page.read_text())
    assert reader.pictures == 3 * 3
    shown = " ".join(reader.text)
    assert "Fréchet to drawings" in shown
    assert "185.6" in shown


def test_nothing_to_compare_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image.write_png(drawing(0), tmp_path / "cat.png")
    words = ["compare-styles", str(tmp_path / "cat.png")]
    assert main([*words, "--styles", "paprika"]) == 2
    assert "no style could draw" in capsys.readouterr().err
    assert main([*words, "--styles", "crayon"]) == 2
    assert "there is no style 'crayon'" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["compare-styles", str(tmp_path / "empty")]) == 2
    assert "holds no pictures" in capsys.readouterr().err
