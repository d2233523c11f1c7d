"""What comparisons with the published code share: errors, bounds, and the tiny model."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from torch import Tensor

from genani.engines.inbetween.tooncrafter.checkpoint import load, read
from genani.engines.inbetween.tooncrafter.keys import PREFIXES
from genani.engines.inbetween.tooncrafter.sizes import TINY
from genani.scene.errors import ModelError

BLOCK = 1e-5
"""Largest relative error of a block, and of a step fed with the stored input."""

RUN = 2e-3
"""Largest relative error of what many steps lead to."""

_WEIGHTS = {
    "unet": "weights_unet",
    "vae": "weights_vae",
    "text_encoder": "weights_text",
    "image_encoder": "weights_image",
    "image_projector": "weights_resampler",
}


@dataclass(frozen=True)
class Check:
    """One stored output compared with ours.

    Attributes:
        name: of the output.
        error: largest difference over largest value; infinite where shapes differ or ours is
            no number.
        bound: largest error allowed.
    """

    name: str
    error: float
    bound: float

    @property
    def passed(self) -> bool:
        """Whether ours is near enough."""
        return self.error <= self.bound

    def within(self, file: str) -> Check:
        """The same, its name led by that of its file."""
        return replace(self, name=f"{file}: {self.name}")

    def __str__(self) -> str:
        verdict = "ok" if self.passed else "OVER"
        return f"{self.name:<46} {self.error:9.2e}   bound {self.bound:.0e}   {verdict}"


def error_of(made: Tensor, wanted: Tensor) -> float:
    """See `Check.error`."""
    if made.shape != wanted.shape:
        return math.inf
    largest = float(wanted.double().abs().max())
    off = float((made.double() - wanted.double()).abs().max())
    error = off / largest if largest else off
    return error if math.isfinite(error) else math.inf


class Goldens:
    """A folder of stored results, and the model whose weights lie beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts: dict[str, Any] = {}

    def part(self, name: str) -> Any:
        """A part of the model, read when first asked for.

        Raises:
            ModelError: its weights are not in the folder.
        """
        if name not in self._parts:
            path = self.folder / f"{_WEIGHTS[name]}.safetensors"
            self._parts[name] = load(read(path), str(path), TINY, parts=(name,)).parts[name]
        return self._parts[name]

    def parts(self) -> dict[str, Any]:
        """All parts by name."""
        return {name: self.part(name) for name in PREFIXES}

    def stored(self, name: str) -> Mapping[str, Tensor]:
        """The tensors of one file."""
        return read(self.folder / f"{name}.safetensors")

    @cached_property
    def index(self) -> Any:
        """What `index.json` says; empty where there is none."""
        path = self.folder / "index.json"
        try:
            return json.loads(path.read_text("utf-8")) if path.is_file() else {}
        except ValueError as error:
            raise ModelError(f"{path} is no JSON: {error}") from error
