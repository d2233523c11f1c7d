"""The weights that come with GenAni: whole, small, told of, and read by what draws with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from torch import nn

from genani.engines.inbetween import face_model_weights
from genani.engines.inbetween.rife.versions import OWN, read_network
from genani.engines.inbetween.sprite import weights as sprite
from genani.engines.inbetween.vqgpt import weights as vqgpt
from genani.engines.stylise import animegan_weights, cartoongan_weights
from genani.engines.stylise.stylegan import weights as stylegan
from genani.store.entry import ModelEntry
from genani.store.models import Catalogue, Status

_LARGEST = 40_000_000

_READERS: dict[str, Callable[[Path], nn.Module]] = {
    "genani-face-model": face_model_weights.load,
    "genani-rife": partial(read_network, OWN),
    "genani-sprite": sprite.load,
    "genani-animegan": animegan_weights.load,
    "genani-cartoongan": cartoongan_weights.load,
    "genani-stylegan": lambda path: stylegan.load(path).generator,
}
_OF_TWO: dict[str, Callable[[Path], nn.Module]] = {
    "vqgan.safetensors": vqgpt.load_coder,
    "vqgpt.safetensors": vqgpt.load_writer,
}

_OWN = [
    state.entry
    for state in Catalogue().list()
    if state.status is Status.SHIPPED and state.entry.architecture.startswith("genani-")
]


@pytest.mark.parametrize("entry", _OWN, ids=lambda entry: entry.name)
def test_own_weights_are_read_by_what_draws_with_them(entry: ModelEntry) -> None:
    kind = entry.architecture.partition("/")[0]
    for file in entry.files:
        reader = _OF_TWO.get(file.name) or _READERS[kind]
        network = reader(Catalogue().path(entry.name, file.name))
        assert sum(weight.numel() for weight in network.parameters()) > 10_000


@pytest.mark.parametrize("entry", _OWN, ids=lambda entry: entry.name)
def test_own_weights_are_small_and_have_a_card(entry: ModelEntry) -> None:
    assert sum(file.size for file in entry.files) < _LARGEST
    card = (Catalogue().shipped / entry.name / "CARD.md").read_text("utf-8")
    for word in ("What it is.", "Licence:", "Figures", "Known limits."):
        assert word in card


def test_engines_that_need_nothing_fetched_have_their_weights() -> None:
    assert {"genani-rife", "genani-face"} <= {entry.name for entry in _OWN}
