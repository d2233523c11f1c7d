"""What the styling window is told of the styles that there are, and of those that are not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from genani.engines.api import CancelToken
from genani.scene.errors import ModelError
from genani.wiring_seeds import make_seeds
from genani.wiring_styles import make_styling

_CARD = """name = "mine"
title = "Mine"
architecture = "genani-stylegan/1"
licence = "MIT"
credit = "Somebody"
about = "Draws faces."

[[files]]
name = "stylegan.safetensors"
size = {size}
sha256 = "{digest}"
"""


def test_a_published_model_is_offered_with_its_size_and_licence() -> None:
    known = {choice.id: choice for choice in make_styling(lambda: None).choices()}
    paprika = known["paprika"]
    assert paprika.fetch == ("cartoongan-light-paprika",)
    assert "CartoonGAN light (Paprika) (Apache-2.0), 3.7 MB to download" in paprika.missing
    assert not any(choice.fetch for choice in known.values() if not choice.missing)


def test_nothing_is_fetched_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENANI_OFFLINE", "1")
    with pytest.raises(ModelError, match="while GenAni is offline"):
        make_styling(lambda: None).fetch(["cartoongan-light-paprika"], CancelToken())


def test_a_model_of_faces_that_cannot_be_read_is_told_of_and_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder, weights = tmp_path / "mine", b"no weights at all"
    folder.mkdir()
    (folder / "stylegan.safetensors").write_bytes(weights)
    digest = hashlib.sha256(weights).hexdigest()
    (folder / "model.toml").write_text(_CARD.format(size=len(weights), digest=digest))
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path))
    models = {model.name: model for model in make_seeds(lambda: None).models()}
    assert "stylegan.safetensors" in models["mine"].missing
    assert not models["genani-stylegan"].missing
