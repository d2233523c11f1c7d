"""Training AnimeGAN: photos to drawings of a style, from pictures that have no counterparts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
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
from genani.training.metrics_frechet import Moments, frechet
from genani.training.sources.one_hand import cartoons
from genani.training.sources.unpaired import Unpaired
from genani.training.task import TOTAL, Batch, Losses, Models, Task, Turn
from genani.training.tasks.animegan_card import card
from genani.training.tasks.result import CARD, record
from genani.training.tasks.sheets import sheet

Side = Annotated[int, msgspec.Meta(ge=32, multiple_of=4)]

DISTANCE = "distance"

_GENERATOR, _JUDGE = "generator", "judge"
_MOMENT = "moment"
_AT_ONCE = 8
_SHOWN = 8
_FIRST = 64
"""Pictures of each kind whose mean is its style."""

_PATIENT = (0.5, 0.999)
"""Betas of Adam, as adversarial training wants them."""


class AnimeGANSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the task `animegan`.

    Attributes:
        size: side of what is cut from a picture to learn from, in pixels.
        side: of the whole pictures, and of those held back; 0 for a little more than `size`.
        photos, drawings: how many of each kind at most; published are 6 000 and 2 000.
        width, blocks, norm, changes: of the generator, see `AnimeGANConfig`.
        judge_width: channels of the judge's first layer.
        content_steps: first steps on which only the content counts, so that the generator knows
            how to draw what it sees before it is told in what style.
        start: weights to begin with, a file that an earlier run has made; empty for none.
        frozen: so many stages of the generator, from the first, stay as they begin.
        held: pictures of each kind that are held back to judge by.
        adversarial, content, style, colour, variation: weights of the losses.
    """

    size: Side = 256
    side: Annotated[int, msgspec.Meta(ge=0, multiple_of=4)] = 0
    photos: Count = 6000
    drawings: Count = 2000
    width: Count = 64
    blocks: Natural = 8
    norm: Literal["instance", "layer"] = "instance"
    changes: bool = False
    judge_width: Count = 64
    content_steps: Natural = 230
    start: str = ""
    frozen: Natural = 0
    held: Annotated[int, msgspec.Meta(ge=2)] = 48
    adversarial: NotNegative = 1.0
    content: NotNegative = 2.0
    style: NotNegative = 4.0
    colour: NotNegative = 4.0
    variation: NotNegative = 4.0


class AnimeGANTask(Task):
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
        Turn(_JUDGE, (_JUDGE,), 2.0, _PATIENT),
        Turn(_GENERATOR, (_GENERATOR,), 1.0, _PATIENT),
    )

    def __init__(
        self,
        settings: AnimeGANSettings,
        config: TrainingConfig,
        learnt: Unpaired,
        held: Unpaired,
        features: Path,
    ) -> None:
        self._settings, self._config = settings, config
        self._learnt, self._held = learnt, held
        self.notes = learnt.notes
        self._looks = losses.Looks(features)
        self._device = torch.device("cpu")
        self._back: dict[str, Tensor] = {}
        self._ways: list[Tensor] = []

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`."""
        generator = _started(self._settings)
        generator.freeze(self._settings.frozen)
        return {
            _GENERATOR: generator.train(),
            _JUDGE: Judge(self._settings.judge_width).train(),
        }

    def place(self, device: torch.device) -> None:
        """See `Task.place`."""
        self._device = device
        self._looks.to(device)

    def batches(self, step: int) -> Iterator[Batch]:
        """See `Task.batches`; each also has its step, as `moment`."""
        told = self._config
        while True:
            sides = self._settings.size, self._settings.side
            made = self._learnt.batch(told.seed, step, told.batch, *sides)
            batch = {name: torch.from_numpy(each) for name, each in made.items()}
            yield {**batch, _MOMENT: torch.full((told.batch,), step)}
            step += 1

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        warming = int(batch[_MOMENT][0]) < self._settings.content_steps
        photo = batch["photo"].float() / 255
        if turn == _JUDGE:
            return self._judged(models, batch, photo, warming)
        made = models[_GENERATOR](photo)
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
        photo, drawing = self._held_back()
        generator = models[_GENERATOR]
        made = torch.cat([generator(each).float() for each in photo.split(_AT_ONCE)])
        drawn = self._style(drawing)
        own = self._terms(made, photo, drawn)
        weights = msgspec.structs.asdict(self._settings)
        truth = self._crowd(drawing)
        return {
            DISTANCE: sum(weights[name] * value for name, value in own.items()),
            "frechet": frechet(self._crowd(made), truth),
            **own,
            "photo frechet": frechet(self._crowd(photo), truth),
            "photo style": self._terms(photo, photo, drawn)["style"],
        }

    def samples(self, models: Models, folder: Path) -> None:
        """A sheet: photos above, what is made of them below."""
        photo = self._held_back()[0][:_SHOWN]
        made = models[_GENERATOR](photo).float().clamp(0, 1)
        (folder / "held_back.png").write_bytes(sheet((photo, made)))

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """A model of the store with its card, and beside it what it was made with."""
        network = models[_GENERATOR]
        if not isinstance(network, AnimeGAN):
            raise TypeError(f"not the network of this task: {type(network).__name__}")
        pack(network, folder)
        record(folder, self._config, figures)
        weights = sum(each.numel() for each in network.parameters())
        text = card(self._config, self._settings, figures, weights, self._learnt.name)
        (folder / CARD).write_text(text, encoding="utf-8")

    def _judged(self, models: Models, batch: Batch, photo: Tensor, warming: bool) -> Losses:
        judge = models[_JUDGE]
        if warming:
            # It has nothing to say yet, but every turn needs a gradient.
            return {TOTAL: torch.stack([each.sum() for each in judge.parameters()]).sum() * 0}
        drawing, smooth = (batch[name].float() / 255 for name in ("drawing", "smooth"))
        with torch.no_grad():
            made = models[_GENERATOR](photo).float()
        # One look at all four kinds: normalisation is within each picture.
        kinds = torch.cat((drawing, made, losses.grey(drawing), losses.grey(smooth)))
        return {TOTAL: losses.judged(*judge(kinds).chunk(4))}

    def _styled(self, models: Models, made: Tensor, photo: Tensor) -> dict[str, Tensor]:
        with torch.no_grad():
            own = losses.grams(self._looks(losses.grey(photo)))
        # Each photo's own style, moved as far as drawings are from photos on the whole: a few
        # pictures differ more from the mean drawing by what they show than by how (measured).
        wanted = [each + way for each, way in zip(own, self._way(), strict=True)]
        return {
            "adversarial": losses.fooled(models[_JUDGE](made)),
            "style": losses.style(losses.grams(self._looks(losses.grey(made))), wanted),
            "variation": losses.variation(made),
        }

    def _terms(self, made: Tensor, photo: Tensor, drawn: list[Tensor]) -> dict[str, float]:
        """What the generator loses on many pictures, all but what the judge says."""
        sums = dict.fromkeys(("content", "colour", "variation"), 0.0)
        for own, other in zip(made.split(_AT_ONCE), photo.split(_AT_ONCE), strict=True):
            share = len(own) / len(made)
            sums["content"] += share * float(losses.content(self._looks(own), self._looks(other)))
            sums["colour"] += share * float(losses.colour(own, other))
            sums["variation"] += share * float(losses.variation(own))
        return {"style": float(losses.style(self._style(made), drawn)), **sums}

    def _style(self, pictures: Tensor) -> list[Tensor]:
        """Gram matrices of many pictures."""
        parts = [
            (len(each) / len(pictures), losses.grams(self._looks(losses.grey(each))))
            for each in pictures.split(_AT_ONCE)
        ]
        layers = zip(*(each for _, each in parts), strict=True)
        shares = [share for share, _ in parts]
        return [
            torch.stack([s * each for s, each in zip(shares, layer, strict=True)]).sum(0)
            for layer in layers
        ]

    @torch.no_grad()
    def _way(self) -> list[Tensor]:
        """From the style of photos to that of drawings; the first of each stand for all."""
        if not self._ways:
            side = max(self._settings.size, self._settings.side)
            found = []
            for kind in (self._learnt.drawings, self._learnt.photos):
                pixels = np.stack([kind.picture(at, side) for at in range(min(kind.count, _FIRST))])
                pictures = torch.from_numpy(pixels).to(self._device).permute(0, 3, 1, 2)
                found.append(self._style(pictures.float() / 255))
            self._ways = [drawn - seen for drawn, seen in zip(*found, strict=True)]
        return self._ways

    def _crowd(self, pictures: Tensor) -> Moments:
        return self._looks.moments(pictures.split(_AT_ONCE))

    def _held_back(self) -> tuple[Tensor, Tensor]:
        """(N, 3, S, S) photos and drawings, whole."""
        if not self._back:
            side = max(self._settings.size, self._settings.side)
            made = self._held.first(self._settings.held, side)
            self._back = {
                name: torch.from_numpy(each).to(self._device).float() / 255
                for name, each in made.items()
            }
        return self._back["photo"], self._back["drawing"]


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
    path = Path(settings.start)
    if not path.is_file():
        raise ConfigError(f"task.start: there is no file '{path}'")
    model = load(path)
    if model.config != layout:
        wanted = " ".join(
            f"--set task.{name}={str(value).lower()}"
            for name, value in asdict(model.config).items()
        )
        raise ConfigError(f"task.start: '{path}' is of another layout; say {wanted}")
    return model
