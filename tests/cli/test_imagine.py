"""`genani imagine`: pictures of seeds and mixes, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from genani.cli import main
from genani.cli.imagine import seeds_of
from genani.engines.stylise.stylegan.directions import directions
from genani.engines.stylise.stylegan.generator import Generator, GeneratorConfig
from genani.engines.stylise.stylegan.weights import FILE, StyleModel, save
from genani.media import image
from genani.scene.errors import EngineError


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    generator = Generator(GeneratorConfig(size=8, channels=4, wide=4, latent=4, mapping=1))
    generator.find_centre()
    path = tmp_path / FILE
    save(StyleModel(generator, directions=directions(generator, 2)), path)
    return path


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("7", [7]), ("1-4", [1, 2, 3, 4]), ("9, 1-2,9", [9, 1, 2]), ("0-0", [0])],
)
def test_words_for_seeds(text: str, seeds: list[int]) -> None:
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "x", "4-1", "1-", "-3", "0-99999999", str(2**40)])
def test_words_that_are_no_seeds(text: str) -> None:
    with pytest.raises(EngineError):
        seeds_of(text)


def test_seeds_become_files(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["imagine", "--seed", "3,5", "--model", str(model), "--out", str(out), "--json"]
    assert main([*words, "--side", "20"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert [Path(file).name for file in files] == ["seed_0003.png", "seed_0005.png"]
    one, other = (image.read(Path(file)) for file in files)
    assert one.size == (20, 20)
    assert one != other
    assert main([*words, "--side", "20", "--direction", "2", "--amount", "3"]) == 0
    assert image.read(Path(files[0])) != one


def test_mixes_go_from_one_parent_to_the_other(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["imagine", "--model", str(model), "--out", str(out)]
    assert main([*words, "--mix", "3,5"]) == 0
    assert main([*words, "--seed", "3,5"]) == 0
    mixes = sorted(out.glob("mix_*.png"))
    # Every layer of the four, and both ends.
    assert [path.name[-6:-4] for path in mixes] == ["00", "01", "02", "03", "04"]
    parents = [image.read(out / f"seed_000{seed}.png") for seed in (5, 3)]
    assert [image.read(mixes[0]), image.read(mixes[-1])] == parents
    assert main([*words, "--mix", "3,5", "--level", "2"]) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ["--mix", "3"],
        ["--mix", "3,5", "--level", "9"],
        ["--level", "2"],
        ["--side", "-1"],
        ["--truncation", "nan"],
        ["--amount", "inf", "--direction", "1"],
        ["--direction", "7"],
        ["--direction", "-1"],
        ["--age", "1"],
        ["--seed", "1-"],
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    wrong: list[str], model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["imagine", "--model", str(model), "--out", str(out), *wrong]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not out.exists()


def test_a_missing_model_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["imagine", "--model", "no-such-one", "--out", str(tmp_path / "out")]) == 2
    assert "no-such-one" in capsys.readouterr().err
