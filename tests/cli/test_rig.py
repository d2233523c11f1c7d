"""`genani rig` writes shots with their truth, and refuses what cannot be."""

import json
from pathlib import Path

import numpy as np
import pytest

from genani.cli import BAD_INPUT, main
from genani.media import image


def test_shots_come_with_their_truth(tmp_path: Path) -> None:
    made = ["rig", "--out", str(tmp_path), "--count", "2", "--frames", "5", "--size", "64"]
    assert main([*made, "--on", "twos", "--gif"]) == 0
    folder = tmp_path / "shot_0001"
    names = sorted(path.name for path in folder.glob("*.png"))
    assert names == ["0001.png", "0003.png", "0005.png"]
    assert image.read(folder / "0003.png").pixels.shape == (64, 64, 4)
    assert (folder / "shot.gif").read_bytes().startswith(b"GIF89a")
    told = json.loads((folder / "shot.json").read_text())
    assert told["keys"] == [1, 5]
    assert [drawing["exposure"] for drawing in told["drawings"]] == [2, 2, 1]
    with np.load(folder / "0003.truth.npz") as truth:
        assert truth["points"].shape == (478, 2)
        assert truth["flow"].shape == (2, 64, 64, 2)
        assert truth["keys"].tolist() == [1, 5]
    assert (tmp_path / "shot_0002" / "shot.json").is_file()


@pytest.mark.parametrize(
    ("option", "value"), [("--size", "8"), ("--frames", "1"), ("--count", "0"), ("--seed", "-1")]
)
def test_what_cannot_be_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert main(["rig", "--out", str(tmp_path / "out"), option, value]) == BAD_INPUT
    assert option in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_two_shots_are_never_mixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shot_0001").mkdir()
    (tmp_path / "shot_0001" / "0001.png").write_bytes(b"mine")
    assert main(["rig", "--out", str(tmp_path), "--frames", "2", "--size", "64"]) == BAD_INPUT
    assert "not empty" in capsys.readouterr().err
    assert (tmp_path / "shot_0001" / "0001.png").read_bytes() == b"mine"
