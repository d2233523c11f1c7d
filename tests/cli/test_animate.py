"""`genani animate`: a drawing in, a loop out, and bad input told in one line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from genani.cli import BAD_INPUT, main
from genani.engines.inbetween.sprite.network import SpriteNet
from genani.engines.inbetween.sprite.weights import MODEL, TINY, pack
from genani.media import image


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    folder = tmp_path / "store" / MODEL
    folder.mkdir(parents=True)
    network = SpriteNet(TINY)
    for weight in network.heads.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    pack(network, folder, {"distance": 1.0}, "Nothing.", 64, 1)
    return folder


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    pixels = np.zeros((24, 20, 4), np.uint8)
    pixels[4:20, 6:14] = (200, 40, 30, 255)
    pixels[12:20, 8:12] = (30, 40, 200, 255)
    path = tmp_path / "hero.png"
    Image.fromarray(pixels).save(path)
    return path


def test_a_gif_has_so_many_frames_and_lasts_as_long(
    model: Path, drawing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.gif"
    told = ["--action", "jump", "--frames", "5", "--fps", "10", "--model", str(model), "--json"]
    assert main(["animate", str(drawing), "--out", str(out), "--pixel-art", "off", *told]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["frames"] == 5
    assert report["files"] == [str(out)]
    with Image.open(out) as loop:
        assert loop.n_frames == 5  # pyright: ignore[reportAttributeAccessIssue]
        times = []
        for at in range(5):
            loop.seek(at)
            times.append(loop.info["duration"])
        assert sum(times) == 500


def test_a_sequence_begins_with_the_drawing_itself(
    model: Path, drawing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENANI_MODELS", str(model.parent))
    out = tmp_path / "frames"
    assert main(["animate", str(drawing), "--frames", "3", "--out", str(out)]) == 0
    files = sorted(out.glob("*.png"))
    assert len(files) == 3
    assert image.read(files[0]) == image.read(drawing)
    # Small and of three colours: pixel art, and kept as such without being asked.
    own = {tuple(colour) for colour in image.read(drawing).pixels.reshape(-1, 4)}
    for file in files:
        assert {tuple(colour) for colour in image.read(file).pixels.reshape(-1, 4)} <= own


@pytest.mark.parametrize("ending", [".png", ".webp"])
def test_other_animations_can_be_written(
    model: Path, drawing: Path, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"x{ending}"
    told = ["--frames", "3", "--model", str(model), "--pixel-art", "off"]
    assert main(["animate", str(drawing), "--out", str(out), *told]) == 0
    with Image.open(out) as loop:
        assert loop.n_frames == 3  # pyright: ignore[reportAttributeAccessIssue]


def test_the_same_seed_writes_the_same_file(model: Path, drawing: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    for file, seed in zip(files, ("4", "4", "5"), strict=True):
        told = ["--frames", "3", "--model", str(model), "--pixel-art", "off", "--seed", seed]
        assert main(["animate", str(drawing), "--out", str(file), *told]) == 0
    first, again, other = (file.read_bytes() for file in files)
    assert first == again != other


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        (["--frames", "1"], "2 to 120 frames"),
        (["--frames", "3", "--seed", "-4"], "a seed lies"),
        (["--frames", "3", "--fps", "none"], "none"),
        (["--frames", "3", "--model", "no-such"], "no sprite network"),
        (["--frames", "3"], "genani train sprite"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    told: list[str],
    complaint: str,
    drawing: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Whatever comes with GenAni, here there is no network.
    monkeypatch.setattr("genani.store.places.folder", lambda _name: tmp_path / "none")
    out = tmp_path / "x.gif"
    assert main(["animate", str(drawing), "--out", str(out), *told]) == BAD_INPUT
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1
    assert not out.exists()


def test_no_picture_no_loop(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    told = ["--out", str(tmp_path / "x.gif"), "--model", str(model)]
    assert main(["animate", str(broken), *told]) == BAD_INPUT
    assert "broken.png" in capsys.readouterr().err
    empty = tmp_path / "empty.png"
    Image.new("RGBA", (20, 20)).save(empty)
    assert main(["animate", str(empty), *told]) == BAD_INPUT
    assert "nothing to animate" in capsys.readouterr().err
    assert main(["animate", str(tmp_path / "none.png"), *told]) == BAD_INPUT
    assert not (tmp_path / "x.gif").exists()
