"""A person's own copy of the weights in the store: looked at, copied whole, found again."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from genani.cli import main
from genani.engines.inbetween.tooncrafter.adoption import adopt, adopted
from genani.engines.inbetween.tooncrafter.keys import PREFIXES
from genani.engines.inbetween.tooncrafter.lora import BASE
from genani.engines.inbetween.tooncrafter.sizes import TINY
from genani.engines.inbetween.tooncrafter.source import (
    TOWERS,
    WORD_PIECES,
    WORDS_MODEL,
    word_pieces,
)
from genani.scene.errors import ModelError
from genani.store.models import Catalogue, Status
from tests.engines.tooncrafter.published import weights


def checkpoint(folder: Path, whole: bool = True) -> Path:
    path = folder / "some name.safetensors"
    towers = tuple(PREFIXES[part] for part in ("text_encoder", "image_encoder"))
    tensors = weights(TINY)
    save_file({k: v for k, v in tensors.items() if whole or not k.startswith(towers)}, path)
    return path


def test_taken_in_and_found_again(tmp_path: Path) -> None:
    assert adopted(Catalogue()) is None
    path = checkpoint(tmp_path)
    (made,) = adopt(path, Catalogue(), TINY)
    assert made.read_bytes() == path.read_bytes()
    assert adopted(Catalogue()) == made
    assert Catalogue().state(BASE).status is Status.INSTALLED
    made.write_bytes(b"changed")
    with pytest.raises(ModelError, match="is damaged or was changed"):
        adopted(Catalogue())
    Catalogue().remove(BASE)


def test_towers_are_taken_along(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, whole=False)
    with pytest.raises(ModelError, match="comes without CLIP"):
        adopt(path, Catalogue(), TINY)
    text, image = (PREFIXES[part] for part in ("text_encoder", "image_encoder"))
    clip = {
        name.removeprefix(text).removeprefix(image): item
        for name, item in weights(TINY).items()
        if name.startswith((text, f"{image}visual."))
    }
    save_file(clip, tmp_path / TOWERS[0])
    made = adopt(path, Catalogue(), TINY)
    assert [each.name for each in made] == ["model.safetensors", TOWERS[0]]
    assert adopted(Catalogue()) == made[0]


@pytest.mark.parametrize("share", [0.3, 0.95])
def test_a_truncated_file_leaves_nothing(share: float, tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelError, match="damaged or incomplete"):
        adopt(path, Catalogue(), TINY)
    assert BASE not in Catalogue().names()


def test_the_command_line_says_in_one_line_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"unet.conv_in.weight": torch.zeros(2)}, path)
    assert main(["models", "import", BASE, str(path)]) == 2
    said = capsys.readouterr().err.strip()
    assert "is not a ToonCrafter or DynamiCrafter model" in said
    assert "\n" not in said


def test_word_pieces_lie_beside_or_in_the_store(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    with pytest.raises(ModelError, match=f"genani models fetch {WORDS_MODEL}"):
        word_pieces(path)
    (tmp_path / WORD_PIECES).write_bytes(b"x")
    assert word_pieces(path) == tmp_path / WORD_PIECES
    assert Catalogue().info(WORDS_MODEL).files[0].name == WORD_PIECES
