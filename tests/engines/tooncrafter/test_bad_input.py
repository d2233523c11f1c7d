"""Bad input all the way from the command line: one clear line each, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from genani.cli import main
from genani.engines import registry
from genani.engines.device import Device
from genani.engines.inbetween.tooncrafter.sizes import TINY
from genani.engines.inbetween.tooncrafter.source import WORD_PIECES
from genani.media import image
from tests.engines.drawings import disc
from tests.engines.tooncrafter.models import saved_model, saved_style
from tests.engines.tooncrafter.published import weights


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("code was run",)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(autouse=True)
def no_engine_is_kept() -> Iterator[None]:
    yield
    registry._known.forget()


@pytest.fixture
def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs `genani inbetween` and gives the one line it complains in."""
    keys = [tmp_path / name for name in ("first.png", "last.png")]
    for path, x in zip(keys, (24, 70), strict=True):
        image.write_png(disc((96, 60), (x, 30), 12), path)

    def run(model: Path, *settings: str) -> str:
        given = ["inbetween", *map(str, keys), "--engine", "tooncrafter", "--model", str(model)]
        for setting in ("steps=1", "side=64", *settings):
            given += ["--set", setting]
        assert main([*given, "--out", str(tmp_path / "made")]) == 2
        assert not (tmp_path / "made").exists()
        said = capsys.readouterr()
        assert "code was run" not in said.out + said.err
        lines = [line for line in said.err.splitlines() if line.startswith("genani:")]
        assert len(lines) == 1
        assert "Traceback" not in said.err
        return lines[0]

    return run


def checkpoint(content: object, folder: Path) -> Path:
    (folder / WORD_PIECES).write_bytes(b"never read")
    path = folder / "model.ckpt"
    torch.save(content, path)
    return path


def test_a_truncated_checkpoint(refused: Callable[..., str], tmp_path: Path) -> None:
    path = checkpoint({"state_dict": weights(TINY)}, tmp_path)
    path.write_bytes(path.read_bytes()[:-50_000])
    assert f"{path} is damaged or incomplete: download it again" in refused(path)


def test_the_checkpoint_of_another_model(refused: Callable[..., str], tmp_path: Path) -> None:
    path = checkpoint({"state_dict": {"model.conv.weight": torch.zeros(3, 3)}}, tmp_path)
    assert "is not a ToonCrafter or DynamiCrafter model" in refused(path)


def test_a_pickle_with_code(refused: Callable[..., str], tmp_path: Path) -> None:
    path = checkpoint({"state_dict": weights(TINY), "more": Trap()}, tmp_path)
    assert "holds code beside its weights and was not opened" in refused(path)


def test_a_style_of_a_wrong_type(refused: Callable[..., str], model: Path, tmp_path: Path) -> None:
    path = saved_style(model, tmp_path)
    tensors = load_file(path)
    save_file({name: item.to(torch.int8) for name, item in tensors.items()}, path)
    assert "holds torch.int8 where floating point is needed" in refused(model, f"lora={path}")


def test_three_gigabytes_of_free_memory(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = checkpoint({"state_dict": weights(TINY)}, tmp_path)
    # As large as the published file, without taking the room.
    with path.open("r+b") as stream:
        stream.truncate(10_500_000_000)
    monkeypatch.setattr(Device, "free", 3_000_000_000)
    said = refused(path, "side=512")
    assert "ToonCrafter needs" in said
    assert "has 2.8" in said
    assert "close other programs" in said
