"""Training the encoder of a StyleGAN2 that is there: pictures to the styles that draw them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
import torch
from torch import Tensor, nn

from genani.engines.stylise.stylegan.encoder import Encoder
from genani.engines.stylise.stylegan.locating import opened
from genani.engines.stylise.stylegan.weights import StyleModel
from genani.training.config import TrainingConfig, typed
from genani.training.losses import Perception
from genani.training.task import TOTAL, Batch, Losses, Models, Task, Turn
from genani.training.tasks.stylegan import batches_of, features_file
from genani.training.tasks.stylegan_album import Album, album
from genani.training.tasks.stylegan_export import packed, sheet_of
from genani.training.tasks.stylegan_judging import as_seen, batches, rebuilt_error
from genani.training.tasks.stylegan_losses import inverted, styles
from genani.training.tasks.stylegan_settings import AlbumSettings

_ENCODER = "encoder"
REBUILT = "rebuilt"
_SHOWN = 8


class EncoderSettings(AlbumSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the task `stylegan-encoder`.

    Attributes:
        model: whose encoder: a name in the model store, or a file.
        name: of the model that comes of it.
        rights: who made the pictures and under which licence, for the card.
    """

    model: str = "genani-stylegan"
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.+-]*\Z")] = "genani-stylegan"
    rights: str = ""


class EncoderTask(Task):
    """An encoder for a generator that stays as it is.

    It learns from pictures that are made, whose styles are known, and from drawn ones, which are
    to be drawn again (E. Richardson et al., arXiv 2008.00951).

    Args:
        settings: of the task.
        config: of the run.
        pictures: to learn from and to judge by.
        model: whose encoder.
        features: `squeezenet_v1.1.caffemodel`; None leaves its loss out.
    """

    name = "stylegan-encoder"
    turns = (Turn("model", (_ENCODER,)),)
    judged_by = REBUILT

    def __init__(
        self,
        settings: EncoderSettings,
        config: TrainingConfig,
        pictures: Album,
        model: StyleModel,
        features: Path | None,
    ) -> None:
        self._settings, self._config, self._pictures = settings, config, pictures
        self._model = model
        self.notes = pictures.notes
        self._perception = Perception(features) if features else None
        self._device = torch.device("cpu")

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`; it goes on from the encoder that is there."""
        encoder = Encoder(self._model.config)
        if self._model.encoder is not None:
            encoder.load_state_dict(self._model.encoder.state_dict())
        return {_ENCODER: encoder}

    def place(self, device: torch.device) -> None:
        """See `Task.place`."""
        self._device = device
        self._model = self._model.to(device)
        if self._perception:
            self._perception.to(device)

    def batches(self, step: int) -> Iterator[Batch]:
        """See `Task.batches`."""
        yield from batches_of(self._pictures.learnt, self._config, step, mirror=True)

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        del turn
        real, generator = as_seen(batch["picture"]), self._model.generator
        with torch.no_grad():
            w = styles(generator, len(real))
            made = generator(w)
        terms = inverted(generator, _encoder(models), self._perception, real, (w, made)).terms
        total = torch.stack([each.float() for each in terms.values()]).sum()
        return {TOTAL: total, **{name: each.detach() for name, each in terms.items()}}

    def validate(self, models: Models) -> dict[str, float]:
        """See `Task.validate`: how far held-back pictures are from those drawn of their styles."""
        held = self._pictures.held
        return {REBUILT: rebuilt_error(self._model.generator, _encoder(models), held, self._device)}

    def samples(self, models: Models, folder: Path) -> None:
        """Held-back pictures, and under them what is drawn of their styles."""
        real: Tensor = next(iter(batches(self._pictures.held[:_SHOWN], self._device)))
        again = self._model.generator(_encoder(models)(real))
        (folder / "rebuilt.png").write_bytes(sheet_of(torch.cat([real, again]), len(real)))

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """The model with this encoder, and the directions that it finds."""
        model = replace(self._model, encoder=_encoder(models))
        packed(
            model,
            folder,
            (self._settings.name, self._settings.rights),
            self._config,
            self._pictures,
            figures,
        )


def _encoder(models: Models) -> Encoder:
    network = models[_ENCODER]
    assert isinstance(network, Encoder)
    return network


def make(config: TrainingConfig, data: Path | None) -> EncoderTask:
    """The task, its pictures drawn; see `genani.training.tasks.make`."""
    settings = typed(config.task, EncoderSettings, "task")
    features = features_file(settings.measure)
    model = opened(settings.model)
    pictures = album(
        model.config.size, settings.count, settings.held, settings.shares, data, config.workers
    )
    return EncoderTask(settings, config, pictures, model, features)
