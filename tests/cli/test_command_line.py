"""The command line itself: help, exit codes, models."""

import json
from pathlib import Path

import pytest

from genani.cli import COMMANDS, main


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "models"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    assert COMMANDS[command].split()[0].capitalize() in capsys.readouterr().out


@pytest.mark.parametrize("words", [["explode"], ["inbetween"], ["models"], ["--what"], []])
def test_wrong_words_are_one_line_and_code_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_models_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert {"rife-4.6", "rife-3.9", "gmfss-fortuna", "mediapipe-face-landmarker"} <= set(rows)
    assert not rows["rife-4.6"]["usable"]
    assert rows["rife-4.6"]["licence"] == "MIT"
    assert main(["models", "list"]) == 0
    assert "RIFE 4.6, MIT" in capsys.readouterr().out


def test_offline_refuses_to_fetch(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENANI_OFFLINE", "0")
    assert main(["--offline", "models", "fetch", "rife-4.6"]) == 2
    assert "offline" in capsys.readouterr().err


def test_a_flipped_byte_is_not_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "rife.pkl"
    wrong.write_bytes(b"\0" * 100)
    assert main(["models", "import", "rife-4.6", str(wrong)]) == 2
    assert "damaged or another version" in capsys.readouterr().err
    assert main(["models", "remove", "rife-4.6"]) == 2
    assert "not installed" in capsys.readouterr().err


def test_what_should_not_happen_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> int:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("genani.cli.models.run", broken)
    assert main(["models", "list"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_ctrl_c_is_code_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("genani.cli.models.run", stopped)
    assert main(["models", "list"]) == 130
    assert "stopped" in capsys.readouterr().err
