from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from genani.engines.adapted import differences, put_on
from genani.scene.errors import ModelError
from genani.store import adapters
from genani.store.adapters import AdapterCard


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "store"))


def network(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(2, 3, 3), nn.Conv2d(3, 1, 1))


def adapter(tmp_path: Path, name: str, tensors: dict[str, torch.Tensor], kind: str = "") -> str:
    card = AdapterCard(name, "rife-4.6", kind or "difference")
    path = tmp_path / f"{name}.safetensors"
    save_file(tensors, path, metadata=adapters.header(card))
    return adapters.add(path).id


def test_at_full_strength_the_base_becomes_what_was_trained(tmp_path: Path) -> None:
    base, trained = network(1), network(2)
    mika = adapter(tmp_path, "Mika", differences(base.state_dict(), trained.state_dict()))
    put_on(base, mika, ("rife-4.6",))
    for name, weight in base.state_dict().items():
        torch.testing.assert_close(weight, trained.state_dict()[name], rtol=0, atol=1e-3)


def test_strengths_scale_and_adapters_add_up(tmp_path: Path) -> None:
    base, first, second = network(1), network(2), network(3)
    start = {name: weight.clone() for name, weight in base.state_dict().items()}
    one = adapter(tmp_path, "one", differences(start, first.state_dict()))
    two = adapter(tmp_path, "two", differences(start, second.state_dict()))
    put_on(base, f"{one}:0.5, {two}:0.25", ("rife-4.6",))
    for name, weight in base.state_dict().items():
        there = start[name]
        wanted = there + 0.5 * (first.state_dict()[name] - there)
        wanted = wanted + 0.25 * (second.state_dict()[name] - there)
        torch.testing.assert_close(weight, wanted, rtol=0, atol=1e-3)


def test_no_mix_changes_nothing_and_unchanged_weights_are_left_out(tmp_path: Path) -> None:
    base = network(1)
    start = {name: weight.clone() for name, weight in base.state_dict().items()}
    put_on(base, "", ("rife-4.6",))
    assert all(torch.equal(weight, start[name]) for name, weight in base.state_dict().items())
    changed = {**start, "0.bias": start["0.bias"] + 1}
    assert list(differences(start, changed)) == ["0.bias"]


@pytest.mark.parametrize(
    ("tensors", "kind", "words"),
    [
        ({"other": torch.zeros(1)}, "", "was made for another network: other"),
        ({"0.bias": torch.zeros(7)}, "", "was made for another network"),
        ({"0.bias": torch.zeros(3, dtype=torch.int32)}, "", "torch.int32 where floating point"),
        ({"0.bias": torch.zeros(3)}, "lora", "cannot be put on this engine"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    tmp_path: Path, tensors: dict[str, torch.Tensor], kind: str, words: str
) -> None:
    with pytest.raises(ModelError, match=words):
        put_on(network(1), adapter(tmp_path, "x", tensors, kind), ("rife-4.6",))
