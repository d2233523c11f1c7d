"""Training AnimeGAN: photos to drawings of a style, from pictures that have no counterparts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import torch
from torch import Tensor, nn

from genani.engines.stylise.animegan_model import AnimeGAN, AnimeGANConfig, Judge
from genani.engines.stylise.animegan_weights import load, pack
from genani.store import models as store
from genani.training import losses_animegan as losses
from genani.training.config import (
    ConfigError,
    Count,
    Natural,
    NotNegative,
    TrainingConfig,
    typed,
)
from genani.training.evaluation.instruments import FEATURES_FILE, FEATURES_MODEL
from genani.training.metrics_frechet import frechet
from genani.training.sources.one_hand import cartoons
from genani.training.task import TOTAL, Batch, Losses, Models, Turn, idle
from genani.training.tasks.animegan_card import card
from genani.training.tasks.result import CARD, record
from genani.training.tasks.unpaired import (
    GENERATOR,
    JUDGE,
    PATIENT,
    UnpairedSettings,
    UnpairedTask,
    start_file,
)

DISTANCE = "distance"


class AnimeGANSettings(UnpairedSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the task `animegan`, beside those of `UnpairedSettings`.

    Attributes:
        photos, drawings: how many of each kind at most; published are 6 000 and 2 000.
        width, blocks, norm, changes: of the generator, see `AnimeGANConfig`.
        judge_width: channels of the judge's first layer.
        frozen: so many stages of the generator, from the first, stay as they begin.
        adversarial, content, style, colour, variation: weights of the losses.
    """

    photos: Count = 6000
    drawings: Count = 2000
    width: Count = 64
    blocks: Natural = 8
    norm: Literal["instance", "layer"] = "instance"
    changes: bool = False
    judge_width: Count = 64
    content_steps: Natural = 230
    frozen: Natural = 0
    held: Annotated[int, msgspec.Meta(ge=2)] = 48
    adversarial: NotNegative = 1.0
    content: NotNegative = 2.0
    style: NotNegative = 4.0
    colour: NotNegative = 4.0
    variation: NotNegative = 4.0


class AnimeGANTask(UnpairedTask[AnimeGANSettings]):
    """A generator and its judge.

    Args:
        settings: of the task.
        config: of the run.
        learnt, held: pictures to learn from, and held back.
        features: `squeezenet_v1.1.caffemodel`.
    """

    name = "animegan"
    judged_by = DISTANCE
    # Published: the judge learns at twice the generator's rate.
    turns = (
        Turn(JUDGE, (JUDGE,), 2.0, PATIENT),
        Turn(GENERATOR, (GENERATOR,), 1.0, PATIENT),
    )

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`."""
        generator = _started(self._settings)
        generator.freeze(self._settings.frozen)
        return {
            GENERATOR: generator.train(),
            JUDGE: Judge(self._settings.judge_width).train(),
        }

    def redrawn(self, models: Models, photo: Tensor) -> Tensor:
        """See `UnpairedTask.redrawn`."""
        return models[GENERATOR](photo).float()

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        warming = self.warming(batch)
        photo = batch["photo"].float() / 255
        if turn == JUDGE:
            return self._judged(models, batch, photo, warming)
        made = models[GENERATOR](photo)
        with torch.autocast(photo.device.type, enabled=False):
            made = made.float()
            own = self._looks(made)
            with torch.no_grad():
                seen = self._looks(photo)
            terms = {"content": losses.content(own, seen), "colour": losses.colour(made, photo)}
            if not warming:
                terms |= self._styled(models, made, photo)
        weights = msgspec.structs.asdict(self._settings)
        total = sum(terms[name] * weights[name] for name in terms)
        return {TOTAL: torch.as_tensor(total), **{k: each.detach() for k, each in terms.items()}}

    def validate(self, models: Models) -> dict[str, float]:
        """See `Task.validate`; `distance` is the generator's loss without the judge's word."""
        photo, drawing = self.held_back()
        made = self.all_redrawn(models, photo)
        drawn = self.style(drawing)
        own = self._terms(made, photo, drawn)
        weights = msgspec.structs.asdict(self._settings)
        truth = self.crowd(drawing)
        return {
            DISTANCE: sum(weights[name] * value for name, value in own.items()),
            "frechet": frechet(self.crowd(made), truth),
            **own,
            "photo frechet": frechet(self.crowd(photo), truth),
            "photo style": self._terms(photo, photo, drawn)["style"],
        }

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """A model of the store with its card, and beside it what it was made with."""
        network = models[GENERATOR]
        if not isinstance(network, AnimeGAN):
            raise TypeError(f"not the network of this task: {type(network).__name__}")
        pack(network, folder)
        record(folder, self._config, figures)
        weights = sum(each.numel() for each in network.parameters())
        text = card(self._config, self._settings, figures, weights, self._learnt.name)
        (folder / CARD).write_text(text, encoding="utf-8")

    def _judged(self, models: Models, batch: Batch, photo: Tensor, warming: bool) -> Losses:
        judge = models[JUDGE]
        if warming:
            return idle(judge)
        drawing, smooth = (batch[name].float() / 255 for name in ("drawing", "smooth"))
        with torch.no_grad():
            made = models[GENERATOR](photo).float()
        # One look at all four kinds: normalisation is within each picture.
        kinds = torch.cat((drawing, made, losses.grey(drawing), losses.grey(smooth)))
        return {TOTAL: losses.judged(*judge(kinds).chunk(4))}

    def _styled(self, models: Models, made: Tensor, photo: Tensor) -> dict[str, Tensor]:
        return {
            "adversarial": losses.fooled(models[JUDGE](made)),
            "style": self.styled(made, photo),
            "variation": losses.variation(made),
        }

    def _terms(self, made: Tensor, photo: Tensor, drawn: list[Tensor]) -> dict[str, float]:
        """What the generator loses on many pictures, all but what the judge says."""
        content, colour, variation = self.kept(made, photo)
        style = float(losses.style(self.style(made), drawn))
        return {"style": style, "content": content, "colour": colour, "variation": variation}


def make(config: TrainingConfig, data: Path | None) -> AnimeGANTask:
    """The task; see `genani.training.tasks.make`."""
    settings = typed(config.task, AnimeGANSettings, "task")
    features = store.path(FEATURES_MODEL, FEATURES_FILE)
    _started(settings)
    learnt = cartoons(data, settings.photos, settings.drawings)
    held = cartoons(data, settings.held, settings.held, held=True)
    return AnimeGANTask(settings, config, learnt, held, features)


def _started(settings: AnimeGANSettings) -> AnimeGAN:
    """The generator before the first step.

    Raises:
        ConfigError: there is no such file, or its layout is another.
        ModelError: the file holds no such weights.
    """
    told = settings
    layout = AnimeGANConfig(told.width, told.blocks, told.norm, told.changes)
    if not settings.start:
        if settings.frozen:
            raise ConfigError("task.frozen: there is nothing to keep without task.start=FILE")
        return AnimeGAN(layout)
    path = start_file(settings)
    model = load(path)
    if model.config != layout:
        wanted = " ".join(
            f"--set task.{name}={str(value).lower()}"
            for name, value in asdict(model.config).items()
        )
        raise ConfigError(f"task.start: '{path}' is of another layout; say {wanted}")
    return model
