"""Pictures from seeds: one, several, and what lies between two of them. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.painting import Locate
from genani.engines.stylise.stylegan.edits import Edit, edited
from genani.engines.stylise.stylegan.generator import seeded
from genani.engines.stylise.stylegan.locating import opened
from genani.engines.stylise.stylegan.stylist import as_values
from genani.engines.stylise.stylegan.weights import StyleModel
from genani.engines.tensor import straight_pixels
from genani.scene.picture import Picture
from genani.store.models import path

MODEL = "genani-stylegan"
"""What is drawn with where no other model is named."""


@dataclass(frozen=True)
class Wish:
    """A picture that is wished for.

    Attributes:
        seed: 0 or more; the same seed is the same picture.
        edit: what is done to its styles; `edit.seed` is the other parent where it mixes.
    """

    seed: int
    edit: Edit = field(default_factory=Edit)


class Imagination:
    """Draws pictures out of nothing but seeds; keeps the model that it used last.

    Args:
        device: where to draw.
        locate: finds the files of installed models.
    """

    def __init__(self, device: Device, locate: Locate = path) -> None:
        self._device, self._locate = device, locate
        self._model: tuple[str, StyleModel] | None = None

    def abilities(self, model: str = MODEL) -> tuple[int, int, bool]:
        """What a model can do: layers to mix by, numbered features, whether it knows older.

        Raises:
            ModelError: it is missing or damaged.
        """
        found = self._opened(model)
        return found.config.styles, len(found.directions), found.age is not None

    def draw(
        self, wishes: Sequence[Wish], token: CancelToken, model: str = MODEL, side: int = 0
    ) -> Iterator[Picture]:
        """The pictures, one after the other.

        Args:
            wishes: what is drawn.
            token: looked at before each.
            model: a name in the model store, a folder, or a file.
            side: of the pictures in pixels, to which they are made larger or smaller; 0 is the
                model's own.

        Raises:
            Cancelled: the token was cancelled.
            EngineError: the model cannot do one of the edits.
            ModelError: it is missing or damaged.
        """
        opened_model = self._opened(model)
        for index, wish in enumerate(wishes):
            token.step(index / len(wishes), f"picture {index + 1} of {len(wishes)}")
            yield _drawn(opened_model, wish, side)
        token.step(1.0, "done")

    def _opened(self, name: str) -> StyleModel:
        if self._model is None or self._model[0] != name:
            self._model = None
            self._model = name, opened(name, self._locate).to(self._device.torch)
        return self._model[1]


@torch.no_grad()
def _drawn(model: StyleModel, wish: Wish, side: int) -> Picture:
    generator = model.generator
    w = generator.spread(seeded(generator, [wish.seed]))
    values = as_values(model.draws(edited(model, w, wish.edit)))
    return Picture(straight_pixels(_sized(values, side or model.config.size), 8))


def _sized(values: Tensor, side: int) -> Tensor:
    """Premultiplied (1, 4, H, W) at another size."""
    if side == values.shape[2]:
        return values
    scaled = functional.interpolate(
        values, (side, side), mode="bicubic", align_corners=False, antialias=True
    ).clamp(0, 1)
    return torch.cat([torch.minimum(scaled[:, :3], scaled[:, 3:]), scaled[:, 3:]], 1)
