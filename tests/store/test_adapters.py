from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from genani.scene.errors import ModelError
from genani.store import adapters
from genani.store.adapters import AdapterCard, read_mix, write_mix


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "store"))
    return tmp_path


def made(folder: Path, name: str = "Mika", base: str = "rife-4.6", value: float = 1.0) -> Path:
    path = folder / f"{name}-{value}.safetensors"
    card = AdapterCard(name, base, data="12 clips", figures={"distance": 0.5})
    save_file({"a": np.full(3, value, np.float32)}, path, metadata=adapters.header(card))
    return path


def test_what_is_imported_is_listed_with_its_card(tmp_path: Path) -> None:
    one = adapters.add(made(tmp_path))
    assert adapters.listed() == (one,)
    assert adapters.listed("genani-face") == ()
    assert one.card.figures == {"distance": 0.5}
    assert one.id.startswith("Mika-")
    assert adapters.find("Mika") == adapters.find(one.id) == one


def test_the_same_file_twice_is_one_adapter_and_another_training_is_another(tmp_path: Path) -> None:
    first = adapters.add(made(tmp_path))
    assert adapters.add(first.path) == first
    second = adapters.add(made(tmp_path, value=2.0))
    assert second.id != first.id
    with pytest.raises(ModelError, match="several adapters are called 'Mika'"):
        adapters.find("Mika")


def test_export_gives_a_file_that_can_be_imported_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = adapters.add(made(tmp_path))
    out = adapters.export(one, tmp_path)
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "elsewhere"))
    assert adapters.listed() == ()
    assert adapters.add(out).id == one.id
    adapters.remove(adapters.find("Mika"))
    assert adapters.listed() == ()


def test_what_is_no_adapter_is_refused_in_words(tmp_path: Path) -> None:
    text = tmp_path / "x.safetensors"
    text.write_text("no weights at all")
    plain = tmp_path / "plain.safetensors"
    save_file({"a": np.zeros(1)}, plain)
    cut = made(tmp_path)
    cut.write_bytes(cut.read_bytes()[:-4])
    for path, words in (
        (text, "cannot be read as an adapter"),
        (plain, "is not an adapter of GenAni's"),
        (cut, "cannot be read as an adapter"),
        (tmp_path / "missing.safetensors", "cannot be read"),
    ):
        with pytest.raises(ModelError, match=words):
            adapters.add(path)
    assert adapters.listed() == ()


def test_a_mix_is_read_and_written(tmp_path: Path) -> None:
    assert read_mix("") == ()
    assert read_mix(" a-1:0.5, b-2 ") == (("a-1", 0.5), ("b-2", 1.0))
    assert read_mix(write_mix((("a-1", 0.25),))) == (("a-1", 0.25),)
    for wrong in ("a:3", "a:x", "a:nan", "a:0.1, a:0.2", "a:-1"):
        with pytest.raises(ModelError):
            read_mix(wrong)


def test_a_mix_names_adapters_of_one_model_and_leaves_out_what_is_at_0(tmp_path: Path) -> None:
    one, two = adapters.add(made(tmp_path)), adapters.add(made(tmp_path, "Tobi"))
    other = adapters.add(made(tmp_path, "Elin", "genani-face"))
    assert adapters.mixed(f"{one.id}:0.5, {two.id}:0", ("rife-4.6",)) == ((one, 0.5),)
    with pytest.raises(ModelError, match=r"trained for genani-face, not for rife-4\.6"):
        adapters.mixed(other.id, ("rife-4.6",))
    with pytest.raises(ModelError, match="there is no adapter 'nobody'"):
        adapters.mixed("nobody:0.5", ("rife-4.6",))
