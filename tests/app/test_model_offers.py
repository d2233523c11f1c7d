"""Which models an engine's setting offers: its own, those that were trained here, and no other."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from genani.app.model_choices import Brought, ModelOffer
from genani.wiring_models import offer

_CARD = """name = "{name}"
title = "{title}"
architecture = "{kind}"
licence = "MIT"
credit = "Somebody"
about = "Draws."

[[files]]
name = "weights.safetensors"
size = {size}
sha256 = "{digest}"
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path))
    return tmp_path


def put(store: Path, name: str, kind: str, task: str = "") -> None:
    folder, weights = store / name, b"weights"
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(weights)
    digest = hashlib.sha256(weights).hexdigest()
    told = {"name": name, "title": name.title(), "kind": kind}
    (folder / "model.toml").write_text(_CARD.format(**told, size=len(weights), digest=digest))
    if task:
        (folder / "own.json").write_text(json.dumps({"task": task, "title": name.title()}))


def names(found: ModelOffer) -> list[str]:
    return [model.name for model in found.known]


def test_what_comes_with_the_program_is_offered_beside_what_is_missing(store: Path) -> None:
    assert not list(store.iterdir())
    found = offer("vqgpt")
    assert names(found) == ["", "moving-digits"]
    assert "train one" in found.known[0].missing
    assert found.task == "vqgan"
    assert not found.known[1].missing
    assert found.brought is Brought.FOLDER


def test_models_of_another_kind_are_not_offered(store: Path) -> None:
    put(store, "mine", "genani-vqgpt/1")
    put(store, "codes", "genani-vqgan/1")
    assert names(offer("vqgpt")) == ["", "moving-digits", "mine"]


def test_two_styles_of_one_layout_keep_their_own_models(store: Path) -> None:
    put(store, "ink", "genani-cartoongan/1", "cartoongan")
    put(store, "wash", "genani-cartoongan/1", "artifygan")
    put(store, "bought", "genani-cartoongan/1")
    assert names(offer("cartoongan")) == ["", "bought", "ink"]
    assert names(offer("artifygan")) == ["", "bought", "wash"]


def test_an_engine_that_has_no_model_of_its_own_offers_a_way_to_one(store: Path) -> None:
    assert not list(store.iterdir())
    found = offer("keyframe-diffusion")
    assert [model.title for model in found.known] == ["None chosen"]
    assert "choose the folder" in found.known[0].missing
    assert not found.task
    assert found.brought is Brought.FOLDER
