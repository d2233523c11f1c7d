"""Files of weights of our own: written and read whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from genani.engines.weights_file import WeightsKind, write
from genani.scene.errors import ModelError

PENCIL = WeightsKind("pencil/1", "pencil")
LEAD = torch.arange(6.0).reshape(2, 3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pencil.safetensors"
    write(path, {"lead": LEAD}, {"format": "pencil/1", "hard": "2B"}, half=True)
    return path


def test_weights_come_back_in_single_precision_with_what_was_told(file: Path) -> None:
    assert PENCIL.header(file) == {"format": "pencil/1", "hard": "2B"}
    header, weights = PENCIL.read(file)
    assert header["hard"] == "2B"
    assert weights["lead"].dtype == torch.float32
    assert torch.equal(weights["lead"], LEAD)
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_another_kind_of_file_is_refused(file: Path) -> None:
    with pytest.raises(ModelError, match="does not hold weights of GenAni's brush"):
        WeightsKind("brush/1", "brush").read(file)


@pytest.mark.parametrize("keep", [0, 9, -4])
def test_a_torn_file_is_damaged(file: Path, keep: int) -> None:
    file.write_bytes(file.read_bytes()[:keep])
    for ask in (PENCIL.header, PENCIL.read):
        with pytest.raises(ModelError, match="is damaged: it does not hold a whole pencil"):
            ask(file)


def test_a_network_that_does_not_fit_is_told_in_the_same_words(file: Path) -> None:
    _, weights = PENCIL.read(file)
    with pytest.raises(ModelError, match="damaged"), PENCIL.whole(file):
        torch.nn.Linear(3, 2).load_state_dict(weights)
